"""Working days against a loop over the days of a calendar, and the way back."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sop_engine.executive_sop.working_days import (
    WORKING_DAYS,
    due_dates,
    late_words,
    working_day,
    working_days_to,
)

NEW_YEAR = date(2014, 1, 1)
days = st.dates(date(2013, 12, 1), date(2014, 3, 1))
closed = st.frozensets(days, max_size=15)


def counted(first: date, count: int, holidays: frozenset[date]) -> date:
    """Day by day: the first working day is number 0."""
    day, passed = first, -1
    while True:
        if day.weekday() < 5 and day not in holidays:
            passed += 1
            if passed == count:
                return day
        day += timedelta(days=1)


@given(days, st.integers(0, 40), closed)
def test_a_working_day_is_the_one_a_loop_counts(first: date, count: int, holidays: frozenset[date]) -> None:
    assert working_day(first, count, holidays) == counted(first, count, holidays)


@given(days, st.integers(0, 40), closed)
def test_counting_to_a_working_day_gives_its_number(
    first: date, count: int, holidays: frozenset[date]
) -> None:
    assert working_days_to(first, counted(first, count, holidays), holidays) == count


def test_new_year_and_the_weekend_are_skipped() -> None:
    assert working_day(NEW_YEAR, 0, {NEW_YEAR}) == date(2014, 1, 2)
    assert working_day(NEW_YEAR, 2, {NEW_YEAR}) == date(2014, 1, 6)
    assert working_days_to(date(2014, 1, 6), date(2014, 1, 3)) == -1


def test_each_review_is_due_on_its_day() -> None:
    due = due_dates(date(2014, 1, 6), {"product": 4, "demand": 7}, {date(2014, 1, 8)})
    assert due == {"product": date(2014, 1, 13), "demand": date(2014, 1, 16)}
    assert list(due_dates(NEW_YEAR)) == list(WORKING_DAYS)


def test_a_cycle_opened_after_its_period_says_so() -> None:
    assert late_words(date(2014, 1, 31), date(2014, 2, 1), "Jan 14") == ""
    assert late_words(date(2026, 11, 22), date(2014, 2, 1), "Jan 14").startswith("Jan 14 is over")
