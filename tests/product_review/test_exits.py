"""What ends: which components end with it, what is bought for the last time, what is left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sop_engine.inputs.lifecycle import PhaseOut
from sop_engine.inputs.network import Bill
from sop_engine.product_review.exits import Exit, Stocks, exits_of, only_used_by, used_by_bills
from tests.builders import small_company

ITEMS = 7
links = some.sets(
    some.tuples(some.integers(0, ITEMS - 2), some.integers(1, ITEMS - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
)


def bill(pairs: Sequence[tuple[int, int]], quantity: float = 1.0, periods: int = 4) -> Bill:
    rows = sorted(pairs)
    parent, component = (np.array([row[at] for row in rows], dtype=int) for at in (0, 1))
    return Bill(parent, component, np.full((len(rows), periods), quantity))


def tops(item: int, pairs: set[tuple[int, int]], sold: np.ndarray, ending: set[int]) -> set[int] | None:
    """Naively: the ending products above an item; None where anything else wants it too."""
    if item in ending:
        return {item}
    above = [parent for parent, component in pairs if component == item]
    if sold[item] or not above:
        return None
    found = [tops(parent, pairs, sold, ending) for parent in above]
    return None if None in found else set().union(*found)


@given(links, some.sets(some.integers(0, ITEMS - 1), max_size=3), some.sets(some.integers(0, ITEMS - 1)))
def test_a_component_ends_only_if_everything_above_it_does(
    pairs: set[tuple[int, int]], ending: set[int], bought: set[int]
) -> None:
    sold = np.isin(np.arange(ITEMS), sorted(bought))
    found = only_used_by(sorted(ending), bill(pairs), sold)
    naive = {item: tops(item, pairs, sold, ending) for item in range(ITEMS) if item not in ending}
    assert found == {item: tuple(sorted(users)) for item, users in naive.items() if users}


def test_what_bills_take_is_what_is_started_times_its_quantity() -> None:
    inputs = small_company()
    edges, parts = inputs.network.edges, inputs.network.bill
    flow = np.random.default_rng(0).uniform(0, 10, (len(edges.labels), inputs.calendar.periods))
    found = used_by_bills(len(inputs.products), edges, parts, flow)
    naive = np.zeros_like(found)
    for edge in range(len(edges.labels)):
        for row in range(len(parts.parent)):
            if edges.mode[edge] == "make" and parts.parent[row] == edges.product[edge]:
                for period in range(flow.shape[1]):
                    taken = flow[edge, period] / edges.yield_[edge] * parts.quantity[row, period]
                    naive[parts.component[row], period] += taken
    assert np.allclose(found, naive) and naive.any()


def ending(**changes: object) -> tuple[tuple[Exit, ...], tuple[Exit, ...]]:
    """Product 0 ends before period 2 and alone uses component 1; figures of four periods."""
    stocks = {
        "asked": np.array([[10.0, 10.0, 0.0, 0.0], [0.0] * 4]),
        "used": np.array([[0.0] * 4, [8.0, 6.0, 0.0, 0.0]]),
        "stock": np.array([[12.0, 5.0, 5.0, 5.0], [6.0, 3.0, 3.0, 3.0]]),
        "receipts": np.array([[0.0] * 4, [0.0, 2.0, 0.0, 0.0]]),
        "on_hand": np.array([20.0, 4.0]),
        "unit_cost": np.array([[50.0] * 4, [7.0] * 4]),
    }
    phase_out = PhaseOut(0, 2, -1, 0.0, changes.pop("last_buy", None))
    sold = np.array([True, False])
    return exits_of((phase_out,), bill([(0, 1)]), sold, Stocks(**{**stocks, **changes}))


def test_the_leftovers_and_the_last_buy_by_hand() -> None:
    (product,), (component,) = ending()
    assert product.remaining == 20 and product.obsolete == 5 and product.value == 250
    assert product.run_out is None
    assert component.because_of == (0,) and component.end == 2 and component.remaining == 14
    assert component.last_buy_units == pytest.approx(14 - 4 - 2)  # used, less stock now, less on order
    assert component.obsolete == 3 and component.value == 21


def test_a_stated_last_buy_counts_from_its_month() -> None:
    _, (component,) = ending(last_buy=1)
    assert component.last_buy == 1 and component.last_buy_units == 0  # 6 used, 6 in stock and 2 to come
    _, (short,) = ending(last_buy=1, stock=np.array([[0.0] * 4, [1.0, 0.0, 0.0, 0.0]]))
    assert short.last_buy_units == 3 and short.run_out == 1


def test_what_is_still_asked_for_after_the_end_is_not_obsolete() -> None:
    (product,), _ = ending(used=np.array([[0.0, 0.0, 4.0, 0.0], [8.0, 6.0, 0.0, 0.0]]))
    assert product.obsolete == 1


def test_an_end_after_the_plan_leaves_nothing_known() -> None:
    stocks = Stocks(*(np.zeros((1, 3)) for _ in range(4)), np.zeros(1), np.ones((1, 3)))
    (late,), _ = exits_of((PhaseOut(0, 4, -1, 0.0),), bill([], periods=3), np.array([True]), stocks)
    assert np.isnan(late.obsolete) and np.isnan(late.value)
