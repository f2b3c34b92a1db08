"""What a plan is held against, all in one shape: the plan itself, a version of the budget, the prior year.

A Position is units and money of one span by product and market. What a source does not say stays NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.errors import PlanError
from sop_engine.finance_review.valuation import IN_MARGIN, FinancePlan
from sop_engine.inputs import Inputs


@dataclass(frozen=True, eq=False)
class Position:
    """Totals of a span; (products, markets) each, NaN = not known.

    local_revenue: in the market's currency; revenue, cost: base currency, cost at standard
    choice_cost: money, what supply choices took off the gross margin beyond standard
    """

    label: str
    units: np.ndarray
    local_revenue: np.ndarray
    revenue: np.ndarray
    cost: np.ndarray
    choice_cost: float = 0.0

    @property
    def margin(self) -> np.ndarray:
        """(products, markets) revenue less standard cost."""
        return self.revenue - self.cost


def plan_position(label: str, finance: FinancePlan, periods: np.ndarray) -> Position:
    """What the plan delivers in these plan periods."""
    local = finance.delivered * np.nan_to_num(finance.local_price)
    return Position(
        label=label,
        units=finance.delivered[:, :, periods].sum(axis=2),
        local_revenue=local[:, :, periods].sum(axis=2),
        revenue=finance.revenue[:, :, periods].sum(axis=2),
        cost=finance.standard_cost[:, :, periods].sum(axis=2),
        choice_cost=float(sum(finance.choice_costs[name][periods].sum() for name in IN_MARGIN)),
    )


def budget_position(inputs: Inputs, version: str, periods: np.ndarray) -> Position:
    """A version of the budget over these plan periods; its gross margin is taken as after all supply choices.

    The budget is in the base currency, so it is converted back at today's rates: it has no exchange bar of
    its own.
    Raises PlanError when there is no such version.
    """
    if version not in inputs.money.budgets:
        known = ", ".join(sorted(inputs.money.budgets)) or "none"
        raise PlanError(f"There is no budget version '{version}'. Loaded are: {known}.")
    lines = inputs.money.budgets[version]
    revenue = _stated_sum(lines.revenue[:, :, periods])
    return Position(
        label=version,
        units=_stated_sum(lines.units[:, :, periods]),
        local_revenue=_stated_sum(lines.revenue[:, :, periods] / inputs.money.rate[:, periods]),
        revenue=revenue,
        cost=revenue - _stated_sum(lines.gross_margin[:, :, periods]),
    )


def prior_year_position(inputs: Inputs, periods: np.ndarray) -> Position:
    """The same periods one year earlier, at today's standard cost and rates, the only ones on file: no
    cost or exchange bar."""
    money = inputs.money
    units = money.prior_units[:, :, periods]
    revenue = money.prior_revenue[:, :, periods]
    return Position(
        label="prior year",
        units=units.sum(axis=2),
        local_revenue=(revenue / money.rate[:, periods]).sum(axis=2),
        revenue=revenue.sum(axis=2),
        cost=(units * np.nan_to_num(money.unit_cost)[:, None, periods]).sum(axis=2),
    )


def _stated_sum(values: np.ndarray) -> np.ndarray:
    """Sum over periods of what is stated; NaN where nothing is."""
    return np.where(np.isnan(values).all(axis=2), np.nan, np.nansum(values, axis=2))
