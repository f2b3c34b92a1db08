"""Price, cost and currency: the primitives that turn a quantity into money of the base currency.

A price or cost that nobody has stated is NaN here; whoever values units with it says which cells were left
out.
"""

from __future__ import annotations

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.scenario import Lever, LeverKind, Scenario, acting_periods


def local_price(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(products, markets, periods) net price in each market's own currency, the price changes of events and
    price levers applied; NaN = not known."""
    price = inputs.money.price
    levers = scenario.of(LeverKind.PRICE)
    events = [event for event in inputs.demand.events if event.counts and event.price_change_pct]
    if not levers and not events:
        return price
    price = price.copy()
    for event in events:
        price *= event_price_factor(event, price.shape)
    for lever in levers:
        products, markets = inputs.products.group(lever.target), inputs.markets.group(lever.market)
        price[np.ix_(products, markets, acting_periods(lever, inputs.calendar))] *= 1 + lever.value / 100
    return price


def event_price_factor(event: Event, shape: tuple[int, ...]) -> np.ndarray:
    """(products, markets, periods) what an event multiplies the net price by: 1 outside its cells."""
    factor = np.ones(shape)
    lasting = np.arange(max(event.first, 0), min(event.last + 1, shape[2]))
    cells = np.ix_(np.flatnonzero(event.products), np.flatnonzero(event.markets), lasting)
    factor[cells] = 1 + event.price_change_pct / 100
    return factor


def exchange_rate(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(markets, periods) base currency per unit of the market's currency, exchange levers applied.

    A lever without a target moves every currency but the base currency: +5 % is a currency 5 % stronger.
    """
    rate = inputs.money.rate.copy()
    currency = inputs.markets.currency
    for lever in scenario.of(LeverKind.EXCHANGE_RATE):
        moved = (currency == lever.target) if lever.target else (currency != inputs.money.base_currency)
        rate[np.ix_(moved, acting_periods(lever, inputs.calendar))] *= 1 + lever.value / 100
    return rate


def cost_factor(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(products, periods) what the cost levers multiply a product's costs by; 1 where none acts."""
    factor = np.ones((len(inputs.products), inputs.calendar.periods))
    for lever in scenario.of(LeverKind.UNIT_COST):
        factor[np.ix_(inputs.products.group(lever.target), acting_periods(lever, inputs.calendar))] *= (
            1 + lever.value / 100
        )
    return factor


def unit_costs(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(products, periods) standard cost of a unit in the base currency, cost levers applied; NaN = not
    known."""
    return inputs.money.unit_cost * cost_factor(inputs, scenario)


def freight_factor(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(periods,) what the freight levers multiply freight by; 1 where none acts."""
    factor = np.ones(inputs.calendar.periods)
    for lever in scenario.of(LeverKind.FREIGHT):
        factor[acting_periods(lever, inputs.calendar)] *= 1 + lever.value / 100
    return factor


def value(units: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Units x price, cell by cell; a cell without a known price counts 0 and is named by `unknown`."""
    return units * np.where(np.isnan(price), 0.0, price)


def worth(units: np.ndarray, price: np.ndarray) -> np.ndarray:
    """As `value`, but NaN throughout where no price at all is known: a sum of nothing stated is not zero.

    >>> worth(np.array([2.0, 3.0]), np.array([5.0, np.nan])), worth(np.ones(2), np.full(2, np.nan))
    (array([10.,  0.]), array([nan, nan]))
    """
    return units * price if np.isnan(price).all() else value(units, price)


def unknown(units: np.ndarray, price: np.ndarray) -> np.ndarray:
    """Bool, one axis less: the rows that have units in a period without a known price."""
    return ((units > 0) & np.isnan(price)).any(axis=-1)


def charged_once(inputs: Inputs, levers: tuple[Lever, ...]) -> np.ndarray:
    """(periods,) the spend of levers, each in the first period in which it acts; a lever that never acts
    costs nothing."""
    spend = np.zeros(inputs.calendar.periods)
    for lever in levers:
        acting = np.flatnonzero(acting_periods(lever, inputs.calendar))
        if acting.size:
            spend[acting[0]] += lever.spend
    return spend
