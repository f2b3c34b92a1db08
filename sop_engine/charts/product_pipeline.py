"""Charts of the pipeline: launches against their promises, by gate, and what stands outside the plan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.finance_review.launch_value import first_year, own_value
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan


def pipeline_table(plan: Plan) -> pd.DataFrame:
    """One row per project, the dearest first.

    revenue, margin: of the project's own units in its first year inside the plan at net price and standard
    cost, before what it takes from others; expected margin: x probability. slip: periods later than first
    promised.
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
    revenue = own_value(plan.inputs, plan.finance, launch, first_year(plan.inputs, launch)).revenue
    words = f"{short(revenue)}, {100 * launch.probability:.0f} %"
    right = _day(plan.inputs, max(launch.launch, launch.baseline_launch))
    return look.label(words, right, launch.project, style.text, xshift=14)


def _project_row(plan: Plan, launch: Launch, within: bool) -> tuple[object, ...]:
    value = own_value(plan.inputs, plan.finance, launch, first_year(plan.inputs, launch))
    return (
        launch.project,
        "in" if within else "out",
        launch.gate,
        launch_month(plan.inputs, launch.launch),
        launch_month(plan.inputs, launch.baseline_launch),
        launch.launch - launch.baseline_launch,
        100 * launch.probability,
        value.revenue,
        value.gross_margin,
        value.gross_margin * launch.probability,
        launch.business_case_units or np.nan,
        launch.capex,
        launch.owner,
    )


def launch_month(inputs: Inputs, period: int) -> str:
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
