"""The light and the tables of the proof in words and numbers."""

from __future__ import annotations

import pytest

from sop_engine.charts.proof import check_table, light_words, reviews_figure, reviews_words, row_table
from sop_engine.charts.style import LIGHT
from sop_engine.pre_sop.consistency import Check, Row
from sop_engine.proof.volumes import through_the_reviews
from tests.plans import made_up_plan, small_inputs

HOLDS = Check("Stock balances", "in = out", 1e-9, 0.01, "units", "")
FAILS = Check(
    "Prices", "table = plan", 5.0, 0.01, "USD", "A", rows=(Row("price", "A", "price", "nan", "no number"),)
)


def test_the_light_counts_and_names() -> None:
    assert light_words([HOLDS, HOLDS]) == "Proven: all 2 checks hold."
    assert light_words([HOLDS, FAILS]) == "Not proven: 1 of 2 checks fail: Prices."
    assert light_words([FAILS] * 5).endswith("Prices, Prices, Prices and 2 more.")


def test_what_fails_comes_first_and_names_its_rows() -> None:
    table = check_table([HOLDS, FAILS])
    assert list(table["check"]) == ["Prices", "Stock balances"]
    assert list(table["result"]) == ["✗ fails", "✓ holds"]
    assert row_table([HOLDS, FAILS]).iloc[0].tolist() == ["Prices", "price", "A", "price", "nan", "no number"]


def test_a_number_that_is_none_fails() -> None:
    assert not Check("x", "y", float("nan"), 1.0, "", "").passed


def test_the_figure_ends_in_what_is_delivered() -> None:
    plan = made_up_plan(small_inputs())
    table = through_the_reviews(plan)
    figure = reviews_figure(table, "Bikes", "USD", LIGHT)
    row = table.set_index("family").loc["Bikes"]
    steps = figure["data"][1]
    ended = steps["base"][-1] + steps["y"][-1]
    assert ended == pytest.approx(row["delivered"], abs=1)
    assert figure["layout"]["shapes"][-1]["y0"] == pytest.approx(row["delivered"])
    assert reviews_words(table, "Bikes", "USD").startswith("Bikes: ")
