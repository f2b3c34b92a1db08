"""Netting, the demand time fence and the pace of the month, against published numbers and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.demand_review.orders import fenced, forecast_left, pace, unfenced
from sop_engine.supply_review.inventory import projected_stock
from tests.builders import demand_of, small_company

UNITS = st.lists(st.floats(0, 1e4), min_size=6, max_size=6)


def test_netting_as_published() -> None:
    left = forecast_left(np.full(3, 350.0), np.array([130.0, 100, 80]))
    assert list(left) == [220, 250, 270]


def test_the_projected_balance_with_a_fence_as_published() -> None:
    """Opening 40, forecast 40 a week, master schedule 100 in weeks 2 and 4, fence after week 3."""
    orders = np.array([39.0, 42, 39, 33, 23])
    demand = fenced(unfenced(np.full(5, 40.0), orders, np.zeros(5)), orders, 3)
    balance = projected_stock(np.array([40.0]), np.array([[0.0, 100, 0, 100, 0]]), demand[None])
    assert list(balance[0]) == [1, 59, 20, 80, 40]


@given(forecast=UNITS, orders=UNITS, late=UNITS, fence=st.integers(0, 8))
def test_demand_is_orders_inside_the_fence_and_never_less_than_either_outside(
    forecast: list[float], orders: list[float], late: list[float], fence: int
) -> None:
    overdue = np.array(late) * np.eye(6)[0]
    booked = np.array(orders) + overdue
    demand = fenced(unfenced(np.array(forecast), booked, overdue), booked, fence)
    for t in range(6):
        outside = max(forecast[t], orders[t]) + overdue[t]
        assert demand[t] == pytest.approx(booked[t] if t < fence else outside)
    left = forecast_left(np.array(forecast), np.array(orders))
    np.testing.assert_allclose((booked + left)[fence:], demand[fence:])


def test_a_fence_drops_what_is_not_ordered_and_the_steps_still_add_up() -> None:
    orders = ({"order": "1", "product": "A", "market": "East", "period": 1, "units": 20.0},)
    open_, closed = (
        demand_of(small_company(orders=orders, settings={"demand_fence_periods": fence})) for fence in (0, 2)
    )
    assert closed.unconstrained[0, 0, 1] == 20 and not closed.unconstrained[:, :, 0].any()
    assert np.array_equal(closed.unconstrained[:, :, 2:], open_.unconstrained[:, :, 2:])
    assert closed.steps["Demand fence"][0, 0, 1] == -40 and not open_.steps["Demand fence"].any()
    np.testing.assert_allclose(sum(closed.steps.values()), closed.unconstrained)


def test_the_pace_projects_the_working_days_that_are_left() -> None:
    """January 2014 has 23 working days; 8 of them have passed on Friday the 10th."""
    rows = ((0, "2014-01-06"), (0, "2014-01-27"), (1, "2014-02-03"))
    orders = tuple(
        {"order": str(i), "product": "A", "market": "East", "period": period, "units": 10.0}
        for i, (period, _) in enumerate(rows)
    )
    inputs = small_company(orders=orders)
    shipped = np.zeros((3, 2))
    shipped[0, 0] = 30.0
    book = replace(
        inputs.demand.orders,
        day=np.array([day for _, day in rows], dtype="datetime64[D]"),
        shipped=shipped,
        as_of=np.datetime64("2014-01-10"),
        rests_on="shipments",
    )
    inputs = replace(inputs, demand=replace(inputs.demand, orders=book))
    found = pace(inputs, inputs.demand.baseline.units)
    assert (found.elapsed, found.total) == (8, 23)
    assert (found.due[0, 0], found.later[0, 0], found.secured[0, 0]) == (10, 10, 50)
    assert found.projected[0, 0] == pytest.approx(40 * 23 / 8)
    assert found.forecast[0, 0] == 60


def test_without_a_date_nothing_is_projected() -> None:
    found = pace(small_company(), np.ones((3, 2, 8)))
    assert found.elapsed == 0 and np.isnan(found.projected).all()
