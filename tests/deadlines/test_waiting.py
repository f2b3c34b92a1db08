"""What waiting costs, against a model compiled from scratch with what was started fixed by bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.deadlines.waiting import carried_out, decided_later, find_deadlines
from sop_engine.plan import plan
from sop_engine.remedies.change import change_between
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.supply_review.compiled import LiveModel, extract
from sop_engine.supply_review.layout import figures
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.statement import state
from sop_engine.supply_review.timing import find_timing
from tests.deadlines.companies import JULY, PROMOTION, deadline_of, just_in_time, solved
from tests.supply_review.companies import two_stores

STRAINED = two_stores()
OPTIONS = (
    Scenario((Lever("capacity", 20, target="Line"),), "Hours"),
    Scenario((Lever("saturdays", 1, target="Line", last="2014-05"),), "Saturdays"),
    Scenario((Lever("demand", 15, target="A", first="2014-03", last="2014-04"),), "More"),
    Scenario((Lever("supplier_limit", 60, target="Vendor"),), "Vendor"),
)


def scratch_objective(model: SupplyModel, nothing: object, later: object, until: int) -> float:
    """The optimum of a model stated anew, each flow that do-nothing begins before `until` held by hand."""
    inputs, structure, layout = model.inputs, model.structure, model.layout
    request = model.request(later.scenario, later.demand)
    home = model.solve(model.request(nothing.levers, nothing.demand)).x
    timing = find_timing(inputs.calendar, request.lead_days)
    same_line = (
        request.line[:, : inputs.calendar.frozen]
        == model.request(nothing.levers, nothing.demand).line[:, : inputs.calendar.frozen]
    ).all(axis=1)
    frozen = figures(
        inputs,
        structure,
        layout,
        model.penalties,
        request,
        timing,
        home,
        timing,
        same_line,
        inputs.calendar.frozen,
    )
    lower, upper = frozen.lower.copy(), frozen.upper.copy()
    columns = layout.flows(timing)
    for edge in range(columns.shape[0]):
        for period in range(columns.shape[1]):
            if timing.start[edge, period] >= 0 and timing.begun[edge, period] < until:
                column = columns[edge, period]
                lower[column] = upper[column] = max(home[column], 0.0)
    numbers = replace(frozen, lower=lower, upper=upper)
    matrix, numbers = extract(*state(inputs, structure, layout, numbers, timing))
    return LiveModel(matrix, numbers).solve_cold().objective


@pytest.mark.parametrize("option", OPTIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("waited", [1, 2, 4])
def test_a_later_decision_is_what_a_model_from_scratch_finds(option: Scenario, waited: int) -> None:
    model, nothing, _ = solved(STRAINED)
    later = decided_later(STRAINED, option, waited, carried_out(model, nothing, waited))
    twin = scratch_objective(model, nothing, later, STRAINED.calendar.frozen + waited)
    assert later.supply.objective == pytest.approx(twin, rel=1e-6)


def test_what_was_started_until_then_is_do_nothings() -> None:
    model, nothing, _ = solved(STRAINED)
    later = decided_later(STRAINED, OPTIONS[0], 3, carried_out(model, nothing, 3))
    np.testing.assert_allclose(later.supply.flow[:, :4], nothing.supply.flow[:, :4], atol=1e-5)
    assert not np.allclose(later.supply.flow, nothing.supply.flow)


def test_no_delay_is_the_option() -> None:
    model, nothing, options = solved(STRAINED, *OPTIONS)
    periods = np.arange(4)
    for option, deadline in zip(
        options, find_deadlines(nothing, options, model, {"near": periods}, most=1), strict=True
    ):
        assert deadline.delays[0].spans["near"] == change_between(nothing, option, periods)
        whole = change_between(nothing, option, np.arange(STRAINED.calendar.horizon))
        assert deadline.delays[0].whole == whole
        assert deadline.effect(0) == (getattr(whole, deadline.measure) if deadline.measure else 0.0)


def test_waiting_never_helps_what_the_plan_is_solved_for() -> None:
    """The lever acts in July however late: only what is started meanwhile differs, so it gets worse."""
    inputs = just_in_time(60.0)
    model, nothing, (option,) = solved(inputs, PROMOTION)
    objectives = [option.supply.objective] + [
        decided_later(inputs, PROMOTION, waited, carried_out(model, nothing, waited)).supply.objective
        for waited in range(1, 6)
    ]
    assert all(
        late >= soon - 1e-6 * abs(soon) for soon, late in zip(objectives, objectives[1:], strict=False)
    )
    assert objectives[-1] > objectives[0] + 1


@pytest.mark.parametrize("lead", [0.0, 30.0, 60.0, 90.0])
def test_the_cost_of_delay_is_never_negative_where_one_customer_is_served(lead: float) -> None:
    deadline = deadline_of(just_in_time(lead))
    effects = [deadline.effect(waited) for waited in range(len(deadline.delays))]
    assert all(late <= soon + deadline.tolerance for soon, late in zip(effects, effects[1:], strict=False))
    assert effects[0] == pytest.approx(30 * (100 - 60)) and effects[-1] == pytest.approx(0, abs=1)


def test_a_longer_lead_time_of_the_data_moves_the_deadline() -> None:
    found = [deadline_of(just_in_time(lead)) for lead in (0.0, 30.0, 60.0, 90.0)]
    assert [one.full for one in found] == [one.half for one in found] == [5, 4, 3, 2]
    assert [one.gone for one in found] == [6, 5, 4, 3]


def test_a_shorter_lead_time_by_a_lever_moves_the_deadline() -> None:
    fast = Scenario((JULY, Lever("supplier_lead_time", -30, target="Vendor")), "Faster")
    assert (deadline_of(just_in_time(60.0)).full, deadline_of(just_in_time(60.0), fast).full) == (3, 4)


def test_the_binding_is_the_order_that_has_to_be_placed_first() -> None:
    inputs = just_in_time(60.0)
    deadline = deadline_of(inputs)
    binding, edges = deadline.binding, inputs.network.edges
    assert edges.labels[binding.edge] == "F | Vendor | Plant | buy"
    assert (binding.start, binding.arrival, binding.lead_days) == (4, 6, 60.0)
    assert binding.units == pytest.approx(30) and binding.lever is None


def test_a_lever_binds_where_it_is_what_comes_too_late() -> None:
    deadline = deadline_of(just_in_time(0.0), Scenario((Lever("price", 10),), "Price"))
    assert deadline.is_open or deadline.binding.lever.kind == "price"
    short = Scenario((Lever("price", 10, last="2014-02"),), "Price")
    deadline = deadline_of(just_in_time(0.0), short)
    assert deadline.binding.lever.kind == "price" and (deadline.full, deadline.gone) == (0, 1)


def test_more_must_be_left_where_the_share_is_larger() -> None:
    lasting = Scenario((Lever("price", 10),), "Price")
    found = [deadline_of(just_in_time(0.0), lasting, share) for share in (0.2, 0.5, 0.9)]
    assert found[0].half >= found[1].half >= found[2].half == found[2].full == 0
    shares = [found[0].effect(waited) / found[0].effect(0) for waited in range(3)]
    np.testing.assert_allclose(shares, [1, 6 / 7, 5 / 7], rtol=1e-6)


def test_what_brings_nothing_has_no_deadline() -> None:
    idle = Scenario((Lever("overtime", 30, target="Line"),), "Idle hours")
    deadline = deadline_of(just_in_time(0.0), idle)
    assert deadline.measure == "" and deadline.gone is None and deadline.is_open


def test_options_do_not_depend_on_what_is_asked_beside_them() -> None:
    model, nothing, options = solved(STRAINED, *OPTIONS)
    together = find_deadlines(nothing, options, model, {}, most=3)
    alone = [find_deadlines(nothing, [one], compile_model(STRAINED), {}, most=3)[0] for one in options]
    for one, other in zip(together, alone, strict=True):
        assert (one.full, one.half, one.gone, one.measure) == (
            other.full,
            other.half,
            other.gone,
            other.measure,
        )
        for mine, its in zip(one.delays, other.delays, strict=True):
            assert mine.whole.gross_margin == pytest.approx(its.whole.gross_margin, abs=1e-3)


def test_the_plan_is_left_as_it_was() -> None:
    model, nothing, options = solved(STRAINED, OPTIONS[0])
    find_deadlines(nothing, options, model, {}, most=2)
    again = plan(STRAINED, BASELINE, model)
    np.testing.assert_array_equal(again.supply.flow, nothing.supply.flow)
