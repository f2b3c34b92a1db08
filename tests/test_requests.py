"""The loop between reviews: asked, answered, carried out exactly, and measured on what supply can serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.demand_review.consensus import plan_demand
from sop_engine.errors import ConflictError, DataError, RecordError
from sop_engine.finance_review.baselines import plan_position
from sop_engine.finance_review.bridge import margin_bridge
from sop_engine.inputs import Inputs, read_inputs, settled, with_judgement
from sop_engine.inputs.judgement import Override
from sop_engine.inputs.reader import without_request
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan, adopted_levers, in_force, plan
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.records import add_lock, drop_override, of_cycle, open_cycle, sign_stage
from sop_engine.records.answers import answer_request, take_back_answer, withdraw_request
from sop_engine.records.process import place_finance
from sop_engine.records.requests import (
    address_request,
    included,
    raise_request,
    requests_until,
)
from sop_engine.refresh import refresh
from sop_engine.requests import asked_cells, measured, standing, unit_worth, units_for
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.model import compile_model, judged_since
from sop_engine.warehouse import Warehouse
from tests.plans import small_inputs
from tests.tables import AT, loaded, small_tables

CYCLE = "2014-01"
ANN, DORA = {"who": "Ann", "at": AT}, {"who": "Dora", "at": AT + timedelta(hours=1)}
SPAN = {"from_period": date(2014, 2, 1), "to_period": date(2014, 6, 1)}
SATURDAYS = Scenario((Lever("saturdays", 1, "Assembly"),))


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = loaded(small_tables())
    refresh(opened, **ANN)
    open_cycle(opened, CYCLE, **ANN, owners={"demand": "Dora"})
    yield opened
    opened.close()


def now(warehouse: Warehouse) -> Inputs:
    return with_judgement(read_inputs(warehouse), Tables(warehouse.read))


def asked(warehouse: Warehouse, **words: object) -> str:
    """A request of finance to demand for 900 of revenue with the bicycles, unless said otherwise."""
    what = {
        "from_stage": "finance",
        "to_stage": "demand",
        "title": "Close the gap",
        "reason": "Below budget",
        "measure": "revenue",
        "amount": 900.0,
        "family": "Bikes",
        **SPAN,
        **ANN,
    }
    return raise_request(warehouse, read_inputs(warehouse), **{**what, **words})


def accepted(warehouse: Warehouse, request_id: str, **words: object) -> str:
    said = {"status": "accepted", "answer": "Agreed", **DORA}
    return answer_request(warehouse, now(warehouse), request_id, **{**said, **words})


def row(warehouse: Warehouse, request_id: str) -> pd.Series:
    rows = requests_until(warehouse.read, CYCLE)
    return rows[rows["request_id"] == request_id].iloc[0]


def worth_of_demand(one: Plan) -> float:
    return float(np.nansum(one.finance.demand_value))


def freeze(warehouse: Warehouse, periods: int) -> None:
    with warehouse.transaction(**ANN, why="another frozen zone") as change:
        change.upsert("setting", {"name": "frozen_periods", "value": str(periods)})
    refresh(warehouse, **ANN)


def test_the_loop_as_a_controller_tries_it(warehouse: Warehouse) -> None:
    inputs = now(warehouse)
    model = compile_model(inputs)
    before = plan(inputs, BASELINE, model)
    budget = before.finance.budget
    gap = float(
        np.nansum(np.where(np.isnan(budget.revenue), np.nan, before.finance.revenue - budget.revenue))
    )
    assert gap < 0
    request_id = asked(warehouse, amount=-gap * 40, market="Shop")
    assert row(warehouse, request_id)["owner"] == "Dora"
    override_id = accepted(warehouse, request_id)
    kept = row(warehouse, request_id)
    assert kept["status"] == "accepted" and kept["override_id"] == override_id
    override = of_cycle(warehouse, "override").iloc[-1]
    assert override["kind"] == "add" and request_id in override["note"] and override["owner"] == "Dora"

    judged = now(warehouse)
    after = plan(judged, BASELINE, judged_since(model, judged))
    moved = worth_of_demand(after) - worth_of_demand(before)
    assert moved == pytest.approx(-gap * 40, rel=1e-9)

    cells = asked_cells(judged, "", "Bikes", "Shop", *SPAN.values())
    came = standing(before, after, cells, "revenue", float(kept["accepted_amount"]))
    served = float((after.finance.revenue - before.finance.revenue)[cells.index].sum())
    assert came.achieved == pytest.approx(served) and came.wanted == pytest.approx(moved, rel=1e-9)
    assert 0 < came.achieved < 0.9 * came.accepted and came.binds
    assert came.binds[0].words in came.words("revenue", "USD")
    estimate = [float(one.finance.revenue[:, :, : judged.calendar.horizon].sum()) for one in (before, after)]
    assert estimate[1] - estimate[0] < moved
    periods = np.arange(judged.calendar.horizon)
    bars = margin_bridge(
        plan_position("before", before.finance, periods), plan_position("after", after.finance, periods)
    )
    assert abs(bars.total["volume"]) > 1 and bars.end == pytest.approx(
        bars.start + sum(bars.total.values()), abs=1e-6
    )
    gone = without_request(judged, request_id, override_id)
    assert gone.version == inputs.version
    np.testing.assert_array_equal(
        plan(gone, BASELINE, judged_since(model, gone)).supply.flow, before.supply.flow
    )
    take_back_answer(warehouse, request_id, cycle=CYCLE, seen="accepted", reason="Too much", **DORA)
    assert row(warehouse, request_id)["status"] == "open" and now(warehouse).version == inputs.version


@pytest.mark.parametrize(
    ("measure", "amount", "scope"),
    [
        ("units", 37.5, {"family": "Bikes"}),
        ("units", -20.0, {"family": "", "product": "B"}),
        ("revenue", -1234.5, {"family": "", "market": "West"}),
        ("revenue", 3000.0, {"family": "", "product": "A", "from_period": date(2014, 1, 1)}),
        ("gross_margin", 250.0, {"family": "Cycles", "market": "East"}),
    ],
)
def test_what_is_accepted_moves_unconstrained_demand_exactly(
    warehouse: Warehouse, measure: str, amount: float, scope: dict
) -> None:
    request_id = asked(warehouse, measure=measure, amount=amount, **scope)
    before = plan(now(warehouse))
    part = amount / 2
    accepted(warehouse, request_id, status="part", accepted=part)
    after = plan(now(warehouse))
    unit = {
        "units": 1.0,
        "revenue": after.finance.price,
        "gross_margin": after.finance.price - after.finance.unit_cost[:, None, :],
    }[measure]
    moved = np.nansum((after.demand.unconstrained - before.demand.unconstrained) * unit)
    assert moved == pytest.approx(part, rel=1e-9)


def adding(inputs: Inputs, product: str, market: str, first: int, last: int) -> Override:
    """An override of so many units, none yet."""
    masks = inputs.products.group(product) & inputs.products.sellable, inputs.markets.group(market)
    return Override("O1", *masks, first, last, "add", 0.0, "fair", "Ann", created_at=AT)


@settings(max_examples=30, deadline=None)
@given(
    measure=st.sampled_from(["units", "revenue", "gross_margin"]),
    share=st.floats(-0.95, 3).filter(lambda share: abs(share) > 1e-4),
    product=st.sampled_from(["", "A", "B", "Bikes"]),
    market=st.sampled_from(["", "East", "West"]),
    first=st.integers(1, 6),
    length=st.integers(0, 5),
)
def test_whatever_is_asked_the_units_bring_exactly_that_amount(
    measure: str, share: float, product: str, market: str, first: int, length: int
) -> None:
    inputs = small_inputs()
    override = adding(inputs, product, market, first, first + length)
    portfolio = plan_portfolio(inputs, BASELINE)
    worth = unit_worth(inputs, BASELINE, measure)

    def held(data: Inputs) -> float:
        units = plan_demand(data, BASELINE, portfolio).unconstrained * worth
        return float(
            units[np.ix_(override.products, override.markets)][:, :, first : first + length + 1].sum()
        )

    before = held(inputs)
    units = units_for(inputs, override, measure, share * before)
    judged = replace(inputs, demand=replace(inputs.demand, overrides=(replace(override, value=units),)))
    assert held(judged) - before == pytest.approx(share * before, rel=1e-8)


def test_open_orders_swallow_what_is_forecast_below_them_and_the_amount_still_holds(
    warehouse: Warehouse,
) -> None:
    """150 of A are on order for East in January, where 100 are forecast: the first 50 more move nothing."""
    freeze(warehouse, 0)
    scope = {"family": "", "product": "A", "market": "East"}
    request_id = asked(
        warehouse,
        measure="units",
        amount=30.0,
        **scope,
        from_period=date(2014, 1, 1),
        to_period=date(2014, 1, 1),
    )
    before = plan(now(warehouse)).demand
    accepted(warehouse, request_id)
    after = plan(now(warehouse)).demand
    assert (after.unconstrained - before.unconstrained).sum() == pytest.approx(30, rel=1e-9)
    assert after.consensus.sum() - before.consensus.sum() > 70


def test_locked_cells_stay_and_others_take_the_whole_amount(warehouse: Warehouse) -> None:
    add_lock(warehouse, now(warehouse), product="A", reason="Agreed", **SPAN, who="Ben", at=AT)
    request_id = asked(warehouse)
    before = plan(now(warehouse))
    accepted(warehouse, request_id)
    after = plan(now(warehouse))
    assert worth_of_demand(after) - worth_of_demand(before) == pytest.approx(900, rel=1e-9)
    np.testing.assert_array_equal(after.demand.unconstrained[0], before.demand.unconstrained[0])


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"amount": -1e7}, "can give up"),
        ({"family": "Frames"}, "no cell"),
        ({"from_period": date(2014, 1, 1), "to_period": date(2014, 1, 1)}, "past or frozen"),
    ],
)
def test_what_the_scope_cannot_hold_is_refused_and_nothing_is_written(
    warehouse: Warehouse, words: dict, why: str
) -> None:
    freeze(warehouse, 1)
    request_id = asked(warehouse, **words)
    with pytest.raises(RecordError, match=why):
        accepted(warehouse, request_id)
    assert row(warehouse, request_id)["status"] == "open" and of_cycle(warehouse, "override").empty


def test_a_scope_that_is_locked_whole_names_who_holds_it(warehouse: Warehouse) -> None:
    add_lock(warehouse, now(warehouse), family="Bikes", reason="Agreed", **SPAN, who="Ben", at=AT)
    request_id = asked(warehouse)
    with pytest.raises(RecordError, match="locked: 2014-01-L1 of Ben"):
        accepted(warehouse, request_id)


def test_a_margin_that_no_unit_earns_is_refused(warehouse: Warehouse) -> None:
    with warehouse.transaction(**ANN, why="dear") as change:
        change.update("unit_cost", {"product": "B"}, {"unit_cost": 50.0})
    request_id = asked(warehouse, measure="gross_margin", family="", product="B")
    with pytest.raises(RecordError, match="a unit earns nothing"):
        accepted(warehouse, request_id)


def test_an_answer_given_meanwhile_wins(warehouse: Warehouse) -> None:
    request_id = asked(warehouse)
    accepted(warehouse, request_id, status="rejected")
    with pytest.raises(ConflictError, match="is now 'rejected'"):
        accepted(warehouse, request_id)
    assert row(warehouse, request_id)["accepted_amount"] == 0 and of_cycle(warehouse, "override").empty


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"amount": 0.0}, "asks for nothing"),
        ({"amount": np.nan}, "asks for nothing"),
        ({"measure": "luck"}, "no measure"),
        ({"to_stage": "finance"}, "cannot ask itself"),
        ({"to_stage": "sales"}, "no review"),
        ({"title": " "}, "What is asked is blank"),
        ({"reason": ""}, "The reason is blank"),
        ({"from_period": date(2014, 7, 1)}, "Swap them"),
        ({"from_period": date(2013, 1, 1), "to_period": date(2013, 3, 1)}, "holds no month"),
        ({"product": "A"}, "Name one of them"),
    ],
)
def test_a_request_that_asks_nothing_clear_is_refused(warehouse: Warehouse, words: dict, why: str) -> None:
    with pytest.raises(RecordError, match=why):
        asked(warehouse, **words)
    with pytest.raises(DataError):
        asked(warehouse, family="Boats")


def test_a_part_is_smaller_and_of_the_same_sign(warehouse: Warehouse) -> None:
    request_id = asked(warehouse)
    for part in (None, 900.0, -100.0, 0.0):
        with pytest.raises(RecordError, match="lies between 0 and that"):
            accepted(warehouse, request_id, status="part", accepted=part)
    with pytest.raises(RecordError, match="reason of the answer is blank"):
        accepted(warehouse, request_id, answer=" ")


def test_a_top_side_line_stays_out_of_the_volumes_until_a_review_owns_and_accepts_it(
    warehouse: Warehouse,
) -> None:
    before = now(warehouse)
    request_id = asked(warehouse, to_stage="")
    assert now(warehouse).version == before.version and row(warehouse, request_id)["owner"] == ""
    with pytest.raises(RecordError, match="nobody owns"):
        accepted(warehouse, request_id)
    with pytest.raises(RecordError, match="cannot ask itself"):
        address_request(warehouse, request_id, "finance", cycle=CYCLE, **ANN)
    address_request(warehouse, request_id, "demand", cycle=CYCLE, due=date(2014, 1, 20), **ANN)
    with pytest.raises(ConflictError):
        address_request(warehouse, request_id, "supply", cycle=CYCLE, **ANN)
    assert row(warehouse, request_id)["owner"] == "Dora"
    accepted(warehouse, request_id)
    assert now(warehouse).version != before.version


def test_withdrawing_takes_the_override_out_and_an_override_withdrawn_by_hand_does_not_stop_it(
    warehouse: Warehouse,
) -> None:
    before = now(warehouse).version
    first, second = asked(warehouse), asked(warehouse, amount=100.0)
    accepted(warehouse, first)
    by_hand = accepted(warehouse, second, at=AT + timedelta(hours=2))
    drop_override(warehouse, by_hand, reason="No", **DORA)
    assert list(included(now(warehouse), requests_until(warehouse.read, CYCLE))["request_id"]) == [first]
    for one in (first, second):
        withdraw_request(warehouse, one, cycle=CYCLE, seen="accepted", reason="Over", **ANN)
        with pytest.raises(ConflictError, match="withdrawn already"):
            withdraw_request(warehouse, one, cycle=CYCLE, seen="accepted", reason="Over", **ANN)
    assert now(warehouse).version == before


def adopting(warehouse: Warehouse, scenario: Scenario = SATURDAYS, to_stage: str = "supply") -> str:
    request_id = asked(warehouse, to_stage=to_stage, measure="units", amount=300.0)
    accepted(warehouse, request_id, levers=scenario)
    return request_id


def test_adopted_levers_are_part_of_every_plan_in_place_as_from_scratch(warehouse: Warehouse) -> None:
    bare = now(warehouse)
    model = compile_model(bare)
    plan(bare, Scenario((Lever("demand", 30),)), model)
    request_id = adopting(warehouse)
    judged = now(warehouse)
    assert judged.version != bare.version and judged.version.split("-")[0] == bare.version.split("-")[0]
    in_place, fresh = plan(judged, BASELINE, judged_since(model, judged)), plan(judged)
    np.testing.assert_array_equal(in_place.supply.flow, fresh.supply.flow)
    assert in_place.scenario is BASELINE and in_force(judged, BASELINE) == SATURDAYS
    tried = plan(bare, SATURDAYS, model)
    np.testing.assert_array_equal(in_place.supply.flow, tried.supply.flow)
    np.testing.assert_array_equal(in_place.finance.gross_margin, tried.finance.gross_margin)
    more = Scenario((Lever("demand", 20),))
    np.testing.assert_array_equal(
        plan(judged, more, judged_since(model, judged)).supply.flow, plan(judged, more).supply.flow
    )
    assert settled(judged).version == settled(bare).version and not settled(judged).adopted
    assert without_request(judged, request_id, "").version == bare.version


def test_of_one_scope_the_scenario_counts_and_a_later_request_before_an_earlier(warehouse: Warehouse) -> None:
    adopting(warehouse, Scenario((Lever("capacity", 10, "Assembly"),)))
    second = asked(warehouse, to_stage="supply", measure="hours", amount=5.0)
    later = Scenario((Lever("capacity", 20, "Assembly"), Lever("saturdays", 1, "Assembly")))
    accepted(warehouse, second, levers=later, at=AT + timedelta(hours=3))
    judged = now(warehouse)
    assert set(adopted_levers(judged)) == set(later.levers)
    tried = Lever("capacity", -5, "Assembly")
    assert set(in_force(judged, Scenario((tried,), "x")).levers) == {tried, *SATURDAYS.levers}


def test_adopted_levers_of_an_earlier_cycle_stay_and_what_is_past_or_gone_falls_out(
    warehouse: Warehouse,
) -> None:
    levers = (
        Lever("capacity", 10, "Assembly", first="2014-01", last="2014-06"),
        Lever("saturdays", 1, "Assembly", last="2014-01"),
    )
    adopting(warehouse, Scenario(levers))
    judged = now(warehouse)
    assert set(adopted_levers(judged)) == set(levers)
    february = replace(judged.calendar, now=judged.calendar.now + 1)
    later = replace(judged, calendar=february, cycle="2014-02")
    assert adopted_levers(later) == {replace(levers[0], first=""): "2014-01-R1"}
    assert settled(later).adopted == judged.adopted
    gone = replace(judged.adopted[0], levers=Scenario((Lever("capacity", 5, "Mill"),)).to_json())
    assert adopted_levers(replace(judged, adopted=(gone,))) == {}


def test_a_review_carries_out_by_its_own_levers_only(warehouse: Warehouse) -> None:
    request_id = asked(warehouse, to_stage="supply")
    with pytest.raises(RecordError, match="no lever of the Supply review"):
        accepted(warehouse, request_id, levers=Scenario((Lever("freight", 5),)))
    with pytest.raises(RecordError, match="moves no lever"):
        accepted(warehouse, request_id, status="rejected", levers=SATURDAYS)
    assert accepted(warehouse, request_id) == "" and now(warehouse).adopted == ()


@pytest.mark.parametrize("measure", ["units", "revenue", "gross_margin", "inventory", "cost", "hours"])
def test_a_measure_adds_up_over_scopes_and_stands_in_the_statement(
    warehouse: Warehouse, measure: str
) -> None:
    one = plan(now(warehouse))
    parts = sum(
        measured(one, measure, asked_cells(one.inputs, product, "", "", *SPAN.values())) for product in "ABF"
    )
    whole = measured(one, measure, asked_cells(one.inputs, "", "", "", *SPAN.values()))
    span, finance = slice(1, 6), one.finance
    twin = {
        "units": (one.supply.on_time + one.supply.late)[:, :, span].sum(),
        "revenue": finance.revenue[:, :, span].sum(),
        "gross_margin": (finance.revenue - finance.standard_cost)[:, :, span].sum(),
        "inventory": finance.inventory_value[:, 5].sum(),
        "cost": finance.standard_cost[:, :, span].sum()
        + sum(cost[span].sum() for cost in finance.choice_costs.values()),
        "hours": one.supply.load[:, span].sum(),
    }[measure]
    assert whole == pytest.approx(float(twin))
    choices = sum(cost[span].sum() for cost in finance.choice_costs.values()) if measure == "cost" else 0.0
    assert parts == pytest.approx(whole - choices)


def test_a_signed_consensus_names_the_requests_it_includes(warehouse: Warehouse) -> None:
    request_id = asked(warehouse)
    accepted(warehouse, request_id)
    sign_stage(warehouse, plan(now(warehouse)), "demand", assumptions="No strike", **DORA)
    said = of_cycle(warehouse, "sign_off").iloc[-1]["assumptions"].splitlines()
    assert said == [
        "No strike",
        f"Includes request {request_id} of the Finance review: Close the gap, accepted +900 USD of revenue",
    ]


def test_finance_asks_when_its_place_in_the_cycle_allows(warehouse: Warehouse) -> None:
    with pytest.raises(RecordError, match="no place of finance"):
        place_finance(warehouse, CYCLE, "never", seen="both", reason="x", **ANN)
    place_finance(warehouse, CYCLE, "stage", seen="both", reason="Small company", **ANN)
    with pytest.raises(RecordError, match="has not begun"):
        asked(warehouse)
    with pytest.raises(ConflictError):
        place_finance(warehouse, CYCLE, "continuous", seen="both", reason="x", **ANN)
    place_finance(warehouse, CYCLE, "continuous", seen="stage", reason="Always on", **ANN)
    assert asked(warehouse) and of_cycle(warehouse, "cycle")["finance"][0] == "continuous"
