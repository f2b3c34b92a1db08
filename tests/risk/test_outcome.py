"""Quantiles, the chance to reach the budget and regret, each against a naive second writing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.risk.outcome import MEASURES, Outcomes, quantiles
from sop_engine.scenario import BASELINE, Scenario

FINITE = st.floats(-1e6, 1e6)


def outcomes(values: np.ndarray, budget: float = np.nan) -> Outcomes:
    """The same values in every measure. values: (options, draws)"""
    options = tuple(Scenario((), name=f"S{k}") if k else BASELINE for k in range(len(values)))
    gaps = {name: values - budget for name in ("revenue", "gross_margin")}
    return Outcomes(
        version="v",
        cycle="2014-01",
        currency="USD",
        span="",
        held_until="2014-02",
        drivers="d",
        seed=1,
        options=options,
        values={name: values for name in MEASURES},
        gaps=gaps,
        planned={name: values[:, 0] for name in MEASURES},
        planned_gaps={name: gap[:, 0] for name, gap in gaps.items()},
    )


def naive_quantile(values: list[float], share: float) -> float:
    """Between the neighbours of position share x (n - 1)."""
    ordered, at = sorted(values), share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


@settings(deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=40))
def test_quantiles(values: list[float]) -> None:
    found = quantiles(np.array(values))
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        assert found[name] == pytest.approx(naive_quantile(values, share), abs=1e-6, rel=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(FINITE, FINITE, FINITE), min_size=1, max_size=30))
def test_regret(draws: list[tuple[float, float, float]]) -> None:
    table = outcomes(np.array(draws).T).regret("gross_margin")
    for option in range(3):
        lost = [max(draw) - draw[option] for draw in draws]
        assert table["mean"][option] == pytest.approx(sum(lost) / len(lost), rel=1e-9, abs=1e-6)
        assert table["worst"][option] == pytest.approx(max(lost), rel=1e-9, abs=1e-6)
        assert table["p90"][option] == pytest.approx(naive_quantile(lost, 0.9), rel=1e-9, abs=1e-6)
    assert table["best_pct"].sum() >= 100 - 1e-9


def test_what_is_neither_good_nor_bad_is_not_regretted() -> None:
    with pytest.raises(KeyError):
        outcomes(np.ones((2, 3))).regret("inventory_value")


def test_the_chance_to_reach_the_budget() -> None:
    found = outcomes(np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 5.0, 5.0]]), budget=3.0)
    assert [found.reach_pct("revenue", option) for option in (0, 1)] == [50.0, 50.0]
    assert found.budget("revenue") == 3.0
    assert np.isnan(found.reach_pct("cash_effect", 0)) and np.isnan(found.budget("cash_effect"))
    assert np.isnan(outcomes(np.ones((1, 3))).reach_pct("revenue", 0))
