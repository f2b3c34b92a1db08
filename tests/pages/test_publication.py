"""The road from scenario to published plan and hand-over, step by step, and that no wrong click publishes."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.plan import plan
from sop_engine.records import approve_plan, of_cycle, open_cycle, propose_plan, save_scenario, sign_stage
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import of_label, on_tab, opened, small_file, texts, titles
from tests.tables import AT

CYCLE = "2014-01"
MORE = Scenario((Lever(LeverKind.DEMAND, 10),), "More")
BY = {"who": "test", "at": AT}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The small company with an open cycle and a stored scenario."""
    path = small_file(tmp_path)
    warehouse = open_warehouse(path)
    open_cycle(warehouse, CYCLE, **BY)
    version = read_inputs(warehouse).version
    save_scenario(warehouse, MORE, cycle=CYCLE, data_version=version, **BY)
    warehouse.close()
    return path


def approved(path: Path, sign: bool) -> Warehouse:
    """The warehouse with "More" approved and, if asked, its executive review signed on it."""
    warehouse = open_warehouse(path)
    solved = plan(read_inputs(warehouse), MORE)
    scenario_id = str(of_cycle(warehouse, "scenario", CYCLE)["scenario_id"][0])
    approve_plan(warehouse, propose_plan(warehouse, solved, scenario_id=scenario_id, **BY), **BY)
    if sign:
        sign_stage(warehouse, solved, "executive", **BY)
    return warehouse


def published_page(path: Path, monkeypatch: pytest.MonkeyPatch, dialog: str = "") -> AppTest:
    app = opened("executive_sop", path, monkeypatch)
    if dialog:
        app.session_state.dialog = dialog
    return on_tab(app, "executive_tabs", "Publish")


def last_button(app: AppTest, label: str) -> None:
    [button for button in app.button if button.label == label][-1].click().run()


def test_the_road_begins_with_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = published_page(file, monkeypatch)
    assert not app.exception
    for words in ("1 Candidate", "No plan is a candidate yet", "Needs a candidate", "Needs an approved plan"):
        assert words in texts(app)
    labels = [button.label for button in app.button]
    assert "Make a candidate" in labels and not {"Approve one", "Publish"} & set(labels)


def test_a_scenario_is_made_a_candidate(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = published_page(file, monkeypatch, "candidate")
    app.selectbox(key="candidate_plan").select_index(1).run()
    last_button(app, "Make it a candidate")
    warehouse = open_warehouse(file)
    row = of_cycle(warehouse, "plan_version", CYCLE).iloc[0]
    assert (row["name"], row["status"], row["proposed_by"]) == ("More", "candidate", "Ana")
    assert row["scenario_id"] == of_cycle(warehouse, "scenario", CYCLE)["scenario_id"][0]


def test_approving_needs_a_choice(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = open_warehouse(file)
    propose_plan(warehouse, plan(read_inputs(warehouse)), **BY)
    app = published_page(file, monkeypatch, "approve")
    last_button(app, "Approve")
    assert "No candidate is chosen" in app.error[0].value
    app.radio(key="approved_version").set_value("2014-01-V1")
    last_button(app, "Approve")
    row = of_cycle(warehouse, "plan_version", CYCLE).iloc[0]
    assert (row["status"], row["approved_by"]) == ("approved", "Ana")


def test_an_unsigned_plan_is_not_offered_for_publication(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(file, sign=False)
    app = published_page(file, monkeypatch)
    assert "Executive S&OP of 2014-01 is not signed. Sign it on 'More'" in app.warning[0].value
    assert "Publish" not in [button.label for button in app.button]
    of_label(app.button, "Work on it").click().run()
    assert app.session_state.working == MORE
    assert "It is the working scenario" in texts(app)


def test_nothing_is_published_by_a_wrong_click(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = approved(file, sign=True)
    app = published_page(file, monkeypatch, "publish")
    assert "Against it: Product review" in app.warning[0].value.replace("\\", "")
    last_button(app, "Publish")
    assert "Tick that it is meant" in app.error[0].value
    app.checkbox(key="publish_meant").check()
    last_button(app, "Publish")
    assert "Sign these reviews, or give a reason" in app.error[0].value
    assert set(of_cycle(warehouse, "plan_version", CYCLE)["status"]) == {"approved"}
    app.text_input(key="publish_despite").set_value("The bank waits")
    app.checkbox(key="publish_meant").check()
    last_button(app, "Publish")
    row = of_cycle(warehouse, "plan_version", CYCLE).iloc[0]
    assert (row["status"], row["published_by"]) == ("published", "Ana")
    assert f"{row['effective_from']:%Y-%m-%d}" == "2014-01-01"
    app.run()
    assert not app.exception and "No earlier publication holds these figures" in texts(app)
    assert "Most of it is" in titles(app) and app.get("download_button")
