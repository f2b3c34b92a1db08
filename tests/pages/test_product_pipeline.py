"""The pipeline half of the product review on the small company: sections, decisions and the register."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.records import of_cycle, open_cycle
from sop_engine.records.pipeline import kept_pipelines
from sop_engine.records.risks import add_risk, risk_items
from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.pages.small import of_label, on_tab, opened, selected, small_file, texts, titles
from tests.tables import AT, frame

ANN = {"who": "Ana", "at": AT}
PAGE, TABS = "product_review", "product_tabs"


@pytest.fixture(scope="module")
def piped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The small company's file with two launches, one of them out of the plan, a phase-out and a risk."""
    file = small_file(tmp_path_factory.mktemp("piped"))
    warehouse = open_warehouse(file)
    columns = "project product gate launch_period baseline_launch_period in_plan probability_pct like_product"
    columns += " scale_pct ramp_periods price unit_cost business_case_units capex owner"
    rows = frame(
        columns,
        ("New C", "C", "2 Build", "2014-05-01", "2014-04-01", True, 80, "A", 50, 2, 11, 7, 500, 900, "Ann"),
        ("New D", "D", "1 Idea", "2014-07-01", "2014-07-01", False, 30, "A", 40, 2, 12, 7, 400, 500, "Bob"),
    )
    with warehouse.transaction(who="test", why="pipeline", at=AT) as change:
        new = frame(
            "product family category sellable", ("C", "Bikes", "Cycles", True), ("D", "Bikes", "Cycles", True)
        )
        change.insert("product", new)
        change.replace("pipeline", rows)
        change.replace(
            "phase_out", frame("product end_period successor transfer_pct", ("B", "2014-06-01", "A", 50))
        )
    refresh(warehouse, who="test", at=AT)
    open_cycle(warehouse, "2014-01", **ANN)
    said = {"from_period": pd.Timestamp(2014, 3, 1).date(), "to_period": pd.Timestamp(2014, 5, 1).date()}
    risk = {"kind": "risk", "title": "A rival", "probability_pct": 25.0, "gross_margin": -400.0}
    add_risk(warehouse, cycle="2014-01", **said, **risk, **ANN)
    add_risk(warehouse, cycle="2014-01", sample=True, **said, **{**risk, "title": "Made up"}, **ANN)
    warehouse.close()
    return file.read_bytes()


@pytest.fixture
def file(piped: bytes, tmp_path: Path) -> Path:
    found = tmp_path / "small.duckdb"
    found.write_bytes(piped)
    return found


def at_tab(file: Path, monkeypatch: pytest.MonkeyPatch, tab: str) -> AppTest:
    app = on_tab(opened(PAGE, file, monkeypatch), TABS, tab)
    assert not app.exception and not app.error
    return app


def stored(file: Path, table: str) -> pd.DataFrame:
    warehouse = open_warehouse(file)
    rows = of_cycle(warehouse, table, "2014-01")
    warehouse.close()
    return rows


def test_the_pipeline_by_gate_and_cycle(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Pipeline")
    assert "0 of 1 launches of the plan" in texts(app)
    assert "The pipeline is worth" in titles(app) and "later than first promised" in titles(app)


def test_go_hold_or_kill_is_raised_from_a_project(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = selected(at_tab(file, monkeypatch, "Pipeline"), "product_launches", 0)
    app.button(key="launch_New C_open").click().run()
    assert not app.exception and "of gross margin at stake" in texts(app)
    of_label(app.button, "Raise it").click().run()
    assert not app.exception and not app.error
    decision, options = stored(file, "decision").iloc[0], stored(file, "decision_option")
    assert decision["question"] == "Do we launch New C?" and decision["value_at_stake"] > 0
    assert options["title"].str.split(":").str[0].tolist() == ["Go", "Hold", "Kill"]
    assert set(options["scenario_id"]) == set(stored(file, "scenario")["scenario_id"])


def test_readiness_says_what_is_missing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Readiness")
    assert "2 of 2 launches are not ready" in titles(app)
    points = app.dataframe[-1].value
    assert "neither made nor bought anywhere" in set(points["finding"])


def test_phase_outs_show_run_out_and_leftovers(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Phase-outs")
    assert "1 product ends" in titles(app) and "No component is used by ending products alone" in texts(app)


def test_the_register_shows_what_is_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Risks")
    shown = next(table.value for table in app.dataframe if "probability %" in table.value)
    assert set(shown["title"]) == {"A rival", "Made up (sample)", "Launch of New D"}
    assert "-100 USD of risks" in titles(app)


def test_a_risk_is_put_in_the_plan_and_leaves_the_list(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Risks")
    shown = next(table.value for table in app.dataframe if "probability %" in table.value)
    app = selected(app, "product_risk_table", shown["title"].tolist().index("A rival"))
    app.button(key="in_2014-01-R1_open").click().run()
    of_label(app.text_input, "Why").set_value("it is overridden")
    of_label(app.button, "Put in").click()
    next(button for button in app.button if button.label == "Put in").click().run()
    assert not app.exception and not app.error
    warehouse = open_warehouse(file)
    assert risk_items(warehouse)["status"].tolist() == ["in_plan", "open"]
    warehouse.close()
    assert "of risks" not in titles(app)


def test_a_risk_is_written_down_without_a_sign(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Risks")
    app.button(key="risk_add_open").click().run()
    app.text_input(key="risk_title").set_value("A strike")
    app.number_input(key="risk_gross_margin").set_value(900.0)
    of_label(app.button, "Write it down").click().run()
    assert not app.exception and not app.error
    warehouse = open_warehouse(file)
    row = risk_items(warehouse).set_index("title").loc["A strike"]
    warehouse.close()
    assert row["gross_margin"] == -900 and row["kind"] == "risk" and row["created_by"] == "Ana"


def test_a_signature_keeps_the_pipeline(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = at_tab(file, monkeypatch, "Pipeline")
    app.button(key="product_sign_open").click().run()
    next(
        button
        for button in app.button
        if button.label.startswith("Sign") and "FormSubmitter" in str(button.key)
    ).click().run()
    assert not app.exception
    warehouse = open_warehouse(file)
    assert kept_pipelines(warehouse)["project"].tolist() == ["New C", "New D"]
    warehouse.close()


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Pipeline", "pipeline.csv"),
        ("Readiness", "pipeline.csv"),
        ("Phase-outs", "phase_out.csv"),
        ("Risks", "written down"),
    ],
)
def test_what_is_empty_says_what_to_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tab: str, words: str
) -> None:
    app = at_tab(small_file(tmp_path), monkeypatch, tab)
    assert words in texts(app)
