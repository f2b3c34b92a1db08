"""Assumptions held against actuals: each measure written a second time, the status, what leans on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.assumptions.assumption import Assumption, assumptions_of
from sop_engine.assumptions.checked import BROKEN, HOLDS, NOT_LOADED, WAITING, WORDS_ONLY, Checked, check
from sop_engine.inputs import read_inputs
from sop_engine.inputs.performance import PastSupply
from sop_engine.plan import Plan
from sop_engine.records import of_cycle, open_cycle
from sop_engine.records.assumptions import add_assumption
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse, load
from tests.plans import made_up_plan, small_inputs
from tests.tables import AT, frame, loaded, small_tables

BY = {"who": "Ann", "at": AT}
AUTUMN = {"first": date(2013, 10, 1), "last": date(2013, 12, 31)}
ACROSS = {"first": date(2013, 11, 1), "last": date(2014, 3, 1)}


@cache
def plan() -> Plan:
    """The small company: A in Bikes and B in Caps, history that grows by 1 % a month, two prices."""
    inputs = small_inputs()
    growth = 1.01 ** np.arange(inputs.calendar.now)
    history = inputs.demand.history * growth
    demand = replace(inputs.demand, history=history, revenue_history=history * 10)
    return made_up_plan(replace(inputs, demand=demand))


def one(found: Plan | None = None, past: PastSupply | None = None, **said: object) -> Checked:
    start = {"assumption_id": "A1", "cycle": "2014-01", "text": "t", "tolerance_pct": 5.0, "expected": 100.0}
    (checked,) = check(found or plan(), [Assumption(**{**start, **said})], past)
    return checked


def cells(product: str = "", market: str = "") -> Iterator[tuple[int, int]]:
    inputs = plan().inputs
    for p, label in enumerate(inputs.products.labels):
        for m, place in enumerate(inputs.markets.labels):
            if product in ("", label) and market in ("", place):
                yield p, m


def test_demand_is_the_average_of_its_months_and_the_plan_that_of_those_to_come() -> None:
    found = one(measure="demand_units", family="Cycles", market="East", **ACROSS)
    inputs, now = plan().inputs, plan().inputs.calendar.now
    came = [
        sum(np.nan_to_num(inputs.demand.history[p, m, t]) for p, m in cells("A", "East"))
        for t in (now - 2, now - 1)
    ]
    comes = [sum(plan().demand.unconstrained[p, m, t] for p, m in cells("A", "East")) for t in (0, 1, 2)]
    assert found.actual == pytest.approx(sum(came) / 2)
    assert found.planned == pytest.approx(sum(comes) / 3)
    assert found.values[list(found.span)] == pytest.approx([*came, *comes])


def test_average_price_is_revenue_over_units_and_revenue_an_average_month() -> None:
    inputs, finance = plan().inputs, plan().finance
    price = one(measure="average_price", market="West", **ACROSS)
    revenue = one(measure="revenue", market="West", **ACROSS)
    past = slice(inputs.calendar.now - 2, inputs.calendar.now)
    money = sum(np.nansum(inputs.demand.revenue_history[p, m, past]) for p, m in cells(market="West"))
    units = sum(np.nansum(inputs.demand.history[p, m, past]) for p, m in cells(market="West"))
    assert (revenue.actual, price.actual) == pytest.approx((money / 2, money / units))
    coming = [(p, m) for p, m in cells(market="West") if plan().inputs.products.sellable[p]]
    money = sum(finance.revenue[p, m, :3].sum() for p, m in coming)
    assert revenue.planned == pytest.approx(money / 3)
    assert price.planned == pytest.approx(money / sum(finance.delivered[p, m, :3].sum() for p, m in coming))


def test_rates_and_costs_are_those_that_held() -> None:
    rate = one(measure="exchange_rate", currency="EUR", expected=1.3, **ACROSS)
    assert (rate.actual, rate.planned, rate.status) == (1.3, pytest.approx(1.3), HOLDS)
    cost = one(measure="unit_cost", expected=8.0, **AUTUMN)
    weights = {
        product: sum(np.nansum(plan().inputs.demand.history[p, m, -3:]) for p, m in cells(product))
        for product in ("A", "B")
    }
    assert cost.actual == pytest.approx((6 * weights["A"] + 12 * weights["B"]) / sum(weights.values()))
    part = one(measure="unit_cost", product="F", expected=2.0, **AUTUMN)
    assert part.actual == 2.0  # never sold, so nothing weighs its months but themselves


def test_a_rate_that_nobody_stated_then_is_not_known() -> None:
    early = {"first": date(2013, 1, 1), "last": date(2013, 6, 1)}
    found = one(measure="exchange_rate", currency="EUR", **early)
    assert found.status == WAITING and np.isnan(found.actual)


def deliveries(*rows: tuple) -> PastSupply:
    columns = "order product market ship_date due ordered_units shipped_units bucket"
    known = frame(columns, *rows).assign(due=lambda t: pd.to_datetime(t["due"]))
    nothing = pd.DataFrame()
    return PastSupply(nothing, known, nothing, nothing)


def test_on_time_counts_units_by_their_date_in_scope_only() -> None:
    last = plan().inputs.calendar.now - 1
    past = deliveries(
        ("1", "A", "East", "2013-12-03", "2013-12-05", 10, 10, last),
        ("2", "A", "East", "2013-12-09", "2013-12-05", 30, 30, last),
        ("3", "B", "East", "2013-12-09", "2013-12-05", 99, 99, last),
    )
    found = one(past=past, measure="on_time_pct", product="A", expected=90.0, **ACROSS)
    assert (found.actual, found.status) == (25.0, BROKEN)
    supply, demand = plan().supply, plan().demand.unconstrained
    assert found.planned == pytest.approx(100 * supply.on_time[0, :, :3].sum() / demand[0, :, :3].sum())
    without = one(measure="on_time_pct", product="A", **ACROSS)
    assert without.status == WAITING and "delivery_history" in without.why


@pytest.mark.parametrize(
    ("off", "status"), [(0.0, HOLDS), (5.0, HOLDS), (-5.0, HOLDS), (5.1, BROKEN), (-5.1, BROKEN)]
)
def test_it_breaks_outside_its_band_only(off: float, status: str) -> None:
    actual = one(measure="demand_units", **AUTUMN).actual
    found = one(measure="demand_units", expected=actual / (1 + off / 100), **AUTUMN)
    assert found.status == status
    assert found.assumption.difference_pct(found.actual) == pytest.approx(off)


def test_what_cannot_be_held_against_anything_says_why() -> None:
    coming = one(measure="demand_units", first=date(2014, 2, 1), last=date(2014, 4, 1))
    assert (coming.status, coming.why) == (WAITING, "None of its months has passed yet.")
    assert one().status == WORDS_ONLY
    gone = one(measure="demand_units", family="Trikes", **AUTUMN)
    assert gone.status == NOT_LOADED and "Trikes" in gone.why
    assert one(measure="exchange_rate", currency="CHF", **AUTUMN).status == NOT_LOADED


def test_a_blank_actual_is_not_zero() -> None:
    history = plan().inputs.demand.history.copy()
    history[0, :, :-2] = np.nan
    demand = replace(plan().inputs.demand, history=history)
    found = one(
        replace(plan(), inputs=replace(plan().inputs, demand=demand)),
        measure="demand_units",
        product="A",
        **AUTUMN,
    )
    assert found.actual == pytest.approx(history[0, :, -2:].sum() / 2)


def test_the_families_and_the_money_of_the_months_to_come_lean_on_it() -> None:
    found, finance = one(measure="demand_units", market="East", **ACROSS), plan().finance
    assert [family.family for family in found.leaning] == ["Bikes", "Caps"]
    bikes = found.leaning[0]
    revenue, cost = finance.revenue[0, 0, :3].sum(), finance.standard_cost[0, 0, :3].sum()
    assert (bikes.revenue, bikes.gross_margin) == pytest.approx((revenue, revenue - cost))
    over = one(measure="demand_units", **AUTUMN)
    assert len(over.ahead) == plan().inputs.calendar.horizon
    assert over.revenue == pytest.approx(finance.revenue[:, :, :12].sum())


def test_what_is_made_with_a_part_leans_on_its_cost() -> None:
    assert {one.family for one in one(measure="unit_cost", product="F", **AUTUMN).leaning} == {
        "Bikes",
        "Caps",
    }


def test_the_plan_may_say_otherwise_while_actuals_hold() -> None:
    plain = one(measure="demand_units", **ACROSS)
    found = one(measure="demand_units", expected=plain.actual, tolerance_pct=0.001, **ACROSS)
    assert (found.status, found.departs) == (HOLDS, True)
    assert not one(measure="demand_units", expected=plain.planned, **ACROSS).departs


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_order_of_rows_and_records_changes_nothing(data: st.DataObject) -> None:
    past = deliveries(
        *(
            (str(at), "A", "East", "2013-12-03", "2013-12-05", 10 + at, at, plan().inputs.calendar.now - 1)
            for at in range(5)
        )
    )
    order = data.draw(st.permutations(range(5)))
    shuffled = replace(past, deliveries=past.deliveries.iloc[list(order)])
    asked = [
        Assumption(
            f"A{at}", "2014-01", "t", measure, market="East", expected=50.0, tolerance_pct=5.0, **AUTUMN
        )
        for at, measure in enumerate(("demand_units", "revenue", "average_price", "on_time_pct"))
    ]
    mixed = data.draw(st.permutations(asked))
    told = [
        [
            (found.assumption, found.status, found.actual, found.leaning)
            for found in check(plan(), rows, lines)
        ]
        for rows, lines in ((asked, past), (mixed, shuffled))
    ]
    assert told[0] == told[1]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["demand_units", "revenue"]),
    st.integers(1, 12),
    st.lists(st.floats(0, 1e4), min_size=6, max_size=6),
)
def test_markets_add_up_to_all_of_them(measure: str, back: int, scale: list[float]) -> None:
    inputs = plan().inputs
    factor = np.array(scale).reshape(3, 2, 1)
    demand = replace(
        inputs.demand,
        history=inputs.demand.history * factor,
        revenue_history=inputs.demand.revenue_history * factor,
    )
    changed = replace(plan(), inputs=replace(inputs, demand=demand))
    first = inputs.calendar.starts[inputs.calendar.now - back].item()
    span = {"first": first, "last": date(2013, 12, 1)}
    parts = [one(changed, measure=measure, market=market, **span).actual for market in ("East", "West")]
    assert sum(parts) == pytest.approx(one(changed, measure=measure, **span).actual)


def sales(changed: float | None = None) -> bytes:
    """The small company's history as a file; changed: units of A in East in December."""
    rows = small_tables()["sales_history"]
    if changed is not None:
        at = (rows["product"] == "A") & (rows["market"] == "East") & (rows["period"] == "2013-12-01")
        rows.loc[at, "units"] = changed
    return rows.to_csv(index=False).encode()


def held(warehouse: Warehouse) -> tuple[Checked, ...]:
    refresh(warehouse, **BY)
    inputs = read_inputs(warehouse)
    return check(made_up_plan(inputs), assumptions_of(of_cycle(warehouse, "assumption"), inputs.cycle), None)


def test_a_changed_actual_in_a_file_breaks_it_and_names_families_and_money() -> None:
    warehouse = loaded(small_tables())
    open_cycle(warehouse, "2014-01", **BY)
    add_assumption(
        warehouse,
        cycle="2014-01",
        text="Shops keep buying A",
        measure="demand_units",
        product="A",
        market="East",
        from_period=date(2013, 11, 1),
        to_period=date(2014, 2, 1),
        expected=100.0,
        tolerance_pct=10.0,
        **BY,
    )
    (before,) = held(warehouse)
    assert (before.status, before.actual) == (HOLDS, 100.0)
    load(warehouse, [("sales_history.csv", sales(changed=40.0))], **BY)
    (after,) = held(warehouse)
    assert (after.status, after.actual) == (BROKEN, 70.0)
    assert [family.family for family in after.leaning] == ["Bikes"]
    assert after.revenue > 0 and after.gross_margin > 0
    load(warehouse, [("sales_history.csv", sales())], **BY)
    assert held(warehouse)[0].status == HOLDS
    warehouse.close()
