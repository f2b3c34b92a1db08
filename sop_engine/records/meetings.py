"""Meetings: called with an agenda, held item by item on the data they began on, ended with their minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.agenda import AgendaItem
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.meeting_time import held
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

PLANNED, RUNNING, ENDED = "planned", "running", "ended"
TABLES = ("meeting", "agenda_item", "attendance")
_RECORDED = ("decision", "note", "request", "assumption", "override")
_WRITTEN = """SELECT * FROM audit_log
WHERE "at" BETWEEN ? AND ? AND "table" = ? AND action IN ('insert', 'update')"""


@dataclass(frozen=True, eq=False)
class Meeting:
    """One meeting as it stands. row: of its table; agenda, attendance: rows of theirs"""

    row: pd.Series
    agenda: pd.DataFrame
    attendance: pd.DataFrame

    @property
    def meeting_id(self) -> str:
        return str(self.row["meeting_id"])

    @property
    def position(self) -> int | None:
        """Of the item that is open, None where none is."""
        opened = self.agenda.loc[self.agenda["started_at"].notna(), "position"]
        return None if opened.empty else int(opened.iloc[0])

    @property
    def item(self) -> pd.Series:
        """The item that is open. Raises RecordError where none is."""
        if self.position is None:
            raise RecordError(f"{self.row['title']} has no open item. Start it on the Meeting page.")
        return self.agenda.set_index("position", drop=False).loc[self.position]

    def beside(self, step: int) -> int | None:
        """Position of the item that many steps after the open one, None beyond either end."""
        positions = list(self.agenda["position"])
        place = positions.index(self.position) + step
        return positions[place] if 0 <= place < len(positions) else None


def read_meetings(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    """Tables meeting, agenda_item and attendance of all cycles, meetings in the order they were called."""
    order = {
        "meeting": "created_at, meeting_id",
        "agenda_item": "meeting_id, position",
        "attendance": "meeting_id, rowid",
    }
    return {name: warehouse.read(f"SELECT * FROM {name} ORDER BY {order[name]}") for name in TABLES}


def meeting_of(tables: dict[str, pd.DataFrame], meeting_id: str) -> Meeting:
    """One meeting of what `read_meetings` gives. Raises RecordError where there is none of this id."""
    parts = {
        name: rows[rows["meeting_id"] == meeting_id].reset_index(drop=True) for name, rows in tables.items()
    }
    if parts["meeting"].empty:
        raise RecordError(f"There is no meeting {meeting_id}. Choose one on the Meeting page.")
    return Meeting(parts["meeting"].iloc[0], parts["agenda_item"], parts["attendance"])


def call_meeting(
    warehouse: Warehouse,
    *,
    cycle: str,
    stage: str,
    items: Sequence[AgendaItem],
    people: pd.DataFrame,
    who: str,
    at: datetime,
    title: str = "",
    scope: str = "",
    facilitator: str = "",
    planned_for: date | None = None,
    sample: bool = False,
) -> str:
    """Call a meeting of a review with its agenda; returns its id.

    people: role, person (blank while nobody is named), decides, present
    Raises RecordError when the cycle is not open, no item is on the agenda or an item is not right.
    """
    name = title.strip() or " ".join(filter(None, [STAGE_WORDS[stage], scope]))
    with warehouse.transaction(who=who, why=f"call {name}", at=at) as change:
        require_open(change, cycle)
        meeting_id = next_id(change, "meeting", cycle, "M")
        row = {
            "meeting_id": meeting_id,
            "cycle": cycle,
            "stage": stage,
            "scope": scope,
            "title": name,
            "facilitator": facilitator or who,
            "status": PLANNED,
            "planned_for": planned_for,
            "created_at": at,
            "created_by": who,
            "sample": sample,
        }
        change.insert("meeting", row)
        change.insert("agenda_item", _rows(meeting_id, items, first=1))
        change.insert("attendance", _seated(meeting_id, people))
    return meeting_id


def set_agenda(
    warehouse: Warehouse, meeting_id: str, items: Sequence[AgendaItem], *, who: str, at: datetime
) -> None:
    """Replace what is still to come: before the start the whole agenda, later all after the last item that
    was opened. Raises RecordError when the meeting has ended or nothing would be on its agenda.
    """
    with warehouse.transaction(who=who, why=f"agenda of {meeting_id}", at=at) as change:
        require_open(change, _row(change, meeting_id, PLANNED, RUNNING)["cycle"])
        agenda = _agenda(change, meeting_id)
        opened = agenda.loc[agenda["started_at"].notna() | (agenda["seconds"] > 0), "position"]
        last = int(opened.max()) if len(opened) else 0
        for position in agenda.loc[agenda["position"] > last, "position"]:
            change.delete("agenda_item", {"meeting_id": meeting_id, "position": int(position)})
        if items or not last:
            change.insert("agenda_item", _rows(meeting_id, items, first=last + 1))


def set_attendance(
    warehouse: Warehouse, meeting_id: str, people: pd.DataFrame, *, who: str, at: datetime
) -> None:
    """Replace who is expected and who came. people: role, person, decides, present"""
    with warehouse.transaction(who=who, why=f"attendance of {meeting_id}", at=at) as change:
        _row(change, meeting_id, PLANNED, RUNNING)
        rows = _seated(meeting_id, people)
        if len(change.read("SELECT 1 FROM attendance WHERE meeting_id = ?", [meeting_id])):
            change.delete("attendance", {"meeting_id": meeting_id})
        change.insert("attendance", rows)


def start_meeting(
    warehouse: Warehouse,
    meeting_id: str,
    *,
    version: str,
    levers: str,
    figures: str,
    who: str,
    at: datetime,
) -> None:
    """Begin a planned meeting with its first item.

    version: of the inputs it is pinned to; levers, figures: JSON of the working scenario and its scorecard
    Raises RecordError when it was begun before.
    """
    with warehouse.transaction(who=who, why=f"start {meeting_id}", at=at) as change:
        require_open(change, _row(change, meeting_id, PLANNED)["cycle"])
        begun = {"status": RUNNING, "started_at": at, "pinned_at": at, "data_version": version}
        values = {**begun, "levers": levers, "figures": figures}
        change.update("meeting", {"meeting_id": meeting_id}, values, expected={"status": PLANNED})
        first = int(_agenda(change, meeting_id)["position"].min())
        _open_item(change, meeting_id, first, at)


def go_to(warehouse: Warehouse, meeting_id: str, position: int, *, seen: int, who: str, at: datetime) -> None:
    """Leave the open item, whose seconds are added to it, and open another.

    seen: the item that was open on screen. Raises ConflictError when somebody moved on meanwhile.
    """
    with warehouse.transaction(who=who, why=f"item {position} of {meeting_id}", at=at) as change:
        _row(change, meeting_id, RUNNING)
        _leave_item(change, meeting_id, at, seen)
        _open_item(change, meeting_id, position, at)


def write_item_notes(
    warehouse: Warehouse, meeting_id: str, position: int, text: str, *, who: str, at: datetime
) -> None:
    """What was said on an item, in place of what stood there."""
    with warehouse.transaction(who=who, why=f"notes on item {position} of {meeting_id}", at=at) as change:
        _row(change, meeting_id, RUNNING)
        change.update("agenda_item", {"meeting_id": meeting_id, "position": position}, {"notes": text})


def pin_meeting(warehouse: Warehouse, meeting_id: str, version: str, *, who: str, at: datetime) -> None:
    """A running meeting moves on to newer inputs."""
    with warehouse.transaction(who=who, why=f"{meeting_id} moves on to newer data", at=at) as change:
        _row(change, meeting_id, RUNNING)
        change.update("meeting", {"meeting_id": meeting_id}, {"data_version": version, "pinned_at": at})


def end_meeting(warehouse: Warehouse, meeting_id: str, *, minutes: str, who: str, at: datetime) -> None:
    """Close the open item and the meeting, and keep its minutes (JSON). Raises RecordError when it is not
    running.
    """
    with warehouse.transaction(who=who, why=f"end {meeting_id}", at=at) as change:
        _row(change, meeting_id, RUNNING)
        _leave_item(change, meeting_id, at, None)
        values = {"status": ENDED, "ended_at": at, "minutes": require_text("The minutes", minutes)}
        change.update("meeting", {"meeting_id": meeting_id}, values, expected={"status": RUNNING})


def recorded_in(warehouse: Warehouse, meeting: Meeting, at: datetime) -> dict[str, pd.DataFrame]:
    """Rows of decision, note, request, assumption and override as they stand now that were written or changed
    between the meeting's start and `at`, those of another meeting left out; and the options of the decisions.
    """
    rows = {table: _written(warehouse, table, meeting, at) for table in _RECORDED}
    options = warehouse.read("SELECT * FROM decision_option ORDER BY ALL")
    rows["decision_option"] = options[options["decision_id"].isin(rows["decision"]["decision_id"])]
    return rows


def newer_than(warehouse: Warehouse, at: datetime) -> pd.Series | None:
    """What changed the inputs last after `at`: its what, at and who; None where nothing did."""
    found = warehouse.read(
        """SELECT 'new data was loaded' AS what, "at", who FROM upload WHERE "at" > ? UNION ALL
        SELECT CASE "table" WHEN 'override' THEN 'an override was recorded'
               WHEN 'demand_lock' THEN 'a lock was set or lifted'
               WHEN 'history_correction' THEN 'a correction of the history was settled'
               ELSE 'a request was answered' END, "at", who FROM audit_log
        WHERE "at" > ? AND "table" IN ('override', 'demand_lock', 'history_correction', 'request')
        ORDER BY "at" DESC LIMIT 1""",
        [at, at],
    )
    return None if found.empty else found.iloc[0]


def _written(warehouse: Warehouse, table: str, meeting: Meeting, at: datetime) -> pd.DataFrame:
    key = f"{table}_id"
    rows = warehouse.read(
        f"SELECT * FROM \"{table}\" WHERE {key} IN (SELECT key ->> '$.{key}' FROM ({_WRITTEN})) ORDER BY ALL",
        [meeting.row["started_at"].to_pydatetime(), at, table],
    )
    if "meeting_id" not in rows:
        return rows
    return rows[rows["meeting_id"].isin(["", meeting.meeting_id])].reset_index(drop=True)


def _rows(meeting_id: str, items: Sequence[AgendaItem], first: int) -> pd.DataFrame:
    if not items:
        raise RecordError("The agenda is empty. A meeting needs at least one item.")
    for item in items:
        require_text("The title of an item", item.title)
        if not item.minutes > 0:
            raise RecordError(f"'{item.title}' is given no time. Write minutes above 0.")
    rows = pd.DataFrame([asdict(item) for item in items])
    return rows.assign(meeting_id=meeting_id, position=range(first, first + len(rows)))


def _seated(meeting_id: str, people: pd.DataFrame) -> pd.DataFrame:
    """Rows of attendance; a role needs a name, and stands once for a person."""
    rows = people[["role", "person", "decides", "present"]].copy()
    for name in ("role", "person"):
        rows[name] = rows[name].fillna("").astype(str).str.strip()
    for name in ("decides", "present"):
        rows[name] = rows[name].eq(True)
    rows = rows[rows["role"] != ""].assign(meeting_id=meeting_id)
    return rows.drop_duplicates(["role", "person"], keep="last")


def _row(change: Change, meeting_id: str, *allowed: str) -> pd.Series:
    """The meeting, refused where it does not stand as it must."""
    rows = change.read("SELECT * FROM meeting WHERE meeting_id = ?", [meeting_id])
    if rows.empty:
        raise RecordError(f"There is no meeting {meeting_id}. Choose one on the Meeting page.")
    if rows["status"][0] not in allowed:
        raise RecordError(
            f"{rows['title'][0]} is {rows['status'][0]}; for this it must be {' or '.join(allowed)}."
        )
    return rows.iloc[0]


def _agenda(change: Change, meeting_id: str) -> pd.DataFrame:
    return change.read("SELECT * FROM agenda_item WHERE meeting_id = ? ORDER BY position", [meeting_id])


def _open_item(change: Change, meeting_id: str, position: int, at: datetime) -> None:
    keys = {"meeting_id": meeting_id, "position": position}
    change.update("agenda_item", keys, {"started_at": at})


def _leave_item(change: Change, meeting_id: str, at: datetime, seen: int | None) -> None:
    agenda = held(_agenda(change, meeting_id), at)
    opened = agenda[agenda["started_at"].notna()].iloc[0]
    if seen is not None and opened["position"] != seen:
        raise ConflictError(f"The meeting moved on to '{opened['title']}' meanwhile. Nothing was changed.")
    keys = {"meeting_id": meeting_id, "position": int(opened["position"])}
    change.update("agenda_item", keys, {"started_at": None, "seconds": float(opened["seconds"])})
