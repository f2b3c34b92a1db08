"""Segments of the portfolio: how many products, how much revenue and stock stand in each, and the inputs as
another policy of segments would leave them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.inputs.segments import SEGMENTS, policy_levels, product_classes
from sop_engine.inputs.stock_policy import read_policy
from sop_engine.inputs.tables import Tables

UNSEGMENTED = "-"


def segments(inputs: Inputs, settings: Mapping[str, float] | None = None) -> np.ndarray:
    """(products,) "AX" to "CZ" at the thresholds of the settings, or at others; "" where not known."""
    demand, limits = inputs.demand, {**inputs.settings, **(settings or {})}
    return product_classes(demand.history, demand.revenue_history, inputs.calendar.season, limits).segment


def segment_table(
    inputs: Inputs, segment: np.ndarray | None = None, products: np.ndarray | None = None
) -> pd.DataFrame:
    """One row per segment, AX first, then "-" for what sold or lies in stock without one.

    segment: (products,) of `segments`, those in force without it; products: mask of what is shown
    products: how many sold in the year; revenue: of the year; share_pct: of revenue; stock_value: on hand at
    today's standard cost; uncosted: products in stock without a cost, left out of it
    """
    segment = segments(inputs) if segment is None else segment
    shown = np.ones(len(inputs.products), dtype=bool) if products is None else products
    shown = shown & inputs.products.sellable
    last = np.s_[:, :, -inputs.calendar.season :]
    sold = np.nansum(inputs.demand.history[last], axis=(1, 2))
    revenue = np.nansum(inputs.demand.revenue_history[last], axis=(1, 2))
    held, cost = np.nan_to_num(inputs.network.on_hand).sum(axis=1), inputs.money.unit_cost[:, 0]
    facts = pd.DataFrame(
        {
            "segment": np.where(segment == "", UNSEGMENTED, segment),
            "products": ((sold > 0) & shown).astype(int),
            "revenue": np.where(shown, revenue, 0.0),
            "stock_value": np.where(shown & (held > 0), held * np.nan_to_num(cost), 0.0),
            "uncosted": (shown & (held > 0) & np.isnan(cost)).astype(int),
        }
    )
    table = facts.groupby("segment").sum().reindex([*SEGMENTS, UNSEGMENTED], fill_value=0)
    total = table["revenue"].sum()
    shares = 100 * table["revenue"] / total if total > 0 else np.nan
    return table.assign(share_pct=shares).reset_index()


def with_policies(
    inputs: Inputs, tables: Tables, levels: Mapping[str, float], settings: Mapping[str, float] | None = None
) -> Inputs:
    """The inputs as they would be with these service levels of segments, and at other thresholds: what
    `read_inputs` gives once they are saved, in a few milliseconds.

    levels: {segment: % per cycle}; tables: of the warehouse the inputs were read from
    """
    network = inputs.network
    by_segment = policy_levels(segments(inputs, settings), levels)
    policy = read_policy(
        tables, inputs.calendar, inputs.products, network.sites, network.lane_site, by_segment
    )
    return replace(inputs, network=replace(network, **policy))
