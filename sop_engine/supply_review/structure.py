"""What is connected to what: stock nodes, what edges bring and use, and who stands in line at which node."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.demand_review.explosion import low_level_codes, preferred_edges
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE, SUBCONTRACT, TRANSFER
from sop_engine.supply_review.lanes import Others, find_others

NONE = -1
STORAGE, SHELF_LIFE, COVER = "storage", "shelf life", "most cover"


@dataclass(frozen=True, eq=False)
class Nodes:
    """Stock nodes: a product at a site. at: (products, sites) position of the node, -1 for none."""

    product: np.ndarray
    site: np.ndarray
    at: np.ndarray
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.product)


@dataclass(frozen=True, eq=False)
class Uses:
    """What a good unit of an edge takes from stock at its start: edge, node: (rows,); per_unit: (rows,
    periods).
    """

    edge: np.ndarray
    node: np.ndarray
    per_unit: np.ndarray


@dataclass(frozen=True, eq=False)
class Claims:
    """Who wants what: a claim is a product, a market and a class, that is a priority and a patience.

    product, market: (claims,) positions; priority: 1 first
    patience: (claims,) periods a unit may wait; 0 is lost at once, inf waits to the end
    queue: (claims,) line in which it stands, -1 where no site serves the market
    shift: (claims,) whole periods between shipment and delivery
    of_market: (products, markets) claim that holds the forecast, -1 for none; of_order: (orders,) likewise
    """

    product: np.ndarray
    market: np.ndarray
    priority: np.ndarray
    patience: np.ndarray
    queue: np.ndarray
    shift: np.ndarray
    of_market: np.ndarray
    of_order: np.ndarray

    def __len__(self) -> int:
        return len(self.product)


@dataclass(frozen=True, eq=False)
class Queues:
    """All claims of one class on one node, by the period in which they should ship; a market that has several
    lanes stands in queues of its own.

    node, priority, patience: (queues,).
    """

    node: np.ndarray
    priority: np.ndarray
    patience: np.ndarray

    def __len__(self) -> int:
        return len(self.node)


@dataclass(frozen=True, eq=False)
class Ceilings:
    """Where stock at the end of a period has a most, as the data give one.

    kind: (ceilings,) "storage" of all products at a site; "shelf life" or "most cover" of one product there,
    the last only where setting max_cover_in_plan asks for it
    site: (ceilings,) position; product: (ceilings,) position, -1 for all
    ceiling, node: (members,) which nodes' stock counts below which ceiling
    """

    kind: np.ndarray
    product: np.ndarray
    site: np.ndarray
    ceiling: np.ndarray
    node: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, eq=False)
class Structure:
    """edge_to: (edges,) node supplied; preferred: (some edges,) first choice of each node; level: (nodes,)
    low-level code along preferred edges, 0 for what nothing else needs
    others: where queues are served from beside their own node
    described: the tables say something of supply; where they say nothing, it is taken to meet demand
    """

    described: bool
    nodes: Nodes
    edge_to: np.ndarray
    uses: Uses
    preferred: np.ndarray
    level: np.ndarray
    claims: Claims
    queues: Queues
    others: Others
    ceilings: Ceilings


def find_structure(inputs: Inputs, demands: tuple[DemandPlan, ...]) -> Structure:
    """The connections that these demand plans ask for.

    Raises PlanError naming a loop of preferred flows.
    """
    edges = inputs.network.edges
    claims = _claims(inputs, demands)
    nodes = _nodes(inputs, claims)
    edge_to = nodes.at[edges.product, edges.site]
    uses = _uses(inputs, nodes)
    preferred = preferred_edges(edges, edge_to, np.ones(len(edge_to), dtype=bool))
    chosen = np.isin(uses.edge, preferred)
    level = low_level_codes(edge_to[uses.edge[chosen]], uses.node[chosen], nodes.labels)
    claims, queues, others = _queues(inputs, claims, nodes)
    network = inputs.network
    described = len(edges.labels) > 0 or bool((network.on_hand > 0).any() or (network.receipts > 0).any())
    ceilings = _ceilings(inputs, nodes)
    return Structure(described, nodes, edge_to, uses, preferred, level, claims, queues, others, ceilings)


def claimed(inputs: Inputs, claims: Claims, demand: DemandPlan) -> np.ndarray:
    """(claims, periods) units by due period: forecast in the claim of its market, each order in its own."""
    orders, units = inputs.demand.orders, np.zeros((len(claims), inputs.calendar.periods))
    held = claims.of_market >= 0
    units[claims.of_market[held]] = _forecast(demand)[held]
    known = claims.of_order >= 0
    np.add.at(units, (claims.of_order[known], orders.period[known]), orders.units[known])
    return units


def covers(claims: Claims, demand: DemandPlan) -> bool:
    """Whether every cell with demand has a claim."""
    return not _forecast(demand)[claims.of_market < 0].any()


def in_line(claims: Claims, queues: Queues, units: np.ndarray) -> np.ndarray:
    """(queues, periods) units by the period they should ship, of (claims, periods) units by due period."""
    ship, in_time = shipping(claims, units.shape[1])
    line = np.zeros((len(queues), units.shape[1]))
    reach = in_time & (claims.queue >= 0)[:, None]
    at = np.broadcast_to(claims.queue[:, None], ship.shape)[reach] * units.shape[1] + ship[reach]
    line += np.bincount(at, units[reach], line.size).reshape(line.shape)
    return line


def demand_at_nodes(structure: Structure, line: np.ndarray) -> np.ndarray:
    """(nodes, periods) units that the queues at each node ask for."""
    units = np.zeros((len(structure.nodes), line.shape[1]))
    np.add.at(units, structure.queues.node, line)
    return units


def shipping(claims: Claims, periods: int) -> tuple[np.ndarray, np.ndarray]:
    """(claims, periods) period in which units due must ship, and whether the customer still takes them.

    What should have shipped before the plan starts ships in its first period and is late.
    """
    early = np.arange(periods) - claims.shift[:, None]
    return np.maximum(early, 0), -early <= claims.patience[:, None]


def market_ranks(inputs: Inputs) -> np.ndarray:
    """(markets,) priority in a shortage, 1 first: the master's, or 1 for all where the setting is fair share.

    An order with a priority of its own keeps it either way.
    """
    priority = inputs.markets.priority
    return np.ones_like(priority) if inputs.settings["fair_share"] else priority


def _forecast(demand: DemandPlan) -> np.ndarray:
    """(products, markets, periods) unconstrained demand that is no order yet."""
    return np.maximum(demand.unconstrained - demand.orders, 0.0)


def _claims(inputs: Inputs, demands: tuple[DemandPlan, ...]) -> Claims:
    """Claims of every cell with demand, of launches everywhere, and of open orders; without their queues."""
    markets, orders, shape = inputs.markets, inputs.demand.orders, (len(inputs.products), len(inputs.markets))
    wanted = np.zeros(shape, dtype=bool)
    for demand in demands:
        wanted |= _forecast(demand).any(axis=2)
    wanted[[launch.product for launch in inputs.demand.launches]] = True
    wait = np.where(markets.backlog, np.inf, 0.0)
    product, market = np.nonzero(wanted)
    open_ = orders.period < inputs.calendar.periods
    of_markets = market_ranks(inputs)
    rank = np.where(np.isnan(orders.priority), of_markets[orders.market], orders.priority)
    late = np.where(np.isnan(orders.max_late), wait[orders.market], orders.max_late)
    of_forecast = np.stack([product, market, of_markets[market], wait[market]], axis=1)
    of_orders = np.stack([orders.product, orders.market, rank, late], axis=1)[open_]
    rows, claim = np.unique(np.concatenate([of_forecast, of_orders]), axis=0, return_inverse=True)
    claim = claim.reshape(-1)
    of_market, of_order = np.full(shape, NONE), np.full(len(orders.labels), NONE)
    of_market[product, market], of_order[open_] = claim[: len(product)], claim[len(product) :]
    lanes = np.nan_to_num(inputs.network.lane_days)[rows[:, 1].astype(int)]
    shift, _ = inputs.calendar.lead_split(lanes)
    no_queue = np.full(len(rows), NONE)
    return Claims(
        rows[:, 0].astype(int),
        rows[:, 1].astype(int),
        rows[:, 2],
        rows[:, 3],
        no_queue,
        shift,
        of_market,
        of_order,
    )


def _nodes(inputs: Inputs, claims: Claims) -> Nodes:
    """Every product at every site where it arrives, is used, lies or is asked for."""
    network, shape = inputs.network, (len(inputs.products), len(inputs.network.sites))
    edges, bill, has = network.edges, network.bill, np.zeros(shape, dtype=bool)
    has |= (np.nan_to_num(network.on_hand) > 0) | (network.receipts > 0).any(axis=2)
    has[edges.product, edges.site] = True
    moved = _takes_from_stock(inputs)
    has[edges.product[moved], edges.source[moved]] = True
    edge, row = _bill_rows(inputs)
    has[bill.component[row], edges.site[edge]] = True
    site = network.lane_site[claims.market]
    has[claims.product[site >= 0], site[site >= 0]] = True
    product, site = np.nonzero(has)
    at = np.full(shape, NONE)
    at[product, site] = np.arange(len(product))
    names = zip(product.tolist(), site.tolist(), strict=True)
    labels = tuple(f"{inputs.products.labels[p]} @ {network.sites.labels[s]}" for p, s in names)
    return Nodes(product, site, at, labels)


def _ceilings(inputs: Inputs, nodes: Nodes) -> Ceilings:
    limited = np.flatnonzero(~np.isnan(inputs.network.sites.storage))
    stores = limited[np.isin(limited, nodes.site)]
    ages = np.flatnonzero(~np.isnan(inputs.products.shelf_life_periods[nodes.product]))
    most = ~np.isnan(inputs.network.max_cover[nodes.product, nodes.site])
    kept_short = np.flatnonzero(most & bool(inputs.settings["max_cover_in_plan"]))
    single = np.concatenate([ages, kept_short])
    held = np.flatnonzero(np.isin(nodes.site, stores))
    return Ceilings(
        kind=np.repeat([STORAGE, SHELF_LIFE, COVER], [len(stores), len(ages), len(kept_short)]),
        product=np.concatenate([np.full(len(stores), NONE), nodes.product[single]]),
        site=np.concatenate([stores, nodes.site[single]]),
        ceiling=np.concatenate(
            [np.searchsorted(stores, nodes.site[held]), len(stores) + np.arange(len(single))]
        ),
        node=np.concatenate([held, single]),
    )


def _takes_from_stock(inputs: Inputs) -> np.ndarray:
    """(edges,) bool: transfers out of a site that holds stock."""
    edges = inputs.network.edges
    return (
        (edges.mode == TRANSFER)
        & (edges.source >= 0)
        & (inputs.network.sites.kind[edges.source] != "supplier")
    )


def _bill_rows(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of an edge that makes a product and a row of the product's bill, as two arrays."""
    edges, bill = inputs.network.edges, inputs.network.bill
    makes = np.flatnonzero(np.isin(edges.mode, (MAKE, SUBCONTRACT)))
    order = np.argsort(bill.parent, kind="stable")
    first, last = (
        np.searchsorted(bill.parent[order], edges.product[makes], side) for side in ("left", "right")
    )
    count = last - first
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(makes, count), order[np.repeat(first, count) + within]


def _uses(inputs: Inputs, nodes: Nodes) -> Uses:
    edges, bill = inputs.network.edges, inputs.network.bill
    edge, row = _bill_rows(inputs)
    moved = np.flatnonzero(_takes_from_stock(inputs))
    every = np.concatenate([edge, moved])
    units = np.concatenate([bill.quantity[row], np.ones((len(moved), inputs.calendar.periods))])
    node = np.concatenate(
        [nodes.at[bill.component[row], edges.site[edge]], nodes.at[edges.product[moved], edges.source[moved]]]
    )
    return Uses(every, node, units / edges.yield_[every, None])


def _queues(inputs: Inputs, claims: Claims, nodes: Nodes) -> tuple[Claims, Queues, Others]:
    site = inputs.network.lane_site[claims.market]
    served = site >= 0
    node = nodes.at[claims.product[served], site[served]]
    alone = np.where(np.isin(claims.market, inputs.network.other_lanes.market), claims.market, NONE)
    keys, queue = np.unique(
        np.stack([node, claims.priority[served], claims.patience[served], alone[served]], axis=1),
        axis=0,
        return_inverse=True,
    )
    of_claim = np.full(len(claims), NONE)
    of_claim[served] = queue.reshape(-1)
    queues, market = Queues(keys[:, 0].astype(int), keys[:, 1], keys[:, 2]), keys[:, 3].astype(int)
    others = find_others(inputs, nodes.product[queues.node], market, nodes.at)
    return replace(claims, queue=of_claim), queues, others
