"""What every page shares: it opens, shows the strip, moves with the levers, and can be linked to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.frame import session
from pages.frame.navigation import PAGES
from pages.frame.strip import delta_words, escaped, value_words
from sop_engine.charts.numbers import short
from sop_engine.executive_sop.scorecard import FIGURES, Scorecard, compare, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.inputs import read_inputs
from sop_engine.plan import Plan, plan
from sop_engine.records import add_override
from sop_engine.records.judgements import OVERRIDE_REASONS
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import compile_model
from sop_engine.warehouse import open_warehouse
from tests.pages.conftest import OpenApp

DEMAND, LOAD = 0, 5
MORE_BIKES = Scenario((Lever("demand", 10, target="Road Bikes"),))


@pytest.fixture(scope="module")
def plans(demo_file: Path) -> dict[Scenario, Plan]:
    """What the engine says by itself."""
    inputs = read_inputs(open_warehouse(demo_file))
    model = compile_model(inputs)
    return {scenario: plan(inputs, scenario, model) for scenario in (BASELINE, MORE_BIKES)}


def figures(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric[:7]]


def shown(card: Scorecard) -> list[str]:
    return [value_words(getattr(card, figure.key), figure.unit) for figure in FIGURES]


def of_label(elements: Sequence[Any], start: str) -> Any:
    return next(element for element in elements if element.label.startswith(start))


@pytest.mark.parametrize("page", [name for name, _ in PAGES])
def test_every_page_opens_with_the_sample_company(open_app: OpenApp, demo_file: Path, page: str) -> None:
    app = open_app(demo_file, page)
    assert not app.exception and not app.error
    assert [metric.label for metric in app.metric[:7]] == [figure.label for figure in FIGURES]


@pytest.mark.parametrize("page", [name for name, _ in PAGES])
def test_every_page_says_what_to_load_into_an_empty_warehouse(
    open_app: OpenApp, empty_file: Path, page: str
) -> None:
    app = open_app(empty_file, page)
    assert not app.exception and not app.error
    assert page == "data" or "sales history" in app.info[0].value


def test_the_strip_is_the_engines_scorecard(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    app = open_app(demo_file, "demand_review")
    assert figures(app) == shown(scorecard(plans[BASELINE]))
    assert {metric.delta for metric in app.metric[:7]} == {"±0"}


def test_a_slider_moves_the_strip_and_the_chart(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    app = open_app(demo_file, "demand_review")
    app.selectbox(key="lever_target_Product group").select("Road Bikes").run()
    of_label(app.slider, "Demand").set_value(10).run()
    card = scorecard(plans[MORE_BIKES])
    deltas = compare(card, scorecard(plans[BASELINE]))
    for position in (
        DEMAND,
        LOAD,
    ):  # these two do not depend on which of several equal optima the solver takes
        assert figures(app)[position] == shown(card)[position]
        assert app.metric[position].delta == delta_words(deltas[position])
    assert "What-if" in app.get("plotly_chart")[0].proto.spec


def test_the_scenario_holds_on_every_page_and_undo_takes_it_back(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    app = open_app(demo_file, "demand_review", scenario=MORE_BIKES.to_json())
    moved = figures(app)
    assert moved[DEMAND] == shown(scorecard(plans[MORE_BIKES]))[DEMAND]
    app.switch_page("pages/supply_review.py").run()
    assert figures(app) == moved
    app.button(key="supply_reset").click().run()
    assert figures(app) == shown(scorecard(plans[BASELINE]))
    app.button(key="supply_undo").click().run()
    assert figures(app) == moved


def test_a_link_reproduces_the_scenario(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    first = open_app(demo_file, "product_review", scenario=MORE_BIKES.to_json())
    assert figures(first)[DEMAND] == shown(scorecard(plans[MORE_BIKES]))[DEMAND]
    assert Scenario.from_json(first.query_params["scenario"]) == MORE_BIKES


def test_an_address_that_holds_no_scenario_is_said_and_the_page_stays_usable(
    open_app: OpenApp, demo_file: Path
) -> None:
    app = open_app(demo_file, scenario="{broken")
    assert "no scenario" in app.error[0].value and not app.exception
    assert not app.switch_page("pages/demand_review.py").run().error


UNKNOWN = [
    Lever("demand", 5, target="Unicorns"),
    Lever("demand", 5, market="Atlantis"),
    Lever("capacity", 5, target="Unicorns"),
    Lever("supplier_lead_time", 5, target="Unicorns"),
    Lever("launch_slip", 2, target="Unicorns"),
    Lever("exchange_rate", 5, target="XXX"),
]


def test_levers_that_name_what_is_not_in_the_data_are_left_out_and_said(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    sent = Scenario((*MORE_BIKES.levers, *UNKNOWN))
    app = open_app(demo_file, scenario=sent.to_json())
    assert not app.exception and not app.error
    assert all(escaped(lever.in_words()) in app.warning[0].value for lever in UNKNOWN)
    assert figures(app)[DEMAND] == shown(scorecard(plans[MORE_BIKES]))[DEMAND]
    assert Scenario.from_json(app.query_params["scenario"]) == MORE_BIKES


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("- units", r"\- units"),
        ("-", r"\-"),
        ("1. Road", r"1\. Road"),
        ("-1.2 pp", "-1.2 pp"),
        ("a_b", r"a\_b"),
    ],
)
def test_no_text_becomes_a_bullet_or_a_list(text: str, shown_as: str) -> None:
    assert escaped(text) == shown_as


def test_the_strip_says_its_currency_and_its_months(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file)
    assert any(
        caption.value.startswith("USD · fiscal year 2014") and "Jan 14 to Dec 14" in caption.value
        for caption in app.caption
    )


def test_a_chip_switches_its_lever_off(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    two = MORE_BIKES.with_lever(Lever("demand", 5, target="Caps"))
    app = open_app(demo_file, "demand_review", scenario=two.to_json())
    chips = [button for button in app.button if str(button.key).startswith("demand_chips")]
    assert [chip.label for chip in chips] == ["Demand of Caps +5 %", "Demand of Road Bikes +10 %"]
    chips[0].click().run()
    assert figures(app)[DEMAND] == shown(scorecard(plans[MORE_BIKES]))[DEMAND]


def test_the_period_and_what_it_is_compared_with_can_be_chosen(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    app = open_app(demo_file, "demand_review")
    app.button_group(key="strip_window").set_value(Window.NEXT_3).run()
    card = scorecard(plans[BASELINE], "next_3")
    assert figures(app) == shown(card)
    app.selectbox(key="strip_baseline").select("budget").run()
    revenue = app.metric[2]
    assert revenue.delta.startswith(("+" if card.budget_gap > 0 else "") + short(card.budget_gap))


def test_a_filter_adds_a_line_of_its_own_and_leaves_the_strip(
    open_app: OpenApp, demo_file: Path, plans: dict[Scenario, Plan]
) -> None:
    app = open_app(demo_file, "demand_review")
    app.selectbox(key="filter_family").select("Road Bikes").run()
    assert figures(app) == shown(scorecard(plans[BASELINE]))
    part = scorecard(plans[BASELINE], products=plans[BASELINE].inputs.products.group("Road Bikes"))
    line = next(text.value for text in app.markdown if text.value.startswith("Road Bikes"))
    assert short(part.demand_value) in line
    app.switch_page("pages/supply_review.py").run()
    assert app.selectbox(key="filter_family").value == "Road Bikes"


def test_a_saved_scenario_can_be_taken_up_again(open_app: OpenApp, demo_copy: Path) -> None:
    app = open_app(demo_copy, "demand_review", scenario=MORE_BIKES.to_json())
    app.session_state["scenario_menu"] = True
    app.run()
    of_label(app.text_input, "Name").input("More bikes")
    app.text_input(key="who_scenario").input("Ann")
    of_label(app.button, "Save scenario").click().run()
    assert not app.error and not app.exception
    app.button(key="demand_reset").click().run()
    app.session_state["scenario_menu"] = True
    app.run()
    of_label(app.selectbox, "Load").select_index(0).run()
    assert Scenario.from_json(app.query_params["scenario"]).name == "More bikes"


def test_an_override_is_held_against_the_plan_before_overrides(open_app: OpenApp, demo_copy: Path) -> None:
    warehouse = open_warehouse(demo_copy)
    inputs = read_inputs(warehouse)
    before = plan(inputs)
    add_override(
        warehouse,
        inputs,
        family="Road Bikes",
        from_period=date(2014, 3, 1),
        to_period=date(2014, 5, 1),
        kind="pct",
        value=10,
        reason=OVERRIDE_REASONS[0],
        who="Anna",
        at=datetime(2014, 1, 6),
    )
    after = plan(read_inputs(warehouse))
    warehouse.close()
    app = open_app(demo_copy, "demand_review")
    control = app.selectbox(key="strip_baseline")
    assert control.options == ["vs before overrides", "vs baseline", "vs budget"]
    assert control.value == "before overrides"
    assert any("today's data before this cycle's overrides" in caption.value for caption in app.caption)
    cards = [scorecard(solved, Window.FISCAL_YEAR) for solved in (after, before)]
    assert app.metric[DEMAND].delta == delta_words(compare(*cards)[DEMAND]) != "±0"
    control.set_value("baseline").run()
    assert app.metric[DEMAND].delta == "±0"


def test_the_clock_tells_records_of_one_second_apart() -> None:
    moments = [session.now() for _ in range(200)]
    assert any(moment.microsecond for moment in moments) and moments == sorted(moments)
