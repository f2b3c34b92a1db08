"""What reaches every plan by levers: accepted requests, and the scenario that an earlier cycle published.
Kept as text, as a lever itself stands on inputs."""

from __future__ import annotations

from dataclasses import dataclass

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.tables import Tables


@dataclass(frozen=True)
class Adopted:
    """What an accepted request, or the scenario of a published plan, adds to every plan.

    request_id: of the request or the plan version; cycle: in which it was accepted or published
    stage: review that did; levers: JSON of a scenario
    """

    request_id: str
    cycle: str
    stage: str
    title: str
    levers: str


_ADOPTED = """
SELECT request_id AS id, answered_cycle AS cycle, to_stage AS stage, title, levers, answered_at AS moment,
       try_cast(regexp_extract(request_id, '[0-9]+$') AS BIGINT) AS number
FROM request
WHERE status IN ('accepted', 'part') AND levers <> '' AND NOT sample AND answered_cycle <= ?
UNION ALL
SELECT id, cycle, stage, title, levers, moment, number FROM (
    SELECT v.version_id AS id, v.cycle, 'executive' AS stage, v.name AS title, p.levers,
           v.published_at AS moment, 0 AS number,
           row_number() OVER (PARTITION BY v.cycle ORDER BY v.published_at DESC, v.version_id DESC) AS rank
    FROM plan_version v JOIN plan_snapshot p USING (snapshot_id)
    WHERE v.status = 'published' AND v.cycle < ?
) WHERE rank = 1 AND levers NOT LIKE '%"levers":[]%'
ORDER BY moment, number, id
"""


def read_adopted(tables: Tables, calendar: Calendar) -> tuple[Adopted, ...]:
    """Accepted requests with levers, and the scenario of the plan that each earlier cycle published last, in
    the order they were made; what a later cycle accepted, an earlier one does not know.
    """
    now = calendar.labels[calendar.now]
    rows = tables.read(_ADOPTED, [now, now])
    return tuple(Adopted(row.id, row.cycle, row.stage, row.title, row.levers) for row in rows.itertuples())
