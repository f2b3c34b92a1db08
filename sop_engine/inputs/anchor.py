"""The anchor: the flows of the plan that an earlier cycle published last, which this cycle's plan stays near.

A plan of the cycle itself is no anchor, so publishing it changes neither the plan nor what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.network import Edges
from sop_engine.warehouse import Warehouse

_PUBLISHED = """
SELECT version_id, name, cycle, snapshot_id FROM plan_version
WHERE status = 'published' AND cycle < ?
ORDER BY coalesce(published_at, approved_at) DESC, version_id DESC LIMIT 1
"""
_FLOWS = """
SELECT product AS edge, period, value FROM plan_snapshot_cell
WHERE snapshot_id = ? AND measure = 'flow' AND value IS NOT NULL ORDER BY edge, period
"""


@dataclass(frozen=True, eq=False)
class Anchor:
    """A published plan. version_id, name, cycle: as it was published

    flow: (edges, periods) good units started; NaN after its last period, and all along an edge that it did
    not use, as the edge may be newer than the plan
    """

    version_id: str
    name: str
    cycle: str
    flow: np.ndarray


def read_anchor(warehouse: Warehouse, calendar: Calendar, edges: Edges) -> Anchor | None:
    """The plan published last by a cycle before this one, aligned by edge and period; None where there is
    none."""
    found = warehouse.read(_PUBLISHED, [calendar.labels[calendar.now]])
    if found.empty:
        return None
    published = found.iloc[0]
    cells = warehouse.read(_FLOWS, [published["snapshot_id"]])
    position = {label: edge for edge, label in enumerate(edges.labels)}
    edge = np.array([position.get(label, -1) for label in cells["edge"]], dtype=int)
    period = calendar.locate(cells["period"].to_numpy(dtype="datetime64[D]")) - calendar.now
    flow = np.full((len(edges.labels), calendar.periods), np.nan)
    used = np.unique(edge[edge >= 0])
    flow[used, : period.max(initial=-1) + 1] = 0.0
    known = (edge >= 0) & (period >= 0) & (period < calendar.periods)
    np.add.at(flow, (edge[known], period[known]), cells["value"].to_numpy(dtype=float)[known])
    return Anchor(*(str(published[name]) for name in ("version_id", "name", "cycle")), flow)
