"""Where each decision and each rule of the supply model stands: blocks of column and row numbers, and their figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.supply_review.compiled import Numbers
from sop_engine.supply_review.inventory import has_policy
from sop_engine.supply_review.penalties import Penalties
from sop_engine.supply_review.request import SupplyRequest
from sop_engine.supply_review.structure import Structure

SPREAD = 0.25      # unmet demand of a product beyond this share of the period's costs more, so products share a shortage
SPREAD_MORE = 1.25
ALONE_MORE = 1.35  # a site cut alone costs more than all sites of a product cut alike
TIE_BREAK = 1e-6   # of a product's penalty, by priority and place of the edge: equal plans have one winner


@dataclass(frozen=True, eq=False)
class Layout:
    """Column and row numbers.

    flow: (edges, periods); overtime: (limited, periods); reserve: (kept, periods) stock up to the target;
    surplus: (nodes, periods) stock above it; first, second: (groups, periods) unmet demand that a group shares, up to
    SPREAD of its demand and beyond; alone: (cut, periods) unmet demand of one queue of several;
    given_up: (impatient, periods) waiting units lost
    balance: (nodes, periods), hours: (limited, periods), taken: (ruled, periods) rows: no delivery is taken back
    limited, kept, cut, impatient, ruled: positions of the resources, nodes and queues of those blocks
    """

    flow: np.ndarray
    overtime: np.ndarray
    reserve: np.ndarray
    surplus: np.ndarray
    first: np.ndarray
    second: np.ndarray
    alone: np.ndarray
    given_up: np.ndarray
    balance: np.ndarray
    hours: np.ndarray
    taken: np.ndarray
    limited: np.ndarray
    kept: np.ndarray
    cut: np.ndarray
    impatient: np.ndarray
    ruled: np.ndarray
    columns: int
    rows: int


def lay_out(inputs: Inputs, structure: Structure) -> Layout:
    """Number the columns and rows of the model of these inputs."""
    queues, periods = structure.queues, inputs.calendar.periods
    waits = queues.patience > 0
    limited = np.flatnonzero(~np.isnan(inputs.network.resources.available).all(axis=1))
    kept = np.flatnonzero(has_policy(inputs, structure))
    cut = np.flatnonzero(queues.shared)
    impatient = np.flatnonzero(waits & np.isfinite(queues.patience))
    ruled = np.flatnonzero(waits | queues.shared)
    nodes, groups = len(structure.nodes), queues.groups
    sizes = (len(structure.edge_to), len(limited), len(kept), nodes, groups, groups, len(cut), len(impatient))
    columns = _blocks(sizes, periods)
    rows = _blocks((nodes, len(limited), len(ruled)), periods)
    count = sum(block.size for block in columns), sum(block.size for block in rows)
    return Layout(*columns, *rows, limited, kept, cut, impatient, ruled, *count)


def _blocks(sizes: tuple[int, ...], periods: int) -> list[np.ndarray]:
    """Consecutive numbers in blocks of (size, periods)."""
    ends = np.cumsum(sizes) * periods
    return [np.arange(end - size * periods, end).reshape(size, periods) for size, end in zip(sizes, ends, strict=True)]


def figures(
    inputs: Inputs,
    structure: Structure,
    layout: Layout,
    penalties: Penalties,
    request: SupplyRequest,
    fixed: np.ndarray | None = None,
) -> Numbers:
    """Bounds, costs and right-hand sides of a request.

    fixed: (edges, frozen periods) flows that may not move, None for none
    """
    lower, upper = np.zeros(layout.columns), np.full(layout.columns, np.inf)
    upper[layout.flow] = request.limit
    if fixed is not None:
        frozen = layout.flow[:, : fixed.shape[1]]
        lower[frozen] = upper[frozen] = fixed
    upper[layout.overtime] = request.overtime_limit[layout.limited]
    upper[layout.reserve] = request.target[layout.kept]
    _bound_unmet(upper, structure, layout, request)
    row_lower, row_upper = np.full(layout.rows, -np.inf), np.zeros(layout.rows)
    row_lower[layout.balance] = row_upper[layout.balance] = request.demand - _given(inputs, structure)
    available = request.available[layout.limited]
    row_upper[layout.hours] = np.where(np.isnan(available), np.inf, available)
    row_upper[layout.taken] = request.line[layout.ruled]
    return Numbers(lower, upper, _costs(inputs, structure, layout, penalties, request), row_lower, row_upper,
                   float((penalties.short_stock[layout.kept] * request.target[layout.kept]).sum()))


def _given(inputs: Inputs, structure: Structure) -> np.ndarray:
    """(nodes, periods) units that come without a decision: stock on hand and open orders."""
    at = structure.nodes.product, structure.nodes.site
    given = np.nan_to_num(inputs.network.receipts[at])
    given[:, 0] += np.nan_to_num(inputs.network.on_hand[at])
    return given


def _bound_unmet(upper: np.ndarray, structure: Structure, layout: Layout, request: SupplyRequest) -> None:
    """Units can be unmet only where they are asked for; the rows `taken` bound what waits without limit."""
    queues = structure.queues
    asked = np.zeros(layout.first.shape)
    np.add.at(asked, queues.group, request.line)
    patience = np.zeros(queues.groups)
    patience[queues.group] = queues.patience
    waiting = _recent(asked, patience)
    upper[layout.first] = SPREAD * asked
    upper[layout.second] = np.where(np.isinf(patience)[:, None], np.inf, waiting - SPREAD * asked)
    patient = np.isinf(queues.patience[layout.cut])[:, None]
    upper[layout.alone] = np.where(patient, np.inf, request.line[layout.cut])


def _recent(asked: np.ndarray, patience: np.ndarray) -> np.ndarray:
    """(groups, periods) units of the last `patience` periods, this one included (this one alone for patience 0)."""
    so_far = np.concatenate([np.zeros((len(asked), 1)), np.cumsum(asked, axis=1)], axis=1)
    span = np.maximum(np.minimum(patience, asked.shape[1]), 1.0).astype(int)
    first = np.maximum(np.arange(1, asked.shape[1] + 1) - span[:, None], 0)
    return so_far[:, 1:] - np.take_along_axis(so_far, first, axis=1)


def _costs(inputs: Inputs, structure: Structure, layout: Layout, penalties: Penalties, request: SupplyRequest) -> np.ndarray:
    queues, cost = structure.queues, np.zeros(layout.columns)
    cost[layout.flow] = request.cost + _tie_break(inputs, penalties, structure)[:, None]
    cost[layout.overtime] = overtime_rate(inputs)[layout.limited, None]
    cost[layout.surplus] = penalties.carrying
    cost[layout.reserve] = (penalties.carrying - penalties.short_stock)[layout.kept]
    unmet = _unmet_cost(queues.group, queues.patience, penalties, layout)
    cost[layout.first], cost[layout.second] = unmet, SPREAD_MORE * unmet
    cost[layout.alone] = ALONE_MORE * unmet[queues.group[layout.cut]]
    cost[layout.given_up] = penalties.lost[queues.group[layout.impatient], None]
    return cost


def _unmet_cost(group: np.ndarray, patience: np.ndarray, penalties: Penalties, layout: Layout) -> np.ndarray:
    """(groups, periods) of a unit unmet at the end of a period: lost at once, or one more period of waiting."""
    waits = np.zeros(len(penalties.lost), dtype=bool)
    waits[group] = patience > 0
    cost = np.repeat(np.where(waits, penalties.wait, penalties.lost)[:, None], layout.first.shape[1], axis=1)
    cost[waits, -1] += penalties.lost[waits]
    return cost


def _tie_break(inputs: Inputs, penalties: Penalties, structure: Structure) -> np.ndarray:
    """(edges,) a trace of cost: preferred edges first, then the order of the table."""
    edges = inputs.network.edges
    place = np.nan_to_num(edges.priority, nan=1.0) + np.arange(len(edges.labels)) / max(len(edges.labels), 1)
    return TIE_BREAK * place * penalties.short_stock[structure.edge_to, -1]


def overtime_rate(inputs: Inputs) -> np.ndarray:
    """(resources,) money of an overtime hour above the regular hour that the conversion cost already holds."""
    resources = inputs.network.resources
    regular = np.nan_to_num(resources.cost_per_hour)
    return np.maximum(np.nan_to_num(resources.overtime_cost_per_hour) - regular, 0.0)
