"""The month's course: a cycle is opened, its six reviews are signed on a kept plan, and it is closed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES
from sop_engine.executive_sop.progress import AS_STAGE, BOTH, CONTINUOUS, rests_on_consensus
from sop_engine.executive_sop.tasks import Task
from sop_engine.executive_sop.working_days import due_dates
from sop_engine.plan import Plan
from sop_engine.pre_sop.series import ONE, SERIES
from sop_engine.records.consensus import named_version
from sop_engine.records.pipeline import keep_pipeline
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.records.snapshot import write_snapshot
from sop_engine.records.tasks import insert_tasks
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change


def default_due_dates(start: date) -> dict[str, date]:
    """When each review is due in a month that starts on this day, in working days of the common monthly
    clock, holidays not counted.
    """
    return due_dates(start)


def open_cycle(
    warehouse: Warehouse,
    cycle: str,
    *,
    who: str,
    at: datetime,
    owners: Mapping[str, str] | None = None,
    due: Mapping[str, date] | None = None,
    finance: str = BOTH,
    pre_sop: str = ONE,
    started_on: date | None = None,
    tasks: Sequence[Task] = (),
    sample: bool = False,
) -> None:
    """Open a cycle ("2014-01") with its six reviews and their tasks. Raises RecordError when it was opened
    before.

    finance: "stage", "continuous" or "both": whether it signs as a stage, asks throughout the month, or both
    pre_sop: "one" meeting, or a series by "region", "channel" or "category"
    started_on: day from which working days count, the day of `at` if not given
    """
    _require_place(finance)
    require_pre_sop(pre_sop)
    first = started_on or at.date()
    with warehouse.transaction(who=who, why=f"open cycle {cycle}", at=at) as change:
        if not change.read("SELECT 1 FROM cycle WHERE cycle = ?", [cycle]).empty:
            raise RecordError(f"Cycle {cycle} is there already.")
        opened = {"status": "open", "opened_at": at, "opened_by": who, "finance": finance}
        opened |= {"pre_sop": pre_sop, "started_on": first, "sample": sample}
        change.insert("cycle", {"cycle": cycle, **opened})
        rows = [
            (cycle, stage, (owners or {}).get(stage, ""), "open", (due or {}).get(stage)) for stage in STAGES
        ]
        change.insert("stage", pd.DataFrame(rows, columns=["cycle", "stage", "owner", "status", "due"]))
        insert_tasks(change, cycle, tasks, first)


def place_finance(
    warehouse: Warehouse, cycle: str, finance: str, *, seen: str, reason: str, who: str, at: datetime
) -> None:
    """Finance takes another place in an open cycle. Raises ConflictError when it is no longer `seen`."""
    _require_place(finance)
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, cycle)
        change.update("cycle", {"cycle": cycle}, {"finance": finance}, expected={"finance": seen})


def close_cycle(warehouse: Warehouse, cycle: str, *, who: str, at: datetime, unpublished: str = "") -> None:
    """Close a cycle for ever; what it left open stands in the cycles after it.

    unpublished: why it is closed although no plan of it was published
    Raises RecordError while its plan is not published and no reason is given.
    """
    why = unpublished.strip() or f"close cycle {cycle}"
    with warehouse.transaction(who=who, why=why, at=at) as change:
        require_open(change, cycle)
        published = "SELECT 1 FROM plan_version WHERE cycle = ? AND status = 'published'"
        if change.read(published, [cycle]).empty and not unpublished.strip():
            raise RecordError(
                f"No plan of {cycle} is published. Publish the approved plan, or give a reason to close the "
                "cycle without one."
            )
        change.update(
            "cycle", {"cycle": cycle}, {"status": "closed", "closed_at": at}, expected={"status": "open"}
        )


def start_stage(warehouse: Warehouse, cycle: str, stage: str, *, who: str, at: datetime) -> None:
    """A review is being worked on. Raises ConflictError when somebody has started or signed it meanwhile."""
    with warehouse.transaction(who=who, why=f"start {STAGE_WORDS[stage]}", at=at) as change:
        require_open(change, cycle)
        change.update(
            "stage", stage_key(cycle, stage), {"status": "in_progress"}, expected={"status": "open"}
        )


def sign_stage(
    warehouse: Warehouse,
    plan: Plan,
    stage: str,
    *,
    who: str,
    at: datetime,
    note: str = "",
    scenario_id: str = "",
    name: str = "",
    assumptions: str = "",
    again: str = "",
    unmet: Sequence[str] = (),
    waiver: str = "",
) -> str:
    """Sign a review of the plan's cycle: the plan is kept as it stands, for ever. Returns the snapshot's id.

    What the demand review signs is the consensus, a version named by `name` (the next of the cycle if blank)
    with what it rests on, one assumption a line; what changed since the version before is kept with it.
    What a later review signs names the consensus that stands signed, if one does.
    again: why a signature that stands is taken up and given anew; it stays on record with its plan
    unmet: exit criteria that do not hold; waiver: why it is signed despite them, kept in the note
    Raises ConflictError when it is signed already, RecordError when the cycle is not open or has a consensus
    of this name, or criteria are unmet without a waiver.
    """
    cycle, note = plan.inputs.cycle, _with_waiver(note, unmet, waiver)
    why = again.strip() or note or f"sign {STAGE_WORDS[stage]}"
    with warehouse.transaction(who=who, why=why, at=at) as change:
        require_open(change, cycle)
        if again.strip():
            reopened = {"status": "in_progress"}
            change.update("stage", stage_key(cycle, stage), reopened, expected={"status": "signed"})
        _refuse_second_signature(change, cycle, stage)
        if stage == "demand":
            version = named_version(change, plan, name, assumptions)
        else:
            version = {"rests_on": _consensus_under(change, cycle, stage)}
        snapshot_id = write_snapshot(change, plan, stage)
        if stage == "product":
            keep_pipeline(change, plan)
        signature = {
            "sign_off_id": next_id(change, "sign_off", cycle, "S"),
            "cycle": cycle,
            "stage": stage,
            "signed_by": require_text("The name of who signs", who),
            "signed_at": at,
            "data_version": plan.inputs.version,
            "scenario_id": scenario_id,
            "snapshot_id": snapshot_id,
            "inputs_hash": _read_by_the_review(plan),
            "note": note,
            **version,
        }
        change.insert("sign_off", signature)
        change.update("stage", stage_key(cycle, stage), {"status": "signed"})
    return snapshot_id


def reopen_stage(
    warehouse: Warehouse, cycle: str, stage: str, *, who: str, at: datetime, reason: str
) -> None:
    """Take a signed review up again; its signature and snapshot stay.

    Raises ConflictError when it is not signed.
    """
    with warehouse.transaction(who=who, why=require_text("The reason to reopen", reason), at=at) as change:
        require_open(change, cycle)
        change.update(
            "stage", stage_key(cycle, stage), {"status": "in_progress"}, expected={"status": "signed"}
        )


def _with_waiver(note: str, unmet: Sequence[str], waiver: str) -> str:
    """The remark of a signature, with what it was given despite of and why."""
    if not unmet:
        return note
    against = "; ".join(unmet)
    if not waiver.strip():
        raise RecordError(
            f"Not everything is done: {against}. Settle it, or say why it is signed despite it."
        )
    return "; ".join(filter(None, [note, f"signed despite {against}. Because: {waiver.strip()}"]))


def require_pre_sop(pre_sop: str) -> None:
    """Raises RecordError when it is no way to hold the pre-S&OP."""
    if pre_sop not in (ONE, *SERIES):
        raise RecordError(f"'{pre_sop}' is no way to hold the pre-S&OP. Choose {ONE}, {', '.join(SERIES)}.")


def _require_place(finance: str) -> None:
    if finance not in (AS_STAGE, CONTINUOUS, BOTH):
        raise RecordError(f"'{finance}' is no place of finance. Choose {AS_STAGE}, {CONTINUOUS} or {BOTH}.")


def _read_by_the_review(plan: Plan) -> str:
    """Hash of the data and the levers that the plan was made of."""
    return hashlib.sha256(f"{plan.inputs.version}|{plan.scenario.to_json()}".encode()).hexdigest()[:16]


def stage_key(cycle: str, stage: str) -> dict[str, object]:
    """The key of a review in the table stage. Raises RecordError when it is none."""
    if stage not in STAGES:
        raise RecordError(f"'{stage}' is no review. Reviews are: {', '.join(STAGES)}.")
    return {"cycle": cycle, "stage": stage}


def standing_signature(change: Change, cycle: str, stage: str) -> pd.Series | None:
    """The last signature of a review that stands signed, None otherwise."""
    rows = change.read(
        "SELECT s.* FROM sign_off s JOIN stage t USING (cycle, stage) WHERE t.status = 'signed' "
        "AND s.cycle = ? AND s.stage = ? ORDER BY s.signed_at DESC, s.sign_off_id DESC LIMIT 1",
        [cycle, stage],
    )
    return None if rows.empty else rows.iloc[0]


def _consensus_under(change: Change, cycle: str, stage: str) -> str:
    """Name of the consensus that a review after the demand review is signed on; "" while none stands."""
    signed = standing_signature(change, cycle, "demand") if rests_on_consensus(stage) else None
    return "" if signed is None else str(signed["name"])


def _refuse_second_signature(change: Change, cycle: str, stage: str) -> None:
    signed = standing_signature(change, cycle, stage_key(cycle, stage)["stage"])
    if signed is not None:
        raise ConflictError(
            f"{STAGE_WORDS[stage]} of {cycle} was signed by {signed['signed_by']} "
            f"at {signed['signed_at']:%Y-%m-%d %H:%M}. Reopen it with a reason to sign it again."
        )
