"""What dated events do to demand, and what they cost."""

from __future__ import annotations

import numpy as np

from sop_engine.demand_review.spread import cells_of, span, spread_scope
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.money import charged_once
from sop_engine.scenario import LeverKind, Scenario


def with_events(units: np.ndarray, events: tuple[Event, ...]) -> np.ndarray:
    """Events lift their cells by a percentage, by units spread in proportion, or both."""
    result = units.copy()
    anywhere = np.ones(units.shape, dtype=bool)
    for event in events:
        index = cells_of(event.products, event.markets, span(event.first, event.last, units.shape[2]))
        total = result[index].sum() * (1 + event.lift_pct / 100) + event.lift_units
        result = spread_scope(result, index, anywhere, max(total, 0.0))
    return result


def demand_spend(inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """(periods,) money: the cost of events at their start and the spend of demand and price levers when they
    first act.
    """
    spend = charged_once(inputs, scenario.of(LeverKind.DEMAND, LeverKind.PRICE))
    for event in inputs.demand.events:
        if event.first >= 0:  # what started before the plan is paid
            spend[event.first] += event.cost
    return spend
