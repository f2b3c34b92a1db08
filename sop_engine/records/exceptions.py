"""What somebody said of an exception of the demand review: that it was looked at, or is open again."""

from __future__ import annotations

from datetime import datetime

from sop_engine.demand_review.exceptions import BY_KIND
from sop_engine.errors import RecordError
from sop_engine.records.rules import end_record, next_id, require_open, require_text
from sop_engine.warehouse import Warehouse


def clear_exception(
    warehouse: Warehouse, *, cycle: str, kind: str, family: str, pct: float, note: str, who: str, at: datetime
) -> str:
    """Put an exception aside with what was found; returns the review's id. It comes back by itself when its
    value moves from `pct` by more than the threshold of its rule.

    Raises RecordError when there is no such rule, no note, or the cycle is not open.
    """
    if kind not in BY_KIND:
        raise RecordError(f"'{kind}' is no rule for exceptions. Rules are: {', '.join(BY_KIND)}.")
    with warehouse.transaction(who=who, why=require_text("What was found", note), at=at) as change:
        require_open(change, cycle)
        review_id = next_id(change, "exception_review", cycle, "E")
        row = {
            "review_id": review_id,
            "cycle": cycle,
            "kind": kind,
            "family": family,
            "value": pct,
            "note": note.strip(),
            "created_at": at,
            "created_by": require_text("The name of who reviewed it", who),
            "active": True,
        }
        change.insert("exception_review", row)
    return review_id


def reopen_exception(warehouse: Warehouse, review_id: str, *, who: str, at: datetime, reason: str) -> None:
    """Take an exception up again; its review stays on record. Raises ConflictError when somebody did
    meanwhile.
    """
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        end_record(change, "exception_review", "review_id", review_id, "taken up again")
