"""Lanes beside a market's first: which sites serve where the first one cannot, and what they deliver.

A market's demand is planned at the site of its first lane: stock targets and the unconstrained need are that
site's. Another lane serves from stock that its own site holds or can bring. What it serves counts in the
period in which the first lane would have shipped it, and leaves its site earlier by as much as it takes
longer; what even the first lane could not bring in time, a faster lane does not bring either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs


@dataclass(frozen=True, eq=False)
class Others:
    """Where queues are served from beside their own node; a row per queue and lane, by queue and then by
    rank. Arrays are (others,) but the last.

    queue, node: positions, the node being at the other site; lane: position among the network's other lanes
    longer: whole periods that the lane takes more than the first one
    queues: (several,) positions of the queues that have other lanes; row: where each row's queue is in them
    """

    queue: np.ndarray
    node: np.ndarray
    lane: np.ndarray
    longer: np.ndarray
    queues: np.ndarray
    row: np.ndarray

    def __len__(self) -> int:
        return len(self.queue)

    def leaves(self, periods: int) -> np.ndarray:
        """(others, periods) period in which units leave the other site, -1 where that is not in the plan."""
        at = np.arange(periods) - self.longer[:, None]
        return np.where((at >= 0) & (at < periods), at, -1)


def find_others(inputs: Inputs, product: np.ndarray, market: np.ndarray, at: np.ndarray) -> Others:
    """Other lanes of queues to sites that have the product anyway.

    product, market: (queues,) positions, market -1 where it has one lane; at: (products, sites) nodes
    """
    lanes, calendar = inputs.network.other_lanes, inputs.calendar
    queue, lane = np.nonzero(market[:, None] == lanes.market)
    node = at[product[queue], lanes.site[lane]]
    queue, lane, node = queue[node >= 0], lane[node >= 0], node[node >= 0]
    whole, first = (
        calendar.lead_split(np.nan_to_num(days))[0] for days in (lanes.days, inputs.network.lane_days)
    )
    queues, row = np.unique(queue, return_inverse=True)
    return Others(queue, node, lane, whole[lane] - first[market[queue]], queues, row)


def shipped_at_nodes(others: Others, nodes: int, of_queue: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(nodes, periods) units that other lanes ship, less what they spare the queues' own nodes.

    of_queue: (queues,) node; units: (others, periods) by the period in which the first lane would have
    shipped
    """
    more = np.zeros((nodes, units.shape[1]))
    np.add.at(more, of_queue[others.queue], -units)
    leaves = others.leaves(units.shape[1])
    row, period = np.nonzero(leaves >= 0)
    np.add.at(more, (others.node[row], leaves[row, period]), units[row, period])
    return more


def delivered_by_others(inputs: Inputs, others: Others, product: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(other lanes, products, periods) units by the period of delivery.

    product: (queues,) position; units: (others, periods) by the period in which the first lane would have
    shipped
    """
    network, periods = inputs.network, units.shape[1]
    first, _ = inputs.calendar.lead_split(np.nan_to_num(network.lane_days))
    arrives = np.arange(periods) + first[network.other_lanes.market[others.lane], None]
    row, period = np.nonzero(arrives < periods)
    found = np.zeros((len(network.other_lanes), len(inputs.products), periods))
    at = others.lane[row], product[others.queue[row]], arrives[row, period]
    np.add.at(found, at, units[row, period])
    return found
