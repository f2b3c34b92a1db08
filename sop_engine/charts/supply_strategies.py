"""Chase, level and hybrid beside the optimum: what each holds fixed, costs and earns, and how it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import full, months, percent, points, share, short, signed
from sop_engine.charts.panels import axis, stacked
from sop_engine.charts.style import FigureDict, Style
from sop_engine.plan import Plan
from sop_engine.strategies import CHASE, LEVEL, Strategy
from sop_engine.supply_review.pace import FREE, Pace

ALL = "All resources"
TRACE = 0.5  # of a unit or of money: less is no difference in a sentence
NOISE = 1e-6  # of a figure: the solver's tolerance
HOLDS = {
    "Optimum": "nothing: hours and stock both move, as in the plan of every page",
    "Chase": "stock: production follows the need of each period and never runs ahead of it",
    "Level": "the rate: each resource runs the same hours every working day, and stock takes up the rest",
    "Hybrid": "the step: the hours a day of a resource change by at most {} of its usual hours from one "
    "period to the next",
}


@dataclass(frozen=True)
class Figure:
    """A line of the comparison. write, differ: a value and a difference as text"""

    name: str
    value: Callable[[Strategy], float]
    write: Callable[[float], str] = short
    differ: Callable[[float], str] = signed


def _served(pct: float) -> str:
    return share(pct, 100.0)


def _signed_full(value: float) -> str:
    return f"{value:+,.0f}"


FIGURES = (
    Figure("Operating profit", lambda one: one.outcome.profit),
    Figure("Revenue", lambda one: one.outcome.revenue),
    Figure("Gross margin", lambda one: one.outcome.gross_margin),
    Figure("Overtime", lambda one: one.outcome.overtime),
    Figure("Subcontract", lambda one: one.outcome.subcontract),
    Figure("Other sources", lambda one: one.outcome.sources),
    Figure("Freight", lambda one: one.outcome.freight),
    Figure("Carrying", lambda one: one.outcome.carrying),
    Figure("Stock, mean", lambda one: one.outcome.stock_mean),
    Figure("Stock, highest", lambda one: one.outcome.stock_peak),
    Figure("Stock at the end", lambda one: one.outcome.stock_end),
    Figure("Missing from stock targets, mean", lambda one: one.outcome.below_target),
    Figure("Fill rate", lambda one: one.outcome.fill_rate, _served, points),
    Figure("Units lost", lambda one: one.outcome.lost, full, _signed_full),
    Figure("Largest change of a rate", lambda one: one.evenness.largest, percent, points),
    Figure("Hours added", lambda one: one.evenness.added, full, _signed_full),
    Figure("Hours cut", lambda one: one.evenness.cut, full, _signed_full),
)


def name_of(pace: Pace) -> str:
    """The field's word for a pace."""
    named = {FREE: "Optimum", CHASE: "Chase", LEVEL: "Level"}
    return named.get(pace, f"Hybrid {100 * pace.change:g} %")


def holds(pace: Pace) -> str:
    """What a strategy holds fixed, in a sentence."""
    kind = name_of(pace).split()[0]
    return HOLDS[kind].format(f"{100 * pace.change:g} %")


def figure_table(strategies: Sequence[Strategy]) -> pd.DataFrame:
    """A row for each figure, a column for each strategy, in full digits."""
    names = [name_of(one.pace) for one in strategies]
    rows = [(figure.name, *(figure.value(one) for one in strategies)) for figure in FIGURES]
    return pd.DataFrame(rows, columns=["figure", *names])


def comparison(plan: Plan, strategies: Sequence[Strategy]) -> pd.DataFrame:
    """`figure_table` as text, each strategy with its difference to the first; what none has is left out."""
    first, *others = strategies
    rows = []
    for figure in FIGURES:
        values = [figure.value(one) for one in strategies]
        if not any(values):
            continue
        rows.append(
            (
                figure.name,
                figure.write(values[0]),
                *(_against(figure, value, values[0]) for value in values[1:]),
            )
        )
    columns = [name_of(first.pace), *(name_of(one.pace) for one in others)]
    units = f"{plan.inputs.money.base_currency}, units, hours".lstrip(", ")
    return pd.DataFrame(rows, columns=[units, *columns])


def _against(figure: Figure, value: float, base: float) -> str:
    """A value and what it has more or less than the optimum."""
    more = value - base
    if np.isnan(more) or abs(more) <= NOISE * max(abs(value), abs(base), 1.0):
        return figure.write(value)
    return f"{figure.write(value)} ({figure.differ(more)})"


def sentence(plan: Plan, strategies: Sequence[Strategy]) -> str:
    """What each strategy earns, holds and serves against the first, the optimum."""
    first, *others = strategies
    return " ".join(f"{_verdict(plan, one, first)}." for one in others)


def _verdict(plan: Plan, one: Strategy, best: Strategy) -> str:
    currency, mine, its = plan.inputs.money.base_currency, one.outcome, best.outcome
    earns = _more(mine.profit - its.profit, f"{currency} of operating profit".strip(), "earns")
    parts = [earns or "earns as much as the optimum"]
    parts.append(_more(mine.stock_mean - its.stock_mean, f"{currency} of stock".strip(), "holds"))
    if (points := mine.fill_rate - its.fill_rate) <= -0.05:
        parts.append(f"serves {-points:.1f} points of demand less on time")
    said = [part for part in parts if part]
    text = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return f"{name_of(one.pace)} {text}"


def _more(difference: float, what: str, verb: str) -> str:
    """ "earns 12.3 k USD of operating profit less"; "" of no difference, or where it is not known."""
    if np.isnan(difference) or abs(difference) < TRACE:
        return ""
    return f"{verb} {short(abs(difference))} {what} {'more' if difference > 0 else 'less'}"


def choices(strategy: Strategy) -> tuple[str, ...]:
    """What can be looked at: all resources, each of them, and each family that is made."""
    own = tuple(name for name, unit in zip(strategy.rates, strategy.unit, strict=True) if unit == "hours")
    made = tuple(name for name, row in zip(strategy.families, strategy.made, strict=True) if row.any())
    return (*((ALL,) if own else ()), *strategy.rates, *(f"Family {name}" for name in made))


def run_table(plan: Plan, strategies: Sequence[Strategy], choice: str) -> pd.DataFrame:
    """period; what each strategy runs and what is needed (hours or units a working day, units of a family a
    period); stock of each in money, of the family where one is chosen.
    """
    labels = plan.inputs.calendar.plan_labels[: plan.inputs.calendar.horizon]
    columns = {f"{name_of(one.pace)}": _run(one, one.load, choice) for one in strategies}
    if choice not in families_of(strategies[0]):
        columns["Need"] = _run(strategies[0], strategies[0].need, choice)
    stock = {f"stock, {name_of(one.pace)}": _stock(one, choice) for one in strategies}
    return pd.DataFrame({"period": labels, **columns, **stock})


def families_of(strategy: Strategy) -> dict[str, int]:
    """The choices that are families, with their rows."""
    return {f"Family {name}": row for row, name in enumerate(strategy.families)}


def _run(one: Strategy, load: np.ndarray, choice: str) -> np.ndarray:
    """(periods,) of all resources, of one rate, or of a family."""
    if choice in families_of(one):
        return one.made[families_of(one)[choice]]
    daily = np.divide(load, one.days, out=np.full(load.shape, np.nan), where=one.days > 0)
    if choice == ALL:
        return daily[[unit == "hours" for unit in one.unit]].sum(axis=0)
    return daily[one.rates.index(choice)]


def _stock(one: Strategy, choice: str) -> np.ndarray:
    """(periods,) money in stock, of the family where one is chosen."""
    families = families_of(one)
    return one.stock[families[choice]] if choice in families else one.stock.sum(axis=0)


def run_figure(plan: Plan, strategies: Sequence[Strategy], choice: str, style: Style) -> FigureDict:
    """Production above, stock below, a line for each strategy."""
    calendar, table = plan.inputs.calendar, run_table(plan, strategies, choice)
    days = look.plan_days(calendar, np.arange(calendar.horizon))
    names, colors = [name_of(one.pace) for one in strategies], _colors(style, len(strategies))
    dashes = ("solid", "dash", "solid", "dashdot")
    family, currency = choice in families_of(strategies[0]), plan.inputs.money.base_currency
    above = "units made a period" if family else f"{_unit(strategies[0], choice)} a working day"
    whose = "of the family" if family else "whole company"
    below = ", ".join(filter(None, ("stock at the end of the period", currency, whose)))
    axes, titles = stacked(style, (above, below), (3, 2), gap=0.11)
    data, ends = [], []
    if "Need" in table:
        data.append(look.line("Need", days, table["Need"].to_numpy(), style.muted, dash="dot", width=1.5))
        ends.append(("Need", float(table["Need"].iloc[-1]), style.muted))
    for name, color, dash in zip(names, colors, dashes, strict=False):
        for row, column in ((1, name), (2, f"stock, {name}")):
            line = look.line(column, days, table[column].to_numpy(), color, dash=dash, width=2)
            data.append(line | {"yaxis": axis("y", row)})
        ends.append((name, float(table[name].iloc[-1]), color))
    top = 1.15 * max(float(np.nanmax([trace["y"] for trace in _upper(data)], initial=0.0)), 1.0)
    shapes, zone_labels = look.zones(calendar, style)
    axes["xaxis"] |= look.months_axis(style, calendar, days)
    axes["yaxis"] |= {"range": [0, top], "tickformat": "~s"}
    axes["yaxis2"] |= {"tickformat": "~s", "rangemode": "normal"}
    return {
        "data": data,
        "layout": look.layout(
            style,
            f"{choice}: {_spans(table.iloc[calendar.frozen :], names)} {above}",
            f"production and stock by strategy, {months(calendar.plan_labels[: calendar.horizon])}; frozen "
            "periods are alike and not counted in the title",
            520,
            shapes=shapes,
            annotations=[*titles, *zone_labels, *look.end_labels(ends, days[-1], top, gap=0.09)],
            margin={"r": 110},
            **axes,
        ),
    }


def _spans(table: pd.DataFrame, names: Sequence[str]) -> str:
    """Between what each strategy runs."""
    return ", ".join(f"{name.lower()} {_span(table[name].to_numpy())}" for name in names)


def _span(values: np.ndarray) -> str:
    low, high = short(float(np.nanmin(values))), short(float(np.nanmax(values)))
    return low if low == high else f"{low} to {high}"


def _upper(data: Sequence[FigureDict]) -> list[FigureDict]:
    return [trace for trace in data if trace.get("yaxis", "y") == "y"]


def _unit(one: Strategy, choice: str) -> str:
    return "hours" if choice == ALL else one.unit[one.rates.index(choice)]


def _colors(style: Style, count: int) -> list[str]:
    """The plan's own colour for the optimum; then those that colour-blind eyes tell apart."""
    others = [color for color in style.categorical if color != style.plan]
    return [style.plan, *others[: count - 1]]
