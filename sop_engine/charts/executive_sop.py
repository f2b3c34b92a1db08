"""What the executive meeting draws: the outlook from demand to stock, and what scenarios change."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import (
    UNKNOWN,
    change_pct,
    month,
    months,
    percent,
    points,
    share,
    short,
    signed,
)
from sop_engine.charts.panels import axis, mark, own_color, room_for_labels, stacked
from sop_engine.charts.style import (
    FigureDict,
    Style,
    bars,
    html,
    label,
    layout,
    line,
    months_axis,
    outline,
    plan_days,
    zones,
)
from sop_engine.executive_sop.comparison import Comparison
from sop_engine.executive_sop.scorecard import Delta, Verdict, required_load_pct
from sop_engine.plan import Plan

_WORDS = {Verdict.GOOD: "better", Verdict.BAD: "worse", Verdict.NEUTRAL: "", Verdict.NOTHING: ""}


def outlook_table(plan: Plan, periods: np.ndarray) -> pd.DataFrame:
    """One row per period: demand, revenue, margin and its budget, the worst load, stock; base currency.

    period, demand_units, delivered_units, demand_value, revenue, gross_margin, margin_budget, worst_load_pct,
    worst_resource, inventory_value; NaN = not known
    """
    finance, inputs = plan.finance, plan.inputs
    load = required_load_pct(plan)[:, periods]
    known = ~np.isnan(load).all(axis=0) if load.size else np.zeros(len(periods), dtype=bool)
    worst = np.where(known, np.nan_to_num(load, nan=-1.0).argmax(axis=0) if load.size else 0, -1)
    names = inputs.network.resources.name
    return pd.DataFrame(
        {
            "period": [inputs.calendar.plan_labels[period] for period in periods],
            "demand_units": plan.demand.unconstrained.sum(axis=(0, 1))[periods],
            "delivered_units": plan.supply.delivered.sum(axis=(0, 1))[periods],
            "demand_value": finance.demand_value.sum(axis=(0, 1))[periods],
            "revenue": finance.revenue.sum(axis=(0, 1))[periods],
            "gross_margin": finance.gross_margin[periods],
            "margin_budget": _margin_budget(plan)[periods],
            "worst_load_pct": [load[at, column] if at >= 0 else np.nan for column, at in enumerate(worst)],
            "worst_resource": [str(names[at]) if at >= 0 else UNKNOWN for at in worst],
            "inventory_value": finance.inventory_value.sum(axis=0)[periods],
        }
    )


def outlook(plan: Plan, baseline: Plan, periods: np.ndarray, style: Style) -> FigureDict:
    """Demand and revenue, gross margin, worst required load and inventory over the same months; demand and
    deliveries in units where no price is known."""
    table, base = outlook_table(plan, periods), outlook_table(baseline, periods)
    days = plan_days(plan.inputs.calendar, periods)
    in_currency = f", {plan.inputs.money.base_currency}".rstrip(", ")
    moved = plan is not baseline
    own = own_color(plan, style)
    priced = not table["demand_value"].isna().all()
    asked, served = ("demand_value", "revenue") if priced else ("demand_units", "delivered_units")
    titles = (
        f"Unconstrained demand (line) and revenue (bars){in_currency}"
        if priced
        else "Unconstrained demand (line) and deliveries (bars), units",
        f"Gross margin (bars) and its budget (outline){in_currency}",
        "Required load of the worst work centre, % of available hours",
        f"Inventory at the month's end{in_currency}",
    )
    axes, names = stacked(style, titles, (3, 2, 2, 2), gap=0.075)
    shapes, zone_names = zones(plan.inputs.calendar, style)
    traces = [
        bars("Revenue" if priced else "Delivered", days, table[served], own),
        line("Unconstrained demand", days, table[asked], style.actual, width=2),
        bars("Gross margin", days, table["gross_margin"], own, yaxis="y2"),
        outline("Gross margin, budget", days, table["margin_budget"], style, yaxis="y2"),
        line(
            "Required load, %",
            days,
            table["worst_load_pct"],
            own,
            yaxis="y3",
            customdata=list(table["worst_resource"]),
        )
        | {"hovertemplate": "%{y:.1f} %, %{customdata}<extra>Required load</extra>"},
        line(
            "Inventory", days, table["inventory_value"], own, yaxis="y4", fill="tozeroy", fillcolor=style.band
        ),
        *(_baseline_lines(base, days, style) if moved else []),
    ]
    return {
        "data": traces,
        "layout": layout(
            style,
            outlook_words(table),
            "Whole company" + ("; orange: the working scenario, blue dotted: the baseline" if moved else ""),
            height=450,
            barmode="overlay",
            shapes=[*shapes, _full(style)],
            annotations=[
                *names,
                *zone_names,
                label("100 %", 1, 100, style.bad, xref="paper", yref="y3", xshift=-38, yshift=8),
            ],
            xaxis={**months_axis(style, plan.inputs.calendar, days), **axes.pop("xaxis")},
            yaxis3={**axes.pop("yaxis3"), "rangemode": "normal"},
            **axes,
        ),
    }


def outlook_words(table: pd.DataFrame) -> str:
    """How much of the demand becomes revenue, and the work centre that is worst: the title of the outlook."""
    span = months(list(table["period"]))
    served = (
        "No price is loaded; "
        f"{share(table['delivered_units'].sum(), table['demand_units'].sum())} of units are delivered"
        if table["demand_value"].isna().all()
        else f"{share(table['revenue'].sum(), table['demand_value'].sum())} of demand becomes revenue"
    )
    if table["worst_load_pct"].isna().all():
        return f"{served}; no load is known"
    peak = table.loc[table["worst_load_pct"].idxmax()]
    load = percent(peak["worst_load_pct"])
    need = f"{peak['worst_resource']} needs {load} of its hours in {month(peak['period'])}"
    return f"{served}; {need}, of {span}"


def comparison_table(comparison: Comparison) -> pd.DataFrame:
    """One row per figure that differs, one column per scenario: value, change, mark and word."""
    rows = [[row[0].figure.label, *(cell_words(delta) for delta in row)] for row in comparison.rows]
    return pd.DataFrame(rows, columns=["Figure", *comparison.names])


def cell_words(delta: Delta, in_pct: bool = True) -> str:
    """Value, mark, change and word; only the value where nothing moved. in_pct: say money in % too."""
    value = _figure(delta.value, delta.figure.unit)
    if delta.verdict is Verdict.NOTHING:
        return value
    moved = points(delta.delta) if delta.figure.unit == "%" else signed(delta.delta)
    if in_pct and delta.figure.unit == "money" and delta.base:
        moved += f" ({change_pct(delta.value, delta.base)})"
    return f"{value}  {mark(delta.delta)} {moved} {_WORDS[delta.verdict]}".rstrip()


def effects(comparison: Comparison, style: Style) -> FigureDict:
    """The change of every money figure against do-nothing, one colour per scenario; no bar below the
    comparison's tolerance."""
    rows = [row for row in comparison.rows if row[0].figure.unit == "money"][::-1]
    labels = [row[0].figure.label for row in rows]
    traces = [_effect(name, at, rows, labels, style) for at, name in enumerate(comparison.names) if at]
    return {
        "data": traces,
        "layout": layout(
            style,
            effects_words(comparison),
            f"Change against do-nothing, {comparison.currency}; {months_named(comparison.period)}",
            height=140 + max(len(rows), 1) * (22 + 16 * (len(comparison.names) - 1)),
            hovermode="closest",
            showlegend=len(comparison.names) > 2,
            legend={"orientation": "h", "y": -0.06, "traceorder": "normal"},
            xaxis={
                "showgrid": True,
                "zeroline": True,
                "range": room_for_labels([_drawn(delta) for row in rows for delta in row]),
            },
            yaxis={"type": "category", "showgrid": False, "ticklabelstandoff": 8},
        ),
    }


def effects_words(comparison: Comparison) -> str:
    """Which scenario earns most: "Extra shift earns most: gross margin +0.8 M USD"; by operating profit where
    they differ only below the gross margin."""
    rows = {row[0].figure.key: row for row in comparison.rows}
    measure = next((key for key in ("gross_margin", "operating_profit") if key in rows), None)
    if measure is None:
        differ = ", ".join(row[0].figure.label for row in comparison.rows[:2])
        return f"The scenarios differ in {differ}" if differ else "The scenarios change no figure"
    name = measure.replace("_", " ")
    best = max(range(len(comparison.names)), key=lambda at: (_drawn(rows[measure][at]), -at))
    if best == 0:
        return f"No scenario earns more {name} than doing nothing"
    change = signed(rows[measure][best].delta)
    return f"{comparison.names[best]} earns most: {name} {change} {comparison.currency}".rstrip()


def months_named(text: str) -> str:
    """Months inside a text as people say them.

    >>> months_named("2014-01 to 2014-12")
    'Jan 14 to Dec 14'
    """
    return re.sub(r"\b\d{4}-\d{2}\b", lambda found: month(found.group()), text)


def _effect(
    name: str, at: int, rows: list[tuple[Delta, ...]], labels: list[str], style: Style
) -> dict[str, Any]:
    deltas = [row[at] for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "y": labels,
        "x": [_drawn(delta) or None for delta in deltas],
        "marker": {"color": style.categorical[at]},
        "text": [
            f"{mark(delta.delta)} {signed(delta.delta)} {_WORDS[delta.verdict]}" if _drawn(delta) else ""
            for delta in deltas
        ],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hovertemplate": f"%{{x:,.0f}}<extra>{html(name)}</extra>",
    }


def _drawn(delta: Delta) -> float:
    """The difference as it is drawn: 0 where it is below the comparison's tolerance, or not known."""
    return 0.0 if delta.verdict is Verdict.NOTHING else delta.delta


def _figure(value: float, unit: str) -> str:
    if unit == "%":
        return percent(value)
    return short(value)


def _margin_budget(plan: Plan) -> np.ndarray:
    """(periods,) NaN where the budget says nothing."""
    if plan.finance.budget is None:
        return np.full(plan.inputs.calendar.periods, np.nan)
    cells = plan.finance.budget.gross_margin
    return np.where(np.isnan(cells).all(axis=(0, 1)), np.nan, np.nansum(cells, axis=(0, 1)))


def _baseline_lines(base: pd.DataFrame, days: list[str], style: Style) -> list[dict[str, Any]]:
    shown = ("revenue", "gross_margin", "worst_load_pct", "inventory_value")
    return [
        line(
            f"{name.replace('_', ' ').capitalize()}, baseline",
            days,
            base[name],
            style.plan,
            dash="dot",
            yaxis=axis("y", row),
        )
        for row, name in enumerate(shown, start=1)
    ]


def _full(style: Style) -> dict[str, Any]:
    """The rule at 100 % of the available hours."""
    place = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y3", "y0": 100, "y1": 100}
    return {**place, "line": {"color": style.bad, "width": 1.5, "dash": "dash"}}
