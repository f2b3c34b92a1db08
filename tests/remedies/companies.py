"""Companies with a planted cause of shortages, and their plans."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, TRANSFER
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from tests.builders import small_company
from tests.supply_review.companies import two_stores

MAKE_A = {"product": "A", "site": "Plant", "mode": MAKE, "hours": {"Line": 1.0}, "unit_cost": 20.0}
BUY_F = {"product": "F", "site": "Plant", "mode": BUY, "source": "Vendor", "unit_cost": 5.0}
MOVE_A = {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "unit_cost": 1.0}
OPENING = {"opening_receivables": np.nan, "opening_payables": np.nan}  # not stated, so computed
SELLS_A: dict[str, Any] = {
    "edges": (MAKE_A, BUY_F, MOVE_A),
    "demand": {("A", "East"): 80.0, ("A", "West"): 20.0},
    "on_hand": {},
    "service_level": {},
    "min_cover": {},
    "markets": {
        "East": {"priority": 1, "backlog": False},
        "West": {"priority": 2, "backlog": False},
    },
}


def line(hours: float, overtime: float = 0.0) -> dict[str, Any]:
    return {
        "Line": {
            "site": "Plant",
            "hours": hours,
            "overtime": overtime,
            "cost": 20.0,
            "overtime_cost": 30.0,
            "stations": 1.0,
        }
    }


@dataclass(frozen=True)
class Company:
    """Inputs with their compiled model. solve: the plan of a scenario."""

    inputs: Inputs
    model: SupplyModel

    def solve(self, scenario: Scenario = BASELINE) -> Plan:
        return plan(self.inputs, scenario, self.model)

    @property
    def periods(self) -> np.ndarray:
        return np.arange(self.inputs.calendar.horizon)


def company(**changes: Any) -> Company:
    """100 A a period, made of F and sold from a store, with some parts replaced."""
    settings = {**OPENING, **changes.pop("settings", {})}
    inputs = small_company(**{**SELLS_A, **changes}, settings=settings)
    return Company(inputs, compile_model(inputs))


@cache
def under_strain() -> Company:
    """Two stores and a plant in its peak, with a limited vendor and a helper."""
    inputs = two_stores(settings=OPENING)
    return Company(inputs, compile_model(inputs))


def with_families(inputs: Inputs, *families: str) -> Inputs:
    return replace(inputs, products=replace(inputs.products, family=np.array(families, dtype=object)))


def profit(plan: Plan, periods: np.ndarray) -> float:
    """Operating profit of these periods, as finance states it."""
    return float(plan.finance.operating_profit[periods].sum())
