"""What is open for a person: decisions, requests, tasks, actions and assumptions of this cycle and of earlier
ones, by deadline."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sop_engine.executive_sop.decisions import Status, days_left, deadline_words, is_waiting

NOBODY = "nobody"
_LATER = date.max


@dataclass(frozen=True)
class Source:
    """How a process table says what is open: its columns, and whether an open row stands in later cycles.

    kind: what its rows are, "" where a column of the same name says so
    """

    table: str
    key: str
    text: str
    due: str
    stage: str
    kind: str
    waiting: frozenset[str] = frozenset({"open"})
    stands: bool = True


SOURCES = (
    Source(
        "decision",
        "decision_id",
        "question",
        "decide_by",
        "escalated_to",
        "decision",
        waiting=frozenset(str(status) for status in Status if is_waiting(status)),
    ),
    Source("request", "request_id", "title", "due", "to_stage", "request"),
    Source("task", "task_id", "title", "due", "stage", "task", stands=False),
    Source("note", "note_id", "text", "due", "stage", ""),
    Source("assumption", "assumption_id", "text", "", "", "assumption"),
)
KINDS = ("decision", "request", "task", "action", "assumption", "parking", "note")


@dataclass(frozen=True)
class Thing:
    """One open thing. due: None without a deadline; days_left: negative when overdue

    carried: cycles that it was carried into; age_days: since it was written, None where that is not kept
    page, section: where it is done, "" where its review says so
    """

    kind: str
    table: str
    key: str
    text: str
    owner: str
    stage: str
    due: date | None
    days_left: int | None
    standing: str
    cycle: str
    carried: int
    age_days: int | None
    sample: bool
    page: str = ""
    section: str = ""

    @property
    def overdue(self) -> bool:
        return self.days_left is not None and self.days_left < 0


def my_things(
    records: Mapping[str, pd.DataFrame],
    cycle: str,
    cycles: Collection[str],
    today: date,
    owners: Mapping[str, str],
) -> tuple[Thing, ...]:
    """Everything that is open in a cycle, the nearest deadline first, those without one last.

    records: {table: its rows of all cycles}; a table that is left out holds nothing
    cycles: those that were opened; owners: {stage: owner} of the reviews, who do the tasks that name nobody
    """
    things = [
        _thing(row, source, cycle, cycles, today, owners)
        for source in SOURCES
        if source.table in records
        for row in _open_rows(records[source.table], source, cycle)
    ]
    return tuple(sorted(things, key=lambda one: (one.due or _LATER, KINDS.index(one.kind))))


def of_person(things: Collection[Thing], person: str) -> tuple[Thing, ...]:
    """Those of one person, named in any case; "" is everybody."""
    name = person.strip().casefold()
    return tuple(one for one in things if not name or one.owner.strip().casefold() == name)


def standing(rows: pd.DataFrame, cycle: str) -> pd.DataFrame:
    """The rows of the table note that stand in a cycle: its own, and the open ones of earlier cycles."""
    return rows[(rows["cycle"] == cycle) | ((rows["cycle"] < cycle) & (rows["status"] == "open"))]


def carried_cycles(since: str, cycle: str, cycles: Collection[str]) -> int:
    """How many cycles were opened after one, up to another.

    >>> carried_cycles("2013-11", "2014-01", ["2013-11", "2013-12", "2014-01", "2014-02"])
    2
    """
    return sum(since < other <= cycle for other in cycles)


def count_words(things: Collection[Thing]) -> str:
    """How many of each kind are open, and how many are overdue.

    >>> count_words([])
    'Nothing is open'
    """
    kinds = [one.kind for one in things]
    names = {"parking": "parked point"}
    counts = [
        f"{kinds.count(kind)} {names.get(kind, kind)}{'' if kinds.count(kind) == 1 else 's'}"
        for kind in KINDS
        if kind in kinds
    ]
    late = sum(one.overdue for one in things)
    return ", ".join(counts) + (f"; {late} overdue" if late else "") if counts else "Nothing is open"


def _open_rows(rows: pd.DataFrame, source: Source, cycle: str) -> Iterator[dict[str, object]]:
    now = rows["cycle"] <= cycle if source.stands else rows["cycle"] == cycle
    yield from rows[now & rows["status"].isin(source.waiting)].to_dict("records")


def _thing(
    row: Mapping[str, object],
    source: Source,
    cycle: str,
    cycles: Collection[str],
    today: date,
    owners: Mapping[str, str],
) -> Thing:
    stage = str(row.get(source.stage) or row.get("stage") or "")
    due, made = _day(row.get(source.due)), _day(row.get("created_at"))
    doer = owners.get(stage, "") if source.table == "task" else ""
    return Thing(
        kind=source.kind or str(row["kind"]),
        table=source.table,
        key=str(row[source.key]),
        text=str(row[source.text]),
        owner=str(row["owner"]).strip() or doer,
        stage=stage,
        due=due,
        days_left=days_left(due, today),
        standing=deadline_words(str(row["status"]), due, today).removeprefix("open, "),
        cycle=str(row["cycle"]),
        carried=carried_cycles(str(row["cycle"]), cycle, cycles),
        age_days=None if made is None else (today - made).days,
        sample=bool(row.get("sample", False)),
        page=str(row.get("page") or ""),
        section=str(row.get("section") or ""),
    )


def _day(value: object) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()
