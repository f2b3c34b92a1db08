import math
from datetime import date, timedelta

import pandas as pd
import pytest

from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import (
    NEXT,
    Status,
    age_in_cycles,
    days_left,
    deadline_words,
    first_deadline,
    is_waiting,
    require_escalation,
    require_step,
    resolved_below_pct,
    standing,
    value_at_stake,
)

TODAY = date(2014, 1, 17)


@pytest.mark.parametrize(
    ("status", "decide_by", "words"),
    [
        ("open", date(2014, 1, 20), "open, 3 days left"),
        ("open", date(2014, 1, 18), "open, 1 day left"),
        ("escalated", TODAY, "escalated, due today"),
        ("deferred", date(2014, 1, 15), "deferred, 2 days overdue"),
        ("open", None, "open, no deadline"),
        ("decided", date(2014, 1, 15), "decided"),
    ],
)
def test_a_deadline_in_words(status: str, decide_by: date | None, words: str) -> None:
    assert deadline_words(status, decide_by, TODAY) == words


def test_days_left() -> None:
    assert days_left(date(2014, 2, 1), TODAY) == 15 and days_left(None, TODAY) is None


@pytest.mark.parametrize("now", Status)
@pytest.mark.parametrize("then", Status)
def test_only_the_steps_of_the_rules_are_allowed(now: Status, then: Status) -> None:
    if then in NEXT[now]:
        require_step(now, then)
    else:
        with pytest.raises(RecordError, match=f"that is {now} cannot become {then}"):
            require_step(now, then)


def test_decided_and_withdrawn_are_the_end() -> None:
    assert [status for status in Status if not is_waiting(status)] == [Status.DECIDED, Status.WITHDRAWN]


@pytest.mark.parametrize(
    ("frm", "to", "reason", "message"),
    [
        ("supply", "demand", "why", "Demand review does not come after Supply review"),
        ("supply", "supply", "why", "does not come after"),
        ("supply", "board", "why", "'board' is no review"),
        ("supply", "executive", "  ", "needs its reason"),
    ],
)
def test_an_escalation_goes_up_with_a_reason(frm: str, to: str, reason: str, message: str) -> None:
    require_escalation("supply", "executive", "Overtime is above my limit")
    with pytest.raises(RecordError, match=message):
        require_escalation(frm, to, reason)


def test_what_is_at_stake_lies_between_the_best_and_the_worst_option() -> None:
    assert value_at_stake([100.0, 40.0, 70.0]) == 60 and value_at_stake([5.0, float("nan")]) == 0


def rows(*cells: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(cells), columns=["cycle", "status", "escalated_to"])


def test_a_cycle_has_its_own_decisions_and_those_that_wait_from_before() -> None:
    table = rows(
        ("2013-12", "decided", ""),
        ("2013-12", "deferred", ""),
        ("2014-01", "decided", ""),
        ("2014-02", "open", ""),
    )
    assert list(standing(table, "2014-01").index) == [1, 2]


def test_what_was_resolved_below_the_executive() -> None:
    table = rows(
        ("2014-01", "decided", ""),
        ("2014-01", "decided", "finance"),
        ("2014-01", "escalated", "executive"),
        ("2014-01", "decided", "executive"),
        ("2014-01", "open", ""),
    )
    assert resolved_below_pct(table) == 50.0
    assert math.isnan(resolved_below_pct(table[table["status"] == "open"]))


def test_the_age_of_a_record_counts_cycles_not_months() -> None:
    cycles = ["2013-10", "2013-12", "2014-01"]
    assert [age_in_cycles(one, "2014-01", cycles) for one in ("2014-01", "2013-12", "2013-10")] == [0, 1, 2]


@pytest.mark.parametrize(
    ("due", "first"),
    [(3, 3), (0, 0), (40, 40), (-1, 7), (None, 7)],
)
def test_a_new_issue_is_decided_by_the_executive_review_or_in_a_week(due: int | None, first: int) -> None:
    executive = None if due is None else TODAY + timedelta(days=due)
    assert first_deadline(executive, TODAY) == TODAY + timedelta(days=first)
