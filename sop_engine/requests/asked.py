"""What one review asks of another: its cells, its measure, and what a plan delivers there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from sop_engine.finance_review.valuation import CHOICES
from sop_engine.inputs import Inputs
from sop_engine.money import exchange_rate, local_price, unit_costs
from sop_engine.plan import Plan
from sop_engine.scenario import Scenario

MEASURES = {
    "units": "units",
    "revenue": "revenue",
    "gross_margin": "gross margin",
    "inventory": "stock",
    "cost": "cost",
    "hours": "hours",
}
VOLUMES = ("units", "revenue", "gross_margin")  # what an override of the demand can carry out


@dataclass(frozen=True, eq=False)
class Cells:
    """What a request speaks of. products, markets: masks; periods: plan indices, past ones left out"""

    products: np.ndarray
    markets: np.ndarray
    periods: np.ndarray

    @property
    def index(self) -> tuple[np.ndarray, ...]:
        return np.ix_(np.flatnonzero(self.products), np.flatnonzero(self.markets), self.periods)

    @property
    def whole(self) -> bool:
        return bool(self.products.all() and self.markets.all())


def amount_words(measure: str, amount: float, currency: str) -> str:
    """A signed amount with what it counts.

    >>> amount_words("revenue", 1.2e6, "USD"), amount_words("units", -500, "USD")
    ('+1,200,000 USD of revenue', '-500 units')
    """
    unit = measure if measure in ("units", "hours") else f"{currency} of {MEASURES[measure]}".lstrip()
    return f"{amount:+,.0f} {unit}"


def asked_cells(inputs: Inputs, product: str, family: str, market: str, first: date, last: date) -> Cells:
    """The cells of a request. Raises DataError where a label is not loaded."""
    calendar = inputs.calendar
    ends = calendar.locate(np.array([first, last], dtype="datetime64[D]")) - calendar.now
    periods = np.arange(max(int(ends[0]), 0), min(int(ends[1]) + 1, calendar.horizon))
    return Cells(inputs.products.group(product or family), inputs.markets.group(market), periods)


def unit_worth(inputs: Inputs, scenario: Scenario, measure: str) -> np.ndarray:
    """(products, markets, periods) what one more unit of demand counts in a measure of VOLUMES: 1, its net
    price, or price less standard cost; 0 where that is not known.
    """
    if measure == "units":
        return np.ones(inputs.demand.baseline.units.shape)
    price = local_price(inputs, scenario) * exchange_rate(inputs, scenario)
    cost = unit_costs(inputs, scenario)[:, None, :] if measure == "gross_margin" else 0.0
    return np.nan_to_num(price - cost)


def measured(plan: Plan, measure: str, cells: Cells) -> float:
    """What a plan delivers in a measure: units, revenue, revenue less standard cost, stock at the end of the
    span, hours worked on the products, or standard cost, and of the whole company what its supply choices
    cost.
    """
    finance = plan.finance
    if not cells.periods.size:
        return 0.0
    match measure:
        case "units":
            return float(finance.delivered[cells.index].sum())
        case "revenue":
            return float(finance.revenue[cells.index].sum())
        case "gross_margin":
            return float((finance.revenue - finance.standard_cost)[cells.index].sum())
        case "inventory":
            return float(finance.inventory_value[cells.products, cells.periods[-1]].sum())
        case "hours":
            return _hours(plan, cells)
    choices = sum(finance.choice_costs[name][cells.periods].sum() for name in CHOICES) if cells.whole else 0.0
    return float(finance.standard_cost[cells.index].sum() + choices)


def _hours(plan: Plan, cells: Cells) -> float:
    edges = plan.inputs.network.edges
    started = np.where(cells.products[edges.product][:, None], plan.supply.flow, 0.0)
    hours = started[edges.hours_edge] * edges.hours_per_unit[:, None]
    return float(hours[:, cells.periods].sum())
