"""Actions, assumptions, requests, parked points and notes: written down with the view they were made on, then
done, dropped or handed on. One that is open stands in every later cycle until it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sop_engine.errors import RecordError
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

NOTE_KINDS = ("action", "assumption", "request", "note", "parking")
OPEN, DONE, DROPPED = "open", "done", "dropped"
NOTE_STATUS = (OPEN, DONE, DROPPED)


def add_note(
    warehouse: Warehouse,
    *,
    cycle: str,
    stage: str,
    kind: str,
    text: str,
    who: str,
    at: datetime,
    owner: str = "",
    due: date | None = None,
    meeting_id: str = "",
    evidence: str = "",
    sample: bool = False,
) -> str:
    """Write down an action, assumption, request, parked point or note; returns its id.

    evidence: the view it was made on, as `Evidence.to_json` writes it; meeting_id: "" outside of a meeting
    Raises RecordError when the kind is not known, the text is blank or the cycle is not open.
    """
    if kind not in NOTE_KINDS:
        raise RecordError(f"'{kind}' is no kind of note. Kinds are: {', '.join(NOTE_KINDS)}.")
    with warehouse.transaction(who=who, why=f"add {kind}", at=at) as change:
        require_open(change, cycle)
        note_id = next_id(change, "note", cycle, "N")
        row = {
            "note_id": note_id,
            "cycle": cycle,
            "stage": stage,
            "kind": kind,
            "text": require_text(f"The {kind}", text),
            "owner": owner.strip(),
            "due": due,
            "status": OPEN,
            "created_at": at,
            "created_by": who,
            "sample": sample,
            "meeting_id": meeting_id,
            "evidence": evidence,
        }
        change.insert("note", row)
    return note_id


def set_note_status(
    warehouse: Warehouse, note_id: str, status: str, *, seen: str, who: str, at: datetime, reason: str = ""
) -> None:
    """Move a note from the status last seen to another, in whatever cycle it was written.

    reason: what came of it; one that is dropped needs it. Raises RecordError when it is missing or the status
    is not known, ConflictError when somebody moved the note meanwhile.
    """
    if status not in NOTE_STATUS:
        raise RecordError(f"'{status}' is no status of a note. It can be: {', '.join(NOTE_STATUS)}.")
    if status == DROPPED:
        require_text("The reason to drop it", reason)
    closed = status != OPEN
    values = {
        "status": status,
        "closed_at": at if closed else None,
        "closed_by": who if closed else "",
        "reason": reason.strip(),
    }
    with warehouse.transaction(who=who, why=reason.strip() or f"{note_id} is {status}", at=at) as change:
        change.update("note", {"note_id": note_id}, values, expected={"status": seen})


def reassign_note(
    warehouse: Warehouse,
    note_id: str,
    *,
    owner: str,
    due: date | None,
    seen: Mapping[str, object],
    who: str,
    at: datetime,
    reason: str = "",
) -> None:
    """Give an open note another owner or another deadline.

    seen: owner and due as last read. Raises RecordError when neither changes or the note is closed,
    ConflictError when somebody changed them meanwhile.
    """
    values, last = {"owner": owner.strip(), "due": due}, {name: seen[name] for name in ("owner", "due")}
    why = reason.strip() or f"{note_id} to {owner.strip() or 'nobody'}, due {due or 'on no day'}"
    with warehouse.transaction(who=who, why=why, at=at) as change:
        _require_open_note(change, note_id)
        change.update("note", {"note_id": note_id}, values, expected=last)


def _require_open_note(change: Change, note_id: str) -> None:
    found = change.read("SELECT status, closed_by FROM note WHERE note_id = ?", [note_id])
    if len(found) and found["status"][0] != OPEN:
        raise RecordError(
            f"{note_id} is {found['status'][0]} by {found['closed_by'][0]}. Open it again to change it."
        )
