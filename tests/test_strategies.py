"""Strategies are plans valued as every plan is; what they earn, hold and change is counted a second time."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan, plan
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.strategies import CHASE, LEVEL, Strategy, at_pace, hybrid, measured, solve_strategies
from sop_engine.supply_review.model import SupplyModel, compile_model
from tests.remedies.companies import with_families
from tests.supply_review.companies import two_stores
from tests.supply_review.test_pace import LOW_THEN_HIGH, maker

PACES = (CHASE, LEVEL, hybrid(0.05))


@cache
def company() -> tuple[Plan, SupplyModel]:
    inputs = with_families(two_stores(), "Bikes", "Caps", "Frames")
    model = compile_model(inputs)
    return plan(inputs, BASELINE, model), model


@cache
def solved() -> dict[str, Strategy]:
    optimum, model = company()
    found = dict(zip(("chase", "level", "hybrid"), solve_strategies(optimum, PACES, model), strict=True))
    return {"optimum": measured(optimum), **found}


def by_hand(hours: float = 200.0) -> list[Strategy]:
    """The six days of 60 and 140 units at an hour, 20 of money and a price of 100 each."""
    inputs = maker(hours)
    optimum = plan(inputs)
    return [measured(optimum), *solve_strategies(optimum, (CHASE, LEVEL))]


def test_level_carries_the_stock_that_chase_saves_and_earns_that_much_less() -> None:
    optimum, chase, level = by_hand()
    assert chase.outcome.revenue == level.outcome.revenue == pytest.approx(60_000)
    assert level.outcome.stock_mean == pytest.approx(60 * 60) and chase.outcome.stock_mean == pytest.approx(0)
    assert (level.outcome.stock_peak, level.outcome.stock_end) == pytest.approx((120 * 60, 0))
    assert level.outcome.carrying == pytest.approx(360 * 60 * 0.15 / 365)
    assert chase.outcome.profit - level.outcome.profit == pytest.approx(level.outcome.carrying)
    assert (level.evenness.largest, level.evenness.added, level.evenness.cut) == pytest.approx((0, 0, 0))
    assert (chase.evenness.largest, chase.evenness.added, chase.evenness.cut) == pytest.approx((40, 80, 0))
    np.testing.assert_allclose(chase.load, [LOW_THEN_HIGH])
    np.testing.assert_allclose(chase.load, optimum.load)


def test_where_hours_are_short_chase_loses_what_level_builds_ahead() -> None:
    optimum, chase, level = by_hand(110.0)
    assert chase.outcome.lost == pytest.approx(90) and level.outcome.lost == pytest.approx(0, abs=1e-6)
    assert chase.outcome.fill_rate == pytest.approx(85) and level.outcome.fill_rate == pytest.approx(100)
    assert chase.outcome.gross_margin == pytest.approx(510 * (100 - 60))
    assert optimum.objective <= min(chase.objective, level.objective)


def test_no_strategy_pleases_the_model_more_than_the_optimum() -> None:
    best = solved()["optimum"].objective
    assert all(one.objective >= best - 1e-6 * abs(best) for one in solved().values())
    assert solved()["level"].objective > best + 1


def test_the_optimum_s_figures_are_those_of_the_plan() -> None:
    optimum, _ = company()
    card, found = scorecard(optimum, Window.ALL), solved()["optimum"].outcome
    assert found.fill_rate == pytest.approx(card.fill_rate_pct)
    assert (found.revenue, found.gross_margin) == pytest.approx((card.revenue, card.gross_margin))
    assert found.stock_end == pytest.approx(card.inventory_value)


@pytest.mark.parametrize("pace", PACES)
def test_figures_are_sums_over_the_reported_periods(pace: object) -> None:
    optimum, model = company()
    made = at_pace(optimum, model, pace)
    one, horizon = measured(made, pace), made.inputs.calendar.horizon
    edges, family = made.inputs.network.edges, made.inputs.products.family
    assert one.families == ("Bikes", "Caps", "Frames") and one.unit == ("hours",)
    for row, name in enumerate(one.families):
        rows = [e for e in range(len(edges.labels)) if family[edges.product[e]] == name]
        rows = [e for e in rows if edges.mode[e] in ("make", "subcontract")]
        np.testing.assert_allclose(one.made[row], made.supply.flow[rows, :horizon].sum(axis=0), atol=1e-9)
    value = (made.supply.stock.sum(axis=1) * made.finance.unit_cost)[:, :horizon]
    np.testing.assert_allclose(one.stock.sum(axis=0), value.sum(axis=0))
    np.testing.assert_allclose(one.load, made.supply.load[:, :horizon], atol=1e-9)
    assert one.outcome.carrying == pytest.approx(made.finance.choice_costs["carrying"][:horizon].sum())
    rate = one.load[0, 1:] / made.inputs.calendar.working_days[made.inputs.calendar.now + 1 :][: horizon - 1]
    assert one.evenness.largest >= 0 and np.isclose(rate.max(), rate.min(), atol=1e-6) == (pace == LEVEL)


def test_a_strategy_leaves_the_live_model_as_it_was() -> None:
    optimum, model = company()
    lever = Scenario((Lever("demand", 12),))
    before = plan(model.inputs, lever, model).supply
    list(solve_strategies(optimum, (LEVEL,), model))
    fresh = plan(model.inputs, lever, compile_model(model.inputs)).supply
    for field in fields(before):
        if isinstance(value := getattr(before, field.name), np.ndarray):
            np.testing.assert_array_equal(value, getattr(fresh, field.name), err_msg=field.name)


def test_strategies_of_a_scenario_serve_its_demand() -> None:
    optimum, model = company()
    more = plan(model.inputs, Scenario((Lever("demand", 10, target="A"),)), model)
    (level,) = solve_strategies(more, (LEVEL,), model)
    (same,) = solve_strategies(more, (LEVEL,))
    assert level.outcome == same.outcome and level.outcome != solved()["level"].outcome
    assert level.need.sum() > solved()["level"].need.sum()


def test_money_that_is_not_known_stays_unknown() -> None:
    optimum, _ = company()
    unknown = replace(optimum.finance, inventory_value=np.full_like(optimum.finance.inventory_value, np.nan))
    found = measured(replace(optimum, finance=unknown))
    assert np.isnan([found.outcome.stock_mean, found.outcome.stock_peak, found.outcome.stock_end]).all()
