"""A plan of an earlier day as a baseline: what its snapshot holds is what it was; months before it are
actuals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.errors import PlanError
from sop_engine.finance_review.baselines import (
    actual_position,
    kept_position,
    plan_position,
)
from sop_engine.finance_review.bridge import margin_bridge, revenue_bridge
from sop_engine.finance_review.kept import kept_plan
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import BudgetLines
from sop_engine.records.snapshot import plan_cells
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=5)
CELLS = plan_cells(PLAN)
KEPT = kept_plan(PLAN.inputs, "Last estimate", CELLS)
SPAN = np.arange(12)


def later(inputs: Inputs, months: int) -> Inputs:
    """The same company some months later; what came is what the history of its first month says."""
    calendar = replace(
        inputs.calendar, now=inputs.calendar.now + months, horizon=inputs.calendar.horizon - months
    )
    demand, money = inputs.demand, inputs.money
    more = {
        name: np.concatenate([values, values[:, :, :months]], axis=2)
        for name, values in (
            ("history", demand.history),
            ("revenue_history", demand.revenue_history),
        )
    }
    past_rate = np.concatenate([money.past_rate, money.rate[:, :months]], axis=1)
    past_cost = np.concatenate([money.past_cost, money.unit_cost[:, :months]], axis=1)
    rates = {"rate": money.rate[:, months:], "unit_cost": money.unit_cost[:, months:]}
    budgets = {version: budget_later(lines, months) for version, lines in money.budgets.items()}
    return replace(
        inputs,
        cycle=calendar.labels[calendar.now],
        calendar=calendar,
        demand=replace(demand, **more),
        money=replace(money, past_rate=past_rate, past_cost=past_cost, budgets=budgets, **rates),
    )


def budget_later(lines: BudgetLines, months: int) -> BudgetLines:
    cells = {name: getattr(lines, name) for name in ("units", "revenue", "gross_margin")}
    to_date = {name: values[:, :, :months] for name, values in cells.items()}
    to_go = {name: values[:, :, months:] for name, values in cells.items()}
    return BudgetLines(lines.version, **to_go, to_date=to_date)


def test_a_snapshot_is_the_plan_that_was_kept() -> None:
    own, kept = plan_position("plan", PLAN.finance, SPAN), kept_position(PLAN.inputs, KEPT, SPAN)
    for part in ("units", "revenue", "local_revenue", "cost", "choice_cost"):
        np.testing.assert_allclose(getattr(kept, part), getattr(own, part), atol=1e-9)
    assert kept.operating_profit == pytest.approx(own.operating_profit)
    assert not KEPT.today_rates and KEPT.left_out == pytest.approx(0, abs=1e-6)
    for bridge in (margin_bridge(kept, own), revenue_bridge(kept, own)):
        assert max(abs(bar) for bar in bridge.total.values()) < 1e-6


def test_a_snapshot_of_before_rates_were_kept_still_reads_at_todays_rates() -> None:
    old = CELLS[~CELLS["measure"].isin(["exchange_rate", "operating_profit"])]
    kept = kept_plan(PLAN.inputs, "Old", old)
    assert kept.today_rates
    position = kept_position(PLAN.inputs, kept, SPAN)
    assert np.isnan(position.operating_profit)
    np.testing.assert_allclose(
        position.local_revenue, plan_position("plan", PLAN.finance, SPAN).local_revenue
    )


def test_months_before_a_kept_plan_are_actuals_and_those_since_keep_its_estimate() -> None:
    april = later(PLAN.inputs, 3)
    february = CELLS[(CELLS["period"] >= np.datetime64("2014-02-01")) | (CELLS["measure"] == "flow")]
    kept = kept_plan(april, "February", february)
    assert kept.periods[0] == -2
    year = kept_position(april, kept, np.arange(-3, 9))
    january = actual_position("actual", april, np.array([-3]))
    rest = plan_position("plan", PLAN.finance, np.arange(1, 12))
    np.testing.assert_allclose(year.revenue, january.revenue + rest.revenue)
    np.testing.assert_allclose(year.units, january.units + rest.units)
    assert year.operating_profit == pytest.approx(PLAN.finance.operating_profit[3:12].sum())


def test_what_is_no_longer_on_file_is_left_out_and_said() -> None:
    renamed = CELLS.assign(product=CELLS["product"].replace("A", "Gone"))
    kept = kept_plan(PLAN.inputs, "Renamed", renamed)
    assert kept.left_out == pytest.approx(PLAN.finance.revenue[0, :, :12].sum())
    assert kept.revenue[0].sum() == 0


def test_a_snapshot_of_another_time_is_refused() -> None:
    moved = CELLS.assign(period=pd.Timestamp("1999-01-01"))
    with pytest.raises(PlanError, match="no month of today's calendar"):
        kept_plan(PLAN.inputs, "Old", moved)
