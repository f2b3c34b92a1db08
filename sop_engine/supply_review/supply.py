"""The constrained supply plan: what is made, bought, moved, stocked and delivered, and what is short."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.inputs import Inputs
from sop_engine.scenario import Scenario
from sop_engine.supply_review.ceilings import Overrun, find_overruns
from sop_engine.supply_review.compiled import Solution
from sop_engine.supply_review.delivery import (
    TRACE,
    Fulfilment,
    dispatch,
    fill_orders,
    fulfil,
    hold_back,
    shipments,
    unmet_units,
)
from sop_engine.supply_review.lanes import delivered_by_others, shipped_at_nodes
from sop_engine.supply_review.layout import overtime_rate
from sop_engine.supply_review.model import SupplyModel, fitting
from sop_engine.supply_review.need import hours_of
from sop_engine.supply_review.pace import FREE, Pace
from sop_engine.supply_review.request import SupplyRequest, unconstrained_need
from sop_engine.supply_review.shortage import Causes, Prices, Shortage, find_shortages, order_reasons
from sop_engine.supply_review.structure import Structure, demand_at_nodes
from sop_engine.supply_review.timing import Timing


@dataclass(frozen=True, eq=False)
class Places:
    """Where stock is kept. product, site: (nodes,) positions; products, sites: how many there are."""

    product: np.ndarray
    site: np.ndarray
    products: int
    sites: int

    def at_sites(self, values: np.ndarray) -> np.ndarray:
        """(products, sites, periods) of (nodes, periods)."""
        whole = np.zeros((self.products, self.sites, values.shape[1]))
        whole[self.product, self.site] = values
        return whole

    def of_products(self, values: np.ndarray) -> np.ndarray:
        """(products, periods) over all sites, of (nodes, periods)."""
        whole = np.zeros((self.products, values.shape[1]))
        np.add.at(whole, self.product, values)
        return whole


@dataclass(frozen=True, eq=False)
class SupplyPlan:
    """One solved supply plan; arrays over products P, markets M, sites S, resources R, edges E, periods T,
    and nodes N, the places where stock is kept: most products are at few of many sites.

    flow: (E, T) good units started or ordered in the period; need: the same of the unconstrained need
    received: (E, T) good units by the period in which they arrive; limits hold for them
    limit_value: (E, T) what one more unit of an edge's limit is worth; ranks, is no money
    node_arrivals: (N, T) units that come in, open orders included; node_used: taken by bills and transfers
    node_shipped: (N, T) units sent to customers, by whatever lane
    by_other_lane: (other lanes, P, T) units that each lane beside a market's first delivers
    node_stock: (N, T) units at the end of the period: stock before + arrivals - used - shipped
    node_target: (N, T) stock the policy wants at the end of the period
    on_time, lost: (P, M, T) units by due period; late: by the period in which they are delivered
    backlog: (P, M, T) units due by the period's end that come later, or still wait when the plan ends
    available, overtime_limit: (R, T) hours with the levers' capacity, NaN available = no limit is known
    load, overtime: (R, T) hours used; required: (R, T) hours of the unconstrained need
    hour_value: (R, T) what one more hour is worth; ranks, is no money
    move_cost, overtime_cost: (T,) money of named capacity moves and of overtime above the regular rate
    fill_on_time, fill_late, fill_short: (orders,) units; fill_last: period of the last delivery, -1 for none
    fill_reason: (orders,) why an order is late or short, "" where it is on time
    overruns: stock above what can be stored, or is asked for before it spoils
    objective: of the model, policy penalties included; verified: its optimality conditions were checked
    """

    flow: np.ndarray
    received: np.ndarray
    need: np.ndarray
    limit_value: np.ndarray
    places: Places
    node_arrivals: np.ndarray
    node_used: np.ndarray
    node_shipped: np.ndarray
    by_other_lane: np.ndarray
    node_stock: np.ndarray
    node_target: np.ndarray
    on_time: np.ndarray
    late: np.ndarray
    lost: np.ndarray
    backlog: np.ndarray
    available: np.ndarray
    overtime_limit: np.ndarray
    load: np.ndarray
    overtime: np.ndarray
    required: np.ndarray
    hour_value: np.ndarray
    move_cost: np.ndarray
    overtime_cost: np.ndarray
    fill_on_time: np.ndarray
    fill_late: np.ndarray
    fill_short: np.ndarray
    fill_last: np.ndarray
    fill_reason: np.ndarray
    shortages: tuple[Shortage, ...]
    objective: float
    verified: bool
    overruns: tuple[Overrun, ...] = ()

    def __post_init__(self) -> None:
        for item in fields(self):
            if isinstance(array := getattr(self, item.name), np.ndarray):
                array.setflags(write=False)

    @property
    def arrivals(self) -> np.ndarray:
        """(P, S, T) units that come in at each site."""
        return self.places.at_sites(self.node_arrivals)

    @property
    def used(self) -> np.ndarray:
        """(P, S, T) units that bills and transfers take at each site."""
        return self.places.at_sites(self.node_used)

    @property
    def shipped(self) -> np.ndarray:
        """(P, S, T) units that each site sends to customers."""
        return self.places.at_sites(self.node_shipped)

    @property
    def stock(self) -> np.ndarray:
        """(P, S, T) units in stock at each site at the end of the period."""
        return self.places.at_sites(self.node_stock)

    @property
    def target(self) -> np.ndarray:
        """(P, S, T) stock that the policy wants at each site at the end of the period."""
        return self.places.at_sites(self.node_target)

    @property
    def delivered(self) -> np.ndarray:
        """(P, M, T) units delivered in the period, on time or late."""
        return self.on_time + self.late


def plan_supply(
    inputs: Inputs, scenario: Scenario, demand: DemandPlan, model: SupplyModel, pace: Pace = FREE
) -> SupplyPlan:
    """The supply plan of a scenario; the baseline's own where the scenario asks nothing else of supply.

    A plan always exists: what cannot be delivered is named in `shortages`. Raises PlanError when the model
    has no verified optimum, or when a lever needs a figure that the tables do not give.
    """
    model = fitting(model, demand)
    request = model.request(scenario, demand)
    if pace != FREE:
        return read_plan(model, request, model.solve_at(request, pace))
    return model.answer(request, lambda asked, solution: read_plan(model, asked, solution))


def read_plan(model: SupplyModel, request: SupplyRequest, solution: Solution) -> SupplyPlan:
    """The solved model in the planner's terms."""
    inputs, structure, layout = model.inputs, model.structure, model.layout
    x = np.maximum(solution.x, 0.0)
    timing = model.timing(request)
    flow = x[layout.flows(timing)]
    given, was = model.overtaken(timing), model.baseline_timing
    started = timing.started(flow) + was.started(given) + model.carried.started
    received = timing.arriving(flow) + was.arriving(given) + model.carried.received
    overtime = _scattered(layout.limited, x[layout.overtime], len(inputs.network.resources))
    held, shipped, sent = _sent(model, request, x)
    prices = _prices(model, request, timing, solution)
    fulfilment = fulfil(inputs, structure, request.claimed, request.line, sent)
    fill = fill_orders(inputs, structure, request.claimed, request.line, sent)
    causes = Causes(inputs, structure, request, timing, prices)
    need = unconstrained_need(inputs, structure, request)[1]
    stock = x[layout.surplus] + demand_at_nodes(structure, held)
    stock[layout.kept] += x[layout.reserve]
    nodes, others, queue_node = structure.nodes, structure.others, structure.queues.node
    other = np.where(x[layout.other] > TRACE, x[layout.other], 0.0)
    from_node = demand_at_nodes(structure, shipped) + shipped_at_nodes(others, len(nodes), queue_node, other)
    receipts = np.nan_to_num(inputs.network.receipts[nodes.product, nodes.site])
    return SupplyPlan(
        flow=started,
        received=received,
        need=need,
        limit_value=prices.limit,
        places=Places(nodes.product, nodes.site, len(inputs.products), len(inputs.network.sites)),
        node_arrivals=_brought(structure, received) + receipts,
        node_used=_used(structure, started),
        node_shipped=np.where(from_node > TRACE, from_node, 0.0),
        by_other_lane=delivered_by_others(inputs, others, nodes.product[queue_node], other),
        node_stock=stock,
        node_target=request.target,
        on_time=_in_markets(inputs, structure, fulfilment.on_time),
        late=_in_markets(inputs, structure, fulfilment.late_at),
        lost=_in_markets(inputs, structure, fulfilment.lost),
        backlog=_in_markets(inputs, structure, _backlog(request.claimed, fulfilment)),
        available=request.available,
        overtime_limit=request.overtime_limit,
        load=hours_of(inputs, started),
        overtime=overtime,
        required=hours_of(inputs, need),
        hour_value=prices.hour,
        move_cost=request.move_cost,
        overtime_cost=overtime_rate(inputs) @ overtime,
        fill_on_time=fill.on_time,
        fill_late=fill.late,
        fill_short=fill.short,
        fill_last=fill.last,
        fill_reason=order_reasons(structure, inputs.demand.orders.period, fill, causes),
        shortages=find_shortages(inputs, structure, fulfilment, causes),
        objective=solution.objective,
        verified=solution.verified,
        overruns=find_overruns(inputs, structure, request.ceiling, stock),
    )


def _sent(
    model: SupplyModel, request: SupplyRequest, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units held back from waiting customers and shipped (queues, periods), and what was sent (queues, due,
    shipped).
    """
    queues = model.structure.queues
    unmet, given_up = unmet_units(model.layout, x)
    waiting = hold_back(queues, request.line, unmet)
    shipped = shipments(queues, request.line, waiting, given_up)
    gone = np.where((queues.patience > 0)[:, None], given_up, unmet)
    return waiting - unmet, shipped, dispatch(queues, request.line, shipped, gone)


def _prices(model: SupplyModel, request: SupplyRequest, timing: Timing, solution: Solution) -> Prices:
    """What one more unit of stock, hour or limit is worth; a frozen or blocked flow has no use for its
    limit.
    """
    layout, resources = model.layout, len(model.inputs.network.resources)
    hour = _scattered(layout.limited, np.maximum(-solution.price[layout.hours], 0.0), resources)
    flow = layout.flows(timing)
    held = (solution.upper == solution.lower)[flow]
    limit = np.where(np.isfinite(request.limit) & ~held, np.maximum(-solution.reduced[flow], 0.0), 0.0)
    return Prices(solution.price[layout.balance], hour, limit, held)


def _brought(structure: Structure, received: np.ndarray) -> np.ndarray:
    """(nodes, periods) units that edges bring."""
    brought = np.zeros((len(structure.nodes), received.shape[1]))
    np.add.at(brought, structure.edge_to, received)
    return brought


def _used(structure: Structure, flow: np.ndarray) -> np.ndarray:
    """(nodes, periods) units that bills and transfers take."""
    used = np.zeros((len(structure.nodes), flow.shape[1]))
    np.add.at(used, structure.uses.node, flow[structure.uses.edge] * structure.uses.per_unit)
    return used


def _backlog(claimed: np.ndarray, fulfilment: Fulfilment) -> np.ndarray:
    """(claims, periods) units due so far and not yet delivered that are not lost."""
    open_ = np.cumsum(claimed - fulfilment.on_time - fulfilment.lost - fulfilment.late_at, axis=1)
    return np.where(open_ > TRACE, open_, 0.0)


def _scattered(rows: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """(count, periods) with `values` in `rows` and 0 elsewhere."""
    whole = np.zeros((count, values.shape[1]))
    whole[rows] = values
    return whole


def _in_markets(inputs: Inputs, structure: Structure, values: np.ndarray) -> np.ndarray:
    """(products, markets, periods) of (claims, periods)."""
    whole = np.zeros((len(inputs.products), len(inputs.markets), values.shape[1]))
    np.add.at(whole, (structure.claims.product, structure.claims.market), values)
    return whole
