"""The ladder is drawn from the budget to the range, and what nobody owns stands apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.finance_ladder import item_table, ladder_figure, ladder_table, ladder_words
from sop_engine.charts.style import LIGHT
from sop_engine.finance_review.ladder import Ladder, ladder
from tests.finance_review.test_ladder import rows

ROWS = rows([(True, 200, 0.5), (False, 80, 0.25)])


def found(**more: float) -> Ladder:
    return ladder("revenue", 900.0, ROWS, **{"budget": 1000.0, "target": 1150.0, **more})


def test_floating_bars_lead_from_the_budget_to_what_is_expected() -> None:
    figure = ladder_figure(found(), "USD", "AOP", "target", "year", LIGHT)
    drawn = {
        trace["x"][0]: (trace["base"][0], trace["y"][0]) for trace in figure["data"] if trace["type"] == "bar"
    }
    assert drawn["Estimate less budget"] == (1000.0, -100.0)
    assert drawn["Opportunities"] == (900.0, 100.0) and drawn["Risks"] == (1000.0, -20.0)
    ranges = [trace for trace in figure["data"] if trace["type"] == "bar" and trace["x"] == ["Range"]]
    assert [(bar["base"][0], bar["base"][0] + bar["y"][0]) for bar in ranges] == [(820, 1100), (820, 1100)]
    assert "Top-side, no owner" not in figure["layout"]["xaxis"]["categoryarray"]


def test_top_side_lines_stand_after_the_range_and_on_no_sum() -> None:
    with_line = found(top_side=70.0)
    figure = ladder_figure(with_line, "USD", "AOP", "target", "year", LIGHT)
    assert figure["layout"]["xaxis"]["categoryarray"][-1] == "Top-side, no owner"
    assert with_line.expected == found().expected and with_line.high == found().high


def test_without_a_budget_the_ladder_begins_at_the_estimate() -> None:
    bare = ladder("revenue", 900.0, ROWS)
    figure = ladder_figure(bare, "USD", "Budget", "Target", "year", LIGHT)
    assert figure["layout"]["xaxis"]["categoryarray"][0] == "Latest estimate"
    assert "Budget" not in ladder_words(bare, "USD", "Budget")


def test_words_and_table_hold_the_same_numbers() -> None:
    assert ladder_words(found(), "USD", "AOP") == (
        "Revenue is expected at 980 USD, 820 to 1.10 k with all risks or all opportunities; "
        "to AOP: a gap of 20"
    )
    table = ladder_table(found(), "AOP", "target").set_index("step")["amount"]
    assert table["AOP"] + table["Estimate less budget"] == pytest.approx(table["Latest estimate"])
    assert table["Gap to budget"] == pytest.approx(-20) and table["Gap to target"] == pytest.approx(-170)
    unknown = ladder("revenue", np.nan, ROWS)
    assert "not known" in ladder_words(unknown, "USD", "AOP")


def test_items_come_by_the_size_of_what_is_expected() -> None:
    more = ROWS.assign(
        expected_revenue=[20.0, -100.0], from_period="2014-01", to_period="2014-03", owner=["Ana", "Ben"]
    )
    table = item_table(pd.DataFrame(more), "revenue", "USD")
    assert table["owner"].tolist() == ["Ben", "Ana"] and table["probability %"].tolist() == [25.0, 50.0]
    assert table["to"].tolist() == ["Mar 14", "Mar 14"]


def test_a_ladder_without_items_has_no_range_to_read() -> None:
    bare = ladder("revenue", 900.0, ROWS.head(0), budget=1000.0)
    assert ladder_words(bare, "USD", "AOP").startswith(
        "Revenue is expected at 900 USD, nothing out of the plan moves it; to AOP: a gap of 100"
    )
    notes = ladder_figure(bare, "USD", "AOP", "target", "year", LIGHT)["layout"]["annotations"]
    assert not any(note["text"].startswith(("low", "high")) for note in notes)
