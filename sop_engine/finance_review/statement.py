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
    groups = list(cut_groups(inputs, cut))
    columns = [_column(inputs, finance, products, markets) for _, products, markets in groups]
    return Statement(
        currency=inputs.money.base_currency,
        cut=cut,
        lines=tuple(columns[0]),
        groups=tuple(label for label, _, _ in groups),
        periods=inputs.calendar.plan_labels,
        values=np.stack([np.stack(list(column.values())) for column in columns], axis=1),
    )


def cut_groups(inputs: Inputs, cut: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(label, (products,) bool, (markets,) bool) of each group of the cut, in label order; together they
    are everything."""
    every_product = np.ones(len(inputs.products), dtype=bool)
    every_market = np.ones(len(inputs.markets), dtype=bool)
    if cut == "total":
        yield "", every_product, every_market
    elif cut in PRODUCT_CUTS:
        labels = np.array(inputs.products.labels) if cut == "product" else getattr(inputs.products, cut)
        for label in sorted(set(labels)):
            yield str(label), labels == label, every_market
    elif cut in MARKET_CUTS:
        labels = np.array(inputs.markets.labels) if cut == "market" else getattr(inputs.markets, cut)
        for label in sorted(set(labels)):
            yield str(label), every_product, labels == label
    else:
        raise PlanError(f"There is no cut by '{cut}'. Choose one of {', '.join(CUTS)}.")


def cost_share(finance: FinancePlan, products: np.ndarray, markets: np.ndarray) -> np.ndarray:
    """(periods,) part of the standard cost that these cells have; their part of all cells where there is
    no cost at all."""
    cost = finance.standard_cost
    whole = cost.sum(axis=(0, 1))
    evenly = products.sum() * markets.sum() / (cost.shape[0] * cost.shape[1])
    part = cost[np.ix_(products, markets)].sum(axis=(0, 1))
    return np.divide(part, whole, out=np.full(len(whole), float(evenly)), where=whole > 0)


def _column(
    inputs: Inputs, finance: FinancePlan, products: np.ndarray, markets: np.ndarray
) -> dict[str, np.ndarray]:
    """{line: (periods,)} of one group, top down."""
    cells = np.ix_(products, markets)
    share = cost_share(finance, products, markets)
    shared = {name: 0.0 - amount * share for name, amount in finance.choice_costs.items()}
    column = {
        "revenue": finance.revenue[cells].sum(axis=(0, 1)),
        "standard cost": 0.0 - finance.standard_cost[cells].sum(axis=(0, 1)),
        **{name: shared[name] for name in IN_MARGIN},
    }
    column["gross margin"] = sum(column.values())
    below = {name: shared[name] for name in (*PAID_BELOW_MARGIN, CARRYING)}
    contribution = column["gross margin"] + sum(below.values())
    fixed = {
        f"fixed: {account}": 0.0 - amount * share
        for account, amount in zip(inputs.money.accounts, finance.fixed_cost, strict=True)
    }
    profit = contribution + sum(fixed.values())
    return {**column, **below, "contribution": contribution, **fixed, "operating profit": profit}
