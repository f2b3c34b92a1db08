"""Each remedy promises what solving again gives; what cannot help says why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.inputs.network import SUBCONTRACT
from sop_engine.plan import plan
from sop_engine.remedies.causes import RootCause, root_causes
from sop_engine.remedies.remedy import Remedy, ideas, ranked, tried
from sop_engine.scenario import LeverKind, Scenario
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.shortage import Shortage
from tests.remedies.companies import (
    BUY_F,
    MAKE_A,
    MOVE_A,
    Company,
    company,
    line,
    profit,
    under_strain,
    with_families,
)

FULL = company(resources=line(70.0, overtime=0.1))


def solved(one: Company, reason: str, scenario: Scenario | None = None) -> dict[str, Remedy]:
    """Ranked remedies of the cause of this kind, by name."""
    before = one.solve(scenario or Scenario())
    cause = of_kind(one, reason)
    return {
        r.idea.name: r
        for r in ranked(tried(before, cause, i, one.solve, one.periods) for i in ideas(before, cause))
    }


def due(shortage: Shortage, cause: RootCause) -> bool:
    """Whether a shortage is of the cause's products and due in the six reported periods."""
    return shortage.product in cause.products and shortage.period < 6


def of_kind(one: Company, reason: str) -> RootCause:
    return next(cause for cause in root_causes(one.solve(), one.periods) if cause.reason == reason)


@pytest.mark.parametrize("one", [FULL, under_strain()], ids=["line", "two stores"])
def test_each_remedy_promises_what_solving_again_gives(one: Company) -> None:
    before, periods = one.solve(), one.periods
    tested = 0
    for cause in root_causes(before, periods):
        for idea in ideas(before, cause):
            remedy = tried(before, cause, idea, one.solve, periods)
            if idea.lever is None:
                assert remedy.change is None and remedy.reason
                continue
            after = plan(one.inputs, Scenario((idea.lever,)), one.model)
            change = remedy.change
            assert change.gain == pytest.approx(profit(after, periods) - profit(before, periods), abs=1e-6)
            revenue = (after.finance.revenue - before.finance.revenue)[:, :, periods].sum()
            assert change.revenue == pytest.approx(revenue, abs=1e-6)
            on_time = (after.supply.on_time - before.supply.on_time)[:, :, periods].sum()
            assert change.units == pytest.approx(on_time, abs=1e-6)
            cash = (after.finance.cash_effect - before.finance.cash_effect)[periods].sum()
            assert change.cash == pytest.approx(cash, abs=1e-6)
            left = sum(shortage.units for shortage in after.supply.shortages if due(shortage, cause))
            was = sum(shortage.units for shortage in before.supply.shortages if due(shortage, cause))
            assert (remedy.short, remedy.removed) == pytest.approx((was, was - left), abs=1e-3)
            tested += 1
    assert tested >= 4


def test_hours_help_where_hours_are_full_and_the_best_comes_first() -> None:
    found = solved(FULL, "capacity")
    helping = [one for one in found.values() if not one.reason]
    assert {"Overtime", "Saturdays", "Extra shift"} <= {one.idea.name for one in helping}
    for cures in (True, False):
        gains = [one.change.gain for one in helping if one.cures is cures]
        assert gains == sorted(gains, reverse=True)
    assert [one.cures for one in helping] == sorted((one.cures for one in helping), reverse=True)
    assert list(found.values())[: len(helping)] == helping
    assert found["Overtime"].idea.lever.value == 20 and found["Overtime"].earliest == "2014-02"
    assert found["Extra shift"].earliest == "2014-03"
    assert found["Saturdays"].change.cost > 0


def test_what_earns_but_serves_fewer_cures_nothing_and_ranks_behind_what_does() -> None:
    cure = solved(FULL, "capacity")["Overtime"]
    rich = replace(cure, change=replace(cure.change, margin=9e9, units=-20.0))
    elsewhere = replace(cure, change=replace(cure.change, margin=8e9), removed=0.0)
    assert cure.cures and cure.removed > 0
    assert rich.serves_fewer and not rich.cures and not elsewhere.cures
    assert ranked((elsewhere, rich, cure)) == (cure, rich, elsewhere)


def test_what_a_shift_costs_is_paid_from_its_gain() -> None:
    shift = solved(FULL, "capacity")["Extra shift"].change
    assert shift.gain == pytest.approx(shift.margin - shift.cost) and shift.cost > 1000


def test_a_limit_is_helped_by_the_limit_and_hours_say_that_they_are_not_it() -> None:
    limited = company(edges=(MAKE_A, {**BUY_F, "limit": 60.0}, MOVE_A))
    found = solved(limited, "limit")
    assert next(iter(found)) == "Supplier limit" and found["Supplier limit"].change.units > 0
    assert found["Overtime, Saturdays, extra shift"].reason == (
        "hours are not the limit: the limit of Vendor is"
    )
    assert found["Expedite"].reason == "solved again, it changes nothing"
    assert "not known" in found["Supplier limit"].idea.note


def test_a_lead_time_is_helped_by_less_of_it_but_not_in_the_frozen_zone() -> None:
    parts = {"edges": (MAKE_A, {**BUY_F, "lead_days": 93.0}, MOVE_A)}
    open_ = solved(company(**parts, settings={"frozen_periods": 0}), "lead time")
    assert not open_["Expedite"].reason and open_["Expedite"].change.units > 0
    assert open_["Supplier limit"].reason.startswith("its limit is not used up")


def test_overtime_that_is_not_used_up_is_not_the_limit() -> None:
    before = FULL.solve()
    idle = replace(before, supply=replace(before.supply, overtime=np.zeros(before.supply.overtime.shape)))
    overtime = next(idea for idea in ideas(idle, of_kind(FULL, "capacity")) if idea.name == "Overtime")
    assert overtime.lever is None and overtime.reason.startswith("overtime is not the limit: 0 of ")


def test_pre_build_says_whether_it_is_possible() -> None:
    always = solved(FULL, "capacity")["Pre-build"].reason
    assert always.startswith("impossible: nothing that is decided from 2014-02")
    peak = company(
        resources=line(70.0),
        demand={("A", "East"): np.array([0.0, 0, 0, 0, 0, 500, 0, 0])},
    )
    found = solved(peak, "capacity")
    assert found["Pre-build"].reason == (
        "in the plan already: 350 units above target stand ready by the end of 2014-05; "
        "Line is full in 2014-02 to 2014-05 as well"
    )
    assert (found["Overtime"].idea.lever.first, found["Saturdays"].idea.lever.first) == ("2014-02", "2014-06")


def test_what_comes_after_the_months_that_are_short_is_not_offered() -> None:
    first = company(resources=line(np.array([50.0, *[200.0] * 7])))
    found = solved(first, "capacity")
    assert found["Saturdays"].reason == ("it can act from 2014-02 only, after the months that are short")
    assert "from 2014-03 only" in found["Extra shift"].reason
    assert found["Price, demand shaping"].reason == "all of it is due in the frozen zone"


def test_a_subcontractor_whose_limit_is_used_up_is_tried() -> None:
    helper = {
        "product": "A",
        "site": "Plant",
        "mode": SUBCONTRACT,
        "source": "Vendor",
        "limit": 10.0,
        "unit_cost": 30.0,
        "priority": 2.0,
    }
    found = solved(company(resources=line(70.0), edges=(MAKE_A, BUY_F, MOVE_A, helper)), "capacity")
    outside = found["Subcontract at Vendor"]
    assert outside.idea.lever.kind is LeverKind.SUBCONTRACT and outside.idea.lever.value == 50
    assert outside.change.units > 0


def test_price_and_demand_of_the_family_that_earns_least_are_tried() -> None:
    inputs = with_families(FULL.inputs, "Bikes", "Caps", "Frames")
    silent = Company(inputs, compile_model(inputs))
    found = solved(silent, "capacity")
    assert found["Price of Bikes up"].reason.startswith("its elasticity is not known")
    assert found["Shape demand of Bikes"].idea.lever.value == -10
    known = replace(inputs, demand=replace(inputs.demand, elasticity=np.array([-1.5, np.nan, np.nan])))
    priced = solved(Company(known, compile_model(known)), "capacity")["Price of Bikes up"]
    assert priced.change.revenue > 0 and priced.idea.note == "at an elasticity of -1.50"


def test_what_is_in_the_scenario_already_is_not_offered_again() -> None:
    few = company(resources=line(50.0))
    before = few.solve()
    cause = root_causes(before, few.periods)[0]
    days = next(idea.lever for idea in ideas(before, cause) if idea.name == "Saturdays")
    moved = few.solve(Scenario((days,)))
    again = {idea.name: idea for idea in ideas(moved, root_causes(moved, few.periods)[0])}
    assert again["Saturdays"].lever is None
    assert again["Saturdays"].reason == "it is in the scenario already"
