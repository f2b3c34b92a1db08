"""The slide of risks and opportunities: the ladder from the budget to the range in which the year may end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts import finance_ladder as ladder_words
from sop_engine.charts.numbers import short
from sop_engine.executive_sop.window import Window, span_of
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
    Baseline,
    Position,
    baselines,
    estimate_position,
)
from sop_engine.finance_review.ladder import Ladder, ladder
from sop_engine.finance_review.register import register
from sop_engine.records.risks import risk_items

TARGET = "target"


@dataclass(frozen=True, eq=False)
class Year:
    """The months of the fiscal year that the ladder counts, and what it is held against."""

    periods: np.ndarray
    budget: Baseline | None
    target: Baseline | None


def risks(material: Material) -> Slide | None:
    """The ladder of risks and opportunities of gross margin, and what it counts."""
    year = ladder_year(material)
    rows = out_of_plan(material, year)
    found = climbed(material, year, "gross_margin", rows)
    if np.isnan(found.estimate):
        return None
    names = [one.label if one else name for one, name in ((year.budget, "Budget"), (year.target, "Target"))]
    counted = rows[rows["counts"].astype(bool) & (rows["gross_margin"] != 0)]
    items = ladder_words.item_table(counted, "gross_margin", material.currency)
    kinds = (Kind.TEXT, Kind.TEXT, Kind.EXACT, Kind.CHANGE, Kind.CHANGE, Kind.TEXT, Kind.TEXT, Kind.TEXT)
    made_up = int(rows["sample"].astype(bool).sum())
    said = [
        f"P10 {short(found.p10)}, P90 {short(found.p90)} from {found.items} independent items of the "
        "register alone, on top of the plan; what demand and supply may do is drawn apart. Expected is "
        "probability x effect."
        if found.items
        else "",
        f"{made_up} items made up for the sample count in nothing." if made_up else "",
    ]
    shown = (
        (table(items, kinds, (3.4, 1.3, 1.2, 1.6, 1.6, 1, 1, 1.8), "Items that count"),) if len(items) else ()
    )
    return Slide(
        key="risks",
        title=ladder_words.ladder_words(found, material.currency, names[0]),
        subtitle=f"{material.in_currency('Gross margin')}; whole company, "
        f"{span_words(material, year.periods)}; "
        "the scale does not begin at zero",
        blocks=(
            _ladder_chart(found, names[0], material),
            *shown,
            Bullets(tuple(one for one in said if one), weight=0.25),
        ),
        source="Page Finance review, section Risks and opportunities.",
    )


def ladder_year(material: Material) -> Year:
    """The running fiscal year without elapsed months of which the budget says nothing."""
    plan, calendar = material.plan, material.plan.inputs.calendar
    planned = span_of(calendar, Window.FISCAL_YEAR).planned
    found = baselines(plan.inputs, plan.finance, plan.finance).values()
    whole = [one for one in found if one.kind == BUDGET and np.isin(planned, one.periods).all()]
    budget = next((one for one in whole if one.label != TARGET), None)
    target = next((one for one in whole if one.label == TARGET), None)
    year = year_of(material)
    return Year(year if budget is None else year[np.isin(year, budget.periods)], budget, target)


def out_of_plan(material: Material, year: Year) -> pd.DataFrame:
    """The register over the months to go."""
    plan, items = material.plan, risk_items(material.warehouse)
    to_go = year.periods[year.periods >= 0]
    return register(plan.inputs, plan.scenario, plan.portfolio, plan.demand, plan.finance, items, to_go)


def climbed(material: Material, year: Year, measure: str, rows: pd.DataFrame) -> Ladder:
    """The ladder of a measure; a target that says nothing of some months is none."""
    plan = material.plan
    estimate = estimate_position("Latest estimate", plan.inputs, plan.finance, year.periods)
    whole = year.target is not None and np.isin(year.periods, year.target.periods).all()
    return ladder(
        measure,
        _amount(estimate, measure),
        rows[rows[measure] != 0],
        budget=_amount(year.budget.position(year.periods), measure) if year.budget else np.nan,
        target=_amount(year.target.position(year.periods), measure) if whole else np.nan,
    )


def _ladder_chart(found: Ladder, budget: str, material: Material) -> Chart:
    """Levels, steps, and the range of all items with P10 to P90 inside it."""
    up = found.estimate + found.opportunities
    levels = [found.estimate, up, found.expected, found.low, found.high]
    levels += [found.budget] if np.isfinite(found.budget) else []
    floor = scale_floor(levels)
    rows = [(budget, 0.0, found.budget, Role.BUDGET)] if np.isfinite(found.budget) else []
    if rows:
        good = found.estimate >= found.budget
        rows.append(("Estimate less budget", found.budget, found.estimate, Role.GOOD if good else Role.BAD))
    rows += [
        ("Latest estimate", 0.0, found.estimate, Role.PLAN),
        ("Opportunities, expected", found.estimate, up, Role.GOOD),
        ("Risks, expected", up, found.expected, Role.BAD),
        ("Expected", 0.0, found.expected, Role.PLAN),
        (f"Low {short(found.low)} to high {short(found.high)}", found.low, found.high, Role.MUTED),
        (f"P10 {short(found.p10)} to P90 {short(found.p90)}", found.p10, found.p90, Role.SCENARIO),
    ]
    rows = [row for row in rows if row[1] != row[2]]  # steps that move nothing
    return Chart(
        title="",
        unit=material.currency or "money",
        categories=tuple(clean(name) for name, *_ in rows),
        series=floating(rows),
        shape=Shape.STACKED,
        alt=clean(ladder_words.ladder_words(found, material.currency, budget)),
        floor=floor,
        legend=False,
        weight=1.4,
    )


def _amount(position: Position, measure: str) -> float:
    """Money of the company, NaN where nothing is stated."""
    cells = getattr(position, measure)
    return np.nan if np.isnan(cells).all() else float(np.nansum(cells))
