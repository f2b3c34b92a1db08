"""The canon agendas, the executive agenda of what was left open, quorum, and the time that meetings take."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sop_engine.executive_sop.agenda import (
    DECISION,
    KINDS,
    canon,
    decision_items,
    missing_roles,
    quorum_words,
    seats,
)
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.meeting_time import clock_words, decision_share_pct, held, process_figures
from sop_engine.executive_sop.unresolved import Matter

# minutes that each meeting commonly takes, from and to
LENGTHS = {
    "product": (60, 90),
    "demand": (60, 85),
    "supply": (60, 90),
    "finance": (45, 60),
    "pre_sop": (90, 90),
}


def matter(kind: str, key: str) -> Matter:
    return Matter(kind, key, f"What about {key}?", "", 5.0, "Bo", None, None, "open", "executive_sop")


@pytest.mark.parametrize("stage", STAGES)
def test_every_review_has_an_agenda_and_somebody_who_decides(stage: str) -> None:
    items = canon(stage)
    assert all(item.minutes > 0 and item.kind in KINDS for item in items)
    assert len({item.title for item in items}) == len(items)
    assert any(seat.decides for seat in seats(stage))
    if stage in LENGTHS:
        least, most = LENGTHS[stage]
        assert least <= sum(item.minutes for item in items) <= most


def test_the_supply_review_has_eight_items_of_ninety_minutes() -> None:
    assert len(canon("supply")) == 8 and sum(item.minutes for item in canon("supply")) == 90


def test_the_executive_agenda_holds_one_item_per_open_decision_after_the_prior_ones() -> None:
    asked = decision_items([matter("Decision", "D6"), matter("Request", "R1"), matter("Decision", "D2")])
    items = canon("executive", asked)
    assert items[0].title.startswith("Prior decisions") and items[-1].kind == "summary"
    assert [item.about for item in items if item.about] == ["D6", "D2"]
    assert len(items) == len(canon("executive")) + 2 == 8
    assert all(item.kind == DECISION and item.title == f"What about {item.about}?" for item in asked)
    assert canon("supply", asked) == canon("supply")


def attendance(*rows: tuple[str, bool, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["role", "decides", "present"])


def test_a_meeting_without_anybody_who_decides_is_a_working_session() -> None:
    planner = ("Process owner", False, True)
    assert "working session" in quorum_words(attendance(planner, ("VP Sales", True, False)))
    assert quorum_words(attendance(planner, ("VP Sales", True, True))) == ""
    assert "Nobody is marked" in quorum_words(attendance(("VP Sales", True, False)))


def test_a_role_is_filled_by_any_of_its_people() -> None:
    rows = attendance(("VP Sales", True, False), ("VP Sales", True, True), ("VP Finance", True, False))
    assert missing_roles(rows) == ["VP Finance"]


def test_a_clock_says_that_it_is_over() -> None:
    assert clock_words(900, 15) == "15:00 of 15:00"
    assert clock_words(901, 15).endswith("over by 0:01")


@given(
    some.lists(some.integers(0, 3600), min_size=1, max_size=6), some.integers(0, 5), some.integers(0, 3600)
)
def test_the_open_item_alone_takes_the_time_that_passes(spent: list[int], place: int, passed: int) -> None:
    place %= len(spent)
    at = datetime(2014, 1, 20, 10)
    started = [at - timedelta(seconds=passed) if row == place else None for row in range(len(spent))]
    items = pd.DataFrame(
        {"seconds": [float(s) for s in spent], "started_at": pd.to_datetime(pd.Series(started))}
    )
    twin = [s + (passed if row == place else 0) for row, s in enumerate(spent)]
    assert list(held(items, at)["seconds"]) == pytest.approx(twin)


def test_process_figures_against_a_second_writing() -> None:
    at = pd.Timestamp("2014-01-20 10:00")
    meetings = pd.DataFrame(
        {
            "meeting_id": ["M1", "M2", "M3"],
            "cycle": "2014-01",
            "title": ["A", "B", "C"],
            "stage": "supply",
            "scope": "",
            "status": ["ended", "ended", "running"],
            "ended_at": [at + pd.Timedelta(1, "h"), at, pd.NaT],
        }
    )
    items = pd.DataFrame(
        [("M1", 10.0, 900.0, "decision"), ("M1", 20.0, 300.0, "review"), ("M2", 5.0, 0.0, "review")],
        columns=["meeting_id", "minutes", "seconds", "kind"],
    )
    people = pd.DataFrame(
        [("M1", "VP Sales", True), ("M1", "VP Sales", False), ("M1", "VP Finance", False)],
        columns=["meeting_id", "role", "present"],
    )
    figures = process_figures(meetings, items, people).set_index("meeting_id")
    assert list(figures.index) == ["M2", "M1"]
    row = figures.loc["M1"]
    assert (row["planned"], row["held"], row["over"]) == (30.0, 20.0, -10.0)
    assert row["decisions_pct"] == 75.0 and row["present_pct"] == 50.0
    assert np.isnan(figures.loc["M2", "decisions_pct"]) and np.isnan(figures.loc["M2", "present_pct"])
    assert np.isnan(decision_share_pct(items.iloc[2:]))
