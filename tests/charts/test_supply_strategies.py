"""The comparison of strategies says what was solved, in words, table and figure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import supply_strategies as charts
from sop_engine.charts.style import LIGHT
from sop_engine.plan import Plan, plan
from sop_engine.strategies import CHASE, LEVEL, Strategy, hybrid, measured, solve_strategies
from sop_engine.supply_review.pace import FREE
from tests.remedies.companies import with_families
from tests.supply_review.test_pace import LOW_THEN_HIGH, maker


@pytest.fixture(scope="module")
def solved() -> tuple[Plan, list[Strategy]]:
    """Six days of 60 and 140 units; 110 hours a day, so chase loses 90 of 600."""
    optimum = plan(with_families(maker(110.0), "Bikes", "Caps", "Frames"))
    return optimum, [measured(optimum), *solve_strategies(optimum, (CHASE, LEVEL, hybrid(0.1)))]


def test_names_are_the_field_s() -> None:
    paces = (FREE, CHASE, LEVEL, hybrid(0.05), hybrid(0.1))
    assert [charts.name_of(pace) for pace in paces] == [
        "Optimum",
        "Chase",
        "Level",
        "Hybrid 5 %",
        "Hybrid 10 %",
    ]
    assert "at most 5 %" in charts.holds(hybrid(0.05)) and "same hours" in charts.holds(LEVEL)


def test_the_sentence_says_what_chase_loses_and_what_level_holds(solved: tuple[Plan, list[Strategy]]) -> None:
    said = charts.sentence(*solved).split(". ")
    assert said[0].startswith("Chase earns 3.") and "USD of operating profit less" in said[0]
    assert said[0].endswith("serves 15.0 points of demand less on time")
    assert said[1].startswith("Level ") and "more" in said[1]
    same = [solved[1][0], replace(solved[1][0], pace=LEVEL)]
    assert charts.sentence(solved[0], same) == "Level earns as much as the optimum."


def test_the_comparison_holds_each_figure_and_its_difference(solved: tuple[Plan, list[Strategy]]) -> None:
    optimum, found = solved
    table = charts.comparison(optimum, found).set_index("USD, units, hours")
    assert list(table) == ["Optimum", "Chase", "Level", "Hybrid 10 %"]
    assert table.loc["Fill rate"].tolist()[:3] == ["100.0 %", "85.0 % (-15.0 pp)", "100.0 %"]
    assert table.loc["Units lost"].tolist()[:2] == ["0", "90 (+90)"]
    assert "Overtime" not in table.index
    numbers = charts.figure_table(found).set_index("figure")
    assert numbers.loc["Revenue", "Chase"] == pytest.approx(51_000)
    assert numbers.loc["Largest change of a rate", "Level"] == pytest.approx(0, abs=1e-6)


def test_what_is_not_known_is_said_so(solved: tuple[Plan, list[Strategy]]) -> None:
    optimum, (first, *_) = solved
    blank = replace(first, outcome=replace(first.outcome, profit=np.nan))
    table = charts.comparison(optimum, [blank, replace(blank, pace=LEVEL)])
    assert table.iloc[0].tolist() == ["Operating profit", "-", "-"]


def test_without_a_currency_units_stand_alone(solved: tuple[Plan, list[Strategy]]) -> None:
    optimum, found = solved
    money = replace(optimum.inputs.money, base_currency="")
    nameless = replace(optimum, inputs=replace(optimum.inputs, money=money))
    assert charts.comparison(nameless, found).columns[0] == "units, hours"
    said = charts.sentence(nameless, found)
    assert "of operating profit less" in said and "  " not in said
    titles = charts.run_figure(nameless, found, "Line", LIGHT)["layout"]["annotations"]
    assert "stock at the end of the period, whole company" in {one["text"] for one in titles}


@pytest.mark.parametrize("choice", ["All resources", "Line", "Family Bikes"])
def test_production_and_stock_are_drawn_as_solved(solved: tuple[Plan, list[Strategy]], choice: str) -> None:
    optimum, found = solved
    assert choice in charts.choices(found[0])
    table = charts.run_table(optimum, found, choice)
    np.testing.assert_allclose(table["Level"], 100.0)
    np.testing.assert_allclose(table["stock, Level"], 60 * np.array([40, 80, 120, 80, 40, 0]), atol=1e-4)
    np.testing.assert_allclose(table["Chase"], np.minimum(LOW_THEN_HIGH, 110))
    assert ("Need" in table) == (choice != "Family Bikes")
    figure = charts.run_figure(optimum, found, choice, LIGHT)
    drawn = {trace["name"]: trace["y"] for trace in figure["data"]}
    assert drawn["Level"] == [100.0] * 6 and {"Hybrid 10 %", "stock, Chase"} <= drawn.keys()
    assert figure["layout"]["title"]["text"].startswith(f"<b>{choice}")
