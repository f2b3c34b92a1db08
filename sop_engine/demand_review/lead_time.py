"""How far ahead a forecast must be right: the cumulative lead time over bills of material and sourcing."""

from __future__ import annotations

import numpy as np

from sop_engine.demand_review.explosion import preferred_edges
from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, TRANSFER


def cumulative_days(inputs: Inputs) -> np.ndarray:
    """(products, sites) days from nothing to a unit at a site, by the preferred ways of supply.

    days = lead time + the longest of what has to be there first: each component where it is made, or the
    product itself where it is transferred from. The longest path, never the sum of branches; NaN where no way
    leads there. Raises PlanError where sites transfer to each other in a circle.
    """
    network, shape = inputs.network, (len(inputs.products), len(inputs.network.sites))
    edges, bill = network.edges, network.bill
    every = np.ones(len(edges.product), dtype=bool)
    chosen = preferred_edges(edges, np.ravel_multi_index((edges.product, edges.site), shape), every)
    days = np.full(shape, np.nan)
    for _ in range(len(chosen) + 1):
        before = days.copy()
        for edge in chosen:
            product, site = edges.product[edge], edges.site[edge]
            if edges.mode[edge] == TRANSFER:
                first = days[product, edges.source[edge]]
            elif edges.mode[edge] == BUY:
                first = 0.0
            else:
                first = np.nanmax(days[bill.component[bill.parent == product], site], initial=0.0)
            days[product, site] = np.nan_to_num(edges.lead_days[edge]) + np.nan_to_num(first)
        if np.array_equal(days, before, equal_nan=True):
            return days
    raise PlanError("Sites transfer to each other in a circle. Remove one of the transfers.")


def item_days(inputs: Inputs) -> np.ndarray:
    """(products,) cumulative days to where an item is there first; NaN where no way leads anywhere."""
    days = cumulative_days(inputs)
    first = np.where(np.isnan(days), np.inf, days).min(axis=1, initial=np.inf)
    return np.where(np.isinf(first), np.nan, first)


def cumulative_lag(inputs: Inputs, products: np.ndarray) -> int:
    """The lag of the forecast that supply is started on: the longest cumulative lead time of the products in
    the mask, with the way to the market, in whole periods; 1 at least.
    """
    network = inputs.network
    served = network.lane_site >= 0
    days = cumulative_days(inputs)[:, network.lane_site[served]] + network.lane_days[served]
    longest = float(np.nanmax(days[products & inputs.products.sellable], initial=0.0))
    return max(1, int(np.ceil(longest / float(np.mean(inputs.calendar.plan_days)) - 1e-9)))
