"""Rounding to order minimums and multiples, beside the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.inputs import Inputs
from sop_engine.supply_review.lots import rounded_orders
from tests.builders import small_company
from tests.supply_review.companies import plan_of

BUY = 2  # the edge that buys F, at a unit cost of 5
NOTHING = np.zeros((5, 8))


def with_lots(minimum: float, multiple: float) -> Inputs:
    inputs = small_company()
    blank = np.full(len(inputs.network.edges.labels), np.nan)
    least, step = blank.copy(), blank.copy()
    least[BUY], step[BUY] = minimum, multiple
    edges = replace(inputs.network.edges, minimum=least, multiple=step)
    return replace(inputs, network=replace(inputs.network, edges=edges))


def orders(*units: float) -> np.ndarray:
    flow = NOTHING.copy()
    flow[BUY, : len(units)] = units
    return flow


def test_orders_below_the_minimum_are_raised_and_the_surplus_is_used_first() -> None:
    found = rounded_orders(with_lots(50.0, np.nan), orders(30.0, 15.0, 60.0, 70.0))
    assert [(o.period, o.planned, o.rounded, o.extra, o.money) for o in found] == [
        (0, 30.0, 50.0, 20.0, 100.0),
        (1, 15.0, 0.0, 5.0, 25.0),
        (2, 60.0, 55.0, 0.0, 0.0),
    ]
    assert {o.edge for o in found} == {BUY}


def test_orders_come_in_multiples() -> None:
    found = rounded_orders(with_lots(np.nan, 24.0), orders(24.0, 25.0, 0.0, 48.0))
    assert [(o.period, o.rounded, o.extra) for o in found] == [(1, 48.0, 23.0)]


def test_without_minimums_nothing_is_rounded_nor_where_they_are_met() -> None:
    inputs = small_company()
    assert rounded_orders(inputs, plan_of(inputs).flow) == ()
    assert rounded_orders(with_lots(10.0, 5.0), orders(10.0, 0.0, 25.0)) == ()


def test_money_is_not_known_where_the_unit_cost_is_not() -> None:
    inputs = with_lots(50.0, np.nan)
    unknown = replace(
        inputs, money=replace(inputs.money, unit_cost=np.full_like(inputs.money.unit_cost, np.nan))
    )
    assert np.isnan(rounded_orders(unknown, orders(30.0))[0].money)


@given(
    units=st.lists(st.floats(0, 500), min_size=8, max_size=8),
    minimum=st.floats(1, 300),
    multiple=st.floats(1, 100) | st.just(np.nan),
)
def test_rounded_orders_cover_the_plan_and_keep_the_rules(
    units: list[float], minimum: float, multiple: float
) -> None:
    flow = orders(*units)
    found = {o.period: o for o in rounded_orders(with_lots(minimum, multiple), flow)}
    rounded = np.array([found[t].rounded if t in found else units[t] for t in range(8)])
    over = np.cumsum(rounded) - np.cumsum(units)
    assert (
        over.min() >= -1e-4 and over.max() < max(minimum, 0) + (0 if np.isnan(multiple) else multiple) + 1e-4
    )
    placed = rounded[rounded > 1e-5]
    assert (placed >= minimum - 1e-4).all()
    if not np.isnan(multiple):
        assert placed / multiple == pytest.approx(np.round(placed / multiple), abs=1e-3)
    for period, order in found.items():
        assert order.extra == pytest.approx(over[period], abs=1e-3)
