from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE, SUBCONTRACT, TRANSFER
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import demand_of, small_company
from tests.supply_review.companies import TWO_STORES, plan_of, random_levers, two_stores, two_stores_model

EMPTY: dict[str, Any] = {
    part: {}
    for part in (
        "markets",
        "lanes",
        "demand",
        "on_hand",
        "service_level",
        "min_cover",
        "price",
        "bill",
        "error_sd",
    )
} | {"products": (), "edges": (), "resources": {}, "sites": {}, "unit_cost": {}}


def check_balances(inputs: Inputs, plan: SupplyPlan, demand: np.ndarray) -> None:
    """Stock, hours and demand balance in every cell, written a second time in loops over edges and bills."""
    network, edges, periods = inputs.network, inputs.network.edges, inputs.calendar.periods
    moved = np.zeros(plan.stock.shape)
    for e in range(len(edges.labels)):
        p, s = edges.product[e], edges.site[e]
        for t in range(periods):
            moved[p, s, t] += plan.received[e, t]
            if edges.mode[e] == TRANSFER:
                moved[p, edges.source[e], t] -= plan.flow[e, t] / edges.yield_[e]
            if edges.mode[e] in (MAKE, SUBCONTRACT):
                for row in np.flatnonzero(network.bill.parent == p):
                    c = network.bill.component[row]
                    moved[c, s, t] -= plan.flow[e, t] * network.bill.quantity[row, t] / edges.yield_[e]
    stock = network.on_hand.copy()
    for t in range(periods):
        stock = stock + network.receipts[:, :, t] + moved[:, :, t] - plan.shipped[:, :, t]
        np.testing.assert_allclose(plan.stock[:, :, t], stock, atol=1e-4)
    opening = np.concatenate([network.on_hand[:, :, None], plan.stock[:, :, :-1]], axis=2)
    np.testing.assert_allclose(plan.stock, opening + plan.arrivals - plan.used - plan.shipped, atol=1e-4)
    assert plan.stock.min(initial=0) >= -1e-6
    check_hours(inputs, plan)
    check_demand(plan, demand)


def check_hours(inputs: Inputs, plan: SupplyPlan) -> None:
    edges, load = inputs.network.edges, np.zeros(plan.load.shape)
    for e, r, hours in zip(edges.hours_edge, edges.hours_resource, edges.hours_per_unit, strict=True):
        load[r] += plan.flow[e] * hours
    np.testing.assert_allclose(plan.load, load, atol=1e-6)
    assert (plan.load <= plan.available + plan.overtime + 1e-5).all()
    assert (plan.overtime <= plan.overtime_limit + 1e-6).all()
    assert plan.flow.min(initial=0) >= 0 and plan.hour_value.min(initial=0) >= 0


def check_demand(plan: SupplyPlan, demand: np.ndarray) -> None:
    """What is due is delivered on time, delivered late, lost, or still open."""
    due = np.cumsum(demand - plan.on_time - plan.lost, axis=2) - np.cumsum(plan.late, axis=2)
    np.testing.assert_allclose(plan.backlog, due, atol=1e-4)
    assert min(part.min(initial=0) for part in (plan.on_time, plan.late, plan.lost, plan.backlog)) >= -1e-9


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_everything_balances_whatever_the_levers(seed: int) -> None:
    model, levers = two_stores_model(), random_levers(np.random.default_rng(seed))
    demand = demand_of(model.inputs, Scenario(levers))
    plan = plan_supply(model.inputs, Scenario(levers), demand, model)
    assert plan.verified
    check_balances(model.inputs, plan, demand.unconstrained)
    ordered_freely = np.s_[:, 3:]  # what was ordered in the frozen zone keeps the limit of that time
    assert (plan.received <= model.request(Scenario(levers), demand).limit + 1e-6)[ordered_freely].all()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"resources": {"Line": {"site": "Plant", "hours": 0.0}}}, id="no hours"),
        pytest.param({"edges": TWO_STORES["edges"][4:]}, id="nothing makes or buys"),
        pytest.param({"on_hand": {}, "receipts": {}}, id="no stock"),
        pytest.param({"price": {}, "unit_cost": {}}, id="no money"),
        pytest.param({"lanes": {}}, id="no lanes"),
        pytest.param({"bill": {}}, id="no bills"),
        pytest.param({"resources": {"Line": {"site": "Plant", "hours": np.nan}}}, id="hours not known"),
        pytest.param({"demand": {}, "orders": ()}, id="no demand"),
    ],
)
def test_a_plan_always_exists_and_names_what_is_short(changes: dict[str, Any]) -> None:
    inputs = two_stores(**changes)
    demand = demand_of(inputs)
    plan = plan_supply(inputs, BASELINE, demand, compile_model(inputs))
    if not np.isnan(plan.available).any():
        check_hours(inputs, plan)
    check_demand(plan, demand.unconstrained)
    never = demand.unconstrained.sum() - plan.delivered.sum()
    assert sum(s.units for s in plan.shortages if s.kind == "lost") == pytest.approx(never, abs=1e-3)
    assert all(s.reason and s.sentence.endswith(".") for s in plan.shortages)


def test_receipts_stay_within_their_limits() -> None:
    inputs = two_stores()
    limit = np.where(np.isnan(inputs.network.edges.limit), np.inf, inputs.network.edges.limit)
    plan = plan_of(inputs)
    assert (plan.received <= limit + 1e-6).all()
    binding = plan.limit_value > 1e-6
    assert binding.any() and (plan.received[binding] > 0).all()


def test_nothing_at_all_can_be_planned() -> None:
    plan = plan_of(small_company(**EMPTY))
    assert plan.verified and plan.flow.shape == (0, 8) and plan.shortages == ()


def test_where_nothing_is_known_of_supply_it_meets_demand() -> None:
    inputs = small_company(edges=(), on_hand={})
    plan = plan_of(inputs)
    np.testing.assert_array_equal(plan.on_time, demand_of(inputs).unconstrained)
    assert plan.shortages == ()


def test_a_zero_scenario_is_the_baseline_itself() -> None:
    model = two_stores_model()
    baseline = plan_of(model.inputs, model=model)
    assert plan_of(model.inputs, Lever("price", 5), model=model) is baseline
    assert (
        plan_of(model.inputs, Lever("capacity", 10, target="Line", last="2014-01"), model=model) is baseline
    )


def test_a_plan_does_not_depend_on_what_was_asked_before() -> None:
    inputs = two_stores()
    used, fresh = compile_model(inputs), compile_model(inputs)
    random = np.random.default_rng(3)
    for _ in range(4):
        plan_of(inputs, *random_levers(random), model=used)
    levers = Lever("demand", 8, target="A"), Lever("supplier_lead_time", 20, target="Vendor")
    first, second = plan_of(inputs, *levers, model=used), plan_of(inputs, *levers, model=fresh)
    for field in fields(SupplyPlan):
        value = getattr(first, field.name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, getattr(second, field.name), err_msg=field.name)
    assert first.shortages == second.shortages


@pytest.mark.parametrize("frozen", [1, 2])
def test_frozen_periods_do_not_move(frozen: int) -> None:
    inputs = two_stores(settings={"frozen_periods": frozen})
    model, random = compile_model(inputs), np.random.default_rng(5)
    baseline = plan_of(inputs, model=model)
    for _ in range(12):
        plan = plan_of(inputs, *random_levers(random), model=model)
        np.testing.assert_allclose(plan.flow[:, :frozen], baseline.flow[:, :frozen], atol=1e-6)


def test_what_a_lever_does_not_touch_does_not_move() -> None:
    lone = {
        "product": "C",
        "site": "Store",
        "mode": "buy",
        "source": "Vendor",
        "unit_cost": 3.0,
        "lead_days": 20.0,
    }
    inputs = two_stores(
        products=("A", "B", "C", "F"),
        edges=(*TWO_STORES["edges"], lone),
        demand={**TWO_STORES["demand"], ("C", "East"): 33.0},
        service_level={("C", "Store"): 0.9},
    )
    model = compile_model(inputs)
    baseline, moved = (
        plan_of(inputs, model=model),
        plan_of(inputs, Lever("demand", 20, target="A"), model=model),
    )
    product = inputs.products.positions["C"]
    assert not np.allclose(moved.flow, baseline.flow)
    np.testing.assert_allclose(moved.flow[-1], baseline.flow[-1], atol=1e-6)
    np.testing.assert_allclose(moved.stock[product], baseline.stock[product], atol=1e-6)


def test_the_end_of_the_plan_holds_its_target_stock() -> None:
    plan = plan_of(small_company())
    assert (plan.stock[:, :, -1] >= plan.target[:, :, -1] - 1e-6).all()
    assert plan.target[:, :, -1].sum() > 0


def test_more_demand_lowers_service_only_with_a_named_cause() -> None:
    model = two_stores_model()
    before = plan_of(model.inputs, model=model)
    after = plan_of(model.inputs, Lever("demand", 25), model=model)
    worse = after.lost.sum(axis=1) > before.lost.sum(axis=1) + 1e-3
    named = {(s.product, s.period) for s in after.shortages if s.reason}
    assert worse.any() and {(int(p), int(t)) for p, t in zip(*np.nonzero(worse), strict=True)} <= named


def test_hours_that_levers_cannot_count_are_refused() -> None:
    inputs = two_stores(resources={"Line": {"site": "Plant", "hours": 200.0}})
    with pytest.raises(PlanError, match="stations"):
        plan_of(inputs, Lever("extra_shift", 1, target="Line"))
