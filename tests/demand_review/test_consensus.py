"""The build-up of consensus demand against what a planner would work out by hand."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from sop_engine.demand_review.consensus import plan_demand, with_phase_outs
from sop_engine.inputs import Inputs, read_inputs
from sop_engine.inputs.events import Event
from sop_engine.inputs.judgement import Override, StreamLine
from sop_engine.inputs.lifecycle import Launch, PhaseOut
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.refresh import refresh
from sop_engine.scenario import Lever, Scenario
from tests.tables import AT, loaded, small_tables

A, B = 0, 1
ALL_MARKETS = np.array([True, True])


@pytest.fixture(scope="module")
def inputs() -> Iterator[Inputs]:
    """The small company with a baseline of exactly 100, 20, 50 and 10 units a month and no orders."""
    tables = small_tables()
    del tables["order_book"]
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    read = read_inputs(warehouse)
    units = np.zeros_like(read.demand.baseline.units)
    units[A, 0], units[A, 1], units[B, 0], units[B, 1] = 100, 20, 50, 10
    yield changed(read, baseline=replace(read.demand.baseline, units=units))
    warehouse.close()


def changed(inputs: Inputs, **demand: object) -> Inputs:
    return replace(inputs, demand=replace(inputs.demand, **demand))


def planned(inputs: Inputs, *levers: Lever):
    scenario = Scenario(levers)
    return plan_demand(inputs, scenario, plan_portfolio(inputs, scenario))


def scope(product: int, inputs: Inputs) -> np.ndarray:
    return np.arange(len(inputs.products)) == product


def launch_of(product: int, **terms: object) -> Launch:
    base = dict(
        project="P1",
        product=product,
        like=A,
        scale=0.5,
        launch=3,
        baseline_launch=2,
        in_plan=True,
        probability=0.6,
        ramp=2,
        cannibalises=(),
        cannibalisation=0.0,
        gate="3",
        business_case_units=0.0,
        capex=0.0,
        owner="",
    )
    return Launch(**(base | terms))


def test_without_anything_else_the_baseline_is_the_plan(inputs: Inputs) -> None:
    plan = planned(inputs)
    assert np.array_equal(plan.unconstrained, inputs.demand.baseline.units)
    assert all(not delta.any() for name, delta in plan.steps.items() if name != "Statistical baseline")


def test_the_steps_add_up_to_the_plan(inputs: Inputs) -> None:
    busy = changed(
        inputs,
        launches=(launch_of(B, cannibalises=(A,), cannibalisation=0.3),),
        events=(Event("Fair", scope(A, inputs), ALL_MARKETS, 1, 2, 10.0, 30.0, 500.0, ""),),
        overrides=(Override("o", scope(A, inputs), ALL_MARKETS, 1, 4, "pct", -5.0, "", ""),),
    )
    plan = planned(busy, Lever("demand", 10, market="East"))
    assert np.allclose(sum(plan.steps.values()), plan.unconstrained, atol=1e-9)


def test_a_launch_ramps_to_its_share_of_the_like_product(inputs: Inputs) -> None:
    plan = planned(changed(inputs, launches=(launch_of(B),)))
    assert list(plan.steps["Launches"][B, 0, :6]) == [0, 0, 0, 25, 50, 50]


def test_cannibalised_units_come_out_of_the_victim(inputs: Inputs) -> None:
    plan = planned(changed(inputs, launches=(launch_of(B, cannibalises=(A,), cannibalisation=0.4),)))
    assert list(plan.steps["Cannibalisation"][A, 0, 2:5]) == [0, -10, -20]


def test_a_launch_taken_out_equals_no_launch_and_so_does_a_slip_beyond_the_plan(inputs: Inputs) -> None:
    without = planned(changed(inputs, launches=(launch_of(B, in_plan=False),)))
    out = planned(changed(inputs, launches=(launch_of(B),)), Lever("launch_in", 0, target="P1"))
    late = planned(
        changed(inputs, launches=(launch_of(B, launch=inputs.calendar.periods - 1),)),
        Lever("launch_slip", 6, target="P1"),
    )
    assert np.array_equal(out.unconstrained, without.unconstrained)
    assert np.array_equal(late.unconstrained, without.unconstrained)


def test_a_slip_moves_the_launch(inputs: Inputs) -> None:
    plan = planned(changed(inputs, launches=(launch_of(B),)), Lever("launch_slip", 2, target="P1"))
    assert list(plan.steps["Launches"][B, 0, :7]) == [0, 0, 0, 0, 0, 25, 50]


def test_a_successor_that_ends_itself_hands_on_its_own_demand_alone() -> None:
    units = np.full((3, 1, 4), 10.0)
    active = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]], dtype=bool)
    moved = with_phase_outs(units, (PhaseOut(0, 1, 1, 0.5), PhaseOut(1, 2, 2, 0.5)), active)
    assert moved[:, 0].tolist() == [[10, 0, 0, 0], [10, 15, 0, 0], [10, 10, 15, 15]]


def test_a_phase_out_ends_demand_and_hands_a_share_to_the_successor(inputs: Inputs) -> None:
    plan = planned(changed(inputs, phase_outs=(PhaseOut(A, 4, B, 0.5),)))
    assert plan.unconstrained[A, 0, 3] == 100 and plan.unconstrained[A, 0, 4] == 0
    assert plan.unconstrained[B, 0, 4] == 50 + 50


def test_an_override_sets_adds_or_scales_its_scope_in_proportion(inputs: Inputs) -> None:
    def total(kind: str, value: float) -> np.ndarray:
        override = Override("o", scope(A, inputs), ALL_MARKETS, 2, 2, kind, value, "", "")
        return planned(changed(inputs, overrides=(override,))).unconstrained[A, :, 2]

    assert np.allclose(total("units", 240), [200, 40])
    assert np.allclose(total("add", -60), [50, 10])
    assert np.allclose(total("pct", 10), [110, 22])


def test_a_stream_moves_the_consensus_by_its_weight(inputs: Inputs) -> None:
    periods = np.arange(inputs.calendar.periods)
    said, nothing = np.where(periods == 5, 180.0, np.nan), np.full(periods.size, np.nan)
    line = StreamLine("sales", scope(A, inputs), ALL_MARKETS, said, nothing)
    plan = planned(changed(inputs, streams=(line,), stream_weights={"sales": 0.5}))
    assert plan.unconstrained[A, :, 5].sum() == pytest.approx(150)


def test_a_demand_lever_acts_in_its_scope_and_never_in_the_frozen_zone(inputs: Inputs) -> None:
    plan = planned(inputs, Lever("demand", 10, target="A", market="East", last="2014-03"))
    assert np.allclose(plan.unconstrained[A, 0, :4], [100, 110, 110, 100])
    assert np.array_equal(plan.unconstrained[A, 1], inputs.demand.baseline.units[A, 1])


def test_a_price_lever_moves_units_by_the_elasticity(inputs: Inputs) -> None:
    elastic = changed(inputs, elasticity=np.array([-2.0, np.nan, np.nan]))
    plan = planned(elastic, Lever("price", 5))
    assert plan.unconstrained[A, 0, 2] == pytest.approx(100 * 1.05**-2)
    assert plan.unconstrained[B, 0, 2] == 50


def test_orders_use_up_the_forecast_of_their_month(inputs: Inputs) -> None:
    """Reference: gross 350 a month, orders 130, 100, 80 leave a net forecast of 220, 250, 270."""
    units = np.zeros_like(inputs.demand.baseline.units)
    units[A, 0] = 350
    book = replace(
        inputs.demand.orders,
        labels=("1", "2", "3", "4"),
        product=np.zeros(4, dtype=int),
        market=np.zeros(4, dtype=int),
        period=np.array([0, 1, 2, 3]),
        overdue=np.zeros(4, dtype=bool),
        units=np.array([130.0, 100, 80, 400]),
        priority=np.full(4, np.nan),
        max_late=np.full(4, np.nan),
    )
    plan = planned(changed(inputs, baseline=replace(inputs.demand.baseline, units=units), orders=book))
    assert list((plan.unconstrained - plan.orders)[A, 0, :4]) == [220, 250, 270, 0]
    assert list(plan.unconstrained[A, 0, :4]) == [350, 350, 350, 400]


def test_overdue_orders_come_on_top_of_the_first_period(inputs: Inputs) -> None:
    book = replace(
        inputs.demand.orders,
        labels=("1",),
        product=np.array([A]),
        market=np.array([0]),
        period=np.array([0]),
        overdue=np.array([True]),
        units=np.array([30.0]),
        priority=np.array([np.nan]),
        max_late=np.array([np.nan]),
    )
    assert planned(changed(inputs, orders=book)).unconstrained[A, 0, 0] == 130


def test_dependent_demand_is_what_the_bill_needs_for_good_units(inputs: Inputs) -> None:
    """A needs 1.1 frames per start and half its starts are good; B needs 2 and all are."""
    assert np.allclose(planned(inputs).dependent[2], 120 * 1.1 / 0.5 + 60 * 2.0)


def test_events_cost_when_they_start(inputs: Inputs) -> None:
    event = Event("Fair", scope(A, inputs), ALL_MARKETS, 3, 4, 0.0, 60.0, 500.0, "")
    plan = planned(changed(inputs, events=(event,)), Lever("demand", 0, spend=70))
    assert plan.spend[3] == 500 and plan.spend[1] == 70
    assert np.allclose(plan.unconstrained[A, :, 3:5].sum(axis=0), 180), "60 units a period, in proportion"
