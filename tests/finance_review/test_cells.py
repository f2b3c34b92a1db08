"""Every cell in money: price x units, the lines they come from, and the statement as their sum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.finance_review.cells import money_cells
from sop_engine.finance_review.statement import income_statement
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=3)
EVERYTHING = np.ones(3, dtype=bool), np.ones(2, dtype=bool)


def cells_of(plan, periods: np.ndarray):
    return money_cells(plan.inputs, plan.finance, *EVERYTHING, periods)


@given(st.integers(0, 50), st.sets(st.integers(0, 11), min_size=1))
@settings(deadline=None, max_examples=25)
def test_the_cells_of_any_months_add_up_to_the_statement(seed: int, months: set[int]) -> None:
    plan, periods = made_up_plan(small_inputs(), seed=seed), np.array(sorted(months))
    cells, statement = cells_of(plan, periods), income_statement(plan.inputs, plan.finance)
    assert cells["revenue"].sum() == pytest.approx(statement.line("revenue")[0, periods].sum())
    assert -cells["standard_cost"].sum() == pytest.approx(statement.line("standard cost")[0, periods].sum())


def test_a_cell_is_its_own_arithmetic() -> None:
    cells = cells_of(PLAN, np.arange(12))
    np.testing.assert_allclose(cells["local_price"] * cells["rate"], cells["price"])
    np.testing.assert_allclose(cells["units"] * cells["price"], cells["revenue"])
    np.testing.assert_allclose(cells["units"] * cells["unit_cost"], cells["standard_cost"])
    np.testing.assert_allclose(cells["revenue"] - cells["standard_cost"], cells["margin"])


def test_a_cell_names_the_lines_that_hold_in_its_month() -> None:
    cells = cells_of(PLAN, np.arange(12)).set_index(["product", "market", "period"])
    before, after = cells.loc[("A", "West", "2014-01")], cells.loc[("A", "West", "2014-02")]
    assert (before["price_from"], after["price_from"]) == ("2010-01", "2014-02")
    assert (before["local_price"], after["local_price"]) == (10, 12)
    assert after["rate_from"] == "2013-12" and after["cost_from"] == "2010-01"
    assert cells.loc[("A", "East", "2014-01"), "rate_from"] == "base currency"


def test_masks_and_months_leave_the_other_cells_out() -> None:
    bikes, west = np.array([True, False, False]), np.array([False, True])
    cells = money_cells(PLAN.inputs, PLAN.finance, bikes, west, np.array([4]))
    assert len(cells) == 1
    assert cells["units"].item() == pytest.approx(PLAN.finance.delivered[0, 1, 4])
    nothing = money_cells(PLAN.inputs, PLAN.finance, ~EVERYTHING[0], west, np.array([4]))
    assert nothing.empty


def test_a_lever_moves_the_price_and_not_the_line() -> None:
    moved = made_up_plan(small_inputs(), Scenario((Lever("price", 10, target="Bikes"),)), seed=3)
    one, other = (cells_of(plan, np.array([4])).set_index(["product", "market"]) for plan in (PLAN, moved))
    assert other.at[("A", "East"), "price"] == pytest.approx(1.1 * one.at[("A", "East"), "price"])
    assert other.at[("A", "East"), "price_from"] == one.at[("A", "East"), "price_from"]
