from pathlib import Path

import duckdb
import pytest

from sop_engine.errors import WarehouseError
from sop_engine.proof.altered import altered_rows
from sop_engine.warehouse import open_warehouse
from sop_engine.warehouse.migrations import MIGRATIONS, applied, executives_decision, first_schema, migrate


def add_colour(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute("ALTER TABLE product ADD COLUMN colour VARCHAR")


def breaks_halfway(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute("CREATE TABLE half (a INTEGER)")
    cursor.execute("SELECT * FROM not_there")


def test_each_step_is_applied_once_and_recorded() -> None:
    connection = duckdb.connect()
    assert migrate(connection) == [step.__name__ for step in MIGRATIONS]
    assert migrate(connection) == []
    assert migrate(connection, (*MIGRATIONS, add_colour)) == ["add_colour"]
    assert applied(connection) == [*(step.__name__ for step in MIGRATIONS), "add_colour"]


def test_a_step_that_fails_leaves_nothing_behind() -> None:
    connection = duckdb.connect()
    with pytest.raises(duckdb.CatalogException):
        migrate(connection, (first_schema, breaks_halfway))
    assert applied(connection) == ["first_schema"]
    assert connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'"
    ).fetchone() == (0,)


def test_a_warehouse_of_a_newer_version_is_refused() -> None:
    connection = duckdb.connect()
    migrate(connection, (first_schema, add_colour))
    with pytest.raises(WarehouseError, match="newer version .*add_colour"):
        migrate(connection)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE songs (title VARCHAR)")
    with pytest.raises(WarehouseError, match="no warehouse: it holds songs"):
        open_warehouse(path)
    with duckdb.connect(str(path)) as other:
        assert other.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("songs",)]


def test_no_default_calls_a_function_which_would_break_recovery() -> None:
    connection = duckdb.connect()
    migrate(connection)
    defaults = connection.execute(
        "SELECT DISTINCT column_default FROM duckdb_columns() WHERE NOT internal"
    ).fetchall()
    assert [text for (text,) in defaults if text and "(" in text.replace("CAST(", "")] == []


def test_an_override_of_the_first_schema_is_still_there() -> None:
    connection = duckdb.connect()
    migrate(connection, (first_schema,))
    connection.execute(
        "INSERT INTO override (override_id, cycle, from_period, to_period, kind, value, reason, "
        "created_at, active) VALUES ('2014-01-O1', '2014-01', '2014-02-01', '2014-03-01', 'pct', 10, "
        "'fair', '2014-01-05', true)"
    )
    migrate(connection)
    assert connection.execute("SELECT override_id, kind, value, stage FROM override").fetchall() == [
        ("2014-01-O1", "pct", 10.0, "demand")
    ]


def test_an_older_file_gets_the_hash_of_each_row_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "older.duckdb"
    with duckdb.connect(str(path)) as older:
        migrate(older, MIGRATIONS[: MIGRATIONS.index(executives_decision)])
        older.execute("INSERT INTO market (market) VALUES ('East'), ('West')")
        older.execute("INSERT INTO data_version VALUES ('market', 2, 'x'), ('price', 0, '0'), ('', 2, 'y')")
    warehouse = open_warehouse(path)
    assert list(warehouse.read("SELECT key FROM row_hash ORDER BY key")["key"]) == ['["East"]', '["West"]']
    assert altered_rows(warehouse, "market") == []
    warehouse.close()
    with duckdb.connect(str(path)) as changed:
        changed.execute("UPDATE market SET channel = 'Retail' WHERE market = 'West'")
    assert [row.key for row in altered_rows(open_warehouse(path), "market")] == ["West"]
