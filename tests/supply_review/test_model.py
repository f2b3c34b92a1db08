from __future__ import annotations

from dataclasses import replace

import numpy as np
import pulp
import pytest

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.inputs import Inputs
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.compiled import LiveModel, is_optimal
from sop_engine.supply_review.model import SupplyModel, compile_model, fitting
from sop_engine.supply_review.request import SupplyRequest
from sop_engine.supply_review.statement import state
from tests.builders import demand_of, small_company
from tests.supply_review.companies import random_levers, two_stores, two_stores_model


def request_of(model: SupplyModel, *levers: Lever) -> SupplyRequest:
    scenario = Scenario(levers)
    return model.request(scenario, demand_of(model.inputs, scenario))


def cold_objective(model: SupplyModel, request: SupplyRequest) -> float:
    return LiveModel(model.matrix(request), model.figures(request)).solve_cold().objective


def test_solving_in_place_equals_solving_cold_over_fifty_moves() -> None:
    model, random = two_stores_model(), np.random.default_rng(1)
    for _ in range(50):
        request = request_of(model, *random_levers(random))
        solution = model.solve(request)
        assert solution.verified
        assert solution.objective == pytest.approx(cold_objective(model, request), rel=1e-6)


@pytest.mark.parametrize("levers", [(Lever("unit_cost", 20, target="A"),), (Lever("freight", 50),)])
def test_costs_alone_are_solved_on_from_the_feasible_basis(levers: tuple[Lever, ...]) -> None:
    model = two_stores_model()
    home, dearer = request_of(model), request_of(model, *levers)
    assert dearer.differs_in_costs_alone(home)
    assert not request_of(model, *levers, Lever("demand", 5)).differs_in_costs_alone(home)
    found = model.solve(dearer)
    assert found.verified and found.objective > model.baseline.objective
    assert found.objective == pytest.approx(cold_objective(model, dearer), rel=1e-6)


@pytest.mark.filterwarnings("ignore:PULP_CBC_CMD:DeprecationWarning")
@pytest.mark.parametrize(
    "levers", [(), (Lever("demand", 12), Lever("supplier_lead_time", 40, target="Vendor"))]
)
def test_pulp_with_cbc_finds_the_same_optimum(levers: tuple[Lever, ...]) -> None:
    model = two_stores_model()
    request = request_of(model, *levers)
    timing = model.timing(request)
    problem, _ = state(model.inputs, model.structure, model.layout, model.figures(request), timing)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    assert pulp.LpStatus[problem.status] == "Optimal"
    assert model.solve(request).objective == pytest.approx(pulp.value(problem.objective), rel=1e-6)


def test_one_more_hour_is_worth_its_price() -> None:
    """Right- and left-hand prices differ at a corner, so the change must lie between the prices before and
    after.
    """
    model = two_stores_model()
    request = request_of(model, Lever("demand", 10))
    before = model.solve(request)
    row = model.layout.hours[0]
    checked = 0
    for period in np.flatnonzero(before.price[row] < -1e-6):
        if period < model.inputs.calendar.frozen:
            continue
        hours = request.available.copy()
        hours[0, period] += 0.01
        after = model.solve(replace(request, available=hours))
        gain = (before.objective - after.objective) / 0.01
        assert gain == pytest.approx(-before.price[row[period]], rel=0.01)
        checked += 1
    assert checked >= 2


def test_a_wrong_solution_is_not_taken_for_an_optimum() -> None:
    model = two_stores_model()
    request = request_of(model)
    matrix, numbers, solution = model.matrix(request), model.figures(request), model.baseline
    free = replace(numbers, lower=solution.lower, upper=solution.upper)
    assert is_optimal(matrix, free, solution.x, solution.price)
    assert not is_optimal(matrix, free, solution.x * 1.001, solution.price)
    assert not is_optimal(matrix, free, solution.x, solution.price * 1.001)


def test_demand_in_a_new_market_gets_a_model_with_room_for_it() -> None:
    inputs = small_company(demand={("A", "East"): 60.0, ("B", "West"): 30.0})
    model = compile_model(inputs)
    wider = with_demand(demand_of(inputs), inputs, "A", "West", 5.0)
    assert fitting(model, demand_of(inputs)) is model
    assert fitting(model, wider) is not model
    assert fitting(model, wider).request(BASELINE, wider).line.sum() == pytest.approx(
        wider.unconstrained.sum()
    )


def with_demand(demand: DemandPlan, inputs: Inputs, product: str, market: str, units: float) -> DemandPlan:
    more = demand.unconstrained.copy()
    more[inputs.products.positions[product], inputs.markets.positions[market]] += units
    return replace(demand, unconstrained=more)


def test_the_model_starts_the_same_every_time() -> None:
    first, second = compile_model(two_stores()), compile_model(two_stores())
    np.testing.assert_array_equal(first.baseline.x, second.baseline.x)
