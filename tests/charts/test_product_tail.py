"""The rationalisation list and its chart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import product_review as review
from sop_engine.charts import product_tail as charts
from sop_engine.charts.style import LIGHT
from sop_engine.plan import Plan
from sop_engine.product_review.health import portfolio_health, sold_in_year
from sop_engine.product_review.segments import segment_table
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())
HEALTH = portfolio_health(PLAN.inputs)


def with_complexity(money: float) -> Plan:
    inputs = PLAN.inputs
    return replace(PLAN, inputs=replace(inputs, settings={**inputs.settings, "complexity_cost": money}))


def test_planned_margin_is_units_at_price_less_cost() -> None:
    expected = np.zeros(PLAN.demand.unconstrained.shape[::2])
    for (p, m, t), units in np.ndenumerate(PLAN.demand.unconstrained):
        if units > 0:
            expected[p, t] += units * (PLAN.finance.price[p, m, t] - PLAN.finance.unit_cost[p, t])
    assert charts.planned_margin(PLAN) == pytest.approx(expected)


def test_complexity_is_taken_from_the_margin_and_saved_by_the_exit() -> None:
    plain, costly = (charts.tail_table(one, HEALTH, 0.0, 3, 0.5) for one in (PLAN, with_complexity(1000.0)))
    assert plain["product"].tolist() == ["B", "A"] or plain["product"].tolist() == ["A", "B"]
    assert (plain["margin_after"] - costly["margin_after"]).to_numpy() == pytest.approx(1000.0)
    assert (costly["effect"] - plain["effect"]).to_numpy() == pytest.approx(1000.0)
    assert plain["margin_after"].is_monotonic_increasing
    assert "is not known (setting complexity_cost)" in charts.tail_words(plain, HEALTH, PLAN)
    rich = with_complexity(1e9)
    assert "2 of them earn less than the complexity cost" in charts.tail_words(
        charts.tail_table(rich, HEALTH, 0.0, 3, 0.5), HEALTH, rich
    )


def test_the_rule_chooses_the_tail() -> None:
    assert charts.tail_table(PLAN, HEALTH, None, 3, 0.5)["product"].tolist() == []
    assert charts.tail_table(PLAN, HEALTH, 60.0, 3, 0.5)["product"].tolist() == ["B"]
    assert "No product" in charts.tail_words(charts.tail_table(PLAN, HEALTH, None, 3, 0.5), HEALTH, PLAN)


def test_months_of_running_out_are_said() -> None:
    labels = PLAN.inputs.calendar.plan_labels
    assert charts.run_out_words(0.0, PLAN) == "Jan 14"
    assert charts.run_out_words(float("nan"), PLAN).startswith("after ") and labels[-1].startswith("20")
    assert charts.run_out_words(-1.0, PLAN) == "no stock"


def test_bars_are_the_table_with_losses_to_the_left() -> None:
    table = charts.tail_table(PLAN, HEALTH, 0.0, 3, 0.5)
    lost, left, kept = charts.exit_bars(table, LIGHT, "USD", 0.5, "Apr 14")["data"]
    rows = table.set_index("product")
    for product, x in zip(lost["y"], lost["x"], strict=True):
        assert x == pytest.approx(-rows.loc[product, "lost_margin"], abs=0.5)
    assert all(x <= 0 for x in left["x"]) and len(kept["x"]) == 2
    assert len(charts.shown_table(table, PLAN)) == 2


def test_what_sold_nothing_in_the_year_stands_in_the_list_and_is_counted_apart() -> None:
    inputs = PLAN.inputs
    history, revenue = (np.array(one) for one in (inputs.demand.history, inputs.demand.revenue_history))
    history[1, :, -inputs.calendar.season :] = revenue[1, :, -inputs.calendar.season :] = 0.0
    demand = replace(inputs.demand, history=history, revenue_history=revenue)
    plan = replace(PLAN, inputs=replace(inputs, demand=demand))
    health = portfolio_health(plan.inputs)
    assert dict(zip(health["product"], health["abc"], strict=True)) == {"A": "A", "B": "-"}
    words = charts.tail_words(charts.tail_table(plan, health, None, 3, 0.5), health, plan)
    assert words.startswith("0 of the 1 products that sold in the last 12 months stand here, and 1 of the 1")
    assert review.asleep_words(health) == "; 1 more sold only in the 12 months before"
    assert segment_table(plan.inputs)["products"].sum() == len(sold_in_year(health)) == 1


def test_exits_without_money_are_not_drawn() -> None:
    table = charts.tail_table(PLAN, HEALTH, 0.0, 3, 0.5)
    assert charts.is_priced(table)
    assert not charts.is_priced(table.assign(lost_margin=np.nan, kept_margin=0.0, obsolete=np.nan))
    assert "of unknown worth" in charts.tail_words(table.assign(obsolete=np.nan), HEALTH, PLAN)


def test_a_company_without_stock_leaves_an_unknown_amount() -> None:
    network = PLAN.inputs.network
    empty = replace(network, on_hand=0 * network.on_hand, receipts=0 * network.receipts)
    plan = replace(PLAN, inputs=replace(PLAN.inputs, network=empty))
    table = charts.tail_table(plan, HEALTH, 0.0, 3, 0.5)
    assert table[["left", "left_money", "parts_left_money", "obsolete"]].isna().all(axis=None)
    assert set(charts.shown_table(table, plan)["stock runs out"]) == {"-"}
    words = charts.tail_words(table, HEALTH.assign(revenue=np.nan), plan)
    assert "no stock is loaded" in words and "worth" not in words and "they bring" not in words
    assert "they bring 100.0 % of revenue" in charts.tail_words(table, HEALTH, plan)
