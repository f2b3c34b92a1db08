"""Classes of products against a second, naive writing, and what does not change them."""

from __future__ import annotations

from statistics import mean, pstdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.inputs.segments import (
    abc_classes,
    over_markets,
    policy_levels,
    product_classes,
    variation,
    xyz_classes,
)
from sop_engine.warehouse.settings import SETTINGS

LIMITS = {name: setting.default for name, setting in SETTINGS.items()}
MONEY = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)
UNITS = st.lists(st.lists(st.integers(0, 50) | st.none(), min_size=6, max_size=6), min_size=1, max_size=8)


def naive_abc(revenue: list[int]) -> list[str]:
    """Walk down the ranking, adding up what stands before each."""
    total, before, found = sum(revenue), 0, [""] * len(revenue)
    for i in sorted(range(len(revenue)), key=lambda i: (-revenue[i], i)):
        share = round(100 * before / total, 9)
        found[i] = "A" if share < 80 else "B" if share < 95 else "C"
        before += revenue[i]
    return found


def naive_variation(units: list[int | None]) -> float:
    known = [number for number in units if number is not None]
    if len(known) < 3 or not sum(known):
        return float("nan")
    return pstdev(known) / mean(known)


@given(MONEY)
def test_classes_by_value_are_those_of_a_walk_down_the_ranking(revenue: list[int]) -> None:
    found = abc_classes(np.array(revenue, dtype=float), LIMITS).tolist()
    assert found == (naive_abc(revenue) if sum(revenue) else ["-"] * len(revenue))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30, unique=True), st.randoms())
def test_the_order_of_rows_does_not_matter(revenue: list[int], random) -> None:
    order = random.sample(range(len(revenue)), len(revenue))
    values = np.array(revenue, dtype=float)
    assert abc_classes(values[order], LIMITS).tolist() == abc_classes(values, LIMITS)[order].tolist()


@given(MONEY)
def test_a_product_never_stands_below_one_that_brings_less(revenue: list[int]) -> None:
    found = abc_classes(np.array(revenue, dtype=float), LIMITS)
    for i, much in enumerate(revenue):
        assert all(found[i] <= found[j] for j, less in enumerate(revenue) if less < much)


@given(UNITS)
def test_variation_counts_known_buckets_only(rows: list[list[int | None]]) -> None:
    units = np.array([[np.nan if number is None else number for number in row] for row in rows])
    expected = [naive_variation(row) for row in rows]
    assert variation(units) == pytest.approx(expected, nan_ok=True)


def test_limits_belong_to_the_class_below() -> None:
    assert xyz_classes(np.array([0.0, 0.49, 0.5, 0.99, 1.0, 9.0, np.nan]), LIMITS).tolist() == list("XXYYZZ-")
    assert abc_classes(np.array([80.0, 15, 5, np.nan]), LIMITS).tolist() == list("ABC-")


def test_swapped_thresholds_leave_no_class_between() -> None:
    swapped = {**LIMITS, "abc_a_pct": 95.0, "abc_b_pct": 80.0}
    assert set(abc_classes(np.arange(1.0, 30.0), swapped)) == {"A", "C"}


def test_markets_that_are_not_known_leave_a_bucket_to_the_others() -> None:
    history = np.array([[[1.0, np.nan], [2.0, np.nan]]])
    assert over_markets(history)[0] == pytest.approx([3.0, np.nan], nan_ok=True)


def test_without_revenue_there_is_no_segment_but_an_evenness() -> None:
    units = np.ones((2, 1, 24))
    classes = product_classes(units, np.full_like(units, np.nan), 12, LIMITS)
    assert classes.abc.tolist() == ["-", "-"] and classes.xyz.tolist() == ["X", "X"]
    assert classes.segment.tolist() == ["", ""]


def test_only_the_last_year_counts() -> None:
    units = np.concatenate([np.full((1, 1, 12), 900.0), np.ones((1, 1, 12))], axis=2)
    assert product_classes(units, units, 12, LIMITS).segment.tolist() == ["AX"]


def test_levels_go_to_the_products_of_a_segment() -> None:
    levels = policy_levels(np.array(["AX", "", "CZ"], dtype=object), {"AX": 99.0})
    assert levels == pytest.approx([0.99, np.nan, np.nan], nan_ok=True)
