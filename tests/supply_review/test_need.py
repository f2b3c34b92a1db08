from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sop_engine.errors import PlanError
from sop_engine.inputs.network import TRANSFER
from sop_engine.scenario import Lever
from sop_engine.supply_review.need import net_arrivals, offset
from tests.builders import small_company
from tests.supply_review.companies import plan_of, two_stores

UNITS = st.floats(0, 100).map(lambda u: round(u, 3))


def net_twin(gross: np.ndarray, opening: float, receipts: np.ndarray, target: np.ndarray) -> list[float]:
    """Material requirements planning of one item, one period after the other."""
    stock, arrivals = opening, []
    for t in range(len(gross)):
        stock += receipts[t] - gross[t]
        arrivals.append(max(0.0, target[t] - stock))
        stock += arrivals[-1]
    return arrivals


@given(
    gross=arrays(float, 6, elements=UNITS),
    receipts=arrays(float, 6, elements=UNITS),
    target=arrays(float, 6, elements=UNITS),
    opening=UNITS,
)
def test_net_arrivals_are_those_of_period_by_period_netting(
    gross: np.ndarray, receipts: np.ndarray, target: np.ndarray, opening: float
) -> None:
    found = net_arrivals(gross[None], np.array([opening]), receipts[None], target[None])[0]
    np.testing.assert_allclose(found, net_twin(gross, opening, receipts, target), atol=1e-9)


@given(arrivals=arrays(float, 6, elements=UNITS), whole=st.integers(0, 8), part=st.floats(0, 0.99))
def test_offset_moves_units_earlier_and_loses_none(arrivals: np.ndarray, whole: int, part: float) -> None:
    starts = np.zeros(6)
    for t, units in enumerate(arrivals):
        starts[max(t - whole, 0)] += units * (1 - part)
        starts[max(t - whole - 1, 0)] += units * part
    found = offset(arrivals[None], np.full((1, 6), whole), np.full((1, 6), part))[0]
    np.testing.assert_allclose(found, starts, atol=1e-9)
    assert found.sum() == pytest.approx(arrivals.sum())


def test_required_hours_ignore_capacity_and_exceed_it_in_the_peak() -> None:
    plan = plan_of(two_stores())
    assert (plan.required[0] > plan.available[0]).any()
    halved = plan_of(two_stores(resources={"Line": {"site": "Plant", "hours": 100.0}}))
    np.testing.assert_allclose(halved.required, plan.required)


def test_more_demand_needs_more_hours() -> None:
    inputs = small_company()
    before, after = plan_of(inputs), plan_of(inputs, Lever("demand", 10))
    assert after.required.sum() > before.required.sum()


def test_preferred_flows_in_a_loop_are_named() -> None:
    there = {"product": "A", "site": "Plant", "mode": TRANSFER, "source": "Store", "priority": 0.0}
    back = {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant"}
    with pytest.raises(PlanError, match="A @ (Plant|Store) > A @ (Plant|Store) > A"):
        plan_of(small_company(edges=(there, back)))
