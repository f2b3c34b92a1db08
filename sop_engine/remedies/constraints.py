"""Which limits bind, ranked by their prices in the model; what relief is worth by solving again; and what an
hour of a bottleneck earns with each family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sop_engine.inputs.network import BUY, SUBCONTRACT
from sop_engine.money import worth
from sop_engine.plan import Plan
from sop_engine.remedies.causes import FULL, root_causes
from sop_engine.remedies.change import Change, change_between
from sop_engine.scenario import LEVERS, Lever, LeverKind, Scenario, acting_periods
from sop_engine.supply_review.shortage import FROZEN, LEAD_TIME, along_first_choices
from sop_engine.supply_review.structure import find_structure

Solve = Callable[[Scenario], Plan]

HOURS, LIMITS, LEAD_TIMES = "hours", "limit", "lead time"
STEPS = {
    HOURS: (1.0, 5.0, 10.0, 20.0),
    LIMITS: (1.0, 5.0, 10.0, 20.0),
    LEAD_TIMES: (-5.0, -10.0, -20.0, -30.0),
}
KINDS = {
    HOURS: LeverKind.CAPACITY,
    LIMITS: LeverKind.SUPPLIER_LIMIT,
    LEAD_TIMES: LeverKind.SUPPLIER_LEAD_TIME,
}
UNITS = {HOURS: "hour", LIMITS: "unit", LEAD_TIMES: "day"}
HOLDS = 0.9  # of the first step's worth per unit: above it, the worth is said to hold


@dataclass(frozen=True, eq=False)
class Constraint:
    """A limit that binds. kind: "hours" of a resource, "limit" or "lead time" of a supplier

    periods: plan indices in which it binds; rank: what 1 % more would be worth to the model, policy included:
    it ranks and is no money
    """

    kind: str
    label: str
    name: str
    periods: tuple[int, ...]
    rank: float


@dataclass(frozen=True, eq=False)
class Step:
    """One solved relief. size: of the lever, in % or days; amount: hours, units or days it adds; each: gain
    per hour, unit or day of all that it adds.
    """

    lever: Lever
    size: float
    amount: float
    change: Change

    @property
    def each(self) -> float:
        return self.change.gain / self.amount if self.amount > FULL else 0.0


@dataclass(frozen=True, eq=False)
class Relief:
    """What relief of a constraint is worth, by solving again with ever more of it.

    worth: change of operating profit per hour, unit or day of the first step, NaN where no step is possible
    holds: amount up to which each further one is worth at least HOLDS of that; open_end: so far as was tried
    """

    constraint: Constraint
    steps: tuple[Step, ...]
    worth: float
    holds: float
    open_end: bool

    @property
    def best(self) -> Step | None:
        """The step with the largest net gain, the smaller of equals; None where no step is possible."""
        return max(self.steps, key=lambda step: step.change.gain, default=None)


def binding(plan: Plan) -> tuple[Constraint, ...]:
    """What limits the plan in its reported periods, the heaviest first."""
    found: dict[tuple[str, str], Constraint] = {}
    for one in (*_full_resources(plan), *_full_suppliers(plan), *_slow_suppliers(plan)):
        known = found.get((one.kind, one.label), replace(one, periods=(), rank=0.0))
        periods = tuple(sorted({*known.periods, *one.periods}))
        found[one.kind, one.label] = replace(one, periods=periods, rank=known.rank + one.rank)
    return tuple(sorted(found.values(), key=lambda one: (-one.rank, one.kind, one.label)))


def relieve(plan: Plan, constraint: Constraint, solve: Solve, periods: np.ndarray) -> Relief:
    """Solves with every step of more of a constraint. Gain need not be concave: the model fills service and
    stock first, so that a step without gain may come before one that gains.

    solve: the plan of a scenario on the same data; periods: plan indices over which money is summed.
    """
    steps: list[Step] = []
    for size in STEPS[constraint.kind]:
        lever = relief_lever(plan, constraint, size)
        if lever is None:
            break
        change = change_between(plan, solve(plan.scenario.with_lever(lever)), periods)
        steps.append(Step(lever, size, _added(plan, constraint, lever, size), change))
    worth, holds = steps[0].each if steps else np.nan, _held(steps)
    return Relief(constraint, tuple(steps), worth, holds, bool(steps) and holds == steps[-1].amount)


def relief_lever(plan: Plan, constraint: Constraint, size: float) -> Lever | None:
    """The lever that gives `size` more while the constraint binds, on top of what the scenario has moved;
    None where its bounds allow no more, or where it only binds in the frozen zone.
    """
    calendar, kind = plan.inputs.calendar, KINDS[constraint.kind]
    if constraint.kind == LEAD_TIMES:  # what is late now is too late to order; what comes next is not
        return stronger(plan.levers, Lever(kind, 0, constraint.label), size)
    open_ = [calendar.plan_labels[period] for period in constraint.periods if period >= calendar.frozen]
    if not open_:
        return None
    return stronger(plan.levers, Lever(kind, 0, constraint.label, first=open_[0], last=open_[-1]), size)


def stronger(scenario: Scenario, lever: Lever, size: float) -> Lever | None:
    """A lever moved by `size` from where the scenario has it; None where that is out of its bounds."""
    moved = next((other.value for other in scenario.levers if other.scope == lever.scope), lever.value)
    percent = LEVERS[lever.kind].unit == "%"
    total = round(100 * ((1 + moved / 100) * (1 + size / 100) - 1), 9) if percent else moved + size
    spec = LEVERS[lever.kind]
    return replace(lever, value=total) if spec.low <= total <= spec.high else None


def margin_per_use(plan: Plan, own: np.ndarray, periods: np.ndarray) -> dict[str, tuple[float, float]]:
    """{family: (margin per unit of use, use)} of the demand of these periods that needs what is scarce, the
    best first.

    margin = units x (net price - standard cost), NaN where no price or cost is known; use = units x what the
    product and all that is made for it take, along first choices
    own: (edges,) what a unit of an edge takes of it: hours of a resource (`hours_of`), or 1 where it comes
    through the edge
    """
    demand, families = plan.demand.unconstrained[:, :, periods], plan.inputs.products.family
    use = (demand * _use(plan, own)[:, :, None]).sum(axis=(1, 2))
    unit_margin = plan.finance.price[:, :, periods] - plan.finance.unit_cost[:, None, periods]
    margin = worth(demand, unit_margin).sum(axis=(1, 2))
    found = {}
    for family in dict.fromkeys(families[use > FULL].tolist()):
        member = (families == family) & (use > FULL)
        total = float(use[member].sum())
        found[str(family)] = (float(margin[member].sum()) / total, total)
    return dict(sorted(found.items(), key=lambda item: (-np.nan_to_num(item[1][0]), item[0])))


def hours_of(plan: Plan, resource: int) -> np.ndarray:
    """(edges,) hours of a resource that a unit of each edge takes itself."""
    edges, own = plan.inputs.network.edges, np.zeros(len(plan.inputs.network.edges.labels))
    rows = edges.hours_resource == resource
    np.add.at(own, edges.hours_edge[rows], edges.hours_per_unit[rows])
    return own


def _full_resources(plan: Plan) -> Iterator[Constraint]:
    """Resources of which one more hour is worth something; a supplier's shared limit is its limit."""
    supply, resources = plan.supply, plan.inputs.network.resources
    supplied = _supplied(plan)
    for row, periods in _binding_rows(plan, supply.hour_value):
        label = resources.labels[row]
        rank = supply.hour_value[row, periods] @ np.nan_to_num(supply.available[row, periods])
        kind = LIMITS if supplied[row] else HOURS
        site = plan.inputs.network.sites.labels[resources.site[row]]
        name = str(resources.name[row])
        yield Constraint(kind, site if kind == LIMITS else label, name, periods, float(rank) / 100)


def _full_suppliers(plan: Plan) -> Iterator[Constraint]:
    """Suppliers of whose limits one more unit is worth something."""
    edges, sites = plan.inputs.network.edges, plan.inputs.network.sites
    bought = np.isin(edges.mode, (BUY, SUBCONTRACT)) & (edges.source >= 0)
    of_source = np.zeros((len(sites), plan.inputs.calendar.periods))
    weight = plan.supply.limit_value * plan.supply.received
    np.add.at(of_source, edges.source[bought], weight[bought])
    for row, periods in _binding_rows(plan, of_source):
        rank = float(of_source[row, periods].sum()) / 100
        yield Constraint(LIMITS, sites.labels[row], str(sites.name[row]), periods, rank)


def _slow_suppliers(plan: Plan) -> Iterator[Constraint]:
    """Suppliers whose lead time, or the frozen zone, stands behind shortages of the reported periods."""
    sites = plan.inputs.network.sites
    for cause in root_causes(plan, np.arange(plan.inputs.calendar.horizon)):
        if cause.reason in (LEAD_TIME, FROZEN) and _sells(plan, cause.label):
            name = str(sites.name[sites.positions[cause.label]])
            yield Constraint(LEAD_TIMES, cause.label, name, cause.periods, cause.rank / 100)


def _binding_rows(plan: Plan, worth: np.ndarray) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Rows with a worth in reported periods, and these periods."""
    bound = worth[:, : plan.inputs.calendar.horizon] > FULL
    for row in np.flatnonzero(bound.any(axis=1)):
        yield int(row), tuple(np.flatnonzero(bound[row]).tolist())


def _supplied(plan: Plan) -> np.ndarray:
    """(resources,) bool: stands at a supplier."""
    network = plan.inputs.network
    return network.sites.kind[network.resources.site] == "supplier"


def _sells(plan: Plan, label: str) -> bool:
    sites = plan.inputs.network.sites
    return label in sites.positions and sites.kind[sites.positions[label]] == "supplier"


def _added(plan: Plan, constraint: Constraint, lever: Lever, size: float) -> float:
    """Days of a lead time; hours or units that `size` % adds in the reported periods in which it binds."""
    if constraint.kind == LEAD_TIMES:
        return -size
    acts = acting_periods(lever, plan.inputs.calendar)
    open_ = [period for period in constraint.periods if acts[period]]
    network = plan.inputs.network
    if constraint.kind == HOURS:
        row = network.resources.positions[constraint.label]
        given = plan.supply.available + plan.supply.overtime_limit  # overtime is a share of the hours
        return float(given[row, open_].sum()) * size / 100
    site = network.sites.positions[constraint.label]
    full = plan.supply.limit_value[:, open_] > FULL
    sent = plan.supply.received[:, open_][(network.edges.source == site)[:, None] & full]
    shared = plan.supply.load[network.resources.site == site][:, open_]
    return float(sent.sum() + shared.sum()) * size / 100


def _held(steps: Sequence[Step]) -> float:
    """Amount up to which each step adds at least HOLDS of the first one's worth per unit."""
    if not steps or not steps[0].each > 0:
        return 0.0
    for before, step in pairwise(steps):
        gain, amount = step.change.gain - before.change.gain, step.amount - before.amount
        if not gain >= HOLDS * steps[0].each * amount:
            return before.amount
    return steps[-1].amount


def _use(plan: Plan, own: np.ndarray) -> np.ndarray:
    """(products, markets) what a unit delivered takes of something scarce, bills as on average."""
    structure = find_structure(plan.inputs, (plan.demand,))
    periods = plan.inputs.calendar.periods
    at_node = along_first_choices(structure, np.repeat(own[:, None], periods, axis=1)).mean(axis=1)
    claims, use = structure.claims, np.zeros((len(plan.inputs.products), len(plan.inputs.markets)))
    served = claims.queue >= 0
    use[claims.product[served], claims.market[served]] = at_node[structure.queues.node[claims.queue[served]]]
    return use
