"""The worth of relief is the measured change of the valued plan, and holds as far as is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.plan import Plan, plan
from sop_engine.remedies import constraints
from sop_engine.remedies.change import Change
from sop_engine.remedies.constraints import (
    HOLDS,
    binding,
    hours_of,
    margin_per_use,
    relief_lever,
    relieve,
    stronger,
)
from sop_engine.scenario import Lever, Scenario
from tests.builders import small_company
from tests.remedies.companies import (
    BUY_F,
    MAKE_A,
    MOVE_A,
    OPENING,
    company,
    line,
    profit,
    under_strain,
    with_families,
)

OPEN = {"frozen_periods": 0, "horizon_periods": 8, "beyond_periods": 0}  # so nothing is made for later
SHORT = company(resources=line(90.0), settings=OPEN)


def test_the_planted_bottleneck_ranks_first() -> None:
    first = binding(SHORT.solve())[0]
    assert (first.kind, first.label, first.periods) == ("hours", "Line", tuple(range(8)))


def test_the_worth_of_relief_is_the_measured_change_of_the_valued_plan() -> None:
    for one in (SHORT, under_strain()):
        before = one.solve()
        for constraint in binding(before):
            for step in relieve(before, constraint, one.solve, one.periods).steps:
                after = plan(one.inputs, Scenario((step.lever,)), one.model)
                measured = profit(after, one.periods) - profit(before, one.periods)
                assert step.change.gain == pytest.approx(measured, abs=1e-6)
                margin = (after.finance.gross_margin - before.finance.gross_margin)[one.periods].sum()
                assert step.change.gross_margin == pytest.approx(margin, abs=1e-6)


def test_an_hour_is_worth_the_margin_of_a_unit_until_demand_is_met() -> None:
    """90 hours for 100 units at a margin of 100 - 60 and 1 of freight: 10 % is used, 20 % is not."""
    relief = relieve(SHORT.solve(), binding(SHORT.solve())[0], SHORT.solve, SHORT.periods)
    assert [step.size for step in relief.steps] == [1, 5, 10, 20]
    assert relief.steps[0].amount == pytest.approx(8 * 0.9)
    assert relief.worth == pytest.approx(39, abs=1.0)
    assert relief.holds == pytest.approx(8 * 9) and not relief.open_end
    last, before = relief.steps[-1], relief.steps[-2]
    each = (last.change.gain - before.change.gain) / (last.amount - before.amount)
    assert each < HOLDS * relief.worth
    assert relief.best.change.gain == max(step.change.gain for step in relief.steps)


@pytest.mark.parametrize(
    ("gains", "best", "holds"),
    [
        ((-5.0, 0.0, 40.0, 30.0), 10, 0),  # nothing at first, and less again in the end
        ((1.0, 5.0, 7.0, -3.0), 10, 5),
        ((1.0, 5.0, 10.0, 20.0), 20, 20),
        ((-1.0, -2.0, -3.0, -4.0), 1, 0),
    ],
)
def test_every_step_is_solved_and_the_best_one_found_wherever_it_stands(
    gains: tuple[float, ...], best: float, holds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = SHORT.solve()
    gain_of = dict(zip((1.0, 5.0, 10.0, 20.0), gains, strict=True))

    def change(_: Plan, after: Scenario, periods: np.ndarray) -> Change:
        (lever,) = after.levers
        return Change(0.0, gain_of[lever.value], 0.0, 0.0, 0.0, 0.0, 0.0)

    monkeypatch.setattr(constraints, "change_between", change)
    relief = relieve(before, binding(before)[0], lambda scenario: scenario, SHORT.periods)
    assert [step.change.gain for step in relief.steps] == list(gains)
    assert relief.best.size == best and relief.best.each == pytest.approx(gain_of[best] / relief.best.amount)
    assert relief.worth == pytest.approx(gains[0] / relief.steps[0].amount)
    assert relief.holds == pytest.approx(relief.steps[0].amount * holds)
    assert relief.open_end is (holds == 20)


def test_a_limited_vendor_is_relieved_by_its_limit() -> None:
    one = company(edges=(MAKE_A, {**BUY_F, "limit": 60.0}, MOVE_A), settings=OPEN)
    before = one.solve()
    first = binding(before)[0]
    relief = relieve(before, first, one.solve, one.periods)
    assert (first.kind, first.label) == ("limit", "Vendor")
    assert relief.steps[0].amount == pytest.approx(0.6 * 8)
    assert relief.worth == pytest.approx(39, abs=1.0) and relief.open_end


def test_what_binds_in_the_frozen_zone_only_cannot_be_relieved() -> None:
    plan = company(resources=line(90.0)).solve()
    constraint = replace(binding(plan)[0], periods=(0,))
    assert relief_lever(plan, constraint, 10.0) is None


def test_a_lever_goes_on_from_where_the_scenario_has_it() -> None:
    moved = Scenario((Lever("capacity", 20, "Line"),))
    assert stronger(moved, Lever("capacity", 0, "Line"), 5.0).value == pytest.approx(26)
    assert stronger(moved, Lever("capacity", 0, "Line"), 20.0) is None
    slow = Scenario((Lever("supplier_lead_time", 10, "Vendor"),))
    assert stronger(slow, Lever("supplier_lead_time", 0, "Vendor"), -5.0).value == 5


def test_margin_per_hour_counts_what_components_take() -> None:
    """F takes 0.25 hours, A 1 and one F, B 0.5 and two F."""
    parts = (
        {**MAKE_A},
        {**MAKE_A, "product": "B", "hours": {"Line": 0.5}},
        {**BUY_F, "hours": {"Line": 0.25}},
    )
    moves = (MOVE_A, {**MOVE_A, "product": "B"})
    inputs = with_families(small_company(edges=(*parts, *moves), settings=OPENING), "Bikes", "Caps", "Frames")
    solved = plan(inputs)
    found = margin_per_use(solved, hours_of(solved, 0), np.arange(3))
    units = {"Bikes": 100 * 3, "Caps": 80 * 3}
    assert {family: hours for family, (_, hours) in found.items()} == pytest.approx(
        {"Bikes": 1.25 * units["Bikes"], "Caps": 1.0 * units["Caps"]}
    )
    assert {family: each for family, (each, _) in found.items()} == pytest.approx(
        {"Bikes": (100 - 60) / 1.25, "Caps": (60 - 40) / 1.0}
    )
    assert list(found) == ["Bikes", "Caps"]
