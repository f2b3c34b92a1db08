"""Goal seek begins with the budget, and knows what the elapsed months of the year already brought."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pages.finance.goal import LESS_ACTUALS, OWN, _prefilled, _to_begin_with
from sop_engine.goal_seek import Measure
from tests.october import october_inputs
from tests.pages.small import on_tab, opened, small_file
from tests.plans import made_up_plan


def test_it_opens_on_the_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Goal seek")
    assert not app.exception and app.selectbox(key="goal_source").value == "AOP"
    app.selectbox(key="goal_measure").set_value("fill rate").run()
    assert app.selectbox(key="goal_source").value == OWN  # a budget states none


def test_a_budget_that_is_met_is_still_where_it_begins() -> None:
    plan = made_up_plan(october_inputs())
    assert _to_begin_with(plan, ["AOP"], Measure.REVENUE, np.arange(9)) == "AOP"
    assert _to_begin_with(plan, [], Measure.REVENUE, np.arange(9)) == OWN


def test_the_years_budget_less_actuals_is_what_the_months_to_go_must_bring() -> None:
    """Budget 9 x 1,500 to go and 3 x 1,500 elapsed for the bicycles, 3 x 1,300 of each for the caps; sold in
    the three elapsed months: 120 units a month of one and 60 of the other at 10."""
    plan, to_go = made_up_plan(october_inputs()), np.arange(9)
    budget = _prefilled(plan, "AOP", Measure.REVENUE, to_go)
    assert budget == pytest.approx(9 * 1500 + 3 * 1300)
    whole = _prefilled(plan, f"AOP{LESS_ACTUALS}", Measure.REVENUE, to_go)
    assert whole == pytest.approx(12 * 1500 + 6 * 1300 - 3 * (1200 + 600))
