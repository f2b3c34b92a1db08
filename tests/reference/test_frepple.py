"""Small models of frePPLe (MIT), loaded as planner's files, with the plan that frePPLe makes of them.

One day of theirs is one bucket here. Compared are units on time, late and short, the day of the last delivery
and the class of reason; all-or-nothing orders and lot sizes need integers and are left out.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from sop_engine.errors import DataError
from tests.builders import demand_of
from tests.reference.planner import planned, read, sheets

FACTORY = [{"site": "Factory", "kind": "plant"}]
SHIPPED_AT_ONCE = [{"site": "Factory", "market": "Customer", "transit_days": 0}]
SHIPPED_IN_A_DAY = [{"site": "Factory", "market": "Customer", "transit_days": 1}]
SHIPPED_IN_TWO = [{"site": "Factory", "market": "Customer", "transit_days": 2}]


def order(name: str, product: str, units: float, day: str, **more: Any) -> dict[str, Any]:
    return {"order": name, "product": product, "period": day, "units": units, **more}


def stock(**units: float) -> list[dict[str, Any]]:
    return [{"product": product, "site": "Factory", "units": held} for product, held in units.items()]


def receipt(product: str, day: str, units: float) -> dict[str, Any]:
    return {"product": product, "site": "Factory", "period": day, "reference": "PO 1", "units": units}


def made(product: str, days: float) -> dict[str, Any]:
    return {
        "product": product,
        "site": "Factory",
        "source": "Factory",
        "mode": "make",
        "lead_time_days": days,
    }


def outcome(**orders: tuple[float, float, float, str, str]) -> pd.DataFrame:
    """on time, late, short, last delivery and reason of each order."""
    columns = ["on_time", "late", "short", "last", "reason"]
    return pd.DataFrame.from_dict(orders, orient="index", columns=columns)


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=False, atol=1e-6)


def test_constraints_material_1_gives_what_there_is_to_the_first_priorities() -> None:
    due = {
        "item1": {1: "2009-01-10", 2: "2009-01-11", 3: "2009-01-12"},
        "item2": {1: "2009-01-10", 2: "2009-01-11", 3: "2009-01-05"},
        "item3": {1: "2009-01-10", 2: "2009-01-11", 3: "2009-01-05"},
        "item4": {1: "2009-01-10", 2: "2009-01-22", 3: "2009-01-05"},
    }
    units = {"item4": {1: 8, 2: 8, 3: 10}}
    orders = [
        order(f"{item}_{rank}", item, units.get(item, {}).get(rank, 10), day, priority=rank)
        for item, days in due.items()
        for rank, day in days.items()
    ]
    found = planned(
        "2009-01-01",
        30,
        orders,
        site=FACTORY,
        service_lane=SHIPPED_AT_ONCE,
        inventory_on_hand=stock(item1=25, item2=25, item3=25, item4=10),
        scheduled_receipt=[receipt("item3", "2009-01-20", 2), receipt("item4", "2009-01-20", 10)],
    )
    expected = outcome(
        item1_1=(10, 0, 0, "2009-01-10", ""),
        item1_2=(10, 0, 0, "2009-01-11", ""),
        item1_3=(5, 0, 5, "2009-01-12", "material"),
        item2_1=(10, 0, 0, "2009-01-10", ""),
        item2_2=(10, 0, 0, "2009-01-11", ""),
        item2_3=(5, 0, 5, "2009-01-05", "material"),
        item3_1=(10, 0, 0, "2009-01-10", ""),
        item3_2=(10, 0, 0, "2009-01-11", ""),
        item3_3=(5, 2, 3, "2009-01-20", "material"),
        item4_1=(8, 0, 0, "2009-01-10", ""),
        item4_2=(8, 0, 0, "2009-01-22", ""),
        item4_3=(2, 2, 6, "2009-01-20", "material"),
    )
    same(found, expected)


def test_demand_policy_waits_as_long_as_the_order_allows() -> None:
    orders = [
        order("A", "itemA", 20, "2009-01-05"),
        order("B", "itemB", 20, "2009-01-05", max_late_periods=0),
        order("E", "itemE", 20, "2009-01-05", max_late_periods=2),
    ]
    found = planned(
        "2009-01-01",
        30,
        orders,
        site=FACTORY,
        service_lane=SHIPPED_AT_ONCE,
        inventory_on_hand=stock(itemA=10, itemB=10, itemE=10),
        scheduled_receipt=[receipt(f"item{item}", "2009-01-10", 10) for item in "ABE"],
    )
    expected = outcome(
        A=(10, 10, 0, "2009-01-10", "material"),
        B=(10, 0, 10, "2009-01-05", "material"),
        E=(10, 0, 10, "2009-01-05", "material"),
    )
    same(found, expected)


def test_demand_policies_makes_the_rest_late_or_never() -> None:
    orders = [
        order("D1", "product1", 15, "2023-01-05"),
        order("D4", "product4", 15, "2023-01-05", max_late_periods=0),
    ]
    found = planned(
        "2023-01-01",
        30,
        orders,
        site=FACTORY,
        service_lane=SHIPPED_IN_TWO,
        inventory_on_hand=stock(product1=10, product4=10),
        sourcing=[made("product1", 7), made("product4", 7)],
    )
    expected = outcome(
        D1=(10, 5, 0, "2023-01-10", "lead time"),
        D4=(10, 0, 5, "2023-01-05", "lead time"),
    )
    same(found, expected)


def test_constraints_leadtime_1_comes_when_making_and_shipping_from_today_allow() -> None:
    orders = [
        order("order1", "end", 7, "2009-01-03", priority=1),
        order("order2", "end", 14, "2009-01-11", priority=2),
    ]
    found = planned(
        "2009-01-01",
        30,
        orders,
        product=[{"product": name} for name in ("end", "sub", "raw")],
        site=FACTORY,
        service_lane=SHIPPED_IN_A_DAY,
        sourcing=[made("end", 7), made("sub", 2)],
        bill_of_material=[
            {"parent": "end", "component": "sub", "quantity_per": 1},
            {"parent": "sub", "component": "raw", "quantity_per": 1},
        ],
        inventory_on_hand=stock(sub=15, raw=20),
    )
    expected = outcome(
        order1=(0, 7, 0, "2009-01-09", "lead time"),
        order2=(14, 0, 0, "2009-01-11", ""),
    )
    same(found, expected)


def test_supplier_chooses_the_one_that_is_fast_enough() -> None:
    due = {1: "2015-01-01", 2: "2015-02-01"}
    days = {"fast": ("A", 7, 2), "common_A": ("A", 14, 1), "common_B": ("B", 14, 1), "C": ("C", 21, 1)}
    sourcing = [
        {
            "product": item,
            "site": "Factory",
            "source": f"Supplier {name}",
            "mode": "buy",
            "lead_time_days": lead,
            "priority": rank,
            "minimum_quantity": 125 if item == "C" else None,
            "multiple_quantity": 100 if item == "C" else None,
        }
        for name, (item, lead, rank) in days.items()
    ]
    found = planned(
        "2015-01-01",
        45,
        [order(f"{item}{n}", item, 100, day) for item in "ABCD" for n, day in due.items()],
        site=[*FACTORY, *({"site": f"Supplier {name}", "kind": "supplier"} for name in days)],
        service_lane=SHIPPED_AT_ONCE,
        sourcing=sourcing,
        inventory_on_hand=stock(A=10, B=10, C=10, D=10),
    )
    expected = outcome(
        A1=(10, 90, 0, "2015-01-08", "lead time"),
        A2=(100, 0, 0, "2015-02-01", ""),
        B1=(10, 90, 0, "2015-01-15", "lead time"),
        B2=(100, 0, 0, "2015-02-01", ""),
        C1=(10, 90, 0, "2015-01-22", "lead time"),
        C2=(100, 0, 0, "2015-02-01", ""),
        D1=(10, 0, 90, "2015-01-01", "material"),
        D2=(0, 0, 100, "", "material"),
    )
    same(found, expected)


def test_constraints_resource_2_makes_one_run_a_day_and_leaves_the_last_priority_short() -> None:
    orders = [
        order(f"order{rank}", "end", 10, "2009-01-04", priority=rank, max_late_periods=0)
        for rank in (1, 2, 3)
    ]
    found = planned(
        "2009-01-01",
        30,
        orders,
        site=FACTORY,
        service_lane=SHIPPED_IN_A_DAY,
        resource=[{"resource": "Resource", "site": "Factory"}],
        capacity=[{"resource": "Resource", "available_hours": 1}],
        routing=[{"product": "end", "resource": "Resource", "hours_per_unit": 0.1}],
        sourcing=[made("end", 1)],
    )
    expected = outcome(
        order1=(10, 0, 0, "2009-01-04", ""),
        order2=(10, 0, 0, "2009-01-04", ""),
        order3=(0, 0, 10, "", "capacity"),
    )
    same(found, expected)


# Demand of demand-priorities: priority, due, units; two lines of its sheet bear the same name.
LATE_ORDERS = [
    (1, "2019-12-06", 2),
    (1, "2019-12-20", 2),
    (1, "2020-01-01", 4),
    (2, "2019-12-30", 6),
    (3, "2019-12-29", 5),
    (1, "2019-12-07", 5),
    (1, "2019-12-31", 9),
    (2, "2019-12-09", 1),
    (2, "2019-12-17", 6),
    (2, "2019-12-17", 9),
    (1, "2019-12-04", 3),
    (3, "2019-12-11", 4),
    (3, "2019-12-24", 7),
]
WEEKDAYS = [f"2020-01-{day:02d}" for day in range(1, 32) if (day + 1) % 7 not in (5, 6)]


def one_machine(rows: list[tuple[int, str, int]]) -> dict[str, Any]:
    days = [f"2020-01-{day:02d}" for day in range(1, 32)]
    orders = [
        order(f"Demand prio {rank} due {day}", "product", units, day, priority=rank)
        for rank, day, units in rows
    ]
    return {
        "first": "2020-01-01",
        "days": 31,
        "orders": orders,
        "site": FACTORY,
        "service_lane": SHIPPED_AT_ONCE,
        "resource": [{"resource": "Bottleneck", "site": "Factory"}],
        "capacity": [
            {"resource": "Bottleneck", "period": day, "available_hours": 8 if day in WEEKDAYS else 0}
            for day in days
        ],
        "routing": [{"product": "product", "resource": "Bottleneck", "hours_per_unit": 1}],
        "sourcing": [made("product", 0)],
    }


def test_demand_priorities_names_the_key_that_stands_twice() -> None:
    with pytest.raises(DataError) as refused:
        read(sheets(**one_machine(LATE_ORDERS)))
    (issue,) = refused.value.issues
    assert (issue.file, issue.line, issue.value) == ("order_book.csv", 11, "Demand prio 2 due 2019-12-17")
    assert "line 10" in issue.problem


def test_demand_priorities_delivers_priority_by_priority_until_10_january() -> None:
    found = planned(**one_machine([row for row in LATE_ORDERS if row != (2, "2019-12-17", 6)]))
    assert len(found) == 12 and found["short"].sum() == 0
    assert found[["on_time", "late"]].sum().sum() == pytest.approx(57)
    rank = found.index.str.extract(r"prio (\d)")[0].to_numpy()
    assert found.groupby(rank)["last"].max().to_dict() == {
        "1": "2020-01-06",
        "2": "2020-01-08",
        "3": "2020-01-10",
    }
    delayed = found[found["late"] > 0]
    assert len(delayed) and set(delayed["reason"]) == {"capacity"}


def test_forecast_netting_plans_the_forecast_that_orders_leave() -> None:
    months = ["2019-01", "2019-02", "2019-03"]
    orders = [(30, 100), (50, 50), (35, 45)]
    book = [
        order(f"{month} {n}", "round table", units, f"{month}-{20 + 5 * n}")
        for month, pair in zip(months, orders, strict=True)
        for n, units in enumerate(pair)
    ]
    stream = [
        {"stream": "sales", "product": "round table", "period": month, "units": 350} for month in months
    ]
    weight = [{"stream": "sales", "weight_pct": 100}]
    files = sheets("2019-01-01", 31, book, calendar=[], forecast_stream=stream, consensus_weight=weight)
    inputs = read(files)
    demand = demand_of(inputs)
    left = (demand.unconstrained - demand.orders)[0, 0, :3]
    assert left.tolist() == pytest.approx([220, 250, 270])
