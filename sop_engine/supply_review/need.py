"""The unconstrained need: what would have to start, and when, if nothing were short; net of stock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.supply_review.structure import Structure


@dataclass(frozen=True, eq=False)
class Netting:
    """What demand is netted against; all units. opening: (nodes,), receipts, target: (nodes, periods)."""

    opening: np.ndarray
    receipts: np.ndarray
    target: np.ndarray


def explode(
    structure: Structure,
    calendar: Calendar,
    demand: np.ndarray,
    lead_days: np.ndarray,
    netting: Netting | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Carry demand from the nodes that customers ask to those that supply them, along preferred edges.

    What would have to start before the plan starts in its first period.

    demand: (nodes, periods) units that customers ask for; lead_days: (edges, periods)
    netting: stock to net against; None for the gross need
    Returns gross (nodes, periods), the units asked of each node, and starts (edges, periods).
    """
    gross, starts = demand.astype(float), np.zeros(lead_days.shape)
    edge_to, uses = structure.edge_to, structure.uses
    whole, part = calendar.lead_split(lead_days)
    edge_level = np.full(len(edge_to), -1)
    edge_level[structure.preferred] = structure.level[edge_to[structure.preferred]]
    use_level = edge_level[uses.edge]
    for level in range(structure.level.max(initial=-1) + 1):
        edge = np.flatnonzero(edge_level == level)
        node = edge_to[edge]
        arrivals = (
            gross[node]
            if netting is None
            else net_arrivals(
                gross[node], netting.opening[node], netting.receipts[node], netting.target[node]
            )
        )
        starts[edge] = offset(arrivals, whole[edge], part[edge])
        row = np.flatnonzero(use_level == level)
        np.add.at(gross, uses.node[row], starts[uses.edge[row]] * uses.per_unit[row])
    return gross, starts


def net_arrivals(
    gross: np.ndarray, opening: np.ndarray, receipts: np.ndarray, target: np.ndarray
) -> np.ndarray:
    """(n, periods) units that must come in so that stock never ends a period below its target.

    increments of A[t] = max over s <= t of (gross[0..s] + target[s] - opening - receipts[0..s]), 0 at least

    >>> net_arrivals(np.array([[8., 9.]]), np.array([10.]), np.zeros((1, 2)), np.array([[0., 5.]]))
    array([[ 0., 12.]])
    """
    missing = np.cumsum(gross - receipts, axis=1) + target - opening[:, None]
    needed = np.maximum.accumulate(np.maximum(missing, 0.0), axis=1)
    return np.diff(needed, axis=1, prepend=0.0)


def offset(arrivals: np.ndarray, whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """(n, periods) starts for arrivals, earlier by whole periods, and one more for the fraction `part`."""
    n, periods = arrivals.shape
    starts = np.zeros(n * periods)
    row, at = np.arange(n)[:, None] * periods, np.arange(periods) - whole
    for lag, share in ((0, 1.0 - part), (1, part)):
        index = row + np.maximum(at - lag, 0)
        starts += np.bincount(index.ravel(), (arrivals * share).ravel(), n * periods)
    return starts.reshape(n, periods)


def hours_of(inputs: Inputs, flow: np.ndarray) -> np.ndarray:
    """(resources, periods) hours that flows (edges, periods) take."""
    edges, hours = inputs.network.edges, np.zeros((len(inputs.network.resources), flow.shape[1]))
    np.add.at(hours, edges.hours_resource, flow[edges.hours_edge] * edges.hours_per_unit[:, None])
    return hours
