"""The factor model of errors against made-up histories whose spread is known, and its own bookkeeping."""

from __future__ import annotations

import numpy as np
import pytest

from sop_engine.risk.spread import Level, balanced, fit_levels

PRODUCTS = 8
ALL = np.ones(1, dtype=bool)
WHOLE = [("company", np.full(PRODUCTS, ""))]
FAMILIES = np.array(["F"] * 4 + ["G"] * 4)


def history(
    sd: float, lasting: float, cycles: int, lags: int = 12, seed: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """Actual and expected of cycles whose company error has this spread in logs."""
    random = np.random.default_rng(seed)
    z = np.sqrt(lasting) * random.standard_normal((cycles, 1)) + np.sqrt(
        1 - lasting
    ) * random.standard_normal((cycles, lags))
    expected = random.uniform(50, 150, (cycles, PRODUCTS, lags))
    return expected * np.exp(sd * z)[:, None, :], expected


@pytest.mark.parametrize("lasting", [0.0, 0.5, 1.0])
def test_it_finds_the_spread_and_what_lasts_of_it(lasting: float) -> None:
    level = fit_levels(*history(0.2, lasting, 4000), WHOLE, 12)[0]
    assert level.sd[0] == pytest.approx(0.2, abs=0.015)
    assert level.lasting == pytest.approx(lasting, abs=0.05)


def test_it_finds_that_the_spread_grows() -> None:
    random = np.random.default_rng(5)
    expected = np.full((4000, PRODUCTS, 12), 100.0)
    sd = 0.1 + 0.02 * np.arange(12)
    actual = expected * np.exp(sd * random.standard_normal((4000, 1, 1)) * np.ones((1, PRODUCTS, 1)))
    level = fit_levels(actual, expected, WHOLE, 12)[0]
    assert level.sd[0, 0] < level.sd[0, 5] < level.sd[0, 11]


def test_a_perfect_forecast_has_no_spread() -> None:
    _, expected = history(0.0, 0.5, 5)
    groups = [*WHOLE, ("family", FAMILIES)]
    for level in fit_levels(expected, expected, groups, 12):
        assert not level.sd.any()


def test_families_are_measured_against_the_company_not_against_the_plan() -> None:
    actual, expected = history(0.4, 1.0, 50)
    levels = fit_levels(actual, expected, [*WHOLE, ("family", FAMILIES)], 12)
    assert levels[0].sd.mean() > 0.2
    assert levels[1].sd.max() < 1e-9


def test_what_is_not_known_yet_is_left_out() -> None:
    actual, expected = history(0.2, 0.5, 20)
    actual[10:, :, 4:] = np.nan
    cut = actual.copy()
    expected_cut = expected.copy()
    expected_cut[10:, :, 4:] = 1e9
    one, other = (fit_levels(cut, due, WHOLE, 12)[0] for due in (expected, expected_cut))
    np.testing.assert_allclose(one.sd, other.sd)
    assert np.isfinite(one.sd).all()


def test_a_common_trend_is_taken_out() -> None:
    expected = np.full((30, PRODUCTS, 12), 100.0)
    levels = [
        fit_levels(expected * 1.05, expected, WHOLE, 12, centred=centred)[0] for centred in (False, True)
    ]
    assert levels[0].sd.mean() > 0.04
    assert levels[1].sd == pytest.approx(0.0, abs=1e-9)


def test_factors_are_one_on_average() -> None:
    level = Level("company", ("",), np.zeros(1, dtype=int), np.full((1, 1), 0.5), 0.5)
    random = np.random.default_rng(1)
    drawn = [
        level.factors(random.standard_normal(1), random.standard_normal((1, 1)), ALL)[0, 0]
        for _ in range(40_000)
    ]
    assert np.mean(drawn) == pytest.approx(1.0, abs=0.01)
    assert np.std(np.log(drawn)) == pytest.approx(0.5, abs=0.01)


def test_what_parts_gain_others_lose() -> None:
    random = np.random.default_rng(2)
    factors, weight = random.uniform(0.5, 2, (PRODUCTS, 3)), random.uniform(0, 5, (PRODUCTS, 3))
    member = np.repeat([0, 1], 4)
    moved = balanced(factors, weight, member, 2)
    for parent in (0, 1):
        inside = member == parent
        np.testing.assert_allclose((moved * weight)[inside].sum(axis=0), weight[inside].sum(axis=0))


def test_a_year_varies_less_than_its_months() -> None:
    level = Level("company", ("",), np.zeros(1, dtype=int), np.full((1, 12), 0.3), 0.25)
    random = np.random.default_rng(3)
    z = np.sqrt(0.25) * random.standard_normal((50_000, 1)) + np.sqrt(0.75) * random.standard_normal(
        (50_000, 12)
    )
    assert level.sd_over(12)[0, 0] == pytest.approx((0.3 * z.mean(axis=1)).std(), rel=0.02)
    assert level.shifted(0, 1.0, 12)[0, 0] == pytest.approx(np.exp(level.sd_over(12)[0, 0]))
