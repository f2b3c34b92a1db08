"""Exceptions are cleared, a number says why it is what it is, and the consensus is signed by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.records import OVERRIDE_REASONS, add_note, add_override, of_cycle
from sop_engine.warehouse import Warehouse
from tests.pages.conftest import OpenApp
from tests.pages.small import of_label, on_tab, selected, texts, titles, unopened
from tests.tables import AT


def exceptions(app: AppTest) -> Any:
    return next(frame.value for frame in app.dataframe if "review" in frame.value)


def test_an_exception_is_cleared_by_name_and_opened_again(open_app: OpenApp, january: Warehouse) -> None:
    app = on_tab(open_app(Path(january.path), "demand_review"), "demand_tabs", "Exceptions")
    first = exceptions(app).iloc[0]
    assert first["status"] == "open" and "need the meeting" in texts(app)
    selected(app, "demand_exceptions", 0)
    app.button(key="clear_exception_open").click().run()
    of_label(app.text_area, "What was found").input("The fair moved to March")
    app.text_input(key="who_clear_exception").input("Ann")
    of_label(app.button, "Put it aside").click().run()
    assert not app.error and not app.exception
    row = of_cycle(january, "exception_review").iloc[0]
    assert (row["family"], row["note"], row["created_by"]) == (
        first["family"],
        "The fair moved to March",
        "Ann",
    )
    table = exceptions(app)
    last = table.iloc[-1]
    assert (last["status"], last["family"], last["what"]) == ("reviewed", first["family"], first["what"])
    assert "The fair moved to March (Ann" in last["review"] and "1 reviewed" in texts(app)
    selected(app, "demand_exceptions", len(table) - 1)
    app.button(key="reopen_exception_open").click().run()
    of_label(app.text_input, "Why it is open again").input("It moved back")
    named = [button for button in app.button if button.label == "Open it again"]
    named[-1].click().run()
    assert not app.error and not app.exception
    assert (exceptions(app)["status"] == "open").all()


def test_the_latest_of_a_click_and_the_filter_says_which_number_is_explained(
    open_app: OpenApp, january: Warehouse
) -> None:
    app = on_tab(open_app(Path(january.path), "demand_review"), "demand_tabs", "Exceptions")
    families = exceptions(app)["family"]
    clicked = families[0]
    other = next(family for family in families if family != clicked)
    selected(app, "demand_exceptions", 0)
    drawn = titles(app)
    assert f"{clicked}, Jan 14 to" in drawn and "on the statistical baseline" in drawn
    on_tab(app, "demand_tabs", "Why this number")
    assert f"{clicked} in Jan 14 to" in texts(app)
    app.selectbox(key="filter_family").select(other).run()
    assert f"{other} in Jan 14 to" in texts(app) and not app.exception
    on_tab(app, "demand_tabs", "Exceptions")
    assert not [b for b in app.button if b.label == "Reviewed"], "other rows, no selection"


def test_the_bias_is_offered_a_replay_and_nothing_can_be_reviewed_before_the_cycle_is_open(
    open_app: OpenApp, demo_copy: Path
) -> None:
    app = on_tab(open_app(unopened(demo_copy), "demand_review"), "demand_tabs", "Exceptions")
    assert "bias (not replayed yet)" in texts(app)
    selected(app, "demand_exceptions", 0)
    closed = not [b for b in app.button if b.label == "Reviewed"]
    assert closed and "Open the cycle Jan 14 on the Cycle page" in texts(app)
    app.button(key="exceptions_replay").click().run()
    assert not app.exception and "not replayed yet" not in texts(app)
    assert not [b for b in app.button if b.key == "exceptions_replay"]


def test_a_number_names_the_override_that_moved_it(open_app: OpenApp, january: Warehouse) -> None:
    made = {"family": "Road Bikes", "kind": "pct", "value": 25.0, "reason": OVERRIDE_REASONS[0]}
    months = {"from_period": date(2014, 3, 1), "to_period": date(2014, 3, 1)}
    add_override(january, read_inputs(january), **made, **months, who="Ann", at=AT)
    app = open_app(Path(january.path), "demand_review")
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
    app.button(key="demand_sign_open").click().run()
    assert "No lever moved; 1 override of this cycle is in it." in texts(app)


def test_the_consensus_is_signed_as_a_named_version(open_app: OpenApp, january: Warehouse) -> None:
    note = {"cycle": "2014-01", "stage": "demand", "kind": "assumption"}
    add_note(january, **note, text="The fair takes place", who="Ann", at=AT)
    app = open_app(Path(january.path), "demand_review")
    app.button(key="demand_sign_open").click().run()
    assert "first consensus that is signed" in texts(app) and "ever\\: No lever moved." in texts(app)
    assert of_label(app.text_input, "Name of this consensus").value == "Consensus 2014-01 v1"
    assert of_label(app.text_area, "It rests on").value == "The fair takes place"
    of_label(app.text_input, "Why it is signed despite that").input("It is a test")
    app.text_input(key="who_demand_sign").input("Ann")
    next(button for button in app.button if button.label == "Sign").click().run()
    assert not app.error and not app.exception
    signed = of_cycle(january, "sign_off").iloc[-1]
    assert (signed["name"], signed["assumptions"]) == ("Consensus 2014-01 v1", "The fair takes place")
    said = texts(app)
    assert "Consensus 2014-01 v1" in said and "- The fair takes place" in said and "Stale" not in said
    on_tab(app, "demand_tabs", "Why this number")
    versions = next(frame.value for frame in app.dataframe if "version" in frame.value)
    assert list(versions["version"]) == ["Consensus 2014-01 v1"] and abs(versions["change since"][0]) < 0.5
    of_label(app.slider, "Demand").set_value(5).run()
    assert "Stale" in texts(app) and "No change to the baseline" in texts(app)


def test_a_stale_consensus_is_said_in_the_title_and_signed_again_in_one_go(
    open_app: OpenApp, january: Warehouse
) -> None:
    app = open_app(Path(january.path), "demand_review")
    app.button(key="demand_sign_open").click().run()
    assert any("Product review" in warning.value for warning in app.warning), "it comes before"
    of_label(app.text_input, "Why it is signed despite that").input("It is a test")
    app.text_input(key="who_demand_sign").input("Ann")
    next(button for button in app.button if button.label == "Sign").click().run()
    assert " · signed" in texts(app) and "stale" not in texts(app)
    made = {"family": "Road Bikes", "kind": "pct", "value": 25.0, "reason": OVERRIDE_REASONS[0]}
    months = {"from_period": date(2014, 3, 1), "to_period": date(2014, 3, 1)}
    add_override(january, read_inputs(january), **made, **months, who="Ann", at=AT)
    st.cache_resource.clear()  # the app reads anew what it did not write itself
    app = open_app(Path(january.path), "demand_review")
    assert " · signed, stale" in texts(app)
    app.button(key="demand_again_open").click().run()
    app.text_input(key="who_demand_again").input("Ann")
    sign = [button for button in app.button if button.label == "Sign again"][-1]
    sign.click().run()
    assert "reason to sign again is blank" in app.error[0].value
    of_label(app.text_input, "Why it is signed again").input("The fair is bigger")
    of_label(app.text_input, "Why it is signed despite that").input("It is a test")
    sign = [button for button in app.button if button.label == "Sign again"][-1]
    sign.click().run()
    assert not app.error and not app.exception
    assert list(of_cycle(january, "sign_off")["name"]) == ["Consensus 2014-01 v1", "Consensus 2014-01 v2"]
    assert "stale" not in texts(app)
