"""Load against capacity: every resource by month, where it is worst, and what to load to see it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.heat import Cells, heat_map
from sop_engine.charts.numbers import month, months, percent, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.executive_sop.scorecard import required_load_pct
from sop_engine.plan import Plan

LOAD_ROW = 25  # pixels of a resource: the sections' tabs stay in sight on a small screen
BANDS = (0.0, 70.0, 85.0, 95.0, 100.0001, 130.0)  # % load at which the colour changes; red is above 100


def load_table(plan: Plan, view: View) -> pd.DataFrame:
    """Long: resource, period, required %, plan %, and required, planned, overtime and available hours; worst
    resource first.
    """
    inputs, supply = plan.inputs, plan.supply
    required = required_load_pct(plan)
    planned = np.divide(
        100 * supply.load,
        supply.available,
        out=np.full(supply.load.shape, np.nan),
        where=supply.available > 0,
    )
    labels = inputs.calendar.plan_labels
    rows = [
        (
            inputs.network.resources.name[r],
            labels[t],
            required[r, t],
            planned[r, t],
            supply.required[r, t],
            supply.load[r, t],
            supply.overtime[r, t],
            supply.available[r, t],
        )
        for r in worst_first(plan, view)
        for t in view.periods
    ]
    names = [
        "resource",
        "period",
        "required %",
        "planned %",
        "required hours",
        "planned hours",
        "overtime hours",
        "available hours",
    ]
    return pd.DataFrame(rows, columns=names)


def worst_first(plan: Plan, view: View) -> list[int]:
    """Positions of the resources with known hours, the highest required load of the view's months first."""
    load = required_load_pct(plan)[:, view.periods]
    known = np.flatnonzero(~np.isnan(load).all(axis=1))
    return sorted(known.tolist(), key=lambda r: (-float(np.nanmax(load[r])), r))


def load_heat_map(plan: Plan, view: View, style: Style, title: str) -> FigureDict:
    """Required load of each resource and month in bands; what the plan loads stands on hover."""
    order = worst_first(plan, view)
    required = required_load_pct(plan)[np.ix_(order, view.periods)]
    hover = load_table(plan, view)[["required %", "planned %", "overtime hours", "available hours"]]
    cells = Cells(
        rows=[str(plan.inputs.network.resources.name[r]) for r in order],
        values=required,
        text=[["" if np.isnan(cell) else f"{cell:.0f}" for cell in row] for row in required],
        hover=hover.to_numpy().reshape(*required.shape, 4),
        hover_words="required %{customdata[0]:.1f} % of hours<br>plan %{customdata[1]:.1f} %, "
        "overtime %{customdata[2]:,.0f} h<br>available %{customdata[3]:,.0f} h",
    )
    subtitle = (
        "required load, % of available hours, whole company; colour changes at 70, 85, 95 and 100 %; "
        "click a cell for its families"
    )
    look_of = (plan.inputs.calendar, view.periods, style, title, subtitle, BANDS, style.heat)
    return _clickable(heat_map(cells, *look_of, row_height=LOAD_ROW))


def _clickable(figure: FigureDict) -> FigureDict:
    """A heat map whose cells can be chosen: plotly selects points only, so an unseen one lies on each cell.

    Points run along the rows: the cell of row i and period j is point i x periods + j.
    """
    heat = figure["data"][0]
    across, down = heat["x"], heat["y"]
    unseen = {"marker": {"opacity": 0}}
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": list(across) * len(down),
        "y": [name for name in down for _ in across],
        "customdata": [part for row in heat["customdata"] for part in row],
        "hovertemplate": heat["hovertemplate"],
        "marker": {"symbol": "square", "size": 20, "opacity": 0, "color": "#808080"},
        "selected": unseen,
        "unselected": unseen,
        "showlegend": False,
    }
    layout = {**figure["layout"], "clickmode": "event+select", "hoverdistance": 60}
    for axis, ends in (("xaxis", [-0.5, len(across) - 0.5]), ("yaxis", [len(down) - 0.5, -0.5])):
        layout[axis] = {
            **layout[axis],
            "range": ends,
            "autorange": False,
        }  # points would want room around them
    return {"data": [{**heat, "hoverinfo": "skip"}, points], "layout": layout}


def load_sentence(plan: Plan, view: View) -> str:
    """Where the load is worst: "Final Assembly needs 118.2 % of its hours in Mar 14; 5 resource-months are
    above 100 %".
    """
    order = worst_first(plan, view)
    if not order:
        return no_hours_words(plan, view)
    load = required_load_pct(plan)[order[0], view.periods]
    worst = int(np.nanargmax(load))
    above = int((required_load_pct(plan)[:, view.periods] > 100.0001).sum())
    count = (
        f"{above} resource-month{'s are' if above != 1 else ' is'} above 100 %"
        if above
        else "no resource is above 100 %"
    )
    name = plan.inputs.network.resources.name[order[0]]
    when = month(plan.inputs.calendar.plan_labels[view.periods[worst]])
    span = months([plan.inputs.calendar.plan_labels[t] for t in view.periods])
    return f"{name} needs {percent(float(load[worst]))} of its hours in {when}, of {span}; {count}"


def no_hours_words(plan: Plan, view: View) -> str:
    """What has to be loaded to see a load, with the hours that are needed where routing gives them."""
    required = plan.supply.required[:, view.periods].sum(axis=1)
    if not (len(required) and len(plan.inputs.network.edges.hours_edge)):
        return "No hours are known: load resource and routing to see the load"
    most = int(required.argmax())
    span = months([plan.inputs.calendar.plan_labels[t] for t in view.periods])
    return (
        "Available hours are not loaded: load capacity.csv, or stations and hours_per_week of resource; "
        f"{short(float(required.sum()))} hours are needed in {span}, most of "
        f"{plan.inputs.network.resources.name[most]}: {short(float(required[most]))}"
    )
