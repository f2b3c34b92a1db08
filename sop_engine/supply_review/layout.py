"""Where each decision and rule of the supply model stands: its column and row numbers, and their figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import TRANSFER
from sop_engine.supply_review.compiled import Numbers
from sop_engine.supply_review.inventory import has_policy
from sop_engine.supply_review.penalties import Penalties
from sop_engine.supply_review.request import SupplyRequest
from sop_engine.supply_review.stability import anchored_cells
from sop_engine.supply_review.structure import COVER, Structure
from sop_engine.supply_review.timing import Timing

DEPTHS = (0.1, 0.3, np.inf)  # the deeper a cut, in shares of the period's demand,
DEARER = (1.0, 1.15, 1.3)  # the dearer it is: sites and products of a class share a shortage
UNKNOWN_HOURS = 1e9  # stands for no limit where a resource's hours are known in some periods only
TIE_BREAK = 1e-6  # of a penalty, by the priority and place of edges and queues: equal plans have one winner


@dataclass(frozen=True, eq=False)
class Layout:
    """Column and row numbers.

    flow: (edges, periods) units by arrival
    renewed: (edges, periods) the same for the first flow under a changed lead time, -1 where there is none;
    columns of its own, so that the baseline's basis stays good
    overtime: (limited, periods) hours
    reserve: (kept, periods) stock up to the target; surplus: (nodes, periods) stock above it
    unmet: (depths, queues, periods) units lost, or waiting at the end of the period, by the depth of the cut
    given_up: (impatient, periods) units lost after waiting
    more, less: (edges, periods) units started above and below the anchor, -1 where there is none
    over: (ceilings, periods) stock above each ceiling
    other: (others, periods) units by another lane, by the period in which the first would have shipped
    balance: (nodes, periods), hours: (limited, periods), waiting: (impatient, periods) rows
    ceiling: (ceilings, periods), lane: (queues with other lanes, periods) rows
    anchored: (edges, periods) rows of what is started, -1 where there is no anchor
    limited, kept, impatient: positions of the resources, nodes and queues of those blocks
    """

    flow: np.ndarray
    renewed: np.ndarray
    overtime: np.ndarray
    reserve: np.ndarray
    surplus: np.ndarray
    unmet: np.ndarray
    given_up: np.ndarray
    more: np.ndarray
    less: np.ndarray
    over: np.ndarray
    other: np.ndarray
    balance: np.ndarray
    hours: np.ndarray
    waiting: np.ndarray
    anchored: np.ndarray
    ceiling: np.ndarray
    lane: np.ndarray
    limited: np.ndarray
    kept: np.ndarray
    impatient: np.ndarray
    columns: int
    rows: int

    def flows(self, timing: Timing) -> np.ndarray:
        """(edges, periods) the columns that hold the flows under this timing."""
        return np.where(timing.renewed & (self.renewed >= 0), self.renewed, self.flow)


def lay_out(inputs: Inputs, structure: Structure) -> Layout:
    """Number the columns and rows of the model of these inputs."""
    periods, nodes, queues = inputs.calendar.periods, len(structure.nodes), structure.queues
    limited = np.flatnonzero(~np.isnan(inputs.network.resources.available).all(axis=1))
    kept = np.flatnonzero(has_policy(inputs, structure))
    impatient = np.flatnonzero((queues.patience > 0) & np.isfinite(queues.patience))
    column = _Numbering(periods)
    row = _Numbering(periods)
    edges, steady = inputs.network.edges, anchored_cells(inputs)
    slowed = np.flatnonzero((edges.source >= 0) & (edges.mode != TRANSFER))
    flow, renewed = column.block(len(structure.edge_to)), np.full((len(structure.edge_to), periods), -1)
    renewed[slowed] = column.block(len(slowed))
    return Layout(
        flow=flow,
        renewed=renewed,
        overtime=column.block(len(limited)),
        reserve=column.block(len(kept)),
        surplus=column.block(nodes),
        unmet=np.stack([column.block(len(queues)) for _ in DEPTHS]),
        given_up=column.block(len(impatient)),
        more=column.cells(steady),
        less=column.cells(steady),
        over=column.block(len(structure.ceilings)),
        other=column.block(len(structure.others)),
        balance=row.block(nodes),
        hours=row.block(len(limited)),
        waiting=row.block(len(impatient)),
        anchored=row.cells(steady),
        ceiling=row.block(len(structure.ceilings)),
        lane=row.block(len(structure.others.queues)),
        limited=limited,
        kept=kept,
        impatient=impatient,
        columns=column.count,
        rows=row.count,
    )


class _Numbering:
    """Hands out consecutive numbers, in blocks of (size, periods) or cell by cell."""

    def __init__(self, periods: int) -> None:
        self.periods, self.count = periods, 0

    def block(self, size: int) -> np.ndarray:
        first, self.count = self.count, self.count + size * self.periods
        return np.arange(first, self.count).reshape(size, self.periods)

    def cells(self, wanted: np.ndarray) -> np.ndarray:
        """A number for each cell that is wanted, -1 for the others."""
        first, self.count = self.count, self.count + int(wanted.sum())
        numbers = np.full(wanted.shape, -1)
        numbers[wanted] = np.arange(first, self.count)
        return numbers


def figures(
    inputs: Inputs,
    structure: Structure,
    layout: Layout,
    penalties: Penalties,
    request: SupplyRequest,
    timing: Timing,
    baseline: np.ndarray | None = None,
    was: Timing | None = None,
    same_line: np.ndarray | None = None,
    held: int = 0,
) -> Numbers:
    """Bounds, costs and right-hand sides of a request.

    baseline: (columns,) of which nothing that starts in the first `held` periods or is served in a frozen one
    may move, None for none; was: the timing of its flows
    same_line: (queues,) bool, those whose service is held: what must ship in the frozen periods is the same
    """
    lower, upper = np.zeros(layout.columns), np.full(layout.columns, np.inf)
    upper[layout.flow], upper[layout.renewed[layout.renewed >= 0]] = 0.0, 0.0
    upper[layout.flows(timing)] = np.where(timing.blocked, 0.0, request.limit * timing.room)
    if baseline is not None:
        first = timing.begun if timing is was else timing.start
        fixed = ~timing.blocked & (first < held)
        started = layout.flows(timing)[fixed]
        lower[started] = upper[started] = baseline[layout.flows(was)[fixed]]
    upper[layout.overtime] = request.overtime_limit[layout.limited]
    upper[layout.reserve] = request.target[layout.kept]
    upper[layout.unmet] = _depths(structure, request)
    upper[layout.other[structure.others.leaves(inputs.calendar.periods) < 0]] = 0.0
    if baseline is not None:
        for served in _held_service(structure, layout, same_line, inputs.calendar.frozen):
            lower[served] = upper[served] = baseline[served]
    row_lower, row_upper = np.full(layout.rows, -np.inf), np.zeros(layout.rows)
    row_lower[layout.balance] = row_upper[layout.balance] = request.demand - _given(inputs, structure)
    available = request.available[layout.limited]
    row_upper[layout.hours] = np.where(np.isnan(available), UNKNOWN_HOURS, available)
    row_upper[layout.waiting] = request.line[layout.impatient]
    row_upper[layout.ceiling] = request.ceiling
    row_upper[layout.lane] = request.line[structure.others.queues]
    if inputs.anchor is not None:
        steady = layout.anchored >= 0
        row_lower[layout.anchored[steady]] = row_upper[layout.anchored[steady]] = inputs.anchor.flow[steady]
    offset = float((penalties.short_stock * request.target)[layout.kept].sum())
    return Numbers(
        lower,
        upper,
        _costs(inputs, structure, layout, penalties, request),
        row_lower,
        row_upper,
        offset,
    )


def _held_service(
    structure: Structure, layout: Layout, same_line: np.ndarray, frozen: int
) -> tuple[np.ndarray, np.ndarray]:
    """The columns that say what is served in the frozen periods, and by which lane.

    A queue with a lane faster than the first is not held: what that lane brings leaves after those periods.
    """
    others, held = structure.others, same_line.copy()
    held[others.queue[others.longer < 0]] = False
    return layout.unmet[:, held, :frozen], layout.other[held[others.queue], :frozen]


def _given(inputs: Inputs, structure: Structure) -> np.ndarray:
    """(nodes, periods) units that come without a decision: stock on hand and open orders."""
    at = structure.nodes.product, structure.nodes.site
    given = np.nan_to_num(inputs.network.receipts[at])
    given[:, 0] += np.nan_to_num(inputs.network.on_hand[at])
    return given


def _depths(structure: Structure, request: SupplyRequest) -> np.ndarray:
    """(depths, queues, periods) units of each depth of cut; together all that can be unmet."""
    open_ = _recent(request.line, structure.queues.patience)
    below = np.stack(
        [np.minimum(depth * request.line, open_) if np.isfinite(depth) else open_ for depth in DEPTHS]
    )
    return np.diff(below, axis=0, prepend=0.0)


def _recent(line: np.ndarray, patience: np.ndarray) -> np.ndarray:
    """(queues, periods) units that can be unmet at the end of a period: those due that still wait."""
    so_far = np.concatenate([np.zeros((len(line), 1)), np.cumsum(line, axis=1)], axis=1)
    span = np.clip(patience, 1, line.shape[1]).astype(int)
    first = np.maximum(np.arange(1, line.shape[1] + 1) - span[:, None], 0)
    return so_far[:, 1:] - np.take_along_axis(so_far, first, axis=1)


def _costs(
    inputs: Inputs, structure: Structure, layout: Layout, penalties: Penalties, request: SupplyRequest
) -> np.ndarray:
    cost = np.zeros(layout.columns)
    own = layout.renewed >= 0
    cost[layout.flow] = request.cost + _tie_break(inputs, penalties, structure)[:, None]
    cost[layout.renewed[own]] = cost[layout.flow[own]]
    cost[layout.overtime] = overtime_rate(inputs)[layout.limited, None]
    cost[layout.surplus] = penalties.carrying
    cost[layout.reserve] = (penalties.carrying - penalties.short_stock)[layout.kept]
    first_come = 1.0 + TIE_BREAK * np.arange(len(structure.queues)) / max(len(structure.queues), 1)
    cost[layout.unmet] = np.multiply.outer(DEARER, penalties.unmet * first_come[:, None])
    cost[layout.given_up] = penalties.lost[layout.impatient, None]
    cost[layout.over] = _above(structure, penalties)[:, None]
    cost[layout.other] = penalties.other_lane
    steady = layout.anchored >= 0
    for column in (layout.more, layout.less):
        cost[column[steady]] = penalties.astray[np.nonzero(steady)[0]]
    return cost


def _above(structure: Structure, penalties: Penalties) -> np.ndarray:
    """(ceilings,) price of a unit above each."""
    ceilings = structure.ceilings
    price, cover = np.full(len(ceilings), penalties.over), np.flatnonzero(ceilings.kind == COVER)
    price[cover] = penalties.above_cover[structure.nodes.at[ceilings.product[cover], ceilings.site[cover]]]
    return price


def _tie_break(inputs: Inputs, penalties: Penalties, structure: Structure) -> np.ndarray:
    """(edges,) a trace of cost: preferred edges first, then the order of the table."""
    edges = inputs.network.edges
    place = np.nan_to_num(edges.priority, nan=1.0) + np.arange(len(edges.labels)) / max(len(edges.labels), 1)
    return TIE_BREAK * place * penalties.short_stock[structure.edge_to, -1]


def overtime_rate(inputs: Inputs) -> np.ndarray:
    """(resources,) money of an overtime hour above the regular hour, which conversion cost already holds."""
    resources = inputs.network.resources
    regular = np.nan_to_num(resources.cost_per_hour)
    return np.maximum(np.nan_to_num(resources.overtime_cost_per_hour) - regular, 0.0)
