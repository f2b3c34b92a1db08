"""Actions, assumptions, requests and notes of a review."""

from __future__ import annotations

from datetime import date, datetime

from sop_engine.errors import RecordError
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse

NOTE_KINDS = ("action", "assumption", "request", "note")


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
    sample: bool = False,
) -> str:
    """Write down an action, assumption, request or note of a review; returns its id."""
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
            "owner": owner,
            "due": due,
            "status": "open",
            "created_at": at,
            "created_by": who,
            "sample": sample,
        }
        change.insert("note", row)
    return note_id


def set_note_status(
    warehouse: Warehouse, note_id: str, status: str, *, seen: str, who: str, at: datetime
) -> None:
    """Move a note from the status last seen to another.

    Raises ConflictError when somebody moved it meanwhile.
    """
    with warehouse.transaction(who=who, why=f"{note_id} is {status}", at=at) as change:
        change.update("note", {"note_id": note_id}, {"status": status}, expected={"status": seen})
