"""Pre-S&OP walks one number through the plans, makes a gap an issue with options, and shows go or no-go."""

from datetime import date, datetime
from pathlib import Path

import pytest

from pages.frame import session
from sop_engine.inputs import read_inputs
from sop_engine.records import Option, of_cycle, open_cycle, raise_decision
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import of_label, on_tab, opened, selected, small_file, texts, titles
from tests.tables import AT

TABS = ("Gaps", "Issues", "What changed", "Families", "Consistency", "Series")
MORE = Scenario((Lever(LeverKind.DEMAND, 10),), "More")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The small company with its January cycle open."""
    return with_cycle(small_file(tmp_path))


def with_cycle(file: Path, **how: object) -> Path:
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT, **how)
    warehouse.close()
    return file


def raised(file: Path, version: str = "", **more: object) -> str:
    """An issue with doing nothing and two options, one of them not valued; its id."""
    warehouse = open_warehouse(file)
    version = version or read_inputs(warehouse).version
    options = [
        Option("Do nothing", data_version=version),
        Option("Advertise", scenario=MORE, assumptions="It sells 10 % more.", data_version=version),
        Option("Ask the bank"),
    ]
    ours = {"cycle": "2014-01", "question": "Advertise?", "options": options, "decide_by": date(2014, 1, 20)}
    decision_id = raise_decision(warehouse, **{**ours, **more}, who="test", at=AT)
    warehouse.close()
    return decision_id


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("pre_sop", demo_file, monkeypatch)
    assert not app.exception
    assert "units on time" in titles(app)


def test_the_plan_of_the_sample_company_ties(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("pre_sop", demo_file, monkeypatch), "pre_sop_tabs", "Consistency")
    table = next(frame.value for frame in app.dataframe if "residual" in frame.value)
    assert len(table) > 40 and set(table["result"]) == {"✓ holds"}


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("pre_sop", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


@pytest.mark.parametrize("tab", TABS)
def test_each_section_opens_before_the_cycle_does(
    tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("pre_sop", small_file(tmp_path), monkeypatch), "pre_sop_tabs", tab)
    assert not app.exception


def test_a_number_walks_through_five_plans_with_the_signature_of_each(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("pre_sop", file, monkeypatch)
    labels = [metric.label for metric in app.metric]
    assert labels[-5:] == [
        "Products sold",
        "Unconstrained demand, units",
        "Delivered, units",
        "Stock at the end, units",
        "Gross margin, USD",
    ]
    assert "can be signed" in texts(app) and "waits for Product review" in texts(app)
    app.select_slider[0].set_value(("2014-02", "2014-02")).run()
    assert "Bikes, Feb 14" in texts(app)


def test_a_gap_becomes_an_issue_with_options_that_are_solved(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", "Gaps")
    app = selected(app, "pre_sop_gap_table", 0)
    assert not any(button.label == "Raise it" for button in app.button), "the form waits to be opened"
    app.button(key="raise_gap_open").click().run()
    if any(button.key == "propose_options" for button in app.button):
        app.button(key="propose_options").click().run()
    of_label(app.selectbox, "Owner").set_value("Ana")
    of_label(app.button, "Raise it").click().run()
    assert not app.exception and not app.error
    warehouse = open_warehouse(file)
    issue = of_cycle(warehouse, "decision", "2014-01").iloc[0]
    options = of_cycle(warehouse, "decision_option", "2014-01")
    assert (issue["owner"], issue["stage"], issue["created_by"]) == ("Ana", "pre_sop", "Ana")
    assert issue["gap"] and issue["cause"] and issue["evidence"]
    assert options["title"].iloc[0] == "Do nothing" and len(options) >= 2
    assert set(options["data_version"]) == {read_inputs(warehouse).version} and all(options["figures"])
    assert all(options["scenario_id"].iloc[1:]) and all(options["assumptions"].iloc[1:])


def test_an_issue_is_to_be_decided_by_the_day_of_the_executive_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = date(2014, 1, 24)
    file = with_cycle(small_file(tmp_path), due={"executive": due})
    monkeypatch.setattr(session, "now", lambda: datetime(2014, 1, 20, 9))
    app = on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", "Gaps")
    app = selected(app, "pre_sop_gap_table", 0)
    app.button(key="raise_gap_open").click().run()
    assert not app.exception and of_label(app.date_input, "Decide by").value == due


def test_options_stand_side_by_side_and_are_solved_again_on_new_data(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision_id = raised(file, version="older")
    app = opened("pre_sop", file, monkeypatch)
    app.session_state[f"decision_{decision_id}"] = True
    app = on_tab(app, "pre_sop_tabs", "Issues")
    table = next(frame.value for frame in app.dataframe if "stands" in frame.value)
    assert list(table["stands"]) == [
        "solved on older data",
        "solved on older data",
        "not valued by a scenario",
    ]
    assert "(+" in table["Revenue, USD"][1] and table["Revenue, USD"][2] == "-"
    of_label(app.button, "Solve again").click().run()
    assert not app.exception and not app.error
    table = next(frame.value for frame in app.dataframe if "stands" in frame.value)
    assert list(table["stands"])[:2] == ["solved on today's data"] * 2
    assert not any(button.label == "Solve again" for button in app.button)


def test_an_issue_is_put_off_and_that_is_counted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decision_id = raised(file)
    app = opened("pre_sop", file, monkeypatch)
    app.session_state[f"decision_{decision_id}"] = True
    app.session_state.dialog = f"Defer_{decision_id}"
    app = on_tab(app, "pre_sop_tabs", "Issues")
    of_label(app.text_input, "Why it waits").set_value("Orders are due on Friday.")
    [button for button in app.button if button.label == "Defer"][-1].click().run()
    assert "deferred 1 time" in texts(app) and "1 deferred" in texts(app)


def test_the_light_says_each_thing_that_is_missing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decision_id = raised(file, version="older")
    app = on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", "Consistency")
    said = texts(app)
    assert "No-go" in app.title[0].value and "Product review" in said
    assert f"{decision_id}: no owner" in said.replace("\\", "")
    assert f"{decision_id} A: solved on older data" in said.replace("\\", "")
    of_label(app.button, "To issues").click().run()
    assert app.session_state.pre_sop_tabs == "Issues"


def test_a_series_rolls_up_to_the_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = with_cycle(small_file(tmp_path), pre_sop="region")
    raised(file, scope="East")
    app = on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", "Series")
    table = next(frame.value for frame in app.dataframe if "meeting" in frame.value)
    assert list(table["meeting"]) == ["East", "West", "Company"]
    assert list(table["issues open"]) == [1, 0, 1]
    app = selected(app, "pre_sop_series_table", 0)
    app.button(key="series_filter").click().run()
    assert not app.exception and app.session_state.filter_market == "East"


def test_one_meeting_says_how_to_hold_a_series(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("pre_sop", file, monkeypatch), "pre_sop_tabs", "Series")
    assert "when the cycle is set up" in texts(app)
