from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sop_engine.inputs.network import BUY, MAKE, TRANSFER
from sop_engine.supply_review.shortage import Shortage
from tests.builders import small_company
from tests.supply_review.companies import plan_of

MAKE_A = {"product": "A", "site": "Plant", "mode": MAKE, "hours": {"Line": 1.0}, "unit_cost": 20.0}
BUY_F = {"product": "F", "site": "Plant", "mode": BUY, "source": "Vendor", "unit_cost": 5.0}
MOVE_A = {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "unit_cost": 1.0}


def shortages(**changes: Any) -> list[Shortage]:
    """Shortages of a company that sells 100 A a period and makes it of F, by period."""
    parts = {
        "edges": (MAKE_A, BUY_F, MOVE_A),
        "demand": {("A", "East"): 100.0},
        "on_hand": {},
        "service_level": {},
        "min_cover": {},
        "settings": {"frozen_periods": 0},
    }
    return sorted(plan_of(small_company(**{**parts, **changes})).shortages, key=lambda s: s.period)


def test_nothing_is_short_where_nothing_is_scarce() -> None:
    assert shortages() == []


def test_hours_are_the_reason_when_the_line_is_full() -> None:
    found = shortages(resources={"Line": {"site": "Plant", "hours": 70.0}})
    assert {(s.reason, s.cause) for s in found} == {("capacity", "Line")}
    assert found[3].units == pytest.approx(30)
    assert found[3].sentence == "30 A due 2014-04 from Store are not delivered: Line is full in 2014-04."


def test_a_limited_component_is_the_reason_with_its_vendor_in_words() -> None:
    found = shortages(edges=(MAKE_A, {**BUY_F, "limit": 60.0}, MOVE_A))
    assert {(s.reason, s.cause) for s in found} == {("material", "F")}
    assert "F is short: the limit of Vendor is used up" in found[2].sentence


def test_the_limit_of_the_product_itself() -> None:
    bought = {"product": "A", "site": "Store", "mode": BUY, "source": "Vendor", "limit": 60.0}
    found = shortages(edges=(bought,))
    assert {(s.reason, s.cause) for s in found} == {("limit", "Vendor")}


def test_lead_time_is_the_reason_before_anything_can_arrive() -> None:
    found = shortages(edges=(MAKE_A, {**BUY_F, "lead_days": 62.0}, MOVE_A))
    assert [s.period for s in found] == [0, 1]
    assert {(s.reason, s.cause) for s in found} == {("material", "F")}
    found = shortages(edges=(MAKE_A, BUY_F, {**MOVE_A, "lead_days": 62.0}))
    assert [(s.period, s.reason, s.cause) for s in found] == [
        (0, "lead time", "Plant"),
        (1, "lead time", "Plant"),
    ]
    assert "62 days to transfer it at Plant" in found[0].sentence


def test_late_units_are_named_as_late() -> None:
    found = shortages(
        edges=(MAKE_A, BUY_F, {**MOVE_A, "lead_days": 31.0}), demand={("A", "West"): np.eye(8)[0] * 40}
    )
    assert [(s.kind, s.period, s.reason) for s in found] == [("late", 0, "lead time")]
    assert "come late" in found[0].sentence


def test_without_a_source_or_with_stock_alone() -> None:
    nothing = shortages(edges=(BUY_F,))
    assert {(s.reason, s.cause) for s in nothing} == {("no source", "")}
    stock = shortages(edges=(BUY_F,), on_hand={("A", "Store"): 250.0})
    assert {(s.reason, s.cause) for s in stock} == {("material", "A")}
    assert sum(s.units for s in stock) == pytest.approx(800 - 250)


def test_a_market_that_no_site_serves() -> None:
    found = shortages(lanes={"West": ("Store", 0.0)})
    assert {(s.reason, s.sites) for s in found} == {("no source", ())}
    assert found[0].sentence == "100 A due 2014-01 are not delivered: no site serves East."
