"""What would help against a cause of shortages: each remedy a lever, solved again, valued and ranked; what
cannot help is listed with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.network import SUBCONTRACT
from sop_engine.plan import Plan
from sop_engine.remedies.causes import FULL, RootCause, full_periods, spans
from sop_engine.remedies.change import Change, change_between, moves_nothing
from sop_engine.remedies.constraints import Solve, hours_of, margin_per_use, stronger
from sop_engine.scenario import LEVERS, Lever, LeverKind, acting_periods
from sop_engine.supply_review.shortage import CAPACITY, FROZEN, LEAD_TIME, LIMIT

OVERTIME_POINTS, MORE_LIMIT, DAYS_SOONER, PRICE_UP, DEMAND_DOWN, OUTSIDE = 10.0, 20.0, -10.0, 5.0, -10.0, 1.5
UNIT = 0.5  # the least that counts as a unit
UNPRICED = "what the supplier asks for it is not known and not in the gain"
LEADS = {
    LeverKind.EXTRA_SHIFT: "extra_shift_lead_periods",
    LeverKind.SATURDAYS: "saturday_lead_periods",
}


@dataclass(frozen=True)
class Idea:
    """Something that may help: a lever to try, or None with the reason why it cannot help here.

    note: what the lever's gain leaves out, "" where nothing.
    """

    name: str
    lever: Lever | None
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Remedy:
    """An idea and what solving with it changes. change: None where there was no lever to try; reason: why it
    does not help, "" where it moves something; earliest: period label from which it acts, "" for never
    short: units of the cause's products late or lost without it; removed: how many of them it takes away
    """

    idea: Idea
    change: Change | None
    reason: str
    earliest: str
    short: float = np.nan
    removed: float = np.nan

    @property
    def serves_fewer(self) -> bool:
        """Whether fewer units, of all products, are on time with it."""
        return self.change is not None and self.change.units <= -UNIT

    @property
    def cures(self) -> bool:
        """Whether it takes away some of the shortage and serves nobody less for it."""
        return not self.reason and self.removed >= UNIT and not self.serves_fewer


def ideas(plan: Plan, cause: RootCause) -> tuple[Idea, ...]:
    """Everything that the levers can do about a cause, and what they cannot, in the order of the agenda."""
    found = [
        *_own_hours(plan, cause),
        _pre_build(plan, cause),
        *_other_ways(plan, cause),
        *_supplier(plan, cause),
        *_demand(plan, cause),
        Idea("Allocation", None, _allocation(plan)),
    ]
    return tuple(_checked(plan, idea) for idea in found)


def tried(plan: Plan, cause: RootCause, idea: Idea, solve: Solve, periods: np.ndarray) -> Remedy:
    """An idea against a cause, solved on top of the plan's scenario. solve: the plan of a scenario on the
    same data; periods: plan indices over which changes and what is short are summed.
    """
    if idea.lever is None:
        return Remedy(idea, None, idea.reason, "")
    acts = np.flatnonzero(_acting(plan, idea.lever))
    after = solve(plan.scenario.with_lever(idea.lever))
    change = change_between(plan, after, periods)
    reason = "solved again, it changes nothing" if moves_nothing(change, plan, periods) else ""
    short, left = (_short(one, cause, periods) for one in (plan, after))
    return Remedy(idea, change, reason, plan.inputs.calendar.plan_labels[acts[0]], short, short - left)


def ranked(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Those that cure by net gain, the best first; then those that only move something, by net gain, too;
    then the others in the order given.
    """
    remedies = tuple(remedies)
    moving = [one for one in remedies if not one.reason]
    return (
        *sorted(moving, key=lambda one: (not one.cures, -np.nan_to_num(one.change.gain))),
        *(one for one in remedies if one.reason),
    )


def _short(plan: Plan, cause: RootCause, periods: np.ndarray) -> float:
    """Units of a cause's products due in these periods that come late or never, for whatever cause."""
    cells = np.ix_(cause.products, range(len(plan.inputs.markets)), periods)
    return float(np.maximum(plan.demand.unconstrained[cells] - plan.supply.on_time[cells], 0.0).sum())


def _allocation(plan: Plan) -> str:
    """Why no lever says who is served: what does instead."""
    if plan.inputs.settings["fair_share"]:
        return "markets share what is short alike, by the setting fair_share; no lever moves it"
    return "who is served follows market.priority of the master data; no lever moves it"


def _checked(plan: Plan, idea: Idea) -> Idea:
    """The idea without its lever where that cannot act in time or is moved already."""
    if idea.lever is None:
        return idea
    calendar = plan.inputs.calendar
    if not _acting(plan, idea.lever)[: calendar.horizon].any():
        first = max(_lead_periods(plan, idea.lever), calendar.frozen)
        first = calendar.plan_labels[min(first, calendar.periods - 1)]
        return Idea(idea.name, None, f"it can act from {first} only, after the months that are short")
    if idea.lever in plan.levers.levers:
        return Idea(idea.name, None, "it is in the scenario already")
    return idea


def _acting(plan: Plan, lever: Lever) -> np.ndarray:
    """(periods,) bool: when a lever acts, its own lead time included."""
    return acting_periods(lever, plan.inputs.calendar, _lead_periods(plan, lever))


def _lead_periods(plan: Plan, lever: Lever) -> int:
    """Periods before a shift or Saturdays can begin; 0 for other levers."""
    return int(plan.inputs.settings[LEADS[lever.kind]]) if lever.kind in LEADS else 0


def _own_hours(plan: Plan, cause: RootCause) -> Iterator[Idea]:
    """Overtime, Saturdays and an extra shift on the resource that is full."""
    resources = plan.inputs.network.resources
    if cause.reason != CAPACITY or _supplier_of(plan, cause):
        yield Idea(
            "Overtime, Saturdays, extra shift", None, f"hours are not the limit: {_limit_words(cause)}"
        )
        return
    yield _overtime(plan, cause, *_window(plan, _run(plan, cause)))
    first, last = _window(plan, cause.periods)  # of what costs the same, used or not
    known = not np.isnan(resources.stations[resources.positions[cause.label]])
    for name, kind in (("Saturdays", LeverKind.SATURDAYS), ("Extra shift", LeverKind.EXTRA_SHIFT)):
        unknown = "" if known else "how many stations it has is not known: fill resource.stations"
        yield Idea(name, Lever(kind, 1, cause.label, first=first, last=last) if known else None, unknown)


def _overtime(plan: Plan, cause: RootCause, first: str, last: str) -> Idea:
    row, supply = plan.inputs.network.resources.positions[cause.label], plan.supply
    at = list(cause.periods)
    used, allowed = supply.overtime[row, at].sum(), supply.overtime_limit[row, at].sum()
    if used < allowed * (1 - FULL):
        words = f"overtime is not the limit: {used:,.0f} of {allowed:,.0f} hours are used"
        return Idea("Overtime", None, words)
    hours = supply.available[row, at].sum()
    now = 100 * allowed / hours if hours else 0.0
    most = min(round(now + OVERTIME_POINTS), LEVERS[LeverKind.OVERTIME].high)
    if most <= now:
        return Idea("Overtime", None, f"it is at {now:g} % of hours already, the most that a lever allows")
    return Idea("Overtime", Lever(LeverKind.OVERTIME, most, cause.label, first=first, last=last))


def _pre_build(plan: Plan, cause: RootCause) -> Idea:
    """Why more is not made or bought earlier; the plan does so itself wherever it can."""
    name, calendar = "Pre-build", plan.inputs.calendar
    first = min(cause.periods, default=0)
    before = range(calendar.frozen, first)
    if cause.reason not in (CAPACITY, LIMIT) or not before:
        frozen = calendar.plan_labels[calendar.frozen]
        return Idea(name, None, f"impossible: nothing that is decided from {frozen} on would come earlier")
    labels = calendar.plan_labels
    free = [period for period in before if _spare(plan, cause, period) > FULL]
    full = "" if free else f"{cause.name} is full in {spans(labels, before)} as well"
    ahead = _ahead(plan, cause, first - 1)
    if ahead >= 1:
        words = f"in the plan already: {ahead:,.0f} units above target stand ready by the end of "
        return Idea(name, None, f"{words}{labels[first - 1]}{full and '; ' + full}")
    if full:
        return Idea(name, None, f"impossible: {full}")
    words = f"{cause.name} is free in {spans(labels, free)}, but something else on the way is short"
    return Idea(name, None, words)


def _run(plan: Plan, cause: RootCause) -> list[int]:
    """The periods in which a cause holds, and those around them in which relief is worth something, too: what
    they give is kept in stock.
    """
    supply, found = plan.supply, set(cause.periods)
    if cause.reason == CAPACITY:
        rows = [supply.hour_value[plan.inputs.network.resources.positions[cause.label]]]
    else:
        rows = [supply.limit_value[edge] for edge in _root_edges(plan, cause) if cause.reason == LIMIT]
    for row in rows:
        found.update(*(full_periods(plan, row, period) for period in cause.periods))
    return sorted(found)


def _spare(plan: Plan, cause: RootCause, period: int) -> float:
    """What a cause leaves unused in a period: hours of a resource, or 1 where its limits are not used up."""
    if cause.reason == CAPACITY:
        row = plan.inputs.network.resources.positions[cause.label]
        return float(plan.supply.available[row, period] - plan.supply.load[row, period])
    return float((plan.supply.limit_value[list(_root_edges(plan, cause)), period] <= FULL).all())


def _ahead(plan: Plan, cause: RootCause, period: int) -> float:
    """Units above target at the end of a period, of the products cut and of what the cause brings."""
    places, supply = plan.supply.places, plan.supply
    ends = plan.inputs.network.edges.product[list(_root_edges(plan, cause))]
    about = np.isin(places.product, [*cause.products, *ends.tolist()])
    return float(np.maximum(supply.node_stock - supply.node_target, 0.0)[about, period].sum())


def _other_ways(plan: Plan, cause: RootCause) -> Iterator[Idea]:
    """Other routes and sources of what is held back; only the limit of a subcontractor can be moved."""
    edges = plan.inputs.network.edges
    roots = _root_edges(plan, cause)
    cells = {(edges.product[edge], edges.site[edge]) for edge in roots}
    others = [
        edge
        for edge in range(len(edges.labels))
        if edge not in roots and (edges.product[edge], edges.site[edge]) in cells
    ]
    outside = [edge for edge in others if edges.mode[edge] == SUBCONTRACT]
    inside = [edge for edge in others if edges.mode[edge] != SUBCONTRACT]
    if inside:
        words = f"the plan may use it: {', '.join(edges.labels[edge] for edge in inside[:3])}"
        yield Idea("Other route or source", None, words)
    else:
        yield Idea("Other route or source", None, "none is loaded in sourcing or routing")
    if not outside:
        yield Idea("Subcontract", None, "nobody is loaded who makes it outside")
    for source in dict.fromkeys(edges.source[outside].tolist()):
        yield _subcontract(plan, cause, source, outside)


def _subcontract(plan: Plan, cause: RootCause, source: int, outside: Sequence[int]) -> Idea:
    edges, supply = plan.inputs.network.edges, plan.supply
    label = plan.inputs.network.sites.labels[source]
    name, rows = f"Subcontract at {label}", [edge for edge in outside if edges.source[edge] == source]
    served = np.flatnonzero((edges.mode == SUBCONTRACT) & (edges.source == source))
    if np.isnan(edges.limit[served]).any():
        return Idea(name, None, "it has no limit that could be raised")
    at = list(cause.periods)
    if not (supply.limit_value[np.ix_(rows, at)] > FULL).any():
        return Idea(name, None, "its limit is not used up")
    spec, limit = LEVERS[LeverKind.SUBCONTRACT], float(edges.limit[np.ix_(served, at)].max())
    more = min(spec.step * np.ceil(OUTSIDE * limit / spec.step), spec.high)
    first, last = _window(plan, _run(plan, cause))
    return Idea(name, Lever(LeverKind.SUBCONTRACT, more, label, first=first, last=last))


def _supplier(plan: Plan, cause: RootCause) -> Iterator[Idea]:
    """A higher limit and a shorter lead time of the supplier at the end of the chain."""
    label = _supplier_of(plan, cause)
    if not label:
        yield Idea("Supplier limit, expedite", None, f"no supplier is the limit: {_limit_words(cause)}")
        return
    if cause.reason in (LIMIT, CAPACITY):
        first, last = _window(plan, _run(plan, cause))
        lever = Lever(LeverKind.SUPPLIER_LIMIT, 0, label, first=first, last=last)
        yield _stronger(plan, "Supplier limit", lever, MORE_LIMIT, UNPRICED)
    else:
        yield Idea("Supplier limit", None, "its limit is not used up: its lead time is in the way")
    sooner = Lever(LeverKind.SUPPLIER_LEAD_TIME, 0, label)
    yield _stronger(plan, "Expedite", sooner, DAYS_SOONER, UNPRICED)


def _stronger(plan: Plan, name: str, lever: Lever, size: float, note: str) -> Idea:
    """A lever further than the scenario has it."""
    moved = stronger(plan.levers, lever, size)
    if moved is None:
        return Idea(name, None, "the lever is as far as it goes")
    return Idea(name, moved, note=note)


def _demand(plan: Plan, cause: RootCause) -> Iterator[Idea]:
    """Price up and demand down in the family that earns least with what is scarce."""
    due = sorted({plan.supply.shortages[one].period for one in cause.shortages})
    due = [period for period in due if period >= plan.inputs.calendar.frozen]
    if not due:
        yield Idea("Price, demand shaping", None, "all of it is due in the frozen zone")
        return
    group = _least_earning(plan, cause, np.array(due))
    first, last = _window(plan, due)
    elasticity = plan.inputs.demand.elasticity[plan.inputs.products.group(group)]
    if np.isnan(elasticity).all():
        yield Idea(f"Price of {group} up", None, "its elasticity is not known, so no response is planned")
    else:
        lever = Lever(LeverKind.PRICE, 0, group, first=first, last=last)
        note = f"at an elasticity of {np.nanmean(elasticity):.2f}"
        yield _stronger(plan, f"Price of {group} up", lever, PRICE_UP, note)
    lever = Lever(LeverKind.DEMAND, 0, group, first=first, last=last)
    yield _stronger(plan, f"Shape demand of {group}", lever, DEMAND_DOWN, "less is sold on purpose")


def _least_earning(plan: Plan, cause: RootCause, periods: np.ndarray) -> str:
    """The family with the least margin per hour or unit of what is scarce; a product where it has none."""
    if cause.reason == CAPACITY:
        own = hours_of(plan, plan.inputs.network.resources.positions[cause.label])
    else:
        own = np.zeros(len(plan.inputs.network.edges.labels))
        own[list(_root_edges(plan, cause))] = 1.0
    earning = [family for family in margin_per_use(plan, own, periods) if family]
    products, product = plan.inputs.products, cause.products[-1]
    return earning[-1] if earning else str(products.family[product] or products.labels[product])


def _root_edges(plan: Plan, cause: RootCause) -> tuple[int, ...]:
    """The ways at which the chains of this cause end."""
    roots = (plan.supply.shortages[one].root for one in cause.shortages)
    return tuple(sorted({root.path[-1][0] for root in roots if root.path}))


def _supplier_of(plan: Plan, cause: RootCause) -> str:
    """The supplier at the end of the chain, "" where there is none."""
    network = plan.inputs.network
    label = cause.label
    if cause.reason == CAPACITY:
        label = network.sites.labels[network.resources.site[network.resources.positions[label]]]
    at = network.sites.positions.get(label)
    return label if at is not None and network.sites.kind[at] == "supplier" else ""


def _limit_words(cause: RootCause) -> str:
    if cause.reason == CAPACITY:
        return f"hours of {cause.name} are"
    what = {LIMIT: "the limit", LEAD_TIME: "the lead time", FROZEN: "the frozen zone"}.get(
        cause.reason, cause.reason
    )
    return f"{what} of {cause.name} is"


def _window(plan: Plan, periods: Sequence[int]) -> tuple[str, str]:
    """First and last of these periods that may be moved; frozen ones, in which nothing acts, if all are."""
    calendar = plan.inputs.calendar
    open_ = [period for period in periods if period >= calendar.frozen] or list(periods)
    return calendar.plan_labels[open_[0]], calendar.plan_labels[open_[-1]]
