"""The clock and the course of a meeting, and what meetings spend their time on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd

from sop_engine.executive_sop.agenda import DECISION

OF_MEETING = ["meeting_id", "cycle", "title", "stage", "scope"]
Read = Callable[[str, Sequence[object]], pd.DataFrame]
_TURNS = """SELECT "at", CAST(key ->> '$.position' AS INTEGER) AS position FROM audit_log
WHERE "table" = 'agenda_item' AND (key ->> '$.meeting_id') = ? AND (after ->> '$.started_at') IS NOT NULL
  AND action = 'update' ORDER BY audit_id"""
_PUT_OFF = """SELECT key ->> '$.decision_id' AS decision_id, why FROM audit_log
WHERE "table" = 'decision' AND (after ->> '$.status') = 'deferred' ORDER BY audit_id"""


def held(items: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Agenda items with their seconds up to `at`: those of earlier turns and of the turn that is open."""
    turn = (pd.Timestamp(at) - pd.to_datetime(items["started_at"])).dt.total_seconds()
    return items.assign(seconds=items["seconds"] + turn.fillna(0.0).clip(lower=0.0))


def course_of(read: Read, meeting_id: str) -> dict[str, pd.DataFrame]:
    """turn: at, position of each item as it was opened, in order; put_off: decision_id, why of each time that
    a decision was deferred, the last one last. read: of a warehouse
    """
    return {"turn": read(_TURNS, [meeting_id]), "put_off": read(_PUT_OFF, [])}


def item_at(turns: pd.DataFrame, agenda: pd.DataFrame, at: datetime) -> str:
    """Title of the item that was open then, "" before the first. turns: as `course_of` gives them"""
    opened = turns.loc[turns["at"] <= at, "position"]
    titles = dict(zip(agenda["position"], agenda["title"], strict=True))
    return "" if opened.empty else str(titles.get(opened.iloc[-1], ""))


def minutes_words(seconds: float) -> str:
    """Minutes and seconds of a clock.

    >>> minutes_words(725.4)
    '12:05'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def clock_words(seconds: float, minutes: float) -> str:
    """A clock against its plan, with the word that says it is over.

    >>> clock_words(725, 15), clock_words(1000, 15)
    ('12:05 of 15:00', '16:40 of 15:00, over by 1:40')
    """
    over = seconds - 60 * minutes
    words = f"{minutes_words(seconds)} of {minutes_words(60 * minutes)}"
    return f"{words}, over by {minutes_words(over)}" if over >= 1 else words


def decision_share_pct(items: pd.DataFrame) -> float:
    """Share of the time held that went to items to decide on, %; NaN where no time was held."""
    total = items["seconds"].sum()
    return float("nan") if total <= 0 else 100 * items.loc[items["kind"] == DECISION, "seconds"].sum() / total


def process_figures(meetings: pd.DataFrame, items: pd.DataFrame, attendance: pd.DataFrame) -> pd.DataFrame:
    """One row per meeting that has ended, in the order they ended: planned and held minutes, over (minutes
    above plan, of the whole), decisions_pct (share of time on items to decide on) and present_pct (roles
    filled of those expected; NaN where none was expected).
    """
    rows = []
    for row in meetings[meetings["status"] == "ended"].sort_values("ended_at", kind="stable").itertuples():
        agenda = items[items["meeting_id"] == row.meeting_id]
        there = attendance[attendance["meeting_id"] == row.meeting_id]
        planned, took = agenda["minutes"].sum(), agenda["seconds"].sum() / 60
        filled = there.groupby("role")["present"].any()
        present = 100 * filled.mean() if len(filled) else float("nan")
        named = [getattr(row, name) for name in OF_MEETING]
        rows.append((*named, planned, took, took - planned, decision_share_pct(agenda), present))
    columns = [*OF_MEETING, "planned", "held", "over", "decisions_pct", "present_pct"]
    return pd.DataFrame(rows, columns=columns)
