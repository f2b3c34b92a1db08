"""The day that a cycle stands at, and the days that its later cycles end on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sop_engine.deadlines.clock import cycle_clock, last_day, periods_past
from tests.supply_review.companies import two_stores

CALENDAR = two_stores().calendar
FIRST, LAST = date(2014, 1, 1), date(2014, 1, 31)


@pytest.mark.parametrize("today", [date(2013, 12, 20), date(2014, 1, 9), date(2014, 3, 4)])
@pytest.mark.parametrize("started", [date(2013, 12, 16), date(2014, 1, 6)])
def test_a_cycle_of_its_own_month_stands_at_today(started: date, today: date) -> None:
    clock = cycle_clock(CALENDAR, started, today)
    assert clock.is_live and clock.day == today
    assert clock.of(today) == clock.real(today) == today


@pytest.mark.parametrize(("days", "day"), [(0, FIRST), (9, date(2014, 1, 10)), (400, LAST), (-3, FIRST)])
def test_a_cycle_started_years_later_goes_on_in_its_own_month(days: int, day: date) -> None:
    started = date(2026, 11, 22)
    clock = cycle_clock(CALENDAR, started, started + timedelta(days=days))
    assert not clock.is_live and clock.day == day
    assert clock.real(FIRST) == started and clock.of(started + timedelta(days=5)) == date(2014, 1, 6)


def test_a_cycle_left_open_for_years_does_not_pass_all_its_deadlines() -> None:
    clock = cycle_clock(CALENDAR, date(2014, 1, 6), date(2026, 11, 22))
    assert not clock.is_live and clock.day == LAST
    assert cycle_clock(CALENDAR, date(2014, 1, 6), date(2014, 3, 31)).is_live
    assert not cycle_clock(CALENDAR, date(2014, 1, 6), date(2014, 4, 1)).is_live


def test_a_cycle_that_was_never_opened_stands_at_its_first_day() -> None:
    assert cycle_clock(CALENDAR, None, date(2026, 1, 1)).day == FIRST


def test_a_later_cycle_is_decided_until_the_day_before_the_next_freeze() -> None:
    assert [last_day(CALENDAR, at) for at in range(3)] == [LAST, date(2014, 2, 28), date(2014, 3, 31)]
    days = [date(2013, 12, 20), FIRST, LAST, date(2014, 2, 1), date(2014, 3, 31), date(2014, 4, 1)]
    assert [periods_past(CALENDAR, day) for day in days] == [0, 0, 0, 1, 2, 3]
