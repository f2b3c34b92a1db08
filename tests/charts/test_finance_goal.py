"""What a goal seek found is drawn and written as it was solved."""

from __future__ import annotations

from dataclasses import replace

from sop_engine.charts.finance_goal import (
    goal_figure,
    goal_words,
    lever_value,
    path_table,
    rounded_words,
    way_table,
)
from sop_engine.charts.style import LIGHT
from sop_engine.goal_seek import Goal, Measure, Way
from sop_engine.remedies.change import Change
from sop_engine.scenario import Lever

GOAL = Goal(Measure.REVENUE, 1100.0, (0, 1))
CHANGE = Change(
    revenue=100.0, margin=60.0, cost=10.0, gross_margin=55.0, units=-3.0, fill_rate=-0.5, cash=40.0
)
NONE = Change(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
PRICE = Way(GOAL, Lever("price", 6.25), 1000.0, 1100.0, ((0.0, 1000.0), (15.0, 1240.0), (6.25, 1100.0)), True,
            CHANGE, -20.0)  # fmt: skip
LINE = Way(GOAL, Lever("capacity", 30, "Line"), 1000.0, 1050.0, ((0.0, 1000.0), (30.0, 1050.0)), False, NONE,
           0.0, ("Paint is full in 2014-01.",))  # fmt: skip


def test_each_way_is_a_column_of_what_it_reaches_and_changes() -> None:
    table = way_table([PRICE, LINE], "USD").set_index("figure")
    assert list(table.columns) == ["Price: +6.25 %", "Capacity: +30 %"]
    assert table.loc["Target"].tolist() == ["reached", "not within its bounds"]
    assert table.loc["Revenue gets to, USD"].tolist() == ["1,100", "1,050"]
    price = table["Price: +6.25 %"]
    assert price["Change of gross margin, USD"] == "+55"
    assert price["Change of operating profit, USD"] == "+50"  # margin 60 less 10 of costs
    assert price["Change of inventory at the end, USD"] == "-20"
    assert price["Change of fill rate"] == "-0.5 pp"
    assert table.loc["Change of revenue, USD", "Capacity: +30 %"] == "±0"


def test_the_words_name_what_reaches_and_how_far_the_rest_gets() -> None:
    words = goal_words([PRICE, LINE], "USD")
    assert words == "Price +6.25 % brings revenue to 1.10 k USD; capacity gets to 1.05 k USD"
    assert goal_words([LINE], "USD").startswith("No single lever brings revenue to 1.10 k USD")
    assert lever_value(LINE) == "+30 %"


def test_a_way_on_a_step_says_how_much_more_it_brings() -> None:
    stepped = replace(PRICE, lever=Lever("price", 6.5), value=1104.0)
    words = rounded_words(stepped, "USD")
    assert words.startswith("Price: +6.5 % is the smallest step of 0.5 % that reaches the target")
    assert words.endswith("it brings 4 USD more than asked.")
    assert rounded_words(PRICE, "USD") == ""  # off the step, and exact
    assert rounded_words(replace(stepped, value=1100.0), "USD") == ""
    assert rounded_words(LINE, "USD") == ""  # does not reach


def test_every_plan_solved_is_a_point_and_the_target_a_rule_in_each_panel() -> None:
    figure = goal_figure([PRICE, LINE], "USD", "Jan 14", LIGHT)
    solved = [trace for trace in figure["data"] if trace["name"] == "solved"]
    assert solved[0]["x"] == [0.0, 6.25, 15.0] and solved[0]["y"] == [1000.0, 1100.0, 1240.0]
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [1100.0, 1100.0]
    assert len(path_table([PRICE, LINE])) == 5
