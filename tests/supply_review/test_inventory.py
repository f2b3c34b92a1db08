from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.scenario import Lever
from sop_engine.supply_review.inventory import coverage, forward_demand, safety_stock
from tests.builders import small_company
from tests.supply_review.companies import plan_of


def covered_twin(stock: float, later: list[float], mean: float) -> float:
    """Periods that stock lasts for, counted one after the other."""
    periods = 0.0
    for units in later:
        if stock < units:
            return periods + stock / units
        stock, periods = stock - units, periods + (1 if stock > 0 or units > 0 else 0)
    return periods + stock / mean


@given(
    stock=st.lists(st.integers(-50, 400), min_size=6, max_size=6),
    demand=st.lists(st.integers(1, 90), min_size=6, max_size=6),
)
def test_coverage_is_counted_period_by_period(stock: list[int], demand: list[int]) -> None:
    found = coverage(np.array([stock], dtype=float), np.array([demand], dtype=float))[0]
    mean = float(np.mean(demand))
    expected = [covered_twin(max(stock[t], 0), demand[t + 1 :], mean) for t in range(6)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_stock_without_demand_to_come_covers_for_ever() -> None:
    assert coverage(np.array([[5.0, 0.0]]), np.zeros((1, 2))).tolist() == [[np.inf, 0.0]]


@pytest.mark.parametrize("cover", [0.0, 0.5, 1.0, 2.25, 7.0])
def test_forward_demand_is_what_that_cover_lasts_for(cover: float) -> None:
    demand = np.array([[10.0, 20.0, 30.0, 40.0, 50.0, 60.0]])
    stock = forward_demand(demand, np.array([cover]), season=12)
    np.testing.assert_allclose(coverage(stock, demand), cover, atol=1e-9)


def test_safety_stock_of_periodic_review() -> None:
    z = NormalDist().inv_cdf(0.98)
    assert safety_stock(np.array(0.98), np.array(12.0), np.array(2.5), 1.0) == pytest.approx(
        z * 12 * 3.5**0.5
    )
    assert safety_stock(np.array(0.4), np.array(12.0), np.array(2.5), 1.0) == 0
    assert np.isfinite(safety_stock(np.array(1.0), np.array(12.0), np.array(2.5), 1.0))


def test_the_error_of_a_product_is_shared_by_the_square_root_of_demand() -> None:
    sites = {"Plant": "plant", "Store": "warehouse", "Depot": "warehouse", "Vendor": "supplier"}
    inputs = small_company(
        sites=sites,
        lanes={"East": ("Store", 0.0), "West": ("Depot", 0.0)},
        demand={("A", "East"): 90.0, ("A", "West"): 10.0},
        service_level={("A", "Store"): 0.95, ("A", "Depot"): 0.95},
        edges=(),
    )
    target = plan_of(inputs).target[0]
    review = 30 / float(np.mean(inputs.calendar.plan_days))
    z = NormalDist().inv_cdf(0.95)
    np.testing.assert_allclose(target[1, 0], z * 10.0 * 0.9**0.5 * review**0.5)
    np.testing.assert_allclose(target[2, 0], z * 10.0 * 0.1**0.5 * review**0.5)


def test_a_higher_service_level_holds_more_stock_outside_the_frozen_zone() -> None:
    inputs = small_company()
    before, after = plan_of(inputs), plan_of(inputs, Lever("service_level", 99, target="A"))
    assert (after.target[0, 1, 1:] > before.target[0, 1, 1:]).all()
    assert after.target[0, 1, 0] == before.target[0, 1, 0]
    np.testing.assert_array_equal(after.target[1], before.target[1])


def test_a_product_that_ends_needs_no_safety_stock_any_more() -> None:
    ending = np.array([60.0, 60, 60, 0, 0, 0, 0, 0])
    plan = plan_of(small_company(demand={("A", "East"): ending}))
    assert (plan.target[0, 1] > 0).tolist() == [True] * 3 + [False] * 5
