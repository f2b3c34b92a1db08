"""A plan that ties passes every check; each fault turns its own check red and is named."""

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import consistency_checks
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())


def test_a_plan_that_ties_passes() -> None:
    checks = consistency_checks(PLAN)
    assert len(checks) == 9 and all(check.passed for check in checks)


def bumped(array: np.ndarray, by: float = 5.0) -> np.ndarray:
    changed = array.copy()
    changed.flat[1] += by
    return changed


def with_supply(**parts: object) -> Plan:
    return replace(PLAN, supply=replace(PLAN.supply, **parts))


FAULTS = {
    "Demand adds up": lambda: replace(
        PLAN, demand=replace(PLAN.demand, unconstrained=bumped(PLAN.demand.unconstrained))
    ),
    "Volumes tie": lambda: with_supply(lost=bumped(PLAN.supply.lost)),
    "Stock balances": lambda: with_supply(node_arrivals=bumped(PLAN.supply.node_arrivals)),
    "Load fits": lambda: with_supply(load=bumped(PLAN.supply.load, 1e4)),
    "Overtime fits": lambda: with_supply(overtime=bumped(PLAN.supply.overtime, 1e4)),
    "Margin adds up": lambda: replace(
        PLAN, finance=replace(PLAN.finance, gross_margin=bumped(PLAN.finance.gross_margin, 0.02))
    ),
    "Profit ties": lambda: replace(
        PLAN, finance=replace(PLAN.finance, operating_profit=bumped(PLAN.finance.operating_profit, 0.02))
    ),
    "Cash ties": lambda: replace(
        PLAN, finance=replace(PLAN.finance, cash_effect=bumped(PLAN.finance.cash_effect, 0.02))
    ),
    "Solution verified": lambda: with_supply(verified=False),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_its_own_check_red(name: str) -> None:
    failed = {check.name: check for check in consistency_checks(FAULTS[name]()) if not check.passed}
    assert name in failed
    assert name == "Solution verified" or failed[name].where


def test_the_worst_cell_is_named() -> None:
    off, places = PLAN.supply.node_stock.copy(), PLAN.supply.places
    product, site, period = 1, 1, 3
    off[(places.product == product) & (places.site == site), period] += 7
    check = next(c for c in consistency_checks(with_supply(node_stock=off)) if c.name == "Stock balances")
    inputs = PLAN.inputs
    labels = (inputs.products.labels[product], inputs.network.sites.labels[site])
    assert check.where.startswith(", ".join(labels)) and check.residual == pytest.approx(7)
