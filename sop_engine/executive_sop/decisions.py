"""Rules of a decision: which step follows which, how long there is left, and what depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from math import isnan

import pandas as pd

from sop_engine.errors import RecordError


class Status(StrEnum):
    """Where a decision stands; the value is stored."""

    OPEN = "open"
    DECIDED = "decided"
    DEFERRED = "deferred"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"


WITHIN_DAYS = 7  # in which an issue is decided where no review sets the day
STAGES = ("product", "demand", "supply", "finance", "pre_sop", "executive")
STAGE_WORDS = {
    "product": "Product review",
    "demand": "Demand review",
    "supply": "Supply review",
    "finance": "Finance review",
    "pre_sop": "Pre-S&OP",
    "executive": "Executive S&OP",
}
NEXT: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.DECIDED, Status.DEFERRED, Status.ESCALATED, Status.WITHDRAWN}),
    Status.DEFERRED: frozenset({Status.OPEN, Status.DECIDED, Status.ESCALATED, Status.WITHDRAWN}),
    Status.ESCALATED: frozenset({Status.ESCALATED, Status.DECIDED, Status.DEFERRED, Status.WITHDRAWN}),
    Status.DECIDED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


def require_step(now: Status | str, then: Status | str) -> None:
    """Raises RecordError when a decision that stands at `now` cannot go to `then`."""
    if Status(then) not in NEXT[Status(now)]:
        allowed = ", ".join(sorted(NEXT[Status(now)])) or "nothing: raise a new one"
        raise RecordError(f"A decision that is {now} cannot become {then}. It can become {allowed}.")


def require_escalation(from_stage: str, to_stage: str, reason: str) -> None:
    """Raises RecordError unless the decision goes to a later review, with a reason."""
    for stage in (from_stage, to_stage):
        if stage not in STAGES:
            raise RecordError(f"'{stage}' is no review. Reviews are: {', '.join(STAGES)}.")
    if STAGES.index(to_stage) <= STAGES.index(from_stage):
        raise RecordError(
            f"{STAGE_WORDS[to_stage]} does not come after {STAGE_WORDS[from_stage]}. Choose a later review."
        )
    if not reason.strip():
        raise RecordError("An escalation needs its reason. Say why it cannot be decided here.")


def is_waiting(status: Status | str) -> bool:
    """Whether somebody still has to decide."""
    return bool(NEXT[Status(status)])


def first_deadline(executive_due: date | None, today: date) -> date:
    """By when a new issue is best decided: the day of the executive review; where that is past or not set,
    in a week."""
    upcoming = executive_due is not None and executive_due >= today
    return executive_due if upcoming else today + timedelta(days=WITHIN_DAYS)


def days_left(decide_by: date | None, as_of: date) -> int | None:
    """Days until the deadline, negative when it has passed; None where there is no deadline."""
    return None if decide_by is None else (decide_by - as_of).days


def deadline_words(status: Status | str, decide_by: date | None, as_of: date) -> str:
    """Where a decision stands against its deadline, as a phrase.

    >>> deadline_words("open", date(2014, 1, 20), date(2014, 1, 17))
    'open, 3 days left'
    """
    left = days_left(decide_by, as_of)
    if not is_waiting(status):
        return str(status)
    if left is None:
        return f"{status}, no deadline"
    if left == 0:
        return f"{status}, due today"
    days = f"{abs(left)} day{'' if abs(left) == 1 else 's'}"
    return f"{status}, {days} left" if left > 0 else f"{status}, {days} overdue"


def value_at_stake(values: Iterable[float]) -> float:
    """Money between the best and the worst option, for example of gross margins; 0 with fewer than two."""
    known = [value for value in values if not isnan(value)]
    return max(known) - min(known) if len(known) > 1 else 0.0


def standing(rows: pd.DataFrame, cycle: str) -> pd.DataFrame:
    """The rows of the table decision that a cycle has before it: its own, and those of earlier cycles that
    wait still."""
    waits = rows["status"].map(is_waiting).astype(bool)
    return rows[(rows["cycle"] == cycle) | ((rows["cycle"] < cycle) & waits)]


def went_up(rows: pd.DataFrame) -> pd.Series:
    """Bool per row of the table decision: whether it was handed to the executive review."""
    return rows["escalated_to"] == "executive"


def resolved_below_pct(rows: pd.DataFrame) -> float:
    """Share of decisions settled without the executive review, in % of those settled or handed to it; NaN
    where there is neither."""
    up = went_up(rows)
    below = (rows["status"] == Status.DECIDED) & ~up
    counted = int(up.sum() + below.sum())
    return 100 * int(below.sum()) / counted if counted else float("nan")


def age_in_cycles(cycle: str, now: str, cycles: Iterable[str]) -> int:
    """In how many cycles after its own a record has stood.

    >>> age_in_cycles("2013-11", "2014-01", ["2013-11", "2013-12", "2014-01"])
    2
    """
    return sum(cycle < each <= now for each in {*cycles, now})
