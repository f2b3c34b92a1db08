"""Launches, successions, events and elasticities of the demand plan, as tables and figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, months
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.events import event_effects, price_response
from sop_engine.demand_review.launches import LaunchEffect, launch_effects, launch_gain, succession_units
from sop_engine.inputs.events import Event
from sop_engine.inputs.lifecycle import Launch
from sop_engine.money import worth
from sop_engine.plan import Plan

RISE = 5  # per cent of price whose effect the elasticities are told by
Z95 = 1.96
SOURCES = {
    "own": "the family's own prices",
    "all": "borrowed from all families",
    "none": "not known: units stay",
}


def launches_in(plan: Plan, view: View) -> list[LaunchEffect]:
    """The launches of the plan in the view, on the units before any launch takes something."""
    effects = launch_effects(plan.inputs, plan.portfolio.launches, _before(plan, "Cannibalisation"))
    return [effect for effect in effects if view.products[effect.launch.product]]


def launch_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per launch of the plan, the largest revenue first: what it sells over the view's months and
    markets and what it takes, in units and at net price.
    """
    rows = [_launch_row(plan, view, effect) for effect in launches_in(plan, view)]
    columns = ["project", "product", "launch", *_TERMS, *_WORTH]
    return _largest_first(pd.DataFrame(rows, columns=columns), "net revenue", "project")


def victim_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per launch and product that it eats into: units and revenue taken over the view."""
    rows = [
        {
            "project": effect.launch.project,
            "takes from": plan.inputs.products.labels[victim],
            "units": _over(view, taken),
            "revenue": _over(view, worth(taken, plan.finance.price[victim])),
        }
        for effect in launches_in(plan, view)
        for victim, taken in effect.taken.items()
    ]
    table = pd.DataFrame(rows, columns=["project", "takes from", "units", "revenue"])
    return _largest_first(table[table["units"] > 0], "units", "project")


def out_of_plan(plan: Plan, view: View) -> pd.DataFrame:
    """One row per project that is out of the plan: what it would bring over the view, each on its own, net of
    what it would take from the consensus; and, in columns of their own, that times its probability.
    """
    rows = []
    for launch in (one for one in plan.portfolio.out if view.products[one.product]):
        effect = launch_gain(plan.inputs, plan.levers, plan.portfolio, plan.demand.consensus, launch)
        row = _launch_row(plan, view, effect)
        chance = launch.probability
        rows.append(
            {
                **row,
                "probability %": 100 * chance,
                "expected units": chance * (row["units"] - row["takes units"]),
                "expected revenue": chance * row["net revenue"],
                "expected margin": chance * row["net margin"],
                "gate": launch.gate,
                "owner": launch.owner,
            }
        )
    expected = ["probability %", "expected units", "expected revenue", "expected margin", "gate", "owner"]
    columns = ["project", "launch", *_WORTH, *expected]
    return _largest_first(pd.DataFrame(rows, columns=columns), "expected revenue", "project")


def succession_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per product that ends: baseline units over the view that end with it, and those that its
    successor takes over.
    """
    products, rows = plan.inputs.products, []
    labels = plan.inputs.calendar.plan_labels
    for ending in (one for one in plan.portfolio.phase_outs if view.products[one.product]):
        lost, moved = succession_units(plan.inputs, ending, plan.portfolio.active)
        rows.append(
            {
                "product": products.labels[ending.product],
                "sold until": month(labels[min(ending.end, len(labels)) - 1]) if ending.end > 0 else "ended",
                "successor": products.labels[ending.successor] if ending.successor >= 0 else "",
                "transfer %": 100 * ending.transfer,
                "units that end": _over(view, lost),
                "units moved": _over(view, moved),
            }
        )
    columns = ["product", "sold until", "successor", "transfer %", "units that end", "units moved"]
    return _largest_first(pd.DataFrame(rows, columns=columns), "units that end", "product")


def event_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per event, the largest net effect first: net effect = margin over standard cost - its cost.

    Effects over the view, of the units before overrides and levers; NaN for events that do not count.
    """
    effects = event_effects(plan.inputs, plan.levers, _before(plan, "Events"))
    counted = {id(effect.event): effect for effect in effects}
    rows = []
    for event in (one for one in plan.inputs.demand.events if (one.products & view.products).any()):
        effect = counted.get(id(event))
        parts = (effect.units, effect.revenue, effect.margin) if effect else ()
        units, revenue, margin = [float(view.cut(part).sum()) for part in parts] or [np.nan] * 3
        cost = event.cost if event.first >= 0 else 0.0
        rows.append(
            {
                "event": event.event,
                "months": _event_months(plan, event),
                "lift": _lift_words(event),
                "price %": event.price_change_pct or np.nan,
                "units": units,
                "revenue": revenue,
                "cost": cost,
                "net effect": margin - cost,
                "owner": event.owner,
                "status": event.status if event.counts else f"{event.status}, not in the plan",
            }
        )
    columns = [
        "event",
        "months",
        "lift",
        "price %",
        "units",
        "revenue",
        "cost",
        "net effect",
        "owner",
        "status",
    ]
    return _largest_first(pd.DataFrame(rows, columns=columns), "net effect", "event")


def elasticity_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per family sold in the view: its elasticity as estimated, and what a price RISE % higher would
    do to its units and revenue over the view, alone; the most revenue first.
    """
    inputs, rows = plan.inputs, []
    revenue = worth(plan.demand.consensus, plan.finance.price)
    for known in inputs.demand.family_elasticities:
        family = view.narrowed(inputs.products.family == known.family, known.family)
        units, money = (float(family.cut(cells).sum()) for cells in (plan.demand.consensus, revenue))
        response = float(price_response(RISE / 100, np.array([known.elasticity]))[0])
        if units > 0:
            rows.append(
                {
                    "family": known.family,
                    "elasticity": f"{known.elasticity:.2f}" if np.isfinite(known.elasticity) else "-",
                    "± standard error": f"{known.error:.2f}" if np.isfinite(known.error) else "-",
                    "observations": known.observations,
                    "source": SOURCES.get(known.source, known.source),
                    f"+{RISE} %: units": units * (response - 1),
                    f"+{RISE} %: revenue": money * (response * (1 + RISE / 100) - 1),
                    "revenue": money,
                }
            )
    named = ["family", "elasticity", "± standard error", "observations", "source"]
    columns = [*named, f"+{RISE} %: units", f"+{RISE} %: revenue", "revenue"]
    return _largest_first(pd.DataFrame(rows, columns=columns), "revenue", "family")


def ramp_figure(plan: Plan, view: View, style: Style, title: str, height: int = 340) -> FigureDict:
    """Units by month of every launch of the plan."""
    days = look.plan_days(plan.inputs.calendar, view.periods)
    curves = {effect.launch.project: _by_month(view, effect.units) for effect in launches_in(plan, view)}
    top = max((curve.max(initial=0.0) for curve in curves.values()), default=0.0) or 1.0
    colors = dict(zip(curves, style.categorical * len(curves), strict=False))
    traces = [look.line(name, days, curve, colors[name]) for name, curve in curves.items()]
    ends = [(name, float(curve[-1]), colors[name]) for name, curve in curves.items()]
    shapes, labels = look.zones(plan.inputs.calendar, style)
    return {
        "data": traces,
        "layout": look.layout(
            style,
            title,
            f"units a month, {view.words or 'whole company'}; before what they take from other products",
            height,
            xaxis=look.months_axis(style, plan.inputs.calendar, days),
            yaxis={"range": [0, 1.1 * top]},
            shapes=shapes,
            annotations=[*labels, *look.end_labels(ends, days[-1], 1.1 * top, gap=0.09)],
            margin={"r": 160},
        ),
    }


def ramp_frame(plan: Plan, view: View) -> pd.DataFrame:
    """The months of `ramp_figure`, one column per project."""
    labels = [plan.inputs.calendar.plan_labels[period] for period in view.periods]
    curves = {effect.launch.project: _by_month(view, effect.units) for effect in launches_in(plan, view)}
    return pd.DataFrame({"period": labels, **curves})


def elasticity_figure(plan: Plan, view: View, style: Style, title: str) -> FigureDict:
    """Estimates with their 95 % range, the most price-sensitive family at the top."""
    shown, every = set(elasticity_table(plan, view)["family"]), plan.inputs.demand.family_elasticities
    known = [one for one in every if np.isfinite(one.elasticity) and one.family in shown]
    known.sort(key=lambda one: -one.elasticity)
    colors = [style.plan if one.source == "own" else style.prior for one in known]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": look.values([one.elasticity for one in known], 2),
        "y": [one.family for one in known],
        "marker": {"color": colors, "size": 9},
        "error_x": {
            "type": "data",
            "array": look.values([Z95 * one.error for one in known], 2),
            "color": style.muted,
            "thickness": 1.2,
        },
        "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
    }
    subtitle = "% of units for 1 % of price; bars 95 % range, grey borrowed"
    return {
        "data": [trace],
        "layout": look.layout(
            style,
            title,
            subtitle,
            110 + 22 * max(len(known), 3),
            hovermode="closest",
            yaxis={"showgrid": True},
        ),
    }


_TERMS = ("like product", "scale %", "ramp months")
_WORTH = ("units", "takes units", "net revenue", "net margin")


def _launch_row(plan: Plan, view: View, effect: LaunchEffect) -> dict[str, object]:
    """Net: after what it takes from others, over the view's months and markets."""
    launch, finance = effect.launch, plan.finance
    revenue = _over(view, worth(effect.units, finance.price[launch.product]))
    cost = _over(view, worth(effect.units, finance.unit_cost[launch.product]))
    for victim, taken in effect.taken.items():
        revenue -= _over(view, worth(taken, finance.price[victim]))
        cost -= _over(view, worth(taken, finance.unit_cost[victim]))
    products = plan.inputs.products
    return {
        "project": launch.project,
        "product": products.labels[launch.product],
        "launch": _launch_month(plan, launch),
        "like product": products.labels[launch.like],
        "scale %": 100 * launch.scale,
        "ramp months": launch.ramp,
        "units": _over(view, effect.units),
        "takes units": sum(_over(view, taken) for taken in effect.taken.values()),
        "net revenue": revenue,
        "net margin": revenue - cost,
    }


def _launch_month(plan: Plan, launch: Launch) -> str:
    labels = plan.inputs.calendar.plan_labels
    return month(labels[launch.launch]) if launch.launch < len(labels) else "after the plan"


def _event_months(plan: Plan, event: Event) -> str:
    labels = plan.inputs.calendar.plan_labels
    return months([labels[max(event.first, 0)], labels[min(event.last, len(labels) - 1)]])


def _lift_words(event: Event) -> str:
    """What is stated of the lift, or that the price tells it."""
    stated = {
        f"{event.lift_pct:+g} %": event.lift_pct,
        f"{event.lift_units:+g} units a month": event.lift_units,
    }
    words = " and ".join(text for text, value in stated.items() if not np.isnan(value))
    return words or ("by elasticity" if event.price_change_pct else "not stated")


def _before(plan: Plan, name: str) -> np.ndarray:
    """(products, markets, periods) units before a step of the demand plan."""
    steps = list(plan.demand.steps)
    return sum(plan.demand.steps[step] for step in steps[: steps.index(name)])


def _by_month(view: View, units: np.ndarray) -> np.ndarray:
    """(markets, periods) -> (periods of the view,)."""
    return units[view.markets][:, view.periods].sum(axis=0)


def _over(view: View, cells: np.ndarray) -> float:
    """(markets, periods) -> the sum over the view."""
    return float(_by_month(view, cells).sum())


def _largest_first(table: pd.DataFrame, by: str, then: str) -> pd.DataFrame:
    order = table.assign(size=table[by].astype(float).abs())
    ranked = order.sort_values(["size", then], ascending=[False, True], ignore_index=True, na_position="last")
    return ranked.drop(columns="size")
