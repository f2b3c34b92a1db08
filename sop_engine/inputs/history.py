"""Past demand and revenue as planners loaded them."""

from __future__ import annotations

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables


def read_history(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[np.ndarray, np.ndarray]:
    """Units and revenue as (products, markets, past buckets): NaN before a pair's first sale, 0 where it sold
    nothing later.
    """
    frame = tables["sales_history"]
    bucket = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    past = (bucket >= 0) & (bucket < calendar.now)
    cells = (products.index(frame["product"][past]), markets.index(frame["market"][past]), bucket[past])
    units, revenue, known = np.zeros((3, len(products), len(markets), calendar.now))
    np.add.at(units, cells, frame["units"].fillna(0.0).to_numpy(dtype=float)[past])
    np.add.at(revenue, cells, frame["revenue"].fillna(0.0).to_numpy(dtype=float)[past])
    known[cells] = 1
    before_first = np.cumsum(known, axis=2) == 0
    units[before_first] = np.nan
    revenue[before_first | frame["revenue"].isna().all()] = (
        np.nan
    )  # a history without revenue has none at all
    return units, revenue
