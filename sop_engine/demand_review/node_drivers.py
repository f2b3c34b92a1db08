"""The drivers of every series of a company's hierarchy, from those of its products and markets."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import numpy as np
from numpy.typing import NDArray

from sop_engine.demand_review.drivers import Drivers, entered
from sop_engine.demand_review.series import Array
from sop_engine.inputs.drivers import DriverValues

Node = tuple[Hashable, ...]


def node_drivers(
    drivers: DriverValues | None, history: Array, linked: Array, order: list[int], chain: NDArray, of: NDArray
) -> dict[Node, Drivers]:
    """Drivers of ("product", p), ("market", f, m), ("family", f) and ("total",), averaged by what cells sold.

    history, linked: (P, M, H) units as sold and chained to predecessors; order: products, each after its
    predecessor; chain: (P,) predecessor or -1; of: (P,) family position
    A successor's driver before its first value is its predecessor's. Empty where no driver is given.
    """
    if drivers is None or not drivers.names:
        return {}
    forms = [entered(values) for values in drivers.values]
    values = np.array([form[0] for form in forms])
    inherited = values.copy()
    for product in order:
        if chain[product] >= 0:
            inherited[:, product] = _before(inherited[:, product], inherited[:, chain[product]])
    logs, past = tuple(form[1] for form in forms), history.shape[2]
    found = {}
    for node, cells, weight in _cells(values, inherited, _sold(history), _sold(linked), of):
        laid = np.column_stack([mean_driver(one, weight) for one in cells])
        found[node] = Drivers(drivers.names, logs, laid[:past], laid[past:])
    return found


def mean_driver(values: Array, weight: Array) -> Array:
    """(time,) a driver over the cells of a node, by what the cells sell: a cell that it is not known of does
    not move.

    Each cell moves around its own mean, so that one that appears late is no jump.
    values: (cells, time) as entered; weight: (cells,) units
    """
    known = np.isfinite(values)
    there = known.any(axis=1)
    if not there.any() or weight[there].sum() <= 0:
        return np.full(values.shape[1], np.nan)
    centre = np.array([row[k].mean() for row, k in zip(values[there], known[there])])
    moves = np.where(known[there], values[there] - centre[:, None], 0.0)
    mean = weight[there] @ moves / weight.sum() + weight[there] @ centre / weight[there].sum()
    return np.where(known[weight > 0].any(axis=0), mean, np.nan)


def _cells(
    values: Array, inherited: Array, sold: Array, linked: Array, of: NDArray
) -> Iterator[tuple[Node, Array, Array]]:
    """Each node with the drivers (K, cells, time) and units (cells,) of its cells."""
    width, buckets = len(values), values.shape[3]
    for p in range(values.shape[1]):
        yield ("product", p), inherited[:, p], linked[p]
    for f in np.unique(of):
        inside = of == f
        for m in range(values.shape[2]):
            yield ("market", int(f), m), values[:, inside, m], sold[inside, m]
        yield ("family", int(f)), values[:, inside].reshape(width, -1, buckets), sold[inside].ravel()
    yield ("total",), values.reshape(width, -1, buckets), sold.ravel()


def _before(own: Array, predecessor: Array) -> Array:
    """own with its predecessor's values before its own first one; (K, M, time)."""
    unbegun = ~np.logical_or.accumulate(np.isfinite(own), axis=-1)
    return np.where(unbegun, predecessor, own)


def _sold(history: Array) -> Array:
    return np.maximum(np.nansum(history, axis=2), 0.0)
