"""Rough-cut capacity: what each resource is asked for, by family, against regular, overtime and demonstrated
hours.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, percent, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.supply_load import BANDS, worst_first
from sop_engine.charts.view import View
from sop_engine.plan import Plan
from sop_engine.supply_review.load import Pegging, hours_by_family, hours_by_item

SHOWN = 7  # families with a colour of their own; the rest is one block
OTHERS = "Other families"


def resource_table(plan: Plan, view: View, pegging: Pegging, demonstrated: np.ndarray) -> pd.DataFrame:
    """One row per resource with known hours, the highest required load first; hours over the view's months.

    demonstrated: (resources, periods) hours, NaN where none are loaded
    """
    supply, names = plan.supply, plan.inputs.network.resources.name
    hours = hours_by_family(plan.inputs, pegging)[:, :, view.periods].sum(axis=2)
    rows = []
    for r in worst_first(plan, view):
        required, available = supply.required[r, view.periods], supply.available[r, view.periods]
        load, proven = percent_of(required, available), percent_of(required, demonstrated[r, view.periods])
        top = int(hours[r].argmax())
        rows.append(
            {
                "resource": str(names[r]),
                "highest load %": np.nanmax(load),
                "in": month(plan.inputs.calendar.plan_labels[view.periods[int(np.nanargmax(load))]]),
                "months over": int((load > BANDS[4]).sum()),
                "required hours": required.sum(),
                "available hours": available.sum(),
                "overtime limit": supply.overtime_limit[r, view.periods].sum(),
                "demonstrated hours": demonstrated[r, view.periods].sum(),
                "highest of demonstrated %": np.nan if np.isnan(proven).all() else np.nanmax(proven),
                "first family": pegging.families[top] if hours[r, top] > 0 else "",
                "its share %": 100 * hours[r, top] / hours[r].sum() if hours[r].any() else np.nan,
            }
        )
    return pd.DataFrame(rows)


def family_hours(plan: Plan, view: View, pegging: Pegging, resource: int) -> pd.DataFrame:
    """Hours of one resource by month: a column for each family, the largest first; they add up to the
    required load.
    """
    hours = hours_by_family(plan.inputs, pegging)[resource][:, view.periods]
    order = [f for f in np.argsort(-hours.sum(axis=1), kind="stable") if hours[f].sum() > 1e-9]
    labels = [plan.inputs.calendar.plan_labels[t] for t in view.periods]
    return pd.DataFrame({"period": labels, **{pegging.families[f]: hours[f] for f in order}})


def family_hours_figure(
    plan: Plan, view: View, style: Style, table: pd.DataFrame, resource: int, demonstrated: np.ndarray
) -> FigureDict:
    """Stacked hours by family with lines for regular hours, those with overtime, and demonstrated ones."""
    supply, calendar = plan.supply, plan.inputs.calendar
    days = look.plan_days(calendar, view.periods)
    blocks = _blocks(table)
    regular = supply.available[resource, view.periods]
    lines = {
        "Regular hours": (regular, style.text, "solid"),
        "With overtime": (regular + supply.overtime_limit[resource, view.periods], style.scenario, "dash"),
        "Demonstrated": (demonstrated[resource, view.periods], style.bad, "dot"),
    }
    if not supply.overtime_limit[resource].any():
        del lines["With overtime"]
    lines = {name: line for name, line in lines.items() if not np.isnan(line[0]).all()}
    total = sum(blocks.values(), np.zeros(len(days)))
    top = 1.12 * max(float(total.max()), *(float(np.nanmax(line[0])) for line in lines.values()), 1.0)
    ends = [(name, float(line[0][-1]), line[1]) for name, line in lines.items()]
    colors = dict(zip(blocks, (*style.categorical[:SHOWN], style.prior), strict=False))
    shapes, labels = look.zones(calendar, style)
    axis = look.months_axis(style, calendar, days)
    name, unit = str(plan.inputs.network.resources.name[resource]), unit_of(plan, resource)
    return {
        "data": [
            *(look.bars(block, days, units, colors[block]) for block, units in blocks.items()),
            *(
                look.line(name, days, hours, color, showlegend=False)
                | {"line": {"color": color, "width": 2.5, "dash": dash, "shape": "hvh"}}
                for name, (hours, color, dash) in lines.items()
            ),
        ],
        "layout": look.layout(
            style,
            pegging_words(plan, view, table, resource),
            f"{unit} asked of {name}, unconstrained, by the family of the product sold, whole company",
            400,
            xaxis=axis,
            yaxis={"range": [0, top], "tickformat": "~s"},
            barmode="stack",
            bargap=0.25,
            shapes=shapes,
            annotations=[*labels, *look.end_labels(ends, axis["range"][1], top)],
            showlegend=True,
            legend={"orientation": "h", "y": -0.12, "x": 0, "traceorder": "normal", "font": {"size": 12}},
            margin={"r": 120},
        ),
    }


def unit_of(plan: Plan, resource: int) -> str:
    """What a resource is counted in: a supplier's shared limit may be in units."""
    network = plan.inputs.network
    supplied = network.sites.kind[network.resources.site[resource]] == "supplier"
    return "units of its limit" if supplied else "hours"


def pegging_words(plan: Plan, view: View, table: pd.DataFrame, resource: int) -> str:
    """Who needs the resource: "Mountain Bikes need 41.2 % of Final Assembly's hours; ..."."""
    name = str(plan.inputs.network.resources.name[resource])
    sums = table.drop(columns="period").sum()
    if not sums.sum() > 0:
        return f"Nothing needs {name} in these months"
    unit = unit_of(plan, resource)
    over = np.maximum(
        plan.supply.required[resource, view.periods] - plan.supply.available[resource, view.periods], 0.0
    )
    first = f"{sums.index[0]} take {percent(100 * float(sums.iloc[0] / sums.sum()))} of what {name} needs"
    if not over.sum() > 0.5:
        return f"{first}; no month needs more than its regular {unit}"
    worst = month(str(table["period"].iloc[int(over.argmax())]))
    return f"{first}; {short(float(over.sum()))} {unit} are above what is regular, most in {worst}"


def cell_table(plan: Plan, pegging: Pegging, resource: int, period: int) -> pd.DataFrame:
    """family, hours, share of the need %, of available %: who needs a resource in one month, most first; the
    hours add up to the required load of the cell.
    """
    hours = hours_by_family(plan.inputs, pegging)[resource, :, period]
    available = plan.supply.available[resource, period]
    order = [f for f in np.argsort(-hours, kind="stable") if hours[f] > 1e-9]
    return pd.DataFrame(
        {
            "family": [pegging.families[f] for f in order],
            "hours": hours[order],
            "share of the need %": 100 * hours[order] / hours.sum() if order else [],
            "of available %": 100 * hours[order] / available if available > 0 else np.nan,
        }
    )


def cell_words(plan: Plan, table: pd.DataFrame, resource: int, period: int) -> str:
    """The load of a resource in a month and who it is for. table: of `cell_table`"""
    name = str(plan.inputs.network.resources.name[resource])
    when, unit = month(plan.inputs.calendar.plan_labels[period]), unit_of(plan, resource)
    if table.empty:
        return f"Nothing needs {name} in {when}"
    required, available = plan.supply.required[resource, period], plan.supply.available[resource, period]
    first = table.iloc[0]
    return (
        f"{name} in {when}: {short(float(required))} of {short(float(available))} {unit} are needed; "
        f"{first['family']} take {percent(float(first['share of the need %']))} of that"
    )


def item_table(plan: Plan, view: View, pegging: Pegging, resource: int, family: str) -> pd.DataFrame:
    """What is made on the resource for a family, most hours first; they add up to the family's hours."""
    products = plan.inputs.products
    by_item = hours_by_item(plan.inputs, pegging, resource, pegging.families.index(family))
    hours = by_item[:, view.periods].sum(axis=1)
    table = pd.DataFrame(
        {
            "made there": products.labels,
            "name": products.name,
            "of family": products.family,
            "hours": hours,
            "of family's hours %": 100 * hours / hours.sum() if hours.sum() > 0 else np.nan,
        }
    )[hours > 1e-9]
    return table.sort_values(["hours", "made there"], ascending=[False, True], ignore_index=True)


def _blocks(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """The largest families and all others as one."""
    names = [name for name in table.columns if name != "period"]
    blocks = {str(name): table[name].to_numpy() for name in names[:SHOWN]}
    return {**blocks, OTHERS: table[names[SHOWN:]].to_numpy().sum(axis=1)} if names[SHOWN:] else blocks


def percent_of(units: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """100 x units / limit; NaN where no limit is known or it is 0."""
    return np.divide(100 * units, limit, out=np.full(units.shape, np.nan), where=limit > 0)
