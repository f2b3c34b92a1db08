"""Whether a launch is ready: checks computed from what is loaded and planned, each with its finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.lifecycle import Launch
from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT, TRANSFER

WINDOW = 3  # first periods of a launch whose supply and load are looked at
SERVED_PCT = (90.0, 98.0)  # below the first not ready, from the second ready
LOAD_PCT = (100.0, 95.0)
CASE_PCT = (80.0, 95.0)


class Light(StrEnum):
    """How a check stands; the value is its word."""

    READY = "ready"
    WATCH = "watch"
    NOT_READY = "not ready"
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Check:
    """One check of one launch: what is checked, how it stands, and the finding it rests on."""

    name: str
    light: Light
    finding: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a plan says, as arrays of all products P, markets M, sites S, resources R, edges E, periods T.

    price: (P, M, T) base currency, unit_cost: (P, T), NaN = not known; days: (P, S) from nothing to a unit
    there, NaN = no way leads there
    demand, on_time: (P, M, T) units; required, available: (R, T) hours
    units: (T,) that the launch sells; margin: (T,) net of what it takes from others, base currency
    """

    price: np.ndarray
    unit_cost: np.ndarray
    days: np.ndarray
    demand: np.ndarray
    on_time: np.ndarray
    required: np.ndarray
    available: np.ndarray
    units: np.ndarray
    margin: np.ndarray


@dataclass(frozen=True)
class BusinessCase:
    """units: of the first year inside the plan; months: how many of its buckets those are; promised: the
    case's units for as many; payback: periods until the margin has paid the capex, NaN where it does not
    within the plan or none is stated.
    """

    units: float
    months: int
    promised: float
    payback: float


def readiness(inputs: Inputs, launch: Launch, seen: Evidence) -> tuple[Check, ...]:
    """Every check of a launch, in the order a product manager asks."""
    checks: tuple[Callable[[Inputs, Launch, Evidence], Check], ...] = (
        _price,
        _unit_cost,
        _way_of_supply,
        _bill,
        _like_product,
        _lead_time,
        _served,
        _load,
        _case,
    )
    return tuple(check(inputs, launch, seen) for check in checks)


def worst(checks: tuple[Check, ...]) -> Light:
    """The light of a launch: that of its worst check; what is not known needs watching."""
    lights = {check.light for check in checks}
    if Light.NOT_READY in lights:
        return Light.NOT_READY
    return Light.READY if lights == {Light.READY} else Light.WATCH


def latest_order(inputs: Inputs, launch: Launch, days: np.ndarray) -> np.datetime64 | None:
    """Last day on which the longest chain of supply can be started; None where no way is known.

    = first day of the launch - cumulative lead time of the slowest site that serves a market - its way there
    """
    network, calendar = inputs.network, inputs.calendar
    served = network.lane_site >= 0
    chain = days[launch.product, network.lane_site[served]] + network.lane_days[served]
    longest = (
        chain[~np.isnan(chain)] if served.any() else days[launch.product][~np.isnan(days[launch.product])]
    )
    bucket = calendar.now + launch.launch
    if not longest.size or bucket >= len(calendar.starts):
        return None
    return calendar.starts[bucket] - np.timedelta64(int(np.ceil(longest.max() - 1e-9)), "D")


def business_case(inputs: Inputs, launch: Launch, seen: Evidence) -> BusinessCase:
    """Units of the first year and payback against the project's own promise."""
    calendar = inputs.calendar
    year = slice(launch.launch, min(launch.launch + calendar.season, calendar.horizon))
    months = max(year.stop - year.start, 0)
    return BusinessCase(
        units=float(seen.units[year].sum()),
        months=months,
        promised=launch.business_case_units * months / calendar.season,
        payback=payback(launch.capex, seen.margin[launch.launch : calendar.horizon]),
    )


def payback(capex: float, margin: np.ndarray) -> float:
    """Periods until the sum of margins reaches the capex, a period's margin coming in evenly; NaN where it
    never does, or no capex is stated.

    >>> payback(25.0, np.array([10.0, 10.0, 10.0]))
    2.5
    """
    if not capex > 0 or np.isnan(margin).any():
        return np.nan
    paid = np.cumsum(margin)
    reached = np.flatnonzero(paid >= capex)
    if not reached.size:
        return np.nan
    at = int(reached[0])
    before = paid[at - 1] if at else 0.0
    return float(at + (capex - before) / margin[at])


def _price(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    markets = np.flatnonzero(inputs.demand.baseline.units[launch.like].any(axis=1))
    known = ~np.isnan(seen.price[launch.product, :, _start(inputs, launch)])
    missing = [inputs.markets.labels[market] for market in markets if not known[market]]
    if not known.any():
        return Check("Price", Light.NOT_READY, "none is loaded")
    if missing:
        return Check("Price", Light.WATCH, f"missing in {', '.join(missing[:3])}")
    return Check("Price", Light.READY, "known")


def _unit_cost(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    known = not np.isnan(seen.unit_cost[launch.product, _start(inputs, launch)])
    return Check("Unit cost", *((Light.READY, "known") if known else (Light.NOT_READY, "none is loaded")))


def _way_of_supply(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    edges, network = inputs.network.edges, inputs.network
    own = np.flatnonzero((edges.product == launch.product) & (edges.mode != TRANSFER))
    if not own.size:
        return Check("Way of supply", Light.NOT_READY, "neither made nor bought anywhere")
    sites = np.unique(network.lane_site[network.lane_site >= 0])
    cut_off = [network.sites.labels[site] for site in sites if np.isnan(seen.days[launch.product, site])]
    if cut_off:
        light = Light.NOT_READY if len(cut_off) == len(sites) else Light.WATCH
        return Check("Way of supply", light, f"does not reach {', '.join(cut_off[:3])}")
    made = own[edges.mode[own] == MAKE]
    if made.size and not np.isin(made, edges.hours_edge).all():
        return Check("Way of supply", Light.WATCH, "made, but no routing says with which hours")
    return Check("Way of supply", Light.READY, " or ".join(sorted(set(edges.mode[own]))))


def _bill(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    edges = inputs.network.edges
    own = edges.mode[edges.product == launch.product]
    if own.size and not np.isin(own, (MAKE, SUBCONTRACT)).any():
        return Check("Bill complete", Light.READY, "bought, needs no bill")
    parts = components(inputs, launch.product)
    if not parts:
        return Check("Bill complete", Light.NOT_READY, "no bill is loaded")
    sourced = set(edges.product[np.isin(edges.mode, (MAKE, BUY, SUBCONTRACT))].tolist())
    missing = [inputs.products.labels[part] for part in parts if part not in sourced]
    if missing:
        return Check("Bill complete", Light.NOT_READY, f"no source for {', '.join(missing[:3])}")
    return Check("Bill complete", Light.READY, f"{len(parts)} components, all with a source")


def components(inputs: Inputs, product: int) -> list[int]:
    """Positions of everything below a product in the bills, in order; not below what is bought only."""
    bill, edges = inputs.network.bill, inputs.network.edges
    made = set(edges.product[np.isin(edges.mode, (MAKE, SUBCONTRACT))].tolist()) | {product}
    found: set[int] = set()
    todo = [product]
    while todo:
        below = set(bill.component[bill.parent == todo.pop()].tolist()) - found
        found |= below
        todo += sorted(below & made)
    return sorted(found - {product})


def _like_product(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    history = np.nan_to_num(inputs.demand.history[launch.like]).sum(axis=0)
    months = int((history[-inputs.calendar.season :] > 0).sum())
    name = inputs.products.labels[launch.like]
    if launch.like == launch.product and not months:
        return Check("Like product", Light.NOT_READY, "none is named")
    finding = f"{name} sold in {months} of the last {inputs.calendar.season} periods"
    light = Light.READY if 2 * months >= inputs.calendar.season else Light.WATCH
    return Check("Like product", light if months else Light.NOT_READY, finding)


def _lead_time(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    calendar, last = inputs.calendar, latest_order(inputs, launch, seen.days)
    if last is None:
        return Check("Lead time", Light.NOT_KNOWN, "no way of supply, or after the plan")
    if last < calendar.starts[calendar.now]:
        return Check("Lead time", Light.NOT_READY, f"last order was due {_day(last)}")
    soon = calendar.starts[min(calendar.now + calendar.frozen + 1, len(calendar.starts) - 1)]
    return Check("Lead time", Light.WATCH if last < soon else Light.READY, f"order by {_day(last)}")


def _served(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    window = _window(inputs.calendar, launch)
    asked = float(seen.demand[launch.product][:, window].sum())
    if not launch.in_plan or not asked:
        words = "out of the plan" if not launch.in_plan else "no demand in the plan"
        return Check("Served", Light.NOT_KNOWN, words)
    pct = 100 * float(seen.on_time[launch.product][:, window].sum()) / asked
    return Check("Served", _light(pct, SERVED_PCT), f"{pct:.1f} % on time in the first {WINDOW} periods")


def _load(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    edges, window = inputs.network.edges, _window(inputs.calendar, launch)
    items = [launch.product, *components(inputs, launch.product)]
    own = edges.mode[edges.product == launch.product]
    if own.size and set(own) <= {BUY, TRANSFER}:
        return Check("Load", Light.READY, "bought, needs no hours")
    used = np.unique(edges.hours_resource[np.isin(edges.product[edges.hours_edge], items)])
    available = seen.available[used][:, window]
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(available > 0, 100 * seen.required[used][:, window] / available, np.nan)
    if np.isnan(load).all():
        return Check("Load", Light.NOT_KNOWN, "no routing, no capacity, or after the plan")
    row = int(np.nanargmax(np.nanmax(np.where(np.isnan(load), -1.0, load), axis=1)))
    pct = float(np.nanmax(load[row]))
    words = f"{inputs.network.resources.name[used[row]]} {pct:.0f} %"
    return Check("Load", _light(-pct, (-LOAD_PCT[0], -LOAD_PCT[1])), words)


def _case(inputs: Inputs, launch: Launch, seen: Evidence) -> Check:
    case = business_case(inputs, launch, seen)
    if not case.promised:
        words = "no business case is stated" if not launch.business_case_units else "after the plan"
        return Check("Business case", Light.NOT_KNOWN, words)
    pct = 100 * case.units / case.promised
    part = "" if case.months == inputs.calendar.season else f" of {case.months} periods inside the plan"
    return Check("Business case", _light(pct, CASE_PCT), f"{pct:.0f} % of its units{part}")


def _light(value: float, limits: tuple[float, float]) -> Light:
    """Below the first limit not ready, from the second ready."""
    return Light.NOT_READY if value < limits[0] else Light.READY if value >= limits[1] else Light.WATCH


def _day(day: np.datetime64) -> str:
    """
    >>> _day(np.datetime64("2014-02-03"))
    '3 Feb 14'
    """
    return f"{day.item():%d %b %y}".lstrip("0")


def _start(inputs: Inputs, launch: Launch) -> int:
    return min(launch.launch, inputs.calendar.periods - 1)


def _window(calendar: Calendar, launch: Launch) -> slice:
    return slice(launch.launch, min(launch.launch + WINDOW, calendar.horizon))
