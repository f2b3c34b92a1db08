"""Working capital held against figures worked by hand, a second writing, and the cash effect of the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.charts.finance_cash import capital_of
from sop_engine.finance_review.working_capital import (
    WorkingCapital,
    average_inventory,
    figures_over,
    gmroi,
    launch_capex,
    without_capex,
)
from sop_engine.plan import Plan
from tests.launches import launch
from tests.plans import made_up_plan, small_inputs

SMALL = made_up_plan(small_inputs())


def by_hand(**changes: object) -> WorkingCapital:
    """Two months of 30 days: stock 100 -> 200 -> 300, COGS 400 and 500, revenue 600 and 900."""
    blank = np.zeros(2)
    parts = {
        "days": np.array([30.0, 30.0]),
        "horizon": 2,
        "season": 2,
        "opening": np.array([100.0, 200.0]),
        "opening_receivables": np.array([100.0, 300.0]),
        "opening_payables": np.array([100.0, 200.0]),
        "inventory": np.array([200.0, 300.0]),
        "receivables": np.array([300.0, 450.0]),
        "payables": np.array([200.0, 150.0]),
        "revenue": np.array([600.0, 900.0]),
        "cogs": np.array([400.0, 500.0]),
        "gross_margin": np.array([200.0, 400.0]),
        "operating_profit": np.array([50.0, 250.0]),
        "carrying": np.array([2.5, 3.75]),
        "excess": np.array([10.0, 20.0]),
        "obsolete": np.array([5.0, 6.0]),
        "built": {"stock": np.array([100.0, 100.0])},
        "capex": blank,
        "free_cash": np.array([-47.5, 153.75]),
    }
    return WorkingCapital(**{**parts, **changes})


def test_days_turns_and_gmroi_by_hand() -> None:
    """Averages of month 1 are 150, 200 and 150: DIO 150 / 400 x 30 = 11.25, DSO 200 / 600 x 30 = 10, DPO as
    DIO. Of both months 287.5 is owed to us and 162.5 by us: (200 + 375) / 2 and (150 + 175) / 2."""
    first = figures_over(by_hand(), np.array([0]))
    assert (first.dio, first.dso, first.dpo, first.cash_to_cash) == (11.25, 10.0, 11.25, 10.0)
    assert first.average_inventory == 150 and first.turns == pytest.approx(400 * 2 / 150)
    both = figures_over(by_hand(), np.array([0, 1]))
    assert both.average_inventory == 200  # (150 + 250) / 2
    assert both.dio == pytest.approx(200 / 900 * 60)
    assert both.dso == pytest.approx(287.5 / 1500 * 60) and both.dpo == pytest.approx(162.5 / 900 * 60)
    assert both.cash_to_cash == pytest.approx(both.dio + both.dso - both.dpo)
    assert both.turns == pytest.approx(900 / 200)
    assert both.gmroi == pytest.approx(600 / 200)
    assert (both.inventory, both.excess, both.obsolete, both.built) == (300.0, 20.0, 6.0, 200.0)
    assert (both.carrying, both.operating_profit, both.free_cash) == (6.25, 300.0, 106.25)


def test_gmroi_needs_a_whole_reported_year() -> None:
    assert np.isnan(gmroi(by_hand(), 1)) and np.isnan(figures_over(by_hand(), np.array([1])).gmroi)


def test_what_is_not_sold_or_not_known_has_no_days() -> None:
    still = figures_over(by_hand(cogs=np.zeros(2)), np.array([0, 1]))
    assert np.isnan([still.dio, still.dpo, still.cash_to_cash]).all() and still.turns == 0
    unknown = figures_over(by_hand(revenue=np.full(2, np.nan)), np.array([0]))
    assert np.isnan(unknown.dso) and unknown.dio == 11.25


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_free_cash_is_the_cash_effect_less_fixed_cost_and_capex(seed: int) -> None:
    """The two are written from different ends: one from operating profit, one from gross margin."""
    plan = made_up_plan(small_inputs(), seed=seed)
    capital, fixed = capital_of(plan), plan.finance.fixed_cost.sum(axis=0)
    assert capital.free_cash == pytest.approx(plan.finance.cash_effect - fixed - capital.capex)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10), st.integers(1, 12))
def test_figures_are_those_of_a_second_writing(seed: int, first: int, count: int) -> None:
    plan = made_up_plan(small_inputs(), seed=seed)
    periods = np.arange(first, min(first + count, plan.inputs.calendar.horizon))
    assert figures_over(capital_of(plan), periods).__dict__ == pytest.approx(
        naive(plan, periods), nan_ok=True
    )


def naive(plan: Plan, periods: np.ndarray) -> dict[str, float]:
    """The figures cell by cell, without the arrays of the module."""
    calendar, finance, last = plan.inputs.calendar, plan.finance, periods[-1]
    stock_value = [float(sum(row)) for row in finance.inventory_value.T]
    on_hand = sum(
        float(plan.inputs.network.on_hand[p].sum() * finance.unit_cost[p, 0])
        for p in range(len(plan.inputs.products))
        if not np.isnan(finance.unit_cost[p, 0])
    )
    opening = [on_hand, *stock_value[:-1]]
    days = sum(int(calendar.plan_days[t]) for t in periods)
    average = sum((opening[t] + stock_value[t]) / 2 for t in periods) / len(periods)
    cogs = sum(float(finance.standard_cost[:, :, t].sum()) for t in periods)
    revenue = sum(float(finance.revenue[:, :, t].sum()) for t in periods)
    season = calendar.season
    year = range(periods[0], periods[0] + season)
    whole = year[-1] < calendar.horizon
    margin = sum(float(finance.gross_margin[t]) for t in year) if whole else np.nan
    held = sum((opening[t] + stock_value[t]) / 2 for t in year) / season if whole else np.nan
    owed, owing = (
        sum((balance[t] - change[t] + balance[t]) / 2 for t in periods) / len(periods)
        for balance, change in (
            (finance.receivables, -finance.cash["receivables"]),
            (finance.payables, finance.cash["payables"]),
        )
    )
    dio, dso, dpo = average / cogs * days, owed / revenue * days, owing / cogs * days
    built = -sum(
        float(finance.cash[name][t])
        for name in ("stock", "goods on the way", "receivables", "payables")
        for t in periods
    )
    profit = sum(float(finance.operating_profit[t]) for t in periods)
    carrying = sum(stock_value[t] * 0.15 / 12 for t in periods)
    over = sum(_over(plan, last), np.zeros(2))
    return {
        "inventory": stock_value[last],
        "average_inventory": average,
        "receivables": float(finance.receivables[last]),
        "payables": float(finance.payables[last]),
        "dio": dio,
        "dso": dso,
        "dpo": dpo,
        "cash_to_cash": dio + dso - dpo,
        "turns": cogs / days * 365 / average,
        "gmroi": margin / held,
        "carrying": carrying,
        "excess": over[0],
        "obsolete": over[1],
        "operating_profit": profit,
        "built": built,
        "capex": 0.0,
        "free_cash": profit + carrying - built,
    }


def _over(plan: Plan, period: int) -> list[np.ndarray]:
    """(excess, obsolete) money of each product; A and B have demand, F is asked for by their bills."""
    demand = plan.demand.unconstrained.sum(axis=1)
    bill = plan.inputs.network.bill
    whole = demand.copy()
    for parent, component, quantity in zip(bill.parent, bill.component, bill.quantity, strict=True):
        whole[component] += quantity * demand[parent]
    ahead, season = int(plan.inputs.settings["excess_periods"]), plan.inputs.calendar.season
    found = []
    for product, units in enumerate(whole):
        longer = [*units, *[units[-season:].mean()] * ahead]
        stock = float(plan.supply.places.of_products(plan.supply.node_stock)[product, period])
        cost = plan.finance.unit_cost[product, period]
        to_come = sum(units[period + 1 :]) if period + 1 < len(units) else units[-1]
        if to_come > 0:
            found.append(
                np.array([max(stock - sum(longer[period + 1 : period + 1 + ahead]), 0.0) * cost, 0.0])
            )
        else:
            found.append(np.array([0.0, stock * cost]))
    return found


def test_capex_is_paid_when_a_launch_begins_and_not_again_for_one_before_the_plan() -> None:
    first = launch(launch=3, capex=5000.0)
    late = replace(first, launch=SMALL.inputs.calendar.periods)
    begun = replace(first, launch=0, stated=-2)
    portfolio = replace(SMALL.portfolio, launches=(first, late, begun))
    capex = launch_capex(SMALL.inputs, portfolio)
    assert capex[3] == 5000 and capex.sum() == 5000


def test_capex_that_nobody_states_is_left_out_and_named_in_the_months_of_its_launch() -> None:
    unstated, stated = launch(project="Q", capex=np.nan), launch(project="P", capex=70.0)
    begun = launch(project="R", capex=np.nan, launch=0, stated=-2)
    portfolio = replace(SMALL.portfolio, launches=(unstated, stated, begun))
    capex = launch_capex(SMALL.inputs, portfolio)
    assert capex[4] == 70 and capex.sum() == 70
    assert without_capex(SMALL.inputs, portfolio, np.arange(12)) == ("Q",)
    assert without_capex(SMALL.inputs, portfolio, np.arange(4)) == ()


def test_a_company_without_costs_has_no_stock_value() -> None:
    money = replace(SMALL.inputs.money, unit_cost=np.full_like(SMALL.inputs.money.unit_cost, np.nan))
    figures = figures_over(capital_of(made_up_plan(replace(SMALL.inputs, money=money))), np.arange(12))
    assert np.isnan([figures.inventory, figures.dio, figures.gmroi, figures.carrying, figures.excess]).all()
    assert np.isnan(figures.free_cash) and np.isfinite(figures.dso)


def test_the_average_is_that_of_opening_and_closing_stock() -> None:
    assert average_inventory(by_hand(), np.array([1])) == 250
