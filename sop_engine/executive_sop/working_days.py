"""Dates by business-day calendar: weekends and the planner's holidays are skipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np

WORKING_DAYS = {"product": 4, "demand": 7, "supply": 11, "finance": 14, "pre_sop": 16, "executive": 18}


def working_day(first: date, count: int, holidays: Collection[date] = ()) -> date:
    """The day that lies `count` working days after the first working day on or after `first`.

    >>> working_day(date(2014, 1, 4), 1)
    datetime.date(2014, 1, 7)
    """
    closed = np.array(sorted(holidays), dtype="datetime64[D]")
    return np.busday_offset(np.datetime64(first), count, roll="forward", holidays=closed).astype(object)


def working_days_to(first: date, day: date, holidays: Collection[date] = ()) -> int:
    """How many working days a day lies after the first working day on or after `first`, negative before it;
    a day on which nobody works counts as the working day after it.
    """
    closed = np.array(sorted(holidays), dtype="datetime64[D]")
    start, end = (
        np.busday_offset(np.datetime64(one), 0, roll="forward", holidays=closed) for one in (first, day)
    )
    return int(np.busday_count(start, end, holidays=closed))


def due_dates(
    first: date, days: Mapping[str, int] = WORKING_DAYS, holidays: Collection[date] = ()
) -> dict[str, date]:
    """{stage: deadline} of a month whose working days count from `first`."""
    return {stage: working_day(first, count, holidays) for stage, count in days.items()}


def late_words(first: date, over: date, name: str) -> str:
    """That the deadlines of a cycle count from a day after its period, "" where they do not.

    first: working day that they count from; over: first day after the period; name: of the period

    >>> late_words(date(2014, 2, 3), date(2014, 2, 1), "Jan 14")
    'Jan 14 is over: due days count from the day the cycle is opened, not from its first.'
    """
    if first < over:
        return ""
    return f"{name} is over: due days count from the day the cycle is opened, not from its first."
