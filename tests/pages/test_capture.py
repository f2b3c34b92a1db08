"""Capture as people use it: a key on any page, the view that is kept, and the way back to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.executive_sop.evidence import Evidence
from sop_engine.records import add_note, of_cycle, open_cycle, set_note_status
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import of_label, opened, selected, small_file
from tests.pages.small import texts as escaped_texts
from tests.tables import AT

ANN = {"who": "Ann", "at": AT}
MORE = Scenario((Lever("demand", 10, "Bikes"),))


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """The small company with its January cycle open."""
    warehouse = open_warehouse(small_file(tmp_path))
    open_cycle(warehouse, "2014-01", owners={"demand": "Dora", "supply": "Sam"}, **ANN)
    yield warehouse
    warehouse.close()


def on(page: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = opened(page, Path(warehouse.path), monkeypatch)
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return escaped_texts(app).replace("\\", "")


def capture(app: AppTest, text: str, kind: str = "action") -> AppTest:
    app.button(key="capture_open").click().run()
    app.text_input(key="capture_text").input(text)
    app.button_group(key="capture_kind").set_value(kind)
    of_label(app.button, "Write it down").click().run()
    assert not app.error and not app.exception
    return app


def test_a_note_holds_the_view_and_brings_it_back(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on("demand_review", warehouse, monkeypatch)
    app.selectbox(key="filter_family").select("Bikes").run()
    app.session_state.demand_tabs = "Streams"
    app.session_state.working, app.session_state.past = MORE, []
    app.run()
    capture(app, "Ask the field")
    made = of_cycle(warehouse, "note").iloc[0]
    assert (made["kind"], made["stage"], made["status"]) == ("action", "demand", "open")
    view = Evidence.from_json(made["evidence"])
    assert (view.page, view.section, view.scope) == ("demand_review", "Streams", "Bikes")
    assert view.scenario.levers == MORE.levers and view.data_version

    app = on("cycle", warehouse, monkeypatch)
    assert app.session_state.working.is_baseline
    app.switch_page("pages/demand_review.py").run()
    assert not app.selectbox(key="filter_family").value
    selected(app, "record_notes", 0)
    assert "Demand review, Streams · Bikes" in texts(app) and "Demand of Bikes +10 %" in texts(app)
    app.button(key=f"view_{made['note_id']}").click().run()
    assert not app.exception
    assert app.selectbox(key="filter_family").value == "Bikes"
    assert app.session_state.working.levers == MORE.levers
    assert app.session_state.demand_tabs == "Streams"


def test_every_kind_can_be_captured(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on("supply_review", warehouse, monkeypatch)
    for kind in ("action", "assumption", "parking", "request", "note", "decision"):
        capture(app, f"A {kind}", kind)
    notes = of_cycle(warehouse, "note")
    assert list(notes["kind"]) == ["action", "assumption", "parking", "request", "note"]
    assert (notes["stage"] == "supply").all() and notes["evidence"].str.contains("supply_review").all()
    decision = of_cycle(warehouse, "decision").iloc[0]
    assert (decision["question"], decision["stage"]) == ("A decision", "supply")
    assert Evidence.from_json(decision["evidence"]).page == "supply_review"
    assert list(of_cycle(warehouse, "decision_option")["title"]) == ["Do nothing"]


def test_a_blank_note_is_refused(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on("proof", warehouse, monkeypatch)
    app.button(key="capture_open").click().run()
    of_label(app.button, "Write it down").click().run()
    assert "blank" in app.error[0].value and of_cycle(warehouse, "note").empty


def test_nothing_is_written_into_a_cycle_that_is_not_open(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.transaction(**ANN, why="closed") as change:
        change.update("cycle", {"cycle": "2014-01"}, {"status": "closed"})
    app = on("proof", warehouse, monkeypatch)
    app.button(key="capture_open").click().run()
    assert "is not open" in texts(app)


def test_an_action_of_a_closed_cycle_stands_until_it_is_done(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_cycle(warehouse, "2013-12", **ANN)
    common = {"cycle": "2013-12", "stage": "supply", "kind": "action", **ANN}
    late = add_note(warehouse, text="Book the press", owner="Sam", due=date(2014, 1, 3), **common)
    done = add_note(warehouse, text="Clean the tank", owner="Sam", **common)
    set_note_status(warehouse, done, "done", seen="open", **ANN)
    with warehouse.transaction(**ANN, why="closed") as change:
        change.update("cycle", {"cycle": "2013-12"}, {"status": "closed"})
    app = on("supply_review", warehouse, monkeypatch)
    table = next(frame.value for frame in app.dataframe if "from" in frame.value)
    assert list(table["text"]) == ["Book the press"]
    assert table["from"][0] == "Dec 13, carried 1 cycle" and "overdue" in table["standing"][0]
    selected(app, "record_notes", 0)
    app.button(key=f"done_{late}_open").click().run()
    app.text_input(key=f"note_done_{late}_reason").input("Booked for May")
    next(one for one in app.button if one.label == "Done" and "open" not in one.key).click().run()
    assert not app.error and not app.exception
    closed = of_cycle(warehouse, "note", "2013-12").set_index("note_id").loc[late]
    assert (closed["status"], closed["reason"], closed["closed_by"]) == ("done", "Booked for May", "Ana")
    assert not any("from" in frame.value for frame in app.dataframe)


def test_a_note_is_handed_on(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    name = add_note(warehouse, cycle="2014-01", stage="supply", kind="action", text="Ask", owner="Sam", **ANN)
    app = on("supply_review", warehouse, monkeypatch)
    due = date.today() + timedelta(days=9)
    selected(app, "record_notes", 0)
    app.button(key=f"hand_{name}_open").click().run()
    app.selectbox(key=f"owner_{name}").select("Dora")
    app.date_input(key=f"due_{name}").set_value(due)
    next(one for one in app.button if one.label == "Hand on").click().run()
    assert not app.error and not app.exception
    row = of_cycle(warehouse, "note").iloc[0]
    assert row["owner"] == "Dora" and row["due"].date() == due


def test_my_open_things_stand_on_the_first_page_by_deadline(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    today, common = date.today(), {"cycle": "2014-01", "stage": "supply", "kind": "action", **ANN}
    add_note(warehouse, text="Later", owner="Ana", due=today + timedelta(days=9), **common)
    late = add_note(warehouse, text="Late", owner="ana", due=today - timedelta(days=2), **common)
    add_note(warehouse, text="Of another", owner="Sam", **common)
    app = on("cycle", warehouse, monkeypatch)
    table = next(frame.value for frame in app.dataframe if "what" in frame.value)
    assert "2 actions; 1 overdue" in texts(app) and list(table["what"]) == ["Late", "Later"]
    assert list(table["deadline"]) == ["2 days overdue", "9 days left"]
    selected(app, "my_things", 0)
    assert f"{late}, written down by Ann" in texts(app)
    app.button(key=f"go_{late}").click().run()
    assert not app.exception and any(one.value == "Supply review" for one in app.subheader)

    app = on("cycle", warehouse, monkeypatch)
    app.selectbox(key="whose").select("").run()
    table = next(frame.value for frame in app.dataframe if "what" in frame.value and "owner" in frame.value)
    assert {"Ana", "Sam"} <= set(table["owner"])


def test_a_task_leads_to_its_section(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "task_id": "2014-01-T1",
        "cycle": "2014-01",
        "stage": "demand",
        "title": "Look at the streams",
        "page": "demand_review",
        "section": "Streams",
        "owner": "Ana",
        "status": "open",
    }
    with warehouse.transaction(**ANN, why="a task") as change:
        change.delete("task", {"cycle": "2014-01"}) if len(of_cycle(warehouse, "task")) else None
        change.insert("task", row)
    app = on("cycle", warehouse, monkeypatch)
    selected(app, "my_things", 0)
    app.button(key="go_2014-01-T1").click().run()
    assert not app.exception and app.session_state.demand_tabs == "Streams"


def test_a_captured_assumption_can_be_held_against_actuals(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = add_note(
        warehouse, cycle="2014-01", stage="demand", kind="assumption", text="The fair is held", **ANN
    )
    app = on("demand_review", warehouse, monkeypatch)
    selected(app, "record_notes", 0)
    app.button(key=f"watch_{name}_open").click().run()
    assert not app.exception and any(one.value == "The fair is held" for one in app.text_area)
