"""One number through the reviews: every residual is nothing, and each fault shows in its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.proof.volumes import RESIDUALS, through_the_reviews, volume_checks
from sop_engine.scenario import BASELINE
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs())


def bumped(array: np.ndarray, by: float = 5.0) -> np.ndarray:
    changed = array.copy()
    changed.flat[1] += by
    return changed


def with_step(name: str) -> Plan:
    steps = {**PLAN.demand.steps, name: bumped(np.array(PLAN.demand.steps[name]))}
    return replace(PLAN, demand=replace(PLAN.demand, steps=steps))


def test_every_residual_is_nothing() -> None:
    assert all(check.passed for check in volume_checks(PLAN))
    table = through_the_reviews(PLAN)
    assert np.abs(table[list(RESIDUALS)].to_numpy()).max() < 1e-6


def test_the_table_is_the_plan_summed_in_loops() -> None:
    table = through_the_reviews(PLAN).set_index("family")
    products = PLAN.inputs.products
    for family in ("Bikes", "Caps"):
        cells = [
            (p, m, t)
            for p in range(len(products))
            if products.family[p] == family
            for m in range(len(PLAN.inputs.markets))
            for t in range(PLAN.inputs.calendar.periods)
        ]
        asked = sum(PLAN.demand.unconstrained[cell] for cell in cells)
        worth = sum(PLAN.finance.delivered[cell] * PLAN.finance.price[cell] for cell in cells)
        assert table.loc[family, "asked for"] == pytest.approx(asked)
        assert table.loc[family, "revenue"] == pytest.approx(worth)
    assert table.loc["All families", "asked for"] == pytest.approx(PLAN.demand.unconstrained.sum())


def test_demand_outside_a_products_life_is_named() -> None:
    active = PLAN.portfolio.active.copy()
    active[0, 2] = False
    check = volume_checks(replace(PLAN, portfolio=replace(PLAN.portfolio, active=active)))[0]
    assert not check.passed and check.rows[0].key == "A, East, 2014-03"


def test_a_launch_that_is_not_the_portfolios_is_named() -> None:
    check = volume_checks(with_step("Launches"))[1]
    assert not check.passed and check.residual == pytest.approx(5) and check.rows[0].key == "A, East, 2014-02"


def test_launches_are_written_out_as_the_demand_review_plans_them() -> None:
    inputs = small_inputs()
    launch = Launch("P", 1, 0, 0.5, 4, 4, True, 1.0, 3, (), 0.0, "", 0.0, 0.0, "")
    launched = replace(inputs, demand=replace(inputs.demand, launches=(launch,)))
    assert plan_portfolio(launched, BASELINE).launches
    plan = made_up_plan(launched)
    assert plan.demand.steps["Launches"].sum() > 0 and volume_checks(plan)[1].passed


def test_units_that_finance_does_not_value_are_named() -> None:
    finance = replace(PLAN.finance, delivered=bumped(PLAN.finance.delivered))
    plan = replace(PLAN, finance=finance)
    assert not volume_checks(plan)[2].passed
    assert through_the_reviews(plan)["units residual"].abs().max() == pytest.approx(5)


def test_lost_units_that_nobody_counts_show_as_the_residual_of_supply() -> None:
    plan = replace(PLAN, supply=replace(PLAN.supply, lost=bumped(PLAN.supply.lost)))
    table = through_the_reviews(plan).set_index("family")
    assert table.loc["All families", "supply residual"] == pytest.approx(-5)
    assert table.loc["All families", "demand residual"] == pytest.approx(0)
