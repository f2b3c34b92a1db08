"""Who is served: by priority, then alike; never by price or margin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, TRANSFER
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.penalties import dearest_supply, find_penalties, product_weights
from tests.builders import small_company
from tests.supply_review.companies import plan_of, two_stores

SHORT = {"Line": {"site": "Plant", "hours": 120.0, "overtime": 0.0, "cost": 20.0, "overtime_cost": 30.0}}


def two_markets(
    price: tuple[float, float], rank: tuple[int, int] = (1, 1), backlog: bool = False, **changes: Any
) -> Inputs:
    """East and West want 100 A each of a line that makes 120."""
    parts: dict[str, Any] = {
        "markets": {
            "East": {"priority": rank[0], "backlog": backlog},
            "West": {"priority": rank[1], "backlog": backlog},
        },
        "demand": {("A", "East"): 100.0, ("A", "West"): 100.0},
        "resources": SHORT,
        "service_level": {},
        "price": {("A", "East"): price[0], ("A", "West"): price[1]},
        "on_hand": {("F", "Plant"): 400.0},
    }
    return small_company(**{**parts, **changes})


@pytest.mark.parametrize("price", [(100.0, 100.0), (100.0, 1.0), (1.0, 1.0)])
def test_no_market_is_starved_for_its_margin(price: tuple[float, float]) -> None:
    """Both are cut alike, also where the price is far below the cost of 25 and more a unit."""
    plan = plan_of(two_markets(price))
    np.testing.assert_allclose(plan.lost[0, 0], plan.lost[0, 1], atol=1e-6)
    np.testing.assert_allclose(plan.load[0, 1:6], 120, atol=1e-6)


def test_priority_goes_before_price() -> None:
    plan = plan_of(two_markets((1.0, 100.0), rank=(1, 2)))
    assert plan.lost[0, 0, 1:6].sum() == pytest.approx(0, abs=1e-6)
    assert plan.lost[0, 1, 1:6].sum() == pytest.approx(5 * 80, abs=1)


def test_warehouses_share_a_shortage_to_within_a_step_of_its_depth() -> None:
    sites = {"Plant": "plant", "Store": "warehouse", "Depot": "warehouse", "Vendor": "supplier"}
    edges = (
        {"product": "A", "site": "Plant", "mode": MAKE, "hours": {"Line": 1.0}, "unit_cost": 20.0},
        {"product": "F", "site": "Plant", "mode": BUY, "source": "Vendor", "unit_cost": 5.0},
        {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "unit_cost": 1.0},
        {"product": "A", "site": "Depot", "mode": TRANSFER, "source": "Plant", "unit_cost": 4.0},
    )
    lanes = {"East": ("Store", 0.0), "West": ("Depot", 0.0)}
    hours = {"Line": {"site": "Plant", "hours": 170.0, "cost": 20.0, "overtime_cost": 30.0}}
    plan = plan_of(two_markets((100.0, 1.0), sites=sites, edges=edges, lanes=lanes, resources=hours))
    cut = plan.lost[0, :, 1:6] / 100.0
    assert cut.sum(axis=0) == pytest.approx(0.3)
    assert (np.abs(cut[0] - cut[1]) <= 0.2 + 1e-6).all() and (cut >= 0.1 - 1e-6).all()


def test_waiting_units_are_delivered_when_hours_allow() -> None:
    demand = {("A", market): np.array([50.0, 100, 100, 30, 30, 30, 30, 30]) for market in ("East", "West")}
    plan = plan_of(two_markets((100.0, 100.0), backlog=True, demand=demand))
    assert plan.late.sum() > 0 and plan.lost.sum() == 0
    np.testing.assert_allclose(plan.backlog[:, :, -1], 0, atol=1e-6)


def test_unmet_demand_costs_more_than_the_dearest_way_of_serving_it() -> None:
    for inputs in (two_stores(), two_markets((1.0, 1.0)), small_company(price={}, unit_cost={})):
        structure = compile_model(inputs).structure
        dearest, weights = dearest_supply(inputs, structure), product_weights(inputs, structure)
        assert (weights > 0).all() and (weights >= dearest).all()
        lost = find_penalties(inputs, structure).lost
        assert (lost >= 3 * dearest[structure.nodes.product[structure.queues.node]]).all()


def test_the_dearest_way_counts_components_overtime_and_freight() -> None:
    inputs = two_stores()
    dearest = dearest_supply(inputs, compile_model(inputs).structure)
    frame = 5.0
    made, bought = 20 + 30 + frame / 0.95, 45 + frame
    np.testing.assert_allclose(
        dearest, [max(made, bought) + 0.4 + 1.8, 10 + 0.5 * 30 + 2 * frame + 0.4 + 1.8, frame]
    )


@pytest.mark.parametrize("backlog", [False, True])
def test_fair_share_cuts_markets_alike_whatever_their_priority(backlog: bool) -> None:
    by_priority = two_markets((100.0, 100.0), rank=(1, 2), backlog=backlog)
    shared = two_markets((100.0, 100.0), rank=(1, 2), backlog=backlog, settings={"fair_share": 1})
    alike = two_markets((100.0, 100.0), rank=(1, 1), backlog=backlog)
    first, fair, same = (plan_of(inputs).on_time.sum(axis=(0, 2)) for inputs in (by_priority, shared, alike))
    assert first[0] > first[1] + 50
    np.testing.assert_allclose(fair, same, atol=1e-6)
    assert fair[0] == pytest.approx(fair[1])


@pytest.mark.parametrize(("priority", "served"), [(0, 40.0), (9, 0.0)])
def test_an_order_keeps_its_own_priority_under_fair_share(priority: int, served: float) -> None:
    order = {
        "order": "O1",
        "product": "A",
        "market": "West",
        "period": 3,
        "units": 40.0,
        "priority": priority,
    }
    inputs = two_markets((100.0, 100.0), rank=(1, 2), settings={"fair_share": 1}, orders=(order,))
    assert plan_of(inputs).fill_on_time[0] == pytest.approx(served, abs=1e-4)
