"""Chase, level and hybrid on companies whose plans are worked out by hand, and what holds of every pace."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.pace import FREE, Pace
from sop_engine.supply_review.rates import find_rates
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import day_calendar, demand_of, small_company
from tests.supply_review.companies import random_levers, two_stores_model
from tests.supply_review.test_supply import check_balances

CHASE, LEVEL = Pace(ahead=False), Pace(change=0.0)
PACES = (CHASE, LEVEL, Pace(change=0.05), Pace(change=0.3))
LOW_THEN_HIGH = np.repeat([60.0, 140.0], 3)
CLIMB = [60, 70, 90, 110, 130, 140]


def maker(hours: Any = 200.0, **changes: Any) -> Inputs:
    """A is made of nothing at an hour each on days alike, and sold where it is made: 60 a day, then 140."""
    parts: dict[str, Any] = {
        "calendar": day_calendar("2014-01-01", 6),
        "edges": (
            {"product": "A", "site": "Plant", "mode": MAKE, "hours": {"Line": 1.0}, "unit_cost": 20.0},
        ),
        "bill": {},
        "resources": {
            "Line": {"site": "Plant", "hours": hours, "overtime": 0.0, "cost": 20.0, "overtime_cost": 30.0}
        },
        "markets": {"East": {"priority": 1, "backlog": False}},
        "lanes": {"East": ("Plant", 0.0)},
        "demand": {("A", "East"): LOW_THEN_HIGH},
        "price": {("A", "East"): 100.0},
        "on_hand": {},
        "service_level": {},
        "min_cover": {},
    }
    return small_company(**{**parts, **changes})


def paced(inputs: Inputs, pace: Pace, *levers: Lever, model: SupplyModel | None = None) -> SupplyPlan:
    scenario = Scenario(levers) if levers else BASELINE
    return plan_supply(inputs, scenario, demand_of(inputs, scenario), model or compile_model(inputs), pace)


def stock(plan: SupplyPlan) -> np.ndarray:
    return plan.stock[0].sum(axis=0)


def test_level_makes_the_average_demand_and_stock_takes_up_the_rest() -> None:
    plan = paced(maker(), LEVEL)
    np.testing.assert_allclose(plan.load[0], 100.0)
    np.testing.assert_allclose(stock(plan), [40, 80, 120, 80, 40, 0], atol=1e-6)
    assert plan.lost.sum() == pytest.approx(0)


def test_a_level_rate_meets_the_steepest_of_the_sums_of_demand() -> None:
    """High first: 140 x 3 of 3 days are 140 a day, and what is made after that stays."""
    plan = paced(maker(demand={("A", "East"): LOW_THEN_HIGH[::-1]}), LEVEL)
    np.testing.assert_allclose(plan.load[0], 140.0)
    np.testing.assert_allclose(stock(plan), [0, 0, 0, 80, 160, 240], atol=1e-6)


def test_chase_makes_what_the_day_asks_for_and_loses_what_its_hours_cannot() -> None:
    np.testing.assert_allclose(paced(maker(), CHASE).load[0], LOW_THEN_HIGH)
    short = maker(hours=110.0)
    ahead, chase = paced(short, FREE), paced(short, CHASE)
    assert ahead.lost.sum() == pytest.approx(0)
    np.testing.assert_allclose(chase.load[0], [60, 60, 60, 110, 110, 110])
    np.testing.assert_allclose(chase.lost[0, 0], [0, 0, 0, 30, 30, 30], atol=1e-6)
    np.testing.assert_allclose(stock(chase), 0.0, atol=1e-6)


def test_what_waits_is_caught_up_under_chase() -> None:
    late = maker(hours=110.0, markets={"East": {"priority": 1, "backlog": True}})
    chase = paced(late, CHASE)
    np.testing.assert_allclose(chase.backlog[0, 0], [0, 0, 0, 30, 60, 90], atol=1e-6)
    assert stock(chase).max() == pytest.approx(0, abs=1e-6)


def test_chase_counts_stock_on_hand_and_the_target_it_is_to_reach() -> None:
    target = {"min_cover": {("A", "Plant"): 1.0}, "on_hand": {("A", "Plant"): 90.0}}
    chase = paced(maker(**target), CHASE)
    wanted = np.append(LOW_THEN_HIGH[1:], 100.0)  # cover by the day that follows, at the mean at the end
    np.testing.assert_allclose(stock(chase), wanted, atol=1e-6)
    np.testing.assert_allclose(chase.load[0], np.diff(LOW_THEN_HIGH.cumsum() + wanted, prepend=90.0))


def test_a_hybrid_climbs_by_its_step() -> None:
    """Steps of 20 hours, 10 % of 200: 50 units are built ahead for the days on which it still climbs."""
    plan = paced(maker(), Pace(change=0.1))
    np.testing.assert_allclose(plan.load[0], CLIMB, atol=1e-6)
    np.testing.assert_allclose(stock(plan), [0, 10, 40, 10, 0, 0], atol=1e-6)
    assert plan.lost.sum() == pytest.approx(0)


def test_a_day_that_is_shut_for_most_of_it_runs_in_proportion() -> None:
    plan = paced(maker(hours=np.array([200.0, 200, 20, 200, 200, 200])), LEVEL)
    rate = 600 / 5.1
    np.testing.assert_allclose(plan.load[0], rate * np.array([1, 1, 0.1, 1, 1, 1]))


def test_what_is_made_without_hours_has_a_level_rate_of_units() -> None:
    edges = ({"product": "A", "site": "Plant", "mode": MAKE, "unit_cost": 20.0},)
    inputs = maker(edges=edges)
    np.testing.assert_allclose(paced(inputs, LEVEL).flow[0], 100.0)
    np.testing.assert_allclose(paced(inputs, Pace(change=0.2)).flow[0], CLIMB, atol=1e-6)


def test_the_last_orders_that_cannot_arrive_are_not_held() -> None:
    edge = {"product": "A", "site": "Plant", "mode": MAKE, "hours": {"Line": 1.0}, "lead_days": 1.0}
    plan = paced(maker(edges=(edge,), on_hand={("A", "Plant"): 60.0}), LEVEL)
    np.testing.assert_allclose(plan.load[0], [*[540 / 5] * 5, 0])


def test_without_an_hour_there_is_a_plan_at_every_pace() -> None:
    for pace in PACES:
        plan = paced(maker(hours=0.0), pace)
        assert plan.verified and plan.lost.sum() == pytest.approx(600) and plan.load.sum() == 0


@cache
def objectives() -> dict[Pace, float]:
    model = two_stores_model()
    return {pace: paced(model.inputs, pace, model=model).objective for pace in (FREE, *PACES)}


def test_a_tighter_pace_never_pleases_the_model_more() -> None:
    found = objectives()
    order = [found[pace] for pace in (FREE, Pace(change=0.3), Pace(change=0.05), LEVEL)]
    assert sorted(order) == pytest.approx(order, rel=1e-9) and order[0] < order[-1]
    assert found[CHASE] >= found[FREE] * (1 - 1e-9)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), pace=st.sampled_from(PACES))
def test_whatever_the_levers_a_pace_balances_is_kept_and_pleases_no_more(seed: int, pace: Pace) -> None:
    model, levers = two_stores_model(), random_levers(np.random.default_rng(seed))
    inputs, scenario = model.inputs, Scenario(levers)
    demand = demand_of(inputs, scenario)
    free, plan = (plan_supply(inputs, scenario, demand, model, each) for each in (FREE, pace))
    check_balances(inputs, plan, demand.unconstrained)
    assert plan.verified and plan.objective >= free.objective - 1e-6 * abs(free.objective)
    np.testing.assert_allclose(plan.flow[:, 0], free.flow[:, 0], atol=1e-5)  # the frozen period
    if pace == CHASE:
        return
    rates = find_rates(inputs, model.request(scenario, demand), plan.need)
    steps = np.abs(np.diff(rates.run(plan.flow), axis=1))
    assert np.nanmax(steps) <= pace.change * rates.usual.max() + 1e-5


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), waits=st.booleans())
def test_nothing_is_made_ahead_of_what_is_needed_and_not_lost(seed: int, waits: bool) -> None:
    """Written a second time: the need of one product at one site is its demand beyond the stock on hand."""
    random = np.random.default_rng(seed)
    demand, hours = random.uniform(0, 100, 6).round(), random.uniform(20, 120, 6).round()
    opening = float(random.integers(0, 80))
    markets = {"East": {"priority": 1, "backlog": waits}}
    parts = {"demand": {("A", "East"): demand}, "on_hand": {("A", "Plant"): opening}, "markets": markets}
    plan = paced(maker(hours=hours, **parts), CHASE)
    needed = np.maximum(demand.cumsum() - opening, 0.0)
    lost = plan.lost[0, 0].cumsum()
    assert (plan.received[0].cumsum() <= np.maximum(needed - lost, 0.0) + 1e-5).all()
    left = np.maximum(opening - demand.cumsum(), 0.0)
    np.testing.assert_allclose(stock(plan), left, atol=1e-5)
