"""What an assumption is measured by: a part and a whole of each bucket of the past and of the plan."""

from __future__ import annotations

import numpy as np

from sop_engine.assumptions.assumption import Assumption
from sop_engine.errors import DataError
from sop_engine.inputs import Inputs
from sop_engine.inputs.performance import PastSupply
from sop_engine.plan import Plan
from sop_engine.supply_review.performance import delivery_scores


def parts(plan: Plan, past: PastSupply | None, assumption: Assumption) -> tuple[np.ndarray, np.ndarray]:
    """(past and reported buckets,) twice: part and whole, both NaN where nothing is known. The value over any
    buckets is sum(part) / sum(whole).

    Raises DataError where the scope or the currency is not loaded.
    """
    demand, finance = plan.inputs.demand, plan.finance
    products, markets = scope(plan.inputs, assumption)
    cells = np.ix_(products, markets)
    match assumption.measure:
        case "demand_units":
            return _flow(_joined(plan, demand.history[cells], plan.demand.unconstrained[cells]))
        case "revenue":
            return _flow(_joined(plan, demand.revenue_history[cells], finance.revenue[cells]))
        case "average_price":
            priced = np.where(np.isnan(finance.price), np.nan, finance.revenue)
            money = _joined(plan, demand.revenue_history[cells], priced[cells])
            return _ratio(money, _joined(plan, demand.history[cells], finance.delivered[cells]))
        case "exchange_rate":
            rate = _joined(plan, plan.inputs.money.past_rate, finance.rate)[np.flatnonzero(markets)[0]]
            return rate, np.where(np.isnan(rate), np.nan, 1.0)
        case "unit_cost":
            units = _joined(plan, demand.history[cells], finance.delivered[cells])
            costs = _joined(plan, plan.inputs.money.past_cost, finance.unit_cost)[products]
            return _weighed(costs, np.nan_to_num(units).sum(axis=1))
    return _on_time(plan, past, cells)


def scope(inputs: Inputs, assumption: Assumption) -> tuple[np.ndarray, np.ndarray]:
    """(products,) and (markets,) masks. Raises DataError where a label is not loaded."""
    products = inputs.products.group(assumption.product or assumption.family)
    markets = inputs.markets.group(assumption.market)
    if assumption.measure != "exchange_rate":
        return products, markets
    markets = markets & (inputs.markets.currency == assumption.currency)
    if not markets.any():
        raise DataError(f"No market is loaded that pays in '{assumption.currency}'. Choose another currency.")
    return products, markets


def value_over(part: np.ndarray, whole: np.ndarray, buckets: np.ndarray) -> float:
    """sum(part) / sum(whole) of the buckets in which it is known; NaN where it is known in none.

    >>> value_over(np.array([6.0, np.nan, 4.0]), np.array([1.0, np.nan, 1.0]), np.arange(3))
    5.0
    """
    known = buckets[np.isfinite(part[buckets]) & np.isfinite(whole[buckets])]
    total = float(whole[known].sum())
    return float(part[known].sum()) / total if total > 0 else np.nan


def _joined(plan: Plan, past: np.ndarray, coming: np.ndarray) -> np.ndarray:
    """(..., past and reported buckets)."""
    return np.concatenate([past, coming[..., : plan.inputs.calendar.horizon]], axis=-1)


def _flow(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the known cells, and 1 a bucket; NaN where no cell is known."""
    known = np.isfinite(cells).any(axis=(0, 1))
    return np.where(known, np.nansum(cells, axis=(0, 1)), np.nan), np.where(known, 1.0, np.nan)


def _ratio(above: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the cells in which both are known."""
    known = np.isfinite(above) & np.isfinite(below)
    return tuple(np.where(known, cells, 0.0).sum(axis=(0, 1)) for cells in (above, below))


def _weighed(costs: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(products, buckets) costs and weights; equal weights where nothing was ever sold, as of a component."""
    weights = units if units.any() else np.ones_like(units)
    known = np.isfinite(costs)
    whole = np.where(known, weights, 0.0)
    return (whole * np.where(known, costs, 0.0)).sum(axis=0), whole.sum(axis=0)


def _on_time(
    plan: Plan, past: PastSupply | None, cells: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """100 x units on time, and units ordered, of the past; the plan's units on time of its demand."""
    calendar = plan.inputs.calendar
    part, whole = np.full((2, calendar.now + calendar.horizon), np.nan)
    if past is not None:
        rows = past.deliveries
        products, markets = (
            np.array(axis.labels, dtype=object)[index.ravel()]
            for axis, index in zip((plan.inputs.products, plan.inputs.markets), cells, strict=True)
        )
        found = delivery_scores(rows[rows["product"].isin(products) & rows["market"].isin(markets)])
        filled = found[found["kpi"] == "Fill on time"]
        bucket = filled["bucket"].to_numpy(dtype=int)
        part[bucket], whole[bucket] = 100 * filled["part"], filled["whole"]
    coming = slice(0, calendar.horizon)
    part[calendar.now :] = 100 * plan.supply.on_time[cells].sum(axis=(0, 1))[coming]
    whole[calendar.now :] = plan.demand.unconstrained[cells].sum(axis=(0, 1))[coming]
    return part, whole
