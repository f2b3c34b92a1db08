from dataclasses import replace

import numpy as np
import pytest

from sop_engine.errors import PlanError
from sop_engine.executive_sop.window import Window, span_of
from tests.plans import small_inputs

CALENDAR = small_inputs().calendar


def test_a_fiscal_year_that_starts_with_the_plan_has_no_actuals() -> None:
    span = span_of(CALENDAR, Window.FISCAL_YEAR)
    assert not span.past.any() and list(span.planned) == list(range(12))
    assert span.words == "fiscal year 2014: 0 actual, 12 to go (2014-01 to 2014-12)"


def test_a_running_fiscal_year_lands_with_its_actuals() -> None:
    span = span_of(replace(CALENDAR, fiscal_year_start=7), Window.FISCAL_YEAR)
    assert list(np.array(CALENDAR.labels[: CALENDAR.now])[span.past]) == [
        f"2013-{month:02d}" for month in range(7, 13)
    ]
    assert span.end == 5 and span.words.startswith("fiscal year 2014: 6 actual, 6 to go")


@pytest.mark.parametrize(("window", "last"), [(Window.NEXT_3, 2), (Window.NEXT_12, 11), (Window.ALL, 11)])
def test_other_windows_are_reported_periods_only(window: Window, last: int) -> None:
    span = span_of(CALENDAR, window)
    assert span.end == last < CALENDAR.periods - 1 and not span.past.any()


def test_another_window_is_refused() -> None:
    with pytest.raises(PlanError, match="no window 'next_5'. Choose one of fiscal_year"):
        span_of(CALENDAR, "next_5")
