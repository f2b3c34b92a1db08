"""Rows changed to other legal values behind the warehouse's back are named, and no others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sop_engine.proof.altered import altered_rows
from sop_engine.proof.checks import data_checks
from sop_engine.warehouse import open_warehouse
from tests.pages.small import small_file
from tests.proof.corrupted import corrupted
from tests.tables import AT

CELL = "WHERE product = 'A' AND market = 'East' AND period = DATE '2012-03-01'"
OTHER = CELL.replace("East", "West")
HERE, THERE = "A, East, 2012-03", "A, West, 2012-03"
SWAPPED = f"(SELECT units FROM sales_history {OTHER})", f"(SELECT units FROM sales_history {CELL})"
CHANGED, GONE, ADDED = "does not hold what was loaded", "was loaded, and is gone", "was not loaded"
ALTERED = {
    "revenue of a sale": (f"UPDATE sales_history SET revenue = 12345.67 {CELL}", {HERE: CHANGED}),
    "revenue of a budget": ("UPDATE budget SET revenue = 9999.99", {"AOP, Bikes, East, 2014-01": CHANGED}),
    "a sale less": (f"DELETE FROM sales_history {CELL}", {HERE: GONE}),
    "two rows x 1.07": (
        f"UPDATE sales_history SET units = units * 1.07 {CELL} OR ({OTHER[6:]})",
        {HERE: CHANGED, THERE: CHANGED},
    ),
    "units of two rows swapped": (
        f"UPDATE sales_history SET units = CASE market WHEN 'East' THEN {SWAPPED[0]} ELSE {SWAPPED[1]} END "
        f"{CELL} OR ({OTHER[6:]})",
        {HERE: CHANGED, THERE: CHANGED},
    ),
    "a row more": (
        "INSERT INTO price (product, market, period, price) VALUES ('B', 'West', DATE '2013-05-01', 21)",
        {"B, West, 2013-05": ADDED},
    ),
    "a row of another key": (
        f"UPDATE sales_history SET period = DATE '2009-03-01' {CELL}",
        {HERE: GONE, "A, East, 2009-03": ADDED},
    ),
}
BY = {"who": "Ann", "why": "a judgement", "at": AT}
OVERRIDE = {
    "override_id": "2014-01-O1",
    "cycle": "2014-01",
    "product": "A",
    "from_period": pd.Timestamp("2014-02-01"),
    "to_period": pd.Timestamp("2014-03-01"),
    "kind": "pct",
    "value": 10.0,
    "reason": "fair",
    "owner": None,
    "created_at": AT,
    "active": True,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_file(tmp_path)


@pytest.mark.parametrize("name", ALTERED)
def test_each_row_is_named_and_no_other(name: str, file: Path) -> None:
    statement, expected = ALTERED[name]
    check = data_checks(corrupted(file, statement))[0]
    assert {row.key: row.why.split(".")[0] for row in check.rows} == expected
    assert check.residual == len(check.rows) == len(expected) and not check.passed


def test_a_changed_row_says_what_it_holds(file: Path) -> None:
    (row,) = altered_rows(corrupted(file, ALTERED["revenue of a sale"][0]), "sales_history")
    assert (row.table, row.column) == ("sales_history", "") and "units 100, revenue 12345.67" in row.value


def test_every_row_of_a_column_is_named(file: Path) -> None:
    warehouse = corrupted(file, "UPDATE unit_cost SET unit_cost = unit_cost * 10")
    assert len(altered_rows(warehouse, "unit_cost")) == warehouse.rows()["unit_cost"] > 1


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


def test_a_setting_of_nobody_in_the_audit_log_is_named_as_changed(file: Path) -> None:
    rows = data_checks(corrupted(file, "UPDATE price SET price = price + 1 WHERE product = 'B'"))[0].rows
    assert [row.why for row in rows] == [f"{CHANGED}. Load the file again, or restore a backup."]


@pytest.mark.parametrize(
    ("statement", "column", "value", "why"),
    [
        (
            "UPDATE override SET value = value * 2",
            "value",
            "20",
            "Ann wrote 10 on 2014-01-06 09:00; changed since",
        ),
        ("UPDATE override SET active = true", "active", "True", "Ann wrote False on"),
        ("UPDATE override SET to_period = DATE '2014-04-01'", "to_period", "2014-04", "Ann wrote 2014-03"),
        ("UPDATE override SET owner = 'Ben'", "owner", "Ben", "Ann wrote a blank on"),
        ("DELETE FROM override", "", "", "it is gone"),
    ],
)
def test_judgement_is_as_it_was_written(
    file: Path, statement: str, column: str, value: str, why: str
) -> None:
    warehouse = open_warehouse(file)
    with warehouse.transaction(**BY) as change:
        change.insert("override", OVERRIDE)
    with warehouse.transaction(**BY) as change:
        change.update("override", {"override_id": "2014-01-O1"}, {"active": False})
    assert data_checks(warehouse)[1].passed
    warehouse.close()
    check = data_checks(corrupted(file, statement))[1]
    (row,) = check.rows
    assert (check.name, row.key, row.column, row.value) == (
        "Judgement as written",
        "2014-01-O1",
        column,
        value,
    )
    assert why in row.why


def test_a_record_that_was_taken_back_is_not_missed(file: Path) -> None:
    warehouse = open_warehouse(file)
    with warehouse.transaction(**BY) as change:
        change.insert("override", OVERRIDE)
        change.delete("override", {"override_id": "2014-01-O1"})
    assert data_checks(warehouse)[1].passed


def test_what_was_loaded_has_no_row_against_it(file: Path) -> None:
    assert data_checks(open_warehouse(file))[0].rows == ()
