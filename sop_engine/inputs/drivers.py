"""What drives demand, past and planned, by product, market and period, as planners gave it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.reader import history_version
from sop_engine.inputs.tables import Tables
from sop_engine.warehouse import Warehouse

SCOPE = ["product", "family", "market"]


@dataclass(frozen=True, eq=False)
class DriverValues:
    """values: (drivers, products, markets, past and plan periods), NaN where not known; read-only."""

    names: tuple[str, ...]
    values: np.ndarray


def read_drivers(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> DriverValues:
    """The driver table on the axes of a cycle. A line of a product stands before one of its family, that
    before one of all; a line of a market before one of all markets. Two in one period are averaged.
    """
    frame = tables["driver"]
    names = tuple(sorted(set(frame["driver"])))
    buckets = calendar.now + calendar.periods
    values = np.full((len(names), len(products), len(markets), buckets), np.nan)
    bucket = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    inside = frame.assign(bucket=bucket)[(bucket >= 0) & (bucket < buckets)]
    for (product, family, market), lines in sorted(inside.groupby(SCOPE), key=_width):
        scope = np.flatnonzero(products.group(product or family)), np.flatnonzero(markets.group(market))
        for name, own in lines.groupby("driver"):
            mean = own.groupby("bucket")["value"].mean()
            values[names.index(name)][np.ix_(*scope, mean.index)] = mean.to_numpy(dtype=float)
    values.setflags(write=False)
    return DriverValues(names, values)


def read_effects(warehouse: Warehouse, calendar: Calendar) -> pd.DataFrame:
    """What drives the driver-based products of a cycle's baseline: product, driver, slope, standard_error,
    logs, known_ahead as in schema_finance.sql.
    """
    sql = """
    SELECT product, driver, slope, standard_error, logs, known_ahead FROM baseline_driver
    WHERE data_version = ? AND cycle = ? ORDER BY ALL"""
    return warehouse.read(sql, [history_version(warehouse), calendar.starts[calendar.now].item()])


def _width(group: tuple[tuple[str, str, str], pd.DataFrame]) -> tuple[bool, bool, bool]:
    """Sorts the widest scopes first, so that narrower ones write over them."""
    product, family, market = group[0]
    return bool(product), bool(family), bool(market)
