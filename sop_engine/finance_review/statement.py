"""The income statement to operating profit, for the company or cut by any axis; every cut adds up to the
total.

Revenue and standard cost are each cell's own. What is bought for all (overtime, freight, fixed cost and the
like) is shared out in proportion to the standard cost of what is delivered in the period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.errors import PlanError
from sop_engine.finance_review.valuation import CARRYING, IN_MARGIN, PAID_BELOW_MARGIN, FinancePlan
from sop_engine.inputs import Inputs

PRODUCT_CUTS = ("family", "category", "product")
MARKET_CUTS = ("market", "region", "channel", "currency")
CUTS = ("total", *PRODUCT_CUTS, *MARKET_CUTS)
SUBTOTALS = ("gross margin", "contribution", "operating profit")


@dataclass(frozen=True, eq=False)
class Statement:
    """lines: names top down, those in SUBTOTALS sum what stands above them; groups: labels of the cut ("" is
    the total)

    values: (lines, groups, periods) base currency, costs negative
    """

    currency: str
    cut: str
    lines: tuple[str, ...]
    groups: tuple[str, ...]
    periods: tuple[str, ...]
    values: np.ndarray

    def line(self, name: str) -> np.ndarray:
        """(groups, periods) of one line."""
        return self.values[self.lines.index(name)]

    def frame(self) -> pd.DataFrame:
        """Long: line, <cut>, period, amount."""
        index = pd.MultiIndex.from_product(
            [self.lines, self.groups, self.periods], names=["line", self.cut, "period"]
        )
        return pd.Series(self.values.ravel(), index=index, name="amount").reset_index()


def income_statement(inputs: Inputs, finance: FinancePlan, cut: str = "total") -> Statement:
    """The statement by one of CUTS over all plan periods. Raises PlanError for any other cut."""
    labels, axis, codes = _coded(inputs, cut)
    revenue, cost = (
        grouped(money, axis, codes, len(labels)) for money in (finance.revenue, finance.standard_cost)
    )
    lines = _lines(inputs, finance, revenue, cost, _shares(finance, cost, axis, codes))
    return Statement(
        currency=inputs.money.base_currency,
        cut=cut,
        lines=tuple(lines),
        groups=labels,
        periods=inputs.calendar.plan_labels,
        values=np.stack(list(lines.values())),
    )


def cut_groups(inputs: Inputs, cut: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(label, (products,) bool, (markets,) bool) of each group of the cut, in label order; together they
    are everything. Raises PlanError for a cut that is not of CUTS."""
    labels, axis, codes = _coded(inputs, cut)
    everything = [np.ones(len(inputs.products), dtype=bool), np.ones(len(inputs.markets), dtype=bool)]
    for at, label in enumerate(labels):
        masks = [*everything]
        masks[axis] = codes == at
        yield label, *masks


def cost_share(finance: FinancePlan, products: np.ndarray, markets: np.ndarray) -> np.ndarray:
    """(periods,) part of the standard cost that these cells have; their part of all cells where there is
    no cost at all."""
    cost = finance.standard_cost
    whole = cost.sum(axis=(0, 1))
    evenly = products.sum() * markets.sum() / (cost.shape[0] * cost.shape[1])
    part = cost[np.ix_(products, markets)].sum(axis=(0, 1))
    return np.divide(part, whole, out=np.full(len(whole), float(evenly)), where=whole > 0)


def shared_choices(cost: np.ndarray, choices: np.ndarray) -> np.ndarray:
    """(products, markets) money of supply choices, each period's shared by its standard cost as `cost_share`
    does.

    cost: (products, markets, periods); choices: (periods,) money
    """
    whole = cost.sum(axis=(0, 1))
    per_cost = np.divide(choices, whole, out=np.zeros(len(whole)), where=whole > 0)
    evenly = float(choices[~(whole > 0)].sum()) / (cost.shape[0] * cost.shape[1])
    return cost @ per_cost + evenly


def grouped(cells: np.ndarray, axis: int, codes: np.ndarray, groups: int) -> np.ndarray:
    """(groups, periods) sums of (products, markets, periods); codes: the group of each label of the axis."""
    sums = np.zeros((groups, cells.shape[2]))
    np.add.at(sums, codes, cells.sum(axis=1 - axis))
    return sums


def _coded(inputs: Inputs, cut: str) -> tuple[tuple[str, ...], int, np.ndarray]:
    """Labels of the cut in order, the axis it is of (0 products, 1 markets), and each position's group."""
    if cut == "total":
        return ("",), 0, np.zeros(len(inputs.products), dtype=int)
    if cut not in CUTS:
        raise PlanError(f"There is no cut by '{cut}'. Choose one of {', '.join(CUTS)}.")
    axis = int(cut in MARKET_CUTS)
    labelled = (inputs.products, inputs.markets)[axis]
    own = np.array(labelled.labels) if cut in ("product", "market") else getattr(labelled, cut)
    labels, codes = np.unique(own.astype(str), return_inverse=True)
    return tuple(map(str, labels)), axis, codes


def _shares(finance: FinancePlan, cost: np.ndarray, axis: int, codes: np.ndarray) -> np.ndarray:
    """(groups, periods) as `cost_share`, of all groups at once; cost: (groups, periods)."""
    whole = finance.standard_cost.sum(axis=(0, 1))
    evenly = np.bincount(codes, minlength=len(cost)) / finance.standard_cost.shape[axis]
    spread = np.repeat(evenly[:, None], len(whole), axis=1)
    return np.divide(cost, whole, out=spread, where=np.broadcast_to(whole > 0, cost.shape))


def _lines(
    inputs: Inputs, finance: FinancePlan, revenue: np.ndarray, cost: np.ndarray, share: np.ndarray
) -> dict[str, np.ndarray]:
    """{line: (groups, periods)} top down."""
    shared = {name: 0.0 - amount * share for name, amount in finance.choice_costs.items()}
    top = {
        "revenue": revenue,
        "standard cost": 0.0 - cost,
        **{name: shared[name] for name in IN_MARGIN},
    }
    margin = sum(top.values())
    below = {name: shared[name] for name in (*PAID_BELOW_MARGIN, CARRYING)}
    contribution = margin + sum(below.values())
    fixed = {
        f"fixed: {account}": 0.0 - amount * share
        for account, amount in zip(inputs.money.accounts, finance.fixed_cost, strict=True)
    }
    profit = contribution + sum(fixed.values())
    return {
        **top,
        "gross margin": margin,
        **below,
        "contribution": contribution,
        **fixed,
        "operating profit": profit,
    }
