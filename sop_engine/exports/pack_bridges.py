"""The slides of bridges: from the budget to the estimate, and from the last cycle's plan to the plan now."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import pandas as pd

from sop_engine.charts import pre_sop_changes as change_words
from sop_engine.charts.finance_bridge import bridge_words
from sop_engine.charts.finance_landing import REVENUE
from sop_engine.charts.numbers import month, months
from sop_engine.errors import PlanError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.exports.pack_content import (
    Bullets,
    Chart,
    Kind,
    Role,
    Shape,
    Slide,
    clean,
    floating,
    scale_floor,
    table,
)
from sop_engine.exports.pack_material import Material
from sop_engine.exports.pack_money import span_words, year_of
from sop_engine.finance_review.baselines import (
    BUDGET,
    ESTIMATE,
    baselines,
)
from sop_engine.finance_review.bridge import Bridge, margin_bridge, revenue_bridge
from sop_engine.pre_sop.changes import MEASURES, UNITS, ChangeBridge, change_bridge
from sop_engine.pre_sop.sides import Side, kept_side, side_of
from sop_engine.records.readers import kept_plans, last_estimate, snapshot_cells
from sop_engine.records.requests import requests_until

ROUNDING = 0.5  # half a unit of money


def bridge(material: Material) -> Slide | None:
    """From the budget to the latest estimate, of gross margin, and of revenue beside it."""
    found = bridges(material)
    if found is None:
        return None
    margin, revenue, span = found
    unit = material.currency or "money"
    words = bridge_words(margin, "gross margin", material.currency)
    rows = pd.DataFrame(
        {
            "step": [margin.start_label, *margin.total, margin.end_label],
            "gross margin": [margin.start, *margin.total.values(), margin.end],
            "revenue": [revenue.start, *revenue.total.values(), revenue.end],
        }
    )
    amounts = rows[["gross margin", "revenue"]]
    rows[amounts.columns] = amounts.where(amounts.abs() > ROUNDING, 0.0)
    moved = (amounts.abs() > ROUNDING).any(axis=1)
    return Slide(
        key="bridge",
        title=words,
        subtitle=f"Gross margin, {unit}; whole company, {span}; the scale does not begin at zero",
        blocks=(
            bridge_chart(margin.start_label, margin.start, margin.total, margin.end_label, unit, words),
            table(
                rows[moved],
                (Kind.TEXT, Kind.MONEY, Kind.MONEY),
                (2.2, 1.4, 1.4),
                "Steps of both bridges",
                weight=0.6,
            ),
        ),
        source="Page Finance review, section Bridge; volume weighed by value.",
        beside=True,
    )


def bridges(material: Material) -> tuple[Bridge, Bridge, str] | None:
    """(of gross margin, of revenue, months) from the first budget to the latest estimate over the months of
    the fiscal year that both know; None where there is no budget or no money."""
    plan = material.plan
    found = list(baselines(plan.inputs, plan.finance, plan.finance).values())
    start = next((one for one in found if one.kind == BUDGET), None)
    if start is None:
        return None
    end = next(one for one in found if one.kind == ESTIMATE)
    periods = np.intersect1d(np.intersect1d(year_of(material), start.periods), end.periods)
    ends = (start.position(periods), end.position(periods)) if periods.size else ()
    if not ends or any(np.isnan(one.margin).all() for one in ends):
        return None
    return margin_bridge(*ends), revenue_bridge(*ends), span_words(material, periods)


def bridge_chart(start: str, level: float, steps: dict[str, float], end: str, unit: str, alt: str) -> Chart:
    """A bridge as stacked columns: better up in green, worse down in red, levels at both ends."""
    moves = {name: amount for name, amount in steps.items() if abs(amount) > ROUNDING}
    levels = list(accumulate(moves.values(), initial=level))
    floor = scale_floor(levels)
    rows = [(start, 0.0, level, Role.BUDGET)]
    rows += [
        (name, before, after, Role.GOOD if after >= before else Role.BAD)
        for name, before, after in zip(moves, levels[:-1], levels[1:], strict=True)
    ]
    rows.append((end, 0.0, levels[-1], Role.PLAN))
    return Chart(
        title="",
        unit=unit,
        categories=tuple(clean(name) for name, *_ in rows),
        series=floating(rows),
        shape=Shape.STACKED,
        alt=clean(alt),
        floor=floor,
        legend=False,
        weight=1.4,
    )


def changed(material: Material) -> Slide | None:
    """The bridge from the last cycle's plan to the plan now."""
    found = change(material)
    if found is None or not found[0].periods.size:
        return None
    moved, limits = found
    inputs = material.plan.inputs
    unit = change_words.unit_of(moved, inputs) or "money"
    title = change_words.change_title(moved, inputs)
    told = change_words.change_words(moved, material.plan, inputs.products.family)
    span = months([inputs.calendar.plan_labels[at] for at in moved.periods])
    return Slide(
        key="changes",
        title=title,
        subtitle=f"{change_words.measure_words(moved).capitalize()}, {unit}; whole company, {span}; "
        "the scale does not begin at zero",
        blocks=(
            bridge_chart(moved.start_label, moved.start, moved.total, "Plan now", unit, title),
            Bullets(tuple(clean(one) for one in (told, *limits))),
        ),
        source="Page Pre-S&OP, section What changed.",
    )


def change(material: Material) -> tuple[ChangeBridge, tuple[str, ...]] | None:
    """The bridge since the plan agreed before this cycle, else since the plan that an earlier cycle kept
    last, and what it cannot tell; None where no such plan reaches into this one."""
    plan, warehouse = material.plan, material.warehouse
    before = _kept_before(material)
    if before is None:
        return None
    carriers = frozenset(requests_until(warehouse.read, material.cycle)["override_id"]) - {""}
    every = np.arange(plan.inputs.calendar.horizon)
    moved = change_bridge(before, side_of(plan, "Plan now", carriers), _measures(material)[-1], every)
    return moved, tuple(change_words.limit_words(moved, before, every, plan.inputs))


def _kept_before(material: Material) -> Side | None:
    agreed = last_estimate(material.warehouse, material.cycle)
    kept = kept_plans(material.warehouse)
    earlier = kept[kept["cycle"] < material.cycle]
    if agreed is None and earlier.empty:
        return None
    snapshot = str(earlier["snapshot_id"].iloc[0] if agreed is None else agreed["snapshot_id"])
    row = kept[kept["snapshot_id"] == snapshot].iloc[0]
    made = "Plan" if row["kind"] == "kept" else STAGE_WORDS.get(row["stage"], "Plan")
    name = row["name"] or f"{made} of {month(row['cycle'])}"
    try:
        return kept_side(material.plan.inputs, name, snapshot_cells(material.warehouse, snapshot))
    except PlanError:  # it reaches into none of today's months: nothing to compare
        return None


def _measures(material: Material) -> tuple[str, ...]:
    finance = material.plan.finance
    if np.isnan(finance.price).all():
        return (UNITS,)
    return (UNITS, REVENUE) if np.isnan(finance.unit_cost).all() else MEASURES
