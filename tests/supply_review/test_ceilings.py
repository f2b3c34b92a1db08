"""Storage and shelf life: never exceeded where it can be helped, and named where it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_engine.inputs import Inputs
from sop_engine.scenario import Scenario
from sop_engine.supply_review.compiled import LiveModel
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import demand_of, small_company
from tests.supply_review.companies import plan_of, random_levers, two_stores, two_stores_model
from tests.supply_review.test_supply import check_balances

PEAK = np.array([20.0, 20, 20, 20, 20, 250, 20, 20])


def peak(**changes: Any) -> Inputs:
    """One product with a peak that the line can only meet by building stock before it."""
    parts: dict[str, Any] = {
        "demand": {("A", "East"): PEAK},
        "resources": {"Line": {"site": "Plant", "hours": 60.0, "cost": 20.0}},
        "on_hand": {("A", "Store"): 20.0, ("F", "Plant"): 100.0},
        "service_level": {},
        "min_cover": {},
        "settings": {"frozen_periods": 0},
    }
    return small_company(**{**parts, **changes})


def stored(inputs: Inputs, plan: SupplyPlan, site: str) -> np.ndarray:
    return plan.stock[:, inputs.network.sites.positions[site]].sum(axis=0)


def overruns_twin(inputs: Inputs, plan: SupplyPlan) -> dict[tuple[str, int, int, int], float]:
    """Written a second time in loops, with the need of A and B at the store being their customers' alone."""
    found, limit = {}, inputs.network.sites.storage
    for site in range(len(limit)):
        for period in range(inputs.calendar.periods):
            over = plan.stock[:, site, period].sum() - limit[site]
            if over > 1e-6 * (1 + limit[site]):
                found["storage", -1, site, period] = over
    return found


def test_without_such_data_there_is_not_one_row() -> None:
    layout = two_stores_model().layout
    assert layout.ceiling.size == layout.over.size == 0


def test_a_full_plant_sends_its_stock_to_the_store() -> None:
    inputs = peak(storage={"Plant": 60.0})
    free, plan = plan_of(peak()), plan_of(inputs)
    assert stored(inputs, free, "Plant").max() > 61 > stored(inputs, free, "Store").max()
    assert stored(inputs, plan, "Plant").max() <= 60 + 1e-4 < 61 < stored(inputs, plan, "Store").max()
    assert plan.lost.sum() == pytest.approx(free.lost.sum(), abs=1e-3) and plan.overruns == ()


def test_no_room_anywhere_loses_sales_rather_than_build_stock() -> None:
    inputs = peak(storage={"Store": 40.0, "Plant": 110.0})
    plan = plan_of(inputs)
    assert plan.lost.sum() > plan_of(peak()).lost.sum() + 1
    assert plan.overruns == () and stored(inputs, plan, "Plant").max() <= 110 + 1e-4


def test_stock_that_is_there_already_is_named_where_it_has_no_room() -> None:
    inputs = peak(storage={"Plant": 30.0, "Store": 30.0}, on_hand={("F", "Plant"): 400.0})
    plan = plan_of(inputs)
    assert {(o.kind, o.product, o.site, o.period): o.units for o in plan.overruns} == pytest.approx(
        overruns_twin(inputs, plan)
    )
    first = plan.overruns[0]
    assert first.period == 0 and f"Plant holds {first.units:,.0f} units more" in first.sentence
    assert inputs.calendar.plan_labels[0] in first.sentence


@pytest.mark.parametrize(("life", "loses"), [(1.0, True), (2.5, False)])
def test_nothing_is_made_that_would_spoil(life: float, loses: bool) -> None:
    inputs = peak(shelf_life={"A": life})
    plan, free = plan_of(inputs), plan_of(peak())
    store, ahead = inputs.network.sites.positions["Store"], np.append(PEAK, [PEAK.mean()] * 4)
    for period in range(inputs.calendar.periods):
        whole = int(life)
        most = ahead[period + 1 : period + 1 + whole].sum() + (life - whole) * ahead[period + 1 + whole]
        assert plan.stock[0, store, period] <= most + 1e-4
    assert plan.overruns == () and (plan.lost.sum() > free.lost.sum() + 1) == loses


def test_what_spoils_whatever_is_done_is_named() -> None:
    plan = plan_of(peak(shelf_life={"A": 1.0}, on_hand={("A", "Store"): 100.0, ("F", "Plant"): 100.0}))
    assert [(o.kind, o.period) for o in plan.overruns][0] == ("shelf life", 0)
    assert plan.overruns[0].units == pytest.approx(100 - 20 - 20)
    assert plan.overruns[0].sentence.endswith("more than is asked for in a shelf life of 1 periods.")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_with_ceilings_everything_balances_and_what_is_above_is_named(seed: int) -> None:
    random = np.random.default_rng(seed)
    room = {site: float(random.uniform(50, 900)) for site in ("Plant", "Store", "Depot")}
    inputs = two_stores(storage=room, shelf_life={"A": float(random.uniform(0.5, 4))})
    levers, model = random_levers(random), compile_model(inputs)
    demand = demand_of(inputs, Scenario(levers))
    plan = plan_supply(inputs, Scenario(levers), demand, model)
    check_balances(inputs, plan, demand.unconstrained)
    named = {(o.kind, o.product, o.site, o.period): o.units for o in plan.overruns if o.kind == "storage"}
    assert named == pytest.approx(overruns_twin(inputs, plan), abs=1e-3)
    request = model.request(Scenario(levers), demand)
    cold = LiveModel(model.matrix(request), model.figures(request)).solve_cold()
    assert plan.verified and plan.objective == pytest.approx(cold.objective, rel=1e-6)


def covered(most: float, on: int, overtime: float = 0.3) -> Inputs:
    """60 units a month, then 110 hours for 140 of them: a month of stock costs 0.75, an overtime hour 1, and
    a unit above the cover 1.5 more a month.
    """
    resource = {"site": "Plant", "hours": 110.0, "overtime": overtime, "cost": 20.0, "overtime_cost": 21.0}
    return small_company(
        edges=({"product": "A", "site": "Plant", "mode": "make", "hours": {"Line": 1.0}, "unit_cost": 20.0},),
        bill={},
        resources={"Line": resource},
        markets={"East": {"priority": 1, "backlog": False}},
        lanes={"East": ("Plant", 0.0)},
        demand={("A", "East"): np.repeat([60.0, 140.0], [5, 3])},
        price={("A", "East"): 100.0},
        on_hand={},
        service_level={},
        min_cover={},
        max_cover={("A", "Plant"): most},
        settings={"frozen_periods": 0, "max_cover_in_plan": on},
    )


def test_the_most_cover_costs_nothing_until_it_is_asked_for() -> None:
    free, shown = covered(np.nan, 1), covered(0.1, 0)
    for inputs in (free, shown):
        assert compile_model(inputs).layout.ceiling.size == 0
    np.testing.assert_array_equal(plan_of(free).stock, plan_of(shown).stock)


def test_above_the_most_cover_a_dearer_hour_is_taken_but_no_customer_is_left() -> None:
    built = plan_of(covered(0.1, 0)).stock[0].sum(axis=0)
    np.testing.assert_allclose(built, [0, 0, 0, 0, 30, 0, 0, 0], atol=1e-5)
    held = plan_of(covered(0.1, 1))
    np.testing.assert_allclose(held.stock[0].sum(axis=0), [0, 0, 0, 0, 14, 0, 0, 0], atol=1e-5)
    np.testing.assert_allclose(held.overtime[0], [0, 0, 0, 0, 0, 16, 30, 30], atol=1e-5)
    scarce = plan_of(covered(0.1, 1, overtime=0.0))
    assert scarce.lost.sum() == pytest.approx(0, abs=1e-5)
    assert scarce.stock[0].sum(axis=0).max() == pytest.approx(90) and not scarce.overruns
