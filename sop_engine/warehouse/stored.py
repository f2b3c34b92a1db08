"""The planner's tables as they stand, held against the schema and the rules of an upload: what was written
around the upload is found and named.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.change import content_sql
from sop_engine.warehouse.checks import check
from sop_engine.warehouse.connect import Warehouse, open_warehouse
from sop_engine.warehouse.dictionary import Column, Table, allowed
from sop_engine.warehouse.shapes import Part

_NAMED = 100  # rows that one rule of one column names


@dataclass(frozen=True)
class StoredFault:
    """A row that an upload would not have let in. key: its labels; fix: what to do"""

    table: str
    key: str
    column: str
    value: str
    problem: str
    fix: str


def changed_tables(warehouse: Warehouse) -> list[StoredFault]:
    """Planner tables whose rows are not those that were loaded: their content has another hash."""
    loaded = warehouse.read("SELECT * FROM data_version WHERE \"table\" <> ''").set_index("table")
    found = []
    for name in _planner():
        now = warehouse.read(content_sql(name)).iloc[0]
        before = loaded.loc[name] if name in loaded.index else None
        rows = 0 if before is None else int(before["rows"])
        if int(now["rows"]) != rows or rows and now["hash"] != before["content_hash"]:
            problem = _other_rows(int(now["rows"]), rows)
            found.append(
                StoredFault(name, "all rows", "", "", problem, "Load the file again, or restore a backup.")
            )
    return found


def _other_rows(now: int, loaded: int) -> str:
    same = f"its {now} rows do not hold what was loaded"
    return same if now == loaded else f"its {now} rows are not the {loaded} that were loaded"


def stored_faults(warehouse: Warehouse) -> list[StoredFault]:
    """Rows that break a rule: of the schema, cell by cell, and of an upload, between rows and tables."""
    cells = [fault for table in _planner().values() for fault in _cell_faults(warehouse, table)]
    return [*_unguarded(warehouse), *cells, *_rule_faults(warehouse)]


@cache
def _planner() -> dict[str, Table]:
    """The planner's tables as this program makes them: those of a file may have lost their checks."""
    fresh = open_warehouse(":memory:")
    try:
        return {name: table for name, table in fresh.catalogue.items() if table.group == "planner"}
    finally:
        fresh.close()


def _unguarded(warehouse: Warehouse) -> list[StoredFault]:
    """Tables that were made anew without their key, so that nothing keeps a row from standing twice."""
    problem, fix = "has lost its key and checks", "Load its file into a new warehouse, or restore a backup."
    return [
        StoredFault(name, "all rows", ", ".join(table.key), "", problem, fix)
        for name, table in _planner().items()
        if warehouse.catalogue[name].key != table.key
    ]


def _cell_faults(warehouse: Warehouse, table: Table) -> list[StoredFault]:
    rules = [(column, sql, why) for column in table.columns for sql, why in _rules(column)]
    counts = ", ".join(f"count(*) FILTER ({sql})" for _, sql, _ in rules)
    counted = warehouse.read(f'SELECT {counts} FROM "{table.name}"').iloc[0]
    return [
        fault
        for rule, rows in zip(rules, counted, strict=True)
        if rows
        for fault in _broken(warehouse, table, *rule)
    ]


def _rules(column: Column) -> list[tuple[str, str]]:
    """(SQL that is true of a faulty cell, what is wrong with it) of a column."""
    name = f'"{column.name}"'
    rules = [(f"{name} IS NULL", "is blank")] * (column.required or column.blank is not None)
    if column.required and column.type == "VARCHAR":
        rules.append((f"{name} = ''", "is blank"))
    if column.type == "DOUBLE":
        rules.append((f"isnan({name}) OR isinf({name})", "is not a finite number"))
    if column.minimum is not None:
        below = "<=" if column.above_minimum else "<"
        rules.append((f"{name} {below} {column.minimum}", f"is not {allowed(column)}"))
    if column.maximum is not None:
        rules.append(
            (f"{name} > {column.maximum} AND NOT isnan({name}::DOUBLE)", f"is not {allowed(column)}")
        )
    if column.words:
        words = ", ".join("'" + word.replace("'", "''") + "'" for word in column.words)
        rules.append((f"{name} NOT IN ({words})", f"is not one of {allowed(column)}"))
    return rules


def _broken(warehouse: Warehouse, table: Table, column: Column, sql: str, why: str) -> list[StoredFault]:
    rows = warehouse.read(f'SELECT * FROM "{table.name}" WHERE {sql} LIMIT {_NAMED}')
    shown = warehouse.read(
        f'SELECT CAST("{column.name}" AS VARCHAR) AS value FROM "{table.name}" WHERE {sql} LIMIT {_NAMED}'
    )["value"]
    fix = f"Correct it in {table.name}.csv and load the file."
    return [
        StoredFault(table.name, _key(table, row), column.name, "" if pd.isna(value) else value, why, fix)
        for (_, row), value in zip(rows.iterrows(), shown, strict=True)
    ]


def _rule_faults(warehouse: Warehouse) -> list[StoredFault]:
    """The faults of an upload of the tables as they stand; the line of a row is its number in its table."""
    tables = {name: warehouse.read(f'SELECT * FROM "{name}"') for name in _planner()}
    numbered = {name: frame.set_index(np.arange(1, len(frame) + 1)) for name, frame in tables.items()}
    parts = tuple(
        Part(name, _planner()[name], "", frame, frame) for name, frame in numbered.items() if len(frame)
    )
    empty = {name: pd.DataFrame() for name in _planner()}
    batch = Batch(parts, _planner(), empty.__getitem__, frozenset(_planner()), frozenset(), {})
    return [_named(issue, numbered[issue.file]) for issue in check(batch)]


def _named(issue: RowIssue, rows: pd.DataFrame) -> StoredFault:
    key = _key(_planner()[issue.file], rows.loc[issue.line]) if issue.line else "all rows"
    return StoredFault(issue.file, key, issue.column, issue.value, issue.problem, issue.fix)


def _key(table: Table, row: pd.Series) -> str:
    """The labels of a row: "BIKE-100, EAST, 2014-01"; blanks are left out."""
    return ", ".join(_word(row[name]) for name in table.key if _word(row[name]))


def _word(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return "" if value.year == 1900 else f"{value:%Y-%m-%d}".removesuffix("-01")
    return f"{value:g}" if isinstance(value, float) else str(value)
