"""A plan of an earlier day, as its snapshot kept it, on today's products, markets and calendar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import joined


@dataclass(frozen=True, eq=False)
class KeptPlan:
    """A plan of an earlier day as its snapshot holds it; arrays (products, markets, kept periods).

    periods: (kept periods,) of today's plan, negative where they have passed since; choice_cost,
    operating_profit: (kept periods,), the latter NaN where it was not kept
    today_rates: it was kept without its exchange rates, so today's stand for them
    left_out: revenue of products and markets that are no longer on file
    """

    label: str
    periods: np.ndarray
    units: np.ndarray
    local_revenue: np.ndarray
    revenue: np.ndarray
    cost: np.ndarray
    choice_cost: np.ndarray
    operating_profit: np.ndarray
    today_rates: bool
    left_out: float


def kept_plan(inputs: Inputs, label: str, cells: pd.DataFrame) -> KeptPlan:
    """A snapshot on today's products, markets and calendar.

    cells: measure, product, market, period, value; a cell that is not there is 0. Raises PlanError where it
    holds no gross margin, or none of today's buckets.
    """
    calendar = inputs.calendar
    located = calendar.locate(cells["period"].to_numpy(dtype="datetime64[D]"))
    inside = (located >= 0) & (located < len(calendar.labels))
    cells = cells[inside].assign(period=located[inside] - calendar.now)
    span = cells.loc[cells["measure"] == "gross_margin", "period"]
    if span.empty:
        raise PlanError(f"{label} holds no month of today's calendar. Choose another baseline.")
    periods = np.arange(span.min(), span.max() + 1)
    on_time, late, revenue, cost = (
        _kept_cells(inputs, cells, measure, periods)
        for measure in ("on_time_units", "late_units", "revenue", "standard_cost")
    )
    rates = _kept_series(cells, "exchange_rate", periods, np.nan, inputs.markets.labels)
    today = joined(inputs.money.past_rate, inputs.money.rate, periods)
    margin = _kept_series(cells, "gross_margin", periods, 0.0)[0]
    profit = _kept_series(cells, "operating_profit", periods, 0.0)[0]
    at_standard = _company(cells, "revenue", periods) - _company(cells, "standard_cost", periods)
    left_out = float(_company(cells, "revenue", periods).sum() - revenue.sum())
    return KeptPlan(
        label=label,
        periods=periods,
        units=on_time + late,
        local_revenue=revenue / np.where(np.isnan(rates), today, rates),
        revenue=revenue,
        cost=cost,
        choice_cost=at_standard - margin,
        operating_profit=profit,
        today_rates=bool(np.isnan(rates).all()),
        left_out=left_out,
    )


def _kept_cells(inputs: Inputs, cells: pd.DataFrame, measure: str, periods: np.ndarray) -> np.ndarray:
    """(products, markets, periods) of a measure; labels that are no longer on file are left out."""
    products, markets = (
        {label: at for at, label in enumerate(axis.labels)} for axis in (inputs.products, inputs.markets)
    )
    rows = cells[(cells["measure"] == measure) & cells["product"].isin(products)]
    rows = rows[rows["market"].isin(markets) & rows["period"].isin(periods)]
    kept = np.zeros((len(products), len(markets), len(periods)))
    at = rows["product"].map(products), rows["market"].map(markets), rows["period"] - periods[0]
    kept[tuple(each.to_numpy(dtype=int) for each in at)] = rows["value"]
    return kept


def _kept_series(
    cells: pd.DataFrame, measure: str, periods: np.ndarray, empty: float, markets: tuple[str, ...] = ("",)
) -> np.ndarray:
    """(markets, periods) of a measure without products, `empty` where a cell is not there; NaN throughout
    where it was not kept at all."""
    rows = cells[cells["measure"] == measure]
    if rows.empty:
        return np.full((len(markets), len(periods)), np.nan)
    table = rows.pivot_table(index="market", columns="period", values="value", aggfunc="sum")
    return table.reindex(index=list(markets), columns=periods, fill_value=empty).to_numpy()


def _company(cells: pd.DataFrame, measure: str, periods: np.ndarray) -> np.ndarray:
    """(periods,) sum of a measure over all that was kept."""
    rows = cells[cells["measure"] == measure]
    return rows.groupby("period")["value"].sum().reindex(periods, fill_value=0.0).to_numpy()
