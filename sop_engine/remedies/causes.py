"""Why the plan is short: the chain behind each shortage in one sentence, and shortages by what would have to
give, with their markets and money.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT, TRANSFER
from sop_engine.money import value
from sop_engine.plan import Plan
from sop_engine.scenario import LeverKind, acting_periods
from sop_engine.supply_review.shortage import CAPACITY, FROZEN, LATE, LEAD_TIME, LIMIT, LOST, Root, Shortage

FULL = 1e-6  # an hour or a limit is used up where one more is worth more than this
NAMED = 3  # markets named in a sentence


@dataclass(frozen=True, eq=False)
class Explanation:
    """One shortage in full. chain: what stands behind it, from the shipping site down, as clauses

    units: (markets,) units each market lacks; revenue, margin: of these units in the base currency, at net
    price and less standard cost, NaN where no price or cost is known
    """

    sentence: str
    chain: tuple[str, ...]
    units: np.ndarray
    revenue: float
    margin: float


@dataclass(frozen=True, eq=False)
class RootCause:
    """All shortages that end at one resource, supplier, site, product or market.

    reason, label: as in Root; name: of the resource, site, product or market in words
    shortages: positions in plan.supply.shortages; periods: plan indices in which the cause holds, those
    before the plan left out; products, markets: positions cut
    late, lost: units; revenue: of these units at net price, lost_revenue: of what is never delivered;
    margin: revenue less standard cost; rank: what it weighs in the model, no money
    """

    reason: str
    label: str
    name: str
    shortages: tuple[int, ...]
    periods: tuple[int, ...]
    products: tuple[int, ...]
    markets: tuple[int, ...]
    late: float
    lost: float
    revenue: float
    lost_revenue: float
    margin: float
    rank: float
    sentence: str

    @property
    def key(self) -> tuple[str, str]:
        return self.reason, self.label


def explain(plan: Plan, shortage: Shortage) -> Explanation:
    """The chain of causes of one shortage, whom it cuts and what it is worth."""
    units = market_units(plan, shortage)
    revenue, margin = _money(plan, shortage, units)
    chain = tuple(_clauses(plan, shortage))
    due, currency = plan.inputs.calendar.plan_labels[shortage.period], plan.inputs.money.base_currency
    cut = plan.inputs.markets.name[np.argsort(-units, kind="stable")][: (units > FULL).sum()]
    fate = "come late" if shortage.kind == LATE else "are not delivered"
    words = (
        f"{_units(shortage.units)} of {plan.inputs.products.name[shortage.product]} due {due} {fate} in "
        f"{_list(cut)}: {'; '.join(chain)}."
    )
    if not np.isnan(revenue):
        words += f" Worth {revenue:,.0f} {currency} of revenue"
        words += "." if np.isnan(margin) else f" and {margin:,.0f} of margin."
    return Explanation(words, chain, units, revenue, margin)


def market_units(plan: Plan, shortage: Shortage) -> np.ndarray:
    """(markets,) units of a shortage: what is lost of its period, and its part of what is put off."""
    at = shortage.product, slice(None), shortage.period
    lost = plan.supply.lost[at]
    put_off = np.maximum(plan.demand.unconstrained[at] - plan.supply.on_time[at] - lost, 0.0)
    own = lost if shortage.kind == LOST else np.zeros(lost.shape)
    waiting, total = shortage.units - own.sum(), put_off.sum()
    return own + (put_off * max(waiting, 0.0) / total if total > 0 else 0.0)


def root_causes(plan: Plan, periods: np.ndarray, products: np.ndarray | None = None) -> tuple[RootCause, ...]:
    """Shortages due in these plan periods, by what they end at, the dearest first; where no price is known,
    the one that weighs most. products: (products,) bool, None for all.
    """
    shown = set(periods.tolist())
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, one in enumerate(plan.supply.shortages):
        if one.period in shown and (products is None or products[one.product]):
            groups[one.root.reason, one.root.label].append(position)
    causes = [_root_cause(plan, members) for members in groups.values()]
    return tuple(
        sorted(
            causes, key=lambda cause: (-np.nan_to_num(cause.revenue), -cause.rank, cause.reason, cause.label)
        )
    )


def _root_cause(plan: Plan, members: Sequence[int]) -> RootCause:
    shortages = [plan.supply.shortages[position] for position in members]
    root = shortages[0].root
    units = [market_units(plan, one) for one in shortages]
    money = np.array([_money(plan, one, cut) for one, cut in zip(shortages, units, strict=True)])
    late = sum(one.units for one in shortages if one.kind == LATE)
    lost = sum(one.units for one in shortages if one.kind == LOST)
    never = float(sum(worth for worth, one in zip(money[:, 0], shortages, strict=True) if one.kind == LOST))
    products = tuple(sorted({one.product for one in shortages}))
    markets = tuple(np.flatnonzero(np.sum(units, axis=0) > FULL).tolist())
    periods = tuple(sorted({one.root.period for one in shortages if one.root.period >= 0}))
    revenue, margin = money.sum(axis=0)
    name = name_of(plan, root.label)
    size = f"{_count(len(products), 'product')} in {_count(len(markets), 'market')}, {_units(late + lost)}"
    currency = plan.inputs.money.base_currency
    worth = "" if np.isnan(revenue) else f", {revenue:,.0f} {currency} of revenue, {never:,.0f} of it lost"
    return RootCause(
        reason=root.reason,
        label=root.label,
        name=name,
        shortages=tuple(members),
        periods=periods,
        products=products,
        markets=markets,
        late=late,
        lost=lost,
        revenue=float(revenue),
        lost_revenue=never,
        margin=float(margin),
        rank=sum(one.units * max(one.root.worth, 0.0) for one in shortages),
        sentence=f"{_root_words(plan, root, name, shortages, periods)}: {size}{worth}.",
    )


def _root_words(
    plan: Plan, root: Root, name: str, shortages: Sequence[Shortage], periods: tuple[int, ...]
) -> str:
    """The cause as the beginning of a sentence."""
    when = spans(plan.inputs.calendar.plan_labels, periods)
    edges, products = plan.inputs.network.edges, plan.inputs.products
    ends = sorted({one.root.path[-1][0] for one in shortages if one.root.path})
    what = _list([products.name[item] for item in dict.fromkeys(edges.product[ends].tolist())])
    if root.reason == CAPACITY:
        return f"{name} is full in {when}"
    if root.reason == LIMIT:
        return f"{name} gives no more {what} in {when}"
    if root.reason == FROZEN:
        return f"What starts in {when} is frozen for {name}"
    if root.reason == LEAD_TIME and ends:
        roots = [one.root for one in shortages if one.root.path]
        days = sorted({_lead_days(plan, one.path[-1][0], one.period) for one in roots})
        span = " to ".join(f"{length:g}" for length in dict.fromkeys((days[0], days[-1])))
        return f"Nothing more can come from {name} in time ({span} days)"
    if root.reason == LEAD_TIME:
        return f"It should have left {name} before the plan starts"
    return f"Nothing supplies {name}"


def name_of(plan: Plan, label: str) -> str:
    """The name of a resource, site, product or market; a label that is none of them stays as it is."""
    network = plan.inputs.network
    for axis in (network.resources, network.sites, plan.inputs.products, plan.inputs.markets):
        if label in axis.positions:
            return str(axis.name[axis.positions[label]])
    return label


def spans(labels: Sequence[str], periods: Sequence[int]) -> str:
    """Runs of periods in words.

    >>> spans(["2014-01", "2014-02", "2014-03", "2014-04"], [0, 1, 3])
    '2014-01 to 2014-02 and 2014-04'
    """
    if not periods:
        return "the months before the plan"
    runs = np.split(np.array(periods), np.flatnonzero(np.diff(periods) > 1) + 1)
    words = [" to ".join(dict.fromkeys((labels[run[0]], labels[run[-1]]))) for run in runs]
    return _list(words, len(words))


def full_periods(plan: Plan, values: np.ndarray, period: int) -> list[int]:
    """The run of periods around `period` in which one more hour or unit is worth something."""
    bound = np.flatnonzero(values[: plan.inputs.calendar.horizon] > FULL)
    runs = np.split(bound, np.flatnonzero(np.diff(bound) > 1) + 1)
    return next((run.tolist() for run in runs if period in run), [period])


def _clauses(plan: Plan, shortage: Shortage) -> Iterator[str]:
    """The way from the site that ships to the root, step by step; the last one says why it ends there."""
    root, product = shortage.root, shortage.product
    edges, products = plan.inputs.network.edges, plan.inputs.products
    starts = [*(period for _, period in root.path[1:]), root.period]
    for (edge, period), start in zip(root.path, starts):
        other = edges.product[edge] != product
        product = edges.product[edge]
        step = f"{f'its {products.name[product]}' if other else 'it'} {_step(plan, edge, start)}"
        last = (edge, period) == root.path[-1]
        yield f"{step}, {_end(plan, root, edge, period)}" if last else step
    if not root.path:
        yield _without_way(plan, root)


def _without_way(plan: Plan, root: Root) -> str:
    name = name_of(plan, root.label)
    if root.label in plan.inputs.network.sites.positions:
        return f"it should have left {name} before the plan starts"
    return (
        f"nothing supplies {name}"
        if root.label in plan.inputs.products.positions
        else f"no site serves {name}"
    )


def _step(plan: Plan, edge: int, start: int) -> str:
    """How one product comes to one site when it starts in a period."""
    edges, site_name = plan.inputs.network.edges, plan.inputs.network.sites.name
    to = site_name[edges.site[edge]]
    source = site_name[edges.source[edge]] if edges.source[edge] >= 0 else to
    lead = _lead_days(plan, edge, start)
    days = f"({lead:g} day{'' if lead == 1 else 's'})" if lead else "(at once)"
    verbs = {MAKE: "is made at", BUY: "is bought from", SUBCONTRACT: "is made outside at"}
    return f"{verbs.get(edges.mode[edge], f'comes to {to} from')} {source} {days}"


def _lead_days(plan: Plan, edge: int, start: int) -> float:
    """Days from start to receipt with the scenario's lead times; what starts before the plan has its own."""
    edges, sites = plan.inputs.network.edges, plan.inputs.network.sites
    days = float(edges.lead_days[edge])
    if start < 0 or edges.mode[edge] == TRANSFER:
        return days
    source = sites.labels[edges.source[edge]] if edges.source[edge] >= 0 else None
    for lever in plan.levers.of(LeverKind.SUPPLIER_LEAD_TIME):
        if source is not None and lever.target in ("", source):
            days += lever.value * bool(acting_periods(lever, plan.inputs.calendar)[start])
    return max(days, 0.0)


def _end(plan: Plan, root: Root, edge: int, period: int) -> str:
    """Why the last way brings no more."""
    labels = plan.inputs.calendar.plan_labels
    if root.reason == CAPACITY:
        resource = plan.inputs.network.resources.positions[root.label]
        when = spans(labels, full_periods(plan, plan.supply.hour_value[resource], root.period))
        return f"on {name_of(plan, root.label)}, which is full in {when}"
    if root.reason == LIMIT:
        when = spans(labels, full_periods(plan, plan.supply.limit_value[edge], period))
        sent = plan.supply.received[edge, period]
        return f"whose limit, {sent:,.0f} in {labels[period]}, is used up in {when}"
    if root.reason == FROZEN:
        return f"and what starts in {labels[root.period]} is frozen"
    return f"too late for {labels[period]} if it starts now"


def _money(plan: Plan, shortage: Shortage, units: np.ndarray) -> tuple[float, float]:
    """Revenue and margin of (markets,) units of a shortage; a market without a price counts 0."""
    price = plan.finance.price[shortage.product, :, shortage.period]
    cost = plan.finance.unit_cost[shortage.product, shortage.period]
    if np.isnan(plan.finance.price).all():
        return np.nan, np.nan
    return float(value(units, price).sum()), float(value(units, price - cost).sum())


def _units(units: float) -> str:
    return f"{units:,.0f} unit{'' if round(units) == 1 else 's'}" if units >= 0.5 else "less than a unit"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _list(names: Sequence[str], most: int = NAMED) -> str:
    """Names in a sentence, the rest counted.

    >>> _list(["A", "B"]), _list(["A", "B", "C", "D", "E"])
    ('A and B', 'A, B, C and 2 more')
    """
    names = [str(name) for name in names]
    between = "; " if any("," in name for name in names) else ", "
    if len(names) > most:
        return f"{between.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [between.join(names[:-1]), *names[-1:]]))
