"""A plan that is carried out for a while: what it starts stays, later starts and service adapt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.compiled import LiveModel
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.request import SupplyRequest
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import demand_of
from tests.supply_review.companies import two_stores, two_stores_model

INPUTS = two_stores()
LEVERS = (
    (),
    (Lever("capacity", 20, target="Line"),),
    (Lever("supplier_lead_time", 40, target="Vendor"),),
    (Lever("supplier_lead_time", -30, target="Vendor"),),
)


def request_of(model: SupplyModel, demand: DemandPlan, *levers: Lever) -> SupplyRequest:
    return model.request(Scenario(levers), demand)


def wanting(factor: float, since: int = 0) -> DemandPlan:
    """The demand of the two stores, times a factor from a period on."""
    plan = demand_of(INPUTS, BASELINE)
    units = plan.unconstrained.copy()
    units[:, :, since:] *= factor
    return replace(plan, unconstrained=units, consensus=units)


def supply_of(model: SupplyModel, demand: DemandPlan, *levers: Lever) -> SupplyPlan:
    return plan_supply(INPUTS, Scenario(levers), demand, model)


@pytest.mark.parametrize("levers", LEVERS)
@pytest.mark.parametrize("periods", [0, 2, 4])
@pytest.mark.parametrize("factor", [0.6, 1.3])
def test_what_was_started_stays_and_a_plan_exists(
    levers: tuple[Lever, ...], periods: int, factor: float
) -> None:
    model = two_stores_model()
    before = supply_of(model, wanting(1.0), *levers)
    held = model.committed(request_of(model, wanting(1.0), *levers), periods)
    after = supply_of(held, wanting(factor), *levers)
    kept = max(periods, INPUTS.calendar.frozen)
    assert after.verified
    np.testing.assert_allclose(after.flow[:, :kept], before.flow[:, :kept], atol=1e-5)
    assert not np.allclose(after.flow, before.flow)


@pytest.mark.parametrize("levers", LEVERS)
def test_nothing_new_leaves_the_plan_as_it_is(levers: tuple[Lever, ...]) -> None:
    model = two_stores_model()
    before = supply_of(model, wanting(1.0), *levers)
    held = model.committed(request_of(model, wanting(1.0), *levers), 3)
    again = supply_of(held, wanting(1.0), *levers)
    np.testing.assert_allclose(again.flow, before.flow, atol=1e-6)
    np.testing.assert_allclose(again.received, before.received, atol=1e-6)
    assert again.objective == pytest.approx(before.objective, rel=1e-9)


@pytest.mark.parametrize("levers", LEVERS)
def test_an_answer_in_place_is_the_optimum_of_what_is_left_to_decide(levers: tuple[Lever, ...]) -> None:
    model = two_stores_model()
    held = model.committed(request_of(model, wanting(1.0), *levers), 3)
    request = request_of(held, wanting(1.25, since=2), *levers)
    cold = LiveModel(held.matrix(request), held.figures(request)).solve_cold()
    assert held.solve(request).objective == pytest.approx(cold.objective, rel=1e-6)


def test_the_longer_the_commitment_the_dearer_a_surprise() -> None:
    model, surprise = two_stores_model(), wanting(1.3)
    home = request_of(model, wanting(1.0))
    costs = [
        model.committed(home, periods).solve(request_of(model, surprise)).objective for periods in range(6)
    ]
    assert all(later >= earlier - 1e-6 for earlier, later in zip(costs, costs[1:], strict=False))
    assert costs[-1] > costs[0]


def test_a_commitment_leaves_the_model_where_it_was() -> None:
    model = compile_model(INPUTS)
    before = supply_of(model, wanting(1.1)).flow
    held = model.committed(request_of(model, wanting(0.7)), 4)
    supply_of(held, wanting(1.4))
    model._answers.clear()
    np.testing.assert_array_equal(supply_of(model, wanting(1.1)).flow, before)


def test_solvers_apart_give_the_same_plans_at_the_same_time() -> None:
    model = two_stores_model()
    held = model.committed(request_of(model, wanting(1.0)), 2)
    factors = [0.7, 0.9, 1.1, 1.3]
    alone = [supply_of(held, wanting(factor)).flow for factor in factors]
    workers = [held.apart() for _ in factors]
    with ThreadPoolExecutor(2) as pool:
        together = list(
            pool.map(
                lambda pair: supply_of(pair[0], wanting(pair[1])).flow, zip(workers, factors, strict=True)
            )
        )
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("days", [-30, -10, 5, 15, 40, 90])
@pytest.mark.parametrize("periods", [2, 3, 4])
def test_a_lead_time_that_moves_after_the_commitment_leaves_a_plan(days: int, periods: int) -> None:
    model = two_stores_model()
    held = model.committed(request_of(model, wanting(1.0)), periods)
    first = INPUTS.calendar.plan_labels[periods]
    after = supply_of(held, wanting(1.0), Lever("supplier_lead_time", days, target="Vendor", first=first))
    before = supply_of(model, wanting(1.0))
    assert after.verified
    np.testing.assert_allclose(after.flow[:, : periods - 1], before.flow[:, : periods - 1], atol=1e-5)
