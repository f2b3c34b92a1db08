"""What people judge over the statistical baseline: the weighted streams and the overrides."""

from __future__ import annotations

import numpy as np

from sop_engine.demand_review.spread import cells_of, span, spread_scope
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Override


def with_streams(units: np.ndarray, inputs: Inputs) -> np.ndarray:
    """The weighted consensus: each stream moves its scope by its weight x (stream - current), spread in
    proportion.
    """
    result = units.copy()
    anywhere = np.ones(units.shape, dtype=bool)
    for cell in inputs.demand.streams:
        weight = inputs.demand.stream_weights.get(cell.stream, 0.0)
        if weight == 0:
            continue
        index = cells_of(cell.products, cell.markets, np.arange(units.shape[2]) == cell.period)
        target = units[index].sum() + weight * (cell.units - units[index].sum())
        moved = spread_scope(units, index, anywhere, target)
        result[index] += moved[index] - units[index]
    return np.maximum(result, 0.0)


def with_overrides(units: np.ndarray, overrides: tuple[Override, ...]) -> np.ndarray:
    """Overrides in the order they were made, each spread over its scope in proportion; a later one wins."""
    result = units
    anywhere = np.ones(units.shape, dtype=bool)
    for override in overrides:
        index = cells_of(
            override.products, override.markets, span(override.first, override.last, units.shape[2])
        )
        current = result[index].sum()
        total = {
            "units": override.value,
            "add": current + override.value,
            "pct": current * (1 + override.value / 100),
        }[override.kind]
        result = spread_scope(result, index, anywhere, max(total, 0.0))
    return result
