"""Excess, obsolete and the band of stock against loops; safety stock against a simulation of its promise."""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.excess import (
    excess_of,
    most_stock,
    safety_parts,
    short_of_target,
    whole_demand,
)
from sop_engine.supply_review.inventory import safety_stock
from tests.builders import demand_of, small_company
from tests.supply_review.companies import plan_of

UNITS = st.lists(st.sampled_from([0.0, 0.0, 3.0, 10.0, 45.0]), min_size=6, max_size=6)


def excess_by_loops(stock: list[float], demand: list[float], ahead: int) -> tuple[list[float], list[float]]:
    mean, excess, obsolete = sum(demand) / len(demand), [], []
    for t, units in enumerate(stock):
        following = [demand[s] if s < len(demand) else mean for s in range(t + 1, t + 1 + ahead)]
        wanted = any(demand[s] > 0 for s in range(min(t + 1, len(demand) - 1), len(demand)))
        obsolete.append(0.0 if wanted else units)
        excess.append(max(0.0, units - sum(following)) if wanted else 0.0)
    return excess, obsolete


@settings(deadline=None)
@given(stock=UNITS, demand=UNITS, ahead=st.integers(1, 9))
def test_excess_and_obsolete_are_counted_period_by_period(
    stock: list[float], demand: list[float], ahead: int
) -> None:
    found = excess_of(np.array([stock]), np.array([demand]), ahead, season=12)
    excess, obsolete = excess_by_loops(stock, demand, ahead)
    np.testing.assert_allclose(found.excess[0], excess, atol=1e-9)
    np.testing.assert_allclose(found.obsolete[0], obsolete, atol=1e-9)
    assert (found.excess + found.obsolete <= np.array([stock]) + 1e-9).all()


def test_a_longer_look_ahead_never_finds_more_excess() -> None:
    random = np.random.default_rng(3)
    stock, demand = random.uniform(0, 300, (20, 8)), random.uniform(0, 60, (20, 8))
    found = [excess_of(stock, demand, ahead, 12).excess.sum() for ahead in range(1, 8)]
    assert found == sorted(found, reverse=True) and found[0] > found[-1]


def test_whole_demand_counts_what_bills_need() -> None:
    inputs = small_company()
    demand = whole_demand(inputs, demand_of(inputs).unconstrained)
    np.testing.assert_allclose(demand[:, 0], [100.0, 80.0, 100.0 + 2 * 80.0])


def test_what_lies_elsewhere_fills_no_gap() -> None:
    stock, target = np.array([[[50.0], [0.0]]]), np.array([[[10.0], [10.0]]])
    assert short_of_target(stock, target).sum() == 10 and stock.sum() > target.sum()


def test_the_most_stock_is_the_maximum_cover_and_never_below_the_target() -> None:
    inputs = small_company()
    cover = np.full(inputs.network.max_cover.shape, np.nan)
    cover[0, 1], cover[1, 1] = 2.5, 0.0
    inputs = replace(inputs, network=replace(inputs.network, max_cover=cover))
    demand, supply = demand_of(inputs), plan_of(inputs)
    most = most_stock(inputs, BASELINE, demand, supply)
    np.testing.assert_allclose(most[0, 1], 2.5 * 100.0)
    np.testing.assert_allclose(most[1, 1], supply.target[1, 1])
    assert np.isnan(most[2]).all() and np.isnan(most[0, 0]).all()


@pytest.mark.parametrize("levers", [(), (Lever("service_level", 99, target="A"),)])
def test_the_parts_of_a_safety_stock_make_the_plans_target(levers: tuple[Lever, ...]) -> None:
    inputs, scenario = small_company(), Scenario(levers)
    demand, supply = demand_of(inputs, scenario), plan_of(inputs, *levers)
    part = safety_parts(inputs, scenario, (demand, demand_of(inputs)), supply, (0, 1), 4)
    level = 0.99 if levers else 0.95
    bucket = float(np.mean(inputs.calendar.plan_days))
    assert part.level == level and part.z == pytest.approx(NormalDist().inv_cdf(level))
    assert part.error_sd == 10.0 and part.lead == pytest.approx(3 / bucket)
    assert part.units == pytest.approx(part.z * 10.0 * ((3 + 30) / bucket) ** 0.5)
    assert part.target == pytest.approx(part.units) and np.isnan(part.stated) and part.cover == 0


def test_a_place_without_a_level_has_its_cover_and_one_that_is_none_has_nothing() -> None:
    inputs = small_company()
    demand, supply = demand_of(inputs), plan_of(inputs)
    part = safety_parts(inputs, BASELINE, (demand, demand), supply, (2, 0), 2)
    assert np.isnan(part.level) and np.isnan(part.units)
    assert part.cover == pytest.approx(0.5 * 260.0) == part.target
    assert safety_parts(inputs, BASELINE, (demand, demand), supply, (0, 2), 2) is None


@pytest.mark.parametrize(("level", "lead", "seed"), [(0.90, 1, 1), (0.95, 2, 2), (0.98, 3, 3)])
def test_the_promised_service_level_holds_in_ten_thousand_months(level: float, lead: int, seed: int) -> None:
    """Each month an order brings the stock at hand and on order up to mean x (lead + review) + safety stock;
    it arrives `lead` months later. A cycle ends as the next order arrives: stock then is below zero in at
    most 1 - level of the cycles, to a point.
    """
    months, mean, sd = 10_000, 100.0, 20.0
    safety = float(safety_stock(np.array(level), np.array(sd), np.array(float(lead)), 1.0))
    up_to = mean * (lead + 1) + safety
    demand = np.random.default_rng(seed).normal(mean, sd, months + lead)
    stock, orders, without = up_to, [0.0] * lead, 0
    for month in range(months + lead):
        stock += orders.pop(0)
        orders.append(up_to - stock - sum(orders))
        stock -= demand[month]
        without += month >= lead and stock >= 0
    assert without / months == pytest.approx(level, abs=0.01)
