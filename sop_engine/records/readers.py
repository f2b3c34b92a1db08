"""What was recorded, as frames with the columns of schema.sql."""

from __future__ import annotations

import json

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
    "plan_version": "approved_at, version_id",
    "plan_snapshot": "created_at, snapshot_id",
    "note": made_order("note_id"),
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
        "ORDER BY approved_at DESC, version_id DESC LIMIT 1",
        [before_cycle, before_cycle],
    )
    return None if found.empty else found.iloc[0]


def snapshot_scorecard(warehouse: Warehouse, snapshot_id: str, window: Window | str) -> Scorecard:
    """The scorecard that was kept with a plan. Raises RecordError when there is no such snapshot."""
    found = warehouse.read("SELECT scorecard FROM plan_snapshot WHERE snapshot_id = ?", [snapshot_id])
    if found.empty:
        raise RecordError(f"There is no snapshot {snapshot_id}.")
    return Scorecard.from_json(json.dumps(json.loads(found["scorecard"][0])[window]))


def snapshot_cells(warehouse: Warehouse, snapshot_id: str) -> pd.DataFrame:
    """measure, product, market, site, resource, period, value of a kept plan; a cell that is not there is
    0."""
    return warehouse.read(
        "SELECT measure, product, market, site, resource, period, value FROM plan_snapshot_cell "
        "WHERE snapshot_id = ? ORDER BY measure, product, market, site, resource, period",
        [snapshot_id],
    )
