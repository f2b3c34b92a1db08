from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_engine.finance_review.choice_costs import freight
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import TRANSFER
from sop_engine.plan import plan
from sop_engine.pre_sop.consistency import stock_balances
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import demand_of, small_company
from tests.supply_review.companies import plan_of, random_levers, two_stores, two_stores_model
from tests.supply_review.test_model import cold_objective, request_of
from tests.supply_review.test_supply import check_balances

PERIODS = 8
STORE, DEPOT, FAR = 0, 1, 2
DEPOT_SERVES_EAST = {"market": "East", "site": "Depot", "cost": 3.0}
FROM_ELSEWHERE = (
    {"market": "East", "site": "Depot", "cost": 2.0, "days": 35.0},
    {"market": "East", "site": "Plant", "cost": 4.0, "days": 0.0, "rank": 2},
    {"market": "North", "site": "Store", "cost": 1.0},
    {"market": "West", "site": "Store", "cost": 1.0},
    {"market": "South", "site": "Depot", "cost": 2.0},
)


def stocked(
    units: dict[str, float], arriving: dict[str, list[float]] | None = None, **changes: Any
) -> Inputs:
    """One product bought for nothing, 50 a month asked for in East; stock and open orders by site."""
    company = {
        "products": ("A",),
        "markets": {"East": {"priority": 1, "backlog": False}},
        "sites": {"Store": "warehouse", "Depot": "warehouse", "Far": "warehouse"},
        "resources": {},
        "edges": (),
        "bill": {},
        "lanes": {"East": ("Store", 0.0)},
        "lane_cost": {"East": 1.0},
        "other_lanes": (DEPOT_SERVES_EAST,),
        "demand": {("A", "East"): 50.0},
        "service_level": {},
        "min_cover": {},
        "error_sd": {},
        "price": {("A", "East"): 100.0},
        "unit_cost": {"A": 60.0},
        "on_hand": {("A", site): on_hand for site, on_hand in units.items()},
        "receipts": {("A", site): np.array(due) for site, due in (arriving or {}).items()},
    }
    return small_company(**{**company, **changes})


def each_month(*units: float) -> list[float]:
    """The last of the units in every month that follows."""
    return [*units, *[units[-1]] * (PERIODS - len(units))]


def test_the_second_site_serves_what_the_first_cannot_and_no_more() -> None:
    """30 of 50 in the first month and 40 of 50 in the third; everything else is at the store."""
    inputs = stocked({"Store": 30.0, "Depot": 200.0}, {"Store": each_month(0, 50, 40, 50)})
    plan = plan_of(inputs)
    expected = np.array([20.0, 0, 10, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(plan.by_other_lane[0, 0], expected, atol=1e-6)
    np.testing.assert_allclose(plan.shipped[0, DEPOT], expected, atol=1e-6)
    np.testing.assert_allclose(plan.shipped[0, STORE], 50.0 - expected, atol=1e-6)
    np.testing.assert_allclose(plan.stock[0, DEPOT], 200.0 - np.cumsum(expected), atol=1e-6)
    np.testing.assert_allclose(plan.on_time[0, 0], 50.0)
    assert plan.shortages == ()
    np.testing.assert_allclose(freight(inputs, plan), 50.0 * 1.0 + expected * (3.0 - 1.0))


def test_without_the_second_lane_the_same_is_lost() -> None:
    arriving = {"Store": each_month(0, 50, 40, 50)}
    plan = plan_of(stocked({"Store": 30.0, "Depot": 200.0}, arriving, other_lanes=()))
    assert plan.lost.sum() == pytest.approx(30.0)
    assert plan.by_other_lane.shape == (0, 1, PERIODS)


def test_a_longer_way_leaves_earlier_and_cannot_help_at_once() -> None:
    """40 days are a whole month more: the depot's units for the third month leave in the second."""
    slow = ({**DEPOT_SERVES_EAST, "days": 40.0},)
    inputs = stocked({"Store": 30.0, "Depot": 200.0}, {"Store": each_month(0, 50, 40, 50)}, other_lanes=slow)
    plan = plan_of(inputs)
    np.testing.assert_allclose(plan.shipped[0, DEPOT], [0, 10.0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(plan.by_other_lane[0, 0], [0, 0, 10.0, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(plan.lost[0, 0], [20.0, 0, 0, 0, 0, 0, 0, 0], atol=1e-6)


def test_a_faster_way_leaves_later_and_keeps_to_the_months_that_the_first_could_reach() -> None:
    """What the store ships arrives a month later; the depot's units leave in the month of delivery."""
    inputs = stocked(
        {"Store": 30.0, "Depot": 200.0},
        {"Store": each_month(0, 50)},
        lanes={"East": ("Store", 40.0)},
        other_lanes=({**DEPOT_SERVES_EAST, "days": 2.0},),
    )
    plan = plan_of(inputs)
    np.testing.assert_allclose(plan.shipped[0, DEPOT], [0, 20.0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(plan.by_other_lane[0, 0], [0, 20.0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(plan.lost[0, 0], [50.0, 0, 0, 0, 0, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("markets", [{"East": {"priority": 1, "backlog": True}}])
def test_in_time_from_the_second_rather_than_late_from_the_first(markets: dict[str, Any]) -> None:
    arriving = {"Store": each_month(0, 100, 50)}
    plan = plan_of(stocked({"Store": 10.0, "Depot": 100.0}, arriving, markets=markets))
    np.testing.assert_allclose(plan.on_time[0, 0], 50.0)
    np.testing.assert_allclose(plan.by_other_lane[0, 0], [40.0, 0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    alone = plan_of(stocked({"Store": 10.0, "Depot": 100.0}, arriving, markets=markets, other_lanes=()))
    assert alone.late.sum() == pytest.approx(40.0)


def test_a_late_delivery_by_the_second_is_better_than_none() -> None:
    """The depot has its units a month after they were due; the customer waits for them."""
    markets = {"East": {"priority": 1, "backlog": True}}
    arriving = {"Store": each_month(50), "Depot": each_month(0, 40, 0)}
    arriving["Store"][0] = 10.0
    inputs = stocked({"Depot": 0.0}, arriving, markets=markets)
    plan = plan_of(inputs)
    np.testing.assert_allclose(plan.late[0, 0], [0, 40.0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(plan.by_other_lane[0, 0], [0, 40.0, 0, 0, 0, 0, 0, 0], atol=1e-6)


def test_further_lanes_serve_by_their_rank() -> None:
    lanes = (DEPOT_SERVES_EAST, {"market": "East", "site": "Far", "cost": 0.0, "rank": 2})
    inputs = stocked(
        {"Store": 30.0, "Depot": 15.0, "Far": 100.0}, {"Store": each_month(0, 50)}, other_lanes=lanes
    )
    plan = plan_of(inputs)
    np.testing.assert_allclose(plan.by_other_lane[:, 0, 0], [15.0, 5.0], atol=1e-6)
    assert freight(inputs, plan)[0] == pytest.approx(30 * 1.0 + 15 * 3.0 + 5 * 0.0)


def two_customers(**changes: Any) -> Inputs:
    """East, of the better priority, and West both take 50 a month; the store has 50 in the first month."""
    both = {
        "markets": {
            "East": {"priority": 1, "backlog": False},
            "West": {"priority": 2, "backlog": True},
        },
        "lanes": {"East": ("Store", 0.0), "West": ("Store", 0.0)},
        "demand": {("A", "East"): 50.0, ("A", "West"): 50.0},
        "price": {("A", "East"): 100.0, ("A", "West"): 100.0},
    }
    return stocked({"Store": 50.0, "Depot": 60.0}, {"Store": each_month(0, 100)}, **{**both, **changes})


def test_the_better_customer_has_the_first_claim_on_the_first_lane() -> None:
    lanes = (DEPOT_SERVES_EAST, {"market": "West", "site": "Depot"})
    plan = plan_of(two_customers(other_lanes=lanes))
    np.testing.assert_allclose(plan.by_other_lane[:, 0, 0], [0.0, 50.0], atol=1e-6)
    assert plan.shortages == ()


def test_a_customer_with_another_lane_leaves_the_first_to_one_without() -> None:
    plan = plan_of(two_customers())
    np.testing.assert_allclose(plan.by_other_lane[0, 0], [50.0, 0, 0, 0, 0, 0, 0, 0], atol=1e-6)
    assert plan.shortages == ()


def test_a_lane_to_customers_is_no_way_to_the_other_site() -> None:
    """The store wants 500 units as safety stock and its lane sells 50 a month: the depot's stay where they
    are, but for those that customers get.
    """
    wanted = stocked({"Store": 30.0, "Depot": 1000.0}, {"Store": each_month(0, 50)})
    stated = wanted.network.safety_stock.copy()
    stated[0, STORE] = 500.0
    inputs = replace(wanted, network=replace(wanted.network, safety_stock=stated))
    plan = plan_of(inputs)
    assert (plan.shipped >= -1e-6).all()
    assert (plan.by_other_lane[0, 0] <= plan.delivered[0, 0] + 1e-6).all()
    arrived = np.cumsum(inputs.network.receipts[0, STORE])
    assert (plan.stock[0, STORE] <= 30.0 + arrived + 1e-6).all()


def test_a_shortage_names_the_lanes_and_what_stands_behind_the_first_that_has_a_source() -> None:
    plan = plan_of(stocked({"Store": 30.0, "Depot": 15.0}, {"Store": each_month(0, 50)}))
    (found,) = plan.shortages
    assert (found.sites, found.units, found.reason) == ((STORE, DEPOT), pytest.approx(5.0), "material")
    assert found.sentence == (
        "5 A due 2014-01 from Store and Depot are not delivered: stock and open orders of A are used up and "
        "nothing supplies it, and Depot has none to spare in time."
    )
    nothing = plan_of(stocked({"Depot": 15.0}))
    assert {short.reason for short in nothing.shortages} == {"material"}  # the depot's, as the store has none


@cache
def lanes_model() -> SupplyModel:
    return compile_model(two_stores(other_lanes=FROM_ELSEWHERE))


def check_lanes(inputs: Inputs, plan: SupplyPlan) -> None:
    """Each site ships what its lanes deliver, and a lane no more than its market gets."""
    lanes = inputs.network.other_lanes
    assert plan.shipped.min() >= -1e-5 and plan.by_other_lane.min() >= 0
    for market in range(len(inputs.markets)):
        by_others = plan.by_other_lane[lanes.market == market].sum(axis=0)
        assert (by_others <= plan.delivered[:, market] + 1e-5).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_everything_balances_with_several_lanes(seed: int) -> None:
    model, levers = lanes_model(), random_levers(np.random.default_rng(seed))
    demand = demand_of(model.inputs, Scenario(levers))
    plan = plan_supply(model.inputs, Scenario(levers), demand, model)
    assert plan.verified
    check_balances(model.inputs, plan, demand.unconstrained)
    check_lanes(model.inputs, plan)


def test_more_lanes_serve_more_and_the_proof_ties() -> None:
    with_lanes = plan(lanes_model().inputs, BASELINE, lanes_model())
    alone = plan_of(two_stores(), model=two_stores_model())
    assert with_lanes.supply.delivered.sum() > alone.delivered.sum() + 50.0
    assert with_lanes.supply.lost.sum() < alone.lost.sum()
    assert with_lanes.supply.objective < alone.objective
    assert stock_balances(with_lanes).passed
    moved = with_lanes.inputs.network.edges.mode == TRANSFER
    network, supply = with_lanes.inputs.network, with_lanes.supply
    twin = (supply.flow[moved] * network.edges.unit_cost[moved, None]).sum(axis=0)
    for lane, (market, cost) in enumerate(zip(network.other_lanes.market, network.other_lanes.cost)):
        assert network.lane_cost[market] == 0.0
        twin += supply.by_other_lane[lane].sum(axis=0) * cost
    np.testing.assert_allclose(with_lanes.finance.choice_costs["freight"], twin)


def test_solving_in_place_equals_solving_cold_and_from_scratch_with_several_lanes() -> None:
    model, random = lanes_model(), np.random.default_rng(1)
    for _ in range(20):
        request = request_of(model, *random_levers(random))
        solution = model.solve(request)
        assert solution.verified
        assert solution.objective == pytest.approx(cold_objective(model, request), rel=1e-6)
    levers = Lever("demand", 8, target="A"), Lever("supplier_lead_time", 20, target="Vendor")
    first = plan_of(model.inputs, *levers, model=model)
    second = plan_of(model.inputs, *levers, model=compile_model(model.inputs))
    for field in fields(SupplyPlan):
        if isinstance(value := getattr(first, field.name), np.ndarray):
            np.testing.assert_array_equal(value, getattr(second, field.name), err_msg=field.name)


def test_another_lane_costs_less_than_any_customer_s_wait_of_a_period() -> None:
    model = lanes_model()
    structure, penalties = model.structure, model.penalties
    node = structure.nodes.product[structure.queues.node]
    for other, queue in enumerate(structure.others.queue):
        waits = penalties.unmet[node == node[queue]]
        assert 0 < penalties.other_lane[other].max() < waits.min()


@pytest.mark.parametrize("frozen", [1, 2])
def test_frozen_periods_do_not_move_with_several_lanes(frozen: int) -> None:
    inputs = two_stores(settings={"frozen_periods": frozen}, other_lanes=FROM_ELSEWHERE)
    model, random = compile_model(inputs), np.random.default_rng(5)
    baseline = plan_of(inputs, model=model)
    for _ in range(12):
        found = plan_of(inputs, *random_levers(random), model=model)
        np.testing.assert_allclose(found.flow[:, :frozen], baseline.flow[:, :frozen], atol=1e-6)


def test_a_company_of_single_lanes_has_no_row_or_column_more() -> None:
    layout = two_stores_model().layout
    assert layout.other.size == layout.lane.size == 0
    assert plan_of(two_stores_model().inputs, model=two_stores_model()).by_other_lane.size == 0


def test_a_plan_exists_with_a_fast_second_lane_when_capacity_goes() -> None:
    lanes = ({"market": "South", "site": "Depot", "days": 0.0},)  # the first takes 40 days
    inputs = two_stores(other_lanes=lanes, settings={"frozen_periods": 2})
    model = compile_model(inputs)
    assert plan_of(
        inputs, Lever("capacity", -30, target="Line"), Lever("line_down", 8, target="Line"), model=model
    ).verified
    assert plan_of(inputs, model=model) is plan_supply(inputs, BASELINE, demand_of(inputs), model)
