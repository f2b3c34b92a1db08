"""What the exceptions of the demand review are found in: the consensus of a plan against each reference, by
family."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from sop_engine.charts.demand_review import band80
from sop_engine.charts.numbers import month, short
from sop_engine.charts.view import View
from sop_engine.demand_review.exceptions import (
    COLUMNS,
    OPEN,
    RULES,
    Compared,
    at_stake,
    compared,
    ranked_exceptions,
    with_reviews,
)
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import stated_cells
from sop_engine.replays import Replays


@dataclass(frozen=True, eq=False)
class LastCycle:
    """Demand of this plan and of the cycle before; (products, markets, periods) units, NaN in `units` where
    the cycle before says nothing; what: which demand of which version.
    """

    now: np.ndarray
    units: np.ndarray
    what: str


def exception_table(
    plan: Plan, view: View, last: LastCycle | None, replays: Replays | None, reviews: pd.DataFrame
) -> pd.DataFrame:
    """The exceptions of a view with their reviews, open ones first, and who owns the families' judgements.

    reviews: active rows of exception_review of the cycle.
    """
    settings = plan.inputs.settings
    found = comparisons(plan, view, last, replays)
    value = float(np.nansum(view.cut(plan.finance.demand_value)))
    open_ones = ranked_exceptions(found, settings, least=settings["exception_least_pct"] / 100 * value)
    table = with_reviews(open_ones, reviews, settings)
    return table.assign(owner=table["family"].map(_owners(plan)).fillna(""))


def comparisons(
    plan: Plan, view: View, last: LastCycle | None, replays: Replays | None
) -> dict[str, pd.DataFrame]:
    """{kind of rule: family, pct, units, money} over the view's markets and months; a rule whose
    reference is not there is left out.
    """
    family, shown = plan.inputs.products.family, view.products & plan.inputs.products.sellable
    pairs = {"statistical": _priced(plan, plan.demand.unconstrained, plan.inputs.demand.baseline.units)}
    if last is not None:
        pairs["cycle"] = _priced(plan, last.now, last.units)
    if plan.finance.budget is not None:
        demand, finance = plan.demand, plan.finance
        pairs["budget"] = _against_budget(plan, demand.unconstrained, finance.demand_value)
        pairs["constrained"] = _against_budget(plan, finance.delivered, finance.revenue)
    pairs["prior year"] = _against_prior_year(plan)
    above = plan.demand.consensus + plan.demand.steps["Orders above forecast"]
    pairs["orders"] = _priced(plan, above, plan.demand.consensus)
    found = {kind: compared(_cut(pair, view), family, shown) for kind, pair in pairs.items()}
    if replays is not None:
        found["bias"] = compared(_past(plan, view, replays), family, shown)
    found["range"] = _outside_range(plan, view)
    return {rule.kind: found[rule.kind] for rule in RULES if rule.kind in found}


def last_statistical(plan: Plan, replays: Replays) -> LastCycle:
    """The statistical baseline of today against the one replayed for the cycle before: its first period has
    passed, so its second lag is the first period of this plan.
    """
    units = np.full(plan.demand.unconstrained.shape, np.nan)
    before = replays.units[-1][:, :, 1:][:, :, : units.shape[2]]
    units[:, :, : before.shape[2]] = before
    made = plan.inputs.calendar.labels[replays.made[-1]]
    return LastCycle(
        plan.inputs.demand.baseline.units, units, f"the statistical baseline of {month(made)}, replayed"
    )


def count_words(table: pd.DataFrame, families: int, currency: str) -> str:
    """How many families need the meeting and what is at stake."""
    waiting = table.loc[table["status"] == OPEN, "family"].unique()
    reviewed = int((table["status"] != OPEN).sum())
    stake = at_stake(table[table["status"] == OPEN], list(waiting))
    known = currency and not np.isnan(stake)
    money = f": {short(stake)} {currency}, each by its largest gap" if known else ""
    return f"{len(waiting)} of {families} families need the meeting{money}; {reviewed} reviewed"


def _priced(plan: Plan, units: np.ndarray, reference: np.ndarray) -> Compared:
    """Two measures in units and at the plan's price; without a price money is not known."""
    price = plan.finance.price
    return Compared(units, reference, units * price, reference * price)


def _against_budget(plan: Plan, units: np.ndarray, money: np.ndarray) -> Compared:
    """As finance counts it: all of a family in the months that the budget states of it. A cell without a
    price counts 0, unless none has one."""
    budget, family = plan.finance.budget, plan.inputs.products.family
    worth = np.nan_to_num(money) if np.isfinite(plan.finance.price).any() else np.full(money.shape, np.nan)
    return Compared(units, stated_cells(budget.units, family), worth, stated_cells(budget.revenue, family))


def _against_prior_year(plan: Plan) -> Compared:
    """Months of which nothing was sold a year before say nothing."""
    money = plan.inputs.money
    said = np.where(money.prior_units.sum(axis=(0, 1)) > 0, 0.0, np.nan)
    return Compared(
        plan.demand.unconstrained,
        money.prior_units + said,
        plan.finance.demand_value,
        money.prior_revenue + said,
    )


def _cut(pair: Compared, view: View) -> Compared:
    def inside(cells: np.ndarray) -> np.ndarray:
        return cells[:, view.markets][:, :, view.periods]

    return Compared(*(inside(getattr(pair, field.name)) for field in fields(pair)))


def _past(plan: Plan, view: View, replays: Replays) -> Compared:
    """The first period of each replayed cycle against what was sold in it, in money at the plan's first
    price. The difference in % of what was sold is the bias of lag 1.
    """
    forecast = replays.units[:, :, view.markets, 0].transpose(1, 2, 0)
    actual = plan.inputs.demand.history[:, view.markets][:, :, replays.made]
    price = plan.finance.price[:, view.markets, :1]
    return Compared(forecast, actual, forecast * price, actual * price)


def _outside_range(plan: Plan, view: View) -> pd.DataFrame:
    """How far the consensus of a family lies outside the range, month by month, in % of the consensus."""
    family, shown = plan.inputs.products.family, view.products & plan.inputs.products.sellable
    rows = []
    for name in sorted(set(family[shown])):
        mine = View(shown & (family == name), view.markets, view.periods, False, name)
        low, high = band80(plan, mine)
        units, worth = mine.by_period(plan.demand.unconstrained), plan.finance.demand_value
        priced = np.isfinite(plan.finance.price[mine.products]).any()
        money = mine.by_period(np.nan_to_num(worth)) if priced else np.full(len(units), np.nan)
        beyond = np.nan_to_num(np.maximum(units - high, 0.0) - np.maximum(low - units, 0.0))
        price = np.divide(money, units, out=np.zeros(len(units)), where=units > 0)
        known = units[~np.isnan(low)].sum()
        pct = 100 * beyond.sum() / known if known > 0 else np.nan
        rows.append((name, pct, beyond.sum(), beyond @ price))
    return pd.DataFrame(rows, columns=COLUMNS[1:])


def _owners(plan: Plan) -> dict[str, str]:
    """{family: who owns the overrides that change it}."""
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    for override in plan.inputs.demand.overrides:
        for family in set(plan.inputs.products.family[override.products]) if override.owner else ():
            owners[family][override.owner] = None
    return {family: ", ".join(names) for family, names in owners.items()}


def basis_words(plan: Plan, last: LastCycle | None, replays: Replays | None) -> str:
    """What the rules are held against where their names do not say it, and which have nothing to hold
    against.
    """
    words = []
    if last is not None:
        words.append(f"Last cycle is {last.what}.")
    if replays is not None:
        words.append(
            f"Bias is that of the statistical baseline at lag 1 over {len(replays.made)} replayed cycles, "
            "forecast less actual in % of the actual: positive is an over-forecast."
        )
    missing = {
        "last cycle (no earlier consensus is signed, no cycle is replayed yet)": last is None,
        "bias (not replayed yet)": replays is None,
        "budget (none is loaded)": plan.finance.budget is None,
    }
    absent = [name for name, gone in missing.items() if gone]
    return " ".join([*words, *([f"Not looked at: {', '.join(absent)}."] if absent else [])])
