"""Rows written around the upload are found and named; a table that was loaded has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_engine.errors import WarehouseError
from sop_engine.warehouse import open_warehouse
from sop_engine.warehouse.stored import changed_tables, stored_faults
from tests.pages.small import small_file
from tests.proof.corrupted import corrupted, unguarded

NAN = "CAST('nan' AS DOUBLE)"
FAULTS = {
    "unknown product": (
        "INSERT INTO price (product, market, price) VALUES ('NOPE', '', 5)",
        ("price", "NOPE", "product", "NOPE", "no known product"),
    ),
    "price is no number": (
        f"UPDATE price SET price = {NAN} WHERE product = 'A' AND market = 'West'",
        ("price", "A, West, 2014-02", "price", "nan", "not a finite number"),
    ),
    "infinite cost": (
        "UPDATE unit_cost SET unit_cost = CAST('inf' AS DOUBLE) WHERE product = 'B'",
        ("unit_cost", "B, 2010-01", "unit_cost", "inf", "not a finite number"),
    ),
    "a bill that contains itself": (
        "INSERT INTO bill_of_material (parent, component, quantity_per) VALUES ('F', 'A', 1)",
        ("bill_of_material", "", "component", "", "contain itself: A > F > A"),
    ),
    "unknown resource": (
        "INSERT INTO capacity (resource, available_hours) VALUES ('NOPE', 5)",
        ("capacity", "NOPE", "resource", "NOPE", "no known resource"),
    ),
}
UNGUARDED = {
    "negative price": (
        "price",
        "UPDATE price SET price = -5 WHERE product = 'B'",
        ("price", "B, 2010-01", "price", "-5.0", "is not 0 or more"),
    ),
    "a row twice": (
        "inventory_on_hand",
        "INSERT INTO inventory_on_hand SELECT * FROM inventory_on_hand WHERE product = 'A'",
        ("inventory_on_hand", "A, Depot", "product, site", "A, Depot", "is already in"),
    ),
    "negative stock": (
        "inventory_on_hand",
        "UPDATE inventory_on_hand SET units = -7 WHERE product = 'F'",
        ("inventory_on_hand", "F, Plant", "units", "-7.0", "is not 0 or more"),
    ),
    "a blank that must not be": (
        "price",
        "UPDATE price SET price = NULL WHERE product = 'B'",
        ("price", "B, 2010-01", "price", "", "is blank"),
    ),
    "a word of no meaning": (
        "site",
        "UPDATE site SET kind = 'ship' WHERE site = 'Depot'",
        ("site", "Depot", "kind", "ship", "is not one of"),
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_file(tmp_path)


def test_what_was_loaded_is_whole(file: Path) -> None:
    warehouse = open_warehouse(file)
    assert changed_tables(warehouse) == [] and stored_faults(warehouse) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_row_written_around_the_upload_is_named(name: str, file: Path) -> None:
    statement, expected = FAULTS[name]
    named(corrupted(file, statement), expected)


@pytest.mark.parametrize("name", UNGUARDED)
def test_a_row_that_the_keys_would_refuse_is_named(name: str, file: Path) -> None:
    table, statement, expected = UNGUARDED[name]
    warehouse = corrupted(file, *unguarded(file, table), statement)
    named(warehouse, expected)
    assert any("lost its key" in fault.problem for fault in stored_faults(warehouse))


def named(warehouse: object, expected: tuple[str, ...]) -> None:
    table, key, column, value, problem = expected
    assert any(
        (fault.table, fault.column) == (table, column)
        and key in fault.key
        and value in fault.value
        and problem in fault.problem
        for fault in stored_faults(warehouse)
    )
    assert [fault.table for fault in changed_tables(warehouse)] == [table]


def test_a_table_without_its_meaning_is_refused_in_words(file: Path) -> None:
    statements = [line for line in unguarded(file, "price") if not line.startswith("COMMENT")]
    with pytest.raises(WarehouseError, match="Table price is not as this program makes it"):
        corrupted(file, *statements)
