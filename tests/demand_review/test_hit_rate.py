"""Whether past overrides helped, against a second writing by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sop_engine.demand_review.accuracy import STATISTICAL, Past, of_cells
from sop_engine.demand_review.hit_rate import hit_rates, judged_overrides
from sop_engine.inputs import Inputs
from tests.builders import small_company

CYCLE = "2013-10"  # of a plan that starts in January 2014, with one frozen period


def inputs() -> Inputs:
    company = small_company()
    return replace(company, products=replace(company.products, sellable=np.array([True, True, False])))


def past(actual_a: float) -> Past:
    """The baseline said 100 of A and 50 of B in each of two markets; A came as given, B as 50."""
    made = np.array([inputs().calendar.labels.index(CYCLE)])
    actual = np.zeros((3, 2, inputs().calendar.now))
    actual[0], actual[1] = actual_a, 50.0
    said = np.zeros((1, 3, 2, 6))
    said[:, 0], said[:, 1] = 100.0, 50.0
    return Past(made, actual, np.ones(3), {STATISTICAL: of_cells(said)}, {})


def overrides(*rows: dict[str, object]) -> pd.DataFrame:
    blank = {
        "override_id": "O1",
        "cycle": CYCLE,
        "product": "A",
        "family": "",
        "market": "",
        "from_period": pd.Timestamp("2013-11-01"),
        "to_period": pd.Timestamp("2013-12-01"),
        "kind": "pct",
        "value": 20.0,
        "reason": "promotion",
        "owner": "",
        "note": "",
        "expires": pd.NaT,
        "created_at": pd.Timestamp("2013-10-05"),
        "created_by": "Ann",
        "active": True,
        "stage": "demand",
    }
    return pd.DataFrame([{**blank, **row} for row in rows])


@pytest.mark.parametrize(("came", "helped"), [(130.0, True), (90.0, False), (110.0, False)])
def test_an_override_helped_if_it_came_nearer(came: float, helped: bool) -> None:
    row = judged_overrides(past(came), inputs(), overrides({})).iloc[0]
    assert row["error before"] == pytest.approx(2 * 2 * abs(100 - came))  # two months, two markets
    assert row["error after"] == pytest.approx(2 * 2 * abs(120 - came))
    assert bool(row["helped"]) is helped
    assert (row["cycle"], row["stage"], row["made by"]) == (CYCLE, "demand", "Ann")


def test_a_later_override_is_held_against_what_the_one_before_left() -> None:
    rows = overrides({}, {"override_id": "O2", "value": 10.0, "created_by": "Ben"})
    judged = judged_overrides(past(130.0), inputs(), rows)
    assert judged["error before"].tolist() == pytest.approx([120, 40])
    assert judged["error after"].tolist() == pytest.approx([40, 8])  # 100 x 1.2 x 1.1 = 132
    assert hit_rates(judged, "made by").set_index("made by")["hit rate %"].to_dict() == {
        "Ann": 100,
        "Ben": 100,
    }


def test_what_has_not_come_yet_or_was_never_replayed_is_not_judged() -> None:
    ahead = {"from_period": pd.Timestamp("2014-01-01"), "to_period": pd.Timestamp("2014-02-01")}
    assert judged_overrides(past(130.0), inputs(), overrides(ahead, {"cycle": "2014-01"})).empty


def test_a_month_that_has_not_come_does_not_count() -> None:
    rows = overrides({"from_period": pd.Timestamp("2013-12-01"), "to_period": pd.Timestamp("2014-02-01")})
    row = judged_overrides(past(130.0), inputs(), rows).iloc[0]
    assert row["error before"] == pytest.approx(60) and row["error after"] == pytest.approx(20)
