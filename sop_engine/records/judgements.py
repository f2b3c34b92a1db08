"""What people add by judgement: overrides of the demand, and actions, assumptions, requests and notes of a
review."""

from __future__ import annotations

from datetime import date, datetime

from sop_engine.errors import RecordError
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse

OVERRIDE_KINDS = ("units", "pct", "add")
NOTE_KINDS = ("action", "assumption", "request", "note")


def add_override(
    warehouse: Warehouse,
    *,
    cycle: str,
    from_period: date,
    to_period: date,
    kind: str,
    value: float,
    reason: str,
    who: str,
    at: datetime,
    product: str = "",
    family: str = "",
    market: str = "",
    owner: str = "",
    note: str = "",
    expires: date | None = None,
) -> str:
    """Judge the demand of a product or family in a market (blank is all); returns the override's id.

    kind: "units" sets the total of the scope, "add" adds units, "pct" changes it by %. Periods are first
    days, both inclusive.
    Raises RecordError when the kind is unknown, the periods are reversed, or there is no reason.
    """
    if kind not in OVERRIDE_KINDS:
        raise RecordError(f"'{kind}' is no kind of override. Kinds are: {', '.join(OVERRIDE_KINDS)}.")
    if to_period < from_period:
        raise RecordError(
            f"The override ends in {to_period} before it begins in {from_period}. Swap the periods."
        )
    if value < {"units": 0.0, "pct": -100.0, "add": -float("inf")}[kind]:
        raise RecordError(
            f"An override to {value:g} {'%' if kind == 'pct' else 'units'} takes more than there is."
        )
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, cycle)
        override_id = next_id(change, "override", cycle, "O")
        row = {
            "override_id": override_id,
            "cycle": cycle,
            "product": product,
            "family": family,
            "market": market,
            "from_period": from_period,
            "to_period": to_period,
            "kind": kind,
            "value": value,
            "reason": reason.strip(),
            "owner": owner or who,
            "note": note,
            "expires": expires,
            "created_at": at,
            "created_by": who,
            "active": True,
        }
        change.insert("override", row)
    return override_id


def drop_override(warehouse: Warehouse, override_id: str, *, who: str, at: datetime, reason: str) -> None:
    """An override no longer counts; it stays on record.

    Raises ConflictError when somebody dropped it meanwhile.
    """
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        change.update("override", {"override_id": override_id}, {"active": False}, expected={"active": True})


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
