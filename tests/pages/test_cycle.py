"""The cycle page opens the month, shows who is next with tasks and gates, and what waits."""

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.frame import session
from pages.frame.navigation import PAGES
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.tasks import Task, canon_tasks
from sop_engine.executive_sop.working_days import WORKING_DAYS, due_dates
from sop_engine.records import add_note, of_cycle, open_cycle
from sop_engine.records.process import close_cycle
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import of_label, on_tab, opened, selected, small_file, texts, titles
from tests.tables import AT

ANN = {"who": "Ann", "at": AT}
FIRST = date(2014, 1, 6)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small company on the first day of its January."""
    monkeypatch.setattr(session, "now", lambda: datetime(2014, 1, 6, 10))
    return small_file(tmp_path)


def with_cycle(file: Path, cycle: str = "2014-01", **more: object) -> Warehouse:
    warehouse = open_warehouse(file)
    open_cycle(warehouse, cycle, due=due_dates(FIRST), started_on=FIRST, **more, **ANN)
    return warehouse


def clicked(app: AppTest, label: str) -> AppTest:
    return of_label(app.button, label).click().run()


def submitted(app: AppTest, label: str) -> AppTest:
    """The form over the page with this button, sent."""
    forms = [button for button in app.button if button.label == label and button.form_id]
    return forms[-1].click().run()


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("cycle", demo_file, monkeypatch)
    assert not app.exception
    assert "0 of 6 reviews are signed; Product review (Product manager) is next" in texts(app)
    assert "actuals to Dec 13" in texts(on_tab(app, "cycle_tabs", "Data"))
    assert any("assumptions in the data" in expander.label for expander in app.expander)
    on_tab(app, "cycle_tabs", "Earlier cycles")
    table = next(frame.value for frame in app.dataframe if "kept plans" in frame.value)
    assert list(table["cycle"]) == ["Dec 13", "Nov 13"] and set(table["status"]) == {"closed, sample"}
    assert set(table["kept plans"]) == {1} and set(table["published"]) == {"none"}
    assert "nobody signed it" in texts(app)


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("cycle", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


def test_opening_from_the_canon_gives_every_review_a_due_date_and_tasks(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("cycle", file, monkeypatch)
    assert "Product review Fri 10 Jan 14" in texts(app) and "no holidays are loaded" in texts(app).lower()
    app.radio(key="open_pre_sop").set_value("region").run()
    clicked(app, "Open the Jan 14 cycle")
    assert not app.exception and not app.error
    warehouse = open_warehouse(file)
    stages, tasks = of_cycle(warehouse, "stage", "2014-01"), of_cycle(warehouse, "task", "2014-01")
    assert len(stages) == 6 and stages["due"].notna().all() and stages["due"].is_monotonic_increasing
    assert len(tasks) == len(canon_tasks(WORKING_DAYS)) and tasks["due"].notna().all()
    assert of_cycle(warehouse, "cycle")["pre_sop"][0] == "region"
    assert "0 of 6 reviews are signed; Product review is next" in texts(app)
    assert "Product review is due" in titles(app)


def test_the_next_cycle_is_opened_as_the_last_was_and_takes_over_what_is_open(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = {"demand": "Dora", "supply": "Sam"}
    tasks = (Task("demand", "Ask the shops", working_day=2, owner="Bo"), Task("supply", "Count the stock"))
    warehouse = with_cycle(file, "2013-12", owners=owners, tasks=tasks, finance="stage", pre_sop="channel")
    add_note(
        warehouse, cycle="2013-12", stage="supply", kind="action", text="Call the vendor", owner="Bo", **ANN
    )
    app = opened("cycle", file, monkeypatch)
    assert "Jan 14 takes over: 1 action." in texts(app)
    assert "The Dec 13 cycle is still open: no plan of it is published" in texts(app)
    clicked(app, "Close Dec 13")
    assert of_cycle(warehouse, "cycle")["status"][0] == "open"
    app.text_input(key="close_2013-12_reason").input("No meeting in December")
    submitted(app, "Close it")
    assert not app.exception and of_cycle(warehouse, "cycle")["status"][0] == "closed"
    clicked(app, "Open the Jan 14 cycle")
    assert not app.exception and not app.error
    stages = of_cycle(warehouse, "stage", "2014-01").set_index("stage")
    assert (stages["owner"]["demand"], stages["owner"]["supply"]) == ("Dora", "Sam")
    assert stages["due"]["demand"].date() == due_dates(FIRST)["demand"]
    copied = of_cycle(warehouse, "task", "2014-01").set_index("title")
    assert copied["owner"]["Ask the shops"] == "Bo" and copied["due"]["Ask the shops"].date() == date(
        2014, 1, 8
    )
    cycle = of_cycle(warehouse, "cycle", "2014-01").iloc[0]
    assert (cycle["finance"], cycle["pre_sop"]) == ("stage", "channel")
    things = next(frame.value for frame in app.dataframe if "from" in frame.value)
    carried = things[things["what"] == "Call the vendor"].iloc[0]
    assert carried["from"] == "Dec 13, carried 1 cycle"


def test_tasks_and_gates_of_a_review_are_worked_off(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = with_cycle(
        file, tasks=(Task("product", "Read the pipeline", "product_review", "Pipeline", 2),)
    )
    app = opened("cycle", file, monkeypatch)
    assert "Actuals to Dec 13 are loaded: sales to Dec 13" in texts(app)
    assert "Its tasks are done or dropped: 1 open" in texts(app)
    table = next(frame.value for frame in app.dataframe if "task" in frame.value)
    assert table.iloc[0].tolist() == ["Read the pipeline", "nobody", "2 days left", "Product, Pipeline"]
    selected(app, "tasks_product", 0)
    app.button(key="task_done_2014-01-T1_open").click().run()
    submitted(app, "Done")
    assert not app.exception and of_cycle(warehouse, "task")["status"][0] == "done"
    assert "Its tasks are done or dropped: all settled" in texts(app)
    app.segmented_control(key="month_stage").set_value("supply").run()
    waits = "The reviews before it are signed and hold: Product review; Demand review"
    assert waits in texts(app)


def test_a_review_is_signed_despite_an_open_task_with_a_reason_only(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = with_cycle(file, tasks=(Task("product", "Read the pipeline"),))
    app = opened("product_review", file, monkeypatch)
    clicked(app, "Sign this review")
    assert "Its tasks are done or dropped: 1 open" in texts(app)
    submitted(app, "Sign")
    assert "Settle it, or say why" in app.error[0].value and of_cycle(warehouse, "sign_off").empty
    of_label(app.text_input, "Why it is signed despite that").input("Nothing is launched")
    submitted(app, "Sign")
    note = of_cycle(warehouse, "sign_off")["note"][0]
    assert "signed despite Its tasks" in note and note.endswith("Because: Nothing is launched")
    app.switch_page("pages/cycle.py").run()
    assert "signed with a reason" in texts(app)


def test_a_cycle_opened_late_says_what_its_deadlines_count_from(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is over" not in texts(opened("cycle", file, monkeypatch))
    monkeypatch.setattr(session, "now", lambda: datetime(2014, 3, 6, 10))
    app = opened("cycle", file, monkeypatch)
    assert "Jan 14 is over: due days count from the day the cycle is opened" in texts(app)
    clicked(app, "Open the Jan 14 cycle")
    assert not app.exception and "Jan 14 is over" in texts(app)


def test_the_first_day_and_the_owner_of_a_review_are_changed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = with_cycle(file)
    app = opened("cycle", file, monkeypatch)
    app.button(key="first_day_open").click().run()
    of_label(app.date_input, "First working day").set_value(date(2014, 1, 13))
    of_label(app.text_input, "Why").input("Stocktaking")
    submitted(app, "Move it")
    assert not app.exception and not app.error
    due = of_cycle(warehouse, "stage").set_index("stage")["due"]
    assert due["product"].date() == due_dates(date(2014, 1, 13))["product"]
    app.button(key="assign_product_open").click().run()
    of_label(app.text_input, "Owner").input("Pia")
    submitted(app, "Change")
    assert of_cycle(warehouse, "stage").set_index("stage")["owner"]["product"] == "Pia"


def test_a_closed_month_shows_its_tasks_and_takes_none(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = with_cycle(file, tasks=(Task("product", "Read the pipeline"),))
    close_cycle(warehouse, "2014-01", unpublished="test", **ANN)
    app = opened("cycle", file, monkeypatch)
    assert not app.exception
    assert not [button for button in app.button if button.label in ("Add a task", "Start", "Place finance")]
    assert pd.Series([frame.value.columns[0] for frame in app.dataframe]).isin(["task"]).any()


def test_every_review_links_to_a_page_that_is_there() -> None:
    from pages.month.stages import PAGES as LINKED

    assert set(LINKED.values()) <= {name for name, _ in PAGES} and set(LINKED) == set(STAGES)
