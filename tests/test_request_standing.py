"""What came of a request adds up: accepted = achieved + later + missed, the causes to what is missed, and the
numbers of the sentence as they are read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.inputs.judgement import Override
from sop_engine.inputs.reader import with_override
from sop_engine.plan import Plan, plan
from sop_engine.refresh import refresh
from sop_engine.requests import Part, Standing, asked_cells, standing, unit_worth, units_for
from sop_engine.scenario import BASELINE
from sop_engine.supply_review.model import SupplyModel, compile_model, judged_since
from tests.tables import AT, loaded, small_tables

SPAN = date(2014, 2, 1), date(2014, 6, 1)
NUMBER = re.compile(r"(?<!\d)[+-][\d,]+")


@pytest.fixture(scope="module")
def company() -> tuple[Inputs, SupplyModel, Plan]:
    warehouse = loaded(small_tables())
    refresh(warehouse, who="test", at=AT)
    inputs = read_inputs(warehouse)
    model = compile_model(inputs)
    return inputs, model, plan(inputs, BASELINE, model)


def came_of(company: tuple, group: str, market: str, measure: str, amount: float) -> tuple[Standing, Plan]:
    inputs, model, before = company
    masks = inputs.products.group(group) & inputs.products.sellable, inputs.markets.group(market)
    empty = Override("", *masks, 1, 5, "add", 0.0, "asked", "Ann", cycle=inputs.cycle, created_at=AT)
    override = replace(empty, value=units_for(inputs, empty, measure, amount))
    judged = with_override(inputs, override)
    after = plan(judged, BASELINE, judged_since(model, judged))
    return standing(before, after, asked_cells(inputs, "", group, market, *SPAN), measure, amount), after


@pytest.mark.parametrize("measure", ["units", "revenue", "gross_margin"])
@pytest.mark.parametrize(
    ("group", "market"), [("Bikes", ""), ("Bikes", "West"), ("A", "East"), ("B", "West")]
)
def test_what_is_accepted_is_achieved_later_or_missed_for_causes(
    company: tuple, group: str, market: str, measure: str
) -> None:
    came, after = came_of(company, group, market, measure, 3000.0 if measure != "units" else 250.0)
    assert came.missed > 0 or market == "West"  # which waits until it is served
    assert came.achieved + came.later + came.missed == pytest.approx(came.accepted)
    assert sum(part.amount for part in came.binds) == pytest.approx(came.missed, abs=1.0)
    horizon = after.inputs.calendar.horizon
    worth = unit_worth(after.inputs, after.levers, measure)
    moved = ((after.finance.delivered - company[2].finance.delivered) * worth)[:, :, :horizon].sum()
    assert came.achieved + came.later + came.elsewhere == pytest.approx(moved, abs=1e-6)
    assert sum(part.amount for part in came.outside) == pytest.approx(came.elsewhere, abs=1.0)
    assert_reads_as_sums(came, measure)


def test_demand_that_displaces_others_says_who_stands_back(company: tuple) -> None:
    came, _ = came_of(company, "Bikes", "East", "units", 250.0)
    assert came.elsewhere < -1 and came.outside[0].words == "West (priority 2)"
    assert "Displaced elsewhere -" in came.words("units", "USD", 300.0)
    assert "Asked +300 units. Accepted +250 units = +" in came.words("units", "USD", 300.0)


def test_what_the_company_loses_by_more_is_said_first(company: tuple) -> None:
    came, after = came_of(company, "A", "East", "units", 250.0)
    horizon = after.inputs.calendar.horizon
    one, other = (np.nansum(each.finance.revenue[:, :, :horizon]) for each in (company[2], after))
    assert came.revenue == pytest.approx(other - one)
    dear, gain = replace(came, revenue=-4.6e6), replace(came, revenue=4.6e6)
    for measure in ("units", "revenue"):
        words = dear.words(measure, "USD", 300.0)
        assert words.startswith("Accepting this costs the company 4,600,000 USD of revenue. Asked ")
        assert "costs the company" not in gain.words(measure, "USD")
    assert "costs the company" not in dear.words("inventory", "USD")
    assert "costs the company" not in replace(dear, accepted=-250.0).words("units", "USD")


def test_a_negative_achievement_is_explained() -> None:
    inside = (Part(-70.0, "West (priority 2)"), Part(40.0, "East (priority 1)"))
    came = Standing(100.0, 100.0, -30.0, 0.0, 0.0, (Part(130.0, "Welding is full"),), inside)
    assert came.words("units", "") == (
        "Accepting this costs the company 30 units. "
        "Accepted +100 units = -30 achieved, +130 not served here: +130 Welding is full. What is delivered "
        "here: -70 West (priority 2); +40 East (priority 1)."
    )


def test_what_is_given_up_but_was_not_served_is_said(company: tuple) -> None:
    inputs, model, _ = company
    crowded, after = came_of(company, "Bikes", "", "units", 900.0)
    assert crowded.missed > 0
    masks = inputs.products.group("Bikes") & inputs.products.sellable, inputs.markets.group("")
    less = Override("", *masks, 1, 5, "add", -100.0, "asked", "Ann", cycle=inputs.cycle, created_at=AT)
    judged = with_override(after.inputs, less)
    fewer = plan(judged, BASELINE, judged_since(model, judged))
    came = standing(after, fewer, asked_cells(inputs, "", "Bikes", "", *SPAN), "units", -100.0)
    assert came.missed < 0 and "was not served before" in came.words("units", "")
    assert_reads_as_sums(came, "units")


amounts = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@settings(max_examples=100, deadline=None)
@given(st.floats(1.0, 1e6), amounts, amounts, amounts)
def test_the_sentence_adds_up_whatever_the_fractions(
    accepted: float, achieved: float, later: float, elsewhere: float
) -> None:
    found = Standing(accepted, accepted, achieved, later, elsewhere)
    parts = tuple(Part(found.missed * share, "a cause") for share in (0.55, 0.3, 0.15))
    assert_reads_as_sums(replace(found, binds=parts, outside=(Part(elsewhere, "West"),)), "units")


def assert_reads_as_sums(came: Standing, measure: str) -> None:
    """The numbers of the first sentence add up to what was accepted, those of the causes to the rest."""
    words = came.words(measure, "USD")
    first = words[words.index("Accepted ") :].split(". ")[0]
    lead, _, why = first.partition(": ")
    accepted, *parts = (float(number.replace(",", "")) for number in NUMBER.findall(lead))
    assert accepted == sum(parts)
    named = [float(number.replace(",", "")) for number in NUMBER.findall(re.sub(r"\([^)]*\)", "", why))]
    assert not named or sum(named) == parts[-1]
    assert not np.isnan(accepted)
