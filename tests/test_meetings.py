"""A meeting is called, held and ended by its rules; its seconds add up; its minutes hold what was written."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.agenda import AgendaItem, canon, seats
from sop_engine.executive_sop.meeting_time import course_of
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.exports.minutes import Minutes, html_page, markdown, minutes_of
from sop_engine.records import Option, add_note, decide, defer_decision, open_cycle, raise_decision
from sop_engine.records.meetings import (
    Meeting,
    call_meeting,
    end_meeting,
    go_to,
    meeting_of,
    newer_than,
    pin_meeting,
    read_meetings,
    recorded_in,
    set_agenda,
    set_attendance,
    start_meeting,
    write_item_notes,
)
from sop_engine.scenario import BASELINE
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.plans import made_up_plan, small_inputs

CYCLE = "2014-01"
AT = datetime(2014, 1, 20, 9, 30)
ANNA = {"who": "Anna", "at": AT}
CARD = scorecard(made_up_plan(small_inputs(), BASELINE, seed=3), Window.ALL)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    open_cycle(opened, CYCLE, **ANNA)
    yield opened
    opened.close()


def later(minutes: float) -> dict[str, object]:
    return {"who": "Anna", "at": AT + timedelta(minutes=minutes)}


def people(*present: str) -> pd.DataFrame:
    rows = [(seat.role, "", seat.decides, seat.role in present) for seat in seats("supply")]
    return pd.DataFrame(rows, columns=["role", "person", "decides", "present"])


def called(warehouse: Warehouse) -> str:
    seated = people("Supply planning lead")
    return call_meeting(warehouse, cycle=CYCLE, stage="supply", items=canon("supply"), people=seated, **ANNA)


def started(warehouse: Warehouse) -> str:
    meeting_id = called(warehouse)
    begun = {"version": "abc123", "levers": BASELINE.to_json(), "figures": CARD.to_json()}
    start_meeting(warehouse, meeting_id, **begun, **ANNA)
    return meeting_id


def written(warehouse: Warehouse, meeting: Meeting, at: datetime) -> Minutes:
    course = course_of(warehouse.read, meeting.meeting_id)
    return minutes_of(meeting, {**recorded_in(warehouse, meeting, at), **course}, CARD, at)


def read(warehouse: Warehouse, meeting_id: str) -> Meeting:
    return meeting_of(read_meetings(warehouse), meeting_id)


def test_a_meeting_is_called_with_the_agenda_and_seats_of_its_review(warehouse: Warehouse) -> None:
    meeting = read(warehouse, called(warehouse))
    assert list(meeting.agenda["title"]) == [item.title for item in canon("supply")]
    assert meeting.row["title"] == "Supply review" and meeting.row["status"] == "planned"
    assert set(meeting.attendance["role"]) == {seat.role for seat in seats("supply")}
    assert meeting.position is None


def test_seconds_of_all_turns_add_up_to_the_time_held(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    turns = [(2, 1, 6.0), (3, 2, 20.0), (2, 3, 25.0), (4, 2, 31.5)]
    for position, seen, minutes in turns:
        go_to(warehouse, meeting_id, position, seen=seen, **later(minutes))
    end_meeting(warehouse, meeting_id, minutes="{}", **later(40.0))
    spent = read(warehouse, meeting_id).agenda.set_index("position")["seconds"] / 60
    assert spent.to_dict() == {1: 6.0, 2: 20.5, 3: 5.0, 4: 8.5, 5: 0.0, 6: 0.0, 7: 0.0, 8: 0.0}
    assert spent.sum() == 40.0


def test_two_who_press_next_at_once_move_on_once(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    go_to(warehouse, meeting_id, 2, seen=1, **later(1))
    with pytest.raises(ConflictError, match="moved on to 'Performance'"):
        go_to(warehouse, meeting_id, 2, seen=1, **later(1.01))
    assert read(warehouse, meeting_id).position == 2


def test_what_was_opened_stays_when_the_agenda_is_changed(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    go_to(warehouse, meeting_id, 2, seen=1, **later(5))
    write_item_notes(warehouse, meeting_id, 2, "Plant is late", **later(6))
    set_agenda(warehouse, meeting_id, [AgendaItem("The strike", 30)], **later(7))
    agenda = read(warehouse, meeting_id).agenda
    assert list(agenda["title"]) == ["Prior actions", "Performance", "The strike"]
    assert list(agenda["seconds"]) == [300.0, 0.0, 0.0] and agenda["notes"][1] == "Plant is late"
    set_agenda(warehouse, meeting_id, [], **later(8))
    assert len(read(warehouse, meeting_id).agenda) == 2


@pytest.mark.parametrize("items", [[], [AgendaItem("", 5)], [AgendaItem("No time", 0)]])
def test_an_agenda_that_says_nothing_is_refused(warehouse: Warehouse, items: list[AgendaItem]) -> None:
    meeting_id = called(warehouse)
    with pytest.raises(RecordError):
        set_agenda(warehouse, meeting_id, items, **ANNA)
    assert len(read(warehouse, meeting_id).agenda) == 8


def test_a_meeting_runs_once(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    with pytest.raises(RecordError, match="must be planned"):
        start_meeting(warehouse, meeting_id, version="", levers="", figures="", **later(1))
    end_meeting(warehouse, meeting_id, minutes="{}", **later(2))
    for late in (
        lambda: end_meeting(warehouse, meeting_id, minutes="{}", **later(3)),
        lambda: go_to(warehouse, meeting_id, 2, seen=1, **later(3)),
        lambda: set_attendance(warehouse, meeting_id, people(), **later(3)),
    ):
        with pytest.raises(RecordError, match="is ended"):
            late()


def test_attendance_keeps_each_role_once_for_a_person(warehouse: Warehouse) -> None:
    meeting_id = called(warehouse)
    rows = [("Buyer", " Bo ", True, True), ("Buyer", "Bo", False, True), (None, "x", True, True)]
    seated = pd.DataFrame(rows, columns=["role", "person", "decides", "present"])
    set_attendance(warehouse, meeting_id, seated, **ANNA)
    kept = read(warehouse, meeting_id).attendance
    assert kept[["role", "person", "decides", "present"]].to_numpy().tolist() == [
        ["Buyer", "Bo", False, True]
    ]


def test_moving_on_changes_what_it_is_pinned_to(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    pin_meeting(warehouse, meeting_id, "def456", **later(10))
    row = read(warehouse, meeting_id).row
    assert row["data_version"] == "def456" and row["pinned_at"] == AT + timedelta(minutes=10)


def test_minutes_hold_what_was_written_in_the_meeting_and_nothing_else(warehouse: Warehouse) -> None:
    note = {"cycle": CYCLE, "stage": "supply", "who": "Bo"}
    add_note(warehouse, kind="action", text="Before it began", at=AT - timedelta(minutes=1), **note)
    asked = {"cycle": CYCLE, "options": [Option("Saturdays"), Option("Wait")], "who": "Bo"}
    old = raise_decision(warehouse, question="Work Saturdays?", at=AT - timedelta(days=1), **asked)
    untouched = raise_decision(warehouse, question="Move the plant?", at=AT - timedelta(days=1), **asked)
    put_off = raise_decision(warehouse, question="Buy a press?", at=AT - timedelta(days=1), **asked)
    meeting_id = started(warehouse)
    call = {"text": "Call the | vendor", "owner": "Cy", "due": date(2014, 2, 3)}
    add_note(warehouse, kind="action", at=AT + timedelta(minutes=2), **call, **note)
    elsewhere = {"text": "Of another meeting", "meeting_id": "2014-01-M9"}
    add_note(warehouse, kind="action", at=AT + timedelta(minutes=2), **elsewhere, **note)
    add_note(warehouse, kind="parking", text="Pallets", at=AT + timedelta(minutes=3), **note)
    decide(warehouse, old, "A", reason="It pays", **later(4))
    defer_decision(warehouse, put_off, reason="No quote yet", decide_by=date(2014, 2, 10), **later(5))
    add_note(warehouse, kind="action", text="After it ended", at=AT + timedelta(minutes=31), **note)
    at = AT + timedelta(minutes=30)
    meeting = read(warehouse, meeting_id)
    minutes = written(warehouse, meeting, at)
    parts = {part.title.partition(",")[0]: part for part in minutes.parts}
    assert parts["Actions"].rows == (("Call the | vendor", "Cy", "3 Feb 14", "open", "Prior actions", ""),)
    assert [row[0] for row in parts["Parking lot"].rows] == ["Pallets"]
    assert {row[0]: row[1] for row in parts["Decisions"].rows} == {
        "Work Saturdays?": "decided: A: Saturdays (not taken: B: Wait)",
        "Buy a press?": "deferred to 10 Feb 14",
    }
    assert {row[0]: row[2] for row in parts["Decisions"].rows}["Buy a press?"] == "No quote yet"
    assert untouched and "Notes" not in parts and all(part.rows for part in minutes.parts)
    assert all(row[3] == "±0" for row in parts["Figures"].rows) and len(parts["Figures"].rows) == 7
    assert parts["Agenda"].rows[0][1:4] == ("5:00", "30:00", "25:00")
    assert parts["Agenda"].rows[1][2] == "not reached"


def test_minutes_come_back_as_they_were_written_and_read_as_text(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    risky = {"text": "<b>A</b> | *B*\n# C", "owner": "Cy", "who": "Bo", "at": AT + timedelta(minutes=2)}
    add_note(warehouse, cycle=CYCLE, stage="supply", kind="action", **risky)
    at, meeting = AT + timedelta(minutes=30), read(warehouse, meeting_id)
    minutes = written(warehouse, meeting, at)
    assert Minutes.from_json(minutes.to_json()) == minutes
    text = markdown(minutes)
    assert text.startswith("# Supply review, Jan 14 cycle") and "\\<b\\>A\\</b\\> \\| \\*B\\* \\# C" in text
    assert all(line.count(" | ") <= 6 for line in text.splitlines() if line.startswith("| "))
    page = html_page(minutes)
    assert "&lt;b&gt;A&lt;/b&gt;" in page and "<b>A</b>" not in page and "http" not in page
    with pytest.raises(RecordError, match="no text of minutes"):
        Minutes.from_json("{}")


def test_the_last_change_of_the_inputs_since_the_start_is_named(warehouse: Warehouse) -> None:
    assert newer_than(warehouse, AT) is None
    rows = {"file": "a.csv", "sha256": "", "table": "price", "rows": 3, "mode": "upsert", "data_version": "x"}
    with warehouse.transaction(who="Ben", why="load", at=AT + timedelta(minutes=3)) as change:
        change.insert("upload", {"upload_id": 1, "at": AT + timedelta(minutes=3), "who": "Ben", **rows})
    newest = newer_than(warehouse, AT)
    assert (newest["what"], newest["who"]) == ("new data was loaded", "Ben")
    assert newer_than(warehouse, AT + timedelta(minutes=3)) is None


def test_each_action_names_the_item_that_was_open(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    go_to(warehouse, meeting_id, 3, seen=1, **later(5))
    go_to(warehouse, meeting_id, 1, seen=3, **later(9))
    for minute in (2, 7, 11):
        note = {"kind": "action", "text": f"At {minute}", "who": "Bo", "at": AT + timedelta(minutes=minute)}
        add_note(warehouse, cycle=CYCLE, stage="supply", **note)
    minutes = written(warehouse, read(warehouse, meeting_id), AT + timedelta(minutes=12))
    (actions,) = (part for part in minutes.parts if part.title == "Actions")
    assert {row[0]: row[actions.columns.index("Item")] for row in actions.rows} == {
        "At 2": "Prior actions",
        "At 7": "Demand changes since the last cycle",
        "At 11": "Prior actions",
    }


def test_an_item_says_what_came_of_its_decision(warehouse: Warehouse) -> None:
    asked = {"cycle": CYCLE, "options": [Option("Saturdays"), Option("Wait")], "who": "Bo", "at": AT}
    ids = [raise_decision(warehouse, question=f"Question {at}?", **asked) for at in range(3)]
    items = [AgendaItem(f"Item {at}", 10, about=name, kind="decision") for at, name in enumerate(ids)]
    seated = people("Supply planning lead")
    meeting_id = call_meeting(
        warehouse, cycle=CYCLE, stage="supply", items=[*items, AgendaItem("Talk", 5)], people=seated, **ANNA
    )
    begun = {"version": "abc123", "levers": BASELINE.to_json(), "figures": CARD.to_json()}
    start_meeting(warehouse, meeting_id, **begun, **later(1))
    decide(warehouse, ids[0], "A", reason="It pays", **later(4))
    defer_decision(warehouse, ids[1], reason="No quote yet", decide_by=date(2014, 2, 10), **later(5))
    minutes = written(warehouse, read(warehouse, meeting_id), AT + timedelta(minutes=12))
    (agenda,) = (part for part in minutes.parts if part.title == "Agenda")
    outcomes = [row[agenda.columns.index("Outcome")] for row in agenda.rows]
    assert outcomes[0].startswith("decided: A: Saturdays")
    assert outcomes[1:] == ["deferred to 10 Feb 14", "still waits", ""]


def test_the_minutes_say_the_quorum_in_words(warehouse: Warehouse) -> None:
    meeting_id = started(warehouse)
    read_at = AT + timedelta(minutes=3)
    roles = len(seats("supply"))
    assert any(
        line.startswith(f"Quorum: Supply planning lead could decide; 1 of {roles} roles were there, without")
        for line in written(warehouse, read(warehouse, meeting_id), read_at).lines
    )
    set_attendance(warehouse, meeting_id, people("Procurement"), **later(2))
    (words,) = (
        line for line in written(warehouse, read(warehouse, meeting_id), read_at).lines if "roles" in line
    )
    assert words.startswith("Nobody who may decide is present") and f"1 of {roles} roles" in words
