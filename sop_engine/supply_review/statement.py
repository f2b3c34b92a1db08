"""The supply model in words and in PuLP.

minimise  cost of flows + overtime + carrying stock
          + penalties of unmet demand, of serving by another lane than the first, of stock below its target
          or above a ceiling, and of leaving the anchor
balance   arrivals - uses + stock before - stock + unmet - waiting before + given up + by other lanes
          - for other sites' queues = asked - given, for each node and period
hours     hours of what is started - overtime <= available, for each resource and period
waiting   unmet - waiting before + given up <= asked, for each queue whose units wait for a while, and period
lane      by other lanes + unmet - waiting before + given up <= asked, for each queue that has other lanes,
          and period: they bring what is shipped to its customers and nothing for the site's own stock
ceiling   stock - over <= ceiling, for each site's storage and each product's shelf life at a site
anchored  started - more + less = started in the plan published last, for each flow and period near enough

Stock is reserve, up to the target, and surplus. Unmet units are lost at once, or wait for the next period.
Where they wait without limit, the model may call back units already delivered; `delivery.hold_back` turns
that into units held back when they were due: the same stock, and the same customers waiting longer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pulp import (
    LpAffineExpression,
    LpConstraint,
    LpConstraintEQ,
    LpConstraintLE,
    LpMinimize,
    LpProblem,
    LpVariable,
)

from sop_engine.inputs import Inputs
from sop_engine.supply_review.compiled import Numbers
from sop_engine.supply_review.layout import Layout
from sop_engine.supply_review.structure import Structure
from sop_engine.supply_review.timing import Split, Timing

Terms = tuple[np.ndarray, np.ndarray, np.ndarray]  # rows, columns and coefficients, equally long


def state(
    inputs: Inputs, structure: Structure, layout: Layout, numbers: Numbers, timing: Timing
) -> tuple[LpProblem, list[LpVariable]]:
    """The model in PuLP and its columns in the order of the layout."""
    columns = _columns(layout, numbers)
    rows: list[dict[LpVariable, float]] = [{} for _ in range(layout.rows)]
    stock = (*_stock(layout), *_below_ceilings(structure, layout))
    served = (*_unmet(structure, layout), *_by_other_lanes(structure, layout))
    still = (*stock, _overtime(layout), *served, *_astray(layout))
    for block in (*flow_terms(inputs, structure, layout, timing), *still):
        for row, column, value in zip(*(part.tolist() for part in block), strict=True):
            terms = rows[row]
            terms[columns[column]] = terms.get(columns[column], 0.0) + value
    problem = LpProblem("supply", LpMinimize)
    problem.setObjective(
        LpAffineExpression(dict(zip(columns, numbers.cost.tolist(), strict=True)), numbers.offset)
    )
    for name, row in _row_names(layout):
        equal = numbers.row_lower[row] == numbers.row_upper[row]
        sense = LpConstraintEQ if equal else LpConstraintLE
        problem.addConstraint(
            LpConstraint(LpAffineExpression(rows[row]), sense, name, float(numbers.row_upper[row]))
        )
    return problem, columns


def flow_terms(inputs: Inputs, structure: Structure, layout: Layout, timing: Timing) -> Iterator[Terms]:
    """What flows bring to and take from balances and hours, and when they start: all that depends on lead
    times."""
    edges, uses = inputs.network.edges, structure.uses
    place = np.full(len(inputs.network.resources), -1)
    place[layout.limited] = np.arange(len(layout.limited))
    limited = place[edges.hours_resource] >= 0
    hours = np.repeat(edges.hours_per_unit[limited, None], layout.flow.shape[1], axis=1)
    flow = layout.flows(timing)
    for edge, flow_period, period, share in timing.arrivals():
        yield layout.balance[structure.edge_to[edge], period], flow[edge, flow_period], share
    for split in timing.starts():
        yield taken(flow, layout.balance[uses.node], uses.edge, -uses.per_unit, split)
        yield taken(
            flow, layout.hours[place[edges.hours_resource[limited]]], edges.hours_edge[limited], hours, split
        )
        edge, flow_period, period, share = split
        steady = layout.anchored[edge, period] >= 0
        yield layout.anchored[edge, period][steady], flow[edge, flow_period][steady], share[steady]


def taken(flow: np.ndarray, rows: np.ndarray, edge: np.ndarray, per_unit: np.ndarray, split: Split) -> Terms:
    """What each use of an edge takes when parts of its flows start. rows, per_unit: (uses, periods); edge:
    (uses,).
    """
    period, share = np.full(flow.shape, -1), np.zeros(flow.shape)
    period[split[0], split[1]], share[split[0], split[1]] = split[2], split[3]
    use, flow_period = np.nonzero(period[edge] >= 0)
    at = period[edge[use], flow_period]
    value = per_unit[use, at] * share[edge[use], flow_period]
    known = value != 0
    return rows[use, at][known], flow[edge[use], flow_period][known], value[known]


def _stock(layout: Layout) -> Iterator[Terms]:
    for column, row in ((layout.reserve, layout.balance[layout.kept]), (layout.surplus, layout.balance)):
        yield row.ravel(), column.ravel(), np.full(row.size, -1.0)
        yield row[:, 1:].ravel(), column[:, :-1].ravel(), np.ones(row[:, 1:].size)


def _below_ceilings(structure: Structure, layout: Layout) -> Iterator[Terms]:
    ceilings, place = structure.ceilings, np.full(len(structure.nodes), -1)
    place[layout.kept] = np.arange(len(layout.kept))
    reserved = place[ceilings.node] >= 0
    row, reserve = layout.ceiling[ceilings.ceiling], layout.reserve[place[ceilings.node[reserved]]]
    yield row.ravel(), layout.surplus[ceilings.node].ravel(), np.ones(row.size)
    yield row[reserved].ravel(), reserve.ravel(), np.ones(reserve.size)
    yield layout.ceiling.ravel(), layout.over.ravel(), np.full(layout.ceiling.size, -1.0)


def _overtime(layout: Layout) -> Terms:
    return layout.hours.ravel(), layout.overtime.ravel(), np.full(layout.hours.size, -1.0)


def _unmet(structure: Structure, layout: Layout) -> Iterator[Terms]:
    queues, impatient, several = structure.queues, layout.impatient, structure.others.queues
    every, waits = np.arange(len(queues)), np.flatnonzero(queues.patience > 0)
    lane = _placed(layout.lane, several, len(queues))
    for column in layout.unmet:
        for queue, later, row in (
            (every, waits, layout.balance[queues.node]),
            (impatient, impatient, _placed(layout.waiting, impatient, len(queues))),
            (several, np.intersect1d(several, waits), lane),
        ):
            yield row[queue].ravel(), column[queue].ravel(), np.ones(column[queue].size)
            yield row[later, 1:].ravel(), column[later, :-1].ravel(), np.full(column[later, 1:].size, -1.0)
    for row in (layout.balance[queues.node[impatient]], layout.waiting):
        yield row.ravel(), layout.given_up.ravel(), np.ones(row.size)
    both = np.isin(impatient, several)
    gives_up = layout.given_up[both]
    yield lane[impatient[both]].ravel(), gives_up.ravel(), np.ones(gives_up.size)


def _by_other_lanes(structure: Structure, layout: Layout) -> Iterator[Terms]:
    others, column = structure.others, layout.other
    for row in (layout.balance[structure.queues.node[others.queue]], layout.lane[others.row]):
        yield row.ravel(), column.ravel(), np.ones(column.size)
    leaves = others.leaves(column.shape[1])
    other, period = np.nonzero(leaves >= 0)
    taken_at = layout.balance[others.node[other], leaves[other, period]]
    yield taken_at, column[other, period], np.full(len(other), -1.0)


def _astray(layout: Layout) -> Iterator[Terms]:
    steady = layout.anchored >= 0
    for column, sign in ((layout.more, -1.0), (layout.less, 1.0)):
        yield layout.anchored[steady], column[steady], np.full(int(steady.sum()), sign)


def _placed(block: np.ndarray, at: np.ndarray, count: int) -> np.ndarray:
    """(count, periods) row numbers with `block` at the positions `at`."""
    rows = np.full((count, block.shape[1]), -1)
    rows[at] = block
    return rows


def _columns(layout: Layout, numbers: Numbers) -> list[LpVariable]:
    """One PuLP variable per column, named after its block and its place in it."""
    names = [""] * layout.columns
    blocks = {
        "flow": layout.flow,
        "renewed": layout.renewed,
        "overtime": layout.overtime,
        "reserve": layout.reserve,
        "surplus": layout.surplus,
        "given_up": layout.given_up,
        "more": layout.more,
        "less": layout.less,
        "over": layout.over,
        "other": layout.other,
    }
    blocks |= {f"unmet{depth}": block for depth, block in enumerate(layout.unmet)}
    for name, column in _named(blocks):
        names[column] = name
    problem = LpProblem("columns", LpMinimize)
    bounds = zip(names, numbers.lower.tolist(), numbers.upper.tolist(), strict=True)
    return [problem.add_variable(name, low, None if high == np.inf else high) for name, low, high in bounds]


def _row_names(layout: Layout) -> Iterator[tuple[str, int]]:
    blocks = {"balance": layout.balance, "hours": layout.hours, "waiting": layout.waiting}
    blocks |= {"anchored": layout.anchored, "ceiling": layout.ceiling, "lane": layout.lane}
    return _named(blocks)


def _named(blocks: dict[str, np.ndarray]) -> Iterator[tuple[str, int]]:
    """Name and number of each cell of (size, periods) blocks; cells without a number are left out."""
    for block, numbers in blocks.items():
        for i, row in enumerate(numbers.tolist()):
            for t, number in enumerate(row):
                if number >= 0:
                    yield f"{block}_{i}_{t}", number
