"""Point forecasts by class, and panels of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsforecast.models import IMAPA, AutoCES, AutoETS, DynamicOptimizedTheta, Theta

from sop_engine.demand_review.forecasters import SeriesTask, forecast_panel, forecast_series
from sop_engine.errors import PlanError

SEASON = 1 + 0.3 * np.sin(np.arange(12) * np.pi / 6)


def bikes(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (100 + np.arange(n)) * SEASON[np.arange(n) % 12] * rng.uniform(0.9, 1.1, n)


def parts(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(0.4, n) * rng.integers(1, 5, n).astype(float)


def test_regular_is_the_mean_of_four():
    y = bikes(60)
    models = [AutoETS(12, damped=True), AutoCES(12), DynamicOptimizedTheta(12), Theta(12)]
    assert forecast_series(y, 6) == pytest.approx(
        np.mean([m.forecast(y=y, h=6)["mean"] for m in models], axis=0), rel=0.01
    )


def test_young_is_the_mean_of_two_without_season():
    y = bikes(18)
    models = [AutoETS(1), DynamicOptimizedTheta(1)]
    assert forecast_series(y, 6) == pytest.approx(
        np.mean([m.forecast(y=y, h=6)["mean"] for m in models], axis=0), rel=0.01
    )


def test_short_lies_between_the_level_and_the_average():
    y = np.array([10.0, 10, 10, 20, 20, 20])
    forecast = forecast_series(y, 3)
    assert np.ptp(forecast) == 0 and 15 < forecast[0] <= 17.5


def test_intermittent_is_imapa_and_the_usual_rate():
    y = parts(36, seed=2)
    usual = np.mean([min(v, np.quantile([w for w in y if w > 0], 0.75)) for v in y[-12:]])
    assert forecast_series(y, 4) == pytest.approx((IMAPA().forecast(y=y, h=4)["mean"] + usual) / 2)


def test_one_lump_is_no_rate():
    calm, lump = parts(36, seed=2), parts(36, seed=2)
    lump[30] = 500.0
    assert forecast_series(lump, 1)[0] - forecast_series(calm, 1)[0] < 500 / 12


def test_a_year_without_demand_is_the_end_of_life():
    y = np.concatenate([parts(36), np.zeros(12)])
    assert forecast_series(y, 6).tolist() == [0.0] * 6


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_observations_give_no_forecast(n):
    assert np.isnan(forecast_series(np.ones(n), 3)).all()


@pytest.mark.parametrize("n", [3, 4, 7, 11, 12, 23, 24, 30, 48])
@pytest.mark.parametrize("value", [0.0, 5.0])
def test_constant_series_stay_constant(n, value):
    assert forecast_series(np.full(n, value), 5) == pytest.approx(np.full(5, value), abs=1e-6)


@pytest.mark.parametrize(
    "y",
    [
        np.linspace(100, 1, 36),
        np.random.default_rng(0).normal(0, 10, 36),
        np.r_[np.zeros(30), 1e9, np.zeros(5)],
        np.random.default_rng(1).random(40) * 1e-9,
        np.r_[np.ones(30), np.full(6, 1e6)],
        -np.ones(30),
    ],
)
def test_odd_series_give_finite_forecasts_never_negative(y):
    forecast = forecast_series(y, 18)
    assert np.isfinite(forecast).all() and (forecast >= 0).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(3, 40), st.integers(-20, 20), st.integers(0, 5))
def test_unit_of_measure_scales_the_forecast(n, power, seed):
    y = bikes(n, seed)
    assert forecast_series(y * 2.0**power, 4) == pytest.approx(forecast_series(y, 4) * 2.0**power, rel=1e-9)


def test_faults_are_named():
    with pytest.raises(PlanError, match="horizon of 0"):
        forecast_series(bikes(30), 0)
    with pytest.raises(PlanError, match="FR-7: .*position 1,"):
        forecast_panel({"ok": bikes(30), "FR-7": np.array([1.0, np.nan, 2.0])}, 3)


def mixed() -> dict[str, np.ndarray]:
    return {
        "regular": bikes(36),
        "young": bikes(15),
        "short": bikes(6),
        "parts": parts(36),
        "one": np.ones(1),
        "zero": np.zeros(30),
    }


def test_panel_equals_its_series_and_orders_its_bands():
    result = forecast_panel(mixed(), 9)
    for label, point in zip(result.labels, result.point):
        assert point == pytest.approx(forecast_series(mixed()[label], 9), nan_ok=True)
    known = ~np.isnan(result.point)
    for low, high in (
        (result.lo95, result.lo80),
        (result.lo80, result.point),
        (result.point, result.hi80),
        (result.hi80, result.hi95),
    ):
        assert (low[known] <= high[known]).all()
    assert (result.lo95[known] >= 0).all()
    assert result.kind == ("regular", "young", "short", "intermittent", "none", "intermittent")
    assert np.isnan(result.point[4]).all() and result.hi95[5].tolist() == [0.0] * 9
    assert not result.point.flags.writeable


def test_row_order_does_not_matter():
    straight, turned = forecast_panel(mixed(), 5), forecast_panel(dict(reversed(mixed().items())), 5)
    assert turned.hi80[::-1] == pytest.approx(straight.hi80, nan_ok=True)
    assert turned.error_sd[::-1] == pytest.approx(straight.error_sd, nan_ok=True)


def test_backtest_errors_come_from_the_past_only():
    y = bikes(36)
    changed = np.r_[y[:-6], y[-6:] * 3]
    width = lambda s: forecast_panel({"a": s}, 6).error_sd[0]  # noqa: E731
    errors = np.r_[
        [
            s[k : k + 3] - forecast_series(s[:k], 12)[:3]
            for s, k in ((changed, 30), (changed, 27), (changed, 24))
        ]
    ]
    assert width(changed) == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert width(changed) > width(y)


def test_lent_season_shapes_a_young_series_and_its_phase_is_right():
    n = 15
    y = 200 * SEASON[np.arange(n) % 12]
    index = SEASON[(n + np.arange(12)) % 12]
    result = forecast_panel({"a": y}, 12, season_index={"a": index})
    assert result.point[0] == pytest.approx(200 * index, rel=1e-3)
    assert result.error_sd[0] < 1.0
    assert forecast_panel({"a": y}, 12).error_sd[0] > 20.0


def test_lent_season_leaves_a_regular_series_alone():
    plain = forecast_panel({"a": bikes(36)}, 6, backtest=False)
    assert forecast_panel(
        {"a": bikes(36)}, 6, season_index={"a": np.arange(1.0, 13.0)}, backtest=False
    ).point == pytest.approx(plain.point)


def test_backtest_can_be_left_out_for_some_or_all():
    panel = {"a": bikes(36), "b": bikes(36, 1)}
    assert np.isnan(forecast_panel(panel, 3, backtest=False).hi80).all()
    some = forecast_panel(panel, 3, backtest=["b"])
    assert np.isnan(some.hi80[0]).all() and np.isfinite(some.hi80[1]).all()


def test_progress_counts_every_series_and_processes_change_nothing():
    panel = {i: bikes(14, i) for i in range(6)}
    seen: list[tuple[int, int]] = []
    one = forecast_panel(panel, 3, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 6) for i in range(1, 7)]
    two = forecast_panel(panel, 3, processes=2)
    assert (two.point == one.point).all() and (two.hi95 == one.hi95).all()


def test_empty_panel():
    assert forecast_panel({}, 3).point.shape == (0, 3)


def test_known_fits_are_taken_and_equal_series_are_fitted_once():
    told = []
    twice = {"a": bikes(36), "b": bikes(36), "c": bikes(15)}
    first = forecast_panel(twice, 6, progress=lambda *step: told.append(step))
    assert told == [(1, 2), (2, 2)] and len(first.fits) == 2
    again = forecast_panel(twice | {"c": bikes(16)}, 6, known=first.fits, progress=lambda *s: told.append(s))
    assert told[2:] == [(1, 1)]
    assert np.array_equal(again.point[:2], first.point[:2])
    assert again.point[2] == pytest.approx(forecast_series(bikes(16), 6))


def test_a_fit_is_known_by_everything_it_depends_on():
    first = bikes(15)

    def key(y=first, index=None, backtest=True, horizon=6, season=12):
        return SeriesTask(y, index, backtest, horizon, season).key

    others = [
        key(y=bikes(15, seed=1)),
        key(y=bikes(16)),
        key(index=SEASON),
        key(index=np.ones(12)),
        key(backtest=False),
        key(horizon=7),
        key(season=4),
    ]
    assert key() == key() and len({key(), *others}) == len(others) + 1
    assert key(y=np.array([0.0, 1])) == key(y=np.array([-0.0, 1]))
