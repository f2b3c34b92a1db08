"""What pre-S&OP draws: one family through all plans, a small panel for every family, the gaps in money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import month, months, share, short, signed
from sop_engine.charts.panels import axis, grid, own_color, panel_title, room_for_labels, stacked
from sop_engine.charts.style import (
    FigureDict,
    Style,
    bars,
    layout,
    line,
    months_axis,
    plan_days,
    values,
    zones,
)
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import PAIRS, Gap, GapKind, not_compared

POCKETS = 12
_PANELS = (
    "Product: products sold",
    "Demand: unconstrained, units",
    "Supply: on time, late (teal), lost (red), units",
    "Inventory: at the month's end, target dashed, units",
)


def connected(
    table: pd.DataFrame, base: pd.DataFrame, family: str, plan: Plan, periods: np.ndarray, style: Style
) -> FigureDict:
    """Five plans of one family over the same months. table, base: `connectivity` of plan and baseline."""
    lines = {key: rows["value"].to_numpy() for key, rows in table.groupby(["plan", "measure"], sort=False)}
    before = {key: rows["value"].to_numpy() for key, rows in base.groupby(["plan", "measure"], sort=False)}
    days, currency = plan_days(plan.inputs.calendar, periods), plan.inputs.money.base_currency
    titles = [*_PANELS, f"Money: revenue (bars), gross margin (line), {currency}".rstrip(", ")]
    axes, names = stacked(style, titles, (1, 2, 2, 2, 2), gap=0.055)
    shapes, zone_names = zones(plan.inputs.calendar, style)
    return {
        "data": [*_five(lines, days, own_color(plan, style), style), *_before(lines, before, days, style)],
        "layout": layout(
            style,
            connected_words(table, family, currency),
            "Every line of one family, all its markets; dotted: the baseline where the scenario differs",
            height=520,
            barmode="stack",
            shapes=shapes,
            annotations=[*names, *zone_names],
            xaxis={**months_axis(style, plan.inputs.calendar, days), **axes.pop("xaxis")},
            **axes,
        ),
    }


def connected_words(table: pd.DataFrame, family: str, currency: str) -> str:
    """Demand to money in one sentence, summed over the months of the table."""
    total = table.groupby(["plan", "measure"])["value"].sum(min_count=1)
    asked, on_time = total["demand", "unconstrained demand"], total["supply", "delivered on time"]
    part = f" ({share(on_time, asked)})" if asked else ""
    served = f"{family}: {short(on_time)} of {short(asked)} units on time{part}"
    margin, revenue = (total["money", name] for name in ("gross margin", "revenue"))
    earned = "" if np.isnan(revenue) else f", margin {short(margin)} of {short(revenue)} {currency}"
    return f"{served}{earned}, {months(list(table['period'].unique()))}"


def _five(
    lines: dict[tuple[str, str], np.ndarray], days: list[str], own: str, style: Style
) -> list[dict[str, Any]]:
    """own: the colour of the plan, or of the working scenario."""
    steps = {"line": {"shape": "hv", "color": own}}
    return [
        line("Products sold", days, lines["product", "products sold"], own, **steps),
        line("Unconstrained demand", days, lines["demand", "unconstrained demand"], own, yaxis="y2"),
        bars("On time", days, lines["supply", "delivered on time"], own, yaxis="y3"),
        bars("Late", days, lines["supply", "delivered late"], style.categorical[2], yaxis="y3"),
        bars("Lost", days, lines["supply", "lost"], style.bad, yaxis="y3"),
        line(
            "Stock", days, lines["inventory", "stock"], own, yaxis="y4", fill="tozeroy", fillcolor=style.band
        ),
        line("Target", days, lines["inventory", "target"], style.muted, yaxis="y4", dash="dash", width=1.5),
        bars("Revenue", days, lines["money", "revenue"], own, yaxis="y5"),
        line("Gross margin", days, lines["money", "gross margin"], style.actual, yaxis="y5"),
    ]


def _before(
    lines: dict[tuple[str, str], np.ndarray],
    before: dict[tuple[str, str], np.ndarray],
    days: list[str],
    style: Style,
) -> list[dict[str, Any]]:
    """The baseline's lines, only those in which the plan differs."""
    shown = {
        ("demand", "unconstrained demand"): "y2",
        ("supply", "delivered on time"): "y3",
        ("inventory", "stock"): "y4",
        ("money", "revenue"): "y5",
    }
    return [
        line(
            f"{key[1].capitalize()}, baseline",
            days,
            before[key],
            style.muted,
            dash="dot",
            width=2,
            yaxis=yaxis,
        )
        for key, yaxis in shown.items()
        if not np.allclose(lines[key], before[key])
    ]


def pocket_table(plan: Plan, products: np.ndarray, markets: np.ndarray, periods: np.ndarray) -> pd.DataFrame:
    """family, period, demand, on_time, stock (units; of all sites), revenue; largest revenue first.

    products, markets: bool masks; families without any demand are left out
    """
    inputs = plan.inputs
    cells = np.ix_(products, markets, periods)
    families = inputs.products.family[products].astype(str)
    labels = [inputs.calendar.plan_labels[period] for period in periods]
    parts = {
        "demand": plan.demand.unconstrained[cells].sum(axis=1),
        "on_time": plan.supply.on_time[cells].sum(axis=1),
        "stock": plan.supply.stock[products][:, :, periods].sum(axis=1),
        "revenue": plan.finance.revenue[cells].sum(axis=1),
    }
    frames = [
        pd.DataFrame(
            {
                "family": family,
                "period": labels,
                **{k: v[families == family].sum(axis=0) for k, v in parts.items()},
            }
        )
        for family in sorted(set(families))
    ]
    shown = [frame for frame in frames if frame["demand"].any()]
    shown.sort(key=lambda frame: -frame["revenue"].sum())
    return (
        pd.concat(shown, ignore_index=True) if shown else pd.DataFrame(columns=["family", "period", *parts])
    )


def pockets(table: pd.DataFrame, plan: Plan, periods: np.ndarray, scope: str, style: Style) -> FigureDict:
    """Demand, what is served on time and stock of the POCKETS largest families, each on its own scale."""
    families = list(dict.fromkeys(table["family"]))[:POCKETS]
    days = plan_days(plan.inputs.calendar, periods)
    months = months_axis(style, plan.inputs.calendar, days)
    months |= {"dtick": f"M{6 if len(days) > 8 else 3}", "tickfont": {"size": 11}}
    traces, axes, names = [], {}, []
    for number, (family, cell) in enumerate(
        zip(families, grid(len(families), 4, gap_x=0.06, below=0.16), strict=True), start=1
    ):
        rows = table[table["family"] == family]
        traces += _pocket(rows, days, number, own_color(plan, style), style)
        axes |= _pocket_axes(cell, number, months)
        names.append(panel_title(_pocket_title(family, rows), cell["x"][0], cell["y"][1], style))
    hidden = table["family"].nunique() - len(families)
    rest = f"; {hidden} smaller families are in the table" if hidden else ""
    return {
        "data": traces,
        "layout": layout(
            style,
            _pocket_words(table),
            "; ".join(
                part
                for part in (
                    "Units",
                    scope,
                    "bars: served on time; line: demand; grey: stock; own scales" + rest,
                )
                if part
            ),
            height=110 + 175 * -(-len(families) // 4),
            margin={"l": 40},
            annotations=names,
            **axes,
        ),
    }


def _pocket(
    rows: pd.DataFrame, days: Sequence[str], number: int, own: str, style: Style
) -> list[dict[str, Any]]:
    where = {"xaxis": axis("x", number), "yaxis": axis("y", number)}
    return [
        line("Stock", days, rows["stock"].to_numpy(), style.prior, width=1.5, **where),
        bars("Served on time", days, rows["on_time"].to_numpy(), own, **where),
        line("Demand", days, rows["demand"].to_numpy(), style.actual, width=2, **where),
    ]


def _pocket_axes(cell: dict[str, list[float]], number: int, months: dict[str, Any]) -> dict[str, Any]:
    suffix = "" if number == 1 else str(number)
    return {
        f"xaxis{suffix}": {**months, "domain": cell["x"], "anchor": axis("y", number)},
        f"yaxis{suffix}": {
            "domain": cell["y"],
            "anchor": axis("x", number),
            "nticks": 3,
            "rangemode": "tozero",
            "tickfont": {"size": 11},
            "automargin": False,
            "tickformat": "~s",
        },
    }


def _pocket_title(family: str, rows: pd.DataFrame) -> str:
    asked = rows["demand"].sum()
    return f"{family}, {share(rows['on_time'].sum(), asked)}" if asked else family


def _pocket_words(table: pd.DataFrame) -> str:
    total = table.groupby("family", sort=False)[["demand", "on_time"]].sum()
    missed = (total["demand"] - total["on_time"]).sort_values(ascending=False)
    short_of = [
        family for family in missed.index if missed[family] > 1e-6 * max(total["demand"].sum(), 1) + 0.5
    ]
    if not short_of:
        return "Every family is served on time"
    most = f"{short_of[0]} ({short(missed[short_of[0]])})"
    return f"{len(short_of)} of {len(total)} families miss demand; the most units in {most}"


def gap_table(gaps: Sequence[Gap]) -> pd.DataFrame:
    """kind, scope, period, money, units, hours, sentence; in the order given."""
    columns = ["kind", "scope", "period", "money", "units", "hours", "sentence"]
    return pd.DataFrame(
        [[str(gap.kind), *(getattr(gap, name) for name in columns[1:])] for gap in gaps], columns=columns
    )


def gap_bars(gaps: Sequence[Gap], plan: Plan, style: Style) -> FigureDict:
    """Money of the gaps, one bar per scope and kind, the ten largest scopes; left of zero falls short."""
    currency, known = plan.inputs.money.base_currency, gap_table(gaps).dropna(subset=["money"])
    totals = known.groupby(["scope", "kind"])["money"].sum().unstack(fill_value=0.0)
    largest = totals.abs().max(axis=1).sort_values(ascending=False).index[:10] if len(totals) else []
    shown = totals.loc[list(largest)[::-1]] if len(totals) else totals
    look = {
        GapKind.SUPPLY: style.categorical[1],
        GapKind.BUDGET: style.categorical[0],
        GapKind.CAPACITY: style.categorical[2],
    }
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": str(kind).capitalize(),
            "y": list(shown.index),
            "x": values(shown[kind]),
            "marker": {"color": color},
            "text": [short(amount) if amount else "" for amount in shown[kind]],
            "textposition": "outside",
            "textfont": {"size": 12},
            "constraintext": "none",
            "cliponaxis": False,
            "hovertemplate": f"%{{x:,.0f}} {currency}<extra>{kind}</extra>",
        }
        for kind, color in look.items()
        if kind in shown
    ]
    return {
        "data": traces,
        "layout": layout(
            style,
            gap_words(gaps, plan),
            f"Whole company, {currency}; summed over the months; left of zero the plan falls short",
            height=120 + 44 * max(len(shown), 2),
            hovermode="closest",
            showlegend=True,
            legend={"orientation": "h", "y": -0.08, "traceorder": "normal"},
            xaxis={
                "showgrid": True,
                "zeroline": True,
                "range": room_for_labels(shown.to_numpy().ravel().tolist(), 0.12),
            },
            yaxis={"type": "category", "showgrid": False, "ticklabelstandoff": 8},
        ),
    }


def gap_words(gaps: Sequence[Gap], plan: Plan) -> str:
    """The largest gap in money: "Largest gap: Road Bikes in May 14, demand vs supply, -0.4 M USD"; of none,
    which plans meet and which cannot be compared."""
    if not gaps:
        return _no_gap_words(not_compared(plan))
    currency = plan.inputs.money.base_currency
    first = gaps[0]
    when = f" in {month(first.period)}" if first.period else ""
    size = f", {signed(first.money)} {currency}" if np.isfinite(first.money) else ""
    return f"Largest gap: {first.scope}{when}, {first.kind}{size}"


def _no_gap_words(silent: Mapping[str, str]) -> str:
    """silent: {two plans that cannot be compared: what to load}"""
    met = ", ".join(pair for pair in PAIRS if pair not in silent)
    if not silent:
        return f"The plans meet: no gap between {met}"
    load = "; ".join(f"{pair} (load {files})" for pair, files in silent.items())
    return f"{f'No gap between {met}. ' if met else ''}Cannot be compared: {load}"


def count_words(gaps: Sequence[Gap]) -> str:
    """How many gaps of each kind: "12 gaps: 9 demand vs supply, 3 load vs capacity"; "" of none."""
    counts = {kind: sum(gap.kind is kind for gap in gaps) for kind in GapKind}
    parts = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return f"{len(gaps)} gaps: {parts}" if parts else ""
