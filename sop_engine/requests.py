"""What one review asks of another, in the plan: the units that bring exactly what was accepted, and what a
request achieved: the plan solved with it less the plan solved without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.optimize import brentq

from sop_engine.demand_review.consensus import agreed_demand, plan_demand
from sop_engine.demand_review.judgement import locked_cells, override_cells
from sop_engine.errors import RecordError
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Override
from sop_engine.money import exchange_rate, local_price, unit_costs
from sop_engine.plan import Plan, in_force
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.remedies.causes import RootCause, root_causes
from sop_engine.scenario import BASELINE, Scenario

MEASURES = {
    "units": "units",
    "revenue": "revenue",
    "gross_margin": "gross margin",
    "inventory": "stock",
    "cost": "cost",
    "hours": "hours",
}
VOLUMES = ("units", "revenue", "gross_margin")  # what an override of the demand can carry out
EXACT = 1e-9  # of the accepted amount
TRACE = 1e-6  # of the accepted amount: the supply model is solved to this
DOUBLINGS = 40
BINDING = 2  # causes named for what is not achieved


@dataclass(frozen=True, eq=False)
class Cells:
    """What a request speaks of. products, markets: masks; periods: plan indices, past ones left out"""

    products: np.ndarray
    markets: np.ndarray
    periods: np.ndarray

    @property
    def index(self) -> tuple[np.ndarray, ...]:
        return np.ix_(np.flatnonzero(self.products), np.flatnonzero(self.markets), self.periods)

    @property
    def whole(self) -> bool:
        return bool(self.products.all() and self.markets.all())


@dataclass(frozen=True)
class Standing:
    """What came of an accepted request, in its measure.

    wanted: change of the unconstrained demand, NaN where the measure is no volume; achieved: of what is
    delivered, in scope and span; later: in scope after the span; elsewhere: outside the scope, in the span
    binds: what binds for the rest, a sentence each, the largest first
    """

    accepted: float
    wanted: float
    achieved: float
    later: float
    elsewhere: float
    binds: tuple[str, ...]

    @property
    def rest(self) -> float:
        """What was accepted and is not achieved; 0 within the solver's tolerance."""
        rest = self.accepted - self.achieved
        return rest if abs(rest) > TRACE * abs(self.accepted) else 0.0

    def words(self, measure: str, currency: str) -> str:
        """Accepted and achieved, what it moves in later months and outside its scope, and what binds for the
        rest."""
        trace = TRACE * abs(self.accepted)
        parts = [
            f"Accepted {amount_words(measure, self.accepted, currency)}, achieved "
            f"{self.achieved:+,.0f}{' in full' if not self.rest else ''}"
        ]
        parts += [f"{self.later:+,.0f} in the months after"] * (abs(self.later) > trace)
        parts += [f"{self.elsewhere:+,.0f} outside its scope"] * (abs(self.elsewhere) > trace)
        lead = "; ".join(parts) + "."
        if self.rest * self.accepted <= 0:
            return lead
        why = " ".join(self.binds) or "nothing is short there; more is served only where more is demanded."
        return f"{lead} What binds for the rest, {self.rest:+,.0f}: {why}"


def amount_words(measure: str, amount: float, currency: str) -> str:
    """A signed amount with what it counts.

    >>> amount_words("revenue", 1.2e6, "USD"), amount_words("units", -500, "USD")
    ('+1,200,000 USD of revenue', '-500 units')
    """
    unit = measure if measure in ("units", "hours") else f"{currency} of {MEASURES[measure]}".lstrip()
    return f"{amount:+,.0f} {unit}"


def asked_cells(inputs: Inputs, product: str, family: str, market: str, first: date, last: date) -> Cells:
    """The cells of a request. Raises DataError where a label is not loaded."""
    calendar = inputs.calendar
    ends = calendar.locate(np.array([first, last], dtype="datetime64[D]")) - calendar.now
    periods = np.arange(max(int(ends[0]), 0), min(int(ends[1]) + 1, calendar.horizon))
    return Cells(inputs.products.group(product or family), inputs.markets.group(market), periods)


def unit_worth(inputs: Inputs, scenario: Scenario, measure: str) -> np.ndarray:
    """(products, markets, periods) what one more unit of demand counts in a measure of VOLUMES: 1, its net
    price, or price less standard cost; 0 where that is not known.
    """
    if measure == "units":
        return np.ones(inputs.demand.baseline.units.shape)
    price = local_price(inputs, scenario) * exchange_rate(inputs, scenario)
    cost = unit_costs(inputs, scenario)[:, None, :] if measure == "gross_margin" else 0.0
    return np.nan_to_num(price - cost)


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


def standing(before: Plan, after: Plan, cells: Cells, measure: str, accepted: float) -> Standing:
    """What an accepted request achieved. before, after: the plan without it and with it, no lever moved."""
    one, other = (_figures(plan, cells, measure) for plan in (before, after))
    achieved, later, total, wanted = (other[name] - one[name] for name in one)
    found = Standing(accepted, wanted, achieved, later, total - achieved, ())
    return replace(found, binds=_binds(before, after, cells)) if found.rest * accepted > 0 else found


def measured(plan: Plan, measure: str, cells: Cells) -> float:
    """What a plan delivers in a measure: units, revenue, revenue less standard cost, stock at the end of the
    span, hours worked on the products, or standard cost, and of the whole company what its supply choices
    cost.
    """
    finance = plan.finance
    if not cells.periods.size:
        return 0.0
    match measure:
        case "units":
            return float(finance.delivered[cells.index].sum())
        case "revenue":
            return float(finance.revenue[cells.index].sum())
        case "gross_margin":
            return float((finance.revenue - finance.standard_cost)[cells.index].sum())
        case "inventory":
            return float(finance.inventory_value[cells.products, cells.periods[-1]].sum())
        case "hours":
            return _hours(plan, cells)
    choices = sum(finance.choice_costs[name][cells.periods].sum() for name in CHOICES) if cells.whole else 0.0
    return float(finance.standard_cost[cells.index].sum() + choices)


def _figures(plan: Plan, cells: Cells, measure: str) -> dict[str, float]:
    """In scope and span, in scope after it, in the span of the whole company, and wanted in scope."""
    calendar = plan.inputs.calendar
    after = np.arange(cells.periods[-1] + 1 if cells.periods.size else 0, calendar.horizon)
    everything = replace(cells, products=np.ones_like(cells.products), markets=np.ones_like(cells.markets))
    wanted = np.nan
    if measure in VOLUMES:
        worth = unit_worth(plan.inputs, plan.levers, measure)
        wanted = float((plan.demand.unconstrained * worth)[cells.index].sum())
    flows = measure != "inventory"
    return {
        "achieved": measured(plan, measure, cells),
        "later": measured(plan, measure, replace(cells, periods=after)) if flows else 0.0,
        "total": measured(plan, measure, cells if measure == "cost" else everything),
        "wanted": wanted,
    }


def _hours(plan: Plan, cells: Cells) -> float:
    edges = plan.inputs.network.edges
    started = np.where(cells.products[edges.product][:, None], plan.supply.flow, 0.0)
    hours = started[edges.hours_edge] * edges.hours_per_unit[:, None]
    return float(hours[:, cells.periods].sum())


def _binds(before: Plan, after: Plan, cells: Cells) -> tuple[str, ...]:
    """The causes of shortage in scope that grew most; where none grew, the largest there is."""
    was = {cause.key: cause.late + cause.lost for cause in root_causes(before, cells.periods, cells.products)}

    def grown(cause: RootCause) -> float:
        return cause.late + cause.lost - was.get(cause.key, 0.0)

    found = root_causes(after, cells.periods, cells.products)
    there = [cause for cause in found if cells.markets[list(cause.markets)].any()]
    more = sorted((cause for cause in there if grown(cause) > 0.5), key=grown, reverse=True)
    return tuple(cause.sentence for cause in (more or there[:1])[:BINDING])


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
