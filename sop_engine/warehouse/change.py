"""The one way to write: a Change in a transaction, which keeps the audit log and the data version itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from sop_engine.errors import ConflictError
from sop_engine.warehouse.dictionary import Column, Table

Rows = pd.DataFrame | Mapping[str, object]
_ROW_HASH = "md5_number_lower(CAST(to_json(t) AS VARCHAR))"
_AUDITED_ROWS = 100  # a change of more rows is audited as one line with counts and hashes
_ARROW = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE[]": pa.list_(pa.float64()),
}


@dataclass
class Change:
    """What one transaction writes, by whom, when and why. Columns a frame does not have take their default.

    Blank text (None, NaN) is stored as '', a blank key period as 1900-01-01, any other blank as NULL.
    A value that breaks a key or a check of schema.sql raises duckdb.ConstraintException; nothing is written.
    """

    cursor: duckdb.DuckDBPyConnection
    catalogue: Mapping[str, Table]
    who: str
    why: str
    at: datetime
    _stale: set[str] = field(default_factory=set)

    def read(self, sql: str, params: Sequence[object] = ()) -> pd.DataFrame:
        """Rows as this transaction sees them, its own changes included."""
        return self.cursor.execute(sql, list(params)).df()

    def replace(self, table: str, rows: Rows) -> int:
        """Make the rows the whole table. Returns how many there are."""
        frame = _frame(rows)
        before = self._content(table)
        self.cursor.execute(f"DELETE FROM {_name(table)}")
        self._write("INSERT", table, frame)
        self._audit(table, "replace", "", before, self._content(table))
        return len(frame)

    def insert(self, table: str, rows: Rows) -> int:
        """Add rows that must be new. Returns how many."""
        frame = _frame(rows)
        added = self._write("INSERT", table, frame)
        if added:  # never the whole: a table of kept plans grows to millions of rows
            self._audit(table, "insert", "", "", added)
        else:
            for row in _records(frame):
                self._audit(table, "insert", self._key(table, row), "", row)
        return len(frame)

    def upsert(self, table: str, rows: Rows) -> int:
        """Add rows or overwrite those with the same key. Returns how many."""
        frame = _frame(rows)
        if len(frame) > _AUDITED_ROWS:
            before = self._content(table)
            self._write("INSERT OR REPLACE", table, frame)
            self._audit(table, "upsert", "", before, self._content(table))
            return len(frame)
        old = [self._find(table, self._key(table, row)) for row in _records(frame)]
        self._write("INSERT OR REPLACE", table, frame)
        for row, found in zip(_records(frame), old, strict=True):
            self._audit(table, "upsert", self._key(table, row), found[0] if found else "", row)
        return len(frame)

    def update(
        self,
        table: str,
        keys: Mapping[str, object],
        values: Mapping[str, object],
        expected: Mapping[str, object] | None = None,
    ) -> int:
        """Set values in the rows with these keys, if they still hold what the writer last saw.

        expected: column -> value the writer read before. Returns how many rows were changed.
        Raises ConflictError when a row is gone or was changed meanwhile.
        """
        before = self._current(table, keys, expected or {})
        columns = self.catalogue[table].column
        stored = {name: _or_blank(_plain(value), columns[name]) for name, value in values.items()}
        assignments = ", ".join(f"{_name(column)} = ?" for column in stored)
        sql = f"UPDATE {_name(table)} SET {assignments} WHERE {_where(keys)}"
        self.cursor.execute(sql, _params(stored, keys))
        self._stale.add(table)
        for row in before:
            old = {column: row[column] for column in stored}
            self._audit(table, "update", self._key(table, row) or dict(keys), old, stored)
        return len(before)

    def delete(self, table: str, keys: Mapping[str, object]) -> int:
        """Remove the rows with these keys; how many. Raises ConflictError when there are none."""
        before = self._current(table, keys, {})
        self.cursor.execute(f"DELETE FROM {_name(table)} WHERE {_where(keys)}", _params(keys))
        self._stale.add(table)
        for row in before:
            self._audit(table, "delete", self._key(table, row) or dict(keys), row, "")
        return len(before)

    def data_version(self) -> str:
        """Hash of all planner data as this transaction sees it; rows in any order give the same version."""
        for table in sorted(self._stale):
            if self.catalogue[table].group == "planner":
                content = self._content(table)
                self._store_hash(table, content["rows"], content["hash"])
                store_row_hashes(self.cursor, self.catalogue[table])
        self._stale.clear()
        filled = """SELECT "table", rows, content_hash FROM data_version WHERE "table" <> '' AND rows > 0"""
        parts = sorted(self.cursor.execute(filled).fetchall())
        version = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
        self._store_hash("", sum(rows for _, rows, _ in parts), version)
        return version

    def _store_hash(self, table: str, rows: int, content_hash: str) -> None:
        self.cursor.execute(
            "INSERT OR REPLACE INTO data_version VALUES (?, ?, ?)", [table, rows, content_hash]
        )

    def _write(self, verb: str, table: str, frame: pd.DataFrame) -> dict[str, object]:
        """Counts and hash of what is written, where it is more than is audited row by row; else {}."""
        self._stale.add(table)
        if frame.empty:
            return {}
        columns = self.catalogue[table].column
        arrow = pa.table({name: _arrow(frame[name], columns[name]) for name in frame.columns})
        names = ", ".join(_name(name) for name in frame.columns)
        self.cursor.register("incoming", arrow)
        try:
            self.cursor.execute(f"{verb} INTO {_name(table)} ({names}) SELECT {names} FROM incoming")
            return self._content("incoming") if len(frame) > _AUDITED_ROWS else {}
        finally:
            self.cursor.unregister("incoming")

    def _content(self, table: str) -> dict[str, object]:
        return dict(zip(("rows", "hash"), self.cursor.execute(content_sql(table)).fetchone(), strict=True))

    def _find(self, table: str, keys: Mapping[str, object]) -> list[dict[str, object]]:
        self.cursor.execute(f"SELECT * FROM {_name(table)} WHERE {_where(keys)}", _params(keys))
        names = [column[0] for column in self.cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self.cursor.fetchall()]

    def _current(
        self, table: str, keys: Mapping[str, object], expected: Mapping[str, object]
    ) -> list[dict[str, object]]:
        """The rows with these keys; ConflictError when there are none, or one is not as expected."""
        rows = self._find(table, keys)
        where = f"{table} {', '.join(map(str, keys.values()))}"
        if not rows:
            raise ConflictError(f"{where} is no longer there. Read it again and repeat the change.")
        if expected and len(self._find(table, {**keys, **expected})) < len(rows):
            now = ", ".join(f"{column} is now '{rows[0][column]}'" for column in expected)
            problem = f"{where} was changed by somebody else: {now}."
            raise ConflictError(f"{problem} Read it again and repeat the change.")
        return rows

    def _key(self, table: str, row: Mapping[str, object]) -> dict[str, object]:
        keys = [column for column in self.catalogue[table].columns if column.key]
        return {column.name: _or_blank(row.get(column.name), column) for column in keys}

    def _audit(self, table: str, action: str, key: object, before: object, after: object) -> None:
        texts = [value if value == "" else json.dumps(value, default=str) for value in (key, before, after)]
        # numbered here, not by a sequence: see migrations.py on defaults that call a function
        self.cursor.execute(
            'INSERT INTO audit_log (audit_id, "at", who, "table", action, key, before, after, why) '
            "SELECT coalesce(max(audit_id), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ? FROM audit_log",
            [self.at, self.who, table, action, *texts, self.why],
        )


def content_sql(table: str) -> str:
    """The query for one row: how many rows a table has, and the hash of its content in any order."""
    whole = f"lower(hex(CAST(coalesce(sum(CAST({_ROW_HASH} AS HUGEINT)), 0) AS HUGEINT)))"
    return f"SELECT count(*) AS rows, {whole} AS hash FROM {_name(table)} t"


def row_hashes_sql(table: Table) -> str:
    """The query for the key of every row, a JSON list, its hash, and the row itself as t."""
    key = ", ".join(f"t.{_name(column)}" for column in table.key)
    return (
        f"SELECT CAST(json_array({key}) AS VARCHAR) AS key, {_ROW_HASH} AS hash, t FROM {_name(table.name)} t"
    )


def store_row_hashes(cursor: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Keep the hash of every row of a table as it stands; none of a table that has lost its key."""
    cursor.execute('DELETE FROM row_hash WHERE "table" = ?', [table.name])
    if table.key:
        rows = row_hashes_sql(table)
        cursor.execute(f"INSERT INTO row_hash SELECT ?, key, hash FROM ({rows})", [table.name])


def _frame(rows: Rows) -> pd.DataFrame:
    return rows if isinstance(rows, pd.DataFrame) else pd.DataFrame([dict(rows)])


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _or_blank(value: object, column: Column) -> object:
    return column.blank if value is None else value


def _plain(value: object) -> object:
    """A numpy or pandas scalar as Python's own, NaN and NaT as None: fit to bind and to print as JSON."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _params(*groups: Mapping[str, object]) -> list[object]:
    return [_plain(value) for group in groups for value in group.values()]


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _where(columns: Iterable[str]) -> str:
    return " AND ".join(f"{_name(column)} IS NOT DISTINCT FROM ?" for column in columns)


def _arrow(values: pd.Series, column: Column) -> pa.Array:
    target = _ARROW[column.type]
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    if column.type == "DATE" and pd.api.types.is_datetime64_any_dtype(values):
        array = pa.array(values.astype("datetime64[s]")).cast(target)
    else:
        array = pa.array(values, type=target, from_pandas=True)
    return array if column.blank is None else array.fill_null(pa.scalar(column.blank, type=target))
