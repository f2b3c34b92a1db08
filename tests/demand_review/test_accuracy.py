"""Forecast accuracy: the published example, each figure against a second writing, and what always holds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sop_engine.demand_review.accuracy import (
    CONSENSUS,
    NAIVE,
    STATISTICAL,
    Forecasts,
    Pairs,
    Past,
    bias,
    by_group,
    by_lag,
    by_market,
    contributors,
    mape,
    mase,
    of_cells,
    pairs,
    pooled,
    seasonal_naive,
    stairstep,
    tracking_signal,
    wape,
    waterfall,
    with_class,
)

NAN = np.nan
FORECAST = np.array([100.0, 450, 230, 1000, 350])
ACTUAL = np.array([75.0, 1000, 210, 800, 195])
UNITS = st.floats(0, 1e4, allow_nan=False)
CELLS = arrays(float, (4, 3), elements=UNITS)


def past(**sources: np.ndarray) -> Past:
    """Three cycles made in buckets 3 to 5 of a history of six, two products in two markets, two lags."""
    actual = np.random.default_rng(1).uniform(1, 9, (2, 2, 6)).round(1)
    made = np.array([3, 4, 5])
    statistical = np.random.default_rng(2).uniform(1, 9, (3, 2, 2, 2)).round(1)
    return Past(
        made=made,
        actual=actual,
        price=np.array([10.0, 2.0]),
        sources={
            NAIVE: of_cells(seasonal_naive(actual, made, 2, 2)),
            STATISTICAL: of_cells(statistical),
            **{name: of_cells(cells) for name, cells in sources.items()},
        },
        samples={},
    )


EVERY = np.array([True, True])
PRODUCTS = np.array(["A", "B"])
ALL = np.array(["", ""])


def test_the_published_example():
    assert wape(FORECAST, ACTUAL) == pytest.approx(950 / 2280) == pytest.approx(0.4167, abs=5e-5)
    assert bias(FORECAST, ACTUAL) == pytest.approx(-0.0658, abs=5e-5)


def test_mape_is_defined_where_something_was_sold():
    assert mape(np.array([2.0, 5, 3]), np.array([1.0, 0, 4])) == pytest.approx((1 + 0.25) / 2)
    assert np.isnan(mape(np.array([1.0]), np.array([0.0])))


def test_mase_scales_by_the_last_value_forecast_in_sample():
    history = np.array([NAN, 4.0, 6, 3, 7])  # steps 2, 3, 4
    assert mase(np.array([5.0, 9]), np.array([8.0, 8]), history) == pytest.approx(((3 + 1) / 2) / 3)
    assert np.isnan(mase(np.array([5.0]), np.array([8.0]), np.array([4.0, 4, 4])))


@given(arrays(float, 6, elements=UNITS), arrays(float, 6, elements=UNITS))
@settings(max_examples=50, deadline=None)
def test_the_tracking_signal_is_the_running_error_over_the_mean_deviation(forecast, actual):
    errors, expected = [], []
    for f, a in zip(forecast, actual):
        errors.append(f - a)
        deviation = sum(map(abs, errors)) / len(errors)
        expected.append(sum(errors) / deviation if deviation > 0 else 0.0)
    assert tracking_signal(forecast, actual) == pytest.approx(expected, abs=1e-6)


def test_a_steady_over_forecast_raises_the_alarm_in_its_fifth_period():
    signal = tracking_signal(np.full(6, 12.0), np.full(6, 10.0))
    assert signal.tolist() == [1, 2, 3, 4, 5, 6]


@given(CELLS, CELLS, st.permutations(range(4)))
@settings(max_examples=60, deadline=None)
def test_wape_is_no_less_than_bias_and_row_order_does_not_matter(forecast, actual, order):
    order = list(order)
    groups = np.array(["Road", "Hats", "Road", "Hats"])
    if actual.sum() > 0:
        assert wape(forecast, actual) >= abs(bias(forecast, actual)) - 1e-9
    table = by_group(forecast, actual, np.array(list("abcd")), groups)
    shuffled = by_group(forecast[order], actual[order], np.array(list("abcd"))[order], groups[order])
    pd.testing.assert_frame_equal(
        table.sort_values("group", ignore_index=True),
        shuffled.sort_values("group", ignore_index=True),
        atol=1e-6,
    )


def test_items_are_never_netted_before_the_absolute_value():
    forecast, actual = np.array([[10.0], [0.0]]), np.array([[0.0], [10.0]])
    assert by_group(forecast, actual, PRODUCTS, ALL)["WAPE %"].tolist() == [200.0]
    assert by_group(forecast, actual, ALL, ALL)["WAPE %"].tolist() == [0.0]


def test_groups_against_a_loop_the_largest_error_first():
    rng = np.random.default_rng(3)
    forecast, actual = rng.uniform(0, 9, (2, 5, 4))
    groups, items = np.array(list("xyxyx")), np.array(list("pqrst"))
    table = by_group(forecast, actual, items, groups).set_index("group")
    for name in "xy":
        rows = [i for i in range(5) if groups[i] == name]
        size = sum(abs(forecast[i, t] - actual[i, t]) for i in rows for t in range(4))
        sold = sum(actual[i, t] for i in rows for t in range(4))
        error = [sum(forecast[i, t] - actual[i, t] for i in rows) for t in range(4)]
        signal = sum(error) / (sum(map(abs, error)) / 4)
        assert table.loc[name, "WAPE %"] == pytest.approx(100 * size / sold)
        assert table.loc[name, "bias %"] == pytest.approx(100 * sum(error) / sold)
        assert table.loc[name, "tracking signal"] == pytest.approx(signal)
    assert table["absolute error"].is_monotonic_decreasing


def test_pairs_meet_the_bucket_they_spoke_of():
    record = past()
    found = pairs(record, 2, EVERY, np.array([True, False]), money=True)
    assert found.buckets.tolist() == [4, 5]  # the cycle of bucket 5 spoke of 6, which has not come
    for t, bucket in enumerate(found.buckets):
        for p in range(2):
            said = record.sources[STATISTICAL].cells[bucket - 4, p, 0, 1]
            assert found.forecasts[STATISTICAL][p, t] == pytest.approx(said * record.price[p])
            assert found.actual[p, t] == pytest.approx(record.actual[p, 0, bucket] * record.price[p])


def test_a_product_outside_the_filter_counts_in_nothing():
    found = pairs(past(), 1, np.array([True, False]), EVERY, money=False)
    assert np.isnan(found.actual[1]).all() and np.isfinite(found.actual[0]).all()
    assert by_group(found.forecasts[STATISTICAL], found.actual, PRODUCTS, PRODUCTS)["group"].tolist() == ["A"]


def test_the_seasonal_naive_is_the_last_year_that_was_known():
    actual = np.arange(10.0)[None, None]
    naive = seasonal_naive(actual, np.array([2, 8]), lags=6, season=4)
    assert naive[1, 0, 0].tolist() == [4, 5, 6, 7, 4, 5]  # further than a year ahead it goes two years back
    assert naive[0, 0, 0].tolist() == [1, 1, 0, 1, 1, 1]  # no year before: the last value that was known


@given(arrays(float, (2, 2, 9), elements=UNITS), st.integers(0, 9), st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_the_seasonal_naive_against_a_loop_over_a_first_sale(actual, first, season):
    actual[0, 0, :first] = NAN
    made = np.array([3, 6, 8])
    naive = seasonal_naive(actual, made, lags=5, season=season)
    for c, p, m, ahead in np.ndindex(naive.shape):
        back = made[c] + ahead
        while back >= made[c]:
            back -= season
        known = [value for value in actual[p, m, : made[c]] if not np.isnan(value)]
        a_year = actual[p, m, back] if back >= 0 else NAN
        expected = a_year if not np.isnan(a_year) else known[-1] if known else 0.0
        assert naive[c, p, m, ahead] == expected


def test_the_lag_curve_against_a_loop():
    record = past()
    table = by_lag(record, PRODUCTS, EVERY, EVERY, money=False)
    assert table["lag"].tolist() == [1, 2] and table["periods"].tolist() == [3, 2]
    for lag in (1, 2):
        error = sold = 0.0
        for c, made in enumerate(record.made):
            bucket = made + lag - 1
            for p in range(2):
                if bucket < 6:
                    said = record.sources[STATISTICAL].cells[c, p, :, lag - 1].sum()
                    error += abs(said - record.actual[p, :, bucket].sum())
                    sold += record.actual[p, :, bucket].sum()
        assert table.set_index("lag").loc[lag, STATISTICAL] == pytest.approx(100 * error / sold)


@given(st.lists(arrays(float, (2, 3), elements=UNITS), min_size=2, max_size=5))
@settings(max_examples=50, deadline=None)
def test_the_steps_add_up_from_the_first_stage_to_the_last(stages):
    actual = np.array([[3.0, 0, 5], [1, 2, 0]])
    found = Pairs(np.arange(3), actual, actual, {f"stage {i}": f for i, f in enumerate(stages)})
    table = stairstep(found, PRODUCTS)
    errors = table["WAPE %"]
    assert table["FVA"].sum() == pytest.approx(errors.iloc[0] - errors.iloc[-1], rel=1e-6, abs=1e-6)


def test_a_stage_without_a_record_has_no_number_and_breaks_no_step():
    silent = np.full((3, 2, 2, 2), NAN)
    found = pairs(past(Sales=np.full((3, 2, 2, 2), 5.0), **{CONSENSUS: silent}), 1, EVERY, EVERY, False)
    table = stairstep(found, PRODUCTS).set_index("stage")
    assert np.isnan(table.loc[CONSENSUS]).all()
    gain = table.loc[STATISTICAL, "WAPE %"] - table.loc["Sales", "WAPE %"]
    assert table.loc["Sales", "FVA"] == pytest.approx(gain)


def test_stages_are_held_against_the_cells_that_all_of_them_know():
    sales = np.full((3, 2, 2, 2), NAN)
    sales[:, 0] = 5.0  # of product A only
    found = pairs(past(Sales=sales), 1, EVERY, EVERY, False)
    alone = wape(found.forecasts[STATISTICAL][:1], found.actual[:1])
    table = stairstep(found, PRODUCTS).set_index("stage")
    assert table.loc[STATISTICAL, "WAPE %"] == pytest.approx(100 * alone)


def test_what_was_said_of_all_markets_only_is_not_known_of_one():
    cells = np.full((1, 1, 2, 1), NAN)
    said = Forecasts(cells, np.array([[[7.0]]]))
    assert said.over(EVERY).tolist() == [[[7.0]]]
    assert np.isnan(said.over(np.array([True, False]))).all()


def test_the_fingerprint_of_a_source_that_always_hopes():
    high = past().actual[:, :, 3:].max() * 3
    found = pairs(past(Sales=np.full((3, 2, 2, 2), high)), 1, EVERY, EVERY, False)
    row = contributors(found, PRODUCTS).set_index("source").loc["Sales"]
    assert row["periods over-forecast %"] == 100 and row["bias %"] == pytest.approx(row["WAPE %"])
    assert row["cells"] == 6


def test_markets_are_scored_each_on_its_own():
    record = past()
    found = {
        name: pairs(record, 1, EVERY, np.arange(2) == i, False) for i, name in enumerate(("East", "West"))
    }
    table = by_market(found, STATISTICAL, PRODUCTS).set_index("group")
    east = found["East"]
    assert table.loc["East", "WAPE %"] == pytest.approx(100 * wape(east.forecasts[STATISTICAL], east.actual))


def test_an_intermittent_series_is_not_judged_by_mase():
    history = np.vstack([np.tile([0.0, 0, 4], 12), np.arange(36.0) + 5])
    found = Pairs(np.array([35]), history, history[:, 35:], {STATISTICAL: history[:, 35:] + 2})
    table = by_group(found.forecasts[STATISTICAL], found.actual, PRODUCTS, PRODUCTS)
    table = with_class(table, found, STATISTICAL, PRODUCTS).set_index("group")
    assert table["class"].to_dict() == {"A": "intermittent", "B": "regular"}
    assert np.isnan(table.loc["A", "MAPE %"]) and table.loc["B", "MAPE %"] == pytest.approx(100 * 2 / 40)
    assert np.isnan(table.loc["A", "MASE"]) and table.loc["B", "MASE"] == pytest.approx(2.0)


def test_lags_pool_into_one_set_of_pairs():
    record = past()
    one, two = (pairs(record, lag, EVERY, EVERY, False) for lag in (1, 2))
    both = pooled([one, two])
    size = sum(np.abs(p.forecasts[STATISTICAL] - p.actual).sum() for p in (one, two))
    assert wape(both.forecasts[STATISTICAL], both.actual) == pytest.approx(size / both.actual.sum())


def test_the_waterfall_steps_one_period_to_the_right_each_cycle():
    buckets, table, came = waterfall(np.array([[1.0, 2], [3, 4]]), np.array([4, 5]), np.arange(6.0))
    assert buckets.tolist() == [4, 5, 6]
    np.testing.assert_array_equal(table, [[1, 2, NAN], [NAN, 3, 4]])
    np.testing.assert_array_equal(came, [4, 5, NAN])
