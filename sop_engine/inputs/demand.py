"""What the demand review starts from: history, the stored baseline, streams, events, overrides, orders and
launches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.events import Event, FamilyElasticity, family_elasticities_of, read_events
from sop_engine.inputs.judgement import (
    Lock,
    Override,
    StreamLine,
    read_locks,
    read_overrides,
    read_streams,
    stream_weights,
    weight_lines,
)
from sop_engine.inputs.lifecycle import Launch, PhaseOut, read_launches, read_phase_outs
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.orders import Orders, read_orders
from sop_engine.inputs.tables import Tables


@dataclass(frozen=True, eq=False)
class StoredBaseline:
    """The statistical baseline as fitted for this data version; units a period.

    units: (products, markets, periods); lo80 ... hi95: (products, periods) of the product over all markets
    error_sd: (products,) sd of the monthly forecast error; kind: (products,) class of the series
    bands: {(level, label): (5, periods) units, lo80, hi80, lo95, hi95} for families ("family", label) and
    ("total", ""); coverage80: share of past errors inside their 80 % band, NaN where none was measured
    """

    units: np.ndarray
    lo80: np.ndarray
    hi80: np.ndarray
    lo95: np.ndarray
    hi95: np.ndarray
    error_sd: np.ndarray
    kind: np.ndarray
    bands: dict[tuple[str, str], np.ndarray]
    coverage80: float = np.nan


@dataclass(frozen=True, eq=False)
class DemandInputs:
    """history, revenue_history: (products, markets, past buckets); NaN before a first sale, 0 where nothing
    sold after it.

    elasticity, elasticity_error: (products,) % of units per % of price, and its standard error; NaN where
    none is known
    stream_weights: {stream: (products, periods) share}; what is missing to 1 is the statistical baseline's
    """

    history: np.ndarray
    revenue_history: np.ndarray
    baseline: StoredBaseline
    streams: tuple[StreamLine, ...]
    stream_weights: dict[str, np.ndarray]
    events: tuple[Event, ...]
    overrides: tuple[Override, ...]
    orders: Orders
    launches: tuple[Launch, ...]
    phase_outs: tuple[PhaseOut, ...]
    elasticity: np.ndarray
    elasticity_error: np.ndarray
    locks: tuple[Lock, ...] = ()
    family_elasticities: tuple[FamilyElasticity, ...] = ()


def read_demand(
    tables: Tables,
    calendar: Calendar,
    products: Products,
    markets: Markets,
    history: tuple[np.ndarray, np.ndarray],
    baseline: StoredBaseline,
    elasticity: pd.DataFrame,
    settings: dict[str, float],
) -> DemandInputs:
    """Everything the consensus is built from."""
    families = elasticity.set_index("family").reindex(products.family)
    return DemandInputs(
        history=history[0],
        revenue_history=history[1],
        baseline=baseline,
        streams=read_streams(tables, calendar, products, markets),
        stream_weights=stream_weights(weight_lines(tables, settings), products, calendar.periods),
        events=read_events(tables, calendar, products, markets),
        overrides=read_overrides(tables, calendar, products, markets),
        orders=read_orders(tables, calendar, products, markets),
        launches=read_launches(tables, calendar, products),
        phase_outs=read_phase_outs(tables, calendar, products),
        elasticity=families["elasticity"].to_numpy(dtype=float),
        elasticity_error=families["standard_error"].to_numpy(dtype=float),
        locks=read_locks(tables, calendar, products, markets),
        family_elasticities=family_elasticities_of(elasticity),
    )
