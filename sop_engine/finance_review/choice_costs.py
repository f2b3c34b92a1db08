"""What the plan's choices cost beyond standard: overtime, subcontract, dearer sources, freight, capacity
moves and spends."""

from __future__ import annotations

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT, TRANSFER, Edges
from sop_engine.money import charged_once, cost_factor, freight_factor, value
from sop_engine.scenario import LeverKind, Scenario
from sop_engine.supply_review.supply import SupplyPlan

_IN_DEMAND_SPEND = (
    LeverKind.DEMAND,
    LeverKind.PRICE,
)  # the demand plan carries the spend of these levers itself


def choice_costs(
    inputs: Inputs, scenario: Scenario, demand: DemandPlan, supply: SupplyPlan
) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """{choice: (periods,) money} and {rate: labels} of the rates needed that nobody has stated (they count
    0).

    Overtime counts by its premium over the regular hour, other sources by theirs over the product's first
    source.
    """
    resources, edges = inputs.network.resources, inputs.network.edges
    premium = source_premium(inputs)
    paid = value(supply.flow, premium[:, None] * cost_factor(inputs, scenario)[edges.product])
    outside = edges.mode == SUBCONTRACT
    others = tuple(lever for lever in scenario.levers if lever.kind not in _IN_DEMAND_SPEND)
    costs = {
        "overtime": supply.overtime_cost.copy(),
        "subcontract": paid[outside].sum(axis=0),
        "alternative source": paid[~outside].sum(axis=0),
        "freight": freight(inputs, supply) * freight_factor(inputs, scenario),
        "capacity moves": supply.move_cost.copy(),
        "demand spend": demand.spend.copy(),
        "other spend": charged_once(inputs, others),
    }
    not_known = {
        "overtime rate": _used(supply.overtime, resources.overtime_cost_per_hour, resources.labels),
        "source cost": _used(supply.flow, premium, edges.labels),
    }
    return costs, not_known


def freight(inputs: Inputs, supply: SupplyPlan) -> np.ndarray:
    """(periods,) money: deliveries by the rate of the lane that brought them and transfers by theirs, before
    freight levers; no rate, no freight."""
    network, others = inputs.network, inputs.network.other_lanes
    moved = network.edges.mode == TRANSFER
    by_first = value(supply.delivered.sum(axis=0), network.lane_cost[:, None]).sum(axis=0)
    dearer = (others.cost - network.lane_cost[others.market])[:, None]
    lanes = by_first + value(supply.by_other_lane.sum(axis=1), dearer).sum(axis=0)
    return lanes + value(supply.flow[moved], network.edges.unit_cost[moved, None]).sum(axis=0)


def source_premium(inputs: Inputs) -> np.ndarray:
    """(edges,) money per unit above the first source of the same product and site; 0 for first sources and
    transfers.

    The first source is the made or bought one of lowest priority number; where all is subcontracted it is the
    product's standard conversion, unit cost less material cost. NaN where a cost to compare is not known.
    """
    edges = inputs.network.edges
    conversion = inputs.money.unit_cost[:, 0] - inputs.money.material_cost[:, 0]
    first = _first_sources(edges)
    reference = np.where(first >= 0, edges.unit_cost[first], conversion[edges.product])
    is_reference = (first == np.arange(len(first))) | (edges.mode == TRANSFER)
    return np.where(is_reference, 0.0, edges.unit_cost - reference)


def _first_sources(edges: Edges) -> np.ndarray:
    """(edges,) position of the first source of each edge's product and site, -1 where all of it is
    subcontracted."""
    own = np.flatnonzero(np.isin(edges.mode, (MAKE, BUY)))
    ordered = own[np.argsort(np.nan_to_num(edges.priority[own], nan=np.inf), kind="stable")]
    first: dict[tuple[int, int], int] = {}
    for edge in ordered:
        first.setdefault((int(edges.product[edge]), int(edges.site[edge])), int(edge))
    pairs = zip(edges.product.tolist(), edges.site.tolist(), strict=True)
    return np.array([first.get(pair, -1) for pair in pairs], dtype=int)


def _used(quantity: np.ndarray, rate: np.ndarray, labels: tuple[str, ...]) -> tuple[str, ...]:
    rows = np.flatnonzero(np.isnan(rate) & (quantity > 0).any(axis=1))
    return tuple(labels[row] for row in rows)
