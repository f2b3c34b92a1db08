"""The money of a plan written a second time: it agrees, and each fault turns its own check red."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import Check
from sop_engine.proof import money
from sop_engine.proof.money import money_checks
from sop_engine.scenario import BASELINE, Lever, LeverKind
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())


def with_finance(**parts: object) -> Plan:
    return replace(PLAN, finance=replace(PLAN.finance, **parts))


def checked(plan: Plan) -> tuple[Check, ...]:
    return money_checks(plan, plan)


def bumped(array: np.ndarray, by: float = 0.5) -> np.ndarray:
    changed = array.copy()
    changed.flat[1] += by
    return changed


def test_a_plan_that_ties_passes() -> None:
    checks = checked(PLAN)
    assert {check.name for check in checks} >= {
        "Revenue valued again",
        "Statement ties",
        "Statement by family",
        "Statement by market",
        "Statement by currency",
        "Bridge from AOP",
        "Bridge from Prior year",
    }
    assert [check.name for check in checks if not check.passed] == []


FAULTS = {
    "Revenue valued again": lambda: with_finance(revenue=bumped(PLAN.finance.revenue)),
    "Cost valued again": lambda: with_finance(standard_cost=bumped(PLAN.finance.standard_cost)),
    "Stock valued again": lambda: with_finance(inventory_value=bumped(PLAN.finance.inventory_value)),
    "Subtotals add up": lambda: with_finance(operating_profit=bumped(PLAN.finance.operating_profit)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_turns_its_own_check_red(name: str) -> None:
    failed = {check.name: check for check in checked(FAULTS[name]()) if not check.passed}
    assert name in failed and failed[name].rows and "2014-02" in failed[name].where


def test_a_price_nobody_knows_counts_nothing() -> None:
    prices = PLAN.finance.local_price.copy()
    assert money.revenue_valued_again(PLAN).passed
    prices[0] = np.nan
    check = money.revenue_valued_again(with_finance(local_price=prices))
    assert not check.passed and check.residual > 100, "the revenue still has what the price no longer gives"


def test_a_bridge_that_leaves_money_over_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaky(start: object, end: object, weigh: str) -> object:
        bridge = whole(start, end, weigh)
        return replace(bridge, after=bridge.after + np.eye(*bridge.after.shape) * 1.5)

    whole = money.margin_bridge
    monkeypatch.setattr(money, "margin_bridge", leaky)
    check = next(check for check in checked(PLAN) if check.name == "Bridge from AOP")
    assert not check.passed and check.residual == pytest.approx(3.0)
    assert [row.key for row in check.rows] == [
        "gross margin, weighed by value",
        "gross margin, weighed by units",
    ]


def test_a_lever_is_bridged_from_the_plan_before_it() -> None:
    scenario = BASELINE.with_lever(Lever(LeverKind.PRICE, 5.0))
    moved = made_up_plan(small_inputs(), scenario)
    found = {check.name: check for check in money_checks(moved, PLAN)}
    assert found["Bridge from Now, no lever moved"].passed


def test_a_cut_that_misses_a_group_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_one(inputs: object, finance: object, cut: str = "total") -> object:
        statement = whole(inputs, finance, cut)
        return statement if cut != "market" else replace(statement, values=statement.values[:, 1:])

    whole = money.income_statement
    monkeypatch.setattr(money, "income_statement", without_one)
    failed = [check for check in checked(PLAN) if not check.passed]
    assert [check.name for check in failed] == ["Statement by market"]
    assert any(row.key == "revenue, 2014-01" for row in failed[0].rows)


def test_nothing_is_said_of_money_that_nobody_knows() -> None:
    assert checked(with_finance(gross_margin=np.full_like(PLAN.finance.gross_margin, np.nan))) == ()
