"""From a sheet of text to the rows of its table, whichever of three shapes it came in.

long    one line per key, one column per measure: the table itself
wide    one column per period, a `measure` column where the table has several
lines   sales_history as dated order lines: units fall on the requested date, revenue on the ship date;
        negatives are returns
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.dictionary import ALWAYS, Column, Table
from sop_engine.warehouse.files import Sheet, nearest
from sop_engine.warehouse.values import decimal_mark, is_period, period, read_cells

_USUAL_MEASURE = {"sales_history": "units", "capacity": "available_hours"}
_LINE_TEXT = ("order", "line", "customer", "ship_from")
_LINE_DATES = ("order_date", "requested_date", "ship_date")


@dataclass(frozen=True)
class Part:
    """What one sheet says about its table.

    lines: the columns as they stand in the file, indexed by its line numbers (for keys and references).
    rows: rows of the table, indexed by the line each begins in.
    """

    file: str
    table: Table
    sha256: str
    lines: pd.DataFrame
    rows: pd.DataFrame


def shape(sheet: Sheet, table: Table) -> tuple[Part, list[RowIssue]]:
    """The rows a sheet holds and every cell of it that cannot be read."""
    header = list(sheet.cells.columns)
    if table.name == "sales_history" and "requested_date" in header:
        return _from_lines(sheet, table)
    if table.wide and "period" not in header and any(map(is_period, header)):
        return _from_wide(sheet, table)
    return _from_long(sheet, table)


def _from_long(sheet: Sheet, table: Table) -> tuple[Part, list[RowIssue]]:
    expected = list(_columns(table).values())
    issues = _header_issues(sheet, expected)
    lines, faults = _read_columns(sheet, expected)
    must_come = any(column.present for column in expected if column.name in table.measures)
    if table.wide and not must_come and not set(table.measures) & set(lines.columns):
        fix = f"Add at least one column of: {', '.join(table.measures)}."
        issues.append(_header_fault(sheet, "", "the file has no measure", fix))
    return Part(sheet.file, table, sheet.sha256, lines, _with_keys(lines, table)), issues + faults


def _columns(table: Table) -> dict[str, Column]:
    """The table's columns; demand of a whole period cannot be negative, returns come as dated lines."""
    columns = dict(table.column)
    if table.name == "sales_history":
        columns["units"] = replace(columns["units"], minimum=0.0)
    return columns


def _from_lines(sheet: Sheet, table: Table) -> tuple[Part, list[RowIssue]]:
    expected = _line_columns(table)
    issues = _header_issues(sheet, expected)
    lines, faults = _read_columns(sheet, expected)
    if {"order", "line"} <= set(lines.columns):
        faults += _repeated(sheet.file, lines, ["order", "line"])
    complete = {"product", "market", "units"} <= set(lines.columns)
    rows = _summed(lines) if complete else lines[[]]
    return Part(sheet.file, table, sheet.sha256, lines, rows), issues + faults


def _line_columns(table: Table) -> list[Column]:
    text = replace(table.column["product"], required=False, present=False, blank="", references=())
    day = replace(table.column["period"], required=False, present=False)
    columns = [replace(text, name=name, meaning=name.replace("_", " ")) for name in _LINE_TEXT]
    columns += [replace(day, name=name, meaning=name.replace("_", " ")) for name in _LINE_DATES]
    columns = [replace(c, required=True, present=True) if c.name == "requested_date" else c for c in columns]
    units = replace(table.column["units"], required=True, meaning="units asked for, negative for a return")
    return [*columns, table.column["product"], table.column["market"], units, table.column["revenue"]]


def _summed(lines: pd.DataFrame) -> pd.DataFrame:
    """Demand by requested date and revenue by ship date; on a date without one of them, that one is zero."""
    parts = [_totals(lines, "units", "requested_date")]
    if "revenue" in lines:
        shipped = "ship_date" if "ship_date" in lines else "requested_date"
        parts.append(_totals(lines.dropna(subset=["revenue"]), "revenue", shipped))
    first = pd.concat([part["line"] for part in parts]).groupby(level=[0, 1, 2], sort=False).min()
    totals = pd.concat([part.drop(columns="line") for part in parts], axis=1).reindex(first.index).fillna(0.0)
    return totals.reset_index().set_index(pd.Index(first.to_numpy()))


def _totals(lines: pd.DataFrame, measure: str, day: str) -> pd.DataFrame:
    """Sums of a measure by product, market and day, with the first line of each."""
    named = lines.assign(line=lines.index).rename(columns={day: "period"})
    return named.groupby(["product", "market", "period"], sort=False).agg({measure: "sum", "line": "first"})


def _from_wide(sheet: Sheet, table: Table) -> tuple[Part, list[RowIssue]]:
    headers = [name for name in sheet.cells.columns if is_period(name)]
    sides = [column for column in table.columns if column.name not in ("period", *table.measures)]
    expected = [*sides, _measure_column(table)]
    issues = _header_issues(sheet, expected, headers) + _same_period_twice(sheet, headers)
    lines, faults = _read_columns(sheet, expected)
    if "measure" not in lines:
        lines = lines.assign(measure=_USUAL_MEASURE.get(table.name, ""))
    faults += _repeated(sheet.file, lines, [*(name for name in table.key if name in lines), "measure"])
    tall = sheet.cells[headers].stack()
    tall = tall[tall != ""].rename_axis(["line", "header"]).rename("text").reset_index()
    tall["measure"] = tall["line"].map(lines["measure"])
    pieces = []
    for name, cells in tall[tall["measure"] != ""].groupby("measure", sort=False):
        texts, decimal = cells.set_index("line")["text"], _decimal(sheet, tall["text"])
        values, bad = read_cells(sheet.file, texts, _columns(table)[name], decimal, cells["header"])
        pieces.append(cells.assign(value=values.to_numpy()))
        faults += bad
    rows = _unstacked(pieces, lines, headers) if pieces else lines[[]]
    return Part(sheet.file, table, sheet.sha256, lines, _with_keys(rows, table)), issues + faults


def _measure_column(table: Table) -> Column:
    return replace(
        table.columns[0],
        name="measure",
        meaning="which measure the line holds",
        words=table.measures,
        required=table.name not in _USUAL_MEASURE,
        present=table.name not in _USUAL_MEASURE,
        blank=_USUAL_MEASURE.get(table.name, ""),
        references=(),
    )


def _unstacked(pieces: list[pd.DataFrame], lines: pd.DataFrame, headers: list[str]) -> pd.DataFrame:
    dates = {header: period(header) for header in headers}
    tall = pd.concat(pieces)
    sides = lines.drop(columns="measure")
    tall["period"] = tall["header"].map(dates).to_numpy(dtype="datetime64[s]")
    tall = tall.join(sides, on="line")
    keys = [*sides.columns, "period"]
    tall = tall.drop_duplicates([*keys, "measure"])
    first = tall.groupby(keys, sort=False)["line"].min()
    wide = tall.set_index([*keys, "measure"])["value"].unstack("measure").reindex(first.index)
    return wide.rename_axis(columns=None).reset_index().set_index(pd.Index(first.to_numpy()))


def _read_columns(sheet: Sheet, expected: list[Column]) -> tuple[pd.DataFrame, list[RowIssue]]:
    present = [column for column in expected if column.name in sheet.cells]
    numbers = [sheet.cells[column.name] for column in present if column.type == "DOUBLE"]
    decimal = _decimal(sheet, pd.concat(numbers)) if numbers else None
    values, issues = {}, []
    for column in present:
        values[column.name], faults = read_cells(sheet.file, sheet.cells[column.name], column, decimal)
        issues += faults
    return pd.DataFrame(values, index=sheet.cells.index), issues


def _decimal(sheet: Sheet, texts: pd.Series) -> str | None:
    return sheet.decimal or decimal_mark(texts.unique(), sheet.delimiter)


def _with_keys(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rows with every key column that may be blank; a key the file leaves out means all or always."""
    blanks = {
        column.name: column.blank for column in table.columns if column.key and column.blank is not None
    }
    absent = {name: blank for name, blank in blanks.items() if name not in rows}
    return rows.assign(
        **{name: pd.Timestamp(blank) if blank == ALWAYS else blank for name, blank in absent.items()}
    )


def _header_issues(sheet: Sheet, expected: list[Column], known: Sequence[str] = ()) -> list[RowIssue]:
    names = {column.name for column in expected}
    extra = [name for name in sheet.cells.columns if name not in names and name not in known]
    issues = []
    for column in expected:
        if column.present and column.name not in sheet.cells:
            hint = nearest(column.name, extra).replace("Did you mean", "Is it")
            fix = f"{hint} Add the column {column.name}: {column.meaning} ({column.unit}).".strip()
            issues.append(_header_fault(sheet, column.name, "the column is missing", fix))
    for name in extra:
        fix = f"{nearest(name, names - set(sheet.cells.columns))} It was not read.".strip()
        issues.append(replace(_header_fault(sheet, name, "the column is not known", fix), severity="warning"))
    return issues


def _same_period_twice(sheet: Sheet, headers: list[str]) -> list[RowIssue]:
    first: dict[object, str] = {}
    issues = []
    for header in headers:
        earlier = first.setdefault(period(header), header)
        if earlier != header:
            problem = f"the column is the same period as {earlier}"
            issues.append(_header_fault(sheet, header, problem, "Keep one of the two."))
    return issues


def _header_fault(sheet: Sheet, column: str, problem: str, fix: str) -> RowIssue:
    return RowIssue(sheet.file, 1, column, "", problem, fix)


def _repeated(file: str, lines: pd.DataFrame, keys: list[str]) -> list[RowIssue]:
    numbers = lines.index.to_series()
    first = numbers.groupby([lines[key] for key in keys], sort=False, dropna=False).transform("first")
    issues = []
    for line in lines.index[lines.duplicated(keys)]:
        value, problem = ", ".join(map(str, lines.loc[line, keys])), f"is already in line {first[line]}"
        issues.append(
            RowIssue(file, int(line), ", ".join(keys), value, problem, "Keep one of the two lines.")
        )
    return issues
