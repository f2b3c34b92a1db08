"""Flags of the history: what is found, what must not be, and the rule against a second writing."""

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.cleansing import (
    Decomposition,
    FlagKind,
    by_product,
    decompose,
    irregular,
    outliers,
    review_history,
)
from sop_engine.errors import PlanError
from sop_engine.inputs.history import Causes, PastEvent

SEASON = 1 + 0.3 * np.sin(np.arange(12) * np.pi / 6)
NAN = np.nan


def bikes(n: int = 36, seed: int = 0, noise: float = 0.05) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (100 + np.arange(n)) * SEASON[np.arange(n) % 12] * np.exp(rng.normal(0, noise, n))


def reviewed(*series: np.ndarray, lost: np.ndarray | None = None, events: tuple = ()) -> object:
    units = np.array(series)[:, None, :]
    lost = np.zeros((len(series), units.shape[2])) if lost is None else lost
    return review_history(units, np.full(len(series), 10.0), Causes(lost, events))


def rule_twin(parts: Decomposition) -> list[int]:
    """Three interquartile ranges, x 1.5, and away from the months on both sides, written as loops."""
    logs = [float(np.log(r)) for r in parts.remainder]
    low, high = np.percentile(logs, 25), np.percentile(logs, 75)
    adjusted = [float(np.log(t * r)) for t, r in zip(parts.trend, parts.remainder)]
    found = []
    for t, value in enumerate(logs):
        beyond = value > high + 3 * (high - low) or value < low - 3 * (high - low)
        factor = max(np.exp(value), np.exp(-value))
        if t < 2 or not beyond or factor <= 1.5:
            continue
        before = statistics.median(adjusted[max(0, t - 6) : t])
        after = statistics.median(adjusted[t + 1 : t + 7]) if t + 1 < len(logs) else adjusted[t - 1]
        up = adjusted[t] > before + np.log(1.5) and adjusted[t] > after + np.log(1.5)
        down = adjusted[t] < before - np.log(1.5) and adjusted[t] < after - np.log(1.5)
        if up or down:
            found.append(t)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([24, 30, 36, 60]), st.sampled_from([0.05, 0.2, 0.4]))
def test_outliers_equal_the_rule_in_loops(seed: int, n: int, noise: float) -> None:
    life = bikes(n, seed, noise)
    parts = decompose(life)
    assert np.flatnonzero(outliers(life, parts)).tolist() == rule_twin(parts)


def test_the_rule_finds_something_to_compare() -> None:
    assert any(rule_twin(decompose(bikes(36, seed, 0.4))) for seed in range(10))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(26, 33), st.sampled_from([2.5, 0.3]))
def test_a_spike_is_found_with_what_was_expected(seed: int, at: int, factor: float) -> None:
    usual = bikes(seed=seed)
    spoilt = usual.copy()
    spoilt[at] *= factor
    flags = reviewed(spoilt).flags
    found = next(flag for flag in flags if flag.period == at)
    assert found.kind == FlagKind.OUTLIER and found.raw == spoilt[at]
    assert found.expected == pytest.approx(usual[at], rel=0.35)
    assert found.money == pytest.approx(10 * abs(found.raw - found.expected))
    assert f"{found.raw / found.expected:.1f} x the {found.expected:,.0f} expected" in found.evidence


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 10), st.sampled_from([2.5, 0.4]))
def test_a_new_level_at_the_end_is_no_outlier(seed: int, months: int, factor: float) -> None:
    shifted = bikes(seed=seed, noise=0.03)
    shifted[-months:] *= factor
    assert not [flag for flag in reviewed(shifted).flags if flag.period >= 36 - months]


def test_components_multiply_to_the_series_and_their_shares_add_up() -> None:
    life = bikes()
    parts = decompose(life)
    assert parts.trend * parts.season * parts.remainder == pytest.approx(life)
    assert sum(parts.shares.values()) == pytest.approx(1)
    assert parts.shares["season"] > parts.shares["remainder"]


@pytest.mark.parametrize(
    ("life", "why"),
    [
        (np.zeros(0), "new or short: 0 periods"),
        (np.ones(1), "new or short: 1 periods"),
        (np.ones(11), "new or short: 11 periods"),
        (bikes(18), "young: 18 periods, less than two years"),
        (np.zeros(36), "intermittent: 0 of 36 periods sold"),
        (np.full(36, 7.0), "constant"),
        (bikes(), ""),
    ],
)
def test_what_is_not_regular_is_named(life: np.ndarray, why: str) -> None:
    assert irregular(life) == why
    history = np.concatenate([np.full(36 - len(life), NAN), life])
    review = reviewed(history)
    assert review.unread == ({0: why} if why else {}) and review.flags == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 0.0, 1.0, 5.0, 900.0, -3.0]), min_size=0, max_size=40), st.integers(0, 5)
)
def test_no_history_breaks_it(values: list[float], unsold: int) -> None:
    history = np.array([NAN] * unsold + values + [0.0])
    for flag in reviewed(history).flags:
        assert np.isfinite([flag.raw, flag.expected]).all() and flag.evidence
        assert unsold <= flag.period < len(history)


def test_an_empty_month_between_sales_is_a_stock_out_and_the_end_of_life_is_none() -> None:
    empty, ended = bikes(), bikes()
    empty[20], ended[31:] = 0.0, 0.0
    flags = reviewed(empty, ended, bikes(seed=3)[:36]).flags
    assert [(flag.product, flag.period, flag.kind) for flag in flags] == [(0, 20, FlagKind.STOCK_OUT)]
    assert flags[0].expected == pytest.approx(bikes()[20], rel=0.3)


def test_a_young_product_is_held_against_its_neighbours() -> None:
    young = np.concatenate([np.full(18, NAN), np.full(18, 40.0)])
    young[30] = 1.0
    flag = reviewed(young).flags[0]
    assert (flag.kind, flag.expected) == (FlagKind.STOCK_OUT, 40.0)
    assert flag.evidence == "1 sold where 40 were expected; 40 a period before and 40 after"


def test_known_losses_and_promotions_come_before_guesses() -> None:
    history = bikes(noise=0.02)
    history[28] *= 2.5
    history[15] = 0.0
    lost = np.zeros((1, 36))
    lost[0, 15] = 90.0
    fair = PastEvent("SPRING-FAIR", np.array([True]), 28, 28)
    flags = {flag.period: flag for flag in reviewed(history, lost=lost, events=(fair,)).flags}
    assert set(flags) == {15, 28}
    assert (flags[15].kind, flags[15].expected) == (FlagKind.STOCK_OUT, 90.0)
    assert flags[15].evidence == "90 units are on record as lost, beside 0 sold"
    assert flags[28].kind == FlagKind.PROMOTION and flags[28].evidence.startswith("SPRING-FAIR ran; 2.")
    assert flags[28].expected == pytest.approx(history[28] / 2.5, rel=0.15)


def test_a_promotion_of_a_short_series_is_held_against_the_months_around_it() -> None:
    history = np.array([NAN] * 6 + [10.0, 10, 10, 30, 10, 10])
    fair = PastEvent("FAIR", np.array([True]), 9, 9)
    flag = reviewed(history, events=(fair,)).flags[0]
    assert (flag.period, flag.expected, flag.evidence) == (9, 10.0, "FAIR ran; 3.0 x the 10 expected")
    assert reviewed(np.minimum(history, 10), events=(fair,)).flags == (), "there is no lift to take off"


def test_the_order_of_products_does_not_matter_and_money_ranks() -> None:
    small, large = bikes(), 10 * bikes(seed=1)
    small[28] *= 3
    large[27] *= 3
    straight, turned = reviewed(small, large).flags, reviewed(large, small).flags
    assert [(f.period, f.raw, f.money) for f in straight] == [(f.period, f.raw, f.money) for f in turned]
    assert [f.money for f in straight] == sorted((f.money for f in straight), reverse=True)


def test_markets_are_added_and_what_no_market_sold_yet_is_unknown() -> None:
    assert by_product(np.array([[[NAN, 1.0, 2.0], [NAN, NAN, 5.0]]]))[0] == pytest.approx(
        [NAN, 1, 7], nan_ok=True
    )


def test_a_gap_is_named() -> None:
    with pytest.raises(PlanError, match="history of product 0: no number at position 3"):
        reviewed(np.array([1.0, 1, 1, NAN, 1]))
