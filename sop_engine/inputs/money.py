"""What values a quantity: prices, costs, exchange rates, budgets and fixed costs, aligned to products,
markets, periods; and of which dated line, and which version, each of them comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import ALWAYS, Calendar
from sop_engine.inputs.lifecycle import Launch
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, step_fill, valid_from


@dataclass(frozen=True, eq=False)
class DatedLines:
    """Which line of a dated table each value comes from.

    at: int, one for each value, -1 where no line holds
    valid_from: (lines,) "2014-01", a day where it is not the first of a month, "always"
    version: (lines,) name of the price list, cost roll or set of rates, "" where it has none
    """

    at: np.ndarray
    valid_from: np.ndarray
    version: np.ndarray


@dataclass(frozen=True, eq=False)
class BudgetLines:
    """One version of the budget, spread to products and markets by prior-year revenue (equal shares where
    there is none).

    units, revenue, gross_margin: (products, markets, periods), NaN where the version says nothing
    to_date: the same three, (products, markets, elapsed buckets of the running fiscal year)
    """

    version: str
    units: np.ndarray
    revenue: np.ndarray
    gross_margin: np.ndarray
    to_date: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class MoneyInputs:
    """price: (products, markets, periods) net, in the market's currency, NaN = not known
    rate: (markets, periods) base currency per unit of the market's currency (1 for the base currency)
    budget_rate: as rate, the one that the budget was made at, NaN = none is stated
    unit_cost, material_cost: (products, periods) base currency per unit, NaN = not known
    past_rate, past_budget_rate: (markets, past buckets), past_cost: (products, past buckets): what was valid
    then, NaN where no line reaches back so far
    price_lines (products, markets, periods), cost_lines (products, periods), rate_lines (markets, periods):
    the dated lines that price, unit_cost and rate come from
    fixed_cost: (accounts, periods) money; accounts: their labels
    budgets: {version: BudgetLines}; prior_revenue, prior_units: (products, markets, periods) one year
    earlier, 0 if none
    """

    base_currency: str
    price: np.ndarray
    rate: np.ndarray
    budget_rate: np.ndarray
    unit_cost: np.ndarray
    material_cost: np.ndarray
    past_rate: np.ndarray
    past_budget_rate: np.ndarray
    past_cost: np.ndarray
    price_lines: DatedLines
    cost_lines: DatedLines
    rate_lines: DatedLines
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
    now = calendar.now
    rates, rate_lines = _read_rates(tables, calendar, markets, base_currency, "actual")
    budget_rates, _ = _read_rates(tables, calendar, markets, base_currency, "budget")
    unit_cost, material_cost, cost_lines = _read_costs(tables, calendar, products)
    price, price_lines = _read_prices(tables, calendar, products, markets)
    for row in tables["pipeline"].itertuples():
        product = products.positions[row.product]
        price[product] = np.where(np.isnan(price[product]), row.price / rates[:, now:], price[product])
        planned = unit_cost[product, now:]
        unit_cost[product, now:] = np.where(np.isnan(planned), row.unit_cost, planned)
    accounts, fixed_cost = _read_fixed_costs(tables, calendar)
    return MoneyInputs(
        base_currency=base_currency,
        price=price,
        rate=rates[:, now:],
        budget_rate=budget_rates[:, now:],
        unit_cost=unit_cost[:, now:],
        material_cost=material_cost[:, now:],
        past_rate=rates[:, :now],
        past_budget_rate=budget_rates[:, :now],
        past_cost=unit_cost[:, :now],
        price_lines=price_lines,
        cost_lines=_of_the_plan(cost_lines, now),
        rate_lines=_of_the_plan(rate_lines, now),
        accounts=accounts,
        fixed_cost=fixed_cost,
        budgets=_read_budgets(tables, calendar, products, markets, revenue_history),
        prior_revenue=year_before(revenue_history, calendar),
        prior_units=year_before(unit_history, calendar),
    )


def elapsed_buckets(calendar: Calendar) -> int:
    """How many buckets of the running fiscal year have passed."""
    return int((calendar.fiscal_years[: calendar.now] == calendar.fiscal_years[calendar.now]).sum())


def year_before(history: np.ndarray, calendar: Calendar) -> np.ndarray:
    """(..., periods) the actual of one year before each plan period; 0 where that year is not history."""
    result = np.zeros((*history.shape[:-1], calendar.periods))
    source = calendar.now + np.arange(calendar.periods) - calendar.season
    known = (source >= 0) & (source < calendar.now)
    result[..., known] = np.nan_to_num(history[..., source[known]])
    return result


def joined(past: np.ndarray, planned: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """(..., periods) of a past that ends just before the plan, and of the plan; negative periods are past
    ones, -1 the last of them.
    """
    before = periods < 0
    result = np.empty((*planned.shape[:-1], len(periods)))
    result[..., before] = past[..., periods[before]]
    result[..., ~before] = planned[..., periods[~before]]
    return result


def _read_prices(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[np.ndarray, DatedLines]:
    """(products, markets, periods) price in effect; a price for one market beats one for all."""
    frame = valid_from(tables["price"], calendar)
    line = np.arange(len(frame))
    at = np.full((len(products), len(markets), calendar.periods), -1, dtype=np.int32)
    product, start = products.index(frame["product"]), frame["start"].to_numpy()
    own = frame["market"].to_numpy() != ""
    for row in line[~own]:
        at[product[row], :, start[row] :] = row
    step_fill(at, (product[own], markets.index(frame.loc[own, "market"])), start[own], line[own])
    return _values(frame["price"], at), _lines(frame, at)


def _read_costs(
    tables: Tables, calendar: Calendar, products: Products
) -> tuple[np.ndarray, np.ndarray, DatedLines]:
    """(products, buckets) unit cost and material cost, of past and plan."""
    frame = _since_ever(tables["unit_cost"], calendar)
    at = np.full((len(products), len(calendar.labels)), -1, dtype=np.int32)
    step_fill(at, (products.index(frame["product"]),), frame["start"].to_numpy(), np.arange(len(frame)))
    return _values(frame["unit_cost"], at), _values(frame["material_cost"], at), _lines(frame, at)


def _read_rates(
    tables: Tables, calendar: Calendar, markets: Markets, base_currency: str, kind: str
) -> tuple[np.ndarray, DatedLines]:
    """(markets, buckets) base currency per unit of the market's currency, of past and plan: the last rate
    carried on; NaN = unknown.
    """
    rows = tables["fx_rate"]
    frame = _since_ever(rows[rows["type"] == kind], calendar)
    currencies = sorted({*markets.currency, *frame["currency"], base_currency})
    at = np.full((len(currencies), len(calendar.labels)), -1, dtype=np.int32)
    position = np.array([currencies.index(c) for c in frame["currency"]], dtype=int)
    step_fill(at, (position,), frame["start"].to_numpy(), np.arange(len(frame)))
    at[currencies.index(base_currency)] = -1
    at = at[[currencies.index(c) for c in markets.currency]]
    rates = _values(frame["rate"], at)
    rates[markets.currency == base_currency] = 1.0
    return rates, _lines(frame, at)


def _since_ever(frame: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Rows with `start`: the bucket of past or plan from which each holds, latest last."""
    start = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    ordered = frame.assign(start=np.maximum(start, 0)).sort_values("period", kind="stable")
    return ordered[ordered["start"] < len(calendar.labels)]


def _values(column: pd.Series, at: np.ndarray) -> np.ndarray:
    """The value of each line that `at` names; NaN where it names none."""
    return np.append(column.to_numpy(dtype=float), np.nan)[at]


def _lines(frame: pd.DataFrame, at: np.ndarray) -> DatedLines:
    dates = frame["period"].to_numpy(dtype="datetime64[D]")
    words = ["always" if date == ALWAYS else str(date).removesuffix("-01") for date in dates]
    return DatedLines(at, np.array(words, dtype=object), frame["version"].to_numpy(dtype=object))


def _of_the_plan(lines: DatedLines, now: int) -> DatedLines:
    """The lines of the plan's periods, without those of the past."""
    return DatedLines(lines.at[:, now:], lines.valid_from, lines.version)


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
    none); from the first bucket of the running fiscal year.
    """
    elapsed, frame = elapsed_buckets(calendar), tables["budget"]
    located = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    frame = frame.assign(start=located - calendar.now + elapsed)
    frame = frame[(frame["start"] >= 0) & (frame["start"] < elapsed + calendar.periods)]
    recent = np.nan_to_num(revenue_history[:, :, -calendar.season :])
    weights = np.maximum(recent.sum(axis=2), 0.0)
    return {
        version: _budget_lines(version, rows, products, markets, weights, elapsed, calendar.periods)
        for version, rows in frame.groupby("version")
    }


def _budget_lines(
    version: str,
    rows: pd.DataFrame,
    products: Products,
    markets: Markets,
    weights: np.ndarray,
    elapsed: int,
    periods: int,
) -> BudgetLines:
    spread = _spread_budget(rows, products, markets, weights, elapsed + periods)
    to_date = {measure: cells[:, :, :elapsed] for measure, cells in spread.items()}
    return BudgetLines(version, **{m: cells[:, :, elapsed:] for m, cells in spread.items()}, to_date=to_date)


def _spread_budget(
    rows: pd.DataFrame, products: Products, markets: Markets, weights: np.ndarray, buckets: int
) -> dict[str, np.ndarray]:
    """{measure: (products, markets, buckets)} of the rows of one version; NaN where none says anything."""
    measures = ("units", "revenue", "gross_margin")
    lines = {measure: np.full((len(products), len(markets), buckets), np.nan) for measure in measures}
    levels = ["product", "family", "category", "market", "region"]
    for level, cells in rows.groupby(levels, sort=False):
        product, family, category, market, region = level
        inside_products = np.flatnonzero(products.group(product or family or category) & products.sellable)
        index = np.ix_(inside_products, np.flatnonzero(markets.group(market or region)))
        inside = weights[index]
        share = inside / inside.sum() if inside.sum() > 0 else np.full(inside.shape, 1 / inside.size)
        for measure in measures:
            known = cells[measure].notna().to_numpy()
            amount = np.full(buckets, np.nan)
            amount[cells["start"].to_numpy()[known]] = cells[measure].to_numpy()[known]
            added = share[:, :, None] * np.nan_to_num(amount)
            said = np.isfinite(amount)
            current = lines[measure][index]
            lines[measure][index] = np.where(said, np.nan_to_num(current) + added, current)
    return lines
