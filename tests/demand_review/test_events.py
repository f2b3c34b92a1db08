"""Events and dated prices: what they do to units, what they cost and what they take off the price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.demand_review.events import event_moves, list_price_factor, price_response, with_events
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.money import local_price
from sop_engine.scenario import BASELINE
from tests.builders import demand_of, small_company

NAN = float("nan")
A, B, F = range(3)


def event(**terms: object) -> Event:
    base = {
        "event": "Fair",
        "products": np.array([True, False, False]),
        "markets": np.array([True, True]),
        "first": 2,
        "last": 3,
        "lift_pct": NAN,
        "lift_units": NAN,
        "cost": 0.0,
        "owner": "Ann",
    }
    return Event(**(base | terms))


def company(*events: Event, elasticity: float = NAN) -> Inputs:
    inputs = small_company()
    demand = replace(inputs.demand, events=events, elasticity=np.full(3, elasticity))
    return replace(inputs, demand=demand)


def lifted(inputs: Inputs) -> np.ndarray:
    return with_events(inputs.demand.baseline.units, inputs)


@given(
    pct=st.floats(-150, 200) | st.just(NAN),
    units=st.floats(-200, 200) | st.just(NAN),
    change=st.floats(-99, 100),
    elasticity=st.floats(-4, -0.1) | st.just(NAN),
)
def test_an_event_is_what_a_loop_over_its_cells_says(
    pct: float, units: float, change: float, elasticity: float
) -> None:
    inputs = company(event(lift_pct=pct, lift_units=units, price_change_pct=change), elasticity=elasticity)
    before, after = inputs.demand.baseline.units, lifted(inputs)
    for period in range(inputs.calendar.periods):
        if period not in (2, 3):
            assert np.array_equal(after[:, :, period], before[:, :, period])
            continue
        cells = [before[A, market, period] for market in range(2)]
        if np.isnan(pct) and np.isnan(units):
            factor = 1.0 if np.isnan(elasticity) else (1 + change / 100) ** elasticity
            expected = [cell * factor for cell in cells]
        else:
            raised = [max(cell * (1 + np.nan_to_num(pct) / 100), 0.0) for cell in cells]
            total = max(sum(raised) + np.nan_to_num(units), 0.0)
            shares = [cell / sum(raised) for cell in raised] if sum(raised) > 0 else [0.5, 0.5]
            expected = [share * total for share in shares] if not np.isnan(units) else raised
        np.testing.assert_allclose(after[A, :, period], expected, rtol=1e-9, atol=1e-9)
    assert np.array_equal(after[B:], before[B:])


def test_a_stated_lift_of_nothing_counts_and_a_blank_one_follows_the_price() -> None:
    cheaper = {"price_change_pct": -20.0}
    assert lifted(company(event(lift_pct=0.0, **cheaper), elasticity=-2.0))[A, 0, 2] == 60
    assert lifted(company(event(**cheaper), elasticity=-2.0))[A, 0, 2] == pytest.approx(60 / 0.64)


@pytest.mark.parametrize("status", ["rejected", "Cancelled"])
def test_what_was_rejected_moves_neither_units_nor_price_nor_money(status: str) -> None:
    inputs = company(event(lift_pct=50.0, price_change_pct=-10.0, cost=500.0, status=status))
    plan = demand_of(inputs)
    assert np.array_equal(plan.unconstrained, inputs.demand.baseline.units)
    assert not plan.spend.any() and local_price(inputs, BASELINE) is inputs.money.price


def test_the_lower_price_stands_in_the_cells_of_the_event_only() -> None:
    inputs = company(event(price_change_pct=-10.0, markets=np.array([False, True]), first=-2, last=1))
    price = local_price(inputs, BASELINE)
    assert list(price[A, 1, :3]) == [90, 90, 100]
    assert (price[A, 0] == 100).all() and np.array_equal(price[B], inputs.money.price[B])


def test_the_moves_end_in_the_step_and_are_named() -> None:
    inputs = company(event(lift_pct=10.0), event(event="Gone", status="rejected"), event(lift_units=6.0))
    moves = list(event_moves(inputs.demand.baseline.units, inputs))
    assert [move.event for move, _ in moves] == ["Fair", "Fair"]
    assert np.array_equal(moves[-1][1], lifted(inputs))
    np.testing.assert_allclose(
        demand_of(inputs).steps["Events"], lifted(inputs) - inputs.demand.baseline.units
    )


def test_the_cost_falls_where_an_event_starts_and_is_paid_where_it_started_before() -> None:
    spend = demand_of(company(event(cost=500.0), event(cost=70.0, first=-1))).spend
    assert list(spend) == [0, 0, 500, 0, 0, 0, 0, 0]


def test_a_price_of_nothing_is_no_matter_of_elasticity() -> None:
    assert list(price_response(-1.0, np.array([-2.0]))) == [1]


def test_a_dated_list_price_moves_units_from_its_period_on() -> None:
    price = np.array([100.0, 100, 110, 110, 110, np.nan, 0, 110])
    inputs = small_company(price={("A", "East"): price, ("B", "East"): 60.0})
    inputs = replace(inputs, demand=replace(inputs.demand, elasticity=np.array([-1.5, NAN, NAN])))
    factor = list_price_factor(inputs)
    np.testing.assert_allclose(factor[A, 0], [1, 1, *[1.1**-1.5] * 3, 1, 1, 1.1**-1.5])
    assert (factor[B:] == 1).all() and (factor[A, 1] == 1).all(), "no elasticity, and no price: units stay"
    np.testing.assert_allclose(demand_of(inputs).steps["List prices"][A, 0, 2], 60 * (1.1**-1.5 - 1))
