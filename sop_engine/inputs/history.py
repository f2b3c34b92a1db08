"""Past demand and revenue as planners loaded them, what is known to have disturbed them, and the history with
the accepted corrections, on which the statistical baseline is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Axis, Markets, Products
from sop_engine.inputs.tables import Tables

ACTIVE = "SELECT * FROM history_correction WHERE active AND status = 'accepted' ORDER BY correction_id"


@dataclass(frozen=True, eq=False)
class PastEvent:
    """An event of the past: (products,) bool whom it touched, first and last bucket, both inside history."""

    event: str
    products: np.ndarray
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Causes:
    """What planners know of the past. lost: (products, past buckets) units of demand known to be lost."""

    lost: np.ndarray
    events: tuple[PastEvent, ...]


def read_history(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[np.ndarray, np.ndarray]:
    """Units and revenue as (products, markets, past buckets): NaN before a pair's first sale, 0 where it sold
    nothing later; revenue is NaN, too, where units were sold and no row says for how much.
    """
    frame = tables["sales_history"]
    bucket = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    past = (bucket >= 0) & (bucket < calendar.now)
    cells = (_at(products, frame["product"][past]), _at(markets, frame["market"][past]), bucket[past])
    units, revenue, known, priced = np.zeros((4, len(products), len(markets), calendar.now))
    np.add.at(units, cells, frame["units"].fillna(0.0).to_numpy(dtype=float)[past])
    np.add.at(revenue, cells, frame["revenue"].fillna(0.0).to_numpy(dtype=float)[past])
    known[cells] = 1
    np.add.at(priced, cells, frame["revenue"].notna().to_numpy()[past])
    before_first = np.cumsum(known, axis=2) == 0
    units[before_first] = np.nan
    nowhere = frame["revenue"].isna().all()  # a history without revenue has none at all
    revenue[before_first | ((units != 0) & (priced == 0)) | nowhere] = np.nan
    return units, revenue


def corrected_history(
    units: np.ndarray, corrections: pd.DataFrame, calendar: Calendar, products: Products, markets: Markets
) -> np.ndarray:
    """The history with the accepted corrections in it; a new array of the shape of `units`.

    corrections: rows of history_correction. One of all markets is spread over those that sold by then, in
    proportion to that period, or to the product's average mix where the period sold nothing. One that was
    made in a later cycle was not known yet; one whose product or period the data no longer holds changes
    nothing.
    """
    cleaned = units.copy()
    bucket = calendar.locate(corrections["period"].to_numpy(dtype="datetime64[D]"))
    for row, at in zip(corrections.itertuples(), bucket):
        known = row.product in products.positions and 0 <= at < calendar.now
        if not known or _later(row.cycle, calendar):
            continue
        product = products.positions[row.product]
        here = np.isin(markets.labels, row.market or markets.labels) & ~np.isnan(units[product, :, at])
        cleaned[product, here, at] = row.units * _mix(units[product, here], at)
    return cleaned


def read_causes(tables: Tables, calendar: Calendar, products: Products) -> Causes:
    """Units known to be lost, and the events that were not called off, of the past."""
    frame = tables.read(
        "SELECT product, period, lost_units FROM sales_history WHERE lost_units > 0 ORDER BY ALL"
    )
    bucket = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    past = (bucket >= 0) & (bucket < calendar.now)
    lost = np.zeros((len(products), calendar.now))
    np.add.at(lost, (_at(products, frame["product"][past]), bucket[past]), frame["lost_units"][past])
    return Causes(lost, tuple(_past_events(tables["event"], calendar, products)))


def _past_events(frame: pd.DataFrame, calendar: Calendar, products: Products) -> Iterator[PastEvent]:
    kept = frame[~frame["status"].isin(("rejected", "cancelled"))]
    first, last = (
        calendar.locate(kept[c].to_numpy(dtype="datetime64[D]")) for c in ("from_period", "to_period")
    )
    for row, begin, end in zip(kept.itertuples(), first, last):
        if end >= 0 and begin < calendar.now:
            touched = products.group(row.product or row.family)
            yield PastEvent(row.event, touched, max(int(begin), 0), min(int(end), calendar.now - 1))


def _at(axis: Axis, labels: pd.Series) -> np.ndarray:
    """Position of each label, looked up once per distinct label: a history has hundreds of thousands."""
    codes, distinct = pd.factorize(labels)
    return axis.index(distinct)[codes]


def _later(cycle: str, calendar: Calendar) -> bool:
    """Whether a record belongs to a cycle after the one that is planned."""
    return cycle in calendar.labels and calendar.labels.index(cycle) > calendar.now


def _mix(units: np.ndarray, at: int) -> np.ndarray:
    """(markets,) shares that add up to 1: of the period, else of the whole history, else equal."""
    for sold in (units[:, at], np.nansum(units, axis=1)):
        weight = np.maximum(sold, 0.0)
        if weight.sum() > 0:
            return weight / weight.sum()
    return np.full(len(units), 1 / max(1, len(units)))
