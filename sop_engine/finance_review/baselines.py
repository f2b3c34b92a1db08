"""What a plan is held against, all in one shape: the plan, versions of the budget, earlier plans, the prior
year.

A Position is units and money of one span by product and market. What a source does not say stays NaN.
Periods are plan periods; negative ones are the elapsed buckets before the plan, -1 the last of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sop_engine.errors import PlanError
from sop_engine.finance_review.kept import KeptPlan
from sop_engine.finance_review.statement import shared_choices
from sop_engine.finance_review.valuation import IN_MARGIN, FinancePlan, actual_cost, actual_revenue
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import BudgetLines, elapsed_buckets, joined

BUDGET, ESTIMATE, CYCLE, START = "budget", "estimate", "cycle", "start"
LAST, PRIOR = "last", "prior"
NOTHING_LOADED = "nothing: no price and no cost is loaded"
START_LABEL, UNMOVED_LABEL = "This cycle's start", "Now, no lever moved"
_ALIKE = 1e-9  # of what a unit brings: how far products of a family that share one budget line differ


@dataclass(frozen=True, eq=False)
class Position:
    """Totals of a span; (products, markets) each, NaN = not known.

    local_revenue: in the market's currency; revenue, cost: base currency, cost at standard
    choice_cost: what supply choices took off the gross margin beyond standard, shared by standard cost
    operating_profit: of the company in the plan periods of the span, NaN = not known
    group: (products,) number of the group for which alone it states anything of its products, -1 where it
    speaks of the product itself; None = of each product
    """

    label: str
    units: np.ndarray
    local_revenue: np.ndarray
    revenue: np.ndarray
    cost: np.ndarray
    choice_cost: np.ndarray
    operating_profit: float = np.nan
    group: np.ndarray | None = None

    @property
    def margin(self) -> np.ndarray:
        """(products, markets) revenue less standard cost."""
        return self.revenue - self.cost

    @property
    def gross_margin(self) -> np.ndarray:
        """(products, markets) margin after supply choices."""
        return self.margin - self.choice_cost


@dataclass(frozen=True, eq=False)
class Baseline:
    """One thing to hold a plan against.

    kind: BUDGET, ESTIMATE (the working plan), CYCLE (no lever moved), START (before what was judged in this
    cycle, no lever moved), LAST or PRIOR
    periods: those of which it says something; position: of any of them
    basis: the prices, costs and rates that value it
    """

    label: str
    kind: str
    periods: np.ndarray
    position: Callable[[np.ndarray], Position]
    basis: str


def baselines(
    inputs: Inputs,
    working: FinancePlan,
    unmoved: FinancePlan,
    kept: KeptPlan | None = None,
    start: FinancePlan | None = None,
) -> dict[str, Baseline]:
    """{label: baseline} in the order in which they are read: budgets, the estimates, the year before.

    working: the plan of the working scenario; unmoved: that of no lever; kept: the last estimate, if any;
    start: the plan before what was judged in this cycle, None where nothing was
    """
    year = np.arange(-elapsed_buckets(inputs.calendar), inputs.calendar.horizon)
    elapsed = year[year < 0] + inputs.calendar.now
    priced = np.isfinite(inputs.money.price).any() or np.isfinite(inputs.money.unit_cost).any()
    loaded = "the prices, costs and rates loaded" if priced else NOTHING_LOADED
    actuals = f"; elapsed months: {actual_basis(inputs, elapsed)}" if elapsed.size else ""
    found = [_budget(inputs, version, year) for version in budget_order(inputs)]
    for label, kind, finance in (
        ("Latest estimate", ESTIMATE, working),
        (UNMOVED_LABEL, CYCLE, unmoved),
        (START_LABEL, START, start),
    ):
        if finance is None:
            continue
        place = lambda periods, label=label, finance=finance: estimate_position(  # noqa: E731
            label, inputs, finance, periods
        )
        found.append(Baseline(label, kind, year, place, f"{loaded}{actuals}"))
    if kept is not None:
        found.append(_kept(inputs, kept, year))
    said = year[_year_before(inputs, year) >= 0]
    said = said[_year_before(inputs, said) < inputs.calendar.now]
    if said.size:
        place = lambda periods: prior_year_position(inputs, periods)  # noqa: E731
        found.append(Baseline("Prior year", PRIOR, said, place, prior_year_basis(inputs, said)))
    return {baseline.label: baseline for baseline in found}


def plan_position(label: str, finance: FinancePlan, periods: np.ndarray) -> Position:
    """What the plan delivers in these plan periods, none of them negative."""
    local = finance.delivered[:, :, periods] * np.nan_to_num(finance.local_price[:, :, periods])
    choices = sum(finance.choice_costs[name] for name in IN_MARGIN)
    return Position(
        label=label,
        units=finance.delivered[:, :, periods].sum(axis=2),
        local_revenue=local.sum(axis=2),
        revenue=finance.revenue[:, :, periods].sum(axis=2),
        cost=finance.standard_cost[:, :, periods].sum(axis=2),
        choice_cost=shared_choices(finance.standard_cost[:, :, periods], choices[periods]),
        operating_profit=float(finance.operating_profit[periods].sum()),
    )


def actual_position(label: str, inputs: Inputs, periods: np.ndarray) -> Position:
    """What was sold in these elapsed buckets, all of them negative, as `actual_cells` values it."""
    cells = actual_cells(inputs, inputs.calendar.now + periods)
    sums = {name: amounts.sum(axis=2) for name, amounts in cells.items()}
    return Position(label=label, **sums, choice_cost=np.zeros(sums["units"].shape))


def estimate_position(label: str, inputs: Inputs, finance: FinancePlan, periods: np.ndarray) -> Position:
    """Actuals of the elapsed buckets and the plan of the rest; its operating profit is that of the rest."""
    elapsed, to_go = periods[periods < 0], periods[periods >= 0]
    planned = plan_position(label, finance, to_go)
    return planned if not elapsed.size else _together(planned, actual_position(label, inputs, elapsed))


def budget_position(inputs: Inputs, version: str, periods: np.ndarray) -> Position:
    """A version of the budget; its gross margin is taken as after all supply choices.

    Local revenue is at the budget's own rates, at today's where none is stated.
    Raises PlanError when there is no such version.
    """
    money = inputs.money
    if version not in money.budgets:
        known = ", ".join(sorted(money.budgets)) or "none"
        raise PlanError(f"There is no budget version '{version}'. Loaded are: {known}.")
    lines = money.budgets[version]
    revenue, units, margin = (
        joined(lines.to_date[name], getattr(lines, name), periods)
        for name in ("revenue", "units", "gross_margin")
    )
    stated = joined(money.past_budget_rate, money.budget_rate, periods)
    rate = np.where(np.isnan(stated), joined(money.past_rate, money.rate, periods), stated)
    total = _stated_sum(revenue)
    return Position(
        label=version,
        units=_stated_sum(units),
        local_revenue=_stated_sum(revenue / rate),
        revenue=total,
        cost=total - _stated_sum(margin),
        choice_cost=np.zeros(total.shape),
        group=stated_groups(inputs, version),
    )


@lru_cache(maxsize=8)  # no lever changes a budget, and every figure of a table asks for it
def stated_groups(inputs: Inputs, version: str) -> np.ndarray | None:
    """(products,) number of the family whose products a budget version has in one line, -1 of the others;
    None where there is no such family.

    A line of a family is spread over its products in equal shares of units, revenue and margin, so that each
    of them brings the same a unit: that is what tells it.
    """
    lines, family = inputs.money.budgets[version], inputs.products.family.astype(str)
    groups = np.full(len(family), -1)
    for number, name in enumerate(np.unique(family)):
        member = np.flatnonzero((family == name) & inputs.products.sellable)
        if _spread_from_one(lines, member):
            groups[member] = number
    return groups if (groups >= 0).any() else None


def _spread_from_one(lines: BudgetLines, member: np.ndarray) -> bool:
    """Whether two products or more of these are stated, all with the same revenue and margin a unit."""
    units, revenue, margin = (
        np.concatenate([lines.to_date[name], getattr(lines, name)], axis=2)[member]
        for name in ("units", "revenue", "gross_margin")
    )
    stated = (units > 0) & np.isfinite(revenue)
    if stated.any(axis=(1, 2)).sum() < 2:
        return False
    for money in (revenue, margin):
        each = np.divide(money, units, out=np.full(units.shape, np.nan), where=stated)
        spread = np.nanmax(each, axis=0, initial=-np.inf) - np.nanmin(each, axis=0, initial=np.inf)
        size = np.nanmax(np.abs(each), axis=0, initial=0.0)
        if (spread > _ALIKE * np.maximum(size, 1e-12)).any():
            return False
    return True


def prior_year_position(inputs: Inputs, periods: np.ndarray) -> Position:
    """The same periods one year earlier, as `prior_year_cells` values them."""
    cells = prior_year_cells(inputs, periods)
    sums = {name: _stated_sum(amounts) for name, amounts in cells.items()}
    return Position(label="Prior year", **sums, choice_cost=np.zeros(sums["units"].shape))


def prior_year_cells(inputs: Inputs, periods: np.ndarray) -> dict[str, np.ndarray]:
    """{units, local_revenue, revenue, cost: (products, markets, periods)} one year earlier, as
    `actual_cells` values them; NaN where that year is no history, 0 where nothing was sold.
    """
    bucket = _year_before(inputs, periods)
    known = (bucket >= 0) & (bucket < inputs.calendar.now)
    laid = {}
    for name, amounts in actual_cells(inputs, bucket[known]).items():
        laid[name] = np.full((*amounts.shape[:2], len(periods)), np.nan)
        laid[name][:, :, known] = amounts
    return laid


def actual_cells(inputs: Inputs, bucket: np.ndarray) -> dict[str, np.ndarray]:
    """{units, local_revenue, revenue, cost: (products, markets, buckets)} of these past buckets, at the cost
    and the rate that were valid then, today's where no line reaches back so far (`actual_basis` says it).
    """
    money, revenue = inputs.money, actual_revenue(inputs)[:, :, bucket]
    then = money.past_rate[:, bucket]
    return {
        "units": np.nan_to_num(inputs.demand.history[:, :, bucket]),
        "local_revenue": revenue / np.where(np.isnan(then), money.rate[:, :1], then),
        "revenue": revenue,
        "cost": actual_cost(inputs)[:, :, bucket],
    }


def prior_year_basis(inputs: Inputs, periods: np.ndarray) -> str:
    """As `actual_basis`, of these periods one year earlier."""
    return actual_basis(inputs, _year_before(inputs, periods))


def actual_basis(inputs: Inputs, bucket: np.ndarray) -> str:
    """What values the past in these buckets: how many of the costs and rates that it needs are on file."""
    sold = np.nan_to_num(inputs.demand.history[:, :, bucket]) > 0
    costs = np.isfinite(inputs.money.past_cost[:, bucket])[sold.any(axis=1)]
    rates = np.isfinite(inputs.money.past_rate[:, bucket])[sold.any(axis=0)]
    unpriced = np.isnan(inputs.demand.revenue_history).all()
    parts = (
        "revenue at today's prices, none is on file" if unpriced else "",
        _then_or_today("costs", costs),
        _then_or_today("rates", rates),
        "no supply choices are on file",
    )
    return "; ".join(filter(None, parts))


def kept_position(inputs: Inputs, kept: KeptPlan, periods: np.ndarray) -> Position:
    """The kept plan in these periods; buckets before it are actuals."""
    before, own = periods[periods < kept.periods[0]], np.intersect1d(periods, kept.periods)
    at = own - kept.periods[0]
    planned = Position(
        label=kept.label,
        units=kept.units[:, :, at].sum(axis=2),
        local_revenue=kept.local_revenue[:, :, at].sum(axis=2),
        revenue=kept.revenue[:, :, at].sum(axis=2),
        cost=kept.cost[:, :, at].sum(axis=2),
        choice_cost=shared_choices(kept.cost[:, :, at], kept.choice_cost[at]),
        operating_profit=float(kept.operating_profit[at[own >= 0]].sum()),
    )
    return planned if not before.size else _together(planned, actual_position(kept.label, inputs, before))


def budget_order(inputs: Inputs) -> list[str]:
    """The operating plan first, the strategic target last."""
    return sorted(inputs.money.budgets, key=lambda version: (version == "target", version != "AOP", version))


def _budget(inputs: Inputs, version: str, year: np.ndarray) -> Baseline:
    lines = inputs.money.budgets[version]
    stated = np.isfinite(joined(lines.to_date["revenue"], lines.revenue, year)).any(axis=(0, 1))
    foreign = inputs.markets.currency != inputs.money.base_currency
    own = np.isfinite(inputs.money.budget_rate[foreign]).any()
    rates = "the budget's own rates" if own else "today's rates, no budget rate is loaded"
    return Baseline(
        label=version,
        kind=BUDGET,
        periods=year[stated],
        position=lambda periods: budget_position(inputs, version, periods),
        basis=f"{rates}; its margin is taken as after supply choices",
    )


def _kept(inputs: Inputs, kept: KeptPlan, year: np.ndarray) -> Baseline:
    periods = year[year <= kept.periods[-1]]
    rates = "today's rates, its own were not kept" if kept.today_rates else "its own prices, costs and rates"
    lost = (
        f"; {kept.left_out:,.0f} {inputs.money.base_currency} of revenue belong to products or markets that "
        "are no longer on file and are left out"
        if kept.left_out > 0.5
        else ""
    )
    return Baseline(
        kept.label, LAST, periods, lambda span: kept_position(inputs, kept, span), f"{rates}{lost}"
    )


def _year_before(inputs: Inputs, periods: np.ndarray) -> np.ndarray:
    return inputs.calendar.now + periods - inputs.calendar.season


def _then_or_today(what: str, known: np.ndarray) -> str:
    """ "costs as valid then", "today's costs for 12.0 % of them, no older ones are on file"."""
    missing = 100 * (1 - known.mean()) if known.size else 0.0
    if not missing:
        return f"{what} as valid then"
    share = "" if missing == 100 else f" for {missing:.1f} % of them"
    return f"today's {what}{share}, no older ones are on file"


def _together(planned: Position, actual: Position) -> Position:
    """One position of two spans; the operating profit is that of the first."""
    sums = {
        name: _stated_sum(np.stack([getattr(planned, name), getattr(actual, name)], axis=2))
        for name in ("units", "local_revenue", "revenue", "cost", "choice_cost")
    }
    return Position(label=planned.label, **sums, operating_profit=planned.operating_profit)


def _stated_sum(values: np.ndarray) -> np.ndarray:
    """Sum over periods of what is stated; NaN where nothing is."""
    return np.where(np.isnan(values).all(axis=2), np.nan, np.nansum(values, axis=2))
