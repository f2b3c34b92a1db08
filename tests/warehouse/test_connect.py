import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_engine.errors import WarehouseError
from sop_engine.warehouse import Warehouse, open_warehouse, restore
from tests.warehouse.files import AT


def put(warehouse: Warehouse, table: str, rows: pd.DataFrame) -> None:
    with warehouse.transaction("planner", "test", AT) as change:
        change.replace(table, rows)


def settings_of(warehouse: Warehouse) -> dict[str, str]:
    rows = warehouse.read("SELECT name, value FROM setting")
    return dict(zip(rows.name, rows.value, strict=True))


def test_the_first_start_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "sop.duckdb"
    opened = open_warehouse(path)
    assert opened.read("SELECT count(*) AS n FROM sales_history").n[0] == 0
    opened.close()
    assert path.exists()


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = open_warehouse(tmp_path / "a.duckdb")
    put(first, "setting", pd.DataFrame({"name": ["base_currency"], "value": ["USD"]}))
    version = first.data_version()
    first.close()
    second = open_warehouse(tmp_path / "a.duckdb")
    assert settings_of(second) == {"base_currency": "USD"}
    assert second.data_version() == version
    second.close()


def test_eight_threads_read_their_own_rows_while_one_writes(warehouse: Warehouse) -> None:
    wrong: list[object] = []

    def hammer(thread: int) -> None:
        for number in range(60):
            expected = thread * 1000 + number
            found = warehouse.read("SELECT ? AS mine, (SELECT count(*) FROM setting) AS rows", [expected])
            if found.mine[0] != expected or found.rows[0] % 2:
                wrong.append((expected, found))

    def write() -> None:
        for number in range(20):
            with warehouse.transaction("planner", "test", AT) as change:
                change.insert("setting", {"name": f"a{number}", "value": "1"})
                change.insert("setting", {"name": f"b{number}", "value": "1"})

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(8)] + [
        threading.Thread(target=write)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(settings_of(warehouse)) == 40


def test_writers_of_several_threads_take_turns(warehouse: Warehouse) -> None:
    put(warehouse, "setting", pd.DataFrame({"name": ["n"], "value": ["0"]}))

    def add() -> None:
        for _ in range(10):
            with warehouse.transaction("planner", "test", AT) as change:
                value = int(change.read("SELECT value FROM setting").value[0])
                change.update(
                    "setting", {"name": "n"}, {"value": str(value + 1)}, expected={"value": str(value)}
                )

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert settings_of(warehouse) == {"n": "40"}


def test_an_exception_inside_a_transaction_leaves_nothing(warehouse: Warehouse) -> None:
    before = warehouse.data_version()
    with pytest.raises(ZeroDivisionError), warehouse.transaction("planner", "test", AT) as change:
        change.insert("setting", {"name": "a", "value": "1"})
        change.insert("cycle", {"cycle": "2026-01", "status": "open", "opened_at": AT})
        raise ZeroDivisionError
    assert settings_of(warehouse) == {}
    assert warehouse.read("SELECT * FROM cycle").empty
    assert warehouse.read("SELECT * FROM audit_log").empty
    assert warehouse.data_version() == before
    put(warehouse, "setting", pd.DataFrame({"name": ["b"], "value": ["1"]}))


def test_a_process_that_dies_inside_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    dies = f"""
import os
from datetime import datetime
from sop_engine.warehouse import open_warehouse
opened = open_warehouse({str(path)!r})
with opened.transaction("planner", "kept", datetime(2026, 1, 6)) as change:
    change.insert("setting", {{"name": "kept", "value": "1"}})
with opened.transaction("planner", "lost", datetime(2026, 1, 6)) as change:
    change.insert("setting", {{"name": "lost", "value": "1"}})
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", dies], check=False).returncode == 9
    opened = open_warehouse(path)
    assert settings_of(opened) == {"kept": "1"}
    assert list(opened.read("SELECT why FROM audit_log").why) == ["kept"]
    opened.close()


def test_a_file_that_another_process_holds_is_named_as_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    opened = open_warehouse(path)
    tries = f"""
from sop_engine.errors import WarehouseInUse
from sop_engine.warehouse import open_warehouse
try:
    open_warehouse({str(path)!r})
except WarehouseInUse as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", tries], check=False, capture_output=True, text=True).stdout
    opened.close()
    assert "is in use by another process" in said and "--warehouse" in said


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.duckdb"
    path.write_text("Dear planner, " * 100)
    with pytest.raises(WarehouseError, match="cannot be opened as a warehouse"):
        open_warehouse(path)


def test_sql_reaches_no_other_file(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(Exception, match="disabled"):
        warehouse.read(f"SELECT * FROM read_csv('{tmp_path}/secret.csv')")


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
dates = st.dates(datetime(1900, 1, 1).date(), datetime(2199, 12, 31).date())
products = st.lists(
    st.fixed_dictionaries(
        {
            "product": texts,
            "name": st.none() | texts,
            "sellable": st.none() | st.booleans(),
            "launch_period": st.none() | dates,
            "shelf_life_periods": st.none() | st.floats(1e-6, 1e9),
        }
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda row: row["product"],
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(products)
def test_a_frame_comes_back_as_it_was_written(warehouse: Warehouse, rows: list[dict[str, object]]) -> None:
    frame = pd.DataFrame(rows)
    put(warehouse, "product", frame)
    found = warehouse.read("SELECT * FROM product").set_index("product")
    for row in rows:
        stored = found.loc[row["product"]]
        assert stored["name"] == (row["name"] or "")
        assert stored["family"] == ""
        for column in ("sellable", "launch_period", "shelf_life_periods"):
            if row[column] is None:
                assert pd.isna(stored[column])
        if row["sellable"] is not None:
            assert bool(stored["sellable"]) is row["sellable"]
        if row["launch_period"] is not None:
            assert stored["launch_period"].date() == row["launch_period"]
        if row["shelf_life_periods"] is not None:
            assert stored["shelf_life_periods"] == row["shelf_life_periods"]


def test_the_data_version_depends_on_content_not_on_order_or_on_the_way_it_came(warehouse: Warehouse) -> None:
    rows = pd.DataFrame({"name": list("abc"), "value": list("123")})
    put(warehouse, "setting", rows)
    version = warehouse.data_version()
    put(warehouse, "setting", rows.iloc[::-1])
    assert warehouse.data_version() == version
    with warehouse.transaction("planner", "test", AT) as change:
        change.update("setting", {"name": "a"}, {"value": "9"})
    assert warehouse.data_version() != version
    with warehouse.transaction("planner", "test", AT) as change:
        change.upsert("setting", {"name": "a", "value": "1"})
    assert warehouse.data_version() == version


def test_the_record_of_the_process_is_no_part_of_the_data_version(warehouse: Warehouse) -> None:
    put(warehouse, "setting", pd.DataFrame({"name": ["a"], "value": ["1"]}))
    version = warehouse.data_version()
    with warehouse.transaction("planner", "test", AT) as change:
        change.insert("cycle", {"cycle": "2026-01", "status": "open", "opened_at": AT})
    assert warehouse.data_version() == version


def test_moving_a_value_between_rows_changes_the_version(warehouse: Warehouse) -> None:
    put(warehouse, "setting", pd.DataFrame({"name": ["a", "b"], "value": ["1", "2"]}))
    version = warehouse.data_version()
    put(warehouse, "setting", pd.DataFrame({"name": ["a", "b"], "value": ["2", "1"]}))
    assert warehouse.data_version() != version


def test_a_backup_restores_what_was_there_and_keeps_the_present_file(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.duckdb", tmp_path / "copy.duckdb"
    opened = open_warehouse(path)
    put(opened, "setting", pd.DataFrame({"name": ["a"], "value": ["old"]}))
    opened.backup(copy)
    put(opened, "setting", pd.DataFrame({"name": ["a"], "value": ["new"]}))
    with pytest.raises(WarehouseError, match="is there already"):
        opened.backup(copy)
    opened.close()
    kept = restore(copy, path)
    for file, value in ((path, "old"), (kept, "new")):
        reopened = open_warehouse(file)
        assert settings_of(reopened) == {"a": value}
        reopened.close()


def test_a_broken_warehouse_can_be_restored_over(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.duckdb", tmp_path / "copy.duckdb"
    open_warehouse(copy).close()
    path.write_text("broken " * 100)
    assert restore(copy, path).read_text().startswith("broken")
    open_warehouse(path).close()


def test_restore_refuses_what_is_no_warehouse_and_changes_nothing(tmp_path: Path) -> None:
    path, letter = tmp_path / "a.duckdb", tmp_path / "letter.txt"
    open_warehouse(path).close()
    content = path.read_bytes()
    letter.write_text("Dear planner, " * 100)
    for source in (letter, tmp_path / "missing.duckdb"):
        with pytest.raises(WarehouseError):
            restore(source, path)
    assert path.read_bytes() == content
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.duckdb", "letter.txt"]
