"""The accepted requests that reach the plan by levers: kept as text, as a lever itself stands on inputs."""

from __future__ import annotations

from dataclasses import dataclass

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.tables import Tables, made_order


@dataclass(frozen=True)
class Adopted:
    """What an accepted request adds to every plan. cycle: in which it was accepted; stage: review that did

    levers: JSON of a scenario
    """

    request_id: str
    cycle: str
    stage: str
    title: str
    levers: str


def read_adopted(tables: Tables, calendar: Calendar) -> tuple[Adopted, ...]:
    """Accepted requests with levers in the order they were accepted; what a later cycle accepted, an earlier
    one does not know.
    """
    rows = tables.read(
        "SELECT * FROM request WHERE status IN ('accepted', 'part') AND levers <> '' AND NOT sample "
        f"AND answered_cycle <= ? ORDER BY answered_at, {made_order('request_id')}",
        [calendar.labels[calendar.now]],
    )
    return tuple(
        Adopted(row.request_id, row.answered_cycle, row.to_stage, row.title, row.levers)
        for row in rows.itertuples()
    )
