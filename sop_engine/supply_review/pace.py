"""How production is paced: in step with the need (chase), at one rate (level), or at a rate that changes
slowly (hybrid). Each is some rows more on the supply model.

rate      hours started in a period = rate x its open days, for each resource of our own
steps     |rate - rate of the period before| <= change x usual hours a day
in step   units made up to a period + units lost <= units needed up to it, for each product that is made

What starts in the frozen zone is as every plan has it, and what starts too near the plan's end to arrive in
it is free. A product whose stock lies where nobody asks for it may lose more than it needs: that part is let
off, at a price above every other. To stand still obeys every rule, so a plan always exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE, SUBCONTRACT, TRANSFER
from sop_engine.supply_review.compiled import Numbers, Rules
from sop_engine.supply_review.layout import Layout
from sop_engine.supply_review.rates import find_rates
from sop_engine.supply_review.request import SupplyRequest, unconstrained_need
from sop_engine.supply_review.statement import Terms, taken
from sop_engine.supply_review.structure import Structure
from sop_engine.supply_review.timing import Timing


@dataclass(frozen=True)
class Pace:
    """ahead: whether production may run ahead of the need; where it may not, its rates are free
    change: most by which a rate may change from one period to the next, share of the usual hours a day; 0 is
    one rate throughout, infinite leaves it free
    """

    ahead: bool = True
    change: float = np.inf


FREE = Pace()


@dataclass(frozen=True, eq=False)
class Host:
    """The model that rules are added to, and what is given in it.

    dear: a price above every other, for a unit in each period
    given: (edges, periods) units by arrival that were ordered before and are no decision any more
    """

    inputs: Inputs
    structure: Structure
    layout: Layout
    dear: float
    timing: Timing
    numbers: Numbers
    given: np.ndarray


def pace_rules(host: Host, request: SupplyRequest, pace: Pace) -> Rules:
    """The rows and columns that hold this pace."""
    return _rate_rules(host, request, pace.change) if pace.ahead else _chase_rules(host, request)


def _rate_rules(host: Host, request: SupplyRequest, change: float) -> Rules:
    """A column for each rate and period, a row that says what it is, a row for each step to the next."""
    rates = find_rates(host.inputs, request, unconstrained_need(host.inputs, host.structure, request)[1])
    flow, first = host.layout.flows(host.timing), host.layout.columns
    row, count = _numbered(rates.held)
    own = np.where(row >= 0, first + row, -1)
    stepped = rates.held[:, 1:] & rates.held[:, :-1]
    step, steps = _numbered(stepped, count)
    terms = [
        *_started(row[rates.rate], flow, rates.edge, rates.per_unit, host.timing),
        (row[rates.held], own[rates.held], -rates.days[rates.held]),
        (step[stepped], own[:, 1:][stepped], np.ones(steps - count)),
        (step[stepped], own[:, :-1][stepped], -np.ones(steps - count)),
    ]
    most = np.repeat((change * rates.usual)[:, None], stepped.shape[1], axis=1)[stepped]
    return Rules(
        matrix=_matrix(terms, steps, first + count),
        lower=np.zeros(count),
        upper=np.full(count, np.inf),
        cost=np.zeros(count),
        row_lower=np.concatenate([np.zeros(count), -most]),
        row_upper=np.concatenate([np.zeros(count), most]),
    )


def _chase_rules(host: Host, request: SupplyRequest) -> Rules:
    """Columns for what is made or lost so far of each product, at most what is needed so far, and for what is
    let off; a row for each that says what it is.
    """
    inputs, timing, edges = host.inputs, host.timing, host.inputs.network.edges
    flow, first = host.layout.flows(timing), host.layout.columns
    made = np.unique(edges.product[np.isin(edges.mode, (MAKE, SUBCONTRACT))])
    row = np.arange(len(made) * inputs.calendar.periods).reshape(len(made), -1)
    of_product = np.full((len(inputs.products), row.shape[1]), -1)
    of_product[made] = row
    of_edge = np.where((edges.mode != TRANSFER)[:, None], of_product[edges.product], -1)
    own, off = first + row, first + row.size + row
    terms = [
        *((of_edge[e, at], flow[e, flow_at], share) for e, flow_at, at, share in timing.arrivals()),
        *_lost(host, of_product),
        (row.ravel(), own.ravel(), -np.ones(row.size)),
        (row.ravel(), off.ravel(), -np.ones(row.size)),
        (row[:, 1:].ravel(), own[:, :-1].ravel(), np.ones(row[:, 1:].size)),
    ]
    fixed = np.where(host.numbers.lower == host.numbers.upper, host.numbers.lower, 0.0)[flow]
    supplied = np.flatnonzero(edges.mode != TRANSFER)
    frozen, gone = (
        _so_far(inputs, edges.product[supplied], timing.arriving(units)[supplied])[made]
        for units in (fixed, host.given)
    )
    most = np.maximum(_needed_so_far(host, request)[made] - gone, frozen)
    return Rules(
        matrix=_matrix(terms, row.size, first + 2 * row.size),
        lower=np.zeros(2 * row.size),
        upper=np.concatenate([most.ravel(), np.full(row.size, np.inf)]),
        cost=np.repeat([0.0, host.dear * row.shape[1]], row.size),
        row_lower=np.zeros(row.size),
        row_upper=np.zeros(row.size),
    )


def _lost(host: Host, of_product: np.ndarray) -> Iterator[Terms]:
    """Units lost, in the rows of their product (products, periods)."""
    layout, queues = host.layout, host.structure.queues
    rows = of_product[host.structure.nodes.product[queues.node]]
    at_once = np.flatnonzero(queues.patience == 0)
    for column in layout.unmet[:, at_once]:
        yield rows[at_once].ravel(), column.ravel(), np.ones(column.size)
    yield rows[layout.impatient].ravel(), layout.given_up.ravel(), np.ones(layout.given_up.size)


def _needed_so_far(host: Host, request: SupplyRequest) -> np.ndarray:
    """(products, periods) units that the unconstrained need brings up to each period, transfers aside."""
    structure, edges = host.structure, host.inputs.network.edges
    coming = unconstrained_need(host.inputs, structure, request)[0]
    edge = structure.preferred[edges.mode[structure.preferred] != TRANSFER]
    return _so_far(host.inputs, edges.product[edge], coming[structure.edge_to[edge]])


def _so_far(inputs: Inputs, product: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(products, periods) sums of units (n, periods) up to each period; product: (n,) positions."""
    total = np.zeros((len(inputs.products), units.shape[1]))
    np.add.at(total, product, units)
    return np.cumsum(total, axis=1)


def _started(
    rows: np.ndarray, flow: np.ndarray, edge: np.ndarray, per_unit: np.ndarray, timing: Timing
) -> Iterator[Terms]:
    """What flows take of rows (uses, periods) in the periods in which they start."""
    each = np.repeat(per_unit[:, None], rows.shape[1], axis=1)
    return (taken(flow, rows, edge, each, split) for split in timing.starts())


def _numbered(cells: np.ndarray, first: int = 0) -> tuple[np.ndarray, int]:
    """Consecutive numbers for the cells of a mask, -1 for the others; and the number after the last."""
    numbers = np.full(cells.shape, -1)
    numbers[cells] = np.arange(first, first + cells.sum())
    return numbers, first + int(cells.sum())


def _matrix(terms: list[Terms], rows: int, columns: int) -> csc_matrix:
    row, column, value = (np.concatenate(parts) for parts in zip(*terms, strict=True))
    known = row >= 0
    return csc_matrix((value[known], (row[known], column[known])), shape=(rows, columns))
