"""What drives a series: planted effects are found, idle drivers change nothing, and what is not known is
carried."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.drivers import (
    Drivers,
    carried,
    driven_candidates,
    driven_forecast,
    entered,
    wins,
)
from sop_engine.demand_review.forecasters import forecast_panel
from sop_engine.demand_review.series import Kind
from sop_engine.errors import PlanError

SEASON = 1 + 0.2 * np.sin(np.arange(12) * np.pi / 6)
NAN = np.nan


def shop(seed: int, n: int = 48, h: int = 6, slope: float = -2.0) -> tuple[np.ndarray, Drivers, np.ndarray]:
    """Units of a series with season and a price that jumps, the price, and the units to come."""
    rng = np.random.default_rng(seed)
    price = rng.choice([0.0, np.log(0.8), np.log(1.1)], n + h)
    units = 400 * SEASON[np.arange(n + h) % 12] * np.exp(slope * price) * rng.uniform(0.97, 1.03, n + h)
    driver = Drivers(("price",), (True,), price[:n, None], price[n:, None])
    return units[:n], driver, units[n:]


def company(slope: float = -2.0, count: int = 5) -> tuple[dict, dict, np.ndarray]:
    shops = [shop(seed, slope=slope) for seed in range(count)]
    names = [f"shop {seed}" for seed in range(count)]
    return (
        dict(zip(names, (s[0] for s in shops))),
        dict(zip(names, (s[1] for s in shops))),
        np.array([s[2] for s in shops]),
    )


def test_a_planted_effect_is_found_and_its_future_followed():
    series, drivers, coming = company()
    driven = forecast_panel(series, 6, drivers=drivers)
    plain = forecast_panel(series, 6)
    assert set(driven.kind) == {"driver-based"} and set(plain.kind) == {"regular"}
    assert np.abs(driven.point - coming).sum() < 0.35 * np.abs(plain.point - coming).sum()
    for found in driven.driven.values():
        assert found.slopes[0, 0] == pytest.approx(-2.0, abs=0.15)
        assert 0 < found.errors[0, 0] < 0.2


@pytest.mark.parametrize("seed", range(3))
def test_an_idle_driver_changes_nothing(seed):
    series, _, _ = company(slope=0.0)
    rng = np.random.default_rng(100 + seed)
    idle = {
        a: Drivers(("moon",), (False,), rng.normal(0, 1, (48, 1)), rng.normal(0, 1, (6, 1))) for a in series
    }
    with_moon, without = forecast_panel(series, 6, drivers=idle), forecast_panel(series, 6)
    assert with_moon.kind == without.kind and not with_moon.driven
    assert np.array_equal(with_moon.point, without.point) and np.array_equal(with_moon.hi80, without.hi80)


def test_an_idle_driver_beside_one_that_counts_takes_no_part():
    series, drivers, _ = company()
    rng = np.random.default_rng(7)
    both = {
        a: Drivers(
            ("price", "moon"),
            (True, False),
            np.column_stack([d.past, rng.normal(0, 1, 48)]),
            np.column_stack([d.ahead, rng.normal(0, 1, 6)]),
        )
        for a, d in drivers.items()
    }
    result = forecast_panel(series, 6, drivers=both)
    assert all(abs(found.slopes[0, 1]) < 0.02 for found in result.driven.values())
    assert result.point == pytest.approx(forecast_panel(series, 6, drivers=drivers).point, rel=0.03)


def test_the_order_of_series_does_not_matter():
    series, drivers, _ = company()
    straight = forecast_panel(series, 6, drivers=drivers)
    turned = forecast_panel(dict(reversed(series.items())), 6, drivers=dict(reversed(drivers.items())))
    assert turned.point[::-1] == pytest.approx(straight.point, rel=1e-9)


def test_one_series_none_and_an_empty_panel():
    series, drivers, _ = company(count=1)
    assert forecast_panel(series, 6, drivers=drivers).kind == ("driver-based",)
    assert forecast_panel(series, 6, drivers={}).kind == ("regular",)
    assert forecast_panel({}, 6, drivers={}).point.shape == (0, 6)


def test_candidates_are_regular_sold_throughout_and_covered():
    series, drivers, _ = company()
    zero, gap, young = series["shop 0"].copy(), drivers["shop 1"].past.copy(), series["shop 2"][-20:]
    zero[10], gap[10] = 0.0, NAN
    series |= {"shop 0": zero, "shop 2": young}
    one = drivers["shop 1"]
    drivers |= {
        "shop 1": Drivers(one.names, one.logs, gap, one.ahead),
        "shop 3": Drivers(one.names, one.logs, one.past * 0, one.ahead),
    }
    assert set(driven_candidates(series, drivers, 12, {})) == {"shop 4"}


def test_a_slope_of_one_series_is_drawn_to_the_others_and_borrowed_where_its_price_never_moved_much():
    series, drivers, _ = company()
    noisy = series["shop 0"] * np.random.default_rng(3).uniform(0.5, 2.0, 48)
    alone = driven_candidates({"x": noisy}, {"x": drivers["shop 0"]}, 12, {})
    among = driven_candidates(series | {"shop 0": noisy}, drivers, 12, {})
    own, shared = (found.slopes[0, 0] for found in (alone["x"], among["shop 0"]))
    assert abs(shared + 2) < abs(own + 2)


def test_backtest_slopes_know_nothing_of_what_was_held_out():
    y, driver, _ = shop(0)
    later = y.copy()
    later[-12:] *= np.linspace(1, 3, 12)
    first, second = (driven_candidates({"a": s}, {"a": driver}, 12, {})["a"] for s in (y, later))
    assert np.array_equal(first.slopes[1:], second.slopes[1:]) and first.slopes[0] != second.slopes[0]


def test_a_driver_unknown_ahead_is_carried_in_backtest_and_forecast():
    series, drivers, _ = company()
    blind = {a: Drivers(d.names, d.logs, d.past, d.ahead * NAN) for a, d in drivers.items()}
    seen, unseen = (forecast_panel(series, 6, drivers=d) for d in (drivers, blind))
    driven = driven_candidates(series, blind, 12, {})
    assert set(seen.driven) == set(series) and driven["shop 0"].known_ahead.tolist() == [0]
    last = {a: Drivers(d.names, d.logs, d.past, np.full((6, 1), d.past[-1, 0])) for a, d in drivers.items()}
    known = forecast_panel(series, 6, drivers=last)
    for a in unseen.driven:
        row = list(series).index(a)
        assert unseen.point[row] == pytest.approx(known.point[row])


def test_carried_goes_on_with_the_season_else_with_the_last_value():
    warm = 10 + 8 * np.sin(np.arange(36) * np.pi / 6)
    assert carried(warm, 14, 12) == pytest.approx(10 + 8 * np.sin(np.arange(36, 50) * np.pi / 6))
    assert carried(np.arange(30.0) % 7, 3, 12).tolist() == [29 % 7] * 3
    assert carried(np.array([1.0, 5.0]), 2, 12).tolist() == [5, 5]


def test_a_driver_above_zero_enters_as_its_logarithm():
    assert entered(np.array([1.0, np.e, NAN]))[0][:2] == pytest.approx([0, 1])
    values, logs = entered(np.array([0.0, 0.4]))
    assert not logs and values.tolist() == [0.0, 0.4]
    assert not entered(np.array([NAN]))[1]


def test_the_unit_of_a_driver_above_zero_does_not_matter():
    y, _, _ = shop(0)
    price = np.random.default_rng(0).uniform(2, 4, 54)
    cents = [
        Drivers(("price",), (True,), x[:48, None], x[48:, None])
        for x in (entered(price)[0], entered(100 * price)[0])
    ]
    driven = y * np.exp(-cents[0].past[:, 0])
    one, other = (forecast_panel({"a": driven}, 6, drivers={"a": c}).point for c in cents)
    assert one == pytest.approx(other, rel=1e-6)


@given(
    st.lists(st.floats(-50, 50), min_size=3, max_size=3), st.lists(st.floats(-50, 50), min_size=3, max_size=3)
)
@settings(max_examples=30)
def test_drivers_must_win_by_a_margin(driven, undriven):
    ours, theirs = sum(map(abs, driven)), sum(map(abs, undriven))
    measured = np.array([[NAN, *driven]]), np.array([[1.0, *undriven]])
    assert wins(*measured) == (ours < 0.95 * theirs) or ours == pytest.approx(0.95 * theirs)


def test_what_was_not_measured_wins_nothing():
    assert not wins(np.full((3, 2), NAN), np.ones((3, 2)))


def test_the_class_of_a_driven_series_is_stored_with_its_fit():
    series, drivers, _ = company(count=2)
    first = forecast_panel(series, 6, drivers=drivers)
    again = forecast_panel(
        series, 6, drivers=drivers, known=first.fits, progress=lambda *_: pytest.fail("refitted")
    )
    assert {fit.kind for fit in first.fits.values()} == {Kind.DRIVEN}
    assert np.array_equal(first.point, again.point)
    dearer = {a: Drivers(d.names, d.logs, d.past, d.ahead + 0.1) for a, d in drivers.items()}
    assert not set(forecast_panel(series, 6, drivers=dearer).fits) & set(first.fits)


def test_without_backtest_the_choice_is_the_same_and_no_error_is_told():
    series, drivers, _ = company(count=2)
    bare = forecast_panel(series, 6, drivers=drivers, backtest=False)
    assert np.array_equal(bare.point, forecast_panel(series, 6, drivers=drivers).point)
    assert np.isnan(bare.hi80).all()


def test_driven_forecast_follows_the_known_price():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 0.3, (60, 1))
    y = 1000 * np.exp(-2 * x[:, 0]) * rng.uniform(0.97, 1.03, 60)
    ahead = np.array([[0.0], [-0.5], [0.5]])
    assert driven_forecast(y, x, ahead, np.array([-2.0]), season=52) == pytest.approx(
        1000 * np.exp([0, 1, -1]), rel=0.03
    )
    with pytest.raises(PlanError, match="above zero"):
        driven_forecast(y * 0, x, ahead, np.array([-2.0]))


def test_driven_forecast_keeps_the_season_of_a_long_history():
    season = 1 + 0.3 * np.sin(np.arange(48) * np.pi / 6)
    x = np.random.default_rng(0).normal(0, 0.2, (48, 1))
    found = driven_forecast(500 * season * np.exp(-x[:, 0]), x, np.zeros((12, 1)), np.array([-1.0]))
    assert found == pytest.approx(500 * season[:12], rel=0.03)
