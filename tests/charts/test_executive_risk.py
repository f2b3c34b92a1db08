"""Words and figures of risk say what the numbers say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import executive_risk as charts
from sop_engine.charts.style import DARK, LIGHT
from sop_engine.risk.outcome import quantile
from tests.risk.test_outcome import outcomes

FOUND = outcomes(np.array([np.arange(1.0, 11.0), np.arange(2.0, 12.0)]) * 1e6, budget=6e6)
ROWS = FOUND.summary().assign(name=["" if option == 0 else "More" for option in FOUND.summary()["option"]])
SWINGS = pd.DataFrame(
    [
        ("Small", "gross_margin", "P10", "P90", -1e3, 1e3),
        ("Wide", "gross_margin", "P10", "P90", -2e6, -3e6),
        ("None", "gross_margin", "it fails", "", 0.0, 0.0),
    ],
    columns=["driver", "measure", "low_words", "high_words", "low", "high"],
)


def test_the_sentence_counts_the_draws_that_reach_the_budget() -> None:
    words = charts.risk_words(ROWS, "gross_margin", "USD", FOUND.regret("gross_margin"))
    assert words.startswith("Do nothing reaches the budgeted gross margin in 50 % of the draws")
    assert "at worst 1.00 M USD less" in words and "'More' in 60" in words
    low, high = (charts.short(quantile(FOUND.values["cash_effect"][0], share)) for share in (0.1, 0.9))
    span = f"Do nothing brings a cash effect of {low} USD to {high} USD"
    assert span in charts.risk_words(ROWS, "cash_effect", "USD")


def test_bars_run_from_p10_to_p90_and_the_budget_is_a_line() -> None:
    chosen = ROWS[ROWS["measure"] == "gross_margin"]
    for style in (LIGHT, DARK):
        figure = charts.range_figure(ROWS, "gross_margin", "USD", "all", style)
        bar = figure["data"][0]
        assert bar["y"] == ["More", "Do nothing"]
        np.testing.assert_allclose(bar["base"], chosen["p10"].iloc[::-1])
        np.testing.assert_allclose(np.add(bar["base"], bar["x"]), chosen["p90"].iloc[::-1])
        assert figure["layout"]["shapes"][0]["x0"] == 6e6
    assert charts.range_figure(ROWS, "cash_effect", "USD", "all", LIGHT)["layout"]["shapes"] == []


def test_the_curve_gives_the_share_of_draws_that_reach_an_amount() -> None:
    line = charts.curve_figure(FOUND, "gross_margin", "all", LIGHT)["data"][0]
    reached = dict(zip(line["x"], line["y"], strict=True))
    drawn = FOUND.values["gross_margin"][0]
    for at, share in reached.items():
        assert share == 100 * (drawn >= at).mean()


def test_the_tornado_ranks_by_width_and_leaves_out_what_moves_nothing() -> None:
    ranked = charts.ranked_drivers(SWINGS, "gross_margin")
    assert list(ranked["driver"]) == ["Wide", "Small"] and ranked["width"][0] == 3e6
    figure = charts.tornado_figure(SWINGS, "gross_margin", "USD", "all", LIGHT)
    assert "Wide matters most" in figure["layout"]["title"]["text"]
    assert figure["data"][0]["y"] == ["Small", "Wide"]


def test_the_table_shows_regret_where_the_draws_are_at_hand() -> None:
    kept = charts.result_table(ROWS, "gross_margin", None)
    drawn = charts.result_table(ROWS, "gross_margin", FOUND.regret("gross_margin"))
    assert list(kept["reaches it %"]) == [50.0, 60.0] and "regret, mean" not in kept
    assert list(drawn["regret, mean"]) == [1e6, 0.0] and list(drawn["best in %"]) == [0.0, 100.0]
