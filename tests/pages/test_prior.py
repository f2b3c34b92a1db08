"""Prior decisions stand first; a choice keeps what it is expected to bring; the scorecard shows targets."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from sop_engine.executive_sop.effects import read_effects
from sop_engine.records import Option, escalate_decision, of_cycle, open_cycle, raise_decision
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import of_label, on_tab, opened, selected, small_file, texts, titles
from tests.tables import AT

BY = {"who": "test", "at": AT}


def test_a_december_decision_shows_expected_against_actual(
    demo_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("executive_sop", demo_copy, monkeypatch)
    assert not app.exception
    assert "Decided between meetings, to confirm: 1" in texts(
        app
    ) and "of the sample: 1 hit, 1 miss" in titles(app)
    table = next(frame.value for frame in app.dataframe if "outcome" in frame.value)
    december = table[table["decision"] == "2013-12-D3"].iloc[0]
    assert (december["outcome"], december["expected"], december["came"]) == ("✕ miss", "+299", "+67")
    rates = next(frame.value for frame in app.dataframe if "hit rate %" in frame.value)
    assert rates["decisions"].sum() == 0 and rates["sample"].sum() == 5
    app = selected(app, "prior_decisions", int(december.name))
    said = texts(app).replace("\\", "")
    assert "came +67: 22 %, miss" in said and "Asked and agreed" in said
    assert of_label(app.button, "Confirm").disabled  # no meeting runs
    app = on_tab(app, "executive_tabs", "Scorecard")
    assert not app.exception and "on track (sample target)" in titles(app)
    strategic = next(frame.value for frame in app.dataframe if "fiscal year" in frame.value)
    assert "6 of 12 months" in set(strategic["planned"]) and set(strategic["set by"]) == {"sample target"}


def with_decision(folder: Path) -> tuple[Path, str]:
    file = small_file(folder)
    warehouse = open_warehouse(file)
    open_cycle(
        warehouse, "2014-01", who="test", at=datetime.now()
    )  # deadlines count from the day it is opened
    lever = Lever(LeverKind.DEMAND, 10, "Bikes")
    options = [Option("Do nothing"), Option("Advertise", scenario=Scenario((lever,)))]
    key = raise_decision(
        warehouse,
        cycle="2014-01",
        question="Advertise?",
        options=options,
        value_at_stake=5.0,
        stage="pre_sop",
        **BY,
    )
    stages = {"from_stage": "pre_sop", "to_stage": "executive"}
    escalate_decision(warehouse, key, **stages, reason="Above our limit", **BY)
    warehouse.close()
    return file, key


def test_deciding_between_meetings_keeps_effect_review_and_who_agreed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, key = with_decision(tmp_path)
    app = opened("executive_sop", file, monkeypatch)
    app.session_state[f"decision_{key}"] = True
    app.session_state.dialog = f"Decide_{key}"
    app = on_tab(app, "executive_tabs", "Decisions")
    assert "review proposed for" in texts(app)
    app.radio[0].set_value("B")
    of_label(app.text_input, "Why this option").set_value("It pays")
    of_label(app.text_input, "Urgent: why").set_value("The order closes today")
    of_label(app.text_input, "Urgent: who").set_value("Bo")
    [button for button in app.button if button.label == "Decide"][-1].click().run()
    warehouse = open_warehouse(file)
    kept = of_cycle(warehouse, "decision").iloc[-1]
    months = read_effects(warehouse.read)["from_period"].drop_duplicates().sort_values()
    assert kept["review_on"] == months.iloc[2] + pd.offsets.MonthEnd(0)
    assert kept["between_meetings"] == "The order closes today. Asked and agreed: Bo"
    effects = read_effects(warehouse.read)
    units = effects[effects["measure"] == "demand_units"]
    assert len(units) and list(units["expected"] / units["without"]) == pytest.approx([1.1] * len(units))
    assert (
        of_cycle(warehouse, "decision_option")["figures"] != ""
    ).all()  # both were solved when it was taken
    warehouse.close()
    assert "to confirm: 1" in texts(on_tab(app, "executive_tabs", "Prior decisions"))


def test_escalations_stand_with_origin_reason_stake_and_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _ = with_decision(tmp_path)
    app = on_tab(opened("executive_sop", file, monkeypatch), "executive_tabs", "Agenda")
    table = next(frame.value for frame in app.dataframe if "from" in frame.value)
    line = table.iloc[0]
    assert (line["what"], line["from"], line["why"]) == ("Advertise?", "Pre-S&OP", "Above our limit")
    assert line["at stake, USD"] == 5.0 and line["days left"] == "-"
