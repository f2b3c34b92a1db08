"""What each launch and each succession does to demand, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.demand_review.consensus import launch_units, plan_demand, without_cannibalised
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import Scenario


@dataclass(frozen=True, eq=False)
class LaunchEffect:
    """units: (markets, periods) that it sells; taken: {product position: (markets, periods)} units that it
    takes out of the products it eats into.
    """

    launch: Launch
    units: np.ndarray
    taken: Mapping[int, np.ndarray]


def launch_effects(inputs: Inputs, launches: tuple[Launch, ...], units: np.ndarray) -> Iterator[LaunchEffect]:
    """Launches one after the other over what is left by those before; what they take adds up to the step
    "Cannibalisation".

    units: (products, markets, periods) with these launches, before any of them has taken something.
    """
    launched = launch_units(inputs, launches)
    for launch in launches:
        after = without_cannibalised(units, launched, (launch,))
        taken = {victim: units[victim] - after[victim] for victim in launch.cannibalises}
        yield LaunchEffect(launch, launch_units(inputs, (launch,))[launch.product], taken)
        units = after


def launch_gain(
    inputs: Inputs, scenario: Scenario, portfolio: Portfolio, consensus: np.ndarray, launch: Launch
) -> LaunchEffect:
    """What a launch that is out would change in the consensus, (products, markets, periods) units:
    the plan's demand made once more with it.
    """
    active = portfolio.active.copy()
    active[launch.product] = np.arange(inputs.calendar.periods) >= launch.launch
    inside = replace(portfolio, active=active, launches=(*portfolio.launches, launch))
    gained = plan_demand(inputs, scenario, inside).consensus - consensus
    changed = np.flatnonzero(np.abs(gained).sum(axis=(1, 2)) > 0)
    taken = {int(product): -gained[product] for product in changed if product != launch.product}
    return LaunchEffect(launch, gained[launch.product], taken)


def succession_units(inputs: Inputs, ending: PhaseOut, active: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(markets, periods) units of the baseline that end with a product, and those that its successor takes
    over. active: (products, periods) bool.
    """
    lost = inputs.demand.baseline.units[ending.product] * ~active[ending.product]
    moved = ending.transfer * lost * (active[ending.successor] if ending.successor >= 0 else 0.0)
    return lost, moved
