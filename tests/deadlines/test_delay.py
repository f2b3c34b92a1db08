"""An option that is decided later acts later, and what it replaces stays until then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.deadlines.delay import acts, delayed
from sop_engine.errors import ScenarioError
from sop_engine.inputs import Inputs
from sop_engine.inputs.requests import Adopted
from sop_engine.scenario import Lever, Scenario, acting_periods
from tests.supply_review.companies import two_stores

INPUTS = two_stores()
LEADS = {"extra_shift": 2, "saturdays": 1}  # of the builders' settings
LEVERS = (
    Lever("demand", 10),
    Lever("demand", 10, first="2014-04", last="2014-05"),
    Lever("overtime", 20, target="Line", last="2014-03"),
    Lever("extra_shift", 1, target="Line"),
    Lever("saturdays", 1, target="Line", first="2014-03", last="2014-06"),
    Lever("supplier_lead_time", 30, target="Vendor"),
)


@pytest.mark.parametrize("lever", LEVERS)
@pytest.mark.parametrize("periods", range(7))
def test_a_lever_acts_in_what_is_left_of_its_own_months(lever: Lever, periods: int) -> None:
    calendar, lead = INPUTS.calendar, LEADS.get(lever.kind, 0)
    left = [
        label
        for at, label in enumerate(calendar.plan_labels)
        if at >= periods + max(calendar.frozen, lead)
        and (not lever.first or label >= lever.first)
        and (not lever.last or label <= lever.last)
    ]
    later = delayed(Scenario((lever,)), INPUTS, periods).levers
    found = [
        label
        for one in later
        for label, does in zip(calendar.plan_labels, acting_periods(one, calendar, lead), strict=True)
        if does
    ]
    assert found == left
    assert acts(Scenario((lever,)), INPUTS, periods) == bool(left)


def test_no_delay_is_the_option_itself() -> None:
    assert delayed(Scenario(LEVERS), INPUTS, 0) == Scenario(LEVERS)


def adopting(*levers: Lever) -> Inputs:
    return replace(INPUTS, adopted=(Adopted("R1", "2014-01", "supply", "More", Scenario(levers).to_json()),))


def test_what_an_accepted_request_adopted_is_not_delayed() -> None:
    adopted = Lever("overtime", 20, target="Line")
    later = delayed(Scenario((Lever("demand", 10),)), adopting(adopted), 2)
    assert adopted in later.levers and Lever("demand", 10, first="2014-04") in later.levers


def test_what_an_option_replaces_stays_until_then() -> None:
    inputs = adopting(Lever("capacity", 10, target="Line"))
    later = delayed(Scenario((Lever("capacity", 20, target="Line"),)), inputs, 2)
    factor = np.ones(inputs.calendar.periods)
    for lever in later.levers:
        factor[acting_periods(lever, inputs.calendar)] *= 1 + lever.value / 100
    np.testing.assert_allclose(factor[:5], [1.0, 1.1, 1.1, 1.2, 1.2])


def test_levers_that_come_to_overlap_both_act() -> None:
    two = Scenario((Lever("capacity", 10), Lever("capacity", 5, first="2014-03")), "Two steps")
    later = delayed(two, INPUTS, 3).levers
    acting = [acting_periods(lever, INPUTS.calendar).tolist() for lever in later]
    assert sorted(lever.value for lever in later) == [5, 10] and acting[0] == acting[1]


def test_levers_that_cannot_be_told_apart_any_more_are_refused() -> None:
    parts = (Lever("capacity", 10, last="2014-06"), Lever("capacity", 5, first="2014-03", last="2014-06"))
    with pytest.raises(ScenarioError, match="Two steps.*3 periods later"):
        delayed(Scenario(parts, "Two steps"), INPUTS, 3)


def test_a_phase_out_ends_no_sooner_than_the_later_frozen_zone() -> None:
    out = Scenario((Lever("phase_out", 2, target="A"),))
    assert delayed(out, INPUTS, 4).levers[0].value == 5
