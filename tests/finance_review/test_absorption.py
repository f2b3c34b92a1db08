"""Absorption: hours by hand, shares that add up, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.finance_review.absorption import DEMONSTRATED, REGULAR, absorption, hours_made
from sop_engine.inputs.network import MAKE
from sop_engine.plan import Plan
from sop_engine.supply_review.need import hours_of
from tests.plans import made_up_plan, small_inputs


def unknown(plan: Plan) -> np.ndarray:
    return np.full(plan.supply.load.shape, np.nan)


def test_the_variance_by_hand() -> None:
    """Assembly at 20 an hour, 100 demonstrated hours, and a plan that makes 30 units of B, an hour each."""
    plan = made_up_plan(small_inputs())
    edges, product = plan.inputs.network.edges, plan.inputs.products.positions["B"]
    made = np.flatnonzero((edges.product == product) & (edges.mode == MAKE))
    flow = np.zeros_like(plan.supply.flow)
    flow[made] = 30.0
    found = absorption(plan.inputs, replace(plan.supply, flow=flow), np.full(plan.supply.load.shape, 100.0))
    assert found.basis == (DEMONSTRATED,) and found.rate.tolist() == [20.0] and found.without_rate == ()
    assert found.variance == pytest.approx(np.full(found.variance.shape, (30 - 100) * 20.0))
    shares = dict(zip(found.families, found.of_families(np.arange(3)), strict=True))
    assert shares == {"Bikes": 0.0, "Caps": pytest.approx(3 * -1400.0), "Frames": 0.0}


def test_without_demonstrated_hours_the_standard_is_regular_hours() -> None:
    plan = made_up_plan(small_inputs())
    found = absorption(plan.inputs, plan.supply, unknown(plan))
    assert found.basis == (REGULAR,)
    assert found.standard == pytest.approx(plan.inputs.network.resources.available, nan_ok=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_families_add_up_to_hours_and_variance(seed: int, count: int) -> None:
    plan = made_up_plan(small_inputs(), seed=seed)
    found = absorption(plan.inputs, plan.supply, np.full(plan.supply.load.shape, 80.0))
    periods = np.arange(count)
    assert found.of_families(periods).sum() == pytest.approx(found.variance[:, periods].sum())
    _, hours = hours_made(plan.inputs, plan.supply)
    assert hours.sum(axis=1) == pytest.approx(hours_of(plan.inputs, plan.supply.flow))


def test_a_resource_without_a_rate_is_named_and_left_out() -> None:
    plan = made_up_plan(small_inputs())
    resources = replace(plan.inputs.network.resources, cost_per_hour=np.zeros(1))
    inputs = replace(plan.inputs, network=replace(plan.inputs.network, resources=resources))
    found = absorption(inputs, plan.supply, unknown(plan))
    assert found.without_rate == ("Assembly",) and found.variance.shape[0] == 0


def test_a_suppliers_resource_is_not_ours_to_absorb() -> None:
    plan = made_up_plan(small_inputs())
    vendor = plan.inputs.network.sites.positions["Vendor"]
    resources = replace(plan.inputs.network.resources, site=np.array([vendor]))
    inputs = replace(plan.inputs, network=replace(plan.inputs.network, resources=resources))
    found = absorption(inputs, plan.supply, unknown(plan))
    assert found.resources.size == 0 and found.without_rate == ()
