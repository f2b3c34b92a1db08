"""The supply charts against the plan, cell by cell."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import supply_balance, supply_load
from sop_engine.charts import supply_review as charts
from sop_engine.charts.view import whole_company
from sop_engine.plan import plan
from sop_engine.supply_review.load import pegged_need
from tests.builders import small_company
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=4)
VIEW = whole_company(PLAN)
UNITS = whole_company(PLAN, money=False)


def test_the_triple_adds_up_the_products_that_are_sold() -> None:
    rows = charts.triple_series(PLAN, UNITS)
    sold = PLAN.inputs.products.sellable
    horizon = PLAN.inputs.calendar.horizon
    assert rows["demand"].sum() == pytest.approx(PLAN.demand.unconstrained[sold][:, :, :horizon].sum())
    assert rows["stock"].iloc[-1] == pytest.approx(PLAN.supply.stock[sold][:, :, horizon - 1].sum())


def test_supply_is_what_changes_stock_and_what_is_shipped() -> None:
    """arrivals - used = stock now - stock before + shipped, in the made-up plan with nothing shipped."""
    rows = charts.triple_series(PLAN, UNITS)
    sold = PLAN.inputs.products.sellable
    opening = PLAN.inputs.network.on_hand[sold].sum()
    change = np.diff(np.concatenate([[opening], rows["stock"].to_numpy()]))
    assert rows["supply"].to_numpy() == pytest.approx(change)


def test_in_money_the_triple_is_at_standard_cost() -> None:
    rows, units = charts.triple_series(PLAN, VIEW), charts.triple_series(PLAN, UNITS)
    cost = PLAN.finance.unit_cost[PLAN.inputs.products.sellable]
    naive = (PLAN.demand.unconstrained.sum(axis=1)[PLAN.inputs.products.sellable][:, 0] * cost[:, 0]).sum()
    assert (
        rows["demand"].iloc[0] == pytest.approx(naive) and rows["demand"].iloc[0] != units["demand"].iloc[0]
    )


def test_shortages_stand_dearest_first_with_their_sentence() -> None:
    table = charts.shortage_table(PLAN, VIEW)
    assert len(table) == 2 and table["USD"].is_monotonic_decreasing
    short = PLAN.supply.shortages[0]
    at = short.product, slice(None), short.period
    late = (PLAN.demand.unconstrained - PLAN.supply.on_time - PLAN.supply.lost)[at]
    price = (late * PLAN.finance.price[at]).sum() / late.sum()
    row = table[table["why"] == short.sentence].iloc[0]
    assert row["USD"] == pytest.approx(short.units * price) and row["what"] == short.kind


def test_a_filter_leaves_other_products_out() -> None:
    none = VIEW.narrowed(np.zeros(len(PLAN.inputs.products), dtype=bool), "none")
    assert charts.shortage_table(PLAN, none).empty
    assert charts.shortage_sentence(PLAN, none) == "Nothing is late or lost."


def test_without_sites_and_sources_supply_is_not_planned() -> None:
    inputs = small_company(
        sites={}, resources={}, edges=(), bill={}, lanes={}, on_hand={}, service_level={}, min_cover={}
    )
    made = plan(inputs)
    view = whole_company(made, money=False)
    pegging = pegged_need(made.inputs, made.scenario, made.demand, made.supply)
    table = supply_balance.balance_table(made, view, pegging)
    assert made.supply.delivered.sum() == pytest.approx(made.demand.unconstrained.sum())
    assert charts.shortage_sentence(made, view) == charts.NOT_PLANNED
    assert supply_balance.sentence(made, view, table) == charts.NOT_PLANNED
    assert "load resource and routing" in supply_load.load_sentence(made, view)


def test_limits_are_blamed_for_what_is_late_only_and_noise_is_nothing() -> None:
    table = pd.DataFrame(
        {
            "period": ["2014-01", "2014-02"],
            "unconstrained supply so far": [100.0, 100.0],
            "supply so far": [90.0, 100.0 - 4.55e-13],
        }
    )
    assert supply_balance.limits_words(table, "units", True) == (
        "Limits keep the plan up to 10 units behind the unconstrained need in Jan 14, 0 at the end"
    )
    assert "Limits" not in supply_balance.limits_words(table, "units", False)
    even = table.assign(**{"supply so far": 100.0})
    assert "Limits take nothing" in supply_balance.limits_words(even, "units", False)
    assert "Limits" not in supply_balance.limits_words(even, "units", True)
