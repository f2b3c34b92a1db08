"""Launches in and out: what a launch that is taken out, or slips away, leaves of the plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan, plan
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE, Lever, Scenario
from tests.builders import COMPANY, demand_of, small_company
from tests.launches import having, launch

C = 2  # position of the product that the launch brings
QUICK = settings(max_examples=12, deadline=None, phases=(Phase.generate,))
MEASURES = ("revenue", "gross_margin", "operating_profit", "inventory_value", "cash_effect")
launches = some.builds(
    launch,
    product=some.just(C),
    like=some.sampled_from([0, 1]),
    scale=some.floats(0.1, 1.5),
    launch=some.integers(1, 5),
    in_plan=some.booleans(),
    ramp=some.integers(0, 4),
    cannibalises=some.sampled_from([(), (0,), (0, 1)]),
    cannibalisation=some.floats(0, 1),
)


@cache
def company(frozen: int = 0) -> Inputs:
    """The small company with a product C that nobody buys yet."""
    like_a = {"product": "C", "site": "Plant", "mode": "make", "hours": {"Line": 1.0}, "unit_cost": 20.0}
    moved = {"product": "C", "site": "Store", "mode": "transfer", "source": "Plant", "lead_days": 3.0}
    return small_company(
        products=("A", "B", "C", "F"),
        edges=(*COMPANY["edges"], like_a, moved),
        bill={**COMPANY["bill"], ("C", "F"): 1.0},
        price={**COMPANY["price"], ("C", "East"): 110.0, ("C", "West"): 110.0},
        unit_cost={**COMPANY["unit_cost"], "C": 62.0},
        settings={"frozen_periods": frozen},
    )


def same(one: Plan, other: Plan) -> None:
    """Demand, what is delivered and every measure in money are equal."""
    assert np.array_equal(one.demand.unconstrained, other.demand.unconstrained)
    assert np.allclose(one.finance.delivered, other.finance.delivered, atol=1e-6)
    revenue = float(other.finance.revenue.sum())
    for name in MEASURES:
        assert np.allclose(getattr(one.finance, name), getattr(other.finance, name), atol=1e-6 * revenue)


@QUICK
@given(launches)
def test_a_launch_taken_out_is_no_launch_at_all(one: Launch) -> None:
    """Nothing is frozen here: what a frozen zone has started for a launch stays started without it."""
    out = Scenario((Lever("launch_in", 0, target="New B"),))
    same(plan(having(company(), one), out), plan(company()))


@QUICK
@given(launches, some.integers(0, 2))
def test_a_launch_that_the_data_leave_out_is_no_launch_at_all(one: Launch, frozen: int) -> None:
    same(plan(having(company(frozen), replace(one, in_plan=False))), plan(company(frozen)))


@QUICK
@given(launches)
def test_a_launch_that_slips_beyond_the_plan_is_no_launch_at_all(one: Launch) -> None:
    periods = company().calendar.periods
    late = replace(one, launch=periods - 3, in_plan=True)
    slipped = Scenario((Lever("launch_slip", 3, target="New B"),))
    same(plan(having(company(), late), slipped), plan(company()))


@settings(max_examples=30, deadline=None)
@given(launches, some.integers(0, 6))
def test_a_slip_is_the_launch_stated_that_much_later(one: Launch, periods: int) -> None:
    moved = demand_of(having(company(), one), Scenario((Lever("launch_slip", periods, target="New B"),)))
    stated = demand_of(having(company(), replace(one, launch=one.launch + periods)))
    assert np.array_equal(moved.unconstrained, stated.unconstrained)


def test_a_launch_that_sells_already_is_forecast_by_its_own_history() -> None:
    inputs = company()
    history = np.zeros(inputs.demand.history.shape)
    history[C, 0, -2:] = 7.0
    past = launch(product=C, launch=0, stated=-2, baseline_launch=-3)
    sold = having(replace(inputs, demand=replace(inputs.demand, history=history)), past)
    portfolio = plan_portfolio(sold, BASELINE)
    assert portfolio.launched == (past,) and not portfolio.launches
    assert np.array_equal(demand_of(sold).unconstrained, demand_of(inputs).unconstrained)


def test_a_launch_that_is_late_and_sells_nothing_yet_stays_a_launch() -> None:
    late = launch(product=C, launch=0, stated=-2)
    portfolio = plan_portfolio(having(company(), late), BASELINE)
    assert portfolio.launches == (late,) and not portfolio.launched
