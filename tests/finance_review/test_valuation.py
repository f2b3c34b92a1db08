"""The valued plan against a naive second valuation, cell by cell, and against sums worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.finance_review.choice_costs import source_premium
from sop_engine.finance_review.valuation import (
    CHOICES,
    IN_MARGIN,
    PAID_BELOW_MARGIN,
    actual_cost,
    actual_revenue,
    outstanding,
)
from sop_engine.inputs import Inputs
from sop_engine.scenario import Lever, Scenario
from tests.october import october_inputs
from tests.plans import made_up_plan, small_inputs

LEVERS = Scenario(
    (
        Lever("price", 5, target="Bikes"),
        Lever("exchange_rate", -5),
        Lever("freight", 20),
        Lever("unit_cost", 3),
    )
)
CENT = 0.005


def with_sources(inputs: Inputs, mode: str, unit_cost: float, priority: float) -> Inputs:
    """The small company with one more source of product A at the plant."""
    edges = inputs.network.edges
    row = edges.labels.index("A | Plant | Plant | make")
    more = {
        name: np.concatenate([values, values[row : row + 1]])
        for name, values in vars(edges).items()
        if isinstance(values, np.ndarray) and len(values) == len(edges.labels)
    }
    more["priority"][row] = 1
    for name, entry in {"mode": mode, "unit_cost": unit_cost, "priority": priority}.items():
        more[name][-1] = entry
    added = replace(edges, labels=(*edges.labels, "A | Plant | other"), **more)
    return replace(inputs, network=replace(inputs.network, edges=added))


@pytest.mark.parametrize("scenario", [Scenario(), LEVERS])
def test_every_cell_is_its_units_at_its_price_and_cost(scenario: Scenario) -> None:
    plan = made_up_plan(small_inputs(), scenario)
    finance, supply, money = plan.finance, plan.supply, plan.inputs.money
    for product, market, period in np.ndindex(finance.revenue.shape):
        acts = period >= plan.inputs.calendar.frozen and not scenario.is_baseline
        price = money.price[product, market, period] * money.rate[market, period]
        price *= (1.05 if acts and product == 0 else 1) * (0.95 if acts and market == 1 else 1)
        cost = money.unit_cost[product, period] * (1.03 if acts else 1)
        cell = product, market, period
        delivered = supply.on_time[cell] + supply.late[cell]
        expected = 0.0 if np.isnan(price) else price
        assert finance.revenue[cell] == pytest.approx(delivered * expected)
        assert finance.demand_value[cell] == pytest.approx(plan.demand.unconstrained[cell] * expected)
        assert finance.standard_cost[cell] == pytest.approx(delivered * cost)
        assert finance.lost_margin[cell] == pytest.approx(supply.lost[cell] * (expected - cost))


@pytest.mark.parametrize("seed", range(3))
def test_margin_profit_and_cash_are_the_sum_of_their_parts_to_the_cent(seed: int) -> None:
    finance = made_up_plan(small_inputs(), LEVERS, seed).finance
    periods = finance.gross_margin.size
    margin = [finance.revenue[..., t].sum() - finance.standard_cost[..., t].sum() for t in range(periods)]
    for t in range(periods):
        margin[t] -= sum(finance.choice_costs[name][t] for name in IN_MARGIN)
        below = sum(finance.choice_costs[name][t] for name in (*PAID_BELOW_MARGIN, "carrying"))
        assert finance.gross_margin[t] == pytest.approx(margin[t], abs=CENT)
        assert finance.operating_profit[t] == pytest.approx(
            margin[t] - below - finance.fixed_cost[:, t].sum(), abs=CENT
        )
        assert finance.cash_effect[t] == pytest.approx(
            sum(line[t] for line in finance.cash.values()), abs=CENT
        )
    assert set(finance.choice_costs) == set(CHOICES)


def test_freight_is_lanes_and_transfers_under_the_freight_lever() -> None:
    plan = made_up_plan(small_inputs(), Scenario((Lever("freight", 20),)))
    network, t = plan.inputs.network, 4
    lanes = sum(plan.supply.delivered[:, market, t].sum() * cost for market, cost in enumerate((1.0, 2.0)))
    moved = sum(
        plan.supply.flow[e, t] * 1.0 for e, mode in enumerate(network.edges.mode) if mode == "transfer"
    )
    assert plan.finance.choice_costs["freight"][t] == pytest.approx(1.2 * (lanes + moved))


def test_carrying_is_the_stock_value_at_the_yearly_rate() -> None:
    finance = made_up_plan(small_inputs()).finance
    np.testing.assert_allclose(
        finance.choice_costs["carrying"], finance.inventory_value.sum(axis=0) * 0.15 / 12
    )


def test_a_subcontractor_costs_his_premium_over_the_own_conversion() -> None:
    inputs = with_sources(small_inputs(), "subcontract", 8.5, 2)
    plan = made_up_plan(inputs)
    assert source_premium(inputs)[-1] == 8.5 - 5
    np.testing.assert_allclose(plan.finance.choice_costs["subcontract"], plan.supply.flow[-1] * 3.5)
    assert (plan.finance.choice_costs["alternative source"] == 0).all()


def test_a_second_way_to_make_costs_its_premium_over_the_first_by_priority() -> None:
    own = small_inputs().network.edges.labels.index("A | Plant | Plant | make")
    later = source_premium(with_sources(small_inputs(), "make", 7.0, 2))
    assert (later[-1], later[own]) == (2.0, 0.0)
    preferred = source_premium(with_sources(small_inputs(), "make", 7.0, 0.5))
    assert (preferred[-1], preferred[own]) == (0.0, -2.0)


def test_a_new_cost_alone_moves_no_cash() -> None:
    inputs = small_inputs()
    stock = np.repeat(inputs.network.on_hand.reshape(-1, 1), inputs.calendar.periods, axis=1)
    dearer = made_up_plan(inputs, Scenario((Lever("unit_cost", 10),)), node_stock=stock).finance
    assert dearer.inventory_value[:, 1].sum() > dearer.inventory_value[:, 0].sum()
    assert (dearer.cash["stock"] == 0).all()


def test_stock_built_is_paid_at_the_cost_of_its_period() -> None:
    inputs = small_inputs()
    stock = np.repeat(inputs.network.on_hand.reshape(-1, 1), inputs.calendar.periods, axis=1)
    stock[0, 3:] += 10
    finance = made_up_plan(inputs, node_stock=stock).finance
    assert finance.cash["stock"][3] == -60 and np.count_nonzero(finance.cash["stock"]) == 1


def test_goods_of_ones_own_on_the_way_are_paid_and_bought_ones_are_not() -> None:
    """10 transferred and 70 bought start in one period and arrive in the next; 5 of one's own were open
    orders.
    """
    inputs = small_inputs()
    network, t = inputs.network, 3
    flow = np.zeros((len(network.edges.labels), inputs.calendar.periods))
    flow[network.edges.labels.index("A | Plant | Depot | transfer"), t] = 10
    flow[network.edges.labels.index("F | Vendor | Plant | buy"), t] = 70
    receipts = np.zeros_like(network.receipts)
    receipts[0, network.sites.positions["Depot"], t + 2] = 5
    receipts[2, network.sites.positions["Plant"], t + 2] = 9
    opened = replace(inputs, network=replace(network, receipts=receipts))
    finance = made_up_plan(opened, flow=flow, received=np.roll(flow, 1, axis=1)).finance
    assert list(finance.cash["goods on the way"][t - 1 : t + 4]) == [0, -60, 60, 30, 0]


def test_a_supply_lever_is_charged_what_it_takes_and_a_demand_lever_only_once() -> None:
    levers = (
        Lever("overtime", 20, first="2014-03", spend=500),
        Lever("demand", 5, first="2014-03", spend=300),
    )
    finance = made_up_plan(small_inputs(), Scenario(levers)).finance
    assert finance.choice_costs["other spend"][2] == 500 and finance.choice_costs["demand spend"][2] == 300


def test_receivables_are_the_revenue_of_the_last_days_and_open_from_history() -> None:
    inputs = small_inputs()
    plan = made_up_plan(inputs)
    revenue = np.concatenate([actual_revenue(inputs).sum(axis=(0, 1)), plan.finance.revenue.sum(axis=(0, 1))])
    daily = np.repeat(revenue / month_lengths(inputs), month_lengths(inputs))
    ends = np.cumsum(month_lengths(inputs))[inputs.calendar.now :]
    np.testing.assert_allclose(plan.finance.receivables, [daily[end - 30 : end].sum() for end in ends])
    opening = daily[ends[0] - 31 - 30 : ends[0] - 31].sum()
    assert plan.finance.cash["receivables"][0] == pytest.approx(opening - plan.finance.receivables[0])


def month_lengths(inputs: Inputs) -> np.ndarray:
    return (inputs.calendar.ends - inputs.calendar.starts).astype(int) + 1


def test_a_stated_opening_balance_is_used() -> None:
    inputs = small_inputs()
    stated = replace(inputs, settings={**inputs.settings, "opening_payables": 1234.0})
    finance = made_up_plan(stated).finance
    assert finance.cash["payables"][0] == pytest.approx(finance.payables[0] - 1234)


def test_terms_of_one_and_a_half_months() -> None:
    np.testing.assert_allclose(
        outstanding(np.array([300.0, 600.0, 0.0]), np.array([30, 30, 30]), 45), [300, 750, 300]
    )


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.floats(0, 200))
@settings(deadline=None)
def test_what_is_outstanding_is_never_more_than_has_arisen(flow: list[float], terms: float) -> None:
    balance = outstanding(np.array(flow), np.full(len(flow), 30), terms)
    assert (balance >= -1e-6).all() and (balance <= np.cumsum(flow) + 1e-6).all()


def test_a_past_without_revenue_on_file_is_valued_at_todays_price() -> None:
    inputs = small_inputs()
    blank = np.full_like(inputs.demand.revenue_history, np.nan)
    revenue = actual_revenue(replace(inputs, demand=replace(inputs.demand, revenue_history=blank)))
    assert revenue[0, 1, 5] == pytest.approx(inputs.demand.history[0, 1, 5] * 10 * 1.3)


def test_suppliers_of_the_past_are_paid_what_it_cost_then() -> None:
    """Payables at the start are the cost of December's last days: A at 6 and B at 11, not today's 12."""
    inputs = october_inputs()
    finance, days = made_up_plan(inputs).finance, inputs.settings["payable_days"]
    december = actual_cost(inputs)[:, :, -1].sum()
    assert december == pytest.approx(120 * 6 + 60 * 11)
    assert days <= 31
    opening = finance.payables[0] - finance.cash["payables"][0]
    assert opening == pytest.approx(december * days / 31)


def test_a_past_of_which_no_cost_is_known_at_all_is_not_known() -> None:
    inputs = small_inputs()
    blank = {name: np.full_like(getattr(inputs.money, name), np.nan) for name in ("unit_cost", "past_cost")}
    assert np.isnan(actual_cost(replace(inputs, money=replace(inputs.money, **blank)))).all()


def test_what_is_not_known_counts_nothing_and_is_named() -> None:
    inputs = small_inputs()
    price = inputs.money.price.copy()
    price[1, 0] = np.nan
    cost = inputs.money.unit_cost.copy()
    cost[0] = np.nan
    finance = made_up_plan(replace(inputs, money=replace(inputs.money, price=price, unit_cost=cost))).finance
    assert finance.not_known["price"] == ("B in East",) and finance.not_known["unit cost"] == ("A",)
    assert finance.revenue[1, 0].sum() == 0 and finance.standard_cost[0].sum() == 0
    assert not any(made_up_plan(inputs).finance.not_known.values())


def test_a_plan_in_money_cannot_be_changed() -> None:
    finance = made_up_plan(small_inputs()).finance
    with pytest.raises(ValueError, match="read-only"):
        finance.revenue[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        finance.choice_costs["freight"][0] = 1
