"""When what arrives was started: lead times in days, split between the two periods they fall across.

A flow is decided where it arrives. It is started the whole periods of its lead time earlier, and the fraction
that is left over one period earlier still, as orders are spread evenly over a period. Orders of the frozen
zone and of the period after it are the exception: they are started as one and arrive split, so that what the
zone holds stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.calendar import Calendar

Split = tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray
]  # edge, period of the flow, period of the event, share


@dataclass(frozen=True, eq=False)
class Timing:
    """Arrays are (edges, periods), the period being that of the flow, in which it arrives first.

    start: period in which it is started (its last part), -1 where nothing can arrive
    part: fraction of the lead time over whole periods; split: the flow is started as one and arrives split
    renewed: the flow is the first under a lead time that differs from that of the period before its start
    """

    start: np.ndarray
    part: np.ndarray
    split: np.ndarray
    renewed: np.ndarray

    @property
    def blocked(self) -> np.ndarray:
        """(edges, periods) bool: nothing can arrive."""
        return self.start < 0

    @property
    def begun(self) -> np.ndarray:
        """(edges, periods) period in which its first part is started, below 0 where nothing can arrive."""
        return self.start - (~self.split & (self.part > 0))

    @property
    def room(self) -> np.ndarray:
        """(edges, periods) share of a period's limit that the tail of a split order before it leaves free."""
        tail = np.where(self.split & ~self.blocked, self.part, 0.0)
        before = np.concatenate([np.zeros((len(tail), 1)), tail[:, :-1]], axis=1)
        return np.where(self.split, 1.0, 1.0 - before)

    def starts(self) -> Iterator[Split]:
        """Which part of each flow is started when."""
        yield self._event(~self.blocked, self.start, np.where(self.split, 1.0, 1.0 - self.part))
        yield self._event(~self.blocked & ~self.split & (self.part > 0), self.start - 1, self.part)

    def arrivals(self) -> Iterator[Split]:
        """Which part of each flow arrives when, within the plan."""
        period = np.broadcast_to(np.arange(self.start.shape[1]), self.start.shape)
        yield self._event(~self.blocked, period, np.where(self.split, 1.0 - self.part, 1.0))
        in_plan = period + 1 < self.start.shape[1]
        yield self._event(~self.blocked & self.split & (self.part > 0) & in_plan, period + 1, self.part)

    def started(self, flow: np.ndarray) -> np.ndarray:
        """(edges, periods) units by the period in which they are started."""
        return _summed(self.starts(), flow)

    def arriving(self, flow: np.ndarray) -> np.ndarray:
        """(edges, periods) units by the period in which they arrive."""
        return _summed(self.arrivals(), flow)

    def _event(self, where: np.ndarray, period: np.ndarray, share: np.ndarray) -> Split:
        edge, flow_period = np.nonzero(where)
        return edge, flow_period, period[where], share[where]


def find_timing(calendar: Calendar, lead_days: np.ndarray) -> Timing:
    """Timing of lead times, (edges, periods) days by the period of the start.

    Where a lead time changes from one period to the next, the first order under the new one is started as
    one, too.
    """
    whole, part = calendar.lead_split(lead_days)
    shape, row = lead_days.shape, np.arange(len(lead_days))
    start = np.full(shape, -1)
    for period in range(shape[1]):
        at = whole[:, period] + period
        start[row[at < shape[1]], at[at < shape[1]]] = period
    begun = np.maximum(start, 0)
    changed = np.diff(lead_days, axis=1, prepend=lead_days[:, :1]) != 0
    alone = changed | (np.arange(shape[1]) <= calendar.frozen)
    of_flow = [np.take_along_axis(known, begun, axis=1) for known in (part, alone, changed)]
    return Timing(start, of_flow[0], of_flow[1], of_flow[2] & (start >= 0))


def _summed(events: Iterator[Split], flow: np.ndarray) -> np.ndarray:
    total = np.zeros(flow.size)
    for edge, flow_period, period, share in events:
        total += np.bincount(edge * flow.shape[1] + period, share * flow[edge, flow_period], flow.size)
    return total.reshape(flow.shape)
