"""What values a quantity: prices, costs, exchange rates, budgets and fixed costs, aligned to products,
markets, periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.lifecycle import Launch
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, step_fill, valid_from


@dataclass(frozen=True, eq=False)
class BudgetLines:
    """One version of the budget, spread to products and markets by prior-year revenue (equal shares where
    there is none).

    units, revenue, gross_margin: (products, markets, periods), NaN where the version says nothing
    """

    version: str
    units: np.ndarray
    revenue: np.ndarray
    gross_margin: np.ndarray


@dataclass(frozen=True, eq=False)
class MoneyInputs:
    """price: (products, markets, periods) net, in the market's currency, NaN = not known
    rate: (markets, periods) base currency per unit of the market's currency (1 for the base currency)
    unit_cost, material_cost: (products, periods) base currency per unit, NaN = not known
    fixed_cost: (accounts, periods) money; accounts: their labels
    budgets: {version: BudgetLines}; prior_revenue, prior_units: (products, markets, periods) one year
    earlier, 0 if none
    """

    base_currency: str
    price: np.ndarray
    rate: np.ndarray
    unit_cost: np.ndarray
    material_cost: np.ndarray
    accounts: tuple[str, ...]
    fixed_cost: np.ndarray
    budgets: dict[str, BudgetLines]
    prior_revenue: np.ndarray
    prior_units: np.ndarray


def read_money(
    tables: Tables,
    calendar: Calendar,
    products: Products,
    markets: Markets,
    base_currency: str,
    revenue_history: np.ndarray,
    unit_history: np.ndarray,
    launches: tuple[Launch, ...],
) -> MoneyInputs:
    """Prices, costs, rates, budgets and fixed costs; launches take the pipeline's price and cost where the
    tables say none.
    """
    rate = _read_rates(tables, calendar, markets, base_currency)
    price = _read_prices(tables, calendar, products, markets)
    unit_cost, material_cost = _read_costs(tables, calendar, products)
    for row in tables["pipeline"].itertuples():
        product = products.positions[row.product]
        price[product] = np.where(np.isnan(price[product]), row.price / rate, price[product])
        unit_cost[product] = np.where(np.isnan(unit_cost[product]), row.unit_cost, unit_cost[product])
    prior_revenue = year_before(revenue_history, calendar)
    accounts, fixed_cost = _read_fixed_costs(tables, calendar)
    return MoneyInputs(
        base_currency=base_currency,
        price=price,
        rate=rate,
        unit_cost=unit_cost,
        material_cost=material_cost,
        accounts=accounts,
        fixed_cost=fixed_cost,
        budgets=_read_budgets(tables, calendar, products, markets, revenue_history),
        prior_revenue=prior_revenue,
        prior_units=year_before(unit_history, calendar),
    )


def year_before(history: np.ndarray, calendar: Calendar) -> np.ndarray:
    """(..., periods) the actual of one year before each plan period; 0 where that year is not history."""
    result = np.zeros((*history.shape[:-1], calendar.periods))
    source = calendar.now + np.arange(calendar.periods) - calendar.season
    known = (source >= 0) & (source < calendar.now)
    result[..., known] = np.nan_to_num(history[..., source[known]])
    return result


def _read_prices(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> np.ndarray:
    """(products, markets, periods) price in effect; a price for one market beats one for all."""
    price = np.full((len(products), len(markets), calendar.periods), np.nan)
    frame = valid_from(tables["price"], calendar)
    for_all = frame[frame["market"] == ""]
    for product, start, value in zip(
        products.index(for_all["product"]), for_all["start"], for_all["price"], strict=True
    ):
        price[product, :, start:] = value
    own = frame[frame["market"] != ""]
    rows = (products.index(own["product"]), markets.index(own["market"]))
    step_fill(price, rows, own["start"].to_numpy(), own["price"].to_numpy())
    return price


def _read_costs(tables: Tables, calendar: Calendar, products: Products) -> tuple[np.ndarray, np.ndarray]:
    frame = valid_from(tables["unit_cost"], calendar)
    unit, material = np.full((2, len(products), calendar.periods), np.nan)
    rows = (products.index(frame["product"]),)
    step_fill(unit, rows, frame["start"].to_numpy(), frame["unit_cost"].to_numpy())
    step_fill(material, rows, frame["start"].to_numpy(), frame["material_cost"].to_numpy())
    return unit, material


def _read_rates(tables: Tables, calendar: Calendar, markets: Markets, base_currency: str) -> np.ndarray:
    """(markets, periods) base currency per unit of the market's currency: the last actual rate carried on;
    NaN = unknown.
    """
    frame = valid_from(tables["fx_rate"].query("type == 'actual'"), calendar)
    currencies = sorted({*markets.currency, *frame["currency"], base_currency})
    rates = np.full((len(currencies), calendar.periods), np.nan)
    rates[currencies.index(base_currency)] = 1.0
    rows = (np.array([currencies.index(c) for c in frame["currency"]], dtype=int),)
    step_fill(rates, rows, frame["start"].to_numpy(), frame["rate"].to_numpy())
    return rates[[currencies.index(c) for c in markets.currency]]


def _read_fixed_costs(tables: Tables, calendar: Calendar) -> tuple[tuple[str, ...], np.ndarray]:
    """(accounts, periods) money a period, the last amount carried on."""
    frame = valid_from(tables["fixed_cost"], calendar)
    accounts = tuple(sorted(set(frame["account"])))
    amounts = np.zeros((len(accounts), calendar.periods))
    rows = (np.array([accounts.index(a) for a in frame["account"]], dtype=int),)
    step_fill(amounts, rows, frame["start"].to_numpy(), frame["amount"].to_numpy())
    return accounts, amounts


def _read_budgets(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets, revenue_history: np.ndarray
) -> dict[str, BudgetLines]:
    """Each version at any level, spread over its scope by last year's revenue (equal shares where there was
    none).
    """
    frame = tables["budget"]
    frame = frame.assign(
        start=calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]")) - calendar.now
    )
    frame = frame[(frame["start"] >= 0) & (frame["start"] < calendar.periods)]
    recent = np.nan_to_num(revenue_history[:, :, -calendar.season :])
    weights = np.maximum(recent.sum(axis=2), 0.0)
    return {
        v: _spread_budget(v, rows, calendar, products, markets, weights)
        for v, rows in frame.groupby("version")
    }


def _spread_budget(
    version: str,
    rows: pd.DataFrame,
    calendar: Calendar,
    products: Products,
    markets: Markets,
    weights: np.ndarray,
) -> BudgetLines:
    measures = ("units", "revenue", "gross_margin")
    shape = (len(products), len(markets), calendar.periods)
    lines = {measure: np.full(shape, np.nan) for measure in measures}
    levels = ["product", "family", "category", "market", "region"]
    for level, cells in rows.groupby(levels, sort=False):
        product, family, category, market, region = level
        inside_products = np.flatnonzero(products.group(product or family or category) & products.sellable)
        index = np.ix_(inside_products, np.flatnonzero(markets.group(market or region)))
        inside = weights[index]
        share = inside / inside.sum() if inside.sum() > 0 else np.full(inside.shape, 1 / inside.size)
        for measure in measures:
            known = cells[measure].notna().to_numpy()
            amount = np.full(calendar.periods, np.nan)
            amount[cells["start"].to_numpy()[known]] = cells[measure].to_numpy()[known]
            added = share[:, :, None] * np.nan_to_num(amount)
            said = np.isfinite(amount)
            current = lines[measure][index]
            lines[measure][index] = np.where(said, np.nan_to_num(current) + added, current)
    return BudgetLines(version, **lines)
