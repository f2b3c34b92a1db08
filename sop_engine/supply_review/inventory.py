"""Inventory: safety stock and targets by policy, projected stock, and how long stock covers demand."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from sop_engine.inputs import Inputs
from sop_engine.supply_review.need import explode
from sop_engine.supply_review.structure import Structure

SHORTAGE, ALERT, OK, OVERSTOCK = "shortage", "alert", "ok", "overstock"
HIGHEST_LEVEL = 0.9999  # a policy of 100 % would ask for infinite stock


def safety_stock(
    service_level: np.ndarray, error_sd: np.ndarray, lead: np.ndarray, review: float
) -> np.ndarray:
    """Units that keep the probability of no stock-out in a replenishment cycle at the service level.

    z x sd x sqrt(lead + review)     (periodic review; the service level is per cycle, no fill rate)

    service_level: share below 1; error_sd: of the one-period forecast error, units; lead, review: periods

    >>> round(float(safety_stock(np.array(0.95), np.array(10.0), np.array(3.0), 1.0)), 2)
    32.9
    """
    return (
        np.maximum(ndtri(np.minimum(service_level, HIGHEST_LEVEL)), 0.0) * error_sd * np.sqrt(lead + review)
    )


def forward_demand(demand: np.ndarray, cover: np.ndarray, season: int) -> np.ndarray:
    """(n, periods) demand of the `cover` (n,) periods that follow each period, the last one pro rata.

    Beyond the last period demand goes on at the mean of the last `season` periods.
    """
    periods = demand.shape[1]
    longer = _continued(demand, int(np.ceil(cover.max(initial=0))) + 1, season)
    so_far = np.concatenate([np.zeros((len(demand), 1)), np.cumsum(longer, axis=1)], axis=1)
    first = np.broadcast_to(np.arange(1, periods + 1), demand.shape)
    last = first + cover[:, None]
    whole = np.floor(last).astype(int)
    row = np.arange(len(demand))[:, None]
    return so_far[row, whole] + (last - whole) * longer[row, whole] - so_far[row, first]


def projected_stock(opening: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """(n, periods) stock at the end of each period; negative is a shortage carried forward.

    >>> projected_stock(np.array([10.]), np.array([[5., 0.]]), np.array([[8., 9.]]))
    array([[ 7., -2.]])
    """
    return opening[:, None] + np.cumsum(supply - demand, axis=1)


def coverage(stock: np.ndarray, demand: np.ndarray, season: int = 12) -> np.ndarray:
    """(n, periods) periods of the demand that follows which the stock at the end of each period lasts for.

    The last one counts in part; stock below zero covers nothing; without any demand to come it is infinite.
    Beyond the last period demand goes on at the mean of the last `season` periods.
    """
    left, cover, longer = np.maximum(stock, 0.0), np.zeros(stock.shape), _continued(demand, 1, season)
    periods = stock.shape[1]
    for ahead in range(1, periods):
        asked = longer[:, np.minimum(np.arange(periods) + ahead, periods)]
        used = np.minimum(left, asked)
        lasts = np.divide(used, asked, out=np.ones_like(used), where=asked > 0)
        cover += np.where(left > 0, lasts, 0.0)
        left = left - used
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(left > 0, left / longer[:, -1:], 0.0)
    return cover + rest


def cover_status(stock: np.ndarray, cover: np.ndarray, low: float, high: float) -> np.ndarray:
    """Status of each cell: below zero stock "shortage", cover below low "alert", above high "overstock", else
    "ok".
    """
    return np.select([stock < 0, cover < low, cover > high], [SHORTAGE, ALERT, OVERSTOCK], OK)


def node_error_sd(inputs: Inputs, structure: Structure, demand: np.ndarray) -> np.ndarray:
    """(nodes,) sd of the forecast error: the product's, by the square root of the node's share of demand."""
    total = demand.sum(axis=1)
    product = structure.nodes.product
    whole = np.bincount(product, total, len(inputs.products))[product]
    share = np.divide(total, whole, out=np.zeros_like(total), where=whole > 0)
    return np.nan_to_num(inputs.demand.baseline.error_sd)[product] * np.sqrt(share)


def stock_targets(
    inputs: Inputs,
    structure: Structure,
    error_sd: np.ndarray,
    demand: np.ndarray,
    lead_days: np.ndarray,
    service_level: np.ndarray,
) -> np.ndarray:
    """(nodes, periods) stock the policy wants: stated or computed safety stock, not below the minimum cover.

    error_sd: (nodes,); demand: (nodes, periods) of customers; lead_days: (edges, periods);
    service_level: (nodes, periods) share, NaN = no policy. A product without demand to come has no target.
    """
    nodes, network, calendar = structure.nodes, inputs.network, inputs.calendar
    bucket = float(np.mean(calendar.plan_days))
    lead = np.zeros(demand.shape)
    lead[structure.edge_to[structure.preferred]] = lead_days[structure.preferred] / bucket
    computed = safety_stock(service_level, error_sd[:, None], lead, inputs.settings["review_days"] / bucket)
    stated = network.safety_stock[nodes.product, nodes.site]
    safety = np.nan_to_num(np.where(np.isnan(stated), computed, stated))
    gross, _ = explode(structure, calendar, demand, lead_days)
    cover = np.nan_to_num(network.min_cover[nodes.product, nodes.site])
    to_come = np.cumsum(gross[:, ::-1], axis=1)[:, ::-1] > 0
    wanted = np.maximum(safety, forward_demand(gross, cover, calendar.season))
    return np.where(to_come | ~np.isnan(stated), wanted, 0.0)


def has_policy(inputs: Inputs, structure: Structure) -> np.ndarray:
    """(nodes,) bool: some stock target may apply."""
    network, at = inputs.network, (structure.nodes.product, structure.nodes.site)
    stated = ~np.isnan(network.safety_stock[at]).all(axis=1)
    return stated | ~np.isnan(network.service_level[at]) | ~np.isnan(network.min_cover[at])


def _continued(demand: np.ndarray, more: int, season: int) -> np.ndarray:
    """Demand with `more` periods at the mean of its last season."""
    mean = demand[:, -season:].mean(axis=1, keepdims=True)
    return np.concatenate([demand, np.repeat(mean, more, axis=1)], axis=1)
