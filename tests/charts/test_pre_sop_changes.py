"""Every number in the words on what changed stands in a table behind the chart."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.charts.finance_bridge import bridge_table
from sop_engine.charts.numbers import short
from sop_engine.charts.pre_sop_changes import (
    change_figure,
    change_title,
    change_words,
    detail_table,
    drill_table,
    limit_words,
)
from sop_engine.charts.style import LIGHT
from sop_engine.pre_sop.changes import MARGIN, MEASURES, UNITS, ChangeBridge, change_bridge
from sop_engine.pre_sop.sides import STEP, kept_side, side_of
from sop_engine.records.snapshot import plan_cells
from tests.pre_sop.test_changes import INPUTS, LEVERS, NOW, SPAN, TODAY, earlier

FAMILIES = INPUTS.products.family
MONTH = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d\b")
NUMBER = re.compile(r"[+-]?\d[\d.,]*(?: (?:k|M|bn)\b)?")


def bridge_from(seed: int, measure: str, levers: int = 0) -> ChangeBridge:
    before = side_of(earlier(seed, LEVERS[:levers]), "the plan of December")
    return change_bridge(before, NOW, measure, SPAN)


def numbers_in(words: str) -> list[str]:
    """The amounts in a sentence, months left out."""
    return [found.lstrip("+-").rstrip(".,") for found in NUMBER.findall(MONTH.sub("", words))]


def tabled(bridge: ChangeBridge) -> set[str]:
    """Every number of the tables behind the chart, and the change between its ends, as they are written."""
    drill = drill_table(bridge, FAMILIES, 0, "family")
    tables = bridge_table(bridge), drill, detail_table(bridge, TODAY)
    return {
        short(abs(value)) for table in tables for value in table.select_dtypes("number").to_numpy().ravel()
    }


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.sampled_from(MEASURES), st.integers(0, 4))
def test_every_number_in_the_words_is_in_a_table(seed: int, measure: str, levers: int) -> None:
    bridge = bridge_from(seed, measure, levers)
    words = change_words(bridge, TODAY, FAMILIES)
    found = numbers_in(words)
    assert found or "nothing changed" in words
    assert set(found) <= tabled(bridge), words
    title = change_title(bridge, INPUTS)
    assert set(numbers_in(title)) <= tabled(bridge), title


def test_the_words_name_the_family_and_the_full_resource() -> None:
    more = earlier(1, LEVERS[:1])
    supply = replace(
        more.supply, on_time=TODAY.supply.on_time, late=TODAY.supply.late, lost=TODAY.supply.lost
    )
    lost = more.demand.unconstrained - supply.on_time - (TODAY.demand.unconstrained - TODAY.supply.on_time)
    worse = replace(more, supply=replace(supply, lost=TODAY.supply.lost + lost))
    bridge = change_bridge(NOW, side_of(worse, "now"), UNITS, SPAN)
    words = change_words(bridge, worse, FAMILIES)
    assert words.startswith("Delivered volume stays at") and "levers in Bikes" in words
    full = INPUTS.network.resources.name[0]
    assert "capacity" in words and f"because {full} is full in" in words


def test_nothing_changed_is_said_so() -> None:
    bridge = change_bridge(NOW, NOW, MARGIN, SPAN)
    assert (
        change_words(bridge, TODAY, FAMILIES) == "Gross margin: nothing changed since now, Jan 14 to Dec 14."
    )


def test_the_figure_leads_from_one_end_to_the_other() -> None:
    bridge = bridge_from(2, MARGIN, 4)
    figure = change_figure(bridge, INPUTS, "whole company", LIGHT)
    assert change_title(bridge, INPUTS) in figure["layout"]["title"]["text"]
    steps = figure["data"][1]
    assert steps["base"][0] == pytest.approx(bridge.start, abs=1)
    assert steps["base"][-1] + steps["y"][-1] == pytest.approx(bridge.end, abs=len(steps["y"]))


def test_the_drill_and_the_causes_sum_to_the_change() -> None:
    bridge = bridge_from(3, MARGIN, 4)
    drill = drill_table(bridge, FAMILIES, 0, "family")
    assert drill["change"].iloc[1:].sum() == pytest.approx(drill["change"].iloc[0])
    causes = detail_table(bridge, TODAY)
    assert causes["change"].sum() == pytest.approx(bridge.end - bridge.start, abs=len(bridge.details))


def test_what_cannot_be_told_is_said() -> None:
    cells = plan_cells(earlier(4))
    baseline = cells[cells["measure"] == STEP + "Statistical baseline"]
    first = baseline["period"] < np.datetime64("2014-11-01")
    replay = pd.concat([baseline, baseline.assign(measure="demand_units")])[
        lambda rows: first.reindex(rows.index)
    ]
    side = kept_side(INPUTS, "the replay", replay)
    said = list(limit_words(change_bridge(side, NOW, MARGIN, SPAN), side, SPAN, INPUTS))
    assert "Nov 14 to Dec 14, which are left out" in said[0]
    assert "without supply and money" in said[1] and "statistical baseline alone" in said[2]
    kept = kept_side(INPUTS, "kept", cells)
    assert not list(limit_words(change_bridge(kept, NOW, MARGIN, SPAN), kept, SPAN, INPUTS))
