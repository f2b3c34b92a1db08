"""Past ranges: a cycle is judged without itself, and what is closed is scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts.executive_risk import calibration_words
from sop_engine.risk.calibration import calibrate, with_closed
from sop_engine.risk.past import Record
from tests.builders import small_company


def record(errors: np.ndarray, lags: int = 12) -> Record:
    """Cycles of one product whose demand is off by these factors, at prices as known."""
    inputs, cycles = small_company(), len(errors)
    made = inputs.calendar.now - np.arange(cycles, 0, -1)
    shape = (cycles, len(inputs.products), lags)
    expected = np.zeros(shape)
    expected[:, 0] = 100.0
    come = (made[:, None] + np.arange(lags) < inputs.calendar.now)[:, None, :]
    demand = np.where(come, expected * np.asarray(errors)[:, None, None], np.nan)
    return Record(made, expected, demand, demand, demand, demand)


def test_an_odd_cycle_falls_outside_because_it_does_not_judge_itself() -> None:
    errors = np.array([1.1, 0.9] * 5 + [1.1, 3.0])
    rows = calibrate(small_company(), record(errors)).rows
    odd = rows["made_in"] == rows["made_in"].iloc[-1]
    assert not rows.loc[odd, "inside"].any()
    assert rows.loc[~odd, "inside"].mean() > 0.5


def test_ranges_of_a_known_spread_hold_four_of_five() -> None:
    random = np.random.default_rng(4)
    found = [calibrate(small_company(), record(np.exp(0.2 * random.standard_normal(12)))) for _ in range(12)]
    share = np.mean([one.inside_pct(3) for one in found])
    assert 70 <= share <= 90


def test_spans_are_cut_where_nothing_has_come() -> None:
    rows = calibrate(small_company(), record(np.linspace(0.9, 1.1, 12))).rows
    last = rows[rows["made_in"] == rows["made_in"].iloc[-1]]
    assert list(last["span"]) == [3, 12] and list(last["periods"]) == [1, 1]
    assert rows["periods"].max() == 12


def test_closed_risks_are_scored_and_samples_are_not() -> None:
    items = pd.DataFrame(
        {
            "status": ["happened", "did_not_happen", "open", "happened"],
            "sample": [False, False, False, True],
            "probability_pct": [80.0, 30.0, 50.0, 1.0],
        }
    )
    start = calibrate(small_company(), record(np.linspace(0.9, 1.1, 12)))
    found = with_closed(start, items)
    assert found.closed == 2 and found.brier == pytest.approx((0.2**2 + 0.3**2) / 2)
    assert "Brier score 0.06" in calibration_words(found)
    assert "Brier" not in calibration_words(replace(found, closed=0))
    assert "No past cycle is replayed" in calibration_words(None)
