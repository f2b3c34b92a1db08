"""What leaving demand or stock targets unmet costs the model: a policy that ranks, never shown as money.

Every product has one weight for the whole company, so no market is starved because its price or margin is
low. The weight is never below the dearest way of supplying the product, so leaving demand unmet always costs
more than serving it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.demand_review.explosion import low_level_codes
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import TRANSFER
from sop_engine.supply_review.structure import Structure

LOST = 3.0  # weights for a unit that is never delivered; 3 leaves room for cost levers of up to +100 %
WAIT = 0.10  # of that for each 30 days that a unit waits
# of the least that a wait of one period costs, for a unit by another lane than the market's first: whoever
# the customer is, he is served in time from elsewhere rather than late; a share more for a lane of the last
# rank, for a customer of the best priority, who has the first claim on the first lane, and for the first
# period, so that the first site's stock goes before another's
OTHER_LANE, WORSE_LANE, BETTER_CUSTOMER, EARLIER = 0.75, 0.1, 0.05, 0.05
SHORT_STOCK = 0.01  # of that for each 30 days that a unit of target stock is missing
ABOVE_COVER = 0.5  # of what a missing unit of target stock costs, for a unit above the most cover
END_STOCK = 0.5  # of that for a unit of target stock missing at the end
NO_ROOM = 2.0  # of the dearest unit lost, for a unit that a site has no room for or that would spoil
RANK = 2.0  # how much more each better priority counts
MOST_RANK = 1024.0  # between the best and the worst priority, however many there are


@dataclass(frozen=True, eq=False)
class Penalties:
    """Per unit. lost: (queues,) never delivered; unmet: (queues, periods) lost at once, or waiting a period

    short_stock: (nodes, periods) missing from the target; carrying: (nodes, periods) money to hold a unit
    other_lane: (others, periods) served by another lane than the market's first
    astray: (edges,) of the difference between a flow and the anchor's
    over: of stock above a ceiling at the end of a period: room and age bind more than any sale
    above_cover: (nodes,) of stock above the most cover, less than what a target or a customer is worth
    """

    lost: np.ndarray
    unmet: np.ndarray
    short_stock: np.ndarray
    carrying: np.ndarray
    other_lane: np.ndarray
    astray: np.ndarray
    over: float
    above_cover: np.ndarray


def find_penalties(inputs: Inputs, structure: Structure) -> Penalties:
    """The penalties of the baseline; levers do not change them."""
    nodes, queues, calendar = structure.nodes, structure.queues, inputs.calendar
    months = float(np.mean(calendar.plan_days)) / 30.0
    weight = product_weights(inputs, structure)
    of_node = LOST * weight[nodes.product]
    rank = _rank_factor(queues.priority)
    lost = of_node[queues.node] * rank
    waits = queues.patience > 0
    # a unit lost early costs more than one lost late, or units would be kept from customers as safety stock
    sooner = 1.0 + SHORT_STOCK * months * np.arange(calendar.periods)[::-1]
    unmet = np.where(waits[:, None], WAIT * months, sooner) * lost[:, None]
    unmet[waits, -1] += lost[waits]
    short = np.repeat((SHORT_STOCK * months * of_node)[:, None], calendar.periods, axis=1)
    short[:, -1] += END_STOCK * of_node
    astray = inputs.settings["stability_weight_pct"] / 100 * weight[inputs.network.edges.product]
    over = NO_ROOM * max(lost.max(initial=0.0), LOST * weight.max(initial=0.0))
    above_cover = ABOVE_COVER * SHORT_STOCK * months * of_node
    other_lane = WAIT * months * _other_lane(inputs, structure, of_node, rank)
    carrying = _carrying(inputs, structure, weight)
    return Penalties(lost, unmet, short, carrying, other_lane, astray, over, above_cover)


def product_weights(inputs: Inputs, structure: Structure) -> np.ndarray:
    """(products,) money per unit: the mean price over markets, not below the dearest way of supply.

    Unit cost where no price is known, and 1 where nothing is.
    """
    money = inputs.money
    price = _mean_known(money.price * money.rate)
    reference = np.where(np.isnan(price), _mean_known(money.unit_cost), price)
    weight = np.maximum(np.nan_to_num(reference), dearest_supply(inputs, structure))
    return np.where(weight > 0, weight, 1.0)


def dearest_supply(inputs: Inputs, structure: Structure) -> np.ndarray:
    """(products,) money per unit by the dearest way: components, conversion in overtime, every transfer."""
    edges, uses, products = inputs.network.edges, structure.uses, len(inputs.products)
    own = np.nan_to_num(edges.unit_cost)
    rate = np.fmax(inputs.network.resources.overtime_cost_per_hour, inputs.network.resources.cost_per_hour)
    np.add.at(own, edges.hours_edge, edges.hours_per_unit * np.nan_to_num(rate)[edges.hours_resource])
    moved = edges.mode == TRANSFER
    freight = np.bincount(edges.product[moved], own[moved], products)
    made = ~moved[uses.edge]
    parent, component = edges.product[uses.edge[made]], structure.nodes.product[uses.node[made]]
    per_unit = uses.per_unit[made].max(axis=1, initial=0.0)
    codes = low_level_codes(parent, component, inputs.products.labels)
    dearest = np.zeros(products)
    for code in range(codes.max(initial=-1), -1, -1):
        cost = own.copy()
        np.add.at(cost, uses.edge[made], per_unit * dearest[component])
        here = ~moved & (codes[edges.product] == code)
        np.maximum.at(dearest, edges.product[here], cost[here])
        dearest[codes == code] += freight[codes == code]
    return dearest


def _rank_factor(priority: np.ndarray) -> np.ndarray:
    """1 for the last priority, RANK times more for each better one."""
    ranks, place = np.unique(priority, return_inverse=True)
    worse = len(ranks) - 1 - place
    return min(RANK, MOST_RANK ** (1 / max(len(ranks) - 1, 1))) ** worse


def _other_lane(inputs: Inputs, structure: Structure, of_node: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """(others, periods) share of `of_node` (nodes,): below 1, the last in rank, the best customers and the
    first period pay most.

    rank: (queues,) factors, higher for a better priority
    """
    others, place = structure.others, inputs.network.other_lanes.rank
    worse = place[others.lane] / place.max(initial=1)
    better = rank[others.queue] / rank.max(initial=1.0)
    share = OTHER_LANE + WORSE_LANE * worse + BETTER_CUSTOMER * better
    earlier = EARLIER * np.linspace(1.0, 0.0, inputs.calendar.periods)
    return (share[:, None] + earlier) * of_node[structure.queues.node[others.queue], None]


def _carrying(inputs: Inputs, structure: Structure, weight: np.ndarray) -> np.ndarray:
    """Carrying cost; a trace of the weight at least, so that nothing is made before it is needed."""
    rate = inputs.settings["carrying_rate_pct"] / 100 * inputs.calendar.plan_days / 365.0
    product = structure.nodes.product
    return np.maximum(np.nan_to_num(inputs.money.unit_cost)[product] * rate, 1e-4 * weight[product, None])


def _mean_known(values: np.ndarray) -> np.ndarray:
    """(rows,) mean of what is known in each row, NaN where nothing is."""
    known, inner = ~np.isnan(values), tuple(range(1, values.ndim))
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=inner) / known.sum(axis=inner)
