"""The month as drawn: due dates, deadlines, and a sentence that says who is next."""

from dataclasses import replace
from datetime import date, datetime

from sop_engine.charts.cycle import due_words, stage_status, timeline, timeline_table, where_words
from sop_engine.charts.style import LIGHT
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES
from sop_engine.executive_sop.progress import StageState

TODAY = date(2014, 1, 10)
OPEN = StageState("product", "Product review", "Ann", "open", TODAY, 0, "", None, "", "", ())
STATES = tuple(replace(OPEN, stage=stage, name=STAGE_WORDS[stage]) for stage in STAGES)
SIGNED = replace(OPEN, status="signed", signed_by="Ann", signed_at=datetime(2014, 1, 9), version="v")


def test_the_first_review_that_does_not_hold_is_next() -> None:
    states = (SIGNED, *STATES[1:])
    assert where_words(states) == "1 of 6 reviews are signed; Demand review (Ann) is next"
    assert due_words(states, []) == "Demand review is due 10 Jan 14"


def test_a_stale_signature_is_named() -> None:
    stale = replace(SIGNED, stale="data changed since")
    assert stage_status(stale) == "stale"
    assert "its signature is stale: data changed since" in where_words((stale, *STATES[1:]))


def test_all_signed_can_be_published() -> None:
    assert "can be published" in where_words(tuple(replace(SIGNED, stage=stage) for stage in STAGES))


def test_the_timeline_holds_reviews_and_deadlines() -> None:
    deadlines = [("Buy a press?", date(2014, 1, 20))]
    figure = timeline(STATES, deadlines, TODAY, LIGHT)
    assert len(figure["data"][0]["x"]) == 6 and figure["data"][1]["x"] == ["2014-01-20"]
    table = timeline_table(STATES, deadlines)
    assert len(table) == 7 and table["status"].iloc[-1] == "decision waits"
