"""Goal seek against a dense scan, its bounds, what is flat, and what is out of reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine import goal_seek
from sop_engine.goal_seek import MOST_SOLVES, NEAR, Goal, Measure, measured, present, seek
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, LEVERS, Lever, LeverKind, Scenario
from sop_engine.supply_review.model import compile_model
from tests.builders import small_company

PERIODS = tuple(range(6))


def solver(**changes: object) -> tuple[Plan, Callable[[Scenario], Plan]]:
    """The baseline of a small company, and what solves a scenario on it."""
    inputs = small_company(**changes)
    model = compile_model(inputs)

    def solve(scenario: Scenario) -> Plan:
        return plan(inputs, scenario, model)

    return solve(BASELINE), solve


FREE, SOLVE_FREE = solver(
    resources={"Line": {"site": "Plant", "hours": 2000.0, "overtime": 0.1, "cost": 20.0}}
)
TIGHT, SOLVE_TIGHT = solver(
    resources={"Line": {"site": "Plant", "hours": 70.0, "overtime": 0.0, "cost": 20.0, "overtime_cost": 30.0}}
)


def goal(start: Plan, measure: Measure, more: float) -> Goal:
    """A target that lies a share above where the plan stands."""
    return Goal(measure, measured(start, measure, np.array(PERIODS)) * (1 + more), PERIODS)


def scan(solve: Callable[[Scenario], Plan], wanted: Goal, kind: LeverKind, step: float) -> np.ndarray:
    """(values, 2) lever value and measure, every `step` of the bounds."""
    spec, periods = LEVERS[kind], np.array(wanted.periods)
    values = np.arange(spec.low, spec.high + step / 2, step)
    return np.array(
        [(v, measured(solve(Scenario((Lever(kind, v),))), wanted.measure, periods)) for v in values]
    )


@pytest.mark.parametrize("more", [0.013, 0.05, 0.09])
def test_the_price_found_is_where_a_dense_scan_crosses_the_target(more: float) -> None:
    wanted = goal(FREE, Measure.GROSS_MARGIN, more)
    way = seek(FREE, wanted, present(FREE, LeverKind.PRICE), SOLVE_FREE)
    dense = scan(SOLVE_FREE, wanted, LeverKind.PRICE, 0.25)
    upward = dense[dense[:, 0] >= 0]
    first = upward[upward[:, 1] >= wanted.target * (1 - 1e-9), 0][0]
    assert way.reached and first - 0.25 - 1e-6 <= way.lever.value <= first + 0.5
    again = measured(SOLVE_FREE(Scenario((way.lever,))), wanted.measure, np.array(PERIODS))
    assert again == pytest.approx(way.value, abs=1e-6)
    assert again >= wanted.target - NEAR * (wanted.target - way.start)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([LeverKind.PRICE, LeverKind.DEMAND]), st.floats(0.002, 0.12))
def test_a_value_off_the_step_is_on_the_target_and_a_step_less_does_not_reach(
    kind: LeverKind, more: float
) -> None:
    wanted = goal(FREE, Measure.GROSS_MARGIN, more)
    way = seek(FREE, wanted, present(FREE, kind), SOLVE_FREE)
    tolerance = NEAR * (wanted.target - way.start)
    assert way.reached and len(way.path) - 1 <= MOST_SOLVES
    if way.lever.value % LEVERS[kind].step:
        assert way.value == pytest.approx(wanted.target, abs=tolerance)
    nearer = way.lever.value - LEVERS[kind].step
    assert (
        measured(SOLVE_FREE(Scenario((Lever(kind, nearer),))), wanted.measure, np.array(PERIODS))
        < wanted.target
    )


def test_where_the_goal_is_met_already_nothing_moves_and_nothing_is_solved() -> None:
    start = measured(FREE, Measure.REVENUE, np.array(PERIODS))
    for target in (start, 0.9 * start):
        way = seek(FREE, Goal(Measure.REVENUE, target, PERIODS), present(FREE, LeverKind.PRICE), SOLVE_FREE)
        assert way.reached and way.lever.is_neutral and len(way.path) == 1
        assert way.value == way.start == start and way.change.gain == 0 and way.stock == 0


def test_capacity_closes_a_gap_in_service_with_the_smallest_move() -> None:
    wanted = Goal(Measure.FILL_RATE, measured(TIGHT, Measure.FILL_RATE, np.array(PERIODS)) + 2, PERIODS)
    way = seek(TIGHT, wanted, present(TIGHT, LeverKind.CAPACITY, "Line"), SOLVE_TIGHT)
    assert way.reached and 0 < way.lever.value <= 30
    less = Lever(LeverKind.CAPACITY, way.lever.value - 1, "Line")
    assert measured(SOLVE_TIGHT(Scenario((less,))), wanted.measure, np.array(PERIODS)) < wanted.target


def test_a_flat_top_is_entered_at_its_edge() -> None:
    """Fill cannot rise above what full service gives, so every larger move reaches too."""
    most = Lever(LeverKind.CAPACITY, 30, "Line")
    top = measured(SOLVE_TIGHT(Scenario((most,))), Measure.FILL_RATE, np.array(PERIODS))
    way = seek(
        TIGHT, Goal(Measure.FILL_RATE, top, PERIODS), present(TIGHT, LeverKind.CAPACITY, "Line"), SOLVE_TIGHT
    )
    values = [
        measured(SOLVE_TIGHT(Scenario((Lever("capacity", v, "Line"),))), Measure.FILL_RATE, np.array(PERIODS))
        for v in range(0, 31)
    ]
    edge = next(v for v, got in enumerate(values) if got >= top - NEAR * (top - values[0]))
    assert way.reached and abs(way.lever.value - edge) <= 1


def test_out_of_reach_it_says_how_far_it_gets_and_what_binds() -> None:
    way = seek(
        TIGHT, goal(TIGHT, Measure.REVENUE, 3.0), present(TIGHT, LeverKind.CAPACITY, "Line"), SOLVE_TIGHT
    )
    assert not way.reached and way.start < way.value < way.goal.target
    assert way.value == max(value for _, value in way.path)
    assert any("Line is full" in words for words in way.binds)
    assert len(way.path) - 1 <= MOST_SOLVES


def test_an_overtime_limit_starts_where_the_master_data_has_it() -> None:
    lever = present(FREE, LeverKind.OVERTIME, "Line")
    assert lever.value == pytest.approx(10)
    moved = SOLVE_FREE(Scenario((Lever("overtime", 20, "Line"),)))
    assert present(moved, LeverKind.OVERTIME, "Line").value == 20


@settings(max_examples=25, deadline=None)
@given(st.floats(1, 12), st.sampled_from([-1, 1]), st.floats(0.3, 0.97))
def test_a_top_between_the_bounds_is_climbed(size: float, side: int, share: float) -> None:
    """A measure that falls on both sides of a top: no bound reaches the target, a value between does."""
    top = side * size
    height = lambda value: 100.0 - (value - top) ** 2  # noqa: E731
    target = height(0) + share * (100.0 - height(0))
    with patch.object(goal_seek, "measured", lambda plan, *_: height(moved(plan.scenario))):
        way = seek(
            FREE, Goal(Measure.REVENUE, target, PERIODS), present(FREE, LeverKind.PRICE), pretended, most=30
        )
    assert way.reached and way.value >= target - NEAR * (target - height(0)) - 1e-6


def moved(scenario: Scenario) -> float:
    return sum(lever.value for lever in scenario.levers)


def pretended(scenario: Scenario) -> Plan:
    """The baseline under another scenario's name, where a test measures the lever itself."""
    return replace(FREE, scenario=scenario)


def test_progress_counts_the_plans_solved() -> None:
    seen: list[int] = []
    way = seek(
        FREE, goal(FREE, Measure.REVENUE, 0.05), present(FREE, LeverKind.PRICE), SOLVE_FREE, seen.append
    )
    assert seen == list(range(1, len(way.path)))
