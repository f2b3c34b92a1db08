from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.demand_review.explosion import (
    dependent_demand,
    low_level_codes,
    offset_demand,
    pegging,
)
from sop_engine.demand_review.lead_time import item_days
from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE
from tests.builders import small_company

LABELS = ("A", "B", "C", "D", "E", "F")
ROWS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.1, 3.0),
    max_size=12,
)


def needed(product: str, units: float, bill: dict[tuple[str, str], float], total: dict[str, float]) -> None:
    """Recursive explosion of one product, one unit after another level."""
    for (parent, component), quantity in bill.items():
        if parent == product:
            total[component] = total.get(component, 0.0) + units * quantity
            needed(component, units * quantity, bill, total)


@given(rows=ROWS, demand=st.lists(st.floats(0, 50), min_size=6, max_size=6))
def test_explosion_is_the_recursive_one(rows: dict[tuple[int, int], float], demand: list[float]) -> None:
    bill = {(LABELS[p], LABELS[c]): quantity for (p, c), quantity in rows.items()}
    inputs = small_company(products=LABELS, bill=bill, edges=(), service_level={}, min_cover={})
    found = dependent_demand(inputs, np.array(demand)[:, None] * np.ones(inputs.calendar.periods))
    total: dict[str, float] = {}
    for product, units in zip(LABELS, demand, strict=True):
        needed(product, units, bill, total)
    np.testing.assert_allclose(found[:, 0], [total.get(label, 0.0) for label in LABELS], rtol=1e-9, atol=1e-9)


def test_yield_asks_for_more_and_what_is_bought_asks_for_nothing() -> None:
    edges = (
        {"product": "A", "site": "Plant", "mode": MAKE, "yield_": 0.8},
        {"product": "B", "site": "Plant", "mode": BUY, "source": "Vendor"},
    )
    inputs = small_company(edges=edges)
    dependent = dependent_demand(inputs, np.full((3, inputs.calendar.periods), 100.0))
    np.testing.assert_allclose(dependent[:, 0], [0, 0, 125])


def test_a_bill_that_contains_itself_is_named() -> None:
    with pytest.raises(PlanError, match="B > C > D > B"):
        low_level_codes(np.array([0, 1, 2, 3]), np.array([1, 2, 3, 1]), ("A", "B", "C", "D"))


def paths(product: str, component: str, bill: dict[tuple[str, str], float]) -> float:
    """Units of the component in one unit of the product, over every path from the one to the other."""
    return sum(
        quantity * (part == component) + quantity * paths(part, component, bill)
        for (parent, part), quantity in bill.items()
        if parent == product
    )


def longest(product: str, bill: dict[tuple[str, str], float], days: dict[str, float]) -> float:
    """Days of the longest path, by walking all of them."""
    below = [longest(part, bill, days) for parent, part in bill if parent == product]
    return days[product] + max(below, default=0.0)


def structure(rows: dict[tuple[int, int], float], days: list[float]) -> tuple[Inputs, dict]:
    bill = {(LABELS[p], LABELS[c]): quantity for (p, c), quantity in rows.items()}
    edges = tuple(
        {"product": label, "site": "Plant", "mode": MAKE, "lead_days": day}
        for label, day in zip(LABELS, days)
    )
    return small_company(products=LABELS, bill=bill, edges=edges, service_level={}, min_cover={}), bill


DAYS = st.lists(st.integers(0, 120).map(float), min_size=6, max_size=6)


@given(rows=ROWS, days=DAYS, demand=st.lists(st.floats(0, 50), min_size=6, max_size=6))
def test_pegging_finds_every_path_and_adds_up(
    rows: dict[tuple[int, int], float], days: list[float], demand: list[float]
) -> None:
    inputs, bill = structure(rows, days)
    independent = np.array(demand)[:, None] * np.arange(1, inputs.calendar.periods + 1)
    dependent = dependent_demand(inputs, independent)
    for component, label in enumerate(LABELS):
        pegged = pegging(inputs, independent, component)
        by_path = [units * paths(product, label, bill) for product, units in zip(LABELS, demand)]
        np.testing.assert_allclose(pegged[:, 0], by_path, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(pegged.sum(axis=0), dependent[component], rtol=1e-9, atol=1e-9)


@given(rows=ROWS, days=DAYS, demand=st.lists(st.floats(0, 50), min_size=6, max_size=6))
def test_the_offset_moves_units_in_time_and_loses_none(
    rows: dict[tuple[int, int], float], days: list[float], demand: list[float]
) -> None:
    inputs, _ = structure(rows, days)
    independent = np.array(demand)[:, None] * np.ones(inputs.calendar.periods)
    dependent = dependent_demand(inputs, independent)
    needed, ordered = offset_demand(inputs, independent)
    np.testing.assert_allclose(needed.sum(axis=1), dependent.sum(axis=1), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        ordered.sum(axis=1), (independent + dependent).sum(axis=1), rtol=1e-9, atol=1e-9
    )
    by_then = np.cumsum(needed[:, 1:], axis=1) + needed[:, :1]
    assert (by_then >= np.cumsum(dependent, axis=1) - 1e-6).all(), "nothing is needed later than its demand"


def test_a_component_is_needed_when_its_parent_is_started() -> None:
    """Building takes 1.5 months: of 200 due in April half is started in March and half in February."""
    month = float(np.mean(small_company().calendar.plan_days))
    edges = (
        {"product": "A", "site": "Plant", "mode": MAKE, "lead_days": 1.5 * month},
        {"product": "F", "site": "Plant", "mode": BUY, "source": "Vendor", "lead_days": month},
    )
    inputs = small_company(edges=edges, bill={("A", "F"): 1.0})
    independent = np.zeros((3, inputs.calendar.periods))
    independent[0, [0, 3]] = 100.0, 200.0
    needed, ordered = offset_demand(inputs, independent)
    np.testing.assert_allclose(needed[2, :5], [100, 0, 100, 100, 0])
    np.testing.assert_allclose(ordered[2, :5], [100, 100, 100, 0, 0])


def test_a_bill_counts_while_it_is_in_effect() -> None:
    quantity = np.array([1.0, 1, 1, 0, 0, 0, 0, 0])
    inputs = small_company(bill={("A", "F"): quantity, ("A", "B"): 2 * (1 - quantity)}, edges=())
    dependent = dependent_demand(inputs, np.vstack([np.full((1, 8), 10.0), np.zeros((2, 8))]))
    assert list(dependent[2]) == [10, 10, 10, 0, 0, 0, 0, 0]
    assert list(dependent[1]) == [0, 0, 0, 20, 20, 20, 20, 20]


@given(rows=ROWS, days=DAYS)
def test_the_cumulative_lead_time_is_the_longest_path(
    rows: dict[tuple[int, int], float], days: list[float]
) -> None:
    inputs, bill = structure(rows, days)
    walked = [longest(label, bill, dict(zip(LABELS, days))) for label in LABELS]
    np.testing.assert_allclose(item_days(inputs), walked)


def test_branches_of_five_and_nine_days_take_nine() -> None:
    """Reference: the longest path, never the sum of the branches."""
    edges = (
        {"product": "A", "site": "Plant", "mode": MAKE},
        {"product": "B", "site": "Plant", "mode": BUY, "source": "Vendor", "lead_days": 5.0},
        {"product": "F", "site": "Plant", "mode": BUY, "source": "Vendor", "lead_days": 9.0},
    )
    inputs = small_company(edges=edges, bill={("A", "B"): 1.0, ("A", "F"): 1.0})
    assert list(item_days(inputs)) == [9, 5, 9]


def test_what_is_bought_waits_for_no_component_and_no_way_of_supply_is_not_known() -> None:
    edges = ({"product": "A", "site": "Plant", "mode": BUY, "source": "Vendor", "lead_days": 4.0},)
    days = item_days(small_company(edges=edges))
    assert days[0] == 4 and np.isnan(days[1:]).all()
