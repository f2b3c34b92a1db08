"""What dated events and list prices do to demand, and what events cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sop_engine.demand_review.spread import cells_of, span, spread
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.money import charged_once, event_price_factor, exchange_rate, local_price, unit_costs, worth
from sop_engine.scenario import LeverKind, Scenario


@dataclass(frozen=True, eq=False)
class EventEffect:
    """What one event changes: (products, markets, periods) units, revenue and margin over standard cost in
    base currency, its own cost not among them.
    """

    event: Event
    units: np.ndarray
    revenue: np.ndarray
    margin: np.ndarray


def with_events(units: np.ndarray, inputs: Inputs) -> np.ndarray:
    """(products, markets, periods) units after all events that count."""
    result = units
    for _, after in event_moves(units, inputs):
        result = after
    return result


def event_moves(units: np.ndarray, inputs: Inputs) -> Iterator[tuple[Event, np.ndarray]]:
    """Each event that counts, in the order of their names, with the units after it.

    An event lifts its cells by a percentage, by units a period spread in proportion, or both. Where it only
    has a price change, the units follow from the elasticity: x (1 + change) ^ elasticity; they stay where
    no elasticity is known.
    """
    for event in inputs.demand.events:
        if event.counts:
            index = cells_of(event.products, event.markets, span(event.first, event.last, units.shape[2]))
            after = units.copy()
            after[index] = _lifted(units[index], event, inputs)
            units = after
            yield event, units


def event_effects(inputs: Inputs, scenario: Scenario, units: np.ndarray) -> Iterator[EventEffect]:
    """What each event that counts adds over those before it, in the order of their names; of the units on
    which they act, so before overrides and levers.

    units: (products, markets, periods) before the first event. Their revenues add up to that of all units
    after the last one at the plan's prices, less that of the units before at prices without any event.
    """
    rate, cost = exchange_rate(inputs, scenario), unit_costs(inputs, scenario)[:, None, :]
    price = local_price(replace(inputs, demand=replace(inputs.demand, events=())), scenario)
    for event, after in event_moves(units, inputs):
        dearer = price * event_price_factor(event, price.shape)
        revenue = worth(after, dearer * rate) - worth(units, price * rate)
        yield EventEffect(event, after - units, revenue, revenue - worth(after - units, cost))
        units, price = after, dearer


def price_response(change: float, elasticity: np.ndarray) -> np.ndarray:
    """What a change of the price (a share: -0.1 is 10 % less) multiplies units by: (1 + change) ^ elasticity;
    1 where no elasticity is known, and where the price falls to nothing, which no elasticity can tell.

    >>> price_response(-0.5, np.array([-1.0, np.nan]))
    array([2., 1.])
    """
    factor = (1 + change) ** np.nan_to_num(elasticity) if change > -1 else np.ones(elasticity.shape)
    return np.asarray(factor)


def with_list_prices(units: np.ndarray, inputs: Inputs) -> np.ndarray:
    """Units after the dated changes of the price table; the same array where there are none."""
    factor = list_price_factor(inputs)
    return units if (factor == 1).all() else units * factor


@lru_cache(maxsize=4)  # no lever touches the price table
def list_price_factor(inputs: Inputs) -> np.ndarray:
    """(products, markets, periods) what dated changes of the price table do to units: (price / the price at
    the start of the plan) ^ elasticity; 1 where a price or the elasticity is not known.
    """
    price = inputs.money.price
    start = price[:, :, :1]
    known = (price > 0) & (start > 0)
    ratio = np.divide(price, start, out=np.ones(price.shape), where=known)
    factor = ratio ** np.nan_to_num(inputs.demand.elasticity)[:, None, None]
    factor.setflags(write=False)
    return factor


def demand_spend(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(periods,) money: the cost of events at their start and the spend of demand and price levers when they
    first act.
    """
    spend = charged_once(inputs, scenario.of(LeverKind.DEMAND, LeverKind.PRICE))
    for event in inputs.demand.events:
        if event.counts and event.first >= 0:  # what started before the plan is paid
            spend[event.first] += event.cost
    return spend


def _lifted(cells: np.ndarray, event: Event, inputs: Inputs) -> np.ndarray:
    """The event's cells (products, markets, periods) after it."""
    if not event.lift_is_stated:
        response = price_response(event.price_change_pct / 100, inputs.demand.elasticity[event.products])
        return cells * response[:, None, None]
    lifted = np.maximum(cells * (1 + np.nan_to_num(event.lift_pct) / 100), 0.0)
    if np.isnan(event.lift_units):
        return lifted
    totals = np.maximum(lifted.sum(axis=(0, 1)) + event.lift_units, 0.0)
    return np.stack([spread(lifted[:, :, t], total) for t, total in enumerate(totals)], axis=2)
