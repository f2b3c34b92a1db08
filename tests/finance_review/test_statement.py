import numpy as np
import pytest

from sop_engine.errors import PlanError
from sop_engine.finance_review.statement import CUTS, SUBTOTALS, cost_share, income_statement
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
