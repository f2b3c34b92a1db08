"""The statement's tables hold the statement, and the cells shown are those of the largest revenue."""

import numpy as np
import pytest

from sop_engine.charts.finance_cells import against_statement, cells_words, largest_cells
from sop_engine.charts.finance_statement import TOTAL, groups_table, months_table, ties_words
from sop_engine.finance_review.cells import money_cells
from sop_engine.finance_review.statement import income_statement
from tests.plans import made_up_plan, small_inputs

PLAN = made_up_plan(small_inputs(), seed=6)
PERIODS = np.arange(2, 9)
WHOLE = income_statement(PLAN.inputs, PLAN.finance)
CELLS = money_cells(PLAN.inputs, PLAN.finance, np.ones(3, dtype=bool), np.ones(2, dtype=bool), PERIODS)


def test_months_add_up_to_the_total_column() -> None:
    table = months_table(WHOLE, PERIODS)
    np.testing.assert_allclose(table.drop(columns=TOTAL).sum(axis=1), table[TOTAL])
    assert table.at["operating profit", TOTAL] == pytest.approx(PLAN.finance.operating_profit[PERIODS].sum())


@pytest.mark.parametrize("cut", ["family", "market", "currency"])
def test_groups_add_up_to_the_total_row(cut: str) -> None:
    lines = income_statement(PLAN.inputs, PLAN.finance, cut)
    table = groups_table(lines, PERIODS)
    parts = table.drop(index=TOTAL)
    for line in lines.lines:
        assert parts[line].sum() == pytest.approx(table.at[TOTAL, line])
    assert table.at[TOTAL, "GM %"] == pytest.approx(
        100 * table.at[TOTAL, "gross margin"] / table.at[TOTAL, "revenue"]
    )
    assert list(parts["revenue"]) == sorted(parts["revenue"], reverse=True)
    assert "largest difference of a line 0.00 USD" in ties_words(lines, WHOLE, PERIODS)


def test_the_cells_are_off_the_statement_by_nothing() -> None:
    assert against_statement(CELLS, WHOLE, PERIODS) == pytest.approx(0, abs=1e-6)
    one_less = CELLS.iloc[1:]
    assert against_statement(one_less, WHOLE, PERIODS) == pytest.approx(
        max(CELLS["revenue"].iloc[0], CELLS["standard_cost"].iloc[0])
    )


def test_the_cells_shown_say_their_lines_in_words() -> None:
    shown = largest_cells(CELLS)
    assert shown["revenue"].iloc[0] == round(CELLS["revenue"].max())
    assert shown["price line"].str.startswith("from 20").all()
    assert set(shown["rate line"]) == {"base currency", "from 2013-12"}
    assert f"{len(CELLS):,} cells deliver" in cells_words(CELLS, "USD")


def test_without_revenue_the_cells_of_most_units_are_shown() -> None:
    many = CELLS.loc[np.resize(CELLS.index, 501)].assign(revenue=np.nan, units=np.arange(501.0))
    assert cells_words(many, "").endswith(", the 500 of most units are shown")
    assert largest_cells(many)["units"].min() == 1.0
    priced = many.assign(revenue=1.0)
    assert cells_words(priced, "USD").endswith(", the 500 of largest revenue are shown")
