import numpy as np
import pytest

from sop_engine.inputs import Inputs
from sop_engine.money import (
    charged_once,
    exchange_rate,
    freight_factor,
    local_price,
    unit_costs,
    unknown,
    value,
    worth,
)
from sop_engine.scenario import BASELINE, Lever, Scenario
from tests.plans import small_inputs

A, B, F = 0, 1, 2
EAST, WEST = 0, 1


def net_price(inputs: Inputs, levers: Scenario) -> np.ndarray:
    return local_price(inputs, levers) * exchange_rate(inputs, levers)


def scenario(*levers: Lever) -> Scenario:
    return Scenario(levers)


def test_a_net_price_is_the_local_one_in_the_base_currency() -> None:
    price = net_price(small_inputs(), BASELINE)
    assert price[A, EAST, 3] == pytest.approx(10)
    assert price[A, WEST, 3] == pytest.approx(12 * 1.3)
    assert np.isnan(price[F]).all()


def test_a_price_lever_moves_its_cells_and_leaves_the_frozen_period() -> None:
    inputs = small_inputs()
    moved = local_price(inputs, scenario(Lever("price", 10, target="Bikes", market="West", last="2014-04")))
    ratio = moved / inputs.money.price
    assert np.allclose(ratio[A, WEST, 1:4], 1.1)
    assert (ratio[A, WEST, [0, 4]] == 1).all() and (ratio[A, EAST] == 1).all() and (ratio[B] == 1).all()


def test_a_stronger_currency_is_worth_more_and_the_base_currency_never_moves() -> None:
    inputs = small_inputs()
    named = exchange_rate(inputs, scenario(Lever("exchange_rate", -5, target="EUR")))
    every = exchange_rate(inputs, scenario(Lever("exchange_rate", -5)))
    assert np.allclose(named, every)
    assert (
        (named[EAST] == 1).all()
        and named[WEST, 0] == pytest.approx(1.3)
        and named[WEST, 1] == pytest.approx(1.3 * 0.95)
    )


def test_cost_and_freight_levers_multiply() -> None:
    inputs = small_inputs()
    cost = unit_costs(inputs, scenario(Lever("unit_cost", 10), Lever("unit_cost", -20, target="A")))
    assert (
        cost[A, 5] == pytest.approx(6 * 1.1 * 0.8)
        and cost[B, 5] == pytest.approx(12 * 1.1)
        and cost[A, 0] == 6
    )
    assert list(freight_factor(inputs, scenario(Lever("freight", 50)))[:2]) == [1, 1.5]


def test_the_inputs_themselves_never_change() -> None:
    inputs = small_inputs()
    before = inputs.money.price.copy(), inputs.money.rate.copy(), inputs.money.unit_cost.copy()
    levers = scenario(Lever("price", 5), Lever("exchange_rate", 5), Lever("unit_cost", 5))
    net_price(inputs, levers), unit_costs(inputs, levers)
    for old, new in zip(before, (inputs.money.price, inputs.money.rate, inputs.money.unit_cost), strict=True):
        np.testing.assert_array_equal(old, new)


def test_units_without_a_price_count_nothing_and_are_named() -> None:
    units, price = (
        np.array([[2.0, 1.0], [3.0, 0.0], [0.0, 0.0]]),
        np.array([[5.0, np.nan], [5.0, np.nan], [np.nan, np.nan]]),
    )
    np.testing.assert_array_equal(value(units, price), [[10, 0], [15, 0], [0, 0]])
    np.testing.assert_array_equal(unknown(units, price), [True, False, False])


def test_a_lever_is_charged_when_it_first_acts() -> None:
    inputs = small_inputs()
    levers = (
        Lever("unit_cost", -5, first="2014-03", spend=700),
        Lever("freight", -5, first="2030-01", spend=900),
    )
    spend = charged_once(inputs, levers)
    assert spend[2] == 700 and spend.sum() == 700


def test_units_without_any_known_price_have_no_worth_and_with_some_count_only_those() -> None:
    units = np.array([2.0, 3.0])
    assert np.isnan(worth(units, np.full(2, np.nan))).all()
    assert (
        worth(units, np.array([5.0, np.nan])).tolist()
        == value(units, np.array([5.0, np.nan])).tolist()
        == [10, 0]
    )
