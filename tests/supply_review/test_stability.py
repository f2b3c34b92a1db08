"""The plan published last is the anchor: production stays near it, and without one nothing changes."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_engine.inputs import Inputs
from sop_engine.inputs.anchor import Anchor
from sop_engine.inputs.network import MAKE, SUBCONTRACT
from sop_engine.policies import stability_cost
from sop_engine.scenario import Lever, Scenario
from sop_engine.supply_review.compiled import LiveModel
from sop_engine.supply_review.model import SupplyModel, compile_model, judged_since
from sop_engine.supply_review.stability import anchored_cells, moved_share, units_moved
from sop_engine.supply_review.supply import plan_supply
from tests.builders import demand_of
from tests.supply_review.companies import plan_of, random_levers, two_stores, two_stores_model
from tests.supply_review.test_supply import check_balances


def anchored(flow: np.ndarray, weight: float = 0.5, periods: int = 5, inputs: Inputs | None = None) -> Inputs:
    """The two stores with these flows as the plan published last."""
    inputs = inputs or two_stores()
    choices = {**inputs.settings, "stability_weight_pct": weight, "anchor_periods": periods}
    return replace(inputs, anchor=Anchor("V1", "Plan 2013-12", "2013-12", flow), settings=choices)


def before() -> np.ndarray:
    """Flows of a plan made on another forecast and fewer hours."""
    model = two_stores_model()
    levers = Lever("demand", -6, target="A"), Lever("demand", 9, target="B"), Lever("capacity", -20)
    return plan_of(model.inputs, *levers, model=model).flow.copy()


def penalty_twin(inputs: Inputs, model: SupplyModel, flow: np.ndarray) -> float:
    """Written a second time, cell by cell."""
    paid, made = 0.0, (MAKE, SUBCONTRACT)
    for e in range(len(flow)):
        for t in range(int(inputs.settings["anchor_periods"])):
            if inputs.network.edges.mode[e] in made and not np.isnan(inputs.anchor.flow[e, t]):
                paid += model.penalties.astray[e] * abs(flow[e, t] - inputs.anchor.flow[e, t])
    return paid


@pytest.mark.parametrize("off", [{"weight": 0.0}, {"periods": 0}])
def test_without_an_anchor_there_is_not_one_column_more(off: dict[str, float]) -> None:
    free = two_stores_model()
    for inputs in (two_stores(), anchored(before(), **off), anchored(np.full_like(before(), np.nan))):
        model = compile_model(inputs)
        assert (model.layout.columns, model.layout.rows) == (free.layout.columns, free.layout.rows)
        np.testing.assert_array_equal(model.baseline.x, free.baseline.x)
        assert stability_cost(inputs) is None and np.isnan(moved_share(inputs, before()))


def test_the_objective_pays_for_every_unit_that_leaves_the_anchor() -> None:
    inputs = anchored(before())
    model = compile_model(inputs)
    plan = plan_of(inputs, model=model)
    astray = columns(model)
    paid = model.baseline.x[astray] @ model._live.numbers.cost[astray]
    assert paid == pytest.approx(penalty_twin(inputs, model, plan.flow), abs=1e-3)
    assert paid == pytest.approx(model.penalties.astray @ units_moved(inputs, plan.flow), abs=1e-3)
    assert paid > 1


def columns(model: SupplyModel) -> np.ndarray:
    both = np.concatenate([model.layout.more.ravel(), model.layout.less.ravel()])
    return both[both >= 0]


def test_an_anchor_that_is_the_plan_itself_changes_nothing_and_costs_nothing() -> None:
    free = plan_of(two_stores(), model=two_stores_model())
    inputs = anchored(free.flow)
    held = plan_of(inputs)
    np.testing.assert_allclose(held.flow, free.flow, atol=1e-4)
    cost = stability_cost(inputs)
    assert cost is not None and cost.name == "Plan 2013-12" and cost.periods == 5
    assert (cost.moved, cost.moved_free, cost.objective) == pytest.approx((0, 0, 0), abs=1e-3)


def test_a_higher_weight_moves_less_and_never_costs_less() -> None:
    moved, costs = [], []
    for weight in (0.01, 0.5, 5.0):
        cost = stability_cost(anchored(before(), weight))
        assert cost is not None and cost.moved <= cost.moved_free + 1e-9 and cost.objective >= -1e-3
        moved.append(cost.moved)
        costs.append(cost.objective)
    assert moved[2] < moved[0] - 0.01
    assert sorted(moved, reverse=True) == pytest.approx(moved, abs=1e-6)
    assert sorted(costs) == pytest.approx(costs, abs=1e-3)


def test_what_starts_in_the_frozen_zone_is_what_was_published() -> None:
    flow = before()
    free = plan_of(two_stores(), model=two_stores_model())
    flow[0, 0] = free.flow[0, 0] - 3.0
    inputs = anchored(flow, weight=0.01)
    made = anchored_cells(inputs)[:, 0]
    assert np.abs(free.flow[made, 0] - flow[made, 0]).max() > 1
    model = compile_model(inputs)
    for levers in ((), (Lever("demand", 25),)):
        plan = plan_of(inputs, *levers, model=model)
        np.testing.assert_allclose(plan.flow[made, 0], flow[made, 0], atol=1e-4)


def test_a_frozen_zone_that_cannot_be_kept_is_planned_again() -> None:
    flow = before()
    flow[0, 0] = 1e5
    inputs = anchored(flow)
    demand = demand_of(inputs)
    plan = plan_supply(inputs, Scenario(), demand, compile_model(inputs))
    assert plan.verified and plan.flow[0, 0] < 1e4
    check_balances(inputs, plan, demand.unconstrained)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_near_an_anchor_everything_balances_and_in_place_equals_cold(seed: int) -> None:
    random = np.random.default_rng(seed)
    inputs, levers = anchored(before() * random.uniform(0.7, 1.3, before().shape)), random_levers(random)
    model, demand = compile_model(inputs), demand_of(inputs, Scenario(levers))
    plan = plan_supply(inputs, Scenario(levers), demand, model)
    check_balances(inputs, plan, demand.unconstrained)
    request = model.request(Scenario(levers), demand)
    cold = LiveModel(model.matrix(request), model.figures(request)).solve_cold()
    assert plan.verified and plan.objective == pytest.approx(cold.objective, rel=1e-6)


def test_a_plan_near_an_anchor_does_not_depend_on_what_was_asked_before() -> None:
    inputs, random = anchored(before()), np.random.default_rng(4)
    used, fresh = judged_since(compile_model(inputs), inputs), compile_model(inputs)
    for _ in range(3):
        plan_of(inputs, *random_levers(random), model=used)
    levers = Lever("demand", 8, target="A"), Lever("supplier_lead_time", 20, target="Vendor")
    first, second = plan_of(inputs, *levers, model=used), plan_of(inputs, *levers, model=fresh)
    for field in fields(first):
        if isinstance(value := getattr(first, field.name), np.ndarray):
            np.testing.assert_array_equal(value, getattr(second, field.name), err_msg=field.name)


def test_staying_near_the_anchor_never_outweighs_serving_a_customer() -> None:
    """Nothing was made in the plan published last; without a frozen zone all demand is served as before."""
    inputs = two_stores(settings={"frozen_periods": 0})
    free, held = plan_of(inputs), plan_of(anchored(np.zeros_like(before()), 5.0, inputs=inputs))
    assert held.lost.sum() == pytest.approx(free.lost.sum(), abs=1e-3)
    assert held.backlog[:, :, -1].sum() == pytest.approx(free.backlog[:, :, -1].sum(), abs=1e-3)


def test_the_share_moved_is_of_the_anchored_production_alone() -> None:
    inputs = anchored(before(), periods=2)
    flow, edges = inputs.anchor.flow * 1.1, inputs.network.edges
    flow[:, 2:] = 0.0
    flow[~np.isin(edges.mode, (MAKE, SUBCONTRACT))] = 0.0
    assert moved_share(inputs, flow) == pytest.approx(0.1)
