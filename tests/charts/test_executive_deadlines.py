"""The calendar of deadlines says what was solved, to the day and the amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sop_engine.charts import executive_deadlines as charts
from sop_engine.charts.executive_deadline_words import Candidate, clock_words, delay_words, headline
from sop_engine.charts.style import LIGHT
from sop_engine.deadlines.clock import CycleClock
from sop_engine.deadlines.moment import earliest, moment_of, refusal
from sop_engine.deadlines.waiting import Deadline, find_deadlines
from sop_engine.inputs import Inputs
from sop_engine.scenario import Lever, Scenario
from tests.deadlines.companies import PROMOTION, just_in_time, solved

CLOCK = CycleClock(date(2014, 1, 1), date(2014, 1, 6))


@pytest.fixture(scope="module")
def made() -> tuple[Inputs, list[Candidate]]:
    inputs = just_in_time(60.0)
    options = (
        PROMOTION,
        Scenario((Lever("price", 10),), "Price"),
        Scenario((Lever("overtime", 30, target="Line"),), "Idle"),
    )
    model, nothing, plans = solved(inputs, *options)
    found = find_deadlines(nothing, plans, model, {"near": np.arange(4)})
    return inputs, [
        Candidate("D1", "How?", letter, one.name, deadline, "", date(2014, 2, 1), "")
        for letter, one, deadline in zip("ABC", options, found, strict=True)
    ] + [Candidate("D2", "Whom?", "A", "Ask", None, "no scenario", None, "")]


def deadline(made: tuple[Inputs, list[Candidate]], at: int = 0) -> Deadline:
    return made[1][at].deadline


def test_days_follow_from_months_of_waiting(made: tuple[Inputs, list[Candidate]]) -> None:
    calendar = made[0].calendar
    moment = moment_of(deadline(made), calendar)
    assert moment.full == moment.last == moment.left == date(2014, 4, 30)
    lasting = moment_of(deadline(made, 1), calendar)
    assert (lasting.full, lasting.last) == (date(2014, 1, 31), date(2014, 4, 30))
    assert earliest([deadline(made, at) for at in range(3)], calendar) == date(2014, 4, 30)
    assert earliest([deadline(made, 2)], calendar) is None


def test_an_option_is_refused_from_the_day_after(made: tuple[Inputs, list[Candidate]]) -> None:
    inputs, one = made[0], deadline(made)
    assert refusal(PROMOTION, inputs, date(2014, 4, 30), one) == ""
    late = refusal(PROMOTION, inputs, date(2014, 5, 1), one)
    assert "last responsible moment was 30 Apr 14" in late and "1,200" in late
    assert "none of its levers" in refusal(PROMOTION, inputs, date(2014, 8, 1), None)
    assert refusal(Scenario(), inputs, date(2015, 1, 1), None) == ""


def test_the_table_has_the_nearest_first_and_what_binds(made: tuple[Inputs, list[Candidate]]) -> None:
    table = charts.deadline_table(made[1], made[0], CLOCK, "near")
    assert set(table["option"][:2]) == {"D1 A: Promotion", "D1 B: Price"}
    assert list(table["option"][2:]) == ["D1 C: Idle", "D2 A: Ask"]
    row = table.set_index("option").loc["D1 A: Promotion"]
    assert row["days left"] == "114"
    assert row["what binds"] == (
        "30 units of F more must be ordered from Vendor in May 14, decided by 30 Apr 14 (lead time 60 days), "
        "to be there from Jul 14"
    )
    assert table.set_index("option").loc["D2 A: Ask", "what binds"] == "no scenario"


def test_sentences_are_exact(made: tuple[Inputs, list[Candidate]]) -> None:
    said = delay_words(made[1][0], made[0], CLOCK, "near", "the next 4 months")
    assert said == (
        "'Promotion' brings 1.20 k USD gross margin over 8 months. Not deciding it by 30 Apr 14 loses "
        "1.20 k USD of it, none of it in the next 4 months. After 30 Apr 14 less than 50 % of it is left."
    )
    assert "brings no more" in delay_words(made[1][2], made[0], CLOCK, "near", "")
    assert delay_words(made[1][3], made[0], CLOCK, "near", "") == "'Ask': no scenario."


def test_the_headline_names_the_first_to_decide(made: tuple[Inputs, list[Candidate]]) -> None:
    inputs, candidates = made
    first = "'Promotion' is the first to decide: by 30 Apr 14, 114 days left"
    assert headline(candidates[:1], inputs, CLOCK) == first
    assert headline(candidates[2:], inputs, CLOCK) == "No option has a last responsible moment ahead"
    price = candidates[1].deadline
    lasting = replace(price, delays=price.delays[:2], full=1, half=1, gone=None)
    said = headline([replace(candidates[1], deadline=lasting)], inputs, CLOCK)
    kept = "Every option keeps at least 50 % of its effect if it is decided by 28 Feb 14"
    assert said == f"{kept}, as far as was solved"


def test_the_timeline_ends_each_bar_at_its_day(made: tuple[Inputs, list[Candidate]]) -> None:
    figure = charts.timeline(made[1], [("Executive S&OP", date(2014, 1, 28))], made[0], CLOCK, LIGHT)
    solid = next(trace for trace in figure["data"] if trace["name"] == "Full effect")
    ends = dict(zip(solid["y"], solid["customdata"], strict=True))
    assert ends == {"D1 A: Promotion": "30 Apr 14", "D1 B: Price": "31 Jan 14"}
    assert any("Executive S&amp;OP" in note["text"] for note in figure["layout"]["annotations"])


def test_the_table_behind_holds_every_solve(made: tuple[Inputs, list[Candidate]]) -> None:
    frame = charts.delay_frame(made[1], made[0], "near", "near")
    counts = frame.groupby("option").size()
    assert counts["D1 A: Promotion"] == len(deadline(made).delays)
    whole = frame[frame["option"] == "D1 A: Promotion"]["gross margin, 8 months"].to_numpy()
    np.testing.assert_allclose(whole, [deadline(made).effect(at) for at in range(len(whole))])


def test_the_clock_is_said() -> None:
    assert clock_words(CLOCK, "2014-01") == "Days are counted from today, 6 Jan 14."
    caught_up = CycleClock(date(2014, 1, 1), date(2014, 1, 3), 4708, False)
    assert "stands at 3 Jan 14" in clock_words(caught_up, "2014-01")
