"""Quantiles, the chance to reach the budget and regret, each against a naive second writing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.risk.outcome import MEASURES, Outcomes, quantile, quantiles
from sop_engine.scenario import BASELINE, Scenario

FINITE = st.floats(-1e6, 1e6)
CLOSE = 0.02  # of the largest value: the twin integrates in steps


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
    """The mean of the order statistics under the beta density of its rank, integrated in steps."""
    count, total, fine = len(values), 0.0, 400
    a, b = (count + 1) * share, (count + 1) * (1 - share)
    steps = (np.arange(count * fine) + 0.5) / (count * fine)
    density = np.exp((a - 1) * np.log(steps) + (b - 1) * np.log1p(-steps))
    density /= density.sum()
    for rank, value in enumerate(sorted(values)):
        total += value * density[rank * fine : (rank + 1) * fine].sum()
    return total


@settings(deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=40))
def test_quantiles(values: list[float]) -> None:
    found, size = quantiles(np.array(values)), 1e-6 + max(map(abs, values))
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        assert found[name] == pytest.approx(naive_quantile(values, share), abs=CLOSE * size)


@settings(deadline=None)
@given(st.lists(st.tuples(FINITE, FINITE, FINITE), min_size=1, max_size=30))
def test_regret(draws: list[tuple[float, float, float]]) -> None:
    table = outcomes(np.array(draws).T).regret("gross_margin")
    for option in range(3):
        lost = [max(draw) - draw[option] for draw in draws]
        assert table["mean"][option] == pytest.approx(sum(lost) / len(lost), rel=1e-9, abs=1e-6)
        assert table["worst"][option] == pytest.approx(max(lost), rel=1e-9, abs=1e-6)
        expected, size = naive_quantile(lost, 0.9), 1e-6 + max(lost)
        assert table["p90"][option] == pytest.approx(expected, abs=CLOSE * size)
    assert table["best_pct"].sum() >= 100 - 1e-9


def test_the_quantile_of_many_draws_is_that_of_their_distribution() -> None:
    drawn = np.random.default_rng(1).standard_normal(20_000)
    assert [quantile(drawn, share) for share in (0.1, 0.5, 0.9)] == pytest.approx(
        [-1.2816, 0, 1.2816], abs=0.03
    )
    assert quantile(np.full(7, 3.0), 0.1) == pytest.approx(3.0)


def test_what_is_neither_good_nor_bad_is_not_regretted() -> None:
    with pytest.raises(KeyError):
        outcomes(np.ones((2, 3))).regret("inventory_value")


def test_the_chance_to_reach_the_budget() -> None:
    found = outcomes(np.array([[1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 5.0, 5.0]]), budget=3.0)
    assert [found.reach_pct("revenue", option) for option in (0, 1)] == [50.0, 50.0]
    assert found.budget("revenue") == 3.0
    assert np.isnan(found.reach_pct("cash_effect", 0)) and np.isnan(found.budget("cash_effect"))
    assert np.isnan(outcomes(np.ones((1, 3))).reach_pct("revenue", 0))
