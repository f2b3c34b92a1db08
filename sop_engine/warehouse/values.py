"""What one cell of a planner's file means: numbers in any locale, periods in any usual spelling, fixed words.

Each reader takes text and returns a value or raises BadValue with problem and remedy; it never guesses.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from datetime import date
from math import isfinite

import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.dictionary import Column, allowed
from sop_engine.warehouse.files import nearest

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_YES, _NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
_GROUPS = {mark: re.compile(rf"\d{{1,3}}({re.escape(mark)}\d{{3}})+") for mark in ",."}
_PLAIN = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")

Reader = Callable[[str], object]


class BadValue(ValueError):
    """A cell that does not say what its column needs; carries the problem and the remedy."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem, self.fix = problem, fix


def decimal_mark(texts: Iterable[str], delimiter: str) -> str | None:
    """The decimal mark of a file, from all its numbers: '.' or ',', or None when they leave it open.

    1,234.5 and 0.125 can only be written with a decimal point, 1.234,5 and 12,5 only with a decimal comma.
    """
    marks = {mark for text in texts if (mark := _evidence(_digits(text)[1], delimiter))}
    return marks.pop() if len(marks) == 1 else "." if marks else None


def _evidence(digits: str, delimiter: str) -> str:
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    mark = "." if points else "," if commas else ""
    if points + commas > 1:
        return "," if mark == "." else "."  # it stands more than once, so it groups
    if mark and not _GROUPS[mark].fullmatch(digits) or digits.startswith(("0.", "0,")):
        return mark
    # a file delimited by commas has no decimal commas, or it would have to quote each of them
    return mark if mark == "." and delimiter == "," else ""


def _digits(text: str) -> tuple[float, str]:
    """The sign and the bare digits and marks: '(1 234,5)' -> (-1, '1234,5')."""
    bare = re.sub(r"(?<=\d)[\s'\u2019](?=\d{3}(?!\d))", "", text.strip()).replace("\u2212", "-")
    if found := re.fullmatch(r"\((.+)\)|-\s*(.+)|(.+)-", bare):
        return -1.0, next(digits for digits in found.groups() if digits)
    return 1.0, bare.removeprefix("+")


def number(text: str, decimal: str | None) -> float:
    """A number in the file's locale: 1234.5, 1,234.5, 1.234,5, 1 234,5, (12) or 12- for minus twelve.

    >>> number("1.234,5", ","), number("(12)", "."), number("1 234.5", None)
    (1234.5, -12.0, 1234.5)
    """
    sign, digits = _digits(text)
    if decimal is None and any(
        group.fullmatch(digits) and not digits.startswith("0") for group in _GROUPS.values()
    ):
        mark = "," if "," in digits else "."
        both = f"{digits.replace(mark, '')} or {digits.replace(mark, '.')}"
        raise BadValue(f"could be {both}", "Write numbers without thousands marks.")
    mark = decimal or "."
    other = "," if mark == "." else "."
    whole, found, rest = digits.partition(mark)
    if _GROUPS[other].fullmatch(whole):
        whole = whole.replace(other, "")
    plain = whole + ("." + rest if found else "")
    if not _PLAIN.fullmatch(plain):
        raise BadValue("is not a number", "Write digits, for example 10.")
    value = sign * float(plain)
    if not isfinite(value):
        raise BadValue("is not a finite number", "Write digits, for example 10.")
    return value


def day_first(texts: Iterable[str]) -> bool | None:
    """Whether dates written 03/04/2026 begin with the day, from all of a column; None when that is open."""
    parts = [(int(found[1]), int(found[2])) for text in texts if (found := _SLASHED.match(text))]
    if any(first > 12 for first, _ in parts):
        return True
    return False if any(second > 12 for _, second in parts) else None


def period(text: str, days_first: bool | None = None) -> date:
    """A month (its first day) or a date: 2026-01, 01.2026, Jan-26, Jan 2026, 2026-01-31, 20260131, 31.1.2026.

    >>> period("Jan-26"), period("20260131")
    (datetime.date(2026, 1, 1), datetime.date(2026, 1, 31))
    """
    year, month, day = _date_parts(_TIME.sub("", text.strip()), days_first)
    try:
        if not 1900 < year < 2200:
            raise ValueError(year)
        return date(year, month, day)
    except ValueError as error:
        raise _no_date() from error


def _date_parts(text: str, days_first: bool | None) -> tuple[int, int, int]:
    if found := re.fullmatch(r"(\d{4})[-/.]?(\d{2})|(\d{4})[-/.](\d)", text):
        return int(found[1] or found[3]), int(found[2] or found[4]), 1
    if found := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})", text):
        return int(found[1] or found[5]), int(found[3] or found[6]), int(found[4] or found[7])
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{4})", text):
        return int(found[2]), int(found[1]), 1
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _SLASHED.fullmatch(text):
        return _slashed(text, found, days_first)
    if found := re.fullmatch(r"(?:(\d{1,2})[-. ]+)?([A-Za-z]{3,9})[-./' ]*(\d{4}|\d{2})", text):
        month = _month(found[2])
        return int(found[3]) + (2000 if len(found[3]) == 2 else 0), month, int(found[1] or 1)
    raise _no_date()


def _month(name: str) -> int:
    month = _MONTHS.get(name[:3].lower(), 0)
    if not month or not calendar.month_name[month].lower().startswith(name.lower()):
        raise _no_date()
    return month


def _slashed(text: str, found: re.Match[str], days_first: bool | None) -> tuple[int, int, int]:
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if days_first is None and first != second:
        both = f"{year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}"
        raise BadValue(f"could be {both}", "Write dates as year-month-day.")
    return (year, second, first) if days_first else (year, first, second)


def _no_date() -> BadValue:
    return BadValue("is not a date or period", "Write a month like 2026-01 or a date like 2026-01-31.")


def is_period(text: str) -> bool:
    """Whether a header names a period."""
    try:
        period(text)
    except BadValue:
        return False
    return True


def reader(column: Column, texts: Iterable[str], decimal: str | None) -> Reader:
    """How to read the cells of a column; the texts of the column settle what one cell leaves open."""
    if column.type == "DATE":
        days_first = day_first(texts)
        return lambda text: period(text, days_first)
    if column.type == "BOOLEAN":
        return _boolean
    if column.type in ("DOUBLE", "INTEGER"):
        return lambda text: _bounded(text, column, decimal)
    return (lambda text: _word(text, column)) if column.words else str


def _boolean(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise BadValue("is neither yes nor no", "Write yes or no.")


def _word(text: str, column: Column) -> str:
    words = {word.lower(): word for word in column.words}
    if text.lower() not in words:
        hint = nearest(text, [word for word in words if word])
        raise BadValue("is not one of the allowed words", f"{hint} Write one of: {allowed(column)}.".strip())
    return words[text.lower()]


def _bounded(text: str, column: Column, decimal: str | None) -> float:
    percent = column.unit.startswith("%") and text.endswith("%")
    value = number(text.removesuffix("%") if percent else text, decimal)
    low, high = column.minimum, column.maximum
    if column.type == "INTEGER" and value != int(value):
        raise BadValue("is not a whole number", "Write digits, for example 10.")
    if low is not None and (value < low or column.above_minimum and value == low):
        problem = "is negative" if low == 0 and value < 0 else "is too low"
        raise BadValue(problem, f"{column.name} must be {allowed(column)} ({column.unit}).")
    if high is not None and value > high:
        raise BadValue(f"is above {high:g}", f"{column.name} must be {allowed(column)} ({column.unit}).")
    return value


def read_cells(
    file: str, cells: pd.Series, column: Column, decimal: str | None, names: pd.Series | None = None
) -> tuple[pd.Series, list[RowIssue]]:
    """The values of a column and a fault for each cell that cannot be one.

    cells: text by line. names: the header each cell stands under, where it is not the column's (wide files).
    Each different text is read once.
    """
    texts = cells.unique()
    read = reader(column, texts, decimal)
    values: dict[str, object] = {}
    bad: dict[str, BadValue] = {}
    for text in texts:
        try:
            values[text] = read(text) if text else _blank(column)
        except BadValue as fault:
            values[text], bad[text] = column.blank, fault
    issues = []
    if bad:
        for position in cells.isin(bad).to_numpy().nonzero()[0]:
            text = cells.iloc[position]
            name = column.name if names is None else names.iloc[position]
            issues.append(
                RowIssue(file, int(cells.index[position]), name, text, bad[text].problem, bad[text].fix)
            )
    return _typed(cells.map(values), column), issues


def _blank(column: Column) -> object:
    if column.required:
        raise BadValue("is blank", f"Fill it: {column.meaning} ({column.unit}).")
    return column.blank


def _typed(values: pd.Series, column: Column) -> pd.Series:
    if column.type in ("DOUBLE", "INTEGER"):
        return values.astype(float)
    if column.type == "DATE":
        return pd.Series(values.to_numpy(dtype="datetime64[s]"), index=values.index)
    return values.astype(object)
