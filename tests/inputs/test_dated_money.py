"""Prices, costs and rates come from the line that holds, of the past as of the plan; the budget keeps its own
rate and its elapsed months."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.refresh import refresh
from tests.tables import AT, frame, loaded, small_tables

A, B = 0, 1
EAST, WEST = 0, 1


def in_april() -> dict[str, pd.DataFrame]:
    """The small company three months into its fiscal year, with dated costs, rates and versions."""
    tables = small_tables()
    more = [
        (p, m, f"2014-{month:02d}-01", 30.0, 300.0)
        for p in "AB"
        for m in ("East", "West")
        for month in (1, 2, 3)
    ]
    columns = tables["sales_history"].columns
    tables["sales_history"] = pd.concat(
        [tables["sales_history"], pd.DataFrame(more, columns=columns)], ignore_index=True
    )
    tables["price"] = frame(
        "product market period price version",
        ("A", "", "1900-01-01", 10, "List"),
        ("A", "West", "2014-05-01", 12, "West list"),
        ("B", "", "2010-01-01", 20, ""),
    )
    tables["unit_cost"] = frame(
        "product period unit_cost version",
        ("A", "2013-06-01", 5, "Standard 2013"),
        ("A", "2014-06-15", 7, "Standard 2014"),
        ("B", "2010-01-01", 12, ""),
        ("F", "2010-01-01", 2, ""),
    )
    tables["fx_rate"] = frame(
        "currency period rate type version",
        ("EUR", "2013-12-01", 1.3, "actual", "December"),
        ("EUR", "2014-05-01", 1.4, "actual", "May"),
        ("EUR", "2014-01-01", 1.2, "budget", "Budget 2014"),
    )
    tables["budget"] = frame(
        "version family market period units revenue gross_margin",
        *(
            ("AOP", "Bikes", "West", f"2014-{month:02d}-01", 10.0, 100.0 * month, 40.0)
            for month in range(1, 13)
        ),
    )
    return tables


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    warehouse = loaded(in_april())
    refresh(warehouse, who="test", at=AT)
    return read_inputs(warehouse)


def test_each_price_names_the_line_it_comes_from(inputs: Inputs) -> None:
    lines = inputs.money.price_lines
    used = [(lines.valid_from[at], lines.version[at]) for at in lines.at[A, WEST, :3]]
    assert used == [("always", "List"), ("2014-05", "West list"), ("2014-05", "West list")]
    np.testing.assert_array_equal(inputs.money.price[A, WEST, :3], [10, 12, 12])
    assert (lines.at[2] == -1).all() and np.isnan(inputs.money.price[2]).all()


def test_costs_hold_from_their_own_date_in_the_past_too(inputs: Inputs) -> None:
    money, past = inputs.money, inputs.calendar.history_labels
    assert np.isnan(money.past_cost[A, past.index("2013-05")])
    assert money.past_cost[A, past.index("2013-06")] == 5
    assert (money.past_cost[B] == 12).all()
    assert list(money.unit_cost[A, :4]) == [5, 5, 7, 7]
    assert money.cost_lines.valid_from[money.cost_lines.at[A, 2]] == "2014-06-15"
    assert money.cost_lines.version[money.cost_lines.at[A, 0]] == "Standard 2013"


def test_rates_of_the_past_of_the_plan_and_of_the_budget_are_kept_apart(inputs: Inputs) -> None:
    money, past = inputs.money, inputs.calendar.history_labels
    assert np.isnan(money.past_rate[WEST, past.index("2013-11")])
    assert money.past_rate[WEST, past.index("2013-12")] == 1.3
    assert list(money.rate[WEST, :3]) == [1.3, 1.4, 1.4] and (money.rate[EAST] == 1).all()
    assert (money.budget_rate[WEST] == 1.2).all() and (money.budget_rate[EAST] == 1).all()
    assert list(money.past_budget_rate[WEST, -4:]) == pytest.approx([np.nan, 1.2, 1.2, 1.2], nan_ok=True)
    assert (money.rate_lines.at[EAST] == -1).all()


def test_the_budget_keeps_the_elapsed_months_of_the_fiscal_year(inputs: Inputs) -> None:
    lines = inputs.money.budgets["AOP"]
    assert lines.to_date["revenue"].shape == (3, 2, 3)
    np.testing.assert_allclose(np.nansum(lines.to_date["revenue"], axis=(0, 1)), [100, 200, 300])
    np.testing.assert_allclose(np.nansum(lines.revenue, axis=(0, 1))[:9], 100.0 * np.arange(4, 13))
    assert np.isnan(lines.revenue[:, EAST]).all()
