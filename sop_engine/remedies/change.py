"""What a scenario changes against another, in money and service, of the whole company."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.finance_review.valuation import CHOICES
from sop_engine.plan import Plan

TRACE = 1e-6  # of the plan's revenue: the supply model is solved to this


@dataclass(frozen=True)
class Change:
    """After less before, over some plan periods; money in the base currency, NaN where it is not known.

    margin: of revenue less standard cost; cost: of overtime, subcontract, dearer sources, freight, capacity
    moves, spends and carrying, positive = dearer; gain = margin - cost, the change of operating profit
    gross_margin: as the scorecard has it: of it, overtime, subcontract and dearer sources are paid
    units: delivered on time; fill_rate: percentage points of demand value served on time; cash: cash effect
    """

    revenue: float
    margin: float
    cost: float
    gross_margin: float
    units: float
    fill_rate: float
    cash: float

    @property
    def gain(self) -> float:
        return self.margin - self.cost


def change_between(before: Plan, after: Plan, periods: np.ndarray) -> Change:
    """What `after` has more than `before` in these plan periods."""
    one, other = (_figures(plan, periods) for plan in (before, after))
    return Change(**{name: other[name] - one[name] for name in one})


def moves_nothing(change: Change, plan: Plan, periods: np.ndarray) -> bool:
    """Whether a change is within the solver's tolerance: no unit more or less, no money."""
    least = TRACE * max(float(plan.finance.demand_value[:, :, periods].sum()), 1.0)
    money = (change.revenue, change.margin, change.cost)
    return abs(change.units) < 0.5 and not any(abs(part) > least for part in money)


def _figures(plan: Plan, periods: np.ndarray) -> dict[str, float]:
    finance = plan.finance
    revenue = float(finance.revenue[:, :, periods].sum())
    return {
        "revenue": revenue,
        "margin": revenue - float(finance.standard_cost[:, :, periods].sum()),
        "cost": sum(float(finance.choice_costs[name][periods].sum()) for name in CHOICES),
        "gross_margin": float(finance.gross_margin[periods].sum()),
        "units": float(plan.supply.on_time[:, :, periods].sum()),
        "fill_rate": _fill_rate(plan, periods),
        "cash": float(finance.cash_effect[periods].sum()),
    }


def _fill_rate(plan: Plan, periods: np.ndarray) -> float:
    """% of the demand's value that is served on time, as the scorecard has it."""
    price = np.nan_to_num(plan.finance.price)
    wanted = float((plan.demand.unconstrained * price)[:, :, periods].sum())
    return 100 * float((plan.supply.on_time * price)[:, :, periods].sum()) / wanted if wanted else np.nan
