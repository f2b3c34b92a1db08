"""The list of what is out of the plan: what stands in it, what it is worth, and what never counts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sop_engine.finance_review.register import COLUMNS, register, totals
from sop_engine.plan import Plan
from sop_engine.scenario import Lever, Scenario
from tests.launches import launch, with_launches

NOTHING = pd.DataFrame(columns=["item_id", "kind", "status"])


def item(**changes: object) -> dict[str, object]:
    """A risk of 120 units and 1,000 of margin from March to June 2014, at 25 %."""
    row = {
        "item_id": "2014-01-R1",
        "kind": "risk",
        "title": "A rival",
        "probability_pct": 25.0,
        "units": -120.0,
        "revenue": np.nan,
        "gross_margin": -1000.0,
        "from_period": pd.Timestamp(date(2014, 3, 1)),
        "to_period": pd.Timestamp(date(2014, 6, 1)),
        "owner": "Ann",
        "status": "open",
        "sample": False,
    }
    return {**row, **changes}


def rows_of(plan: Plan, *items: dict[str, object], periods: np.ndarray | None = None) -> pd.DataFrame:
    frame = pd.DataFrame(items) if items else NOTHING
    return register(plan.inputs, plan.scenario, plan.portfolio, plan.demand, plan.finance, frame, periods)


OUT = launch(in_plan=False, cannibalises=(0,), cannibalisation=0.3)


def test_a_launch_left_out_is_worth_what_the_plan_would_gain() -> None:
    """The difference between the plan with it and without, over its first year, at price and cost."""
    without, inside = (
        with_launches(OUT),
        with_launches(OUT, scenario=Scenario((Lever("launch_in", 1, "New B"),))),
    )
    (row,) = rows_of(without).to_dict("records")
    gained = (inside.demand.consensus - without.demand.consensus)[:, :, 4:12]
    price, cost = without.finance.price[:, :, 4:12], without.finance.unit_cost[:, None, 4:12]
    margin = np.nansum(gained * (price - cost))
    assert row["units"] == pytest.approx(gained.sum()) and row["revenue"] == pytest.approx(
        np.nansum(gained * price)
    )
    assert row["gross_margin"] == pytest.approx(margin)
    assert row["expected_gross_margin"] == pytest.approx(0.6 * margin)
    assert (row["source"], row["item_id"], row["from_period"], row["to_period"]) == (
        "launch",
        "New B",
        "2014-05",
        "2014-12",
    )


def test_what_is_in_the_plan_is_no_risk_and_no_opportunity() -> None:
    inside = with_launches(launch())
    assert rows_of(inside, item(status="in_plan"), item(status="withdrawn"), item(status="happened")).empty
    taken_in = with_launches(OUT, scenario=Scenario((Lever("launch_in", 1, "New B"),)))
    assert rows_of(taken_in).empty


def test_a_sample_is_shown_and_counts_nowhere() -> None:
    rows = rows_of(with_launches(), item(sample=True), item(item_id="2014-01-R2"))
    assert len(rows) == 2 and rows["counts"].sum() == 1
    assert totals(rows)["risk"]["expected_gross_margin"] == -250.0
    assert totals(rows)["opportunity"]["gross_margin"] == 0.0


def test_an_amount_counts_by_the_share_of_its_months_that_is_looked_at() -> None:
    rows = rows_of(with_launches(), item(), periods=np.array([4, 5, 6]))  # May and June of March to June
    assert rows["units"][0] == -60 and rows["expected_gross_margin"][0] == -125
    assert np.isnan(rows["revenue"][0])  # not known is not zero


@settings(max_examples=20, deadline=None)
@given(some.sets(some.integers(0, 11)))
def test_parts_of_the_plan_add_up_to_all_of_it(part: set[int]) -> None:
    plan = with_launches(OUT)
    rest = set(range(plan.inputs.calendar.horizon)) - part
    both = [rows_of(plan, item(), periods=np.array(sorted(some_), dtype=int)) for some_ in (part, rest)]
    whole = rows_of(plan, item()).set_index("item_id")
    for column in ("units", "gross_margin", "expected_gross_margin"):
        summed = sum(rows.set_index("item_id")[column] for rows in both)
        assert summed[whole.index].to_numpy() == pytest.approx(whole[column].to_numpy())


def test_nothing_out_of_the_plan_is_an_empty_list_with_its_columns() -> None:
    rows = rows_of(with_launches())
    assert rows.empty and tuple(rows.columns) == COLUMNS
    assert totals(rows)["risk"]["revenue"] == 0
