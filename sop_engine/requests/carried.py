"""The units of an override that bring exactly what was accepted of a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scipy.optimize import brentq

from sop_engine.demand_review.consensus import agreed_demand, plan_demand
from sop_engine.demand_review.judgement import locked_cells, override_cells
from sop_engine.errors import RecordError
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Override
from sop_engine.plan import in_force
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.requests.asked import MEASURES, unit_worth
from sop_engine.scenario import BASELINE

EXACT = 1e-9  # of the accepted amount
DOUBLINGS = 40


def units_for(inputs: Inputs, override: Override, measure: str, amount: float) -> float:
    """Units that an override of kind "add", made after all others, must add so that the unconstrained demand
    of the plan counts exactly `amount` more in a measure of VOLUMES.

    Not amount / price: locked cells stay, the scope's mix decides what a unit counts, open orders and the
    demand fence swallow what is forecast below them.
    Raises RecordError where the scope cannot hold it.
    """
    free = _free_units(inputs, override)
    gain = _gain(inputs, override, measure)
    probe = max(free, 1.0) if amount > 0 else -free
    most = gain(probe)
    if most * amount <= 0:
        raise RecordError(_brings_nothing(measure, amount))
    guess = probe * amount / most
    if amount < 0 and most > amount * (1 - EXACT):
        raise RecordError(
            f"The scope can give up {-most:,.0f} {MEASURES[measure]} at most. Accept a part of it, or ask "
            "for a wider scope."
        )
    units = guess if _is(gain(guess), amount) else _bracketed(gain, amount, probe, max(probe, guess))
    if not _is(gain(units), amount):
        raise RecordError(
            f"No number of units brings exactly {amount:+,.0f} {MEASURES[measure]} in this scope. Accept "
            "another amount."
        )
    return units


def _free_units(inputs: Inputs, override: Override) -> float:
    """Units in the cells that an override can change. Raises RecordError where there is no such cell."""
    shape = inputs.demand.baseline.units.shape
    index = override_cells(override, shape)
    locked = locked_cells(override, inputs.demand.locks, shape)[index]
    if not locked.size:
        raise RecordError(
            "The scope has no cell: nothing of it is sold in these periods of the plan. Choose another scope."
        )
    if locked.all():
        holding = [
            f"{lock.lock_id} of {lock.owner}"
            for lock in inputs.demand.locks
            if locked_cells(override, (lock,), shape)[index].any()
        ]
        raise RecordError(
            f"Every cell of the scope is locked: {', '.join(holding)}. Ask for the lock to be lifted."
        )
    held = agreed_demand(inputs, plan_portfolio(inputs, in_force(inputs, BASELINE))).units
    return float(held[index][~locked].sum())


def _gain(inputs: Inputs, override: Override, measure: str) -> Callable[[float], float]:
    """What so many units more in an override bring: of the plan's unconstrained demand, in the measure."""
    levers = in_force(inputs, BASELINE)
    portfolio, worth = plan_portfolio(inputs, levers), unit_worth(inputs, levers, measure)
    held = plan_demand(inputs, levers, portfolio).unconstrained

    def gain(units: float) -> float:
        added = (*inputs.demand.overrides, replace(override, value=units))
        judged = replace(inputs, demand=replace(inputs.demand, overrides=added))
        moved = plan_demand(judged, levers, portfolio).unconstrained - held
        return float((moved * worth).sum())

    return gain


def _bracketed(gain: Callable[[float], float], amount: float, probe: float, start: float) -> float:
    """The units whose gain is `amount`, between nothing and enough."""
    enough = probe if amount < 0 else start
    for _ in range(DOUBLINGS):
        if abs(gain(enough)) >= abs(amount):
            break
        enough *= 2
    else:
        raise RecordError("The scope does not hold it, however many units are added. Choose a wider one.")
    return float(brentq(lambda units: gain(units) - amount, 0.0, enough, xtol=1e-12, rtol=1e-15 * 8))


def _is(gain: float, amount: float) -> bool:
    return abs(gain - amount) <= EXACT / 10 * abs(amount)


def _brings_nothing(measure: str, amount: float) -> str:
    verb = "More" if amount > 0 else "Fewer"
    why = {
        "units": "open orders and the demand fence hold these months",
        "revenue": "no price is known there, or open orders and the demand fence hold these months",
        "gross_margin": "no price or cost is known there, a unit earns nothing, or open orders and the "
        "demand fence hold these months",
    }[measure]
    return f"{verb} units there bring no such {MEASURES[measure]}: {why}. Choose another measure or span."
