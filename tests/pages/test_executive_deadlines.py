"""Deadlines on the executive page, and an option past its own cannot be chosen."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.frame import session
from sop_engine.inputs import read_inputs
from sop_engine.records import Option, of_cycle, open_cycle, raise_decision, save_scenario
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT

EARLY = Scenario((Lever("price", 5, last="2014-02"),), "Early price")
LASTING = Scenario((Lever("price", 5),), "Lasting price")


def with_options(folder: Path) -> tuple[Path, str]:
    """The small company with a decision between doing nothing, an early option, a lasting one and one that no
    scenario values."""
    file = small_file(folder)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    version = read_inputs(warehouse).version
    saved = [
        save_scenario(warehouse, one, cycle="2014-01", data_version=version, who="test", at=AT)
        for one in (EARLY, LASTING)
    ]
    options = [
        Option("Do nothing"),
        Option("Early price", saved[0]),
        Option("Lasting price", saved[1]),
        Option("Ask the customers"),
    ]
    given = {"cycle": "2014-01", "question": "Which price?", "options": options, "who": "test", "at": AT}
    return file, raise_decision(warehouse, **given, decide_by=date(2014, 1, 20))


def on_the_card(file: Path, decision_id: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = opened("executive_sop", file, monkeypatch)
    app.session_state[f"decision_{decision_id}"] = True
    app.session_state.dialog = f"Decide_{decision_id}"
    return on_tab(app, "executive_tabs", "Decisions")


def test_the_calendar_shows_until_when_and_what_waiting_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = with_options(tmp_path)
    app = on_tab(opened("executive_sop", file, monkeypatch), "executive_tabs", "Deadlines")
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "last responsible moment" in frame.value)
    by_option = table.set_index(table["option"].str.partition(": ")[2])
    assert by_option.loc["Early price", "last responsible moment"] == "31 Jan 14"
    assert by_option.loc["Lasting price", "last responsible moment"] == "30 Jun 14"
    assert "no scenario values it" in by_option.loc["Ask the customers", "what binds"]
    assert (
        "Price +5 % must be decided by 31 Jan 14 to act in Feb 14"
        in by_option.loc["Early price", "what binds"]
    )
    cost = next(name for name in table if name.startswith("next month of delay costs"))
    assert by_option.loc["Early price", cost] > 0
    said = texts(app)
    assert "Not deciding it by 31 Jan 14 loses" in said and "nan" not in said.lower().split()
    assert "is the first to decide: by 31 Jan 14" in titles(app)


def test_without_options_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("executive_sop", small_file(tmp_path), monkeypatch), "executive_tabs", "Deadlines")
    assert not app.exception and "No decision waits and no scenario is stored" in texts(app)


def test_every_option_can_be_chosen_in_the_cycles_own_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, decision_id = with_options(tmp_path)
    app = on_the_card(file, decision_id, monkeypatch)
    assert not app.exception
    assert [len(radio.options) for radio in app.radio] == [4]


def test_an_option_past_its_last_responsible_moment_is_greyed_out_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, decision_id = with_options(tmp_path)
    monkeypatch.setattr(session, "now", lambda: datetime(2014, 1, 31, 9))
    app = on_the_card(file, decision_id, monkeypatch)
    app.radio[0].set_value("B")
    next(box for box in app.text_input if box.label == "Why this option").set_value("It pays.")
    monkeypatch.setattr(session, "now", lambda: datetime(2014, 2, 3, 9))  # the freeze comes while it is open
    [button for button in app.button if button.label == "Decide"][-1].click().run()
    assert "No option is chosen" in app.error[0].value
    free, past = app.radio
    assert free.options == ["A: Do nothing", "C: Lasting price", "D: Ask the customers"]
    assert past.options == ["B: Early price"] and past.proto.disabled
    assert "can no longer be chosen" in texts(app) and "3 Feb 14" in texts(app)
    decided = of_cycle(open_warehouse(file), "decision", "2014-01").iloc[0]
    assert decided["status"] == "open"


def test_the_action_refuses_what_is_past_whatever_the_form_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, decision_id = with_options(tmp_path)
    monkeypatch.setattr("pages.frame.decisions.refusals", lambda options: {})
    monkeypatch.setattr(session, "now", lambda: datetime(2014, 2, 3, 9))
    app = on_the_card(file, decision_id, monkeypatch)
    app.radio[0].set_value("B")
    next(box for box in app.text_input if box.label == "Why this option").set_value("It pays.")
    [button for button in app.button if button.label == "Decide"][-1].click().run()
    assert "Option B can no longer be chosen" in app.error[0].value
    assert of_cycle(open_warehouse(file), "decision", "2014-01").iloc[0]["status"] == "open"
