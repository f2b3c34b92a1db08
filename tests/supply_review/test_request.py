from __future__ import annotations

import numpy as np
import pytest

from sop_engine.inputs import Inputs
from sop_engine.scenario import Lever, Scenario
from sop_engine.supply_review.request import SupplyRequest
from tests.builders import demand_of
from tests.supply_review.companies import two_stores_model

MODEL = two_stores_model()
INPUTS: Inputs = MODEL.inputs
WEEKS = INPUTS.calendar.plan_days / 7


def request_of(*levers: Lever) -> SupplyRequest:
    return MODEL.request(Scenario(levers), demand_of(INPUTS, Scenario(levers)))


def edge(label: str) -> int:
    return next(i for i, name in enumerate(INPUTS.network.edges.labels) if name.startswith(label))


BEFORE = request_of()


def test_capacity_scales_hours_outside_the_frozen_zone_and_overtime_with_them() -> None:
    after = request_of(Lever("capacity", 10, target="Line"))
    np.testing.assert_allclose(after.available[0], BEFORE.available[0] * np.array([1] + [1.1] * 7))
    np.testing.assert_allclose(after.overtime_limit, after.available * 0.1)


def test_an_extra_shift_brings_its_hours_after_its_lead_time_and_costs_whether_used_or_not() -> None:
    after = request_of(Lever("extra_shift", 1, target="Line"))
    hours = np.where(np.arange(8) >= 2, 40 * WEEKS, 0.0)
    np.testing.assert_allclose(after.available[0] - BEFORE.available[0], hours)
    np.testing.assert_allclose(after.move_cost, hours * 20 + 1000 * (np.arange(8) == 2))


def test_saturdays_bring_their_hours_at_the_overtime_rate() -> None:
    after = request_of(Lever("saturdays", 1, target="Line", last="2014-03"))
    hours = np.where((np.arange(8) >= 1) & (np.arange(8) <= 2), 8 * WEEKS, 0.0)
    np.testing.assert_allclose(after.available[0] - BEFORE.available[0], hours)
    np.testing.assert_allclose(after.move_cost, hours * 30)


def test_a_line_down_loses_its_weeks_from_the_start_of_the_window_on() -> None:
    after = request_of(Lever("line_down", 6, target="Line", first="2014-03"))
    lost = (BEFORE.available[0] - after.available[0]) / BEFORE.available[0] * WEEKS
    np.testing.assert_allclose(lost, [0, 0, 31 / 7, 6 - 31 / 7, 0, 0, 0, 0], atol=1e-9)


def test_overtime_subcontract_and_supplier_limits_replace_or_scale_the_masters() -> None:
    after = request_of(
        Lever("overtime", 25, target="Line"),
        Lever("subcontract", 150, target="Helper"),
        Lever("supplier_limit", -50, target="Vendor"),
    )
    np.testing.assert_allclose(after.overtime_limit[0, 1:], BEFORE.available[0, 1:] * 0.25)
    np.testing.assert_allclose(after.limit[edge("A | Helper")], [30] + [150] * 7)
    np.testing.assert_allclose(after.limit[edge("F | Vendor")], [420] + [210] * 7)
    assert np.isinf(after.limit[edge("B |")]).all()


def test_lead_time_moves_in_days_and_never_below_zero() -> None:
    later, sooner = (request_of(Lever("supplier_lead_time", days, target="Vendor")) for days in (20, -30))
    np.testing.assert_allclose(later.lead_days[edge("F | Vendor")], [45] + [65] * 7)
    np.testing.assert_allclose(sooner.lead_days[edge("F | Vendor")], [45] + [15] * 7)
    np.testing.assert_allclose(later.lead_days[edge("A | Helper")], 20)
    assert request_of(Lever("supplier_lead_time", -30, target="Helper")).lead_days[edge("A | Helper"), 1] == 0


def test_freight_moves_transfers_and_unit_cost_the_group() -> None:
    after = request_of(Lever("freight", 50), Lever("unit_cost", 10, target="A"))
    transfer = INPUTS.network.edges.mode == "transfer"
    np.testing.assert_allclose(after.cost[transfer, 1:], BEFORE.cost[transfer, 1:] * 1.5)
    np.testing.assert_allclose(after.cost[edge("A |"), 1:], 22)
    np.testing.assert_allclose(after.cost[edge("B |"), 1:], 10)


@pytest.mark.parametrize("lever", [Lever("price", 5), Lever("exchange_rate", 5, target="USD")])
def test_what_supply_does_not_read_asks_nothing_new(lever: Lever) -> None:
    assert request_of(lever).digest() == BEFORE.digest()


def test_orders_stand_in_the_line_of_their_own_class() -> None:
    claims, orders = MODEL.structure.claims, INPUTS.demand.orders
    assert claims.patience[claims.of_order].tolist() == [0.0, 1.0, np.inf]
    assert claims.priority[claims.of_order].tolist() == [1.0, 1.0, 3.0]
    assert BEFORE.claimed.sum() == pytest.approx(demand_of(INPUTS).unconstrained.sum())
    assert BEFORE.line.sum() == pytest.approx(BEFORE.claimed.sum())
    assert orders.labels == ("O1", "O2", "O3")
