"""The data dictionary, read from the catalogue of the database: what schema.sql says is what planners see.

Keys, checks and comments are the only truth; templates, dictionary page and upload rules come from here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path

import duckdb
import pandas as pd

from sop_engine.errors import WarehouseError

ALWAYS = date(1900, 1, 1)
"""The date a blank key period is stored as: "always"."""

# A column of this name holds a key of that table, whichever table it stands in.
_KEYS_OF = {
    "product": ("product.product",),
    "parent": ("product.product",),
    "component": ("product.product",),
    "predecessor": ("product.product",),
    "like_product": ("product.product",),
    "successor": ("product.product",),
    "cannibalises": ("product.product", "product.family"),
    "family": ("product.family",),
    "category": ("product.category",),
    "market": ("market.market",),
    "region": ("market.region",),
    "site": ("site.site",),
    "source": ("site.site",),
    "resource": ("resource.resource",),
}
_SCOPES_OF = {  # groups that a column of this table may name as well
    ("forecast_stream", "family"): ("product.family", "product.category"),
    ("forecast_stream", "market"): ("market.market", "market.region", "market.channel"),
}
_OWN_LABELS = {("product", "family"), ("product", "category"), ("market", "region"), ("site", "region")}
_MUST_COME = {
    ("sales_history", "units")
}  # may be blank in a line, but a history without the column says nothing


@dataclass(frozen=True)
class Column:
    """One column: its type, unit and meaning, and the rules its values keep.

    blank is what an empty cell is stored as ('' for all, ALWAYS, or None for not known); required means no
    cell may be empty, present that the file must have the column.
    """

    name: str
    type: str
    unit: str
    meaning: str
    examples: tuple[str, ...]
    key: bool
    required: bool
    present: bool
    blank: str | date | None
    words: tuple[str, ...]
    minimum: float | None
    above_minimum: bool
    maximum: float | None
    references: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table; group is planner (a file of theirs), process, engine or system."""

    name: str
    group: str
    wide: bool
    meaning: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)

    @property
    def measures(self) -> tuple[str, ...]:
        """The numbers of a wide table, one of which each of its lines holds."""
        return tuple(column.name for column in self.columns if column.type == "DOUBLE" and not column.key)

    @property
    def column(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}


def read_catalogue(cursor: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    """Every table of the database with its columns, in the order of schema.sql.

    Raises WarehouseError for a table that the program did not make.
    """
    tables = cursor.execute("SELECT table_name, comment FROM duckdb_tables() ORDER BY table_oid").fetchall()
    rows = cursor.execute(
        "SELECT table_name, column_name, data_type, is_nullable, column_default, comment "
        "FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index"
    ).fetchall()
    rules = cursor.execute(
        "SELECT table_name, constraint_column_names, constraint_type, constraint_text "
        "FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'CHECK')"
    ).fetchall()
    strange = [table for table, comment in tables if comment is None]
    if strange:
        fix = "Restore a backup, or drop the table if it is your own."
        raise WarehouseError(f"Table {strange[0]} is not as this program makes it: made outside. {fix}")
    keys = {table: names for table, names, kind, _ in rules if kind == "PRIMARY KEY"}
    checks = {(table, names[0]): text for table, names, kind, text in rules if kind == "CHECK"}
    columns: dict[str, list[Column]] = {table: [] for table, _ in tables}
    for table, name, sql_type, nullable, default, comment in rows:
        is_key = name in keys.get(table, ())
        columns[table].append(
            _column(table, name, sql_type, nullable, default, comment, is_key, checks.get((table, name), ""))
        )
    return {table: _table(table, comment, tuple(columns[table])) for table, comment in tables}


def _table(name: str, comment: str, columns: tuple[Column, ...]) -> Table:
    head, meaning = comment.split(" | ", 1)
    group, *flags = head.split()
    return Table(name, group, "wide" in flags, meaning, columns)


def _column(
    table: str,
    name: str,
    sql_type: str,
    nullable: bool,
    default: str | None,
    comment: str,
    key: bool,
    check: str,
) -> Column:
    unit, meaning, *examples = [part.strip() for part in comment.split("|")]
    required = not nullable and default is None
    own_key = name == table or (table, name) in _OWN_LABELS
    return Column(
        name=name,
        type=sql_type,
        unit=unit,
        meaning=meaning,
        examples=tuple(word.strip() for word in examples[0].split(";")) if examples else ("",),
        key=key,
        required=required,
        present=required or (table, name) in _MUST_COME,
        blank=_blank(sql_type, nullable, default),
        words=tuple(re.findall(r"'([^']*)'", check)) if " IN (" in check else (),
        minimum=_bound(check, r">=? (?:CAST\()?(-?\d+)|BETWEEN (-?\d+)"),
        above_minimum=bool(re.search(r" > -?\d", check)),
        maximum=_bound(check, r"<= (-?\d+)|AND (-?\d+)"),
        references=() if own_key else _SCOPES_OF.get((table, name), _KEYS_OF.get(name, ())),
    )


def _blank(sql_type: str, nullable: bool, default: str | None) -> str | date | None:
    if nullable or default is None:
        return None
    if sql_type == "DATE":
        return ALWAYS
    return default.strip("'") if sql_type == "VARCHAR" else None


def _bound(check: str, pattern: str) -> float | None:
    found = re.search(pattern, check)
    return float(next(group for group in found.groups() if group is not None)) if found else None


def dictionary(catalogue: Mapping[str, Table]) -> pd.DataFrame:
    """The planner's columns: table, column, key, required, type, unit, meaning, allowed, example."""
    return pd.DataFrame(
        [
            {
                "table": table.name,
                "column": column.name,
                "key": column.key,
                "required": column.present,
                "type": column.type,
                "unit": column.unit,
                "meaning": column.meaning,
                "allowed": allowed(column),
                "example": column.examples[0],
            }
            for table in catalogue.values()
            if table.group == "planner"
            for column in table.columns
        ]
    )


def allowed(column: Column) -> str:
    """The values a column may hold, in words; '' when any of its type.

    >>> from types import SimpleNamespace
    >>> allowed(SimpleNamespace(words=(), minimum=0.0, above_minimum=False, maximum=100.0))
    '0 to 100'
    """
    if column.words:
        return ", ".join(word for word in column.words if word)
    if column.minimum is None:
        return ""
    if column.maximum is not None:
        return f"{column.minimum:g} to {column.maximum:g}"
    return f"above {column.minimum:g}" if column.above_minimum else f"{column.minimum:g} or more"


def template(table: Table) -> str:
    """The CSV a planner starts from: the header and the example rows of the schema."""
    examples = [column.examples if len(column.examples) > 1 else None for column in table.columns]
    height = max((len(values) for values in examples if values), default=1)
    repeated = [
        column.examples if len(column.examples) > 1 else column.examples * height for column in table.columns
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows(zip_longest(*repeated, fillvalue=""))
    return out.getvalue()


def write_templates(catalogue: Mapping[str, Table], folder: Path) -> list[Path]:
    """Write one template per planner table into the folder and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in catalogue.values():
        if table.group == "planner":
            path = folder / f"{table.name}.csv"
            path.write_text(template(table), encoding="utf-8")
            written.append(path)
    return written
