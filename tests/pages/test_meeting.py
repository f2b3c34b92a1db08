"""A meeting is run from its call to its minutes without leaving the app, on data that stands still."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.frame import session
from sop_engine.records import add_note, open_cycle
from sop_engine.records.cycle_setup import place_pre_sop
from sop_engine.records.meetings import meeting_of, read_meetings
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import APP, SECONDS, of_label, on_tab, opened, small_file, texts, titles
from tests.tables import AT

START = datetime(2014, 1, 20, 9, 0)
SEATED = pd.DataFrame(
    [("Supply planning lead", "Sue", True, True), ("Procurement", "", False, False)],
    columns=["role", "person", "decides", "present"],
)


class Watch:
    """The clock of the app, which stands until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = START
        monkeypatch.setattr(session, "now", lambda: self.time)

    def pass_minutes(self, minutes: float) -> None:
        self.time += timedelta(minutes=minutes)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The small company with its January cycle open."""
    made = small_file(tmp_path)
    warehouse = open_warehouse(made)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    return made


def pressed(app: AppTest, label: str) -> AppTest:
    return of_label(app.button, label).click().run()


def words(app: AppTest) -> str:
    """What the page says, without the marks that keep it from being read as Markdown."""
    return texts(app).replace("\\", "")


def started(file: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A supply review that has begun, in the session of Ana."""
    app = pressed(opened("meeting", file, monkeypatch), "Call a meeting")
    of_label(app.selectbox, "Meeting").set_value("supply")
    return pressed(pressed(app, "Call it"), "Start the meeting")


def test_a_meeting_of_a_series_is_called_for_its_part_and_closed_there(
    file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    place_pre_sop(open_warehouse(file), "2014-01", "region", seen="one", reason="Two teams", who="Ana", at=AT)
    app = pressed(opened("meeting", file, monkeypatch), "Call a meeting")
    of_label(app.selectbox, "Meeting").set_value("pre_sop")
    scope = of_label(app.selectbox, "For")
    assert scope.options == ["the whole company", "East", "West"]
    scope.set_value("West")
    app = pressed(pressed(app, "Call it"), "Start the meeting")
    watch.pass_minutes(30)
    app = pressed(pressed(app, "End"), "End and write the minutes")
    assert not app.exception and meeting_in(open_warehouse(file)).row["scope"] == "West"
    app = on_tab(app.switch_page("pages/pre_sop.py").run(), "pre_sop_tabs", "Series")
    table = next(frame.value for frame in app.dataframe if "meeting" in frame.value)
    closed = dict(zip(table["meeting"], table.iloc[:, -1], strict=True))
    assert "Ana" in closed["West"] and closed["East"] == closed["Company"] == "not called", table


def meeting_in(warehouse: Warehouse) -> object:
    return meeting_of(read_meetings(warehouse), "2014-01-M1")


def test_eight_items_from_start_to_minutes(file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    app = started(file, monkeypatch)
    warehouse = session.warehouse()
    assert not app.exception and [title.value for title in app.title] == ["Prior actions"]
    assert "1 of 8" in texts(app) and "No action is open" in texts(app)
    for minutes in range(1, 8):
        watch.pass_minutes(minutes)
        if minutes < 4:
            note = {"kind": "action", "text": f"Action {minutes}", "owner": "Bo", "meeting_id": "2014-01-M1"}
            add_note(warehouse, cycle="2014-01", stage="supply", who="Ana", at=watch.time, **note)
        app = pressed(app, "Next")
        assert not app.exception, app.exception
    assert "8 of 8" in texts(app) and of_label(app.button, "Next").disabled
    assert "Actions" in texts(app)
    watch.pass_minutes(12)
    app = pressed(pressed(app, "End"), "End and write the minutes")
    assert not app.exception
    kept = meeting_in(warehouse)
    assert kept.row["status"] == "ended"
    assert list(kept.agenda["seconds"] / 60) == [1, 2, 3, 4, 5, 6, 7, 12]
    tables = [table.value.reset_index() for table in app.table]
    actions = next(table for table in tables if "Due" in table)
    assert list(actions["What"]) == ["Action 1", "Action 2", "Action 3"]
    agenda = next(table for table in tables if "Planned" in table)
    assert list(agenda["Held"]) == ["1:00", "2:00", "3:00", "4:00", "5:00", "6:00", "7:00", "12:00"]
    assert agenda["Over"].iloc[7] == "2:00"
    assert "40:00 held of 90:00 planned" in words(app)
    assert [button.label for button in app.get("download_button")][:2] == [
        "Download Markdown",
        "Download HTML",
    ]


def test_a_load_moves_nothing_on_screen_until_somebody_moves_on(
    file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = started(file, monkeypatch).switch_page("pages/demand_review.py").run()
    before = [metric.value for metric in app.metric]
    assert "Held at the data of" in texts(app)
    watch.pass_minutes(20)
    load_price(session.warehouse(), watch.time)
    app.run()
    assert not app.exception and [metric.value for metric in app.metric] == before
    assert "new data was loaded at 09:20 by Ben and is not on screen" in words(app)
    app = pressed(app, "Move on to it")
    assert [metric.value for metric in app.metric] != before
    assert "Held at the data of" in texts(app)
    assert meeting_in(open_warehouse(file)).row["data_version"] == app.session_state["pinned"]


def load_price(warehouse: Warehouse, at: datetime) -> None:
    """Every price is doubled, as an upload does it."""
    rows = warehouse.read("SELECT * FROM price")
    with warehouse.transaction(who="Ben", why="load price", at=at) as change:
        change.replace("price", rows.assign(price=2 * rows["price"]))
        upload = {"upload_id": 1, "at": at, "who": "Ben", "file": "price.csv", "sha256": "", "table": "price"}
        version = change.data_version()
        change.insert("upload", {**upload, "rows": len(rows), "mode": "replace", "data_version": version})


def test_another_session_joins_from_the_address_and_sees_the_same_item(
    file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed(started(file, monkeypatch), "Next")
    app = AppTest.from_file(APP, default_timeout=SECONDS)
    app.query_params["meeting"] = "2014-01-M1"
    app.run().switch_page("pages/meeting.py").run()
    assert [title.value for title in app.title] == ["Performance"]
    assert app.session_state["pinned"] == meeting_in(open_warehouse(file)).row["data_version"]


def test_data_that_is_gone_is_said_and_left(
    file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = started(file, monkeypatch)
    with session.warehouse().transaction(who="test", why="a restart", at=watch.time) as change:
        change.update("meeting", {"meeting_id": "2014-01-M1"}, {"data_version": "gone00"})
    app.run()
    assert "no longer at hand" in texts(app) and not app.title
    app = pressed(app, "Move on to today's data")
    assert not app.exception and [title.value for title in app.title] == ["Prior actions"]


def test_what_is_parked_and_noted_stands_in_the_minutes(
    file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = started(file, monkeypatch)
    of_label(app.text_area, "Notes on this item").set_value("Two are late").run()
    of_label(app.text_input, "Parking lot").set_value("New pallets")
    app = pressed(app, "Park it")
    assert "New pallets" in texts(app)
    app = pressed(pressed(app, "End"), "End and write the minutes")
    tables = [table.value.reset_index() for table in app.table]
    assert any("New pallets" in table.to_string() for table in tables)
    assert any("Two are late" in table.to_string() for table in tables)
    app.session_state["room_tabs"] = "Time spent"
    assert "of its time on decisions" in titles(app.run())


def test_the_name_that_the_tab_kept_is_taken_and_a_name_given_here_stays(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("meeting", file, monkeypatch)
    assert app.session_state["who"] == "Ana" and "who" not in app.query_params
    pressed(app, "Call a meeting")
    assert of_label(app.text_input, "Your name").value == "Ana"
