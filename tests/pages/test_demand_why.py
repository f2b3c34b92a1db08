"""Exceptions are cleared, a number says why it is what it is, and the consensus is signed by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.records import OVERRIDE_REASONS, add_note, add_override, of_cycle, open_cycle
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.conftest import OpenApp
from tests.pages.small import on_tab, texts
from tests.tables import AT


@pytest.fixture
def opened(demo_copy: Path) -> Warehouse:
    """A copy of the sample company with its January cycle open."""
    warehouse = open_warehouse(demo_copy)
    if of_cycle(warehouse, "cycle").empty:
        open_cycle(warehouse, "2014-01", who="test", at=AT)
    return warehouse


def of_label(elements: Sequence[Any], start: str) -> Any:
    return next(element for element in elements if element.label.startswith(start))


def select(app: AppTest, key: str, row: int) -> AppTest:
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def exceptions(app: AppTest) -> Any:
    return next(frame.value for frame in app.dataframe if "review" in frame.value)


def test_an_exception_is_cleared_by_name_and_opened_again(open_app: OpenApp, opened: Warehouse) -> None:
    app = on_tab(open_app(Path(opened.path), "demand_review"), "demand_tabs", "Exceptions")
    first = exceptions(app).iloc[0]
    assert first["status"] == "open" and "need the meeting" in texts(app)
    select(app, "demand_exceptions", 0)
    app.button(key="clear_exception_open").click().run()
    of_label(app.text_area, "What was found").input("The fair moved to March")
    app.text_input(key="who_clear_exception").input("Ann")
    of_label(app.button, "Put it aside").click().run()
    assert not app.error and not app.exception
    row = of_cycle(opened, "exception_review").iloc[0]
    assert (row["family"], row["note"], row["created_by"]) == (
        first["family"],
        "The fair moved to March",
        "Ann",
    )
    table = exceptions(app)
    last = table.iloc[-1]
    assert (last["status"], last["family"], last["what"]) == ("reviewed", first["family"], first["what"])
    assert "The fair moved to March (Ann" in last["review"] and "1 reviewed" in texts(app)
    select(app, "demand_exceptions", len(table) - 1)
    app.button(key="reopen_exception_open").click().run()
    of_label(app.text_input, "Why it is open again").input("It moved back")
    named = [button for button in app.button if button.label == "Open it again"]
    named[-1].click().run()
    assert not app.error and not app.exception
    assert (exceptions(app)["status"] == "open").all()


def test_a_number_names_the_override_that_moved_it(open_app: OpenApp, opened: Warehouse) -> None:
    made = {"family": "Road Bikes", "kind": "pct", "value": 25.0, "reason": OVERRIDE_REASONS[0]}
    months = {"from_period": date(2014, 3, 1), "to_period": date(2014, 3, 1)}
    add_override(opened, read_inputs(opened), **made, **months, who="Ann", at=AT)
    app = open_app(Path(opened.path), "demand_review")
    app.selectbox(key="filter_family").select("Road Bikes").run()
    on_tab(app, "demand_tabs", "Why this number")
    assert not app.error and not app.exception
    said = texts(app)
    assert "Road Bikes in Jan 14 to" in said and "by override 2014-01-O1" in said
    assert "of Ann on 6 Jan 2014" in said and "No consensus is signed yet" in said
    table = next(frame.value for frame in app.dataframe if "contribution" in frame.value)
    assert table["contribution"].iloc[0] == "Statistical baseline"
    months = next(slider for slider in app.select_slider if str(slider.key).startswith("why_months"))
    months.set_value(("2014-03", "2014-03")).run()
    assert not app.exception and "Road Bikes in Mar 14 is" in texts(app)
    table = next(frame.value for frame in app.dataframe if "contribution" in frame.value)
    assert "80 % range" in table["why"].iloc[0]


def test_the_consensus_is_signed_as_a_named_version(open_app: OpenApp, opened: Warehouse) -> None:
    note = {"cycle": "2014-01", "stage": "demand", "kind": "assumption"}
    add_note(opened, **note, text="The fair takes place", who="Ann", at=AT)
    app = open_app(Path(opened.path), "demand_review")
    app.button(key="demand_sign_open").click().run()
    assert "first consensus that is signed" in texts(app)
    assert of_label(app.text_input, "Name of this consensus").value == "Consensus 2014-01 v1"
    assert of_label(app.text_area, "It rests on").value == "The fair takes place"
    app.text_input(key="who_demand_sign").input("Ann")
    next(button for button in app.button if button.label == "Sign").click().run()
    assert not app.error and not app.exception
    signed = of_cycle(opened, "sign_off").iloc[-1]
    assert (signed["name"], signed["assumptions"]) == ("Consensus 2014-01 v1", "The fair takes place")
    said = texts(app)
    assert "Consensus 2014-01 v1" in said and "- The fair takes place" in said and "Stale" not in said
    on_tab(app, "demand_tabs", "Why this number")
    versions = next(frame.value for frame in app.dataframe if "version" in frame.value)
    assert list(versions["version"]) == ["Consensus 2014-01 v1"] and abs(versions["change since"][0]) < 0.5
    of_label(app.slider, "Demand").set_value(5).run()
    assert "Stale" in texts(app) and "No change to the baseline" in texts(app)
