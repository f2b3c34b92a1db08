from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.supply_review.delivery import dispatch, hold_back, shipments
from sop_engine.supply_review.structure import Queues
from tests.supply_review.companies import plan_of, two_stores

PERIODS = 5
UNITS = st.lists(st.integers(0, 20).map(float), min_size=PERIODS, max_size=PERIODS)


def queue(patience: float) -> Queues:
    return Queues(np.zeros(1, dtype=int), np.ones(1), np.array([patience]))


def served_twin(
    line: list[float], supply: list[float], patience: float
) -> tuple[list[float], list[float], list[float]]:
    """A queue served from what comes in each period, the oldest first: unmet at the end, given up,
    shipped.
    """
    waiting: list[list[float]] = []
    unmet, gone, shipped = [], [], []
    for t in range(PERIODS):
        waiting.append([t, line[t]])
        left = supply[t]
        for batch in waiting:
            took = min(left, batch[1])
            batch[1] -= took
            left -= took
        shipped.append(supply[t] - left)
        expired = [batch for batch in waiting if t - batch[0] >= patience]
        gone.append(sum(units for _, units in expired))
        waiting = [batch for batch in waiting if t - batch[0] < patience]
        unmet.append(sum(units for _, units in waiting))
    return unmet, gone, shipped


@given(line=UNITS, supply=UNITS, patience=st.sampled_from([0.0, 1.0, 2.0, np.inf]))
def test_a_queue_sends_what_came_in_and_nobody_twice(
    line: list[float], supply: list[float], patience: float
) -> None:
    unmet, gone, shipped = (np.array([part]) for part in served_twin(line, supply, patience))
    asked = np.array([line])
    at_once = gone if patience == 0 else np.zeros_like(gone)
    found = shipments(
        queue(patience),
        asked,
        at_once if patience == 0 else unmet,
        np.zeros_like(gone) if patience == 0 else gone,
    )
    np.testing.assert_allclose(found, shipped, atol=1e-5)
    sent = dispatch(queue(patience), asked, shipped, gone)[0]
    np.testing.assert_allclose(sent.sum(axis=0), shipped[0], atol=1e-9)
    assert (sent.sum(axis=1) <= asked[0] + 1e-9).all()
    due, at = np.nonzero(sent > 1e-9)
    assert ((at >= due) & (at - due <= patience)).all()
    if np.isinf(patience):
        np.testing.assert_allclose(np.diag(sent), np.minimum(asked[0], shipped[0]))


@given(line=UNITS, unmet=UNITS)
def test_units_are_held_back_so_that_nothing_is_called_back(line: list[float], unmet: list[float]) -> None:
    asked = np.array([line])
    possible = np.minimum(np.array([unmet]), np.cumsum(asked, axis=1))
    held = hold_back(queue(np.inf), asked, possible)
    before = np.concatenate([[[0.0]], held[:, :-1]], axis=1)
    assert (held >= possible).all() and (held - before <= asked + 1e-9).all()
    np.testing.assert_array_equal(hold_back(queue(0.0), asked, possible), possible)


def test_markets_of_a_class_share_in_proportion_to_their_demand() -> None:
    inputs = two_stores(
        markets={"East": {"priority": 1, "backlog": False}, "West": {"priority": 1, "backlog": False}},
        lanes={"East": ("Store", 0.0), "West": ("Store", 0.0)},
        orders=(),
        price={("A", "East"): 100.0, ("A", "West"): 100.0},
        demand={("A", "East"): 300.0, ("A", "West"): 100.0},
    )
    plan = plan_of(inputs)
    assert plan.lost[0].sum() > 10
    np.testing.assert_allclose(plan.lost[0, 0], 3 * plan.lost[0, 1], atol=1e-6)


def test_orders_come_before_forecast_and_in_the_order_of_the_book() -> None:
    orders = tuple(
        {"order": f"O{k}", "product": "A", "market": "East", "period": 0, "units": 30.0} for k in range(3)
    )
    inputs = two_stores(
        markets={"East": {"priority": 1, "backlog": False}},
        lanes={"East": ("Store", 0.0)},
        orders=orders,
        edges=(),
        demand={("A", "East"): 120.0},
        price={("A", "East"): 100.0},
        on_hand={("A", "Store"): 70.0},
    )
    plan = plan_of(inputs)
    assert plan.on_time[0, 0, 0] == pytest.approx(70)
    np.testing.assert_allclose(plan.fill_on_time, [30, 30, 10])
    np.testing.assert_allclose(plan.fill_short, [0, 0, 20])
    assert plan.fill_reason.tolist() == ["", "", "material"]
