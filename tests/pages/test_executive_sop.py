"""The executive meeting moves the business, compares scenarios, decides, and publishes what is signed."""

from datetime import date
from pathlib import Path

import pytest

from sop_engine.inputs import read_inputs
from sop_engine.records import Option, of_cycle, open_cycle, raise_decision, save_scenario
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, selected, small_file, texts, titles
from tests.tables import AT


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("executive_sop", demo_file, monkeypatch), "executive_tabs", "Outlook")
    assert not app.exception
    assert "of demand becomes revenue" in titles(app)
    assert "above budget" in texts(app) and "since the cycle's start" in texts(app)


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("executive_sop", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


def test_a_demand_slider_moves_the_strip_and_the_scorecard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("executive_sop", small_file(tmp_path), monkeypatch)
    before = {metric.label: metric.value for metric in app.metric}
    app.slider[0].set_value(10).run()
    app = on_tab(app, "executive_tabs", "Scorecard")
    after = {metric.label: metric.value for metric in app.metric}
    assert after["Unconstrained demand"] != before["Unconstrained demand"]
    table = next(frame.value for frame in app.dataframe if "Figure" in frame.value)
    cell = table.set_index("Figure").loc["Unconstrained demand", "Fiscal year"]
    assert "▲ +" in cell and cell.endswith("better")


def test_scenarios_stand_beside_do_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(
        opened("executive_sop", with_scenario(tmp_path)[0], monkeypatch), "executive_tabs", "Scenarios"
    )
    table = next(frame.value for frame in app.table if "Do nothing" in frame.value)
    assert list(table.columns) == ["Figure", "Do nothing", "More"]
    demand = table.set_index("Figure").loc["Unconstrained demand", "More"]
    assert ":green[▲ +" in demand and demand.endswith("better]")
    assert "The same in all" in texts(app)
    app.session_state["plain_" + Scenario((Lever(LeverKind.DEMAND, 10),), "More").to_json()] = True
    app.run()
    assert "- Gross margin falls" in texts(app) and "against doing nothing" in texts(app)
    behind = next(frame.value for frame in app.dataframe if "what it takes for granted" in frame.value)
    assert behind["what it takes for granted"].to_list() == ["-", "Fairs take place as last year"]


def test_a_scenario_of_other_data_is_not_chosen_and_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, scenario_id = with_scenario(tmp_path, data_version="old")
    app = on_tab(opened("executive_sop", file, monkeypatch), "executive_tabs", "Scenarios")
    assert not app.multiselect[0].value and not app.error
    app.multiselect[0].set_value([scenario_id]).run()
    assert "Refused: More (older data) was saved on other data" in app.error[0].value


def test_a_decision_shows_what_its_options_are_worth_and_is_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, scenario_id = with_scenario(tmp_path)
    warehouse = open_warehouse(file)
    options = [Option("Do nothing"), Option("Advertise", scenario_id)]
    decision_id = raise_decision(
        warehouse,
        cycle="2014-01",
        question="Advertise?",
        options=options,
        who="test",
        at=AT,
        decide_by=date(2014, 1, 20),
    )
    app = opened("executive_sop", file, monkeypatch)
    app.session_state[f"decision_{decision_id}"] = True
    app.session_state.dialog = f"Decide_{decision_id}"
    app = on_tab(app, "executive_tabs", "Decisions")
    assert "days overdue" in app.expander[0].label
    table = next(frame.value for frame in app.dataframe if "option" in frame.value)
    assert list(table["option"]) == ["A", "B"] and table["scenario"][1] == "Demand +10 %"
    next(box for box in app.text_input if box.label == "Why this option").set_value("It pays.")
    app.radio[0].set_value("B")
    [button for button in app.button if button.label == "Decide"][-1].click().run()
    decided = of_cycle(warehouse, "decision", "2014-01").iloc[0]
    assert (decided["status"], decided["chosen_option"], decided["decided_by"]) == ("decided", "B", "Ana")


def with_scenario(folder: Path, data_version: str = "") -> tuple[Path, str]:
    """The small company's file with an open cycle and a stored scenario, and its id."""
    file = small_file(folder)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    scenario = Scenario((Lever(LeverKind.DEMAND, 10),), "More")
    version = data_version or read_inputs(warehouse).version
    said = {"note": "Fairs take place as last year", "who": "test", "at": AT}
    scenario_id = save_scenario(warehouse, scenario, cycle="2014-01", data_version=version, **said)
    warehouse.close()
    return file, scenario_id


def test_the_agenda_is_what_is_left_unresolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, scenario_id = with_scenario(tmp_path)
    warehouse = open_warehouse(file)
    options = [Option("Do nothing"), Option("Advertise", scenario_id)]
    raise_decision(
        warehouse,
        cycle="2014-01",
        question="Advertise?",
        options=options,
        who="test",
        at=AT,
        decide_by=date(2014, 1, 20),
        value_at_stake=500.0,
    )
    warehouse.close()
    app = opened("executive_sop", file, monkeypatch)
    assert not app.exception and "No earlier cycle decided" in texts(app)
    app = on_tab(app, "executive_tabs", "Agenda")
    table = next(frame.value for frame in app.dataframe if "days left" in frame.value)
    assert (table["what"][0], table["title"][0]) == ("Decision", "Advertise?")
    assert "overdue" in table["days left"][0] and set(table["what"][1:]) == {"Signature"}
    assert "left unresolved: 1 decision, 5 signatures" in titles(app)
    app = selected(app, "executive_agenda", 1)
    assert any(button.label.startswith("Settle it") for button in app.button)
