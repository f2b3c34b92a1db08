from __future__ import annotations

import numpy as np
import pytest

from sop_engine.inputs.calendar import Calendar
from sop_engine.supply_review.timing import find_timing
from tests.builders import day_calendar, small_company

MONTHS = small_company().calendar
BUCKET = float(np.mean(MONTHS.plan_days))


def timing_of(periods: list[float], calendar: Calendar = MONTHS) -> tuple[np.ndarray, ...]:
    """Starts and arrivals of 100 units a period under lead times given in periods."""
    timing = find_timing(calendar, np.array([periods]) * BUCKET)
    flow = np.where(timing.blocked, 0.0, 100.0)
    return timing.started(flow)[0], timing.arriving(flow)[0], timing.blocked[0]


def test_a_lead_time_of_a_period_and_a_half_starts_half_one_and_half_two_periods_earlier() -> None:
    started, arriving, blocked = timing_of([1.5] * 8)
    assert blocked.tolist() == [True] + [False] * 7
    np.testing.assert_allclose(arriving, [0, 50, 100, 150, 100, 100, 100, 100])
    np.testing.assert_allclose(started, [100, 150, 100, 100, 100, 100, 50, 0])


@pytest.mark.parametrize("periods", [0.0, 0.3, 1.0, 1.7, 2.2])
def test_what_is_started_arrives_within_the_plan_or_after_it(periods: float) -> None:
    started, arriving, _ = timing_of([periods] * 8)
    assert arriving.sum() <= started.sum() + 1e-9
    assert (np.cumsum(started) - np.cumsum(arriving) >= -1e-9).all()


def test_whole_days_are_not_split() -> None:
    days = day_calendar("2009-01-01", 10)
    timing = find_timing(days, np.full((1, 10), 3.0))
    assert timing.start[0].tolist() == [-1, -1, -1, 0, 1, 2, 3, 4, 5, 6]
    assert not timing.part.any()


def test_orders_from_a_slower_period_on_leave_a_gap() -> None:
    timing = find_timing(MONTHS, np.array([[0.0, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]]) * BUCKET)
    assert timing.start[0].tolist() == [0, 1, -1, -1, 2, 3, 4, 5]
    assert timing.renewed[0].tolist() == [False] * 4 + [True] + [False] * 3


def test_a_split_order_leaves_room_so_that_receipts_stay_within_the_limit() -> None:
    timing = find_timing(MONTHS, np.full((1, 8), 0.4 * BUCKET))
    assert timing.arriving(100.0 * timing.room)[0].max() == pytest.approx(100.0)
