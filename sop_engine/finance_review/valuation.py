"""The plan in money: every cell valued, what each supply choice costs, and what it does to profit and cash.

gross margin     = revenue - standard cost - overtime - subcontract - alternative source
operating profit = gross margin - freight - capacity moves - demand spend - other spend - carrying
                   - fixed cost
cash effect      = gross margin - freight - capacity moves - demand spend - other spend - stock built
                   - goods put on the way - receivables built + payables built
The cash effect is before fixed cost; carrying is a charge for capital and space, no payment.
Standard cost holds conversion at regular rates, so overtime and other sources count by their premium only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.finance_review.choice_costs import choice_costs
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import BudgetLines
from sop_engine.inputs.network import BUY
from sop_engine.money import exchange_rate, local_price, unit_costs, unknown, worth
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import Scenario
from sop_engine.supply_review.supply import SupplyPlan

IN_MARGIN = ("overtime", "subcontract", "alternative source")
PAID_BELOW_MARGIN = ("freight", "capacity moves", "demand spend", "other spend")
CARRYING = "carrying"
CHOICES = (*IN_MARGIN, *PAID_BELOW_MARGIN, CARRYING)


@dataclass(frozen=True, eq=False)
class FinancePlan:
    """The valued plan in base currency; read-only arrays (products, markets, periods) unless said otherwise.

    local_price: in the market's currency; rate: (markets, periods); price = local_price x rate
    unit_cost: (products, periods)
    delivered: units, on time and late, by delivery period
    demand_value: unconstrained demand at net price; revenue, standard_cost: of what is delivered
    lost_revenue, lost_margin: of units that are never delivered; margin is price less standard cost
    choice_costs: {name in CHOICES: (periods,)}; fixed_cost: (accounts, periods)
    gross_margin, operating_profit, receivables, payables: (periods,), the last two at the period's end
    inventory_value: (products, periods) stock of all sites at the period's end, at the period's unit cost
    cash: {line: (periods,)} signed; they add up to cash_effect (periods,)
    budget: the version that the plan is held against, None where there is none
    not_known: {"price" or another rate: labels}, what counts 0 above because nobody has stated it; where no
    price, or no unit cost, is known at all, the money that rests on it is NaN
    """

    local_price: np.ndarray
    rate: np.ndarray
    price: np.ndarray
    unit_cost: np.ndarray
    delivered: np.ndarray
    demand_value: np.ndarray
    revenue: np.ndarray
    standard_cost: np.ndarray
    lost_revenue: np.ndarray
    lost_margin: np.ndarray
    choice_costs: Mapping[str, np.ndarray]
    gross_margin: np.ndarray
    fixed_cost: np.ndarray
    operating_profit: np.ndarray
    inventory_value: np.ndarray
    receivables: np.ndarray
    payables: np.ndarray
    cash: Mapping[str, np.ndarray]
    cash_effect: np.ndarray
    budget: BudgetLines | None
    not_known: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        for part in vars(self).values():
            for array in part.values() if isinstance(part, dict) else (part,):
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)


def value_plan(
    inputs: Inputs, scenario: Scenario, portfolio: Portfolio, demand: DemandPlan, supply: SupplyPlan
) -> FinancePlan:
    """Demand and supply in money, as the module says; what is lost keeps the price and cost of the period
    it was due in."""
    prices, rate = local_price(inputs, scenario), exchange_rate(inputs, scenario)
    price, cost = prices * rate, unit_costs(inputs, scenario)
    delivered = supply.delivered
    revenue, standard_cost = worth(delivered, price), worth(delivered, cost[:, None, :])
    lost_revenue = worth(supply.lost, price)
    stock = supply.places.of_products(supply.node_stock)
    inventory_value = worth(stock, cost)
    choices, missing_rates = choice_costs(inputs, scenario, demand, supply)
    carrying_rate = inputs.settings["carrying_rate_pct"] / 100 / inputs.calendar.season
    choices[CARRYING] = inventory_value.sum(axis=0) * carrying_rate
    gross_margin = _total(revenue) - _total(standard_cost) - sum(choices[name] for name in IN_MARGIN)
    fixed_cost = inputs.money.fixed_cost
    below = sum(choices[name] for name in (*PAID_BELOW_MARGIN, CARRYING)) + fixed_cost.sum(axis=0)
    receivables = _credit(inputs, revenue, actual_revenue(inputs), "receivable")
    payables = _credit(inputs, standard_cost, actual_cost(inputs), "payable")
    cash = {
        "gross margin": gross_margin,
        **{name: 0.0 - choices[name] for name in PAID_BELOW_MARGIN},
        "stock": 0.0 - _stock_built(inputs, stock, cost),
        "goods on the way": 0.0 - worth(_put_on_the_way(inputs, supply), cost).sum(axis=0),
        "receivables": -np.diff(receivables),
        "payables": np.diff(payables),
    }
    return FinancePlan(
        local_price=prices,
        rate=rate,
        price=price,
        unit_cost=cost,
        delivered=delivered,
        demand_value=worth(demand.unconstrained, price),
        revenue=revenue,
        standard_cost=standard_cost,
        lost_revenue=lost_revenue,
        lost_margin=lost_revenue - worth(supply.lost, cost[:, None, :]),
        choice_costs=choices,
        gross_margin=gross_margin,
        fixed_cost=fixed_cost,
        operating_profit=gross_margin - below,
        inventory_value=inventory_value,
        receivables=receivables[1:],
        payables=payables[1:],
        cash=cash,
        cash_effect=sum(cash.values()),
        budget=budget_lines(inputs),
        not_known={**_not_known(inputs, demand, stock, price, cost), **missing_rates},
    )


def budget_lines(inputs: Inputs) -> BudgetLines | None:
    """The budget that plans are held against: version AOP, else the first in the order of the labels."""
    budgets = inputs.money.budgets
    return budgets[("AOP" if "AOP" in budgets else min(budgets))] if budgets else None


@lru_cache(maxsize=4)  # no lever touches the past, and every figure of a landing asks for it
def actual_revenue(inputs: Inputs) -> np.ndarray:
    """(products, markets, past buckets) revenue of the past; where none at all is on file, demand at today's
    price."""
    revenue = np.nan_to_num(inputs.demand.revenue_history)
    if np.isnan(inputs.demand.revenue_history).all():
        today = inputs.money.price[:, :, :1] * inputs.money.rate[:, :1]
        revenue = worth(np.nan_to_num(inputs.demand.history), today)
    revenue.setflags(write=False)
    return revenue


@lru_cache(maxsize=4)
def actual_cost(inputs: Inputs) -> np.ndarray:
    """(products, markets, past buckets) the past's demand at the standard cost that was valid then, at
    today's where no line reaches back so far."""
    money = inputs.money
    valid = np.where(np.isnan(money.past_cost), money.unit_cost[:, :1], money.past_cost)
    cost = worth(np.nan_to_num(inputs.demand.history), valid[:, None, :])
    cost.setflags(write=False)
    return cost


def outstanding(flow: np.ndarray, days: np.ndarray, terms: float) -> np.ndarray:
    """Money not yet paid at each bucket's end when everything is paid `terms` days after it arises, evenly in
    a bucket.

    flow: (buckets,) money; days: (buckets,) length

    >>> outstanding(np.array([300.0, 600.0]), np.array([30, 30]), 45)
    array([300., 750.])
    """
    ends = np.concatenate([[0.0], np.cumsum(days)])
    arisen = np.concatenate([[0.0], np.cumsum(flow)])
    return arisen[1:] - np.interp(ends[1:] - terms, ends, arisen)


def _credit(inputs: Inputs, planned: np.ndarray, past: np.ndarray, kind: str) -> np.ndarray:
    """(1 + periods,) receivables or payables, opening balance first: the setting's where it is stated."""
    calendar = inputs.calendar
    days = (calendar.ends - calendar.starts).astype(int) + 1
    flow = np.concatenate([_total(past), _total(planned)])
    balance = outstanding(flow, days[: len(flow)], inputs.settings[f"{kind}_days"])
    computed = balance[calendar.now - 1] if calendar.now else 0.0
    stated = inputs.settings[f"opening_{kind}s"]
    return np.concatenate([[computed if np.isnan(stated) else stated], balance[calendar.now :]])


def _stock_built(inputs: Inputs, stock: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """(periods,) money put into stock: the change of units at the period's cost, so that a new cost alone
    moves no cash."""
    opening = inputs.network.on_hand.sum(axis=1, keepdims=True)
    return worth(np.diff(stock, prepend=opening, axis=1), cost).sum(axis=0)


def _put_on_the_way(inputs: Inputs, supply: SupplyPlan) -> np.ndarray:
    """(products, periods) units started less units received of what is made, transferred or subcontracted.

    Open orders of sites that do not buy the product are on the way, and paid, before the plan starts; what is
    bought belongs to its supplier until it arrives.
    """
    edges, receipts = inputs.network.edges, np.nan_to_num(inputs.network.receipts)
    bought = edges.mode == BUY
    own = np.zeros(receipts.shape[:2], dtype=bool)
    own[edges.product, edges.site] = True
    own[edges.product[bought], edges.site[bought]] = False
    put = -np.where(own[:, :, None], receipts, 0.0).sum(axis=1)
    np.add.at(put, edges.product[~bought], (supply.flow - supply.received)[~bought])
    return put


def _not_known(
    inputs: Inputs, demand: DemandPlan, stock: np.ndarray, price: np.ndarray, cost: np.ndarray
) -> dict[str, tuple[str, ...]]:
    """Prices and costs that the plan needs and nobody has stated, by label."""
    products, markets = inputs.products.labels, inputs.markets.labels
    cells = np.argwhere(unknown(demand.unconstrained, price))
    items = np.flatnonzero(unknown(demand.unconstrained.sum(axis=1) + stock, cost))
    return {
        "price": tuple(f"{products[product]} in {markets[market]}" for product, market in cells),
        "unit cost": tuple(products[item] for item in items),
    }


def _total(cells: np.ndarray) -> np.ndarray:
    """(products, markets, periods) -> (periods,)."""
    return cells.sum(axis=(0, 1))
