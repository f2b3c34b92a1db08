"""Rough-cut capacity: the unconstrained need pegged to the families of the products that customers ask for,
and what suppliers are asked for against their limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.inputs import Inputs
from sop_engine.scenario import Scenario
from sop_engine.supply_review.need import net_arrivals, offset
from sop_engine.supply_review.request import SupplyRequest, supply_request
from sop_engine.supply_review.structure import Structure, find_structure
from sop_engine.supply_review.supply import SupplyPlan


@dataclass(frozen=True, eq=False)
class Pegging:
    """The unconstrained need by the family that causes it.

    families: labels; edges: (rows,) positions of the edges that the need takes, one for each place
    starts, arrivals: (rows, families, periods) units started and coming in; over families they are the need
    used: (products, periods) units that bills and transfers of the need take
    """

    families: tuple[str, ...]
    edges: np.ndarray
    starts: np.ndarray
    arrivals: np.ndarray
    used: np.ndarray


def pegged_need(inputs: Inputs, scenario: Scenario, demand: DemandPlan, supply: SupplyPlan) -> Pegging:
    """The need of a plan, pegged: demand and supply are the plan's own."""
    structure, request = asked_of(inputs, scenario, demand)
    nodes = structure.nodes
    return peg(inputs, structure, request, supply.target[nodes.product, nodes.site])


def asked_of(inputs: Inputs, scenario: Scenario, demand: DemandPlan) -> tuple[Structure, SupplyRequest]:
    """What a scenario asks of supply, its stock targets left out: a solved plan holds them."""
    structure = find_structure(inputs, (demand,))
    return structure, supply_request(inputs, scenario, demand, structure, np.zeros(len(structure.nodes)))


def peg(inputs: Inputs, structure: Structure, request: SupplyRequest, target: np.ndarray) -> Pegging:
    """Explode demand family by family, net of stock; target: (nodes, periods) units.

    Stock and what comes in serve demand first come, first served, so an arrival belongs to the families whose
    demand stands next in line. What only builds stock for after the plan is shared as the place's demand is.
    """
    network, calendar, nodes = inputs.network, inputs.calendar, structure.nodes
    families, family = np.unique(inputs.products.family.astype(str), return_inverse=True)
    own, edges = family[nodes.product], structure.preferred
    opening = np.nan_to_num(network.on_hand[nodes.product, nodes.site])
    receipts = np.nan_to_num(network.receipts[nodes.product, nodes.site])
    whole, part = calendar.lead_split(request.lead_days[edges])
    gross = np.zeros((len(nodes), len(families), calendar.periods))
    gross[np.arange(len(nodes)), own] = request.demand
    starts, arrivals = (np.zeros((len(edges), *gross.shape[1:])) for _ in range(2))
    row_of = np.full(len(structure.edge_to), -1)
    row_of[edges] = np.arange(len(edges))
    used_by = row_of[structure.uses.edge]
    for level in range(structure.level.max(initial=-1) + 1):
        rows = np.flatnonzero(structure.level[structure.edge_to[edges]] == level)
        node = structure.edge_to[edges[rows]]
        coming = net_arrivals(gross[node].sum(axis=1), opening[node], receipts[node], target[node])
        before = opening[node, None] + np.cumsum(receipts[node], axis=1)
        arrivals[rows] = served_in_line(gross[node], coming, before, own[node])
        starts[rows] = _offset_each(arrivals[rows], whole[rows], part[rows])
        use = np.flatnonzero(np.isin(used_by, rows))
        taken = starts[used_by[use]] * structure.uses.per_unit[use][:, None, :]
        np.add.at(gross, structure.uses.node[use], taken)
    used = np.zeros((len(inputs.products), calendar.periods))
    np.add.at(used, nodes.product, gross.sum(axis=1) - request.demand)
    return Pegging(tuple(families.tolist()), edges, starts, arrivals, used)


def served_in_line(
    gross: np.ndarray, arrivals: np.ndarray, before: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """(n, families, periods) arrivals by the family whose demand they serve, first come, first served.

    gross: (n, families, periods) units asked; arrivals: (n, periods); before: (n, periods) units of stock and
    open orders up to each period, which go first; own: (n,) family that takes what nobody asks for

    >>> served_in_line(np.array([[[4.0, 0.0], [0.0, 6.0]]]), np.array([[5.0, 3.0]]), np.array([[2.0, 2.0]]),
    ...                np.array([0]))
    array([[[2., 0.],
            [3., 3.]]])
    """
    n, families, periods = gross.shape
    asked = gross.sum(axis=(1, 2))
    mix = np.zeros((n, families))
    np.divide(gross.sum(axis=2), asked[:, None], out=mix, where=asked[:, None] > 0)
    mix[np.flatnonzero(asked == 0), own[asked == 0]] = 1.0
    last = before[:, -1] + arrivals.sum(axis=1)
    rest = np.maximum(last - asked, 0.0) + 1.0
    steps = np.concatenate([gross, (mix * rest[:, None])[:, :, None]], axis=2)
    by_family = np.concatenate([np.zeros((n, families, 1)), np.cumsum(steps, axis=2)], axis=2)
    line = by_family.sum(axis=1)
    to = before + np.cumsum(arrivals, axis=1)
    return _at(by_family, line, to) - _at(by_family, line, to - arrivals)


def hours_by_family(inputs: Inputs, pegging: Pegging) -> np.ndarray:
    """(resources, families, periods) hours of the need; over families they are the required load."""
    edges = inputs.network.edges
    hours = np.zeros((len(inputs.network.resources), *pegging.starts.shape[1:]))
    row, taken = _hours_rows(inputs, pegging)
    per_unit = edges.hours_per_unit[taken, None, None]
    np.add.at(hours, edges.hours_resource[taken], pegging.starts[row] * per_unit)
    return hours


def hours_by_item(inputs: Inputs, pegging: Pegging, resource: int, family: int) -> np.ndarray:
    """(products, periods) hours that a resource needs for a family, by the item that is made there."""
    edges, hours = inputs.network.edges, np.zeros((len(inputs.products), pegging.starts.shape[2]))
    row, taken = _hours_rows(inputs, pegging)
    here = edges.hours_resource[taken] == resource
    row, taken = row[here], taken[here]
    product = edges.product[edges.hours_edge[taken]]
    np.add.at(hours, product, pegging.starts[row, family] * edges.hours_per_unit[taken, None])
    return hours


def need_against_limits(inputs: Inputs, pegging: Pegging) -> np.ndarray:
    """(edges, periods) units of the unconstrained need by arrival, as limits hold for them."""
    need = np.zeros((len(inputs.network.edges.labels), pegging.arrivals.shape[2]))
    need[pegging.edges] = pegging.arrivals.sum(axis=1)
    return need


def _hours_rows(inputs: Inputs, pegging: Pegging) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the pegging and of the edges' hours that belong together."""
    edges = inputs.network.edges
    row_of = np.full(len(edges.labels), -1)
    row_of[pegging.edges] = np.arange(len(pegging.edges))
    row = row_of[edges.hours_edge]
    return row[row >= 0], np.flatnonzero(row >= 0)


def _offset_each(arrivals: np.ndarray, whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """`offset` of (n, families, periods) arrivals."""
    n, families, periods = arrivals.shape
    lags = (np.repeat(lag, families, axis=0) for lag in (whole, part))
    return offset(arrivals.reshape(n * families, periods), *lags).reshape(arrivals.shape)


def _at(by_family: np.ndarray, line: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(n, families, periods) units of each family up to a place (n, periods) in line, linear in each step."""
    step = (line[:, None, 1:-1] <= place[:, :, None]).sum(axis=2)
    row = np.arange(len(line))[:, None]
    low, wide = line[row, step], line[row, step + 1] - line[row, step]
    share = np.divide(place - low, wide, out=np.zeros_like(place), where=wide > 0)
    start, end = by_family[row, :, step], by_family[row, :, step + 1]
    return (start + share[:, :, None] * (end - start)).transpose(0, 2, 1)
