"""Tables behind the launches, orders and dependent-demand sections: their parts add up to the plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sop_engine.charts import demand_dependent as dependent
from sop_engine.charts import demand_lifecycle as lifecycle
from sop_engine.charts import demand_orders as orders
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import View, whole_company
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.plan import Plan
from sop_engine.scenario import Lever, Scenario
from tests.plans import made_up_plan, small_inputs

A, B, F = range(3)
NAN = float("nan")
BOTH = np.array([True, True])


def launch(project: str, **terms: object) -> Launch:
    base = {
        "product": B,
        "like": A,
        "scale": 0.5,
        "launch": 2,
        "baseline_launch": 2,
        "in_plan": True,
        "probability": 0.4,
        "ramp": 2,
        "cannibalises": (A,),
        "cannibalisation": 0.3,
        "gate": "3",
        "business_case_units": 0.0,
        "capex": 0.0,
        "owner": "Ann",
    }
    return Launch(project=project, **(base | terms))


MAYBE = launch("Maybe", product=F, in_plan=False, launch=3)


def of_products(*products: int) -> np.ndarray:
    return np.isin(np.arange(3), products)


@cache
def busy() -> Inputs:
    """Launches in and out, a succession, three events of which one is cancelled, a fence of one month."""
    inputs = small_inputs()
    price = inputs.money.price.copy()
    price[F] = 30.0
    demand = replace(
        inputs.demand,
        launches=(launch("New"), MAYBE),
        phase_outs=(PhaseOut(A, 8, B, 0.5),),
        events=(
            Event("Fair", of_products(A), BOTH, 1, 2, 10.0, NAN, 500.0, "Ann", -5.0, "planned"),
            Event("Sale", of_products(A, B), BOTH, 2, 3, NAN, NAN, 0.0, "Bob", -10.0, "agreed"),
            Event("Gone", of_products(B), BOTH, 4, 4, 50.0, NAN, 900.0, "Bob", 0.0, "cancelled"),
        ),
        elasticity=np.array([-2.0, -1.0, NAN]),
    )
    settings = {**inputs.settings, "demand_fence_periods": 1}
    return replace(inputs, demand=demand, settings=settings, money=replace(inputs.money, price=price))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return made_up_plan(busy(), Scenario((Lever("price", 5, target="Bikes"),)))


@pytest.fixture
def view(plan: Plan) -> View:
    return replace(whole_company(plan), periods=np.arange(plan.inputs.calendar.periods))


def test_what_launches_take_is_the_step_of_the_plan(plan: Plan, view: View) -> None:
    taken = lifecycle.victim_table(plan, view)
    assert taken["units"].sum() == pytest.approx(-plan.demand.steps["Cannibalisation"].sum())
    table = lifecycle.launch_table(plan, view)
    assert table["units"].sum() == pytest.approx(plan.demand.steps["Launches"].sum())
    assert list(table["project"]) == ["New"] and table["takes units"][0] == pytest.approx(
        taken["units"].sum()
    )


def test_what_is_out_of_the_plan_is_worth_what_it_would_sell_less_what_it_would_take(view: View) -> None:
    """By hand: half of A's baseline from month 3 on, ramped over two; 30 % of it comes out of A."""
    inputs = busy()
    plain = replace(inputs.demand, launches=(MAYBE,), phase_outs=(), events=(), elasticity=np.full(3, NAN))
    plan = made_up_plan(replace(inputs, demand=plain))
    price, like = plan.finance.price, inputs.demand.baseline.units[A]
    revenue = 0.0
    for period in range(3, inputs.calendar.periods):
        for market in range(2):
            sold = like[market, period] * 0.5 * (0.5 if period == 3 else 1.0)
            revenue += sold * price[F, market, period] - 0.3 * sold * price[A, market, period]
    row = lifecycle.out_of_plan(plan, view).iloc[0]
    assert row["net revenue"] == pytest.approx(revenue)
    assert row["expected revenue"] == pytest.approx(0.4 * revenue)
    assert row["expected units"] == pytest.approx(0.4 * 0.7 * row["units"])
    assert not plan.demand.unconstrained[F].any(), "it is in no number of the plan"


def test_a_succession_tells_what_ends_and_what_moves(plan: Plan, view: View) -> None:
    row = lifecycle.succession_table(plan, view).iloc[0]
    ends = plan.inputs.demand.baseline.units[A, :, 8:].sum()
    assert (row["units that end"], row["units moved"]) == (pytest.approx(ends), pytest.approx(ends / 2))


def test_effects_of_events_add_up_to_units_and_revenue_with_and_without_them(plan: Plan, view: View) -> None:
    table = lifecycle.event_table(plan, view).set_index("event")
    assert table["units"].sum() == pytest.approx(plan.demand.steps["Events"].sum())
    names = list(plan.demand.steps)
    before = sum(plan.demand.steps[name] for name in names[: names.index("Events")])
    bare = made_up_plan(
        replace(busy(), demand=replace(busy().demand, events=())), plan.scenario
    ).finance.price
    revenue = ((before + plan.demand.steps["Events"]) * plan.finance.price).sum() - (before * bare).sum()
    assert table["revenue"].sum() == pytest.approx(revenue)
    assert np.isnan(table.loc["Gone", "units"]) and "not in the plan" in table.loc["Gone", "status"]
    assert list(table.loc[["Fair", "Sale"], "lift"]) == ["+10 %", "by elasticity"]
    margin = revenue - (plan.demand.steps["Events"] * plan.finance.unit_cost[:, None, :])[:, :, :].sum()
    assert table["net effect"].sum() == pytest.approx(margin - 500)


def test_the_book_adds_up_to_demand_inside_and_outside_the_fence(plan: Plan, view: View) -> None:
    view = replace(view, money=False)
    table = orders.months_table(plan, view)
    demand = view.by_period(plan.demand.unconstrained)
    np.testing.assert_allclose(table[["orders", "overdue", "forecast left"]].sum(axis=1), demand)
    assert table["dropped"][0] == pytest.approx(-plan.demand.steps["Demand fence"].sum())
    assert table["dropped"][1:].sum() == 0 and "inside the demand fence" in orders.fence_words(plan, view)
    assert orders.backlog_table(plan, view)["overdue units"].sum() == 5
    families = orders.family_table(plan, view)
    np.testing.assert_allclose(families["orders"].sum(), table["orders"].sum())
    assert (families["at stake"].diff().dropna() <= 0).all()


def test_without_a_day_the_pace_projects_nothing_and_with_one_it_names_it(plan: Plan, view: View) -> None:
    assert "nothing is projected" in orders.pace_words(plan, view)
    book = replace(plan.inputs.demand.orders, as_of=np.datetime64("2014-01-10"), rests_on="shipments")
    dated = replace(plan, inputs=replace(plan.inputs, demand=replace(plan.inputs.demand, orders=book)))
    words = orders.pace_words(dated, view)
    assert "8 of 23 working days" in words and "shipments up to 10 Jan 14" in words


def test_pegging_and_months_of_an_item_add_up_to_the_plan(plan: Plan, view: View) -> None:
    caused = plan.demand.dependent[F].sum()
    months = dependent.item_months(plan, view, "F")
    assert months["dependent"].sum() == pytest.approx(caused)
    assert months["dependent, when it must be there"].sum() == pytest.approx(caused)
    assert months["dependent, when it must be there"].iloc[0] > 0, "frames of January's bicycles are past due"
    assert dependent.pegging_table(plan, view, "F")["units"].sum() == pytest.approx(caused)
    assert dependent.pegging_families(plan, view, "F")["of it %"].sum() == pytest.approx(100)


def test_a_filter_of_products_that_go_into_nothing_shows_what_they_cause(plan: Plan, view: View) -> None:
    bikes = view.narrowed(of_products(A), "A")
    row = dependent.components(plan, bikes).iloc[0]
    pegged = dependent.pegging_table(plan, view, "F").set_index("caused by")["units"]
    assert row["item"] == "F" and row["dependent"] == pytest.approx(pegged["A"])


def test_figures_hold_what_their_tables_hold(plan: Plan, view: View) -> None:
    frame, figure = lifecycle.ramp_frame(plan, view), lifecycle.ramp_figure(plan, view, LIGHT, "")
    assert figure["data"][0]["y"] == [round(units) for units in frame["New"]]
    stacked = orders.orders_figure(plan, view, LIGHT, "")
    assert [trace["name"] for trace in stacked["data"]][0] == "Overdue" and len(stacked["data"]) == 4
    item = dependent.item_figure(plan, view, LIGHT, "F", "")
    assert sum(item["data"][1]["y"]) == pytest.approx(plan.demand.dependent[F].sum(), abs=len(view.periods))
    ranges = lifecycle.elasticity_figure(plan, view, LIGHT, "")["data"][0]
    assert len(ranges["x"]) == len(ranges["error_x"]["array"])


def test_a_backlog_without_prices_is_told_in_units_only(plan: Plan, view: View) -> None:
    blank = np.full(plan.finance.price.shape, np.nan)
    table = orders.backlog_table(replace(plan, finance=replace(plan.finance, price=blank)), view)
    priced = orders.backlog_table(plan, view)
    assert table[["overdue", "open orders"]].isna().all(axis=None) and priced["open orders"].notna().all()
    assert table["open units"].sum() == priced["open units"].sum() > 0
