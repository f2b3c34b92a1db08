"""Small companies under strain, and their plans."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT, TRANSFER
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from tests.builders import demand_of, small_company

GROWING = np.linspace(50.0, 110.0, 8)
TWO_STORES: dict[str, Any] = {
    "sites": {
        "Plant": "plant",
        "Store": "warehouse",
        "Depot": "warehouse",
        "Vendor": "supplier",
        "Helper": "supplier",
    },
    "markets": {
        "East": {"priority": 1, "backlog": False},
        "North": {"priority": 2, "backlog": False},
        "West": {"priority": 1, "backlog": True},
        "South": {"priority": 2, "backlog": True},
    },
    "lanes": {
        "East": ("Store", 0.0),
        "North": ("Depot", 3.0),
        "West": ("Depot", 0.0),
        "South": ("Store", 40.0),
    },
    "demand": {("A", market): GROWING for market in ("East", "North", "West", "South")}
    | {("B", market): GROWING[::-1] for market in ("East", "West")},
    "edges": (
        {
            "product": "A",
            "site": "Plant",
            "mode": MAKE,
            "hours": {"Line": 1.0},
            "unit_cost": 20.0,
            "lead_days": 4.0,
            "yield_": 0.95,
        },
        {
            "product": "A",
            "site": "Plant",
            "mode": SUBCONTRACT,
            "source": "Helper",
            "unit_cost": 45.0,
            "lead_days": 20.0,
            "limit": 30.0,
            "priority": 2.0,
        },
        {
            "product": "B",
            "site": "Plant",
            "mode": MAKE,
            "hours": {"Line": 0.5},
            "unit_cost": 10.0,
            "lead_days": 2.0,
        },
        {
            "product": "F",
            "site": "Plant",
            "mode": BUY,
            "source": "Vendor",
            "unit_cost": 5.0,
            "lead_days": 45.0,
            "limit": 420.0,
        },
        *(
            {
                "product": p,
                "site": s,
                "mode": TRANSFER,
                "source": "Plant",
                "lead_days": d,
                "unit_cost": d / 10,
            }
            for p in ("A", "B")
            for s, d in (("Store", 4.0), ("Depot", 18.0))
        ),
    ),
    "on_hand": {
        ("A", "Store"): 90.0,
        ("A", "Depot"): 60.0,
        ("B", "Store"): 90.0,
        ("F", "Plant"): 600.0,
        ("A", "Plant"): 50.0,
    },
    "receipts": {("F", "Plant"): np.array([0.0, 200.0, 0, 0, 0, 0, 0, 0])},
    "service_level": {(p, s): 0.95 for p in ("A", "B") for s in ("Store", "Depot")},
    "price": {("A", m): 100.0 for m in ("East", "North", "West", "South")}
    | {("B", m): 60.0 for m in ("East", "West")},
    "orders": (
        {"order": "O1", "product": "A", "market": "East", "period": 1, "units": 20.0},
        {
            "order": "O2",
            "product": "A",
            "market": "West",
            "period": 2,
            "units": 30.0,
            "priority": 1,
            "max_late": 1,
        },
        {"order": "O3", "product": "B", "market": "West", "period": 2, "units": 15.0, "priority": 3},
    ),
}


def two_stores(**changes: Any) -> Inputs:
    """A plant short of hours in its peak, two warehouses, four markets in two priorities, a limited vendor
    and a helper.
    """
    return small_company(**{**TWO_STORES, **changes})


@cache
def two_stores_model() -> SupplyModel:
    return compile_model(two_stores())


def plan_of(inputs: Inputs, *levers: Lever, model: SupplyModel | None = None) -> SupplyPlan:
    """The supply plan of some levers."""
    scenario = Scenario(levers) if levers else BASELINE
    return plan_supply(inputs, scenario, demand_of(inputs, scenario), model or compile_model(inputs))


def random_levers(random: np.random.Generator) -> tuple[Lever, ...]:
    """One to three levers that supply reads, of every kind that the small company has a target for."""
    choices = (
        lambda: Lever("demand", round(random.uniform(-30, 30)), target=random.choice(["A", "B", ""])),
        lambda: Lever(
            "demand", round(random.uniform(-30, 30)), market=random.choice(["East", "West", "South"])
        ),
        lambda: Lever("capacity", round(random.uniform(-30, 30)), target="Line"),
        lambda: Lever("capacity", -30, target="Line", first="2014-03", last="2014-04"),
        lambda: Lever("extra_shift", 1, target="Line"),
        lambda: Lever("saturdays", 1, target="Line"),
        lambda: Lever("line_down", random.integers(1, 8), target="Line", first="2014-04"),
        lambda: Lever("overtime", random.integers(0, 30), target="Line"),
        lambda: Lever("subcontract", random.integers(0, 200), target="Helper"),
        lambda: Lever("supplier_lead_time", int(random.integers(-6, 18)) * 5, target="Vendor"),
        lambda: Lever("supplier_limit", int(random.integers(-10, 20)) * 5, target="Vendor"),
        lambda: Lever("service_level", random.integers(80, 99), target="A"),
        lambda: Lever("unit_cost", random.integers(-20, 20), target="A"),
        lambda: Lever("freight", random.integers(-50, 100)),
    )
    return tuple(choices[k]() for k in random.choice(len(choices), random.integers(1, 4), replace=False))
