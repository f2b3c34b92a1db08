"""Overrides and locks on the page: what the form says before it is saved, what is recorded, what it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.records import add_override, of_cycle, open_cycle
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import opened, selected, small_file, texts
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
    app.selectbox(key="override_reason").select("Price change")
    button(app, "Override").click().run()
    assert f"{locked['lock']} of Ana" in app.error[0].value and of_cycle(warehouse, "override").empty
    app.session_state["dialog"] = None
    selected(app, "demand_locks", 0)
    button(app, f"Lift {locked['lock']}").click().run()
    next(one for one in app.text_input if one.label == "Why").input("Signed")
    button(app, "Lift").click().run()
    assert not app.error and not app.exception
    assert not of_cycle(warehouse, "demand_lock")["active"].any()


def test_the_form_begins_at_the_filter_and_refuses_what_cannot_be(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_section(warehouse, monkeypatch)
    app.selectbox(key="filter_family").select("Bikes").run()
    app.selectbox(key="filter_market").select("East").run()
    app.selectbox(key="filter_months").select("Next 6").run()
    app.button(key="override_open").click().run()
    assert (app.selectbox(key="override_group").value, app.selectbox(key="override_market").value) == (
        "Bikes",
        "East",
    )
    assert app.select_slider(key="override_months").value == ("2014-02", "2014-06"), "January is frozen"
    assert app.selectbox(key="override_reason").value is None
    app.number_input(key="override_value_pct").set_value(25.0).run()
    button(app, "Override").click().run()
    assert "No reason is chosen" in app.error[0].value
    app.button_group(key="override_kind").set_value("add").run()
    app.number_input(key="override_value_add").set_value(-1e6).run()
    assert "takes more than there is" in texts(app) and "will hold" not in texts(app)


def test_an_override_outside_the_filter_is_counted_and_its_withdrawal_names_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = {"kind": "pct", "value": 25.0, "reason": "Price change", "who": "Ben", "at": AT}
    months = {"from_period": date(2014, 2, 1), "to_period": date(2014, 3, 1)}
    inputs = read_inputs(warehouse)
    for market in ("East", "West"):
        add_override(warehouse, inputs, **terms, **months, product="A", market=market)
    app = on_section(warehouse, monkeypatch)
    selected(app, "demand_overrides", 1)
    chosen = table_with(app, "override").iloc[1]
    button(app, f"Withdraw {chosen['override']}").click().run()
    assert f"{chosen['scope']}, Feb 14 to Mar 14: +25 %, of Ben" in texts(app).replace("\\", "")
    next(one for one in app.text_input if one.label == "Why").input("Off")
    button(app, "Withdraw").click().run()
    assert not app.error and not app.exception
    assert not [one for one in app.button if one.label.startswith("Withdraw")], "other rows, no selection"
    left = table_with(app, "override")["scope"][0].rpartition(" ")[2]
    app.selectbox(key="filter_market").select({"East": "West", "West": "East"}[left]).run()
    assert "No override counts in this filter; 1 elsewhere" in texts(app)


def test_no_lock_is_offered_before_the_cycle_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("demand_review", small_file(tmp_path), monkeypatch)
    app.session_state["demand_tabs"] = "Overrides"
    app.run()
    assert not [one for one in app.button if one.label == "Lock cells"]
    assert "Open the cycle Jan 14 on the Cycle page" in texts(app)
