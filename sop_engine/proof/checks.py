"""Every check of the proof: the stored tables, their way into the plan, the plan itself, the plans kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import Check, Row, consistency_checks
from sop_engine.proof.altered import altered_rows, rewritten_rows
from sop_engine.proof.arrivals import DATA, arrival_check, arrivals
from sop_engine.proof.money import money_checks
from sop_engine.proof.volumes import volume_checks
from sop_engine.records import snapshot_cells
from sop_engine.records.snapshot import content_hash
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.stored import StoredFault, changed_tables, stored_faults

KEPT = "Plans kept"
JUDGEMENT = ("override", "request", "demand_lock", "history_correction")
_WHOLE = 0.5  # of a count: any is too many
PARTS = (DATA, "Volumes", "Stock and load", "Money", "Bridges", KEPT)


def data_checks(warehouse: Warehouse) -> tuple[Check, ...]:
    """The tables as they stand: are they what was loaded and judged, and would an upload let them in."""
    return (
        _as_loaded(warehouse),
        _as_judged(warehouse),
        _counted("Rules of an upload", "rows that an upload would refuse = 0", stored_faults(warehouse)),
    )


def plan_checks(plan: Plan, unmoved: Plan, warehouse: Warehouse) -> tuple[Check, ...]:
    """What arrives of the tables, and whether volumes, stock, load, money and bridges add up.

    unmoved: the plan with no lever moved
    """
    found = (
        *map(arrival_check, arrivals(plan.inputs, warehouse)),
        *consistency_checks(plan),
        *volume_checks(plan),
        *money_checks(plan, unmoved),
    )
    return tuple(sorted(found, key=lambda check: PARTS.index(check.part)))


def no_plan(fault: Exception) -> Check:
    """The failed check of data that no plan can be made of."""
    row = Row("plan", "", "", "", str(fault) or type(fault).__name__)
    return Check("Plan can be made", "the data can be planned", 1.0, _WHOLE, "", row.why, DATA, (row,))


def hash_now(warehouse: Warehouse, snapshot_id: str) -> str:
    """The hash of the cells of a kept plan as they stand."""
    return content_hash(snapshot_cells(warehouse, snapshot_id))


def kept_check(kept: pd.DataFrame, hashes: Mapping[str, str]) -> Check:
    """Plans that were kept are as they were kept.

    kept: rows of plan_snapshot; hashes: {snapshot_id: hash now} of those that were looked at
    """
    looked_at = kept[kept["snapshot_id"].isin(list(hashes))]
    rows = tuple(
        Row(
            "plan_snapshot_cell",
            f"{row.snapshot_id}, {row.cycle}, {row.stage}",
            "content_hash",
            hashes[row.snapshot_id],
            f"kept as {row.content_hash} on {row.created_at:%Y-%m-%d} by {row.created_by}, changed since",
        )
        for row in looked_at.itertuples()
        if hashes[row.snapshot_id] != row.content_hash
    )
    statement = f"hash of its cells = hash when kept, {len(looked_at)} of {len(kept)} plans"
    where = rows[0].key if rows else ""
    return Check("Plans as kept", statement, float(len(rows)), _WHOLE, "plans", where, KEPT, rows)


def _as_loaded(warehouse: Warehouse) -> Check:
    """Tables that do not hold what was loaded, and the rows of them that can be told."""
    rows: list[Row] = []
    for fault in changed_tables(warehouse):
        rows += altered_rows(warehouse, fault.table) or [_row(fault)]
    return _of_rows("Tables as loaded", "hash of each table = hash when loaded", rows)


def _as_judged(warehouse: Warehouse) -> Check:
    """Records of judgement that do not hold what the audit log says was written into them."""
    rows = [row for name in JUDGEMENT for row in rewritten_rows(warehouse, name)]
    return _of_rows(
        "Judgement as written", "records of judgement = what the audit log says was written", rows
    )


def _row(fault: StoredFault) -> Row:
    return Row(fault.table, fault.key, fault.column, fault.value, f"{fault.problem}. {fault.fix}".strip())


def _counted(name: str, statement: str, faults: Sequence[StoredFault]) -> Check:
    """A check that counts what it finds."""
    return _of_rows(name, statement, list(map(_row, faults)))


def _of_rows(name: str, statement: str, rows: Sequence[Row]) -> Check:
    where = f"{rows[0].table}: {rows[0].key}" if rows else ""
    return Check(name, statement, float(len(rows)), _WHOLE, "rows", where, DATA, tuple(rows))
