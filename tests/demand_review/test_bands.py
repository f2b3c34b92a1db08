"""Pooled conformal bands."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.demand_review.bands import bands, conformal_quantile, realised_coverage, relative_error


def simulated(
    n: int = 300, origins: int = 3, steps: int = 12, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    levels = rng.uniform(10, 1000, n)
    return rng.normal(0, 0.2, (n, origins, steps)) * levels[:, None, None], levels


@given(st.lists(st.floats(0, 1e6), min_size=20, max_size=80), st.sampled_from([0.8, 0.95]))
def test_quantile_equals_sorting_and_counting(sizes, share):
    rank = math.ceil(round((len(sizes) + 1) * share, 9))
    assert conformal_quantile(np.array(sizes), share) == sorted(sizes)[rank - 1]


def test_too_few_errors_use_students_t():
    # t(0.9, 3 degrees of freedom) = 1.6377; root mean square of 3, 4, 5 = 4.0825
    assert conformal_quantile(np.array([3.0, 4.0, 5.0]), 0.8) == pytest.approx(1.6377 * 4.0825, rel=1e-4)
    assert math.isnan(conformal_quantile(np.array([]), 0.8))


def test_fresh_errors_of_the_same_kind_are_covered_as_promised():
    errors, levels = simulated()
    band = bands(errors, levels, ["a"] * len(levels), 12)
    fresh, _ = simulated(seed=9)
    _, same = simulated(seed=0)
    fresh = fresh / np.random.default_rng(9).uniform(10, 1000, 300)[:, None, None] * same[:, None, None]
    assert np.mean(np.abs(fresh) <= band.half80[:, None]) == pytest.approx(0.80, abs=0.03)
    assert np.mean(np.abs(fresh) <= band.half95[:, None]) == pytest.approx(0.95, abs=0.02)
    assert band.coverage80 == pytest.approx(0.80, abs=0.04)


def test_half_width_rises_and_goes_on_with_the_square_root():
    errors, levels = simulated(steps=6)
    half = bands(errors, levels, ["a"] * len(levels), 24).half80
    assert (np.diff(half, axis=1) >= 0).all()
    assert half[:, 23] == pytest.approx(half[:, 5] * 2)


def test_half_width_equals_a_loop():
    errors, levels = simulated(n=40, steps=3)
    pools = ["a"] * 40
    half = bands(errors, levels, pools, 3).half80
    own = [np.mean([abs(e) for e in errors[i].ravel()]) / levels[i] for i in range(40)]
    scale = [(0.5 * np.median(own) + 0.5 * own[i]) * levels[i] for i in range(40)]
    widest = 0.0
    for step in range(3):
        pool = sorted(abs(errors[i, o, step]) / scale[i] for i in range(40) for o in range(3))
        widest = max(widest, pool[math.ceil(121 * 0.8) - 1])
        assert half[:, step] == pytest.approx([widest * s for s in scale])


def test_pools_calibrate_only_their_own():
    errors, levels = simulated()
    errors[150:] *= 10
    pools = ["calm"] * 150 + ["wild"] * 150
    alone = bands(errors[:150], levels[:150], pools[:150], 12)
    assert bands(errors, levels, pools, 12).half80[:150] == pytest.approx(alone.half80)


def test_order_does_not_matter_and_unit_of_measure_scales():
    errors, levels = simulated(n=50)
    pools = ["a", "b"] * 25
    order = np.random.default_rng(3).permutation(50)
    straight = bands(errors, levels, pools, 12)
    turned = bands(errors[order], levels[order], [pools[i] for i in order], 12)
    assert turned.half95 == pytest.approx(straight.half95[order])
    assert bands(errors * 7, levels * 7, pools, 12).half80 == pytest.approx(straight.half80 * 7)


def test_certain_series_have_no_width_and_unmeasured_ones_none_known():
    nothing = np.full((1, 3, 4), np.nan)
    assert np.isnan(bands(nothing, np.array([5.0]), ["a"], 4).half80).all()
    assert (bands(nothing, np.array([0.0]), ["a"], 4).half80 == 0).all()
    assert (bands(np.zeros((1, 3, 4)), np.array([5.0]), ["a"], 4).half95 == 0).all()


def test_series_without_errors_borrow_their_pools():
    size = np.array([10.0, 30.0, np.nan, np.nan])
    levels = np.array([100.0, 100.0, 50.0, 50.0])
    assert relative_error(size, levels, ["a", "a", "a", "b"]).tolist() == pytest.approx(
        [0.15, 0.25, 0.2, 0.2]
    )


def test_error_sd_is_over_the_first_three_steps():
    errors = np.full((1, 1, 6), 100.0)
    errors[0, 0, :3] = [3.0, -4.0, 5.0]
    assert bands(errors, np.array([10.0]), ["a"], 6).error_sd == pytest.approx([math.sqrt(50 / 3)])


def test_coverage_needs_two_origins():
    errors, levels = simulated(origins=1)
    assert math.isnan(realised_coverage(errors, levels, ["a"] * len(levels)))
