"""Triggers of risks held against the actuals of the last full month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sop_engine.assumptions.triggers import Watched, watch
from sop_engine.charts.product_risks import by_period, fired_words, trigger_words
from tests.test_assumptions import cells, plan

ITEM = {
    "item_id": "2014-01-R1",
    "cycle": "2014-01",
    "title": "A rival",
    "status": "open",
    "product": "",
    "family": "",
    "market": "",
    "trigger_measure": "demand_units",
    "trigger_side": "below",
    "trigger_value": 0.0,
    "trigger_currency": "",
}


def watched(**said: object) -> tuple[Watched, ...]:
    return watch(plan(), pd.DataFrame([{**ITEM, **said}]), None)


def last_month(product: str = "", market: str = "") -> float:
    """Units sold in the last bucket of the past, cell by cell."""
    return sum(plan().inputs.demand.history[p, m, -1] for p, m in cells(product, market))


@pytest.mark.parametrize(
    ("side", "share", "fires"),
    [("below", 1.01, True), ("below", 0.99, False), ("above", 0.99, True), ("above", 1.01, False)],
)
def test_a_trigger_fires_beyond_its_value_only(side: str, share: float, fires: bool) -> None:
    value = last_month(product="A", market="East")
    (found,) = watched(product="A", market="East", trigger_side=side, trigger_value=value * share)
    assert found.value == pytest.approx(value) and found.period == "2013-12"
    assert found.fired is fires
    words = trigger_words(found, "USD")
    assert words.startswith("▲ fired: demand" if fires else "not fired: demand") and "in Dec 13" in words
    assert (fired_words([found], {"2014-01-R1": "A rival"}) == "A trigger fired: A rival.") is fires


def test_items_that_are_closed_or_have_no_trigger_are_not_watched() -> None:
    assert watched(status="in_plan") == () == watched(trigger_measure="")


def test_a_scope_that_is_gone_says_so_and_fires_nothing() -> None:
    (found,) = watched(market="Moon")
    assert not found.fired and "Moon" in found.why and np.isnan(found.value)
    assert "not watched" in trigger_words(found, "USD")


def test_effects_by_month_add_up_to_what_is_expected() -> None:
    calendar = plan().inputs.calendar
    labels = calendar.plan_labels
    rows = pd.DataFrame(
        {
            "kind": ["risk", "opportunity", "risk"],
            "gross_margin": [-90.0, 40.0, -1000.0],
            "expected_gross_margin": [-30.0, 20.0, -500.0],
            "from_period": [labels[1], labels[0], labels[0]],
            "to_period": [labels[3], labels[0], labels[2]],
            "counts": [True, True, False],
        }
    )
    table = by_period(rows, calendar).set_index("period")
    assert table["risk"].sum() == pytest.approx(-30.0) and table["opportunity"].sum() == pytest.approx(20.0)
    assert table.loc[labels[2], "risk"] == pytest.approx(-10.0)
