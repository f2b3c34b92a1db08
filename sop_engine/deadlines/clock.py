"""The clock that a cycle is decided by: its own calendar, however late it was opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sop_engine.inputs.calendar import Calendar


@dataclass(frozen=True)
class CycleClock:
    """Where a cycle stands in its own calendar.

    first: first day of the period that the cycle plans from; day: the day that the cycle stands at
    shift: days that its calendar is behind today's; is_live: whether its day is today, shift is 0 then
    """

    first: date
    day: date
    shift: int = 0
    is_live: bool = True

    def of(self, real: date) -> date:
        """The day of the cycle's calendar on which a day of today's calendar falls."""
        return real - timedelta(days=self.shift)

    def real(self, planned: date) -> date:
        """The day of today's calendar on which a day of the cycle's falls."""
        return planned + timedelta(days=self.shift)


def cycle_clock(calendar: Calendar, started: date | None, today: date) -> CycleClock:
    """The clock of a cycle that was started on a day.

    A cycle that is started in the period before the one it plans from, or in that period, is decided by
    today's date, until its slushy zone is over: what is open longer is not worked on in its own time. Such
    a one, a sample or a month caught up on begins on the first day of its period and goes on a day for each
    day since it was started, not beyond the end of that period: its deadlines lie ahead as they did then.
    Without a start it stands at its first day.
    """
    first, last = (edge[calendar.now].astype(object) for edge in (calendar.starts, calendar.ends))
    if started is None:
        return CycleClock(first, first, (today - first).days, False)
    before = calendar.starts[max(calendar.now - 1, 0)].astype(object)
    if before <= started <= last and today <= last_day(calendar, calendar.frozen + calendar.slushy):
        return CycleClock(first, today)
    shift = (started - first).days
    return CycleClock(first, min(max(today - timedelta(days=shift), first), last), shift, False)


def last_day(calendar: Calendar, periods: int) -> date:
    """The last day on which a decision of the cycle so many periods later counts: the day before the zone
    that is frozen moves on by another period."""
    return calendar.ends[calendar.now + periods].astype(object)


def periods_past(calendar: Calendar, day: date) -> int:
    """In which later cycle a decision of this day counts: 0 for this one, 1 for the next, and so on."""
    ends = calendar.ends[calendar.now :].astype(object)
    return int(sum(end < day for end in ends))
