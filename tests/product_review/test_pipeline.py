"""The funnel, the slips and the scorecard of launches, each against figures worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.inputs import Inputs
from sop_engine.product_review.pipeline import (
    NO_GATE,
    choices,
    gate_funnel,
    moved_since,
    npi_scorecard,
    slip_cells,
)
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE, Lever
from tests.builders import small_company
from tests.launches import having, launch


def projects(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["gate", "in plan", "revenue", "margin", "expected margin"])


def seen(cycle: str, project: str, month: str, first: str, sample: bool = False) -> dict[str, object]:
    dates = {"launch_period": pd.Timestamp(month), "baseline_launch_period": pd.Timestamp(first)}
    return {"cycle": cycle, "project": project, "sample": sample, **dates}


def test_the_funnel_counts_and_adds_up_gate_by_gate() -> None:
    table = gate_funnel(
        projects(
            ("2 Build", "in", 100.0, 40.0, 20.0),
            ("1 Scope", "out", 50.0, 10.0, 4.0),
            ("2 Build", "out", 30.0, 5.0, 1.0),
            ("", "in", np.nan, np.nan, np.nan),
        )
    ).set_index("gate")
    assert list(table.index) == ["1 Scope", "2 Build", NO_GATE]
    assert table.loc["2 Build"].tolist() == [2, 1, 130.0, 45.0, 21.0]
    assert np.isnan(table.loc[NO_GATE, "revenue"])  # not known is not zero


def test_a_slip_is_seen_in_every_cycle_that_kept_it() -> None:
    calendar = small_company().calendar
    kept = pd.DataFrame(
        [
            seen("2013-11", "X", "2014-03-01", "2014-03-01"),
            seen("2013-12", "X", "2014-05-01", "2014-03-01"),
            seen("2013-12", "gone", "2014-05-01", "2014-05-01"),
            seen("2014-01", "X", "2014-01-01", "2014-03-01"),  # this cycle's own view is today's
        ]
    )
    now = pd.DataFrame([seen("2014-01", "X", "2014-06-01", "2014-03-01")])
    cells = slip_cells(kept, now, calendar)
    assert cells["cycle"].tolist() == ["2013-11", "2013-12", "2014-01"]
    assert cells["slip"].tolist() == [0, 2, 3] and cells["launch"].tolist() == [2, 4, 5]
    assert moved_since(cells)["X"] == 1


def test_a_cycle_that_is_made_up_counts_in_no_figure() -> None:
    calendar = small_company().calendar
    kept = pd.DataFrame([seen("2013-12", "X", "2014-03-01", "2014-03-01", sample=True)])
    now = pd.DataFrame([seen("2014-01", "X", "2014-06-01", "2014-03-01")])
    cells = slip_cells(kept, now, calendar)
    assert len(cells) == 2 and np.isnan(moved_since(cells)["X"])


def test_a_blank_promise_is_the_launch_itself() -> None:
    now = pd.DataFrame([seen("2014-01", "X", "2014-06-01", "2014-06-01")])
    now["baseline_launch_period"] = pd.NaT
    assert slip_cells(now.iloc[:0], now, small_company().calendar)["slip"].tolist() == [0]


def aged(units: float) -> Inputs:
    """A company of which B was launched 14 months ago and sold `units` a month in each market since."""
    inputs = small_company()
    history = np.zeros(inputs.demand.history.shape)
    history[1, :, -14:] = units
    return replace(inputs, demand=replace(inputs.demand, history=history))


def test_on_time_counts_those_due_against_the_first_promise() -> None:
    """On time 1 of 2 due: P came as promised, Q sells a month late; ahead 1 of 2: R is in time, S slipped."""
    inputs = having(
        aged(10.0),
        launch(project="P", product=1, launch=0, stated=-14, baseline_launch=-14, business_case_units=300),
        launch(project="Q", product=1, launch=0, stated=-3, baseline_launch=-4),
        launch(project="R", product=0, launch=3, baseline_launch=3),
        launch(project="S", product=0, launch=4, baseline_launch=2),
    )
    card = npi_scorecard(inputs, plan_portfolio(inputs, BASELINE))
    assert (card.due, card.on_time, card.on_time_pct) == (2, 1, 50.0)
    assert (card.due_ahead, card.on_time_ahead) == (2, 1)
    assert card.sold == 12 * 2 * 10.0 and card.attainment_pct == pytest.approx(80.0)


def test_nothing_due_and_nothing_a_year_old_is_not_known() -> None:
    card = npi_scorecard(small_company(), plan_portfolio(small_company(), BASELINE))
    assert np.isnan([card.on_time_pct, card.on_time_ahead_pct, card.attainment_pct]).all()


def test_go_hold_and_kill_are_three_scenarios() -> None:
    go, hold, kill = (choice.scenario.levers for choice in choices(launch(), 2))
    assert go == (Lever("launch_in", 1, target="New B"),)
    assert set(hold) == {*go, Lever("launch_slip", 2, target="New B")}
    assert kill == (Lever("launch_in", 0, target="New B"),)
