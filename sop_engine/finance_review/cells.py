"""Every cell of the plan in money, with the price, the cost and the rate used and the dated lines they come
from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.finance_review.valuation import FinancePlan
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import DatedLines

NO_LINE, LAUNCH, BASE = "not stated", "launch plan", "base currency"


def money_cells(
    inputs: Inputs, finance: FinancePlan, products: np.ndarray, markets: np.ndarray, periods: np.ndarray
) -> pd.DataFrame:
    """A row for each product, market and period of two masks and these plan periods that delivers anything.

    product, family, market, currency, period; units; local_price in the market's currency x rate = price;
    units x price = revenue; units x unit_cost = standard_cost; revenue less standard_cost = margin, base
    currency. price_from, cost_from, rate_from: from when the line holds that was used; price_version,
    cost_version, rate_version: its name, "" where it has none. A price that nobody has stated is NaN and its
    revenue 0.
    """
    inside = np.flatnonzero(products), np.flatnonzero(markets), np.asarray(periods)
    block = finance.delivered[np.ix_(*inside)]
    product, market, period = (axis[at] for axis, at in zip(inside, np.nonzero(block), strict=True))
    cell, item, place = (product, market, period), (product, period), (market, period)
    units, rate = finance.delivered[cell], finance.rate[place]
    revenue, cost = finance.revenue[cell], finance.standard_cost[cell]
    money = inputs.money
    price_from, price_version = _line(money.price_lines, cell, LAUNCH, finance.price[cell])
    cost_from, cost_version = _line(money.cost_lines, item, LAUNCH, finance.unit_cost[item])
    rate_from, rate_version = _line(money.rate_lines, place, BASE, rate)
    return pd.DataFrame(
        {
            "product": _labels(inputs.products.labels, product),
            "family": inputs.products.family[product],
            "market": _labels(inputs.markets.labels, market),
            "currency": inputs.markets.currency[market],
            "period": _labels(inputs.calendar.plan_labels, period),
            "units": units,
            "local_price": finance.local_price[cell],
            "rate": rate,
            "price": finance.price[cell],
            "revenue": revenue,
            "unit_cost": finance.unit_cost[item],
            "standard_cost": cost,
            "margin": revenue - cost,
            "price_from": price_from,
            "price_version": price_version,
            "cost_from": cost_from,
            "cost_version": cost_version,
            "rate_from": rate_from,
            "rate_version": rate_version,
        }
    )


def _labels(labels: tuple[str, ...], at: np.ndarray) -> pd.Categorical:
    return pd.Categorical.from_codes(at, categories=list(labels))


def _line(
    lines: DatedLines, cells: tuple[np.ndarray, ...], otherwise: str, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """When the line of each cell begins and its version; `otherwise` where a value comes from no line."""
    at = lines.at[cells]
    begins = np.append(lines.valid_from, NO_LINE)[at]
    return np.where((at < 0) & np.isfinite(values), otherwise, begins), np.append(lines.version, "")[at]
