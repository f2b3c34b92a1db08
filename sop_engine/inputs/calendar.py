"""The planning calendar: buckets from the first history to the last planned one, and where "now" stands in
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sop_engine.errors import DataError

ALWAYS = np.datetime64("1900-01-01", "D")  # how the warehouse writes a blank "valid from"


@dataclass(frozen=True)
class Calendar:
    """Buckets in time order; index `now` is the first bucket of the plan.

    starts, ends: (buckets,) first and last day of each bucket, datetime64[D]
    labels: (buckets,) "2014-01" for a calendar month, the planner's own label otherwise
    working_days: (buckets,) days
    horizon: plan buckets that are reported; beyond: further ones planned so that nothing shown is an end
    effect
    frozen, slushy: plan buckets in each zone, counted from now
    season: buckets in a year
    """

    starts: np.ndarray
    ends: np.ndarray
    labels: tuple[str, ...]
    working_days: np.ndarray
    now: int
    horizon: int
    beyond: int
    frozen: int
    slushy: int
    fiscal_year_start: int
    season: int

    @cached_property
    def periods(self) -> int:
        """Plan buckets in the engine: reported ones and those beyond."""
        return self.horizon + self.beyond

    @cached_property
    def plan_labels(self) -> tuple[str, ...]:
        return self.labels[self.now : self.now + self.periods]

    @cached_property
    def history_labels(self) -> tuple[str, ...]:
        return self.labels[: self.now]

    @cached_property
    def plan_days(self) -> np.ndarray:
        """(periods,) length of each plan bucket in days."""
        lengths = (self.ends - self.starts).astype(int) + 1
        return lengths[self.now : self.now + self.periods]

    @cached_property
    def fiscal_years(self) -> np.ndarray:
        """(buckets,) fiscal year of each bucket, named after the calendar year in which it ends."""
        months = self.starts.astype("datetime64[M]").astype(int)
        shift = 0 if self.fiscal_year_start == 1 else 13 - self.fiscal_year_start
        return (months + shift) // 12 + 1970

    def plan_index(self, label: str, default: int) -> int:
        """Plan index of a bucket label; blank gives `default`, labels outside the plan are clipped to its
        ends.
        """
        if not label:
            return default
        if label in self.plan_labels:
            return self.plan_labels.index(label)
        return -1 if label < self.plan_labels[0] else self.periods

    def locate(self, days: np.ndarray) -> np.ndarray:
        """Bucket index of each day; -1 before the first bucket (and for "always"), len(labels) after the
        last.
        """
        days = np.asarray(days, dtype="datetime64[D]")
        index = np.searchsorted(self.starts, days, side="right") - 1
        return np.where(days > self.ends[-1], len(self.labels), index)

    def lead_split(self, days: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Whole buckets and the fraction of a receipt that falls one bucket later, for lead times in days.

        Orders are placed evenly over a bucket, so a lead time of L days in buckets of D days lands
        1 - frac(L / D) of the quantity floor(L / D) buckets later and the rest one bucket after that.
        """
        buckets = np.asarray(days, dtype=float) / float(np.mean(self.plan_days))
        whole = np.floor(buckets + 1e-9)
        return whole.astype(int), np.clip(buckets - whole, 0.0, None)


def month_starts(first: np.datetime64, count: int) -> np.ndarray:
    """`count` calendar months from the month of `first`, as first days."""
    return (first.astype("datetime64[M]") + np.arange(count)).astype("datetime64[D]")


def months_calendar(first: np.datetime64, now: np.datetime64, settings: dict[str, float]) -> Calendar:
    """Calendar months from `first`; the plan starts in the month of `now`."""
    past = int((now.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(int))
    if past < 0:
        raise DataError("The cycle starts before the first month of sales history. Choose a later cycle.")
    horizon, beyond = int(settings["horizon_periods"]), int(settings["beyond_periods"])
    starts = month_starts(first, past + horizon + beyond + 1)
    ends = starts[1:] - np.timedelta64(1, "D")
    starts = starts[:-1]
    return Calendar(
        starts=starts,
        ends=ends,
        labels=tuple(str(s.astype("datetime64[M]")) for s in starts),
        working_days=np.busday_count(starts, ends + np.timedelta64(1, "D")).astype(float),
        now=past,
        horizon=horizon,
        beyond=beyond,
        season=12,
        **_zones(settings),
    )


def own_calendar(
    starts: np.ndarray,
    ends: np.ndarray,
    labels: list[str],
    working_days: np.ndarray,
    now: np.datetime64,
    settings: dict[str, float],
) -> Calendar:
    """The planner's own buckets; those beyond the last one repeat its length, so that the end of the list is
    no wall.
    """
    past = int(np.searchsorted(starts, now, side="right") - 1)
    if past < 0:
        raise DataError(f"The cycle {now} starts before the first bucket of the calendar table, {starts[0]}.")
    beyond = int(settings["beyond_periods"])
    length = int((ends[-1] - starts[-1]).astype(int)) + 1
    more = ends[-1] + np.timedelta64(1, "D") + np.arange(beyond) * np.timedelta64(length, "D")
    known = np.where(
        np.isnan(working_days), np.busday_count(starts, ends + np.timedelta64(1, "D")), working_days
    )
    return Calendar(
        starts=np.concatenate([starts, more]),
        ends=np.concatenate([ends, more + np.timedelta64(length - 1, "D")]),
        labels=tuple(labels) + tuple(str(day) for day in more),
        working_days=np.concatenate([known, np.repeat(known[-1], beyond)]),
        now=past,
        horizon=len(labels) - past,
        beyond=beyond,
        season=max(1, round(365.25 / float(np.median((ends - starts).astype(int) + 1)))),
        **_zones(settings),
    )


def _zones(settings: dict[str, float]) -> dict[str, int]:
    return {
        "frozen": int(settings["frozen_periods"]),
        "slushy": int(settings["slushy_periods"]),
        "fiscal_year_start": int(settings["fiscal_year_start"]),
    }
