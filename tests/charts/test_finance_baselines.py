"""Baselines side by side against sums written naively; the sentence of the gap is exact."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.finance_baselines import (
    baselines_figure,
    baselines_table,
    gap_sentence,
    run_rate_words,
    span_periods,
)
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import whole_company
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.finance_review.baselines import CYCLE, baselines
from tests.finance_review.test_kept_plan import KEPT, later
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=5)
VIEW = whole_company(PLAN)
FOUND = baselines(PLAN.inputs, PLAN.finance, PLAN.finance, KEPT)
YEAR = span_periods(PLAN.inputs.calendar, Window.FISCAL_YEAR)
ESTIMATE = "Latest estimate"


def table(periods: np.ndarray = YEAR) -> pd.DataFrame:
    return baselines_table(FOUND.values(), VIEW, periods).set_index("baseline")


def test_the_estimate_is_where_the_scorecard_lands() -> None:
    row, card = table().loc[ESTIMATE], scorecard(PLAN)
    assert row["revenue"] == pytest.approx(card.revenue)
    assert row["gross_margin"] == pytest.approx(card.gross_margin)
    assert row["gm_pct"] == pytest.approx(card.gross_margin_pct)
    assert row["operating_profit"] == pytest.approx(PLAN.finance.operating_profit[:12].sum())


def test_a_budget_is_compared_in_the_months_and_cells_that_it_states() -> None:
    row, ours = table().loc["AOP"], table().loc[ESTIMATE]
    assert row["revenue"] == 12 * 1500 + 6 * 1300
    assert row["gap"] == pytest.approx(ours["revenue"] - row["revenue"])
    assert row["attainment_pct"] == pytest.approx(100 * ours["revenue"] / row["revenue"])
    assert row["margin_gap"] == pytest.approx(ours["gross_margin"] - (12 * 500 + 6 * 450))
    assert row["months"] == 12 and np.isnan(row["operating_profit"])


def test_a_family_is_compared_in_the_months_that_its_own_budget_states() -> None:
    caps = replace(VIEW, products=PLAN.inputs.products.family == "Caps")
    row = baselines_table(FOUND.values(), caps, YEAR).set_index("baseline").loc["AOP"]
    ours = PLAN.finance.revenue[1, :, :6].sum()
    assert (row["months"], row["revenue"], row["gap"]) == (
        6,
        pytest.approx(6 * 1300),
        pytest.approx(ours - 6 * 1300),
    )
    words = gap_sentence(FOUND[ESTIMATE], FOUND["AOP"], caps, YEAR, "Caps", "USD")
    assert f"{abs(ours - 6 * 1300):,.0f}" in words and "the 6 of 12 months it states" in words


def test_what_a_budget_does_not_speak_of_has_no_gap() -> None:
    frames = replace(VIEW, products=PLAN.inputs.products.family == "Frames")
    words = gap_sentence(FOUND[ESTIMATE], FOUND["AOP"], frames, YEAR, "Frames", "USD")
    assert words == "Frames: AOP says nothing of it, so there is no gap."


def test_the_same_plan_kept_and_unmoved_has_no_gap() -> None:
    rows = table()
    for label in ("Last estimate", "Now, no lever moved"):
        assert rows.at[label, "gap"] == pytest.approx(0, abs=1e-6)
        assert rows.at[label, "attainment_pct"] == pytest.approx(100)


def test_the_plan_without_levers_is_not_named_as_a_start() -> None:
    assert FOUND["Now, no lever moved"].kind == CYCLE and not [name for name in FOUND if "Baseline" in name]


def test_next_three_months_are_three_months() -> None:
    rows = table(span_periods(PLAN.inputs.calendar, Window.NEXT_3))
    assert rows.at[ESTIMATE, "revenue"] == pytest.approx(PLAN.finance.revenue[:, :, :3].sum())
    assert rows.at["Prior year", "units"] == pytest.approx(3 * 180)


def test_what_the_rest_of_the_year_must_bring() -> None:
    """Three months of 1,800 have come (180 units at 10); the prior year was 12 x 1,800, so the nine to go
    need 1,800 each."""
    april = later(PLAN.inputs, 3)
    found = baselines(april, PLAN.finance, PLAN.finance)
    year = span_periods(april.calendar, Window.FISCAL_YEAR)
    assert list(year) == list(range(-3, 9))
    rows = baselines_table(found.values(), whole_company(PLAN), year)
    row = rows.set_index("baseline").loc["Prior year"]
    assert (row["revenue"], row["needed"]) == (pytest.approx(12 * 1800), pytest.approx(1800))
    words = run_rate_words(rows, "Prior year", 9, "USD")
    assert words.startswith("To reach Prior year, each of the 9 months to go must bring 1,800 USD of revenue")


def test_the_gap_to_budget_is_said_to_the_unit() -> None:
    row, ours = table().loc["AOP"], table().loc[ESTIMATE]
    words = gap_sentence(FOUND[ESTIMATE], FOUND["AOP"], VIEW, YEAR, "Fiscal year 2014", "USD")
    side = "above" if row["gap"] > 0 else "below"
    assert words.startswith(
        f"Fiscal year 2014 lands at {ours['revenue']:,.0f} USD of revenue, {abs(row['gap']):,.0f}"
    )
    assert f"{side} AOP" in words and f"{abs(row['margin_gap']):,.0f}" in words and words.count(".") <= 5


def test_the_figure_has_a_bar_for_each_baseline_and_marks_gaps() -> None:
    rows = baselines_table(FOUND.values(), VIEW, YEAR)
    figure = baselines_figure(rows, "Fiscal year 2014", "Whole company", "USD", False, LIGHT)
    revenue = figure["data"][0]
    assert revenue["y"] == list(rows["baseline"])[::-1]
    shown = dict(zip(revenue["y"], revenue["x"], strict=True))
    assert shown["AOP"] == pytest.approx(rows.set_index("baseline").at["AOP", "revenue"], abs=0.5)
    mark = "▲" if rows.set_index("baseline").at["AOP", "gap"] > 0 else "▼"
    assert mark in dict(zip(revenue["y"], revenue["text"], strict=True))["AOP"]
