"""The life of a plan version: a solved plan is made a candidate, one candidate is approved, the approved one
is published and frozen from then on."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.progress import stage_states
from sop_engine.plan import Plan
from sop_engine.records.decisions import carried_out
from sop_engine.records.process import standing_signature
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.records.snapshot import write_snapshot
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

CANDIDATE, APPROVED, PUBLISHED = "candidate", "approved", "published"
DO_NOTHING = "Do nothing"
_BY = {CANDIDATE: "proposed", APPROVED: "approved", PUBLISHED: "published"}


def propose_plan(
    warehouse: Warehouse,
    plan: Plan,
    *,
    who: str,
    at: datetime,
    name: str = "",
    scenario_id: str = "",
    note: str = "",
) -> str:
    """Make a solved plan a candidate of its cycle; it is kept as it stands. Returns the version's id.

    name: blank takes the scenario's; scenario_id: under which its levers are stored, "" for do-nothing
    Raises RecordError when the cycle is not open or the scenario is not stored, ConflictError when the same
    plan is a version of the cycle already.
    """
    name = name.strip() or plan.scenario.name or DO_NOTHING
    with warehouse.transaction(who=who, why=f"make '{name}' a candidate", at=at) as change:
        cycle = plan.inputs.cycle
        require_open(change, cycle)
        stored = "SELECT 1 FROM scenario WHERE scenario_id = ?"
        if scenario_id and change.read(stored, [scenario_id]).empty:
            raise RecordError(f"Scenario {scenario_id} is not stored. Save it, then propose it.")
        snapshot_id = write_snapshot(change, plan, "executive")
        _refuse_same_plan(change, cycle, snapshot_id)
        version_id = next_id(change, "plan_version", cycle, "V")
        row = {
            "version_id": version_id,
            "cycle": cycle,
            "name": name,
            "status": CANDIDATE,
            "scenario_id": scenario_id,
            "data_version": plan.inputs.version,
            "snapshot_id": snapshot_id,
            "proposed_by": require_text("The name of who proposes", who),
            "proposed_at": at,
            "note": note.strip(),
        }
        change.insert("plan_version", row)
    return version_id


def approve_plan(warehouse: Warehouse, version_id: str, *, who: str, at: datetime, note: str = "") -> None:
    """Approve a candidate: one of a cycle at a time.

    Raises ConflictError that says who approved which version when, where one is approved or this one is
    published already.
    """
    with warehouse.transaction(who=who, why=note.strip() or f"approve {version_id}", at=at) as change:
        version = _version(change, version_id)
        require_open(change, version["cycle"])
        _refuse_frozen(version)
        _refuse_second_approval(change, version["cycle"])
        values = {
            "status": APPROVED,
            "approved_by": require_text("The name of who approves", who),
            "approved_at": at,
            "note": _joined(version["note"], note),
        }
        change.update("plan_version", {"version_id": version_id}, values, expected={"status": CANDIDATE})


def take_back_approval(warehouse: Warehouse, version_id: str, *, who: str, at: datetime, reason: str) -> None:
    """An approved version that is not published yet is a candidate again; the audit log keeps who approved.

    Raises ConflictError when it is not approved, or published meanwhile.
    """
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        version = _version(change, version_id)
        require_open(change, version["cycle"])
        _refuse_frozen(version)
        values = {"status": CANDIDATE, "approved_by": "", "approved_at": None}
        change.update("plan_version", {"version_id": version_id}, values, expected={"status": APPROVED})


def publish_plan(
    warehouse: Warehouse,
    version_id: str,
    *,
    who: str,
    at: datetime,
    effective_from: date | None = None,
    note: str = "",
    despite: str = "",
    version: str = "",
) -> tuple[str, ...]:
    """Publish the approved version as the official plan; nothing of it changes from then on. Its snapshot is
    now that of the executive signature, the same cell by cell. Returns the decisions that it carries out.

    effective_from: first day on which it is official, the day of `at` if not given
    despite: why it is published although reviews are not signed or no longer hold; kept in the note
    version: of the inputs as they are now; blank takes those that the version was made on
    Raises RecordError while it is not approved, the executive review is not signed on the same plan, or
    another review is not signed or stale and no reason is given; ConflictError when it is published already.
    """
    with warehouse.transaction(who=who, why=note.strip() or f"publish {version_id}", at=at) as change:
        row = _version(change, version_id)
        require_open(change, row["cycle"])
        _refuse_frozen(row)
        if row["status"] != APPROVED:
            raise RecordError(f"'{row['name']}' is not approved. Approve it, then publish it.")
        signed = _signed_on_it(change, row)
        missing = _that_do_not_hold(change, row["cycle"], version or row["data_version"], at)
        if missing and not despite.strip():
            raise RecordError(
                f"{'; '.join(missing)}. Sign these reviews, or give a reason to publish despite that."
            )
        reason = f"published despite {', '.join(missing)}: {despite.strip()}" if missing else ""
        values = {
            "status": PUBLISHED,
            "snapshot_id": signed["snapshot_id"],
            "published_by": require_text("The name of who publishes", who),
            "published_at": at,
            "effective_from": effective_from or at.date(),
            "note": _joined(row["note"], note, reason),
        }
        change.update("plan_version", {"version_id": version_id}, values, expected={"status": APPROVED})
        return tuple(carried_out(change, version_id, _levers(change, row["cycle"], str(signed["levers"]))))


def signed_on(signed: pd.Series | None, version: pd.Series) -> str:
    """What is wrong with the executive signature for publishing a version, "" where it is on the same plan.

    Both with content_hash, data_version and levers of their snapshots; signed: None where there is none
    """
    review = f"{STAGE_WORDS['executive']} of {version['cycle']}"
    if signed is None:
        return f"{review} is not signed. Sign it on '{version['name']}', then publish it"
    if signed["content_hash"] == version["content_hash"]:
        return ""
    if signed["data_version"] != version["data_version"]:
        other = "on other data"
    else:
        other = f"with: {Scenario.from_json(signed['levers']).in_words()}"
    return (
        f"{review} was signed by {signed['signed_by']} on another plan than '{version['name']}', {other}. "
        "Sign it again on this one, then publish it"
    )


def _signed_on_it(change: Change, version: pd.Series) -> pd.Series:
    """The executive signature on the plan of a version. Raises RecordError where there is none."""
    signed = standing_signature(change, version["cycle"], "executive")
    if signed is not None:
        signed = pd.concat([signed.drop("data_version"), _kept(change, str(signed["snapshot_id"]))])
    own = _kept(change, str(version["snapshot_id"]))
    wrong = signed_on(signed, pd.concat([version.drop("data_version"), own]))
    if wrong:
        raise RecordError(f"{wrong}.")
    return signed


def _levers(change: Change, cycle: str, levers: str) -> tuple[Lever, ...]:
    """The levers of a scenario as JSON, and those that accepted requests put beneath it."""
    adopted = change.read(
        "SELECT levers FROM request WHERE status IN ('accepted', 'part') AND levers <> '' AND NOT sample "
        "AND answered_cycle <= ? ORDER BY request_id",
        [cycle],
    )["levers"]
    return tuple(lever for text in (*adopted, levers) for lever in Scenario.from_json(text).levers)


def _kept(change: Change, snapshot_id: str) -> pd.Series:
    """content_hash, data_version and levers of a snapshot."""
    return change.read(
        "SELECT content_hash, data_version, levers FROM plan_snapshot WHERE snapshot_id = ?", [snapshot_id]
    ).iloc[0]


def _that_do_not_hold(change: Change, cycle: str, version: str, at: datetime) -> list[str]:
    """Reviews that are not signed, or signed on something else than stands today, each with what is wrong."""
    stages = change.read("SELECT * FROM stage WHERE cycle = ?", [cycle])
    signatures = change.read(
        "SELECT s.*, p.levers FROM sign_off s JOIN plan_snapshot p USING (snapshot_id) WHERE s.cycle = ? "
        "ORDER BY s.signed_at, s.sign_off_id",
        [cycle],
    )
    finance = change.read("SELECT finance FROM cycle WHERE cycle = ?", [cycle])["finance"][0]
    states = stage_states(stages, signatures, version, at.date(), finance)
    gates = (state for state in states if state.gate)
    return [f"{state.name} ({state.stale or 'not signed'})" for state in gates if not state.holds]


def _version(change: Change, version_id: str) -> pd.Series:
    """A version as it stands. Raises RecordError where there is none."""
    rows = change.read("SELECT * FROM plan_version WHERE version_id = ?", [version_id])
    if rows.empty:
        raise RecordError(f"There is no plan version {version_id}. Read the list again.")
    return rows.iloc[0]


def _refuse_same_plan(change: Change, cycle: str, snapshot_id: str) -> None:
    same = change.read(
        "SELECT v.* FROM plan_version v JOIN plan_snapshot p USING (snapshot_id), plan_snapshot mine "
        "WHERE mine.snapshot_id = ? AND v.cycle = ? AND p.content_hash = mine.content_hash "
        "AND p.data_version = mine.data_version ORDER BY v.version_id",
        [snapshot_id, cycle],
    )
    if not same.empty:
        raise ConflictError(f"{standing_words(same.iloc[0])} It is the same plan, to the last cell.")


def _refuse_second_approval(change: Change, cycle: str) -> None:
    approved = change.read("SELECT * FROM plan_version WHERE cycle = ? AND status = ?", [cycle, APPROVED])
    if not approved.empty:
        raise ConflictError(
            f"{standing_words(approved.iloc[0])} Take that approval back, with a reason, to approve another."
        )


def _refuse_frozen(version: pd.Series) -> None:
    if version["status"] == PUBLISHED:
        raise ConflictError(
            f"{standing_words(version)} A published plan is frozen: make another candidate to change it."
        )


def standing_words(version: pd.Series) -> str:
    """Where a version stands, by whom and since when, as a sentence."""
    verb = _BY[version["status"]]
    made = "made a candidate" if verb == "proposed" else verb
    return (
        f"'{version['name']}' ({version['version_id']}) was {made} by {version[f'{verb}_by']} at "
        f"{version[f'{verb}_at']:%Y-%m-%d %H:%M}."
    )


def _joined(*texts: str) -> str:
    return "; ".join(text.strip() for text in texts if text.strip())
