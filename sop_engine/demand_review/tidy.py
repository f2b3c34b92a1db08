"""Forecasts of any tidy file `unique_id, ds, y`: finds every fault, infers the periods, forecasts, writes.

Refused, by name and all at once: missing columns, blank ids, dates that are not ISO, y that is blank, not a
number, infinite or negative (returns belong netted in the month of the sale), two rows for one period, and
gaps (filled silently, a gap would be an invented number: write 0, or cut the series).
Handled: constant and zero series, series shorter than three periods (class none, blank forecast), any row
order, further columns (ignored).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sop_engine.demand_review.forecasters import PanelForecast, Progress, forecast_panel
from sop_engine.errors import DataError, RowIssue

COLUMNS = ("unique_id", "ds", "y")
FIRST_LINE = 2  # the header is line 1
SHOWN_GAPS = 6
COMPACT = {6: "%Y%m", 7: "%Y-%m", 8: "%Y%m%d"}


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


def forecast_file(
    path: str | Path,
    horizon: int,
    out: str | Path,
    progress: Progress | None = None,
    processes: int | None = 1,
) -> pd.DataFrame:
    """Forecasts the series of a CSV or Parquet file, writes and returns the result of `forecast_tidy`.

    Raises DataError if a file is missing, of another kind or unreadable, and for all faults of its rows.
    """
    path, out = Path(path), Path(out)
    for file in (path, out):
        if file.suffix.lower() not in (".csv", ".parquet"):
            raise DataError(f"{file}: the name must end in .csv or .parquet.")
    if not out.absolute().parent.is_dir():
        raise DataError(f"{out}: the folder does not exist. Create it first.")
    result = forecast_tidy(_read(path), horizon, progress, processes, path.name)
    if out.suffix.lower() == ".csv":
        result.to_csv(out, index=False)
    else:
        result.to_parquet(out, index=False)
    return result


def forecast_tidy(
    frame: pd.DataFrame,
    horizon: int,
    progress: Progress | None = None,
    processes: int | None = 1,
    source: str = "frame",
) -> pd.DataFrame:
    """Forecast of each series with 80 % and 95 % bands; a row per unique_id and period after its own last.

    frame: unique_id, ds, y. ds is a date (daily, weekly, monthly on any day, quarterly, yearly: inferred from
    the median distance; monthly if no series has two rows) or an integer. The season is 7, 52 (from 104 weeks
    on), 12, 4, and 1 otherwise. Returns unique_id, ds (as given), forecast, lo80, hi80, lo95, hi95, class;
    sorted by unique_id. Series with fewer than three periods have class 'none' and NaN, also bands for which
    no error could be measured.
    Raises DataError with a RowIssue per fault (`line` counts the header as 1), or if horizon < 1.
    """
    if horizon < 1:
        raise DataError(f"A horizon of {horizon} periods is not possible. Give 1 or more.")
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing or frame.empty:
        raise DataError(
            f"{source}: {'the columns ' + ', '.join(missing) + ' are missing' if missing else 'no rows'}. "
            "The file needs unique_id, ds and y, and at least one row."
        )
    rows, issues = _parsed(frame, source)
    periods, unknown = _spacing(rows, source)
    rows["at"] = periods.ordinal(rows["when"]) if len(rows) else 0
    issues += unknown or _calendar_issues(rows, periods, source)
    if issues:
        raise DataError(
            f"{source}: {len(issues)} faults, nothing was forecast.", sorted(issues, key=lambda i: i.line)
        )
    rows = rows.sort_values(["id", "at"])
    panel = {key: group.to_numpy(float) for key, group in rows.groupby("id")["value"]}
    result = forecast_panel(panel, horizon, periods.season, progress=progress, processes=processes)
    return _long(result, rows, periods, horizon, _writer(frame["ds"]))


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as fault:
        raise DataError(
            f"{path}: cannot be read ({fault}). Give a CSV or Parquet file with unique_id, ds, y."
        ) from fault


def _parsed(frame: pd.DataFrame, source: str) -> tuple[pd.DataFrame, list[RowIssue]]:
    """Rows whose id and date can be read (line, id, when, value) and the faults of all cells."""
    rows = pd.DataFrame(
        {
            "line": np.arange(len(frame)) + FIRST_LINE,
            "id": frame["unique_id"].to_numpy(),
            "when": _when(frame["ds"]).to_numpy(),
            "value": pd.to_numeric(frame["y"].reset_index(drop=True), errors="coerce").to_numpy(
                float, na_value=np.nan
            ),
        }
    )
    raw = frame[list(COLUMNS)].reset_index(drop=True).astype(object)
    blank = raw.isna() | raw.map(lambda v: str(v).strip().lower() in ("", "nan"))
    value = rows["value"]
    checks: tuple[tuple[str, pd.Series, str, str], ...] = (
        ("unique_id", blank["unique_id"], "the name of the series is blank", "Name it."),
        ("ds", rows["when"].isna(), "is not a date or an integer", "Write dates as YYYY-MM-DD."),
        ("y", blank["y"], "the demand is blank", "Write 0 if there was none, or cut the series before it."),
        ("y", value.isna() & ~blank["y"], "is not a number", "Write digits, for example 10.5."),
        ("y", np.isinf(value), "is infinite", "Write a finite number."),
        ("y", (value < 0) & ~np.isinf(value), "is negative", "Net returns against the month of their sale."),
    )
    issues = [
        RowIssue(
            source,
            int(rows["line"][i]),
            column,
            "" if blank.at[i, column] else str(raw.at[i, column]),
            f"{problem} (series {raw.at[i, 'unique_id']})",
            fix,
        )
        for column, faulty, problem, fix in checks
        for i in np.flatnonzero(faulty)
    ]
    return rows[~blank["unique_id"] & rows["when"].notna()].copy(), issues


def _when(ds: pd.Series) -> pd.Series:
    """Dates, or integers as numbers where all of the column are; NaT or NaN where a cell is neither."""
    if pd.api.types.is_datetime64_any_dtype(ds):
        return ds.dt.tz_localize(None)
    text = ds.map(lambda v: "" if pd.isna(v) else str(v).strip())
    if pd.api.types.is_numeric_dtype(ds) or text[text != ""].str.fullmatch(r"-?\d+").all():
        dates = _compact(text)
        return pd.to_numeric(text, errors="coerce").where(lambda v: v % 1 == 0) if dates is None else dates
    return pd.to_datetime(text.str[:10], format="ISO8601", errors="coerce")


def _compact(text: pd.Series) -> pd.Series | None:
    """Dates written as YYYYMM or YYYYMMDD, or None if the column does not look like that throughout."""
    widths = text.str.len().unique()
    if len(widths) != 1 or widths[0] not in COMPACT or not text.str.match(r"(19|20)\d{4}").all():
        return None
    dates = pd.to_datetime(text, format=COMPACT[widths[0]], errors="coerce")
    return dates if dates.notna().all() else None


def _spacing(rows: pd.DataFrame, source: str) -> tuple[Periods | Numbered, list[RowIssue]]:
    """The spacing of the periods, from the median distance of neighbours over all series, or why there is
    none.
    """
    once = rows.drop_duplicates(["id", "when"]).sort_values("when")
    distance = once.groupby("id")["when"].diff().dropna()
    if not pd.api.types.is_datetime64_any_dtype(rows["when"]):
        return Numbered(int(np.gcd.reduce(distance.to_numpy(int))) if len(distance) else 1), []
    days = distance.median() / pd.Timedelta(days=1)
    fitting = [p for p in SPACINGS if p.days[0] <= days <= p.days[1]]
    if fitting or distance.empty:
        return (fitting or [MONTHS])[0], []
    return MONTHS, [
        RowIssue(
            source,
            0,
            "ds",
            "",
            f"the dates are {days:g} days apart (median), which is no day, week, month, quarter or year",
            "Give one row per period.",
        )
    ]


def _calendar_issues(rows: pd.DataFrame, periods: Periods | Numbered, source: str) -> list[RowIssue]:
    """Periods given twice, periods missing inside a series."""
    issues = []
    for row in rows[rows.duplicated(["id", "at"])].itertuples():
        issues.append(
            RowIssue(
                source,
                row.line,
                "ds",
                periods.label(int(row.at)),
                f"is given twice (series {row.id})",
                "Keep one row, or add them up.",
            )
        )
    ordered = rows.sort_values(["id", "at"])
    step = ordered.groupby("id")["at"].diff()
    for row, width in zip(ordered[step > 1].itertuples(), step[step > 1]):
        gap = [periods.label(int(row.at - k)) for k in range(int(width) - 1, 0, -1)]
        named = ", ".join(gap[:SHOWN_GAPS]) + (
            f" and {len(gap) - SHOWN_GAPS} more" if len(gap) > SHOWN_GAPS else ""
        )
        issues.append(
            RowIssue(
                source,
                row.line,
                "ds",
                named,
                f"missing before this line (series {row.id})",
                "Add the periods, with 0 where there was no demand, or cut the series before them.",
            )
        )
    return issues


def _long(
    result: PanelForecast,
    rows: pd.DataFrame,
    periods: Periods | Numbered,
    horizon: int,
    write: Callable[[pd.Series], pd.Series],
) -> pd.DataFrame:
    last = rows.groupby("id")["when"].last()
    month_end = isinstance(periods, Periods) and bool(rows["when"].dt.is_month_end.all())
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.array(result.labels, dtype=object), horizon),
            "ds": write(
                pd.Series([d for a in result.labels for d in periods.after(last[a], horizon, month_end)])
            ),
            "forecast": result.point.ravel(),
            "lo80": result.lo80.ravel(),
            "hi80": result.hi80.ravel(),
            "lo95": result.lo95.ravel(),
            "hi95": result.hi95.ravel(),
            "class": np.repeat(np.array(result.kind, dtype=object), horizon),
        }
    )


def _writer(ds: pd.Series) -> Callable[[pd.Series], pd.Series]:
    """Writes new periods the way the file writes its own."""
    if pd.api.types.is_datetime64_any_dtype(ds):
        return lambda new: new
    width = ds.map(lambda v: len(str(v).strip())).unique()
    form = COMPACT.get(int(width[0])) if len(width) == 1 else None
    number = pd.api.types.is_numeric_dtype(ds)

    def write(new: pd.Series) -> pd.Series:
        if not pd.api.types.is_datetime64_any_dtype(new):
            return new
        text = new.dt.strftime(form or "%Y-%m-%d")
        return text.astype(int) if number else text

    return write
