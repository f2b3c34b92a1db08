"""Prior decisions and the scorecard as drawn say the numbers of the engine."""

from datetime import date

import numpy as np
import pytest

from sop_engine.charts.executive_decisions import (
    expected_words,
    outcome_table,
    outcome_words,
    prior_words,
    slope,
    spread,
)
from sop_engine.charts.executive_scorecard import (
    score_words,
    scorecard_panel,
    scorecard_table,
    status_words,
    target_table,
)
from sop_engine.charts.style import LIGHT
from sop_engine.executive_sop.effects import Effect, Scope
from sop_engine.executive_sop.outcomes import Judged, Outcome, Verdict
from sop_engine.executive_sop.targets import Target
from sop_engine.executive_sop.trend import score_rows
from tests.plans import made_up_plan, small_inputs

BIKES = Scope(family="Bikes")
PLAN = made_up_plan(small_inputs())


def outcome(actual: float, verdict: Verdict, passed: int = 1) -> Outcome:
    noise_of = "the value of the month before"
    return Outcome(
        "D1", "demand_units", BIKES, ("2013-12",), passed, 1000, 1120, actual, 30, noise_of, verdict
    )


def found(actual: float, verdict: Verdict, sample: bool = False) -> Judged:
    return Judged("D1", "Ann", "Demand", sample, (outcome(actual, verdict),), verdict)


def test_the_sentence_holds_what_was_expected_what_came_and_the_verdict() -> None:
    miss = outcome_words(outcome(1095.0, Verdict.MISS), "USD")
    assert miss.startswith("demand of Bikes: expected +120 units a month, came +95: 79 %, miss")
    assert "running: 0 of 1 months" in outcome_words(outcome(np.nan, Verdict.RUNNING, 0), "USD")
    assert "off by 30, so it cannot be told" in outcome_words(outcome(1010.0, Verdict.UNTOLD), "USD")
    almost = outcome_words(outcome(1095.9, Verdict.MISS), "USD")
    assert "79 %, miss" in almost  # 79.9 % never reads as 80 %


def test_the_sample_is_counted_apart() -> None:
    real, sample = found(1120.0, Verdict.HIT), found(1095.0, Verdict.MISS, True)
    assert prior_words([real, sample]) == "1 hit; of the sample: 1 miss"
    assert prior_words([sample]).startswith("No prior decision of your own can be measured yet")


def test_the_slope_goes_from_expected_to_what_came_in_pct() -> None:
    figure = slope([found(1095.0, Verdict.MISS)], {"D1": "Advertise?"}, "USD", LIGHT)
    (line,) = figure["data"]
    assert line["y"] == pytest.approx([12.0, 9.5])
    assert figure["layout"]["annotations"][0]["text"].endswith("79 %, miss")
    assert slope([found(np.nan, Verdict.RUNNING)], {"D1": "?"}, "USD", LIGHT)["data"] == []


def test_labels_do_not_overlap_and_keep_their_order() -> None:
    places = spread([5.0, 5.0, -2.0, 5.1], 0.1)
    assert np.diff(sorted(places)).min() >= 0.1 * 7.1 - 1e-9
    assert places[2] == min(places) and places[3] == max(places)


def test_the_table_has_a_row_for_a_decision_that_nothing_measures() -> None:
    none = Judged("D2", "Bo", "No levers", True, (), Verdict.UNMEASURED)
    questions = {"D1": "Advertise?", "D2": "Wait?"}
    table = outcome_table([found(1120.0, Verdict.HIT), none], questions, {}, "USD")
    assert list(table["outcome"]) == ["✓ hit", "not measurable"] and list(table["sample"]) == ["", "sample"]
    assert table["expected"][0] == "+120"


def test_an_option_says_what_it_is_expected_to_bring() -> None:
    effects = [Effect("demand_units", BIKES, date(2014, month, 1), 100.0, 110.0) for month in (2, 3)]
    assert expected_words(effects, "USD") == "expected demand of Bikes +10 units a month, Feb 14 to Mar 14"
    assert expected_words([], "USD").startswith("nothing is expected")


def test_the_scorecard_says_its_status_and_shows_its_months() -> None:
    target = Target("fill_rate_pct", date(2014, 1, 1), 99.99, "Board")
    rows = score_rows(PLAN, [target])
    figure = scorecard_panel(rows, "fiscal year 2014", "USD", LIGHT)
    texts = " ".join(each["text"] for each in figure["layout"]["annotations"])
    fill = next(row for row in rows if row.key == "fill_rate_pct")
    assert status_words(fill) in texts and "(target)" in status_words(fill) and "nan" not in texts
    off = sum(row.status == "off" for row in rows)
    assert f"{off} off" in score_words(rows, "fiscal year 2014")
    table = scorecard_table(rows).set_index("figure")
    assert table.loc["Fill rate", "target"] == 99.99 and table.loc["Revenue", "unit"] == "money"
    years = target_table(rows, [(2014, target)], {("fill_rate_pct", 2014): (fill.value, 6, 12)})
    assert (years["plan"][0], years["planned"][0], years["set by"][0]) == ("-", "6 of 12 months", "Board")
