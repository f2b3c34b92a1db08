"""The supply review says why it is short, solves remedies when asked and puts one into the scenario."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.pages.conftest import OpenApp
from tests.pages.small import on_tab, texts, titles

LESS_RIM = Lever("supplier_limit", -40, "Comfort Road Bicycles")
SHORT = Scenario((LESS_RIM,)).to_json()


def select(app: AppTest, key: str, row: int) -> AppTest:
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def test_a_cause_narrows_the_cases_and_a_case_opens_its_chain(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "supply_review", scenario=SHORT)
    assert not app.error and not app.exception
    assert "Comfort Road Bicycles gives no more ML Mountain Rim" in texts(app)
    cases = next(frame.value for frame in app.dataframe if "why" in frame.value)
    select(app, "supply_causes", 0)
    fewer = next(frame.value for frame in app.dataframe if "why" in frame.value)
    assert 0 < len(fewer) < len(cases) and fewer["why"].nunique() == 1
    select(app, "supply_shortages", 0)
    assert not app.exception
    said = texts(app)
    assert "its ML Mountain Rim is bought from Comfort Road Bicycles" in said and "of margin." in said
    assert any("priority" in frame.value for frame in app.dataframe)


def test_remedies_are_solved_when_asked_and_one_goes_into_the_scenario(
    open_app: OpenApp, demo_file: Path
) -> None:
    app = open_app(demo_file, "supply_review", scenario=SHORT)
    on_tab(app, "supply_tabs", "Remedies")
    assert "helps most" not in texts(app)
    app.button(key="solve_remedies").click().run()
    assert not app.error and not app.exception
    assert "helps most" in texts(app) and "Net gain of each remedy" in titles(app)
    table = next(frame.value for frame in app.dataframe if "net gain, USD" in frame.value)
    cures = table["what it does"].str.startswith("removes") & (table["units of shortage removed"] > 0)
    assert cures.any() and cures.is_monotonic_decreasing
    assert table["net gain, USD"][cures].is_monotonic_decreasing
    assert table["net gain, USD"][~cures].is_monotonic_decreasing
    limit = table["remedy"].tolist().index("Supplier limit")
    select(app, "supply_remedies", limit)
    app.button(key="take_remedy").click().run()
    levers = Scenario.from_json(app.query_params["scenario"]).levers
    assert LESS_RIM in levers
    taken = next(lever for lever in levers if lever != LESS_RIM)
    assert taken.kind is LeverKind.SUPPLIER_LIMIT and taken.target == "Comfort Road Bicycles"
    assert not app.exception


def test_relief_is_solved_when_asked_and_hours_have_their_margins(open_app: OpenApp, demo_file: Path) -> None:
    app = on_tab(open_app(demo_file, "supply_review"), "supply_tabs", "Remedies")
    assert "An hour of Frame Welding earns most" in titles(app)
    app.button(key="solve_relief").click().run()
    assert not app.error and not app.exception
    table = next(frame.value for frame in app.dataframe if "worth of one more" in frame.value)
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    best = table.loc[table["net gain, USD"].idxmax()]
    amount, size = best["best step"].split(" (")
    assert best["net gain, USD"] > 0 and f"**{amount} more " in texts(app)
    assert f"{best['constraint']} ({size} gain most" in texts(app)
