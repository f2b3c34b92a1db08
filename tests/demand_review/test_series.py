"""Class, holdouts and seasonal index of a series."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f_oneway

from sop_engine.demand_review.series import (
    Kind,
    classify,
    clean,
    fitted_season,
    holdouts,
    level,
    repetition,
    seasonal_index,
)
from sop_engine.errors import PlanError


def classify_twin(values: list[float]) -> str:
    count = sum(1 for v in values if v != 0)
    if len(values) < 3:
        return "none"
    if len(values) < 12:
        return "short"
    if count == 0 or len(values) / count >= 1.32:
        return "intermittent"
    return "young" if len(values) < 24 else "regular"


@given(st.lists(st.sampled_from([0.0, 1.0, 5.0]), max_size=60))
def test_classes_are_those_of_the_table(values):
    assert classify(np.array(values)) == classify_twin(values)


@pytest.mark.parametrize(
    ("n", "kind"), [(2, "none"), (3, "short"), (11, "short"), (12, "young"), (23, "young"), (24, "regular")]
)
def test_length_decides_where_demand_is_steady(n, kind):
    assert classify(np.ones(n)) == kind


def test_no_demand_at_all_is_intermittent():
    assert classify(np.zeros(24)) is Kind.INTERMITTENT


def test_clean_drops_only_what_lies_before_the_first_observation():
    assert clean(np.array([np.nan, np.nan, 0.0, 3.0])).tolist() == [0.0, 3.0]
    assert clean(np.full(4, np.nan)).size == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_clean_names_position_and_series(bad):
    with pytest.raises(PlanError, match="BK-100.*position 3"):
        clean(np.array([np.nan, 1.0, 2.0, bad, 4.0]), "BK-100")


@given(st.integers(0, 200))
def test_holdouts_leave_enough_to_fit(n):
    assert all(n - held >= min(n, 24 if n >= 48 else 12 if n >= 24 else 3) for held in holdouts(n))
    assert bool(holdouts(n)) == (n >= 4)


@pytest.mark.parametrize(
    ("n", "season", "fitted"), [(23, 12, 1), (24, 12, 12), (103, 52, 1), (104, 52, 52), (10, 4, 1)]
)
def test_a_season_needs_two_of_itself(n, season, fitted):
    assert fitted_season(n, season) == fitted


def test_level_is_the_mean_size():
    assert level(np.array([2.0, -4.0])) == 3.0
    assert level(np.array([])) == 0.0


def test_seasonal_index_recovers_a_known_one_from_any_phase():
    truth = 1 + 0.4 * np.sin(np.arange(12) * np.pi / 6)
    for n in (36, 41, 47):
        y = (100 + np.arange(n)) * truth[np.arange(n) % 12]
        found = seasonal_index(y, 12)
        assert found == pytest.approx(truth[(n + np.arange(12)) % 12], abs=0.02)


def seasonal_index_twin(y: np.ndarray, m: int) -> list[float]:
    ratios: dict[int, list[float]] = {}
    for t in range(m // 2, len(y) - m // 2):
        window = [y[t - m // 2] / 2, *y[t - m // 2 + 1 : t + m // 2], y[t + m // 2] / 2]
        ratios.setdefault((t - len(y)) % m, []).append(y[t] / (sum(window) / m))
    means = [sum(ratios[k]) / len(ratios[k]) for k in range(m)]
    trust = 1 - 1 / f_oneway(*ratios.values()).statistic
    return [1 + (v * m / sum(means) - 1) * trust for v in means]


def test_seasonal_index_equals_its_twin():
    rng = np.random.default_rng(1)
    y = (50 + np.arange(40)) * (1.5 + np.sin(np.arange(40) * np.pi / 6)) * rng.uniform(0.95, 1.05, 40)
    assert seasonal_index(y, 12) == pytest.approx(seasonal_index_twin(y, 12))


@pytest.mark.parametrize("y", [np.arange(1.0, 37.0), np.full(36, 7.0), np.ones(20), np.zeros(36)])
def test_no_season_is_lent_by_trend_constant_short_or_zero(y):
    assert seasonal_index(y, 12).tolist() == [1.0] * 12


def test_noise_is_seldom_lent_as_a_season():
    rng = np.random.default_rng(0)
    lent = [np.ptp(seasonal_index(rng.normal(100, 10, 48), 12)) > 0 for _ in range(300)]
    assert np.mean(lent) < 0.2


def test_repetition_equals_scipys_analysis_of_variance():
    rng = np.random.default_rng(4)
    for swing in (0.0, 0.5, 1.0, 2.0):
        groups = rng.normal(0, 1, (6, 4)) + swing * rng.normal(0, 1, 6)[:, None]
        f = f_oneway(*groups)
        expected = 1 - 1 / f.statistic if f.pvalue < 0.10 else 0.0
        assert repetition(groups.ravel(), np.repeat(np.arange(6), 4)) == pytest.approx(expected)
