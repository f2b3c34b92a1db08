"""From the bytes of an upload to sheets of text: which table, its header, its cells, their line numbers.

Nothing is interpreted here. A file's name is only ever shown and matched, never used as a path.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from sop_engine.errors import RowIssue

_MAX_BYTES = 100_000_000
_MAX_UNPACKED_BYTES = 500_000_000  # an XLSX is a ZIP: a small file may unpack to fill the memory
_DELIMITERS = ",;\t|"
_OTHER_NAMES = {"assumption": "data_assumption"}
_VERSION_WORDS = re.compile(r"_(v|ver|version|copy|final|new|rev|draft|of|export)$")

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Sheet:
    """One table as it came: text cells, '' for blank, indexed by the file's own line number.

    decimal is the decimal mark where the kind of file fixes it; delimiter is '' for a workbook.
    """

    file: str
    table: str
    cells: pd.DataFrame
    decimal: str | None
    delimiter: str
    sha256: str


def read_file(name: str, content: bytes, tables: Collection[str]) -> tuple[list[Sheet], list[RowIssue]]:
    """The sheets of one CSV or XLSX file, and what is wrong with it as a file."""
    file = shown_name(name)
    if not content.strip():
        return [], [_fault(file, "the file is empty", "Write a header and at least one line.")]
    if len(content) > _MAX_BYTES:
        return [], [
            _fault(file, f"the file is larger than {_MAX_BYTES // 1_000_000} MB", "Split it by period.")
        ]
    if content.startswith(b"PK\x03\x04"):
        return _read_workbook(file, content, tables)
    if b"\x00" in content[:1000] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [], [_fault(file, "the file is neither text nor a workbook", "Save it as CSV or XLSX.")]
    return _read_text(file, content, tables)


def shown_name(name: str) -> str:
    """The last part of an uploaded name, fit to be shown.

    >>> shown_name("../../etc/Sales History (2).csv")
    'Sales History (2).csv'
    """
    return "".join(mark for mark in re.split(r"[\\/]", name)[-1] if mark.isprintable())[:120]


def table_of(name: str, tables: Collection[str]) -> str | None:
    """The table a file or sheet is named after, whatever its case, spaces and version.

    >>> table_of("Sales History (2).csv", {"sales_history", "price"})
    'sales_history'
    """
    stem = re.sub(r"[^a-z]+", "_", re.sub(r"\.(csv|tsv|txt|xlsx|xlsm)$", "", name.lower())).strip("_")
    while _VERSION_WORDS.search(stem):
        stem = _VERSION_WORDS.sub("", stem)
    stem = _OTHER_NAMES.get(stem, stem)
    return next((known for known in (stem, stem.removesuffix("s")) if known in tables), None)


def nearest(word: str, known: Iterable[str]) -> str:
    """', did you mean X?' without the comma, or '' when nothing is near."""
    lower = {str(candidate).lower(): str(candidate) for candidate in known}
    found = get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return f"Did you mean '{lower[found[0]]}'?" if found else ""


def _read_text(file: str, content: bytes, tables: Collection[str]) -> tuple[list[Sheet], list[RowIssue]]:
    table = table_of(file, tables)
    if table is None:
        return [], [_unknown_table(file, file, tables)]
    text, issues = _decode(file, content)
    delimiter = _delimiter(text)
    try:
        rows = _text_rows(text, delimiter)
    except csv.Error as error:
        return [], [
            *issues,
            _fault(file, f"the file cannot be read as CSV ({error})", "Save it again as CSV."),
        ]
    cells, faults = _cells(file, rows)
    sheets = (
        []
        if cells is None
        else [Sheet(file, table, cells, None, delimiter, hashlib.sha256(content).hexdigest())]
    )
    return sheets, [*issues, *faults]


def _decode(file: str, content: bytes) -> tuple[str, list[RowIssue]]:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = "the file is not UTF-8 and was read as Windows text (cp1252)"
        fix = "Check the accented letters, or save it as CSV UTF-8."
        return content.decode("cp1252", errors="replace"), [
            RowIssue(file, line, "", "", problem, fix, "warning")
        ]


def _delimiter(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=bare.count)


def _text_rows(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    for cells in reader:
        rows.append((line, cells))
        line = reader.line_num + 1
    return rows


def _cells(file: str, rows: list[Row]) -> tuple[pd.DataFrame | None, list[RowIssue]]:
    filled = [
        (line, [cell.strip() for cell in cells])
        for line, cells in rows
        if any(cell.strip() for cell in cells)
    ]
    if not filled:
        return None, [_fault(file, "the file is empty", "Write a header and at least one line.")]
    (header_line, header), body = filled[0], filled[1:]
    names = [_column_name(name) for name in header]
    while names and not names[-1]:
        names.pop()
    issues = _header_faults(file, header_line, names)
    if not body:
        issues.append(
            _fault(file, "the file has a header but no lines", "Write at least one line below the header.")
        )
    width = len(names)
    issues += [
        _ragged(file, line, cells, width) for line, cells in body if len(cells) < width or any(cells[width:])
    ]
    if any(issue.line == header_line for issue in issues) or not body:
        return None, issues
    fitted = [(cells + [""] * width)[:width] for _, cells in body]
    frame = pd.DataFrame(fitted, columns=names, index=[line for line, _ in body], dtype=object)
    return frame.loc[:, [bool(name) for name in names]], issues


def _column_name(header: str) -> str:
    if re.match(r"^[^a-z]*\d", header.lower()) or re.search(r"\d{2}$", header):
        return header  # a period: its spelling is read later
    return re.sub(r"[\s\-]+", "_", header.strip().lower())


def _header_faults(file: str, line: int, names: list[str]) -> list[RowIssue]:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    return [
        RowIssue(file, line, name, "", "the column stands twice in the header", "Keep one of the two.")
        for name in twice
    ]


def _ragged(file: str, line: int, cells: list[str], width: int) -> RowIssue:
    problem = f"the line has {len(cells)} cells, the header has {width}"
    return RowIssue(
        file, line, "", "", problem, "Add or remove the cells; put text that holds the delimiter in quotes."
    )


def _read_workbook(file: str, content: bytes, tables: Collection[str]) -> tuple[list[Sheet], list[RowIssue]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MAX_UNPACKED_BYTES:
                return [], [_fault(file, "the workbook is too large", "Split it, or save each sheet as CSV.")]
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        return [], [
            _fault(file, f"the file cannot be read as a workbook ({error})", "Save it again as XLSX or CSV.")
        ]
    digest = hashlib.sha256(content).hexdigest()
    sheets, issues = [], []
    for page in book.worksheets:
        rows = [
            (number, [_cell_text(cell) for cell in row])
            for number, row in enumerate(page.iter_rows(), start=1)
        ]
        if len(book.worksheets) > 1 and not any(any(cells) for _, cells in rows):
            continue
        shown = f"{file} [{page.title}]"
        table = table_of(page.title, tables) or (
            table_of(file, tables) if len(book.worksheets) == 1 else None
        )
        if table is None:
            issues.append(_unknown_table(shown, page.title, tables))
            continue
        cells, faults = _cells(shown, rows)
        issues += faults
        if cells is not None:
            sheets.append(Sheet(shown, table, cells, ".", "", digest))
    return sheets, issues


def _cell_text(cell: object) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        # a cell shown as 12 % holds 0.12
        return f"{value * 100:.10g}" if "%" in (cell.number_format or "") else f"{value:.15g}"
    return str(value)


def _unknown_table(file: str, name: str, tables: Collection[str]) -> RowIssue:
    hint = nearest(re.sub(r"\.\w+$", "", name), tables)
    return _fault(
        file,
        "the name is no known table",
        f"{hint} Name it after its table, for example sales_history.csv.".strip(),
    )


def _fault(file: str, problem: str, fix: str) -> RowIssue:
    return RowIssue(file, 0, "", "", problem, fix)
