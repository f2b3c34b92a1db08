"""Working capital and free cash drawn: days tied up, what free cash is made of, every figure in a table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import months, short, signed
from sop_engine.charts.panels import dashes
from sop_engine.charts.style import (
    FigureDict,
    Style,
    bars,
    end_labels,
    layout,
    line,
    months_axis,
    plan_days,
    zones,
)
from sop_engine.finance_review.working_capital import (
    CASH_FIGURES,
    CashFigures,
    WorkingCapital,
    figures_over,
    working_capital,
)
from sop_engine.plan import Plan

DAYS = {"dio": "DIO", "dso": "DSO", "dpo": "DPO", "cash_to_cash": "Cash-to-cash"}
_FIGURES = (
    ("inventory", "Inventory", "at the end"),
    ("average_inventory", "Average inventory", "mean of opening and closing stock by month"),
    ("excess", "Excess", "at the end, stock above the demand of the next {ahead}, at cost"),
    ("obsolete", "Obsolete", "at the end, stock without any demand to come, at cost"),
    ("receivables", "Receivables", "at the end"),
    ("payables", "Payables", "at the end"),
    ("dio", "DIO", "days, average inventory / COGS of the same months x days"),
    ("dso", "DSO", "days, average receivables / revenue of the same months x days"),
    ("dpo", "DPO", "days, average payables / COGS of the same months x days"),
    ("cash_to_cash", "Cash-to-cash", "days, DIO + DSO - DPO"),
    ("turns", "Inventory turns", "times a year, COGS of a year / average inventory"),
    ("gmroi", "GMROI", "per year, gross margin of {year} / its average inventory"),
    ("carrying", "Carrying cost", "of the months, inventory x {rate:g} % / {season}"),
    ("operating_profit", "Operating profit", "of the months"),
    ("built", "Working capital built", "of the months"),
    ("capex", "Capex of launches", "of the months, paid when they launch"),
    ("free_cash", "Free cash", "operating profit + carrying - working capital built - capex"),
)
_IN_UNITS = {*DAYS, "turns", "gmroi"}


def capital_of(plan: Plan) -> WorkingCapital:
    """The working capital of a plan."""
    return working_capital(plan.inputs, plan.portfolio, plan.demand, plan.supply, plan.finance)


def figure_table(
    plan: Plan, capital: WorkingCapital, before: WorkingCapital, periods: np.ndarray
) -> pd.DataFrame:
    """figure, plan, baseline, change (as written, "-" = not known), what it is: of these plan periods."""
    now, base = figures_over(capital, periods), figures_over(before, periods)
    basis = _basis(plan, capital, periods)
    currency = plan.inputs.money.base_currency
    rows = []
    for key, name, what in _FIGURES:
        value, was = _as_written(now, key), _as_written(base, key)
        unit = "" if key in _IN_UNITS or not currency else f"{currency}, "
        written = _written(key, value), _written(key, was), _change(key, value - was)
        rows.append((name, *written, unit + what.format(**basis)))
    return pd.DataFrame(rows, columns=["figure", "plan", "baseline", "change", "what it is"])


def month_table(plan: Plan, capital: WorkingCapital, periods: np.ndarray) -> pd.DataFrame:
    """period and every figure of each of these periods alone; money in base currency, days, turns a year."""
    each = [figures_over(capital, np.array([period])) for period in periods]
    columns = {name: [getattr(figures, name) for figures in each] for name in CASH_FIGURES}
    labels = [plan.inputs.calendar.plan_labels[period] for period in periods]
    built = {f"built: {name}": amounts[periods] for name, amounts in capital.built.items()}
    return pd.DataFrame({"period": labels, **columns, **built})


def days_figure(
    plan: Plan, capital: WorkingCapital, before: WorkingCapital, periods: np.ndarray, style: Style
) -> FigureDict:
    """DIO, DSO, DPO and cash-to-cash by month; dotted: cash-to-cash of the baseline where it differs."""
    table, base = month_table(plan, capital, periods), month_table(plan, before, periods)
    x = plan_days(plan.inputs.calendar, periods)
    colors = dict(zip(DAYS, (*style.categorical[1:4], style.plan), strict=True))
    traces = [
        line(DAYS[key], x, table[key].to_numpy(), colors[key], width=6 if key == "cash_to_cash" else 2)
        for key in ("cash_to_cash", "dio", "dso", "dpo")
    ]
    moved = not np.allclose(table["cash_to_cash"], base["cash_to_cash"], equal_nan=True)
    if moved:
        was = base["cash_to_cash"].to_numpy()
        traces.append(line("Cash-to-cash, baseline", x, was, style.plan, dash="dot"))
    shapes, names = zones(plan.inputs.calendar, style)
    ends = [(name, float(table[key].iloc[-1]), colors[key]) for key, name in DAYS.items()]
    top = float(np.nanmax(table[list(DAYS)].to_numpy(), initial=1.0))
    return {
        "data": traces,
        "layout": layout(
            style,
            _days_words(figures_over(capital, periods)),
            "Days by month, whole company; payment terms as in the settings",
            height=330,
            shapes=shapes,
            annotations=[*names, *end_labels(ends, x[-1], top)],
            margin={"r": 110},
            xaxis=months_axis(style, plan.inputs.calendar, x),
            yaxis={"rangemode": "tozero"},
        ),
    }


def free_cash_figure(
    plan: Plan, capital: WorkingCapital, before: WorkingCapital, periods: np.ndarray, style: Style
) -> FigureDict:
    """What free cash is made of, by month, and free cash as a mark; the baseline's where it moved."""
    x, table = plan_days(plan.inputs.calendar, periods), month_table(plan, capital, periods)
    base, figures = month_table(plan, before, periods)["free_cash"], figures_over(capital, periods)
    parts = {
        "Profit before carrying": table["operating_profit"] + table["carrying"],
        "Working capital": -table["built"],
        "Capex": -table["capex"],
    }
    colors = (style.prior, style.categorical[1], style.categorical[3])
    traces = [
        bars(name, x, amounts.to_numpy() + 0.0, color)
        for (name, amounts), color in zip(parts.items(), colors, strict=True)
        if np.nan_to_num(amounts).any()
    ]
    traces.append(dashes("Free cash", x, table["free_cash"], style.text))
    if not np.allclose(table["free_cash"], base, equal_nan=True):
        traces.append(dashes("Free cash, baseline", x, base, style.plan))
    shapes, names = zones(plan.inputs.calendar, style)
    return {
        "data": traces,
        "layout": layout(
            style,
            _free_words(figures, plan.inputs.money.base_currency),
            f"By month, after fixed cost; {signed(0.0 - figures.built)} from working capital",
            height=330,
            barmode="relative",
            shapes=shapes,
            annotations=names,
            showlegend=True,
            legend={"orientation": "h", "y": -0.14},
            xaxis=months_axis(style, plan.inputs.calendar, x),
        ),
    }


def _basis(plan: Plan, capital: WorkingCapital, periods: np.ndarray) -> dict[str, object]:
    labels, first = plan.inputs.calendar.plan_labels, int(periods[0])
    last = min(first + capital.season, len(labels)) - 1
    ahead = int(plan.inputs.settings["excess_periods"])
    return {
        "ahead": "period" if ahead == 1 else f"{ahead} periods",
        "year": months([labels[first], labels[last]]),
        "rate": plan.inputs.settings["carrying_rate_pct"],
        "season": capital.season,
    }


def _as_written(figures: CashFigures, key: str) -> float:
    """A figure; cash-to-cash as the sum of its parts as written, so that it adds up on the screen."""
    if key != "cash_to_cash":
        return getattr(figures, key)
    return round(figures.dio, 1) + round(figures.dso, 1) - round(figures.dpo, 1)


def cover_words(days: float) -> str:
    """Why the strip's days of stock are not DIO; "" where there are none."""
    if np.isnan(days):
        return ""
    return (
        f"The strip's {days:.0f} days are forward cover: stock at the end of its months against the demand "
        "to come. DIO holds the average stock of these months against what they deliver."
    )


def _written(key: str, amount: float) -> str:
    if np.isnan(amount):
        return "-"
    if key in DAYS:
        return f"{amount:,.1f}"
    return f"{amount:,.2f}" if key in _IN_UNITS else f"{amount:,.0f}"


def _change(key: str, amount: float) -> str:
    """With its sign; "±0" where nothing is left after rounding."""
    written = _written(key, amount)
    if written == "-":
        return written
    return (
        f"+{written}" if amount > 0 and written.strip("0.,") else written if written.strip("-0.,") else "±0"
    )


def _days_words(figures: CashFigures) -> str:
    if np.isnan(figures.cash_to_cash):
        return "Cash-to-cash is not known: no price or cost"
    parts = f"DIO {figures.dio:.1f} + DSO {figures.dso:.1f} - DPO {figures.dpo:.1f}"
    return f"Money is tied up {_as_written(figures, 'cash_to_cash'):.1f} days: {parts}"


def _free_words(figures: CashFigures, currency: str) -> str:
    if np.isnan(figures.free_cash):
        return "Free cash is not known: no price or cost"
    return f"Free cash is {short(figures.free_cash)} {currency}"
