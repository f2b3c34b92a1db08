"""The landing's months add up to the scorecard, and its sentence says them."""

import numpy as np
import pytest

from sop_engine.charts.finance_landing import MARGIN, REVENUE, landing, landing_table, landing_words
from sop_engine.charts.numbers import short
from sop_engine.charts.style import LIGHT
from sop_engine.charts.view import View, whole_company
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.plan import Plan
from sop_engine.scenario import Lever, LeverKind, Scenario
from tests.plans import made_up_plan, small_inputs


@pytest.fixture(scope="module")
def plan() -> Plan:
    return made_up_plan(small_inputs())


@pytest.mark.parametrize("measure", [REVENUE, MARGIN])
def test_it_lands_where_the_scorecard_says(plan: Plan, measure: str) -> None:
    card = scorecard(plan)
    table = landing_table(plan, whole_company(plan), measure)
    value, gap = (
        (card.revenue, card.budget_gap) if measure == REVENUE else (card.gross_margin, card.margin_budget_gap)
    )
    assert table["value"].sum() == pytest.approx(value)
    assert table["gap"].sum() == pytest.approx(gap)
    assert short(value) in landing_words(table, plan, measure)


@pytest.mark.parametrize("measure", [REVENUE, MARGIN])
def test_parts_add_up_to_the_whole(plan: Plan, measure: str) -> None:
    whole = whole_company(plan)
    families = plan.inputs.products.family
    parts = [
        View(families == family, whole.markets, whole.periods, True, "") for family in sorted(set(families))
    ]
    total = sum(landing_table(plan, view, measure)["value"] for view in parts)
    assert np.allclose(total, landing_table(plan, whole, measure)["value"])


def test_the_prior_year_is_a_year_before(plan: Plan) -> None:
    table = landing_table(plan, whole_company(plan), REVENUE)
    twin = np.nansum(plan.inputs.demand.revenue_history[:, :, -12:], axis=(0, 1))
    assert np.allclose(table["prior_year"], twin)


def test_the_baseline_is_marked_only_where_a_scenario_differs(plan: Plan) -> None:
    moved = made_up_plan(small_inputs(), Scenario((Lever(LeverKind.DEMAND, 10),)))
    view = whole_company(plan)
    tables = [landing_table(each, view, REVENUE) for each in (plan, moved)]
    names = [
        {trace["name"] for trace in landing(table, tables[0], plan, REVENUE, "", LIGHT)["data"]}
        for table in tables
    ]
    assert names[1] - names[0] == {"Baseline"}
