"""Consensus demand: the stored baseline and, step by step, everything that makes it the
unconstrained plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sop_engine.demand_review.events import demand_spend, with_events, with_list_prices
from sop_engine.demand_review.explosion import dependent_demand
from sop_engine.demand_review.judgement import with_overrides, with_streams
from sop_engine.demand_review.orders import fenced, order_units, unfenced
from sop_engine.demand_review.spread import cells_of
from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import Lever, LeverKind, Scenario, acting_periods

Moves = Callable[[np.ndarray, Inputs, Scenario], Iterator[tuple[Lever, np.ndarray]]]


@dataclass(frozen=True, eq=False)
class DemandPlan:
    """Unconstrained demand and how it came about; units, all (products, markets, periods) unless said
    otherwise.

    steps: {name: units} in order, the first is the statistical baseline; they add up to `unconstrained`
    exactly
    consensus: independent demand before open orders are netted in
    orders: open orders by requested period, overdue ones in the first
    unconstrained: open orders and the forecast that they have not consumed
    dependent: (products, periods) units that the bills of material need for it, gross of stock
    spend: (periods,) money that events and levers cost
    """

    steps: Mapping[str, np.ndarray]
    consensus: np.ndarray
    orders: np.ndarray
    unconstrained: np.ndarray
    dependent: np.ndarray
    spend: np.ndarray

    def before(self, step: str) -> np.ndarray:
        """Units as they stand before a step of the build-up."""
        names = list(self.steps)
        earlier = [self.steps[name] for name in names[: names.index(step)]]
        return np.sum(earlier, axis=0) if earlier else np.zeros(self.unconstrained.shape)


class BuildUp:
    """Demand while it is being built: the current units and what each step added, read-only arrays."""

    def __init__(self, units: np.ndarray, steps: Mapping[str, np.ndarray]) -> None:
        self.units = units
        self.steps = dict(steps)

    def step(self, name: str, units: np.ndarray) -> None:
        same = units is self.units
        self.steps[name] = np.broadcast_to(0.0, units.shape) if same else units - self.units
        self.units = units
        for array in (self.steps[name], units):
            array.setflags(write=False)


def plan_demand(inputs: Inputs, scenario: Scenario, portfolio: Portfolio) -> DemandPlan:
    """Unconstrained consensus demand of the scenario and the dependent demand it causes."""
    agreed = agreed_demand(inputs, portfolio)
    build = BuildUp(agreed.units, agreed.steps)
    build.step("Price", with_price_levers(build.units, inputs, scenario))
    build.step("Levers", with_demand_levers(build.units, inputs, scenario))
    consensus = build.units
    orders, overdue = order_units(inputs)
    build.step("Orders above forecast", unfenced(consensus, orders, overdue))
    build.step("Demand fence", fenced(build.units, orders, int(inputs.settings["demand_fence_periods"])))
    dependent = dependent_demand(inputs, build.units.sum(axis=1))
    return DemandPlan(build.steps, consensus, orders, build.units, dependent, demand_spend(inputs, scenario))


@lru_cache(maxsize=8)  # no lever but a launch's changes it, and every slider move asks for it
def agreed_demand(inputs: Inputs, portfolio: Portfolio) -> BuildUp:
    """Demand before levers: the statistical baseline with lifecycles, dated list prices and what people
    judged; list prices come first, so that what is judged stands.
    """
    baseline = inputs.demand.baseline.units
    build = BuildUp(baseline, {"Statistical baseline": baseline})
    build.step("Phase-outs", with_phase_outs(build.units, portfolio.phase_outs, portfolio.active))
    launched = launch_units(inputs, portfolio.launches)
    build.step("Launches", build.units + launched)
    build.step("Cannibalisation", without_cannibalised(build.units, launched, portfolio.launches))
    build.step("List prices", with_list_prices(build.units, inputs))
    build.step("Streams", with_streams(build.units, inputs))
    build.step("Events", with_events(build.units, inputs))
    build.step("Overrides", with_overrides(build.units, inputs))
    return build


def with_phase_outs(units: np.ndarray, phase_outs: tuple[PhaseOut, ...], active: np.ndarray) -> np.ndarray:
    """Demand after lifecycles: nothing outside a product's window; what a successor takes over moves
    to it.
    """
    result = units * active[:, None, :]
    for ending in phase_outs:
        if ending.successor >= 0:
            lost = units[ending.product] * ~active[ending.product]  # not what others left to it
            result[ending.successor] += ending.transfer * lost * active[ending.successor]
    return result


def launch_units(inputs: Inputs, launches: tuple[Launch, ...]) -> np.ndarray:
    """What launches sell: the like-product's baseline x scale, ramped up evenly over `ramp` periods from the
    launch.
    """
    units = np.zeros_like(inputs.demand.baseline.units)
    periods = np.arange(inputs.calendar.periods)
    for launch in launches:
        age = periods - launch.launch
        ramp = np.clip((age + 1) / max(launch.ramp, 1), 0.0, 1.0)
        units[launch.product] += inputs.demand.baseline.units[launch.like] * launch.scale * ramp
    return units


def without_cannibalised(units: np.ndarray, launched: np.ndarray, launches: tuple[Launch, ...]) -> np.ndarray:
    """Takes each launch's share of its own units out of the products it eats into, in proportion, never below
    zero.
    """
    result = units.copy()
    for launch in launches:
        victims = np.array(launch.cannibalises, dtype=int)
        if victims.size == 0 or launch.cannibalisation == 0:
            continue
        pool = result[victims].sum(axis=0)
        taken = np.minimum(launched[launch.product] * launch.cannibalisation, pool)
        result[victims] *= 1.0 - np.divide(taken, pool, out=np.zeros_like(pool), where=pool > 0)
    return result


def with_price_levers(units: np.ndarray, inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """Units after the price levers."""
    return _last(price_moves, units, inputs, scenario)


def with_demand_levers(units: np.ndarray, inputs: Inputs, scenario: Scenario) -> np.ndarray:
    """Units after the demand levers."""
    return _last(demand_moves, units, inputs, scenario)


def price_moves(units: np.ndarray, inputs: Inputs, scenario: Scenario) -> Iterator[tuple[Lever, np.ndarray]]:
    """Each price lever and the units after it: x (1 + change) ^ elasticity, as they are where none is
    known.
    """
    elasticity = np.nan_to_num(inputs.demand.elasticity)
    for lever in scenario.of(LeverKind.PRICE):
        members = np.flatnonzero(inputs.products.group(lever.target))
        response = ((1 + lever.value / 100) ** elasticity)[members, None, None]
        units = _scaled(units, lever_cells(inputs, lever), response)
        yield lever, units


def demand_moves(units: np.ndarray, inputs: Inputs, scenario: Scenario) -> Iterator[tuple[Lever, np.ndarray]]:
    """Each demand lever and the units after it."""
    for lever in scenario.of(LeverKind.DEMAND):
        units = _scaled(units, lever_cells(inputs, lever), 1 + lever.value / 100)
        yield lever, units


def _last(moves: Moves, units: np.ndarray, inputs: Inputs, scenario: Scenario) -> np.ndarray:
    for _, after in moves(units, inputs, scenario):
        units = after
    return units


def _scaled(units: np.ndarray, cells: tuple[np.ndarray, ...], factor: np.ndarray | float) -> np.ndarray:
    result = units.copy()
    result[cells] *= factor
    return result


def lever_cells(inputs: Inputs, lever: Lever) -> tuple[np.ndarray, ...]:
    """Open-mesh index of the demand cells a lever acts on; none inside the frozen zone."""
    return cells_of(
        inputs.products.group(lever.target),
        inputs.markets.group(lever.market),
        acting_periods(lever, inputs.calendar),
    )
