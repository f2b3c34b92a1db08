"""Small models of frePPLe (MIT) with the plan it makes of them; one day of theirs is one bucket here.

material_1: constraints_material_1, resource_2: constraints_resource_2, leadtime_1: constraints_leadtime_1
(order 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sop_engine.inputs.network import MAKE
from sop_engine.scenario import BASELINE
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import day_calendar, demand_of, small_company

DAY = 1.0


def january(day: int) -> int:
    return day - 1


def factory(orders: list[dict[str, Any]], **parts: Any) -> SupplyPlan:
    """The plan of a factory that ships every order itself, thirty days from 1 January 2009."""
    empty = {
        "bill": {},
        "on_hand": {},
        "edges": (),
        "resources": {},
        "receipts": {},
        "service_level": {},
        "min_cover": {},
    }
    company = {
        "calendar": day_calendar("2009-01-01", 30),
        "markets": {"Customer": {"priority": 1, "backlog": True}},
        "sites": {"Factory": "plant"},
        "lanes": {"Customer": ("Factory", 0.0)},
        "demand": {},
        "price": {},
        "unit_cost": {},
        "settings": {"review_days": 1},
        "error_sd": {},
        **empty,
        **parts,
        "orders": [{"market": "Customer", **order} for order in orders],
    }
    inputs = small_company(**company)
    return plan_supply(inputs, BASELINE, demand_of(inputs), compile_model(inputs))


def item_orders(*rows: tuple[float, int, int]) -> list[dict[str, Any]]:
    return [
        {"order": f"prio {p}", "product": "item", "units": u, "period": january(day), "priority": p}
        for u, day, p in rows
    ]


@pytest.mark.parametrize(
    ("orders", "receipts", "on_time", "late", "short", "last"),
    [
        pytest.param(
            [(10, 10, 1), (10, 11, 2), (10, 12, 3)],
            {},
            [10, 10, 5],
            [0, 0, 0],
            [0, 0, 5],
            [10, 11, 12],
            id="item 1",
        ),
        pytest.param(
            [(10, 10, 1), (10, 11, 2), (10, 5, 3)],
            {},
            [10, 10, 5],
            [0, 0, 0],
            [0, 0, 5],
            [10, 11, 5],
            id="item 2",
        ),
        pytest.param(
            [(10, 10, 1), (10, 11, 2), (10, 5, 3)],
            {20: 2},
            [10, 10, 5],
            [0, 0, 2],
            [0, 0, 3],
            [10, 11, 20],
            id="item 3",
        ),
    ],
)
def test_material_1_gives_what_there_is_to_the_first_priorities(
    orders: list[tuple[float, int, int]],
    receipts: dict[int, float],
    on_time: list[float],
    late: list[float],
    short: list[float],
    last: list[int],
) -> None:
    arriving = np.zeros(30)
    for day, units in receipts.items():
        arriving[january(day)] = units
    plan = factory(
        item_orders(*orders),
        products=("item",),
        on_hand={("item", "Factory"): 25.0},
        receipts={("item", "Factory"): arriving},
    )
    np.testing.assert_allclose(plan.fill_on_time, on_time)
    np.testing.assert_allclose(plan.fill_late, late)
    np.testing.assert_allclose(plan.fill_short, short)
    assert plan.fill_last.tolist() == [january(day) for day in last]
    assert plan.fill_reason.tolist() == ["", "", "material"]


def test_material_1_item_4_serves_an_early_low_priority_from_what_is_free() -> None:
    arriving = np.zeros(30)
    arriving[january(20)] = 10
    orders = item_orders((8, 10, 1), (8, 22, 2), (10, 5, 3))
    plan = factory(
        orders,
        products=("item",),
        on_hand={("item", "Factory"): 10.0},
        receipts={("item", "Factory"): arriving},
    )
    np.testing.assert_allclose(plan.fill_on_time, [8, 8, 2])
    np.testing.assert_allclose(plan.fill_late, [0, 0, 2])
    np.testing.assert_allclose(plan.fill_short, [0, 0, 6])
    assert plan.fill_last[2] == january(20)


def test_resource_2_makes_one_run_a_day_and_leaves_the_last_priority_short() -> None:
    due = january(4)
    orders = [
        {"order": f"order {p}", "product": "end", "units": 10, "period": due, "priority": p, "max_late": 0}
        for p in (1, 2, 3)
    ]
    make = {"product": "end", "site": "Factory", "mode": MAKE, "lead_days": DAY, "hours": {"Resource": 0.1}}
    plan = factory(
        orders,
        products=("end",),
        edges=(make,),
        resources={"Resource": {"site": "Factory", "hours": 1.0}},
        lanes={"Customer": ("Factory", DAY)},
    )
    np.testing.assert_allclose(plan.fill_on_time, [10, 10, 0], atol=1e-6)
    np.testing.assert_allclose(plan.fill_short, [0, 0, 10], atol=1e-6)
    assert plan.fill_reason.tolist() == ["", "", "capacity"]


def test_leadtime_1_order_1_comes_when_making_and_shipping_from_today_allow() -> None:
    orders = [
        {"order": "order 1", "product": "end", "units": 7, "period": january(3), "priority": 1},
        {"order": "order 2", "product": "end", "units": 14, "period": january(11), "priority": 2},
    ]
    edges = (
        {"product": "end", "site": "Factory", "mode": MAKE, "lead_days": 7 * DAY},
        {"product": "sub", "site": "Factory", "mode": MAKE, "lead_days": 2 * DAY},
    )
    plan = factory(
        orders,
        products=("end", "sub", "raw"),
        edges=edges,
        bill={("end", "sub"): 1.0, ("sub", "raw"): 1.0},
        on_hand={("sub", "Factory"): 15.0, ("raw", "Factory"): 20.0},
        lanes={"Customer": ("Factory", DAY)},
    )
    np.testing.assert_allclose(plan.fill_on_time, [0, 14], atol=1e-6)
    np.testing.assert_allclose(plan.fill_late, [7, 0], atol=1e-6)
    assert plan.fill_last.tolist() == [january(9), january(11)]
    assert plan.fill_reason.tolist() == ["lead time", ""]
