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


def spread_open(
    cells: np.ndarray, open_cells: np.ndarray, total: float, mix: np.ndarray | None = None
) -> np.ndarray:
    """The cells changed so that they add up to `total`; closed ones stay at what they are.

    cells, open_cells: one shape; a total below what the closed cells hold leaves the open ones at zero.
    mix: of that shape, in proportion to which it is spread instead of to the cells
    """
    changed = cells.copy()
    shares = cells if mix is None else mix
    changed[open_cells] = spread(shares[open_cells], max(total - cells[~open_cells].sum(), 0.0))
    return changed


def spread_periods(cells: np.ndarray, open_cells: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """As `spread_open`, period by period.

    cells, open_cells: (products, markets, periods); totals: (periods,), NaN leaves a period as it is
    """
    free = np.where(open_cells, cells, 0.0)
    room = np.maximum(totals - (cells - free).sum(axis=(0, 1)), 0.0)
    largest = free.max(axis=(0, 1), initial=0.0)
    scaled = np.where(largest > 0, free / np.where(largest > 0, largest, 1.0), open_cells.astype(float))
    whole = scaled.sum(axis=(0, 1))
    shares = scaled / np.where(whole > 0, whole, 1.0)
    return np.where(open_cells & ~np.isnan(totals), shares * room, cells)


def span(first: int, last: int, periods: int) -> np.ndarray:
    """(periods,) whether each plan period lies from first to last, both inclusive."""
    index = np.arange(periods)
    return (index >= first) & (index <= last)
