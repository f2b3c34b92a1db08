"""Spreading a change of a total over its cells: in proportion, conserving it, never below zero."""

from __future__ import annotations

import numpy as np


def spread(cells: np.ndarray, total: float) -> np.ndarray:
    """Cells in the same proportions that add up to `total`; equal shares where all are zero.

    cells: any shape, units >= 0; total: units >= 0

    >>> spread(np.array([1.0, 3.0]), 8.0)
    array([2., 6.])
    """
    if cells.size == 0:
        return cells.copy()
    largest = cells.max()
    if largest <= 0:
        return np.full(cells.shape, total / cells.size)
    shares = cells / largest  # so that sums of the smallest numbers neither vanish nor overflow
    return shares / shares.sum() * total


def cells_of(products: np.ndarray, markets: np.ndarray, periods: np.ndarray) -> tuple[np.ndarray, ...]:
    """Open-mesh index of a scope given by three boolean masks."""
    return np.ix_(np.flatnonzero(products), np.flatnonzero(markets), np.flatnonzero(periods))


def spread_scope(
    units: np.ndarray, index: tuple[np.ndarray, ...], open_cells: np.ndarray, total: float
) -> np.ndarray:
    """`units` with the scope's cells changed so that they add up to `total`; closed cells stay at what they
    are.

    units, open_cells: (products, markets, periods); a total below what the closed cells hold leaves the open
    ones at zero.
    """
    scope, may_change = units[index], open_cells[index]
    changed = scope.copy()
    changed[may_change] = spread(scope[may_change], max(total - scope[~may_change].sum(), 0.0))
    result = units.copy()
    result[index] = changed
    return result


def span(first: int, last: int, periods: int) -> np.ndarray:
    """(periods,) whether each plan period lies from first to last, both inclusive."""
    index = np.arange(periods)
    return (index >= first) & (index <= last)
