"""The pipeline is kept when the product review is signed; a launch becomes a decision of scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest

from sop_engine import records
from sop_engine.charts.product_gates import slip_table
from sop_engine.errors import ConflictError
from sop_engine.product_review.pipeline import choices
from sop_engine.records.pipeline import (
    keep_sample_pipeline,
    kept_pipelines,
    launch_day,
    pipeline_rows,
    raise_launch_decision,
)
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.launches import launch, with_launches
from tests.tables import AT

ANN = {"who": "Ann", "at": AT}
PLAN = with_launches(launch(), launch(project="Out", in_plan=False, launch=30, gate_date=date(2014, 2, 3)))


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    found = open_warehouse(":memory:")
    records.open_cycle(found, "2014-01", **ANN)
    yield found
    found.close()


def test_a_signed_product_review_keeps_every_project(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, PLAN, "product", **ANN)
    kept = kept_pipelines(warehouse).set_index("project")
    assert list(kept.index) == ["New B", "Out"]
    row = kept.loc["New B"]
    assert row["launch_period"] == pd.Timestamp(2014, 5, 1)
    assert row["baseline_launch_period"] == pd.Timestamp(2014, 3, 1)
    assert (row["in_plan"], row["probability_pct"], row["kept_by"], row["sample"]) == (
        True,
        60.0,
        "Ann",
        False,
    )
    assert kept.loc["Out", "gate_date"] == pd.Timestamp(2014, 2, 3)


def test_other_reviews_keep_no_pipeline(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, PLAN, "supply", **ANN)
    assert kept_pipelines(warehouse).empty


def test_a_signature_that_fails_keeps_nothing(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, PLAN, "product", **ANN)
    later = with_launches(launch(launch=6))
    with pytest.raises(ConflictError):
        records.sign_stage(warehouse, later, "product", **ANN)
    assert kept_pipelines(warehouse)["launch_period"].iloc[0] == pd.Timestamp(2014, 5, 1)


def test_signed_again_the_cycle_keeps_the_later_view(warehouse: Warehouse) -> None:
    records.sign_stage(warehouse, PLAN, "product", **ANN)
    records.sign_stage(warehouse, with_launches(launch(launch=6)), "product", again="slipped", **ANN)
    kept = kept_pipelines(warehouse)
    assert kept["project"].tolist() == ["New B"] and kept["launch_period"][0] == pd.Timestamp(2014, 7, 1)


def test_a_launch_beyond_the_plan_is_kept_as_after_it() -> None:
    calendar = PLAN.inputs.calendar
    assert launch_day(calendar, 30) == (calendar.ends[-1] + np.timedelta64(1, "D")).item()
    assert launch_day(calendar, 0) == date(2014, 1, 1)


def test_the_slips_stand_beside_each_other(warehouse: Warehouse) -> None:
    """A made-up cycle is a column that says so; what moved counts real cycles alone."""
    view = pipeline_rows(with_launches(launch(launch=2))).assign(cycle="2013-11")
    keep_sample_pipeline(warehouse, view, **ANN)
    (row,) = slip_table(with_launches(launch()), kept_pipelines(warehouse)).to_dict("records")
    assert (row["Nov 13, sample"], row["Jan 14"], row["slip"]) == ("Mar 14", "May 14", 2)
    assert np.isnan(row["moved"])
    with warehouse.transaction(who="Ann", why="December", at=AT) as change:
        real = pipeline_rows(with_launches(launch(launch=3))).assign(cycle="2013-12", kept_at=AT)
        change.insert("pipeline_history", real)
    (row,) = slip_table(with_launches(launch()), kept_pipelines(warehouse)).to_dict("records")
    assert row["Dec 13"] == "Apr 14" and row["moved"] == 1


def test_a_month_of_slip_costs_what_the_launch_no_longer_sells() -> None:
    plan = with_launches(launch())
    table = slip_table(plan, kept_pipelines(open_warehouse(":memory:"))).set_index("project")
    rate = plan.inputs.demand.baseline.units[0] * 0.5
    horizon = plan.inputs.calendar.horizon
    now = sum(rate[:, t].sum() * min((t - 4 + 1) / 2, 1) for t in range(4, horizon))
    later = sum(rate[:, t].sum() * min((t - 5 + 1) / 2, 1) for t in range(5, horizon))
    assert table.loc["New B", "units at risk"] == pytest.approx(now - later)


def test_go_hold_and_kill_point_to_stored_scenarios(warehouse: Warehouse) -> None:
    one = launch()
    options = [(choice.title, choice.scenario) for choice in choices(one, 2)]
    said = {"owner": "Ann", "recommendation": "B", "value_at_stake": 12.0}
    decision = raise_launch_decision(warehouse, PLAN.inputs, one, options, **said, **ANN)
    rows = records.of_cycle(warehouse, "decision_option", "2014-01")
    assert rows["title"].tolist() == [title for title, _ in options]
    for option, (_, scenario) in zip(rows.itertuples(), options, strict=True):
        assert records.read_scenario(warehouse, option.scenario_id) == scenario
    (row,) = records.of_cycle(warehouse, "decision", "2014-01").to_dict("records")
    assert (row["decision_id"], row["recommendation"], row["value_at_stake"]) == (decision, "B", 12.0)


def test_raised_again_the_same_scenarios_are_taken(warehouse: Warehouse) -> None:
    one = launch()
    for hold in (2, 3):
        options = [(choice.title, choice.scenario) for choice in choices(one, hold)]
        raise_launch_decision(warehouse, PLAN.inputs, one, options, **ANN)
    assert len(records.of_cycle(warehouse, "scenario", "2014-01")) == 4  # go, kill, and two lengths of hold
