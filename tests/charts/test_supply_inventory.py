"""Stock in money by family and month against the plan's own figures, and the cumulative picture."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sop_engine.charts import supply_balance as balance
from sop_engine.charts import supply_inventory as charts
from sop_engine.charts import supply_review
from sop_engine.charts import supply_safety as safety
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import View, whole_company
from sop_engine.plan import Plan, plan
from sop_engine.supply_review.excess import SafetyStock
from sop_engine.supply_review.load import pegged_need
from tests.plans import made_up_plan, small_inputs

MADE_UP = made_up_plan(small_inputs(), seed=5)


@cache
def solved() -> tuple[Plan, View, charts.Stock]:
    made = plan(replace(small_inputs(), settings={**small_inputs().settings, "excess_periods": 2}))
    return made, whole_company(made), charts.stock_of(made)


@pytest.mark.parametrize("made", [MADE_UP, solved()[0]], ids=["made up", "solved"])
def test_stock_is_finances_inventory_value(made: Plan) -> None:
    stock, view = charts.stock_of(made), whole_company(made)
    table = charts.months_table(stock, view)
    expected = made.finance.inventory_value[:, view.periods].sum(axis=0)
    np.testing.assert_allclose(table["stock"], expected)
    families = charts.family_table(stock, view)
    assert families["stock"].sum() == pytest.approx(expected.mean())
    parts = families[["excess", "obsolete", "below target"]].sum(axis=1)
    np.testing.assert_allclose(families["at stake"], parts)
    assert families["at stake"].is_monotonic_decreasing
    assert (table["excess"] + table["obsolete"] <= table["stock"] + 1e-6).all()


def test_stock_balances_from_month_to_month() -> None:
    made, view, _ = solved()
    supply, on_hand = made.supply, made.inputs.network.on_hand
    before = np.concatenate([on_hand[:, :, None], supply.stock[:, :, :-1]], axis=2)
    np.testing.assert_allclose(
        supply.stock, before + supply.arrivals - supply.used - supply.shipped, atol=1e-6
    )


def test_days_and_turns_are_each_others_inverse() -> None:
    made, view, stock = solved()
    turns, days = charts.turns_and_days(stock, view)
    sold = made.finance.standard_cost[:, :, view.periods].sum()
    length = made.inputs.calendar.plan_days[view.periods].sum()
    mean = made.finance.inventory_value[:, view.periods].sum(axis=0).mean()
    assert days == pytest.approx(mean / (sold / length)) and turns * days == pytest.approx(365)
    assert f"average turns {turns:.1f} times a year and lasts {days:.0f} days" in charts.summary(stock, view)


def cover_by_loops(stock: float, later: list[float], mean: float) -> float:
    periods = 0.0
    for asked in later:
        if stock < asked:
            return periods + stock / asked
        stock, periods = stock - asked, periods + 1
    return periods + stock / mean


def test_cover_walks_forward_through_demand() -> None:
    made, view, stock = solved()
    table = charts.cover_table(stock, view)
    cost = made.finance.unit_cost
    bikes = made.inputs.products.family == "Bikes"
    demand = (stock.demand * cost)[bikes].sum(axis=0)
    lies = (stock.stock * cost)[bikes].sum(axis=0)
    rows = table[table["family"] == "Bikes"].set_index("period")
    length = np.mean(made.inputs.calendar.plan_days)
    for t in (0, 3, 7):
        expected = length * cover_by_loops(lies[t], demand[t + 1 :].tolist(), demand[-12:].mean())
        assert rows["days"].iloc[t] == pytest.approx(expected)


def test_each_status_is_what_it_says() -> None:
    stock = charts.stock_of(MADE_UP)
    table = charts.cover_table(stock, whole_company(MADE_UP))
    short, rest = table[table["short"] > 0.5], table[table["short"] <= 0.5]
    assert len(short) and (short["status"] == "shortage").all() and (rest["status"] != "shortage").all()
    low = rest["days"] < rest["least days"] - 1e-5
    assert low.any() and (rest.loc[low, "status"] == "alert").all()
    over = rest[~low]["days"] > rest[~low]["most days"].fillna(np.inf) + 1e-5
    assert ((rest[~low]["status"] == "overstock") == over).all()
    figure = charts.cover_figure(stock, whole_company(MADE_UP), LIGHT, table)
    assert set(np.ravel(figure["data"][0]["z"])) <= {0.5, 1.5, 2.5, 3.5}


def test_the_stack_of_excess_is_the_stock() -> None:
    _, view, stock = solved()
    figure = charts.excess_figure(stock, view, LIGHT)
    bars = {trace["name"]: np.array(trace["y"]) for trace in figure["data"] if trace["type"] == "bar"}
    table = charts.months_table(stock, view)
    np.testing.assert_allclose(bars.pop("Below target"), table["below target"], atol=1)
    np.testing.assert_allclose(sum(bars.values()), table["stock"], atol=2)
    assert figure["layout"]["shapes"] and "next 2 months" in figure["layout"]["title"]["text"]


def test_the_band_reaches_from_target_to_the_most_stock() -> None:
    inputs = small_inputs()
    cover = np.full(inputs.network.max_cover.shape, 3.0)
    made = plan(replace(inputs, network=replace(inputs.network, max_cover=cover)))
    stock, view = charts.stock_of(made), whole_company(made)
    most = charts.most_of(stock, view)
    rows = supply_review.triple_series(made, view)
    assert (most >= rows["target stock"].to_numpy() - 1e-9).all()
    traces = {trace["name"]: trace for trace in supply_review.supply_triple(made, view, LIGHT, most)["data"]}
    assert traces["Most stock"]["fill"] == "tonexty" and "fill" not in traces["Stock"]
    assert charts.most_of(solved()[2], view) is None


def test_components_are_held_against_what_bills_take() -> None:
    made, view, stock = solved()
    frames = view.narrowed(made.inputs.products.family == "Frames", "Frames")
    rows = supply_review.triple_series(made, replace(frames, money=False))
    before = np.concatenate([[made.inputs.network.on_hand[2].sum()], rows["stock"].to_numpy()[:-1]])
    np.testing.assert_allclose(rows["stock"], before + rows["supply"] - rows["delivered"], atol=1e-6)
    np.testing.assert_allclose(rows["demand"], stock.demand[2, view.periods])


@pytest.mark.parametrize("money", [True, False])
def test_supply_so_far_less_deliveries_is_stock(money: bool) -> None:
    made, view, _ = solved()
    view = replace(view, money=False)
    pegging = pegged_need(made.inputs, made.scenario, made.demand, made.supply)
    table = balance.balance_table(made, view, pegging)
    rows = supply_review.triple_series(made, view)
    shipped = made.supply.shipped[made.inputs.products.sellable].sum(axis=(0, 1))[view.periods]
    np.testing.assert_allclose(table["supply so far"] - np.cumsum(shipped), rows["stock"], atol=1e-6)
    shown = replace(view, money=money)
    table = balance.balance_table(made, shown, pegging)
    for figure in (balance.cumulative_figure, balance.plans_figure):
        drawn = figure(made, shown, LIGHT, table)
        assert len(drawn["data"]) == 3 and drawn["layout"]["shapes"]
    assert balance.sentence(made, shown, table).startswith("Stock and supply together")


def test_the_unconstrained_supply_serves_all_and_keeps_the_target_in_every_month() -> None:
    inputs = small_inputs()
    stated = np.full(inputs.network.safety_stock.shape, np.nan)
    stated[0, inputs.network.sites.positions["Depot"]] = 50.0
    made = plan(replace(inputs, network=replace(inputs.network, safety_stock=stated)))
    pegging = pegged_need(made.inputs, made.scenario, made.demand, made.supply)
    opening = made.inputs.network.on_hand.sum(axis=1)[:, None]
    demand = made.demand.unconstrained.sum(axis=1)
    left = opening + np.cumsum(balance.needed_supply(made, pegging) - demand, axis=1)
    sold, target = made.inputs.products.sellable, made.supply.target.sum(axis=1)
    assert target[0].max() == 50 and (left >= target - 1e-6)[sold].all()
    assert left[0, -1] == pytest.approx(50)


def test_a_later_window_starts_from_the_stock_before_it() -> None:
    made, view, _ = solved()
    pegging = pegged_need(made.inputs, made.scenario, made.demand, made.supply)
    later = replace(view, periods=view.periods[3:], money=False)
    table = balance.balance_table(made, later, pegging)
    sold = made.inputs.products.sellable
    before = made.supply.stock[sold].sum(axis=(0, 1))[2]
    assert table["supply so far"].iloc[0] == pytest.approx(before + table["supply"].iloc[0])


def test_safety_stock_says_its_parts_and_what_it_promises() -> None:
    part = SafetyStock(0.95, 10.0, 1.0, 1.0, np.nan, 0.0, 23.3, 60.0)
    scene, none = ("A", "Store", "2014-03", 30.0), np.zeros(0)
    words = safety.safety_words(part, *scene, none)
    assert "z 1.645 x error 10 units x √(30 days lead + 30 days review, 2.00 periods) = 23 units" in words[0]
    assert "per cycle, no fill rate" in words[1] and "Mar 14 is 23 units." in words[2]
    assert "sd of its lead time is not known" in words[3]
    stated = safety.safety_words(replace(part, stated=40.0, cover=50.0), *scene, none)
    assert "stated 40 units" in stated[0] and "minimum cover asks for 50" in stated[1] and len(stated) == 3
    assert "No service level" in safety.safety_words(replace(part, level=np.nan), *scene, none)[0]


def test_the_spread_of_lead_times_adds_its_variance() -> None:
    """z x sqrt(2 x 10^2 + 60^2 x (6 / 30)^2) with z = 1.6449 is 30.5 units."""
    part = SafetyStock(0.95, 10.0, 1.0, 1.0, np.nan, 0.0, 23.3, 60.0)
    late = np.array([-6.0, 0.0, 6.0])
    words = safety.safety_words(part, "A", "Store", "2014-03", 30.0, late)[3]
    assert "last 3 receipts spread by 6.0 days" in words and "= 31 units" in words
    assert part.with_lead_spread(0.2) == pytest.approx(1.6448536 * (2 * 100 + 3600 * 0.04) ** 0.5)
    assert part.with_lead_spread(0.0) == part.units


def test_places_with_a_target_are_listed_by_money() -> None:
    view = whole_company(MADE_UP)
    places = safety.places_with_target(MADE_UP, view)
    level = np.array([MADE_UP.inputs.network.service_level[place] for place in places])
    assert len(places) == MADE_UP.supply.target[:, :, view.periods].any(axis=2).sum()
    assert np.isnan(level).tolist() == sorted(np.isnan(level)) and not np.isnan(level).all()
    cost = MADE_UP.finance.unit_cost[:, view.periods].mean(axis=1)
    money = [MADE_UP.supply.target[place][view.periods].mean() * cost[place[0]] for place in places]
    levelled = np.array(money)[~np.isnan(level)]
    assert levelled.tolist() == sorted(levelled, reverse=True)
    none = view.narrowed(np.zeros(len(MADE_UP.inputs.products), dtype=bool), "none")
    assert safety.places_with_target(MADE_UP, none) == []
