"""Loading planner files: read, shape, check, then write all of them in one transaction, or nothing.

prepare() is the dry run: what would be loaded and every fault and warning. load() writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

import pandas as pd

from sop_engine.errors import DataError, RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.change import Change
from sop_engine.warehouse.checks import check
from sop_engine.warehouse.connect import Warehouse
from sop_engine.warehouse.dictionary import Table
from sop_engine.warehouse.files import Sheet, read_file, shown_name, table_of
from sop_engine.warehouse.plausibility import warnings
from sop_engine.warehouse.shapes import Part, shape

Mode = Literal["replace", "upsert"]
Upload = tuple[str, bytes]  # the name of a file and its content


@dataclass(frozen=True)
class Prepared:
    """What a load would write: the rows of each table; and all faults and warnings, by file and line."""

    batch: Batch
    frames: Mapping[str, pd.DataFrame]
    issues: tuple[RowIssue, ...]

    @property
    def errors(self) -> tuple[RowIssue, ...]:
        return tuple(issue for issue in self.issues if issue.severity == "error")


@dataclass(frozen=True)
class LoadResult:
    """What was loaded: rows by table, rows derived, warnings, the data version, ids of the uploads."""

    tables: Mapping[str, int]
    derived: Mapping[str, int]
    issues: tuple[RowIssue, ...]
    data_version: str
    upload_ids: tuple[int, ...]

    def __str__(self) -> str:
        lines = [f"{table}: {rows:,} rows" for table, rows in self.tables.items()]
        source = "derived from sales_history and pipeline"
        lines += [f"{table}: {rows:,} rows, {source}" for table, rows in self.derived.items()]
        return "\n".join(lines)


def load(
    warehouse: Warehouse,
    files: Sequence[Upload],
    who: str,
    at: datetime,
    mode: Mode = "replace",
    why: str = "",
) -> LoadResult:
    """Load planner files as one: "replace" makes each file its table, "upsert" adds or overwrites lines.

    files: name and bytes of each CSV or XLSX file, named after its table (or sheets named so).
    Raises DataError with every fault of every file; nothing is loaded then.
    """
    prepared = prepare(warehouse, files, mode)
    if prepared.errors:
        number = len(prepared.errors)
        raise DataError(f"Nothing was loaded: {number} fault{'s' * (number > 1)} to mend.", prepared.issues)
    names = ", ".join(shown_name(name) for name, _ in files)
    with warehouse.transaction(who, why or f"load of {names}", at) as change:
        for table, frame in prepared.frames.items():
            if mode == "replace":
                change.replace(table, frame)
            else:
                change.upsert(table, _no_sample(frame, warehouse.catalogue[table]))
        for table, frame in prepared.batch.derived.items():
            change.replace(table, frame)
        version = change.data_version()
        upload_ids = _record(change, prepared, mode, version)
    return LoadResult(
        tables={table: len(frame) for table, frame in prepared.frames.items()},
        derived={table: len(frame) for table, frame in prepared.batch.derived.items()},
        issues=prepared.issues,
        data_version=version,
        upload_ids=upload_ids,
    )


def _no_sample(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """A line that overwrites a sample is none, unless its file says so."""
    silent = "sample" in table.column and "sample" not in frame
    return frame.assign(sample=False) if silent else frame


def prepare(warehouse: Warehouse, files: Sequence[Upload], mode: Mode = "replace") -> Prepared:
    """Read and check planner files without writing anything. Faults are returned, not raised."""
    planner = [name for name, table in warehouse.catalogue.items() if table.group == "planner"]
    sheets: list[Sheet] = []
    issues: list[RowIssue] = []
    unread: set[str] = set()
    for name, content in files:
        found, faults = read_file(name, content, planner)
        sheets += found
        issues += faults
        if not found and (table := table_of(shown_name(name), planner)):
            unread.add(table)
    parts = []
    for sheet in sheets:
        part, faults = shape(sheet, warehouse.catalogue[sheet.table])
        parts.append(part)
        issues += faults
    batch, derived_issues = _batch(warehouse, parts, mode, unread)
    issues += derived_issues + check(batch) + warnings(batch)
    order = {file: number for number, file in enumerate(dict.fromkeys(issue.file for issue in issues))}
    issues.sort(key=lambda issue: (order[issue.file], issue.line))
    columns = {name: batch.catalogue[name].column for name in batch.rows}
    frames = {
        name: rows[[column for column in rows if column in columns[name]]]
        for name, rows in batch.rows.items()
    }
    return Prepared(batch, frames, tuple(issues))


def verify(warehouse: Warehouse) -> tuple[RowIssue, ...]:
    """The faults and warnings of the data that is loaded, by the rules of an upload."""
    batch = Batch.of_warehouse(warehouse.catalogue, _reader(warehouse))
    return (*check(batch), *warnings(batch))


def _batch(
    warehouse: Warehouse, parts: Iterable[Part], mode: Mode, unread: set[str]
) -> tuple[Batch, list[RowIssue]]:
    stored, parts = _reader(warehouse), tuple(parts)
    loaded = {part.table.name for part in parts}
    replaced = frozenset(loaded if mode == "replace" else ())
    batch = Batch(parts, warehouse.catalogue, stored, replaced, frozenset(unread), {})
    derived, issues = _derive(batch, _given(warehouse) | loaded | unread)
    return Batch(parts, warehouse.catalogue, stored, replaced, frozenset(unread), derived), issues


def _reader(warehouse: Warehouse) -> Callable[[str], pd.DataFrame]:
    """Reads each table once: a batch looks at the products many times."""
    return cache(lambda table: warehouse.read(f'SELECT * FROM "{table}"'))


def _given(warehouse: Warehouse) -> set[str]:
    return set(warehouse.read('SELECT DISTINCT "table" FROM upload')["table"])


def _derive(batch: Batch, given: set[str]) -> tuple[dict[str, pd.DataFrame], list[RowIssue]]:
    """Products and markets nobody gave a file for, taken from the history and the pipeline."""
    if not {"sales_history", "pipeline", "product", "market"} & set(batch.rows):
        return {}, []
    derived = {}
    for dimension in {"product", "market"} - given:
        users = ("sales_history", "pipeline") if dimension == "product" else ("sales_history",)
        used = set().union(*(_labels(batch.after(user), dimension) for user in users))
        gone = set().union(*(_labels(batch.stored(user), dimension) for user in users)) - used
        stored = batch.stored(dimension)
        kept = stored[~stored[dimension].isin(gone)]
        new = pd.DataFrame({dimension: sorted(used - set(kept[dimension]))}, dtype=object)
        if len(new) or len(kept) < len(stored):
            derived[dimension] = pd.concat([kept, new], ignore_index=True) if len(kept) else new
    return derived, _launched(batch) if "product" in given else []


def _launched(batch: Batch) -> list[RowIssue]:
    """Launches of products that the product table does not have."""
    rows, known = batch.rows.get("pipeline"), batch.labels("product.product")
    if rows is None or known is None or "product" not in rows:
        return []
    problem, fix = "is not in the product table", "Add it with its family to product.csv."
    return [
        RowIssue(row.file, int(row.line), "product", row.product, problem, fix, "warning")
        for row in rows.itertuples()
        if row.product and row.product not in known
    ]


def _labels(frame: pd.DataFrame, column: str) -> set[str]:
    return set(frame[column].dropna()) - {""} if column in frame else set()


def _record(change: Change, prepared: Prepared, mode: Mode, version: str) -> tuple[int, ...]:
    first = int(change.read("SELECT coalesce(max(upload_id), 0) AS last FROM upload")["last"][0]) + 1
    parts = prepared.batch.parts
    uploads = pd.DataFrame(
        {
            "upload_id": range(first, first + len(parts)),
            "at": change.at,
            "who": change.who,
            "file": [part.file for part in parts],
            "sha256": [part.sha256 for part in parts],
            "table": [part.table.name for part in parts],
            "rows": [len(part.rows) for part in parts],
            "mode": mode,
            "data_version": version,
        }
    )
    change.insert("upload", uploads)
    return tuple(range(first, first + len(parts)))
