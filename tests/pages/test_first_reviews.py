"""Product, demand and supply reviews: their levers reach the engine, their tabs open, their forms record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.records import of_cycle, save_scenario
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse
from tests.pages.conftest import OpenApp
from tests.pages.small import of_label
from tests.tables import AT


def named(elements: Sequence[Any], label: str) -> Any:
    return next(element for element in elements if element.label == label)


def working(app: AppTest) -> Scenario:
    return Scenario.from_json(app.query_params["scenario"])


def chart(app: AppTest, position: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[position].proto.spec)


def test_a_launch_taken_out_leaves_the_plan(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "product_review")
    app.selectbox(key="lever_target_Project").select("Mountain-250").run()
    of_label(app.toggle, "Launch in the plan").set_value(False).run()
    assert working(app).levers == (Lever("launch_in", 0, target="Mountain-250"),)
    out = next(trace for trace in chart(app)["data"] if trace.get("name") == "Out of the plan")
    assert "Mountain-250" in out["y"]
    of_label(app.toggle, "Launch in the plan").set_value(True).run()
    assert working_is_baseline(app)


def working_is_baseline(app: AppTest) -> bool:
    return "scenario" not in app.query_params


def test_a_slip_is_drawn_from_where_the_launch_stood(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "product_review")
    app.selectbox(key="lever_target_Project").select("Mountain-250").run()
    of_label(app.slider, "Launch slip").set_value(2).run()
    assert next(trace for trace in chart(app)["data"] if trace.get("name") == "Before the what-if")["y"] == [
        "Mountain-250"
    ]


@pytest.mark.parametrize(
    ("page", "key", "names"),
    [
        (
            "product_review",
            "product_tabs",
            ["Pipeline", "Portfolio", "Phase-outs"],
        ),
        ("demand_review", "demand_tabs", ["Exceptions", "Why this number", "Dependent demand", "Overrides"]),
        ("supply_review", "supply_tabs", ["Shortages", "Supply, demand and stock"]),
        ("supply_review", "supply_levers", ["Capacity", "Suppliers", "Service"]),
    ],
)
def test_every_tab_opens(open_app: OpenApp, demo_file: Path, page: str, key: str, names: list[str]) -> None:
    app = open_app(demo_file, page)
    for name in names:
        app.session_state[key] = name
        app.run()
        assert not app.exception and not app.error
        opened = next(tab for tab in app.tabs if tab.label == name)
        assert opened.get("plotly_chart") or opened.dataframe or opened.slider or opened.caption


def test_the_demand_chart_follows_the_filter_and_its_unit(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "demand_review")
    money = chart(app)["layout"]["title"]["text"]
    app.button_group(key="filter_measure").set_value("Units").run()
    app.selectbox(key="filter_family").select("Helmets").run()
    units = chart(app)["layout"]["title"]["text"]
    assert "USD a month" in money and "units a month, Helmets" in units


def test_a_form_without_a_name_says_so_and_records_nothing(open_app: OpenApp, january: Warehouse) -> None:
    app = open_app(Path(january.path), "demand_review")
    app.button(key="demand_note_open").click().run()
    of_label(app.text_input, "What it says").input("Ask sales")
    notes = len(of_cycle(january, "note"))
    of_label(app.button, "Write it down").click().run()
    assert "Nobody is named" in app.error[0].value
    assert len(of_cycle(january, "note")) == notes


def test_a_decision_and_an_action_are_recorded(open_app: OpenApp, january: Warehouse) -> None:
    app = open_app(Path(january.path), "supply_review")
    app.button(key="supply_decision_open").click().run()
    of_label(app.text_input, "Question").input("A second shift in welding?")
    of_label(app.text_input, "Option A").input("Yes, from April")
    of_label(app.text_input, "Option B").input("No")
    app.text_input(key="who_supply_decision").input("Ann")
    of_label(app.button, "Raise it").click().run()
    assert not app.error and not app.exception
    decision = of_cycle(january, "decision").iloc[-1]
    assert decision["question"] == "A second shift in welding?" and decision["created_by"] == "Ann"
    assert list(of_cycle(january, "decision_option")["title"][-2:]) == ["Yes, from April", "No"]


def test_an_option_without_a_title_takes_its_scenarios_name(open_app: OpenApp, january: Warehouse) -> None:
    scenario = Scenario((Lever("demand", 5),), "Advertise")
    scenario_id = save_scenario(january, scenario, cycle="2014-01", data_version="v", who="test", at=AT)
    app = open_app(Path(january.path), "supply_review")
    app.button(key="supply_decision_open").click().run()
    of_label(app.text_input, "Question").input("Advertise?")
    app.selectbox(key="supply_scenario_B").select(scenario_id)
    app.button_group(key="supply_recommended").set_value("B")
    app.text_input(key="who_supply_decision").input("Ann")
    of_label(app.button, "Raise it").click().run()
    assert not app.error and not app.exception
    decision = of_cycle(january, "decision").iloc[-1]
    options = of_cycle(january, "decision_option")
    mine = options[options["decision_id"] == decision["decision_id"]]
    assert list(mine["title"]) == ["Advertise"] and list(mine["scenario_id"]) == [scenario_id]
    assert decision["recommendation"] == "A", "the letter that the option got"


def test_signing_keeps_the_plan(open_app: OpenApp, january: Warehouse) -> None:
    app = open_app(Path(january.path), "product_review")
    app.button(key="product_sign_open").click().run()
    of_label(app.text_input, "Why it is signed despite that").input("It is a test")
    app.text_input(key="who_product_sign").input("Ann")
    named(app.button, "Sign").click().run()
    assert not app.error and not app.exception
    signed = of_cycle(january, "sign_off").iloc[-1]
    assert (signed["stage"], signed["signed_by"]) == ("product", "Ann")
    assert any("signed" in caption.value for caption in app.caption)


def test_a_capacity_move_loads_the_resource_less(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "supply_review")
    resource = app.selectbox(key="lever_target_Resource").value
    before = chart(app)["data"][0]
    of_label(app.toggle, "Extra shift").set_value(True).run()
    assert working(app).levers == (Lever("extra_shift", 1, target=resource),)
    after = chart(app)["data"][0]
    row_before, row_after = (one["z"][one["y"].index(before["y"][0])] for one in (before, after))
    assert row_after[-1] < row_before[-1] and row_after[0] == row_before[0]


def test_a_lever_back_at_the_masters_value_is_no_lever(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "supply_review")
    slider = of_label(app.slider, "Overtime limit")
    master = slider.value
    slider.set_value(master + 5).run()
    assert len(working(app).levers) == 1
    of_label(app.slider, "Overtime limit").set_value(master).run()
    assert working_is_baseline(app)
