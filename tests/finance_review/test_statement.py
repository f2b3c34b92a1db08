import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.errors import PlanError
from sop_engine.finance_review.statement import (
    CUTS,
    SUBTOTALS,
    cost_share,
    cut_groups,
    income_statement,
    shared_choices,
)
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=4)
CENT = 0.005


@pytest.mark.parametrize("cut", CUTS)
def test_every_cut_of_every_line_sums_to_the_company_to_the_cent(cut: str) -> None:
    whole = income_statement(PLAN.inputs, PLAN.finance)
    parts = income_statement(PLAN.inputs, PLAN.finance, cut)
    assert parts.lines == whole.lines
    np.testing.assert_allclose(parts.values.sum(axis=1), whole.values[:, 0], atol=CENT)


def test_the_company_is_the_valued_plan() -> None:
    statement = income_statement(PLAN.inputs, PLAN.finance)
    np.testing.assert_allclose(statement.line("revenue")[0], PLAN.finance.revenue.sum(axis=(0, 1)))
    np.testing.assert_allclose(statement.line("gross margin")[0], PLAN.finance.gross_margin)
    np.testing.assert_allclose(statement.line("operating profit")[0], PLAN.finance.operating_profit)


@pytest.mark.parametrize("subtotal", SUBTOTALS)
def test_a_subtotal_is_the_sum_of_the_lines_above_it(subtotal: str) -> None:
    statement = income_statement(PLAN.inputs, PLAN.finance, "family")
    above = [line for line in statement.lines[: statement.lines.index(subtotal)] if line not in SUBTOTALS]
    np.testing.assert_allclose(
        sum(statement.line(line) for line in above), statement.line(subtotal), atol=CENT
    )


def test_what_is_bought_for_all_is_shared_by_standard_cost() -> None:
    bikes = PLAN.inputs.products.family == "Bikes"
    share = cost_share(PLAN.finance, bikes, np.ones(2, dtype=bool))
    cost = PLAN.finance.standard_cost
    assert share[3] == pytest.approx(cost[bikes][..., 3].sum() / cost[..., 3].sum())
    nothing = made_up_plan(PLAN.inputs, on_time=0 * cost, late=0 * cost).finance
    assert cost_share(nothing, bikes, np.array([True, False]))[3] == pytest.approx(1 / 6)


def test_the_frame_names_line_group_and_period() -> None:
    frame = income_statement(PLAN.inputs, PLAN.finance, "region").frame()
    row = frame[(frame["line"] == "revenue") & (frame["region"] == "West") & (frame["period"] == "2014-03")]
    assert row["amount"].item() == pytest.approx(PLAN.finance.revenue[:, 1, 2].sum())


def test_another_cut_is_refused() -> None:
    with pytest.raises(PlanError, match="no cut by 'planet'.*family"):
        income_statement(PLAN.inputs, PLAN.finance, "planet")


@given(st.integers(0, 200), st.sampled_from(CUTS))
@settings(deadline=None, max_examples=40)
def test_cuts_of_any_plan_sum_to_its_company(seed: int, cut: str) -> None:
    plan = made_up_plan(small_inputs(), seed=seed)
    whole = income_statement(plan.inputs, plan.finance).values[:, 0]
    parts = income_statement(plan.inputs, plan.finance, cut).values.sum(axis=1)
    np.testing.assert_allclose(parts, whole, atol=1e-6 * max(1.0, np.abs(whole).max()))


@pytest.mark.parametrize("cut", CUTS)
def test_a_group_is_the_sum_of_its_cells_and_its_share_of_what_is_bought_for_all(cut: str) -> None:
    statement = income_statement(PLAN.inputs, PLAN.finance, cut)
    for at, (label, products, markets) in enumerate(cut_groups(PLAN.inputs, cut)):
        cells = np.ix_(products, markets)
        assert statement.groups[at] == label
        np.testing.assert_allclose(
            statement.line("revenue")[at], PLAN.finance.revenue[cells].sum(axis=(0, 1))
        )
        freight = -PLAN.finance.choice_costs["freight"] * cost_share(PLAN.finance, products, markets)
        np.testing.assert_allclose(statement.line("freight")[at], freight)


def test_choices_shared_over_cells_are_those_of_the_groups() -> None:
    finance, periods = PLAN.finance, np.arange(5)
    overtime = finance.choice_costs["overtime"]
    shared = shared_choices(finance.standard_cost[:, :, periods], overtime[periods])
    by_family = income_statement(PLAN.inputs, finance, "family")
    for at, (_, products, _) in enumerate(cut_groups(PLAN.inputs, "family")):
        assert -shared[products].sum() == pytest.approx(by_family.line("overtime")[at, periods].sum())
    assert shared_choices(np.zeros((2, 2, 1)), np.array([8.0])) == pytest.approx(np.full((2, 2), 2.0))
