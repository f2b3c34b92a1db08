"""The view that a record keeps: what it says, and that it comes back whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.errors import RecordError
from sop_engine.executive_sop.evidence import Evidence
from sop_engine.scenario import Lever, Scenario

VIEW = Evidence(
    "demand_review",
    "Demand review",
    (
        ("demand_tabs", "Overrides"),
        ("filter_category", "Bikes"),
        ("filter_family", "Road Bikes"),
        ("filter_market", "Europe"),
        ("strip_baseline", "budget"),
        ("strip_window", "next_12"),
    ),
    Scenario((Lever("price", 2, "Road Bikes"),)),
    "3fa2c1d4e5f6",
)
KEYS = st.sampled_from(["demand_tabs", "filter_family", "filter_market", "strip_window", "connected_family"])


def test_it_says_page_section_filter_baseline_scenario_and_data() -> None:
    assert VIEW.words() == (
        "Demand review, Overrides · Road Bikes, Europe · next 12 vs budget · Price of Road Bikes +2 % "
        "· data 3fa2c1"
    )


def test_a_view_of_everything_says_so() -> None:
    assert Evidence("cycle", "Cycle").words() == "Cycle · whole company"


@given(st.dictionaries(KEYS, st.text(max_size=12)), st.text(max_size=8), st.floats(-30, 30))
def test_it_comes_back_whole(state: dict[str, str], version: str, value: float) -> None:
    scenario = Scenario((Lever("demand", value),)) if value else Scenario()
    view = Evidence("demand_review", "Demand", tuple(sorted(state.items())), scenario, version)
    assert Evidence.from_json(view.to_json()) == view


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"page": "a"}', '{"page": 1, "title": 2, "state": 3}']
)
def test_what_is_no_view_is_refused_in_words(text: str) -> None:
    with pytest.raises(RecordError, match="holds no view that can be opened"):
        Evidence.from_json(text)
