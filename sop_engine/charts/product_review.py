"""Charts of the product review: the pipeline against its promises, what the portfolio lives on, and where it
grows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.consensus import launch_units
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan

YEAR = 12  # a launch is valued over its first plan buckets, as many as a year has months


def pipeline_table(plan: Plan) -> pd.DataFrame:
    """One row per project, the dearest first.

    revenue, margin: of the project's own units in its first year inside the plan at net price and standard
    cost, before what it
    takes from others; expected margin: x probability. slip: periods later than first promised.
    """
    inputs = plan.inputs
    rows = [_project_row(plan, launch, True) for launch in plan.portfolio.launches]
    rows += [_project_row(plan, launch, False) for launch in plan.portfolio.out]
    names = [
        "project",
        "in plan",
        "gate",
        "launch",
        "promised",
        "slip",
        "probability %",
        "revenue",
        "margin",
        "expected margin",
    ]
    names += ["business case units", "capex", "owner"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(currency=inputs.money.base_currency).sort_values(
        ["revenue", "project"], ascending=[False, True], ignore_index=True
    )


def first_year(plan: Plan, launch: Launch) -> tuple[float, float]:
    """Revenue and margin of a launch's own units in its first YEAR buckets inside the plan."""
    units = launch_units(plan.inputs, (launch,))[launch.product]
    span = slice(launch.launch, min(launch.launch + YEAR, plan.inputs.calendar.horizon))
    price = np.nan_to_num(plan.finance.price[launch.product])[:, span]
    cost = np.nan_to_num(plan.finance.unit_cost[launch.product])[None, span]
    return float((units[:, span] * price).sum()), float((units[:, span] * (price - cost)).sum())


def pipeline_timeline(plan: Plan, baseline: Plan, style: Style, title: str) -> FigureDict:
    """Launch dates now against those first promised: a ghost where it was promised, a bar for the slip."""
    launches = sorted(
        (*plan.portfolio.launches, *plan.portfolio.out), key=lambda one: (-one.launch, one.project)
    )
    names = [launch.project for launch in launches]
    calendar = plan.inputs.calendar
    shapes, zone = look.zones(calendar, style)
    axis = look.months_axis(style, calendar, look.plan_days(calendar, np.arange(calendar.horizon)))
    axis["range"] = [axis["range"][0], str(np.datetime64(axis["range"][1]) + 150)]  # room for the last label
    subtitle = (
        "launch month: filled in the plan, cross out of it, open grey as first promised; "
        f"{plan.inputs.money.base_currency} revenue of the first year"
    )
    layout = look.layout(
        style,
        title,
        subtitle,
        max(300, 120 + 44 * len(names)),
        xaxis={**axis, "dtick": "M3"},
        yaxis={"type": "category", "categoryarray": names, "showgrid": True},
        shapes=shapes,
        annotations=[*zone, *(_project_label(plan, one, style) for one in launches)],
        hovermode="closest",
    )
    return {"data": _pipeline_traces(plan, baseline, launches, style), "layout": layout}


def _pipeline_traces(
    plan: Plan, baseline: Plan, launches: list[Launch], style: Style
) -> list[dict[str, object]]:
    """Slip bars, ghosts of the promise and of the baseline, and where the launches stand now."""
    before = {one.project: one for one in (*baseline.portfolio.launches, *baseline.portfolio.out)}
    moved = [one for one in launches if before[one.project].launch != one.launch]
    now = {one.project: one.launch for one in launches}
    promised = {one.project: one.baseline_launch for one in launches}
    was = {one.project: before[one.project].launch for one in moved}
    inside = {one.project: now[one.project] for one in launches if one.in_plan}
    outside = {name: period for name, period in now.items() if name not in inside}
    colors = {name: style.scenario if name in was else style.plan for name in now}
    return [
        *(_slip_bar(plan, one, style) for one in launches if one.launch != one.baseline_launch),
        _markers(plan, "First promised", promised, style.prior, "diamond-open"),
        *([_markers(plan, "Before the what-if", was, style.plan, "diamond-open")] if was else []),
        _markers(plan, "In the plan", inside, [colors[name] for name in inside], "diamond", 16),
        _markers(plan, "Out of the plan", outside, [colors[name] for name in outside], "x-thin-open", 16),
    ]


def _project_label(plan: Plan, launch: Launch, style: Style) -> dict[str, object]:
    """First year's revenue and probability, right of the last mark."""
    revenue, _ = first_year(plan, launch)
    words = f"{short(revenue)}, {100 * launch.probability:.0f} %"
    right = _day(plan.inputs, max(launch.launch, launch.baseline_launch))
    return look.label(words, right, launch.project, style.text, xshift=14)


def pareto(health: pd.DataFrame, style: Style, currency: str) -> FigureDict:
    """Revenue by product, dearest first, and its running share below; the tail past 95 % is light."""
    colors = {"A": style.plan, "B": style.actual, "C": style.prior}
    x = list(range(1, len(health) + 1))
    hover = [
        f"{look.html(str(name))}: {short(revenue)}"
        for name, revenue in zip(health["name"], health["revenue"], strict=True)
    ]
    top = {
        **look.bars(
            "Revenue",
            x,
            health["revenue"].to_numpy(),
            [colors.get(one, style.prior) for one in health["abc"]],
        ),
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    share = look.line(
        "Running share", x, health["cumulative_pct"].to_numpy(), style.text, xaxis="x", yaxis="y2"
    )
    tail = int((health["abc"] == "C").sum())
    head = int((health["abc"] == "A").sum())
    title = f"{head} of {len(health)} products bring 80 % of revenue; the last {tail} bring 5 %"
    layout = look.layout(
        style,
        title,
        f"{currency}, last 12 months by product; A accent, B dark, C (tail) light; below: running share, %",
        430,
        bargap=0.1,
        xaxis={"title": {"text": "rank by revenue"}, "anchor": "y2"},
        yaxis={"domain": [0.4, 1], "tickformat": "~s"},
        yaxis2={"domain": [0, 0.32], "range": [0, 102], "ticksuffix": " %"},
        hovermode="closest",
    )
    return {"data": [top, share], "layout": layout}


def family_health(health: pd.DataFrame) -> pd.DataFrame:
    """Revenue, prior revenue, margin, growth % and margin % by family, dearest first."""
    table = health.groupby(["family", "category"], as_index=False)[
        ["revenue", "prior_revenue", "margin"]
    ].sum()
    table["growth_pct"] = 100 * (
        table["revenue"] / table["prior_revenue"].where(table["prior_revenue"] > 0) - 1
    )
    table["margin_pct"] = 100 * table["margin"] / table["revenue"].where(table["revenue"] > 0)
    return table.sort_values(["revenue", "family"], ascending=[False, True], ignore_index=True)


def growth_and_margin(health: pd.DataFrame, style: Style, currency: str) -> FigureDict:
    """Families by growth and margin, sized by revenue; families without a year before are left out and
    counted.
    """
    table = family_health(health)
    shown = table[table["growth_pct"].notna() & table["margin_pct"].notna() & (table["revenue"] > 0)]
    categories = sorted(set(table["category"]))
    traces = [
        _bubbles(
            shown[shown["category"] == name], name, style.categorical[i % 10], float(shown["revenue"].max())
        )
        for i, name in enumerate(categories)
    ]
    named = shown.head(8)
    labels = [
        look.label(
            row.family,
            row.growth_pct,
            row.margin_pct,
            style.text,
            xanchor="center",
            xshift=0,
            yshift=16 + 26 * (row.revenue / shown["revenue"].max()) ** 0.5,
        )
        for row in named.itertuples()
    ]
    left = len(table) - len(shown)
    losing = shown.loc[shown["margin_pct"] < 0, "family"].tolist()
    title = (
        f"{', '.join(losing[:3])} {'lose' if len(losing) > 1 else 'loses'} money"
        if losing
        else "Every family earns a margin"
    )
    subtitle = f"growth and margin of the last 12 months, size is {currency} revenue" + (
        f"; {left} families without a year before are left out" if left else ""
    )
    layout = look.layout(
        style,
        title,
        subtitle,
        430,
        xaxis={"title": {"text": "growth on the year before, %"}, "showgrid": True, "zeroline": True},
        yaxis={"title": {"text": "margin, % of revenue"}, "zeroline": True},
        annotations=labels,
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "y": 1.08, "x": 1, "xanchor": "right"},
    )
    return {"data": traces, "layout": layout}


def lifecycle_counts(inputs: Inputs, view: View) -> pd.DataFrame:
    """Products sold of the view by category (rows) and lifecycle stage (columns)."""
    shown = view.products & inputs.products.sellable
    stage = np.where(inputs.products.stage == "", "not stated", inputs.products.stage)[shown]
    return pd.crosstab(inputs.products.category[shown], stage).rename_axis(index="category", columns=None)


def lifecycle_bars(inputs: Inputs, view: View, style: Style) -> FigureDict:
    """How many products stand in each stage, by category."""
    counts = lifecycle_counts(inputs, view)
    traces = [
        {
            "type": "bar",
            "name": category,
            "x": list(counts.columns),
            "y": counts.loc[category].tolist(),
            "marker": {"color": style.categorical[i % 10]},
            "hovertemplate": f"%{{y}} %{{x}}<extra>{look.html(str(category))}</extra>",
        }
        for i, category in enumerate(counts.index)
    ]
    total = int(counts.to_numpy().sum())
    layout = look.layout(
        style,
        f"{total} products are sold",
        "products by lifecycle stage and category",
        380,
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.08, "x": 1, "xanchor": "right"},
        hovermode="closest",
    )
    return {"data": traces, "layout": layout}


def _project_row(plan: Plan, launch: Launch, within: bool) -> tuple[object, ...]:
    revenue, margin = first_year(plan, launch)
    return (
        launch.project,
        "in" if within else "out",
        launch.gate,
        _label(plan.inputs, launch.launch),
        _label(plan.inputs, launch.baseline_launch),
        launch.launch - launch.baseline_launch,
        100 * launch.probability,
        revenue,
        margin,
        margin * launch.probability,
        launch.business_case_units,
        launch.capex,
        launch.owner,
    )


def _label(inputs: Inputs, period: int) -> str:
    """The bucket of a launch; one past the plan is "after" its last."""
    labels = inputs.calendar.plan_labels
    return (
        month(labels[period])
        if 0 <= period < len(labels)
        else f"after {month(labels[-1])}"
        if period > 0
        else f"before {month(labels[0])}"
    )


def _day(inputs: Inputs, period: int) -> str:
    starts = inputs.calendar.starts
    return str(starts[np.clip(inputs.calendar.now + period, 0, len(starts) - 1)])


def _markers(
    plan: Plan, name: str, periods: dict[str, int], color: str | list[str], symbol: str, size: int = 14
) -> dict[str, object]:
    """One mark per project at its plan period."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [_day(plan.inputs, period) for period in periods.values()],
        "y": list(periods),
        "marker": {"symbol": symbol, "size": size, "color": color, "line": {"width": 2, "color": color}},
        "hovertemplate": f"%{{y}}, %{{x|%b %y}}<extra>{name}</extra>",
    }


def _slip_bar(plan: Plan, launch: Launch, style: Style) -> dict[str, object]:
    color = style.bad if launch.launch > launch.baseline_launch else style.good
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [_day(plan.inputs, launch.baseline_launch), _day(plan.inputs, launch.launch)],
        "y": [launch.project, launch.project],
        "line": {"color": color, "width": 5},
        "hovertemplate": f"{launch.launch - launch.baseline_launch:+d} periods<extra></extra>",
    }


def _bubbles(rows: pd.DataFrame, name: str, color: str, largest: float) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": look.values(rows["growth_pct"].to_numpy(), 1),
        "y": look.values(rows["margin_pct"].to_numpy(), 1),
        "marker": {
            "size": (8 + 52 * (rows["revenue"] / largest) ** 0.5).round(1).tolist(),
            "color": color,
            "opacity": 0.75,
        },
        "hovertext": [
            f"{look.html(family)}: {short(revenue)}"
            for family, revenue in zip(rows["family"], rows["revenue"], strict=True)
        ],
        "hovertemplate": "%{hovertext}<br>growth %{x:.1f} %, margin %{y:.1f} %<extra></extra>",
    }
