"""The periods of a tidy file: how far apart its dates are, told from the dates themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.errors import RowIssue

USUAL = 1 / 3  # of the distances between dates that a spacing must explain


@dataclass(frozen=True)
class Periods:
    """A regular spacing of dates: (fewest, most) days between two, pandas period, months, season length."""

    days: tuple[float, float]
    freq: str
    months: int
    season: int

    def ordinal(self, dates: pd.Series) -> pd.Series:
        return dates.dt.to_period(self.freq).map(lambda p: p.ordinal)

    def label(self, ordinal: int) -> str:
        return str(pd.Period(ordinal=ordinal, freq=self.freq))

    def after(self, last: pd.Timestamp, horizon: int, month_end: bool) -> list[pd.Timestamp]:
        """The next `horizon` dates, on the same day of the month, week or the month's end."""
        if not self.months:
            width = 7 if self.freq == "W" else 1
            return [last + pd.Timedelta(days=width * k) for k in range(1, horizon + 1)]
        ahead = [last + pd.DateOffset(months=self.months * k) for k in range(1, horizon + 1)]
        return [d + pd.offsets.MonthEnd(0) for d in ahead] if month_end else ahead


MONTHS = Periods((27, 32), "M", 1, 12)
SPACINGS = (
    Periods((0.5, 1.5), "D", 0, 7),
    Periods((6, 8), "W", 0, 52),
    MONTHS,
    Periods((88, 93), "Q", 3, 4),
    Periods((360, 370), "Y", 12, 1),
)


@dataclass(frozen=True)
class Numbered:
    """Periods that are integers, `step` apart; no season is known."""

    step: int
    season: int = 1

    def ordinal(self, numbers: pd.Series) -> pd.Series:
        return (numbers - numbers.min()) / self.step

    def label(self, ordinal: int) -> str:
        return f"number {ordinal + 1} of its periods"

    def after(self, last: int, horizon: int, month_end: bool) -> list[int]:
        return [int(last) + self.step * k for k in range(1, horizon + 1)]


def spacing_of(rows: pd.DataFrame, source: str) -> tuple[Periods | Numbered, list[RowIssue]]:
    """The spacing of the periods, from the median distance of neighbours over all series, else the one that
    explains most distances (in a short series a period given twice spoils the median), or why there is none.

    rows: line, id, when
    """
    once = rows.drop_duplicates(["id", "when"]).sort_values("when")
    distance = once.groupby("id")["when"].diff().dropna()
    if not pd.api.types.is_datetime64_any_dtype(rows["when"]):
        return Numbered(int(np.gcd.reduce(distance.to_numpy(int))) if len(distance) else 1), []
    days = distance.median() / pd.Timedelta(days=1)
    fitting = [p for p in SPACINGS if p.days[0] <= days <= p.days[1]]
    if fitting or distance.empty:
        return (fitting or [MONTHS])[0], []
    share = [(distance / pd.Timedelta(days=1)).between(*p.days).mean() for p in SPACINGS]
    if max(share) >= USUAL:
        return SPACINGS[int(np.argmax(share))], []
    return MONTHS, [
        RowIssue(
            source,
            int(once.at[distance.index[0], "line"]),
            "ds",
            "",
            f"the dates are {days:g} days apart (median), which is no day, week, month, quarter or year",
            "Give one row per period.",
        )
    ]
