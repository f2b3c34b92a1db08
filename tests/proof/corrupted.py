"""Warehouse files written to around the upload: straight in SQL, in another connection."""

from __future__ import annotations

from pathlib import Path

import duckdb

from sop_engine.warehouse import Warehouse, open_warehouse


def corrupted(file: Path, *statements: str) -> Warehouse:
    """The warehouse of a file after these statements."""
    connection = duckdb.connect(str(file))
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return open_warehouse(file)


def unguarded(file: Path, table: str) -> list[str]:
    """Statements that make a table anew without its key and checks, its comments kept."""
    connection = duckdb.connect(str(file))
    said = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone()
    columns = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?", [table]
    ).fetchall()
    connection.close()
    kept = [
        (f'TABLE "{table}"', said[0]),
        *((f'COLUMN "{table}"."{name}"', words) for name, words in columns),
    ]
    return [
        f'CREATE TABLE made_anew AS SELECT * FROM "{table}"',
        f'DROP TABLE "{table}"',
        f'ALTER TABLE made_anew RENAME TO "{table}"',
        *("COMMENT ON {} IS '{}'".format(place, words.replace("'", "''")) for place, words in kept),
    ]
