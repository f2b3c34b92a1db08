"""The period that a scorecard speaks of: which past and which planned buckets, and how to say it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sop_engine.errors import PlanError
from sop_engine.inputs.calendar import Calendar


class Window(StrEnum):
    """The value is its name in addresses and files."""

    FISCAL_YEAR = "fiscal_year"
    NEXT_3 = "next_3"
    NEXT_12 = "next_12"
    ALL = "all"


@dataclass(frozen=True, eq=False)
class Span:
    """past: (past buckets,) bool, actuals that count in; planned: plan indices that count in; words: the
    span as a phrase."""

    past: np.ndarray
    planned: np.ndarray
    words: str

    @property
    def end(self) -> int:
        """Last plan index of the span."""
        return int(self.planned[-1])


def span_of(calendar: Calendar, window: Window | str) -> Span:
    """The buckets of a window: reported ones only, and the actuals of the running fiscal year for its
    landing.

    Raises PlanError when there is no such window.
    """
    if window not in set(Window):
        raise PlanError(f"There is no window '{window}'. Choose one of {', '.join(Window)}.")
    if window == Window.FISCAL_YEAR:
        return _fiscal_year(calendar)
    count = {Window.NEXT_3: 3, Window.NEXT_12: 12, Window.ALL: calendar.horizon}[Window(window)]
    planned = np.arange(min(count, calendar.horizon))
    return Span(np.zeros(calendar.now, dtype=bool), planned, _from_to(calendar.plan_labels, planned))


def _fiscal_year(calendar: Calendar) -> Span:
    year = calendar.fiscal_years[calendar.now]
    past = calendar.fiscal_years[: calendar.now] == year
    planned = np.flatnonzero(calendar.fiscal_years[calendar.now :][: calendar.horizon] == year)
    months = f"{int(past.sum())} actual, {len(planned)} to go ({_from_to(calendar.plan_labels, planned)})"
    return Span(past, planned, f"fiscal year {year}: {months}")


def _from_to(labels: tuple[str, ...], planned: np.ndarray) -> str:
    first, last = labels[planned[0]], labels[planned[-1]]
    return first if first == last else f"{first} to {last}"
