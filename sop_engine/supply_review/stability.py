"""Stability: which production stays near the plan published last, and how much of it a plan moves.

Purchases and transfers follow production, so they have no anchor of their own.
"""

from __future__ import annotations

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE, SUBCONTRACT


def anchored_cells(inputs: Inputs) -> np.ndarray:
    """(edges, periods) bool: production that has a price for leaving the anchor, by the period of its start.

    None without an anchor, nor where settings switch it off; nothing that would arrive after the plan's end.
    """
    edges, calendar, settings = inputs.network.edges, inputs.calendar, inputs.settings
    if inputs.anchor is None or not settings["stability_weight_pct"]:
        return np.zeros((len(edges.labels), calendar.periods), dtype=bool)
    whole, _ = calendar.lead_split(edges.lead_days)
    period = np.arange(calendar.periods)
    arrives = period + whole[:, None] < calendar.periods
    made = np.isin(edges.mode, (MAKE, SUBCONTRACT))[:, None]
    return ~np.isnan(inputs.anchor.flow) & made & arrives & (period < settings["anchor_periods"])


def units_moved(inputs: Inputs, flow: np.ndarray) -> np.ndarray:
    """(edges,) units by which a plan leaves the anchor: sum over anchored periods of |flow - anchor|.

    flow: (edges, periods) good units started
    """
    cells = anchored_cells(inputs)
    anchor = flow if inputs.anchor is None else inputs.anchor.flow
    return np.where(cells, np.abs(flow - anchor), 0.0).sum(axis=1)


def moved_share(inputs: Inputs, flow: np.ndarray) -> float:
    """How much of the anchored production a plan moves: sum |flow - anchor| / sum anchor, in units.

    flow: (edges, periods) good units started. NaN where nothing is anchored.
    """
    cells = anchored_cells(inputs)
    whole = inputs.anchor.flow[cells].sum() if inputs.anchor is not None else 0.0
    return float(units_moved(inputs, flow).sum() / whole) if whole else np.nan
