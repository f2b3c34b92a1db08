"""Where plans do not meet: demand against supply, plan against budget, load against capacity; ranked by
money, each in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sop_engine.finance_review.valuation import actual_revenue
from sop_engine.inputs.money import elapsed_buckets
from sop_engine.money import worth
from sop_engine.plan import Plan
from sop_engine.supply_review.shortage import CAPACITY, LOST, MATERIAL, Shortage

_NO_GAP = 1e-6  # of the plan's own amount: the supply model is solved to this
PAIRS = ("demand and supply", "plan and budget", "load and capacity")


class GapKind(StrEnum):
    """Between which plans the gap lies."""

    SUPPLY = "demand vs supply"
    BUDGET = "plan vs budget"
    CAPACITY = "load vs capacity"


@dataclass(frozen=True)
class Gap:
    """One gap. money: base currency, negative = the plan falls short, NaN = not known; units: of the same
    sign

    scope: family or resource label; period: bucket label, "" = all periods asked for; hours: above what is
    available, capacity only; frozen: part of the money in months that cannot be changed any more, budget only
    """

    kind: GapKind
    scope: str
    period: str
    money: float
    units: float
    hours: float
    sentence: str
    frozen: float = 0.0


def find_gaps(plan: Plan, periods: np.ndarray) -> tuple[Gap, ...]:
    """Every gap in these plan periods, the largest money first whatever its sign, then the most units,
    then by label."""
    return _ranked([*supply_gaps(plan, periods), *budget_gaps(plan, periods), *capacity_gaps(plan, periods)])


def not_compared(plan: Plan) -> dict[str, str]:
    """{one of PAIRS between which no gap can be seen: the files to load}."""
    budget, network = plan.finance.budget, plan.inputs.network
    missing = {
        "budget": budget is None or np.isnan(budget.revenue).all(),
        "price": np.isnan(plan.finance.price).all(),
    }
    limited = network.states_stock or len(network.edges.labels) or np.isfinite(plan.supply.available).any()
    files = (
        "" if limited else "sourcing, routing or inventory_on_hand",
        " and ".join(name for name, gone in missing.items() if gone),
        "" if np.isfinite(required_load_pct(plan)).any() else "routing and capacity",
    )
    return {pair: load for pair, load in zip(PAIRS, files, strict=True) if load}


def _ranked(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    return tuple(
        sorted(
            gaps,
            key=lambda gap: (
                -abs(np.nan_to_num(gap.money)),
                -abs(gap.units),
                gap.kind,
                gap.scope,
                gap.period,
            ),
        )
    )


def rolled_up(gaps: Iterable[Gap], currency: str) -> tuple[Gap, ...]:
    """One gap for each kind and scope over all its periods, the largest money first; one that stands in a
    single period stays as it is.

    The sum of many periods is not known where one of them is not.
    """
    groups: dict[tuple[GapKind, str], list[Gap]] = defaultdict(list)
    for gap in gaps:
        groups[gap.kind, gap.scope].append(gap)
    return _ranked(_rolled(members, currency) for members in groups.values())


def _rolled(members: list[Gap], currency: str) -> Gap:
    """Gaps of one kind and scope as one."""
    if len(members) == 1:
        return members[0]
    worst = max(members, key=lambda gap: (abs(np.nan_to_num(gap.money)), abs(gap.units)))
    money, units, hours = (
        float(sum(getattr(gap, name) for gap in members)) for name in ("money", "units", "hours")
    )
    sentence = (
        f"{worst.scope} in {len(members)} periods: {abs(units):,.0f} units"
        f"{_worth_words(abs(money), currency)}. The worst: {worst.sentence}"
    )
    return Gap(worst.kind, worst.scope, "", money, units, hours, sentence)


def supply_gaps(plan: Plan, periods: np.ndarray) -> Iterator[Gap]:
    """Demand that is not served on time, by family and period, at net price; with the cause that takes the
    most units."""
    demand, missed = plan.demand.unconstrained, plan.demand.unconstrained - plan.supply.on_time
    missed_value = worth(missed, plan.finance.price)
    families, labels = plan.inputs.products.family, plan.inputs.calendar.plan_labels
    causes, currency = _causes(plan), plan.inputs.money.base_currency
    for family in sorted(set(families)):
        member = families == family
        due, short = demand[member].sum(axis=(0, 1)), missed[member].sum(axis=(0, 1))
        for period in periods[short[periods] > np.maximum(_NO_GAP * due[periods], 0.5)]:
            money = float(missed_value[member][:, :, period].sum())
            sentence = (
                f"{family} in {labels[period]}: {short[period]:,.0f} of {due[period]:,.0f} units are not "
                f"served on time{_worth_words(money, currency)}{causes.get((family, int(period)), '')}."
            )
            yield Gap(
                GapKind.SUPPLY, str(family), labels[period], -money, -float(short[period]), np.nan, sentence
            )


def budget_gaps(plan: Plan, periods: np.ndarray) -> Iterator[Gap]:
    """Revenue of the plan, which is of what is delivered, less the budget, by family, over those of the
    periods for which the budget states revenue of the family."""
    budget, families = plan.finance.budget, plan.inputs.products.family
    if budget is None:
        return
    for family in sorted(set(families)):
        member = families == family
        stated = stated_periods(plan, str(family), periods)
        if not stated.size:
            continue
        planned, wanted = (
            float(np.nansum(revenue[member][:, :, stated]))
            for revenue in (plan.finance.revenue, budget.revenue)
        )
        if abs(planned - wanted) > max(_NO_GAP * abs(wanted), 0.5):
            yield _budget_gap(plan, str(family), member, stated, planned, wanted)


def landing_gaps(plan: Plan) -> dict[str, float]:
    """{family: revenue of the fiscal year, actuals and plan, less the budget}, over the months of the year
    for which the budget states revenue of the family; families of which it states none are left out."""
    budget, inputs = plan.finance.budget, plan.inputs
    if budget is None:
        return {}
    calendar, elapsed = inputs.calendar, elapsed_buckets(inputs.calendar)
    years = calendar.fiscal_years[calendar.now : calendar.now + calendar.horizon]
    to_go = np.flatnonzero(years == years[0])
    actual = actual_revenue(inputs)[:, :, calendar.now - elapsed : calendar.now]
    ours = np.concatenate([actual, plan.finance.revenue[:, :, to_go]], axis=2)
    theirs = np.concatenate([budget.to_date["revenue"], budget.revenue[:, :, to_go]], axis=2)
    held, found = stated_cells(theirs, inputs.products.family), {}
    for family in sorted(set(inputs.products.family)):
        member = inputs.products.family == family
        stated = ~np.isnan(held[member])
        if stated.any():
            found[str(family)] = float((ours[member][stated] - held[member][stated]).sum())
    return found


def not_delivered(plan: Plan, periods: np.ndarray) -> float:
    """Revenue that the unconstrained demand of these plan periods has above what is delivered in them: by so
    much a gap of demand to the budget is above that of the plan. NaN where no price is known."""
    demanded, delivered = plan.finance.demand_value, plan.finance.revenue
    return float((demanded - delivered)[:, :, periods].sum())


def stated_cells(lines: np.ndarray, family: np.ndarray) -> np.ndarray:
    """What the budget holds each cell against: in the months for which it states anything of a family, 0 for
    the family's blank cells, so that all of the family counts; NaN in the others.

    lines: (products, markets, periods) one measure of the budget, NaN = blank; family: (products,)
    """
    held = np.full(lines.shape, np.nan)
    for name in set(family):
        member = family == name
        stated = ~np.isnan(lines[member]).all(axis=(0, 1))
        held[member] = np.where(stated, np.nan_to_num(lines[member]), np.nan)
    return held


def stated_periods(plan: Plan, family: str, periods: np.ndarray) -> np.ndarray:
    """Those of the plan periods for which the budget states revenue of a family."""
    revenue = plan.finance.budget.revenue[plan.inputs.products.family == family]
    return periods[~np.isnan(revenue[:, :, periods]).all(axis=(0, 1))]


def stated_of(plan: Plan, periods: np.ndarray) -> np.ndarray:
    """Those of the plan periods for which the budget states revenue of anything."""
    return periods[~np.isnan(plan.finance.budget.revenue[:, :, periods]).all(axis=(0, 1))]


def capacity_gaps(plan: Plan, periods: np.ndarray) -> Iterator[Gap]:
    """Resources and periods whose required hours exceed the available ones; the money is that of units
    short for this cause."""
    resources, labels = plan.inputs.network.resources, plan.inputs.calendar.plan_labels
    load = required_load_pct(plan)
    stakes = _stakes(plan)
    for resource, at in np.argwhere(load[:, periods] > 100 * (1 + _NO_GAP)):
        period = int(periods[at])
        required, available = plan.supply.required[resource, period], plan.supply.available[resource, period]
        units, money = stakes.get((resources.labels[resource], period), (0.0, 0.0))
        in_money = _worth_words(money, plan.inputs.money.base_currency)
        short = f"{units:,.0f} units short for it{in_money}" if units else "nothing is short for it"
        sentence = (
            f"{resources.name[resource]} in {labels[period]}: {required:,.0f} hours are required of "
            f"{available:,.0f} available ({load[resource, period]:.1f} %); {short}."
        )
        hours = float(required - available)
        yield Gap(
            GapKind.CAPACITY, resources.labels[resource], labels[period], -money, -units, hours, sentence
        )


def required_load_pct(plan: Plan) -> np.ndarray:
    """(resources, periods) required hours in % of available ones; NaN where no hours are known or there
    are none."""
    hours = plan.supply.available
    return np.divide(100 * plan.supply.required, hours, out=np.full(hours.shape, np.nan), where=hours > 0)


def _worth_words(money: float, currency: str) -> str:
    """ ", worth 1,200 USD", nothing where the money is not known."""
    return "" if np.isnan(money) else f", worth {money:,.0f} {currency}"


def _budget_gap(
    plan: Plan, family: str, member: np.ndarray, stated: np.ndarray, planned: float, wanted: float
) -> Gap:
    cells = np.ix_(member, np.ones(len(plan.inputs.markets), dtype=bool), stated)
    held_units = stated_cells(plan.finance.budget.units, plan.inputs.products.family)[cells]
    apart = plan.finance.delivered[cells] - held_units
    units = np.nan if np.isnan(held_units).all() else float(np.nansum(apart))
    labels = plan.inputs.calendar.plan_labels
    gap, currency = planned - wanted, plan.inputs.money.base_currency
    frozen = stated[stated < plan.inputs.calendar.frozen]
    held = float(
        plan.finance.revenue[cells[0], cells[1], frozen].sum()
        - np.nansum(plan.finance.budget.revenue[cells[0], cells[1], frozen])
    )
    in_units = "" if np.isnan(units) else f", {abs(units):,.0f} units {'below' if units < 0 else 'above'}"
    sentence = (
        f"{family}, {labels[stated[0]]} to {labels[stated[-1]]}: revenue of {planned:,.0f} {currency} is "
        f"{abs(gap):,.0f} {'below' if gap < 0 else 'above'} budget {plan.finance.budget.version}{in_units}"
        f"{_frozen_words(held, [labels[at] for at in frozen])}."
    )
    return Gap(GapKind.BUDGET, family, "", gap, units, np.nan, sentence, held)


def _frozen_words(held: float, labels: list[str]) -> str:
    """ "; 1,200 of it above in 2014-01, which is frozen", "" where nothing of a gap is."""
    if not labels or abs(held) < 0.5:
        return ""
    months = " to ".join(dict.fromkeys((labels[0], labels[-1])))
    return f"; in it {abs(held):,.0f} {'below' if held < 0 else 'above'} in {months}, which is frozen"


def _causes(plan: Plan) -> dict[tuple[str, int], str]:
    """{(family, period): ", mostly for <reason>"} by units short."""
    units: dict[tuple[str, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for shortage in plan.supply.shortages:
        family = str(plan.inputs.products.family[shortage.product])
        units[family, shortage.period][_because(plan, shortage)] += shortage.units
    return {
        key: f", mostly for {max(sorted(reasons), key=reasons.__getitem__)}" for key, reasons in units.items()
    }


def _because(plan: Plan, shortage: Shortage) -> str:
    """The reason as a phrase: "capacity of Final assembly"."""
    names: Mapping[str, str] = dict(
        zip(plan.inputs.network.resources.labels, plan.inputs.network.resources.name, strict=True)
    )
    cause = names.get(shortage.cause, shortage.cause)
    return (
        f"{shortage.reason}{'' if shortage.reason == MATERIAL else ' of'} {cause}"
        if cause
        else shortage.reason
    )


def shortage_values(plan: Plan) -> tuple[float, ...]:
    """Money of each of the plan's shortages, in their order: the units of each market at its net price.

    Late and lost add up to all that is not on time; what is lost is worth the plan's lost revenue, and what
    still waits when the plan ends is valued as the late units of its period.
    """
    lost, put_off = plan.supply.lost, plan.demand.unconstrained - plan.supply.on_time - plan.supply.lost
    late_units = put_off.sum(axis=1)
    late_worth = worth(put_off, plan.finance.price).sum(axis=1)
    late_price = np.divide(late_worth, late_units, out=np.zeros(late_units.shape), where=late_units > 0)
    lost_units, lost_worth = lost.sum(axis=1), plan.finance.lost_revenue.sum(axis=1)
    values = []
    for shortage in plan.supply.shortages:
        at = shortage.product, shortage.period
        waiting = shortage.units - lost_units[at] if shortage.kind == LOST else shortage.units
        values.append(float(waiting * late_price[at] + (lost_worth[at] if shortage.kind == LOST else 0.0)))
    return tuple(values)


def _stakes(plan: Plan) -> dict[tuple[str, int], tuple[float, float]]:
    """{(resource, period due): (units short for its capacity, money)}."""
    stakes: dict[tuple[str, int], tuple[float, float]] = {}
    for shortage, money in zip(plan.supply.shortages, shortage_values(plan), strict=True):
        if shortage.reason == CAPACITY:
            key = (shortage.cause, shortage.period)
            units, before = stakes.get(key, (0.0, 0.0))
            stakes[key] = units + shortage.units, before + money
    return stakes
