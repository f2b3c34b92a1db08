"""What each override is said to move, and why one does not count."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from sop_engine.charts import demand_overrides as charts
from sop_engine.charts.view import whole_company
from sop_engine.demand_review.judgement import Effect
from sop_engine.inputs.judgement import overrides_of
from tests.plans import made_up_plan, small_inputs

INPUTS = small_inputs()


def row(number: int, **changes: object) -> dict[str, object]:
    base = {
        "override_id": f"O{number}",
        "cycle": "2014-01",
        "product": "",
        "family": "Bikes",
        "market": "",
        "from_period": pd.Timestamp("2014-02-01"),
        "to_period": pd.Timestamp("2014-03-01"),
        "kind": "pct",
        "value": 10.0,
        "reason": "Price change",
        "owner": "Ann",
        "note": "",
        "expires": pd.NaT,
        "created_at": datetime(2014, 1, 20, number),
        "created_by": "Ann",
        "active": True,
        "stage": "demand",
    }
    return base | changes


ROWS = pd.DataFrame(
    [
        row(1, family="Caps", kind="units", value=100.0),
        row(2),
        row(3, active=False),
        row(4, expires=pd.Timestamp("2013-12-01")),
        row(5, from_period=pd.Timestamp("2014-01-01"), to_period=pd.Timestamp("2014-01-01")),
        row(6, family="Gone"),
        row(7, cycle="2014-02"),
    ]
)
COUNTING = overrides_of(
    ROWS[ROWS["active"] & (ROWS["cycle"] == "2014-01")].reset_index(drop=True),
    INPUTS.calendar,
    INPUTS.products,
    INPUTS.markets,
)
PLAN = made_up_plan(replace(INPUTS, demand=replace(INPUTS.demand, overrides=COUNTING)))


def test_effects_add_up_to_the_step_of_the_plan() -> None:
    view = whole_company(PLAN)
    effects = charts.override_effects(PLAN, view)
    step = PLAN.demand.steps["Overrides"]
    assert effects["units"].sum() == pytest.approx(step.sum())
    assert effects["money"].sum() == pytest.approx((step * np.nan_to_num(PLAN.finance.price)).sum())


def test_the_largest_money_comes_first_and_each_says_whether_it_counts() -> None:
    table = charts.override_table(ROWS, PLAN, whole_company(PLAN))
    counting = table[table["status"] == charts.COUNTS]
    assert counting["money"].abs().is_monotonic_decreasing and set(counting["override"]) == {"O1", "O2"}
    assert dict(zip(table["override"], table["status"], strict=True)) == {
        "O1": charts.COUNTS,
        "O2": charts.COUNTS,
        "O3": charts.WITHDRAWN,
        "O4": charts.EXPIRED,
        "O5": charts.PAST,
        "O6": charts.UNKNOWN,
        "O7": charts.LATER,
    }
    words = charts.override_words(table, "USD")
    assert words.startswith("2 overrides count in the consensus and move it by") and "Caps" in words


def test_a_filter_leaves_out_what_does_not_touch_it() -> None:
    caps = whole_company(PLAN).narrowed(INPUTS.products.family == "Caps", "Caps")
    table = charts.override_table(ROWS, PLAN, caps)
    assert list(table[table["status"] == charts.COUNTS]["override"]) == ["O1"]


def test_nothing_is_said_plainly() -> None:
    none = charts.override_table(ROWS.head(0), PLAN, whole_company(PLAN))
    assert none.empty and charts.override_words(none, "USD") == "No override counts in the consensus."
    nothing = Effect(0.0, 0.0, 0.0, 0.0, 0, 0, 0.0, 0.0)
    assert "nothing to change" in charts.effect_words(nothing, "USD")[0]


def test_an_override_that_the_filter_hides_is_counted_elsewhere() -> None:
    caps = whole_company(PLAN).narrowed(INPUTS.products.family == "Caps", "Caps")
    only = ROWS[ROWS["override_id"] == "O2"]
    table = charts.override_table(only, PLAN, caps)
    elsewhere = charts.counting_elsewhere(only, table, PLAN.inputs)
    words = charts.override_words(table, "USD", elsewhere)
    assert elsewhere == 1 and words == "No override counts in this filter; 1 elsewhere."


def test_what_is_below_a_cent_is_nothing_and_money_without_a_price_is_not_said() -> None:
    tiny = Effect(10.0, 10.0, 5.0, 5.0 - 9.31e-10, 4, 0, 0.0, 0.0)
    assert charts.effect_words(tiny, "USD")[0].endswith(": 0 units (0 USD).")
    unpriced = Effect(10.0, 12.0, np.nan, np.nan, 4, 0, 0.0, 0.0, "evenly")
    words = " ".join(charts.effect_words(unpriced, "USD"))
    assert "USD" not in words and "+2 units" in words and "spread evenly" in words
    money = replace(PLAN.finance, price=np.full(PLAN.finance.price.shape, np.nan))
    table = charts.override_table(ROWS, replace(PLAN, finance=money), whole_company(PLAN))
    assert table["money"].isna().all() and "USD" not in charts.override_words(table, "USD")
