"""Options, the walk in words, the series and the agenda as drawn hold the numbers they are given."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.executive_agenda import agenda_words, matter_map, matter_table
from sop_engine.charts.pre_sop_issues import (
    KPIS,
    option_deltas,
    option_figures,
    option_numbers,
    option_panels,
    option_words,
    tally_words,
)
from sop_engine.charts.pre_sop_series import series_bars, series_table, series_words, written
from sop_engine.charts.pre_sop_walk import MOST_PARTS, part_words, walk_table, walk_words
from sop_engine.charts.style import LIGHT
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.unresolved import DECISION, REQUEST, Matter
from sop_engine.pre_sop.connectivity import Step, walk
from sop_engine.pre_sop.series import REGION, scopes
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=3)
BASE = scorecard(PLAN)
MORE = scorecard(made_up_plan(PLAN.inputs, Scenario((Lever(LeverKind.DEMAND, 10),)), seed=3))
CARDS, TITLES = (BASE, MORE, None), ("Do nothing", "Advertise", "Ask")


def test_each_bar_of_an_option_is_its_figure_less_that_of_doing_nothing() -> None:
    figure = option_panels(TITLES, CARDS, BASE, LIGHT)
    assert [trace["name"] for trace in figure["data"]] == [kpi.label for kpi in KPIS]
    for trace, kpi in zip(figure["data"], KPIS, strict=True):
        moved = getattr(MORE, kpi.key) - getattr(BASE, kpi.key)
        assert trace["x"][0] == 0 and trace["x"][2] is None
        assert trace["x"][1] == pytest.approx(moved if abs(moved) > 0.05 else 0.0)


def test_the_matrix_says_value_and_change_and_a_dash_where_nothing_is_known() -> None:
    columns = option_figures(CARDS, BASE)
    assert list(columns) == [
        "Revenue, USD",
        "Gross margin, USD",
        "Fill rate",
        "Inventory, USD",
        "Cash effect, USD",
    ]
    assert "(" not in columns["Revenue, USD"][0] and "(+" in columns["Revenue, USD"][1]
    assert {cells[2] for cells in columns.values()} == {"-"}
    numbers = option_numbers(TITLES, CARDS)
    assert numbers["revenue"][1] == MORE.revenue and math.isnan(numbers["revenue"][2])


def test_the_title_names_the_option_that_earns_most() -> None:
    gained = option_deltas(CARDS, BASE)[1, 1]
    assert gained > 0 and option_words(TITLES, CARDS, BASE).startswith("Advertise earns most: gross margin +")
    assert option_words(TITLES[:1], (BASE,), BASE).startswith("No option earns more")
    assert option_words(TITLES[2:], (None,), BASE) == "No option is valued by a scenario"


def test_a_difference_that_the_solver_makes_is_none() -> None:
    near = replace(BASE, revenue=BASE.revenue + 0.5, fill_rate_pct=BASE.fill_rate_pct + 0.01)
    assert not np.nan_to_num(option_deltas((near,), BASE)).any()


def test_the_tally_counts_each_status_once() -> None:
    rows = pd.DataFrame(
        {"status": ["open", "open", "decided", "escalated"], "escalated_to": ["", "", "", "executive"]}
    )
    words = tally_words(rows, 2)
    assert words.startswith("4 issues: 2 open, 1 decided, 1 escalated; 50.0 % of those")
    assert words.endswith("2 cycles old") and tally_words(rows[:0], 0).startswith("No issue")


def test_the_walk_in_words_and_table_holds_its_numbers() -> None:
    steps = walk(PLAN, "Bikes", np.arange(3))
    table = walk_table(steps)
    for step in steps:
        parts = table[(table["plan"] == step.plan) & (table["part"] != "total")]["amount"].sum()
        assert parts == pytest.approx(step.value)
    words = walk_words(steps, "Bikes", ["2014-01", "2014-02", "2014-03"])
    assert words.startswith("Bikes, Jan 14 to Mar 14: 1 product,") and f"{steps[1].value:,.0f} units" in words


def test_stock_that_nobody_loaded_is_not_none() -> None:
    network = PLAN.inputs.network
    empty = replace(network, on_hand=0 * network.on_hand, receipts=0 * network.receipts)
    supply = replace(PLAN.supply, node_stock=0 * PLAN.supply.node_stock)
    steps = walk(
        replace(PLAN, supply=supply, inputs=replace(PLAN.inputs, network=empty)), "Bikes", np.arange(3)
    )
    assert np.isnan(steps[3].value) and part_words(steps[3]) == []
    assert walk_words(steps, "Bikes", ["2014-01"]).endswith("; no stock is loaded")


def test_small_parts_of_a_number_are_put_together() -> None:
    parts = tuple(
        (name, amount) for name, amount in zip("ABCDEF", (100.0, -5.0, 3.0, 0.1, -40.0, 7.0), strict=True)
    )
    words = part_words(Step("demand", "Demand", 65.1, "units", parts))
    assert len(words) == MOST_PARTS and words == ["a 100", "e -40", "f +7", "2 others -2"]


def test_the_meetings_of_a_series_roll_up() -> None:
    found = scopes(PLAN.inputs, REGION)
    cards = [scorecard(PLAN, products=one.products, markets=one.markets) for one in found]
    none = pd.DataFrame({"status": [], "escalated_to": []})
    issues = pd.DataFrame({"status": ["open", "escalated", "decided"], "escalated_to": ["", "executive", ""]})
    table = series_table(["East", "West", "Company"], [*cards, BASE], [issues, none, issues], ["", "", ""])
    for figure in ("revenue", "gross_margin"):
        assert table[figure][:2].sum() == pytest.approx(table[figure][2])
    assert table.loc[0, ["open", "resolved", "escalated"]].tolist() == [1, 1, 1]
    drawn = series_bars(table, REGION, LIGHT)["data"][0]
    assert dict(zip(drawn["y"], drawn["x"], strict=True)) == pytest.approx(
        dict(zip(table["meeting"][:2], table["budget_gap"][:2].fillna(0), strict=True))
    )
    assert "budget" in series_words(table, REGION) and len(written(table)) == 3


def matter(kind: str, value: float, days: int | None) -> Matter:
    deadline = None if days is None else date(2014, 1, 20)
    return Matter(kind, "D1", "Overtime?", "why", value, "", deadline, days, "open", "executive_sop")


def test_only_what_has_money_and_a_deadline_is_drawn_and_all_is_in_the_table() -> None:
    matters = (
        matter(DECISION, 100.0, -2),
        matter(REQUEST, 7.0, 3),
        matter(REQUEST, np.nan, 3),
        matter(DECISION, 5.0, None),
    )
    figure = matter_map(matters, "USD", LIGHT)
    drawn = {trace["name"]: (trace["x"], trace["y"]) for trace in figure["data"]}
    assert drawn == {DECISION: ([-2], [100.0]), REQUEST: ([3], [7.0])}
    table = matter_table(matters, "USD")
    assert list(table["days left"]) == ["2 overdue", "3", "3", "-"] and len(table) == 4
    words = agenda_words(matters, "USD")
    assert words == "4 left unresolved: 2 decisions, 2 requests, 1 overdue; 105 USD hangs on the decisions"
