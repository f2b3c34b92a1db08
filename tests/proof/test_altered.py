"""Rows changed to other legal values behind the warehouse's back are named, with what was loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_engine.proof.altered import altered_rows
from sop_engine.proof.checks import data_checks
from sop_engine.warehouse import open_warehouse
from tests.pages.small import small_file
from tests.proof.corrupted import corrupted
from tests.tables import AT

CELL = "WHERE product = 'A' AND market = 'East' AND period = DATE '2012-03-01'"
KEY = "A, East, 2012-03"
PROVED = {
    "a sale below nothing": (f"UPDATE sales_history SET units = -5 {CELL}", KEY, "-5", "was loaded as 100:"),
    "a sale of another size": (f"UPDATE sales_history SET units = 1437 {CELL}", KEY, "1437", "as 100:"),
    "ten times the sale": (f"UPDATE sales_history SET units = units * 10 {CELL}", KEY, "1000", "as 100:"),
    "some units more": (f"UPDATE sales_history SET units = units + 7 {CELL}", KEY, "107", "as 100:"),
    "five per cent more": (
        f"UPDATE sales_history SET revenue = revenue * 1.05 {CELL}",
        KEY,
        "1050",
        "as 1000:",
    ),
    "a budget of ten times": (
        "UPDATE budget SET revenue = revenue * 10",
        "AOP, Bikes, East, 2014-01",
        "24000",
        "as 2400:",
    ),
    "a row more": (
        "INSERT INTO price (product, market, period, price) VALUES ('B', 'West', DATE '2013-05-01', 21)",
        "B, West, 2013-05",
        "",
        "without it the table is as loaded",
    ),
    "a whole column": (
        "UPDATE unit_cost SET unit_cost = unit_cost * 10",
        "A, 2010-01",
        "60",
        "was loaded as 6: with that and all others of the column",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_file(tmp_path)


@pytest.mark.parametrize("name", PROVED)
def test_the_row_is_named_with_what_was_loaded(name: str, file: Path) -> None:
    statement, key, value, why = PROVED[name]
    check = data_checks(corrupted(file, statement))[0]
    assert not check.passed
    named = [row for row in check.rows if row.key == key]
    assert len(named) == 1 and named[0].value == value and why in named[0].why
    assert {row.key for row in check.rows if "may be it" in row.why} == set()


def test_a_row_written_by_itself_is_held_against_what_the_audit_log_says(file: Path) -> None:
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="Ann", why="a setting", at=AT) as change:
        change.upsert("setting", {"name": "abc_a_pct", "value": "70"})
    warehouse.close()
    rows = altered_rows(
        corrupted(file, "UPDATE setting SET value = '60' WHERE name = 'abc_a_pct'"), "setting"
    )
    assert [(row.key, row.column, row.value) for row in rows] == [("abc_a_pct", "value", "60")]
    assert rows[0].why == "Ann wrote 70 on 2014-01-06 09:00; changed since"


def test_two_changed_rows_are_named_as_unlike_their_neighbours(file: Path) -> None:
    other = CELL.replace("East", "West")
    statements = [f"UPDATE sales_history SET units = 4321.5 {where}" for where in (CELL, other)]
    check = data_checks(corrupted(file, *statements))[0]
    assert check.rows[0].key == "all rows"
    assert {row.key for row in check.rows[1:] if row.why.startswith("may be it")} == {KEY, "A, West, 2012-03"}


def test_what_was_loaded_has_no_row_against_it(file: Path) -> None:
    assert data_checks(open_warehouse(file))[0].rows == ()
