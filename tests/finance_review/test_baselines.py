import numpy as np
import pytest

from sop_engine.errors import PlanError
from sop_engine.finance_review.baselines import budget_position, plan_position, prior_year_position
from sop_engine.finance_review.bridge import margin_bridge
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=2)
NEXT_3 = np.arange(3)


def test_a_plan_position_is_the_plans_own_margin() -> None:
    position = plan_position("plan", PLAN.finance, NEXT_3)
    assert position.margin.sum() - position.choice_cost == pytest.approx(PLAN.finance.gross_margin[:3].sum())
    assert position.local_revenue[0, 1] * 1.3 == pytest.approx(position.revenue[0, 1])


def test_a_budget_position_is_what_the_budget_states() -> None:
    position = budget_position(PLAN.inputs, "AOP", NEXT_3)
    assert np.nansum(position.revenue) == pytest.approx(3 * (1500 + 1300))
    assert np.nansum(position.margin) == pytest.approx(3 * (500 + 450))
    assert np.isnan(position.revenue[2]).all()


def test_a_budget_that_says_nothing_of_a_product_stays_not_known() -> None:
    later = budget_position(PLAN.inputs, "AOP", np.arange(6, 9))
    assert np.isnan(later.units[1]).all() and np.nansum(later.units) == pytest.approx(3 * 130)


def test_an_unknown_budget_is_refused_with_those_that_are_loaded() -> None:
    with pytest.raises(PlanError, match="no budget version 'LE'. Loaded are: AOP"):
        budget_position(PLAN.inputs, "LE", NEXT_3)


def test_the_prior_year_is_the_history_of_the_same_months_at_todays_cost() -> None:
    position = prior_year_position(PLAN.inputs, NEXT_3)
    history = PLAN.inputs.demand
    first = PLAN.inputs.calendar.now - 12
    np.testing.assert_allclose(position.units[:2], history.history[:2, :, first : first + 3].sum(axis=2))
    np.testing.assert_allclose(
        position.revenue[:2], history.revenue_history[:2, :, first : first + 3].sum(axis=2)
    )
    assert position.cost[0, 0] == pytest.approx(300 * 6)


@pytest.mark.parametrize(
    "baseline", [budget_position(PLAN.inputs, "AOP", NEXT_3), prior_year_position(PLAN.inputs, NEXT_3)]
)
def test_bridges_from_every_baseline_to_the_plan_add_up(baseline) -> None:
    bridge = margin_bridge(baseline, plan_position("plan", PLAN.finance, NEXT_3))
    assert bridge.start + sum(bridge.total.values()) == pytest.approx(bridge.end)
    assert bridge.end == pytest.approx(PLAN.finance.gross_margin[:3].sum())
    assert bridge.total["exchange"] == pytest.approx(0)
