"""Forecasts of any tidy file `unique_id, ds, y`: finds every fault, infers the periods, forecasts, writes.

Further columns of numbers are drivers (price, display); what is planned of them stands in rows after the last
y of a series, whose y is blank.

Refused by name: columns that are missing or given twice, and ragged lines; then, all at once, blank ids,
dates that are not ISO, y that is blank, not a number, infinite, too large or negative (returns belong netted
in the month of the sale), two rows for one period, and gaps (filled silently, a gap would be an invented
number: write 0, or cut the series).
Handled: constant and zero series, series shorter than three periods (class none, blank forecast), any row
order, further columns of words (ignored).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from sop_engine.demand_review.forecasters import PanelForecast, Progress, forecast_panel
from sop_engine.demand_review.spacing import Numbered, Periods, spacing_of
from sop_engine.demand_review.tidy_drivers import (
    driver_names,
    driver_words,
    drivers_of,
    is_blank,
    kept_as,
    numbers_of,
)
from sop_engine.errors import DataError, RowIssue

COLUMNS = ("unique_id", "ds", "y")
FIRST_LINE = 2  # the header is line 1
SHOWN_GAPS = 6
FARTHEST = 240  # periods; bands say nothing beyond
LARGEST = 1e150  # its square is still a number, and errors are squared
DRIVER_WORDS = (
    "is not a number",
    "Write digits, or leave the column out: most of it is numbers, so it is a driver.",
)
TIME = r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?(Z|[+-]\d{2}(:?\d{2})?)?$"
COMPACT = {6: "%Y%m", 7: "%Y-%m", 8: "%Y%m%d"}


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
    on), 12, 4, and 1 otherwise. Returns unique_id, ds (as given), forecast, lo80, hi80, lo95, hi95, class
    and, where there are drivers, what they do to each driver-based series; sorted by unique_id. Series with
    fewer than three periods have class 'none' and NaN, also bands for which no error could be measured.
    Raises DataError with a RowIssue per fault (`line` is the index of that name, else it counts the header as
    1), and for a horizon that is not 1 to FARTHEST periods.
    """
    if not 1 <= horizon <= FARTHEST:
        raise DataError(f"A horizon of {horizon} periods is not possible. Give 1 to {FARTHEST}.")
    _require_columns(frame, source)
    names = driver_names(frame, COLUMNS)
    lines, issues = _parsed(frame, names, source)
    periods, unknown = spacing_of(lines, source)
    lines["at"] = periods.ordinal(lines["when"]) if len(lines) else 0
    rows = lines[~lines["planned"]]
    if not unknown:
        issues += _calendar_issues(lines, periods, source)
    elif not any(issue.column == "ds" for issue in issues):  # else the unread dates are the reason
        issues += unknown
    if issues:
        raise DataError(
            f"{source}: {len(issues)} faults, nothing was forecast.", sorted(issues, key=lambda i: i.line)
        )
    rows = rows.sort_values(["id", "at"])
    panel = {key: group.to_numpy(float) for key, group in rows.groupby("id")["value"]}
    drivers = drivers_of(rows, lines, names, horizon)
    result = forecast_panel(
        panel, horizon, periods.season, progress=progress, processes=processes, drivers=drivers
    )
    try:
        table = _long(result, rows, periods, horizon, _writer(frame["ds"]))
    except pd.errors.OutOfBoundsDatetime as fault:
        raise DataError(f"{source}: {horizon} periods end past 2261, the last year of dates.") from fault
    if names:
        table["drivers"] = np.repeat(
            [driver_words(result.driven.get(a), horizon) for a in result.labels], horizon
        )
    return table


def _require_columns(frame: pd.DataFrame, source: str) -> None:
    names = list(frame.columns)
    missing = [name for name in COLUMNS if name not in names]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if missing:
        problem = f"the columns {', '.join(missing)} are missing"
    elif twice:
        problem = f"more than one column is named {', '.join(twice)}"
    elif frame.empty:
        problem = "there are no rows"
    else:
        return
    raise DataError(
        f"{source}: {problem}. The file needs unique_id, ds and y, each once, and at least one row."
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _lines(csv.reader(file, strict=True), path.name)
    except (OSError, ValueError, csv.Error) as fault:
        raise DataError(
            f"{path}: cannot be read ({fault}). Give a CSV or Parquet file with unique_id, ds, y."
        ) from fault


def _lines(reader: Iterator[list[str]], source: str) -> pd.DataFrame:
    """The rows of a CSV as text, index the line each begins in. Raises DataError for ragged lines."""
    header = next(reader, None)
    if header is None:
        raise ValueError("it is empty")
    rows, issues, begins = {}, [], reader.line_num + 1
    for row in reader:
        if row:
            rows[begins] = row
        if row and len(row) != len(header):
            problem = f"the line has {len(row)} values, the header {len(header)}"
            fix = "Add or take away commas, or put text that holds one in quotes."
            issues.append(RowIssue(source, begins, "", "", problem, fix))
        begins = reader.line_num + 1
    if issues:
        raise DataError(f"{source}: {len(issues)} faults, nothing was forecast.", issues)
    return pd.DataFrame(
        list(rows.values()), index=pd.Index(rows, name="line", dtype=int), columns=header, dtype=object
    )


def _parsed(frame: pd.DataFrame, names: list[str], source: str) -> tuple[pd.DataFrame, list[RowIssue]]:
    """Rows whose id and date can be read (line, id, when, value, planned, drivers) and the faults of all
    cells. planned: the demand is not known, since it is to come, but a driver is.
    """
    rows = pd.DataFrame(
        {
            "line": frame.index if frame.index.name == "line" else np.arange(len(frame)) + FIRST_LINE,
            "id": frame["unique_id"].to_numpy(),
            "when": _when(frame["ds"]).to_numpy(),
            "value": numbers_of(frame["y"]),
            **{kept_as(name): numbers_of(frame[name]) for name in names},
        }
    )
    raw = frame[[*COLUMNS, *names]].reset_index(drop=True).astype(object)
    blank = raw.apply(is_blank)
    value = rows["value"]
    last = rows["id"].map(rows[value.notna()].groupby("id")["when"].max())
    rows["planned"] = blank["y"] & (rows["when"] > last) & rows[[*map(kept_as, names)]].notna().any(axis=1)
    driver_checks = tuple(
        (name, (rows[kept_as(name)].isna() & ~blank[name]) | np.isinf(rows[kept_as(name)]), *DRIVER_WORDS)
        for name in names
    )
    checks: tuple[tuple[str, pd.Series, str, str], ...] = (
        ("unique_id", blank["unique_id"], "the name of the series is blank", "Name it."),
        ("ds", rows["when"].isna(), "is not a date or an integer", "Write dates as YYYY-MM-DD."),
        (
            "y",
            blank["y"] & ~rows["planned"],
            "the demand is blank",
            "Write 0 if there was none, or cut the series before it.",
        ),
        ("y", value.isna() & ~blank["y"], "is not a number", "Write digits, for example 10.5."),
        ("y", np.isinf(value), "is infinite", "Write a finite number."),
        (
            "y",
            (value > LARGEST) & ~np.isinf(value),
            f"is above {LARGEST:g}, so nothing can be forecast from it",
            "Check the digits, or take a larger unit.",
        ),
        ("y", (value < 0) & ~np.isinf(value), "is negative", "Net returns against the month of their sale."),
        *driver_checks,
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
    days = text.str.replace(TIME, r"\1", regex=True)
    return pd.to_datetime(days, format="ISO8601", errors="coerce")


def _compact(text: pd.Series) -> pd.Series | None:
    """Dates written as YYYYMM or YYYYMMDD, or None if the column does not look like that throughout."""
    widths = text.str.len().unique()
    if len(widths) != 1 or widths[0] not in COMPACT or not text.str.match(r"(19|20)\d{4}").all():
        return None
    dates = pd.to_datetime(text, format=COMPACT[widths[0]], errors="coerce")
    return dates if dates.notna().all() else None


def _calendar_issues(lines: pd.DataFrame, periods: Periods | Numbered, source: str) -> list[RowIssue]:
    """Periods given twice, periods missing inside a history."""
    issues = []
    for row in lines[lines.duplicated(["id", "at"])].itertuples():
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
    ordered = lines[~lines["planned"]].sort_values(["id", "at"])
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
