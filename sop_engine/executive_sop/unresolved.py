"""What the executive meeting is about: all that the five reviews before it left unresolved, with reason,
value and deadline, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from sop_engine.assumptions.checked import BROKEN, Checked
from sop_engine.executive_sop.decisions import (
    STAGE_WORDS,
    Status,
    days_left,
    is_waiting,
    standing,
)
from sop_engine.executive_sop.progress import StageState

DECISION, REQUEST, ASSUMPTION, SIGNATURE = "Decision", "Request", "Broken assumption", "Signature"
_PAGES = {"pre_sop": "pre_sop", "executive": "executive_sop"}
_MONEY = ("revenue", "gross_margin", "inventory", "cost")  # measures of a request that are money


@dataclass(frozen=True)
class Matter:
    """One thing that nobody settled. value: money at stake, base currency, NaN = not known

    page: where it is settled; standing: in words; days: until its deadline, negative when it has passed
    sample: made up to show the feature, so that it counts in no sum
    origin: the review that could not decide it and handed it on, "" where none did
    """

    kind: str
    key: str
    title: str
    reason: str
    value: float
    owner: str
    deadline: date | None
    days: int | None
    standing: str
    page: str
    sample: bool = False
    origin: str = ""

    @property
    def is_overdue(self) -> bool:
        return self.days is not None and self.days < 0


def unresolved(
    decisions: pd.DataFrame,
    requests: pd.DataFrame,
    assumptions: Iterable[Checked],
    states: Sequence[StageState],
    cycle: str,
    as_of: date,
) -> tuple[Matter, ...]:
    """Decisions that wait, requests without an answer, assumptions that broke, signatures that are missing or
    stale, of this cycle and, where they wait still, of those before.

    Decisions that were escalated come first, then by money at stake, then by deadline.
    """
    found = [
        *_decisions(standing(decisions, cycle), as_of),
        *_requests(requests[requests["cycle"] <= cycle], as_of),
        *(_assumption(checked) for checked in assumptions if checked.status == BROKEN),
        *(_signature(state) for state in states if state.stage != "executive" and _is_missing(state)),
    ]
    return tuple(sorted(found, key=_urgency))


def prior_decisions(decisions: pd.DataFrame, cycle: str) -> pd.DataFrame:
    """Decisions of earlier cycles, the newest first: what came of them is asked before anything new."""
    rows = decisions[(decisions["cycle"] < cycle) & (decisions["status"] == Status.DECIDED)]
    return rows.sort_values(["cycle", "decided_at"], ascending=False, kind="stable")


def _decisions(rows: pd.DataFrame, as_of: date) -> Iterable[Matter]:
    for row in rows[rows["status"].map(is_waiting).astype(bool)].itertuples():
        deadline = _date(row.decide_by)
        yield Matter(
            kind=DECISION,
            key=row.decision_id,
            title=row.question,
            reason=row.escalation_reason or row.cause or row.reason,
            value=np.nan if pd.isna(row.value_at_stake) else float(row.value_at_stake),
            owner=row.owner,
            deadline=deadline,
            days=days_left(deadline, as_of),
            standing=_standing_words(row.status, row.deferrals, row.sample),
            page="executive_sop",
            sample=bool(row.sample),
            origin=_origin(row),
        )


def _requests(rows: pd.DataFrame, as_of: date) -> Iterable[Matter]:
    for row in rows[rows["status"] == "open"].itertuples():
        deadline = _date(row.due)
        asked = STAGE_WORDS.get(row.to_stage, "nobody yet")
        yield Matter(
            kind=REQUEST,
            key=row.request_id,
            title=row.title,
            reason=row.reason,
            value=abs(float(row.amount)) if row.measure in _MONEY else np.nan,
            owner=row.owner,
            deadline=deadline,
            days=days_left(deadline, as_of),
            standing=f"{STAGE_WORDS[row.from_stage]} asks {asked}",
            page=_page(row.to_stage or row.from_stage),
        )


def _assumption(checked: Checked) -> Matter:
    assumption = checked.assumption
    off = assumption.difference_pct(checked.actual)
    return Matter(
        kind=ASSUMPTION,
        key=assumption.assumption_id,
        title=assumption.text,
        reason=f"actuals are {abs(off):.1f} % {'above' if off > 0 else 'below'} what was expected",
        value=checked.revenue,
        owner=assumption.owner,
        deadline=None,
        days=None,
        standing=f"{checked.status}, sample" if assumption.sample else checked.status,
        page="cycle",
        sample=assumption.sample,
    )


def _signature(state: StageState) -> Matter:
    return Matter(
        kind=SIGNATURE,
        key=state.stage,
        title=f"{state.name} is {'stale' if state.signed_at else 'not signed'}",
        reason=state.stale
        or (f"it waits for {state.waits_for[0]}" if state.waits_for else "nobody signed it"),
        value=np.nan,
        owner=state.owner,
        deadline=state.due,
        days=state.days_left,
        standing="stale" if state.signed_at else "not signed",
        page=_page(state.stage),
    )


def to_confirm(decisions: pd.DataFrame, cycle: str) -> pd.DataFrame:
    """Decisions taken between two meetings, up to this cycle, that no meeting confirmed yet; the
    oldest first."""
    between = (decisions["between_meetings"] != "") & (decisions["meeting_id"] == "")
    taken = (decisions["status"] == Status.DECIDED) & (decisions["cycle"] <= cycle)
    return decisions[between & taken].sort_values("decided_at", kind="stable")


def _origin(row: NamedTuple) -> str:
    """The review that handed a decision on."""
    return STAGE_WORDS.get(row.escalated_from, "") if row.status == Status.ESCALATED else ""


def _standing_words(status: str, deferrals: int, sample: bool) -> str:
    """Where a decision stands, how often it was put off, and whether it is made up to show the feature.

    >>> _standing_words("deferred", 2, False), _standing_words("open", 1, True)
    ('deferred 2 times', 'open, deferred 1 time, sample')
    """
    times = f"deferred {deferrals} time{'' if deferrals == 1 else 's'}" if deferrals else ""
    first = "" if times and status == Status.DEFERRED else status
    return ", ".join(filter(None, [first, times, "sample" if sample else ""]))


def _is_missing(state: StageState) -> bool:
    return state.gate and not state.holds


def _urgency(matter: Matter) -> tuple[bool, float, int, str, str]:
    escalated = matter.standing.startswith(Status.ESCALATED)
    latest = 10**6 if matter.days is None else matter.days
    return not escalated, -np.nan_to_num(matter.value), latest, matter.kind, matter.key


def _page(stage: str) -> str:
    return _PAGES.get(stage, f"{stage}_review")


def _date(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
