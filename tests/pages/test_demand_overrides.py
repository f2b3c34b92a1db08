"""Overrides and locks on the page: what the form says before it is saved, what is recorded, what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.records import of_cycle, open_cycle
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import opened, small_file, texts
from tests.tables import AT


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """The small company with its January cycle open."""
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    yield warehouse
    warehouse.close()


def on_section(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = opened("demand_review", Path(warehouse.path), monkeypatch)
    app.session_state["demand_tabs"] = "Overrides"
    return app.run()


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value)


def selected(app: AppTest, key: str, row: int) -> AppTest:
    app.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def button(app: AppTest, label: str) -> object:
    return next(one for one in app.button if one.label == label)


def test_an_override_is_previewed_recorded_counted_and_withdrawn(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_section(warehouse, monkeypatch)
    assert "No override counts" in texts(app)
    before = app.metric[0].value
    app.button(key="override_open").click().run()
    app.selectbox(key="override_group").select("A").run()
    app.number_input(key="override_value_pct").set_value(25.0).run()
    assert "holds 360 units" in texts(app) and "will hold 450 units" in texts(app)
    app.selectbox(key="override_reason").select("Price change")
    app.text_input(key="override_note").input("Two for one")
    app.text_input(key="override_owner").input("Ben")
    app.selectbox(key="override_stage").select("executive")
    button(app, "Override").click().run()
    assert not app.error and not app.exception
    row = of_cycle(warehouse, "override").iloc[-1]
    assert (row["product"], row["kind"], row["value"], row["reason"], row["note"]) == (
        "A",
        "pct",
        25.0,
        "Price change",
        "Two for one",
    )
    assert (row["owner"], row["created_by"], row["stage"]) == ("Ben", "Ana", "executive")
    assert app.metric[0].value != before and not any(one.label == "Override" for one in app.button)
    table = table_with(app, "override")
    assert table["units"][0] == pytest.approx(90, abs=0.5) and table["change"][0] == "+25 %"
    selected(app, "demand_overrides", 0)
    button(app, f"Withdraw {row['override_id']}").click().run()
    next(one for one in app.text_input if one.label == "Why").input("It went elsewhere")
    button(app, "Withdraw").click().run()
    assert not app.error and not app.exception and app.metric[0].value == before
    app.toggle(key="overrides_past").set_value(True).run()
    assert list(table_with(app, "override")["status"]) == ["withdrawn"]


def test_a_lock_is_said_in_the_preview_refuses_its_own_scope_and_is_lifted(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_section(warehouse, monkeypatch)
    app.button(key="lock_open").click().run()
    app.selectbox(key="lock_group").select("A").run()
    next(one for one in app.text_input if one.label == "Reason").input("Agreed with the customer")
    button(app, "Lock").click().run()
    assert not app.error and not app.exception
    locked = table_with(app, "lock").iloc[0]
    assert (locked["scope"], locked["owner"]) == ("A", "Ana")
    assert locked["units"] == pytest.approx(360, abs=1)
    app.button(key="override_open").click().run()
    app.button_group(key="override_kind").set_value("amount").run()
    app.number_input(key="override_value_amount").set_value(1000.0).run()
    assert "are locked" in texts(app) and "all others fall to zero" in texts(app)
    app.selectbox(key="override_group").select("A").run()
    button(app, "Override").click().run()
    assert f"{locked['lock']} of Ana" in app.error[0].value and of_cycle(warehouse, "override").empty
    app.session_state["dialog"] = None
    selected(app, "demand_locks", 0)
    button(app, f"Lift {locked['lock']}").click().run()
    next(one for one in app.text_input if one.label == "Why").input("Signed")
    button(app, "Lift").click().run()
    assert not app.error and not app.exception
    assert not of_cycle(warehouse, "demand_lock")["active"].any()
