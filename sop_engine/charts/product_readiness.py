"""Readiness of the launches: every check with its light, and the business case against the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.heat import fitting
from sop_engine.charts.numbers import month
from sop_engine.charts.product_pipeline import launch_month
from sop_engine.charts.style import FigureDict, Style
from sop_engine.demand_review.lead_time import cumulative_days
from sop_engine.finance_review.launch_value import LaunchValue, first_year, net_effect, own_value, value_of
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan
from sop_engine.product_review.readiness import (
    BusinessCase,
    Check,
    Evidence,
    Light,
    business_case,
    latest_order,
    readiness,
    worst,
)

SIGNS = {Light.READY: "✓", Light.WATCH: "!", Light.NOT_READY: "✗", Light.NOT_KNOWN: "-"}


@dataclass(frozen=True, eq=False)
class Ready:
    """A launch with its checks, its business case and the day its supply must be ordered by at the latest.

    own, net: first year inside the plan, before and after what it takes from others.
    """

    launch: Launch
    checks: tuple[Check, ...]
    case: BusinessCase
    order_by: np.datetime64 | None
    own: LaunchValue
    net: LaunchValue

    @property
    def light(self) -> Light:
        return worst(self.checks)


def ready_launches(plan: Plan) -> tuple[Ready, ...]:
    """Every project that is to be launched within the next year, the next one first."""
    inputs = plan.inputs
    days = cumulative_days(inputs)
    near = [
        launch
        for launch in (*plan.portfolio.launches, *plan.portfolio.out)
        if launch.launch < min(inputs.calendar.season, inputs.calendar.horizon)
    ]
    return tuple(
        _ready(plan, launch, days) for launch in sorted(near, key=lambda one: (one.launch, one.project))
    )


def check_table(ready: Sequence[Ready]) -> pd.DataFrame:
    """One row per launch and check: light as sign and word, finding."""
    rows = [
        (one.launch.project, check.name, f"{SIGNS[check.light]} {check.light}", check.finding)
        for one in ready
        for check in one.checks
    ]
    return pd.DataFrame(rows, columns=["project", "check", "stands", "finding"])


def open_points(ready: Sequence[Ready]) -> pd.DataFrame:
    """The checks that are not ready."""
    table = check_table(ready)
    return table[table["stands"] != f"{SIGNS[Light.READY]} {Light.READY}"].reset_index(drop=True)


def case_table(plan: Plan, ready: Sequence[Ready]) -> pd.DataFrame:
    """One row per launch: its light, latest order, and business case, capex and money against the plan."""
    rows = [
        {
            "project": one.launch.project,
            "stands": f"{SIGNS[one.light]} {one.light}",
            "launch": launch_month(plan.inputs, one.launch.launch),
            "in plan": "in" if one.launch.in_plan else "out",
            "order by": "-" if one.order_by is None else month(str(one.order_by)),
            "case units": one.case.promised or np.nan,
            "plan units": one.case.units,
            "attainment %": 100 * one.case.units / one.case.promised if one.case.promised else np.nan,
            "revenue": one.own.revenue,
            "margin": one.own.gross_margin,
            "net margin": one.net.gross_margin,
            "capex": one.launch.capex,
            "payback periods": _payback(one),
        }
        for one in ready
    ]
    return pd.DataFrame(rows)


def _payback(one: Ready) -> str:
    """Periods until the capex is paid back; why not where nothing says it."""
    if np.isnan(one.launch.capex):
        return "capex not known"
    return "-" if np.isnan(one.case.payback) else f"{one.case.payback:.1f}"


def readiness_figure(plan: Plan, ready: Sequence[Ready], style: Style) -> FigureDict:
    """Launch x check as a board of lights, each with its sign."""
    names = [check.name for check in ready[0].checks]
    order = (Light.READY, Light.WATCH, Light.NOT_READY, Light.NOT_KNOWN)
    colors = (style.good, style.heat[3], style.bad, "rgba(0,0,0,0)")
    tints = [_tint(color) for color in colors]
    rows = [f"{fitting(one.launch.project)}, {launch_month(plan.inputs, one.launch.launch)}" for one in ready]
    trace = {
        "type": "heatmap",
        "x": names,
        "y": rows,
        "z": [[order.index(check.light) for check in one.checks] for one in ready],
        "zmin": -0.5,
        "zmax": len(order) - 0.5,
        "colorscale": [[edge / len(order), color] for i, color in enumerate(tints) for edge in (i, i + 1)],
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "text": [[f"{SIGNS[check.light]} {check.light}" for check in one.checks] for one in ready],
        "texttemplate": "%{text}",
        "textfont": {"size": 12, "color": style.text},
        "customdata": [[look.html(check.finding) for check in one.checks] for one in ready],
        "hovertemplate": "%{y}<br>%{x}: %{customdata}<extra></extra>",
    }
    layout = look.layout(
        style,
        readiness_title(ready),
        "launches of the next 12 months; served and load of the first 3 periods",
        140 + 40 * max(len(rows), 2),
        xaxis={"type": "category", "side": "top", "showgrid": False, "tickangle": 0},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "dtick": 1},
        hovermode="closest",
        margin={"t": 100},
    )
    return {"data": [trace], "layout": layout}


def readiness_title(ready: Sequence[Ready]) -> str:
    """How many of the next launches are not ready, and what stands most in the way."""
    blocked = [one for one in ready if one.light is Light.NOT_READY]
    if not blocked:
        watched = sum(one.light is Light.WATCH for one in ready)
        return f"{len(ready) - watched} of {len(ready)} launches are ready" + (
            f", {watched} need watching" if watched else ""
        )
    first = next(check for check in blocked[0].checks if check.light is Light.NOT_READY)
    many = len(blocked) != 1
    return (
        f"{len(blocked)} of {len(ready)} launches {'are' if many else 'is'} not ready; "
        f"{blocked[0].launch.project} first: {first.name.lower()}, {first.finding}"
    )


def _ready(plan: Plan, launch: Launch, days: np.ndarray) -> Ready:
    inputs, finance = plan.inputs, plan.finance
    effect = net_effect(inputs, plan.scenario, plan.portfolio, plan.demand, launch)
    each = [value_of(finance, effect, np.array([period])) for period in range(inputs.calendar.periods)]
    seen = Evidence(
        price=finance.price,
        unit_cost=finance.unit_cost,
        days=days,
        demand=plan.demand.unconstrained,
        on_time=plan.supply.on_time,
        required=plan.supply.required,
        available=plan.supply.available,
        units=effect.units.sum(axis=0),
        margin=np.array([value.gross_margin for value in each]),
    )
    year = first_year(inputs, launch)
    return Ready(
        launch=launch,
        checks=readiness(inputs, launch, seen),
        case=business_case(inputs, launch, seen),
        order_by=latest_order(inputs, launch, days),
        own=own_value(inputs, finance, launch, year),
        net=value_of(finance, effect, year),
    )


def _tint(color: str) -> str:
    """A colour light enough for text to stand on."""
    if not color.startswith("#"):
        return color
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.28)"
