"""The track record: every forecast that is kept of the past cycles, laid beside what came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.demand_review.accuracy import (
    CONSENSUS,
    NAIVE,
    STATISTICAL,
    Forecasts,
    Past,
    of_cells,
    seasonal_naive,
)
from sop_engine.inputs import Inputs
from sop_engine.replays import CYCLES, LAGS, Replays, read_replays
from sop_engine.warehouse import Warehouse

STREAM_ORDER = ("sales", "marketing", "finance", "customer")  # who touches the forecast before whom
_SNAPSHOTS = "SELECT *, coalesce(sample, false) AS made_up FROM forecast_snapshot ORDER BY ALL"
_KEPT_PLANS = """
SELECT s.cycle, c.product, c.market, c.period, c.value AS units
FROM (SELECT * FROM sign_off WHERE stage = 'demand'
      QUALIFY row_number() OVER (PARTITION BY cycle ORDER BY signed_at DESC, sign_off_id DESC) = 1) s
JOIN plan_snapshot_cell c USING (snapshot_id)
WHERE c.measure = 'demand_units' ORDER BY ALL
"""


def read_past(warehouse: Warehouse, inputs: Inputs) -> Past:
    """Replays, recorded streams and kept consensus of the cycles that are replayed, on the axes of `inputs`.

    The consensus of a cycle is the plan that was kept when its demand review was signed last, else the
    loaded snapshot without a stream. Replays must be there (replays.replay).
    """
    return past_of(warehouse, inputs, read_replays(warehouse))


def past_of(warehouse: Warehouse, inputs: Inputs, replays: Replays) -> Past:
    """As `read_past`, with the replays handed in."""
    actual = np.nan_to_num(inputs.demand.history)
    naive = seasonal_naive(inputs.demand.history, replays.made, LAGS, inputs.calendar.season)
    loaded = warehouse.read(_SNAPSHOTS)
    rows = loaded[~loaded["made_up"]]
    return Past(
        made=replays.made,
        actual=actual,
        price=net_prices(inputs),
        sources={
            NAIVE: of_cells(naive),
            STATISTICAL: of_cells(replays.units),
            **_streams(rows[rows["stream"] != ""], inputs, replays.made),
            CONSENSUS: _consensus(warehouse, rows[rows["stream"] == ""], inputs, replays.made),
        },
        samples=_streams(loaded[loaded["made_up"]], inputs, replays.made),
    )


def net_prices(inputs: Inputs) -> np.ndarray:
    """(products,) average net price of the last CYCLES periods, else of the whole history, else of the plan;
    NaN where none is known.
    """
    units, revenue = inputs.demand.history, inputs.demand.revenue_history
    money = inputs.money
    planned = _mean((money.price * money.rate).reshape(len(inputs.products), -1))
    price = [_average(units[:, :, -CYCLES:], revenue[:, :, -CYCLES:]), _average(units, revenue), planned]
    return np.where(np.isfinite(price[0]), price[0], np.where(np.isfinite(price[1]), price[1], price[2]))


def _average(units: np.ndarray, revenue: np.ndarray) -> np.ndarray:
    sold = np.where(np.isnan(revenue), 0.0, np.nan_to_num(units)).sum(axis=(1, 2))
    worth = np.nansum(revenue, axis=(1, 2))
    return np.divide(worth, sold, out=np.full(len(sold), np.nan), where=(sold > 0) & (worth > 0))


def _mean(rows: np.ndarray) -> np.ndarray:
    count = (~np.isnan(rows)).sum(axis=1)
    return np.divide(np.nansum(rows, axis=1), count, out=np.full(len(rows), np.nan), where=count > 0)


def _streams(rows: pd.DataFrame, inputs: Inputs, made: np.ndarray) -> dict[str, Forecasts]:
    """Recorded streams by name, those of STREAM_ORDER first."""
    names = sorted(set(rows["stream"]), key=lambda name: (_rank(name), name))
    return {_title(name): _laid(rows[rows["stream"] == name], inputs, made) for name in names}


def _rank(stream: str) -> int:
    return STREAM_ORDER.index(stream.lower()) if stream.lower() in STREAM_ORDER else len(STREAM_ORDER)


def _title(stream: str) -> str:
    """A stream that bears the name of one of our own sources is told apart."""
    name = (stream[:1].upper() + stream[1:]) or CONSENSUS
    return f"{name} as loaded" if name in (NAIVE, STATISTICAL) else name


def _consensus(warehouse: Warehouse, loaded: pd.DataFrame, inputs: Inputs, made: np.ndarray) -> Forecasts:
    """A kept plan stands before a loaded snapshot of its cycle; a cell it does not hold is zero."""
    kept = warehouse.read(_KEPT_PLANS)
    start = dict(zip(inputs.calendar.labels, inputs.calendar.starts, strict=True))
    kept = kept[kept["cycle"].isin(start)]
    kept = kept.assign(made_in=[pd.Timestamp(start[cycle]) for cycle in kept["cycle"]])
    plans = _laid(kept, inputs, made).cells
    covered = np.isfinite(plans).any(axis=(1, 2))  # (cycles, lags)
    plan = of_cells(np.nan_to_num(plans))
    other = _laid(loaded[~loaded["made_in"].isin(kept["made_in"])], inputs, made)
    return Forecasts(
        np.where(covered[:, None, None], plan.cells, other.cells),
        np.where(covered[:, None], plan.whole, other.whole),
    )


def _laid(rows: pd.DataFrame, inputs: Inputs, made: np.ndarray) -> Forecasts:
    """Rows made_in, product, market ("" is all), period, units on the axes; what names no label of today, no
    replayed cycle or no lag that is kept is left out.

    Of a product that is named, markets that are not are zero where it never sold, and unknown elsewhere.
    """
    products, markets, calendar = inputs.products, inputs.markets, inputs.calendar
    start = calendar.locate(rows["made_in"].to_numpy(dtype="datetime64[D]"))
    lag = calendar.locate(rows["period"].to_numpy(dtype="datetime64[D]")) - start
    product = rows["product"].map(products.positions).fillna(-1).to_numpy(dtype=int)
    market = rows["market"].map(markets.positions).fillna(-1).to_numpy(dtype=int)
    units = rows["units"].to_numpy(dtype=float)
    inside = np.isin(start, made) & (lag >= 0) & (lag < LAGS) & (product >= 0) & ~np.isnan(units)
    cycle = np.searchsorted(made, start)
    cells = np.full((len(made), len(products), len(markets), LAGS), np.nan)
    here = inside & (market >= 0)
    cells[cycle[here], product[here], market[here], lag[here]] = units[here]
    sold = (np.nan_to_num(inputs.demand.history) > 0).any(axis=2)
    named = np.isfinite(cells).any(axis=2, keepdims=True)
    cells = np.where(named & ~sold[None, :, :, None], np.nan_to_num(cells), cells)
    whole = cells.sum(axis=2)
    all_markets = inside & (rows["market"] == "").to_numpy()
    whole[cycle[all_markets], product[all_markets], lag[all_markets]] = units[all_markets]
    return Forecasts(cells, whole)
