"""The history of the schema: named steps, each applied once, in order, in a transaction with its own record.

A later change of the schema is a new function at the end of MIGRATIONS; those that shipped are never edited.
No default of a column may call a function: DuckDB 1.5.5 cannot replay its log after a crash then.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import duckdb

from sop_engine.errors import WarehouseError
from sop_engine.warehouse.change import store_row_hashes
from sop_engine.warehouse.dictionary import read_catalogue

Migration = Callable[[duckdb.DuckDBPyConnection], None]

_RECORD = """
CREATE TABLE IF NOT EXISTS migration (
    name       VARCHAR PRIMARY KEY,
    applied_at TIMESTAMP NOT NULL
);
COMMENT ON TABLE migration IS 'system | Steps of the schema that were applied';
COMMENT ON COLUMN migration.name IS 'text | name of the step';
COMMENT ON COLUMN migration.applied_at IS 'time | when it was applied';
"""


def first_schema(cursor: duckdb.DuckDBPyConnection) -> None:
    """Every table of schema.sql."""
    _run_file(cursor, "schema.sql")


def demand_review(cursor: duckdb.DuckDBPyConnection) -> None:
    """Corrections, weights, locks, reviewed exceptions and kept fits of the demand review."""
    _run_file(cursor, "schema_demand.sql")


def supply_review(cursor: duckdb.DuckDBPyConnection) -> None:
    """The consensus that a signature rests on."""
    _run_file(cursor, "schema_supply.sql")


def product_and_finance(cursor: duckdb.DuckDBPyConnection) -> None:
    """Requests between reviews, risks and opportunities, segment policies, the pipeline as it was kept."""
    _run_file(cursor, "schema_finance.sql")


def month_and_meetings(cursor: duckdb.DuckDBPyConnection) -> None:
    """Tasks, holidays, meetings with agenda and attendance, assumptions, and notes with their evidence."""
    _run_file(cursor, "schema_process.sql")


def executives_decision(cursor: duckdb.DuckDBPyConnection) -> None:
    """Effects and reviews of decisions, what scenarios may come to, triggers of risks, strategic targets, and
    the hash of each row that is there.
    """
    _run_file(cursor, "schema_executive.sql")
    loaded = cursor.execute('SELECT "table" FROM data_version WHERE "table" <> \'\' AND rows > 0').fetchall()
    catalogue = read_catalogue(cursor) if loaded else {}
    for (name,) in loaded:
        store_row_hashes(cursor, catalogue[name])


MIGRATIONS: tuple[Migration, ...] = (
    first_schema,
    demand_review,
    supply_review,
    product_and_finance,
    month_and_meetings,
    executives_decision,
)


def applied(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the steps this file has, in order; [] for a new file.

    Raises WarehouseError if the file is another program's.
    """
    tables = {name for (name,) in cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if tables and "migration" not in tables:
        held = ", ".join(sorted(tables)[:3])
        raise WarehouseError(
            f"The file is a database but no warehouse: it holds {held}. Choose another file."
        )
    if not tables:
        return []
    return [
        name for (name,) in cursor.execute("SELECT name FROM migration ORDER BY applied_at, name").fetchall()
    ]


def migrate(cursor: duckdb.DuckDBPyConnection, migrations: tuple[Migration, ...] = MIGRATIONS) -> list[str]:
    """Apply what is pending and return its names.

    Raises WarehouseError when the file has steps that this program does not know.
    """
    done = applied(cursor)
    unknown = sorted(set(done) - {step.__name__ for step in migrations})
    if unknown:
        raise WarehouseError(
            f"The warehouse was made by a newer version (it has {unknown[0]}). Update the program."
        )
    pending = [step for step in migrations if step.__name__ not in done]
    for step in pending:
        _apply(cursor, step)
    return [step.__name__ for step in pending]


def _apply(cursor: duckdb.DuckDBPyConnection, step: Migration) -> None:
    cursor.execute("BEGIN")
    try:
        cursor.execute(_RECORD)
        step(cursor)
        cursor.execute("INSERT INTO migration VALUES (?, CAST(now() AS TIMESTAMP))", [step.__name__])
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


def _run_file(cursor: duckdb.DuckDBPyConnection, name: str) -> None:
    cursor.execute(files("sop_engine.warehouse").joinpath(name).read_text("utf-8"))
