"""What was recorded, as frames with the columns of schema.sql."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pandas as pd

from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.inputs.tables import made_order
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse

_ORDER = {
    "cycle": "cycle",
    "stage": f"list_position({list(STAGES)}, stage)",
    "scenario": "created_at, name",
    "decision": made_order("decision_id"),
    "override": made_order("override_id"),
    "exception_review": made_order("review_id"),
    "history_correction": made_order("correction_id"),
    "demand_lock": made_order("lock_id"),
    "sign_off": "signed_at, sign_off_id",
    "plan_version": "coalesce(proposed_at, approved_at), version_id",
    "plan_snapshot": "created_at, snapshot_id",
    "note": made_order("note_id"),
    "task": "due, task_id",
    "assumption": made_order("assumption_id"),
    "meeting": made_order("meeting_id"),
}


def of_cycle(warehouse: Warehouse, table: str, cycle: str = "") -> pd.DataFrame:
    """Rows of a process table in the order they were made, of one cycle or of all.

    Raises RecordError for another table.
    """
    if table == "decision_option":
        return warehouse.read(
            "SELECT o.* FROM decision_option o JOIN decision d USING (decision_id) WHERE ? IN ('', d.cycle) "
            "ORDER BY ALL",
            [cycle],
        )
    if table not in _ORDER:
        raise RecordError(
            f"'{table}' holds no records of a cycle. Tables are: {', '.join((*_ORDER, 'decision_option'))}."
        )
    return warehouse.read(
        f"SELECT * FROM \"{table}\" WHERE ? IN ('', cycle) ORDER BY cycle, {_ORDER[table]}", [cycle]
    )


def read_scenario(warehouse: Warehouse, scenario_id: str) -> Scenario:
    """A stored scenario. Raises RecordError when there is none of this id."""
    found = warehouse.read("SELECT name, levers FROM scenario WHERE scenario_id = ?", [scenario_id])
    if found.empty:
        raise RecordError(
            f"There is no scenario {scenario_id}. It may have been deleted, or belong to another company."
        )
    return Scenario(Scenario.from_json(found["levers"][0]).levers, found["name"][0])


def last_published(warehouse: Warehouse, before_cycle: str = "") -> pd.Series | None:
    """The plan version published last, of the cycles before one if that is given; None where there is
    none."""
    found = warehouse.read(
        "SELECT * FROM plan_version WHERE status = 'published' AND (? = '' OR cycle < ?) "
        "ORDER BY coalesce(published_at, approved_at) DESC, version_id DESC LIMIT 1",
        [before_cycle, before_cycle],
    )
    return None if found.empty else found.iloc[0]


def snapshot_scorecard(warehouse: Warehouse, snapshot_id: str, window: Window | str) -> Scorecard:
    """The scorecard that was kept with a plan. Raises RecordError when there is no such snapshot."""
    found = warehouse.read("SELECT scorecard FROM plan_snapshot WHERE snapshot_id = ?", [snapshot_id])
    if found.empty:
        raise RecordError(f"There is no snapshot {snapshot_id}.")
    return Scorecard.from_json(json.dumps(json.loads(found["scorecard"][0])[window]))


def last_estimate(warehouse: Warehouse, cycle: str) -> pd.Series | None:
    """The plan that was agreed before a cycle: the version published last, or else the plan that an earlier
    cycle's finance review signed last; None where there is neither.

    name, cycle, snapshot_id, who, at, kind ("published" or "signed"), rests_on: name of its consensus
    """
    found = warehouse.read(
        """
        SELECT v.name, v.cycle, v.snapshot_id, coalesce(nullif(v.published_by, ''), v.approved_by) AS who,
               coalesce(v.published_at, v.approved_at) AS "at",
               'published' AS kind, coalesce(s.rests_on, '') AS rests_on
        FROM plan_version v LEFT JOIN sign_off s USING (snapshot_id)
        WHERE v.status = 'published' AND v.cycle < ?
        UNION ALL
        SELECT 'Finance review of ' || cycle, cycle, snapshot_id, signed_by, signed_at, 'signed', rests_on
        FROM sign_off WHERE stage = 'finance' AND snapshot_id <> '' AND cycle < ?
        ORDER BY kind, cycle DESC, "at" DESC, snapshot_id DESC LIMIT 1
        """,
        [cycle, cycle],
    )
    return None if found.empty else found.iloc[0]


def kept_plans(warehouse: Warehouse) -> pd.DataFrame:
    """Every kept plan, the latest first: snapshot_id, cycle, stage, name, kind ("published", "signed" or, by
    nobody, "kept"), who, at.

    name: of the plan version or the consensus, "" where it has none
    """
    return warehouse.read(
        """
        SELECT p.snapshot_id, p.cycle, p.stage, coalesce(v.name, s.name, '') AS name,
               CASE WHEN v.status = 'published' THEN 'published' WHEN s.signed_by IS NOT NULL THEN 'signed'
               ELSE 'kept' END AS kind,
               coalesce(nullif(v.published_by, ''), s.signed_by, p.created_by) AS who,
               coalesce(v.published_at, s.signed_at, p.created_at) AS "at"
        FROM plan_snapshot p
        LEFT JOIN sign_off s USING (snapshot_id)
        LEFT JOIN plan_version v USING (snapshot_id)
        ORDER BY p.cycle DESC, "at" DESC, p.snapshot_id DESC
        """
    )


def snapshot_cells(warehouse: Warehouse, snapshot_id: str, measures: Sequence[str] = ()) -> pd.DataFrame:
    """measure, product, market, site, resource, period, value of a kept plan, of some measures or of all; a
    cell that is not there is 0."""
    return warehouse.read(
        "SELECT measure, product, market, site, resource, period, value FROM plan_snapshot_cell "
        "WHERE snapshot_id = ? AND (len(?) = 0 OR list_contains(?, measure)) "
        "ORDER BY measure, product, market, site, resource, period",
        [snapshot_id, list(measures), list(measures)],
    )
