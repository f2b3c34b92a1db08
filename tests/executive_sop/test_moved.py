"""What moved the inputs is named by record, who and when; what moved nothing is not."""

from datetime import datetime, timedelta

import pandas as pd
import pytest

from sop_engine.executive_sop.moved import moved_inputs, moved_words
from sop_engine.records import open_cycle
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.tables import small_tables

AT = datetime(2014, 1, 9, 9, 40)


@pytest.fixture
def warehouse() -> Warehouse:
    return open_warehouse(":memory:")


def load(warehouse: Warehouse, who: str, minutes: int, *tables: str, factor: float = 1.0) -> None:
    rows = small_tables()
    with warehouse.transaction(who=who, why="load", at=AT + timedelta(minutes=minutes)) as change:
        for name in tables:
            frame = rows[name].copy()
            if "units" in frame:
                frame["units"] = factor * frame["units"]
            if "period" in frame:
                frame["period"] = pd.to_datetime(frame["period"])
            change.replace(name, frame)


def lock(warehouse: Warehouse, who: str, minutes: int, lock_id: str) -> None:
    with warehouse.transaction(who=who, why="agreed", at=AT + timedelta(minutes=minutes)) as change:
        span = {"from_period": datetime(2014, 2, 1), "to_period": datetime(2014, 2, 1)}
        row = {"lock_id": lock_id, "cycle": "2014-01", "product": "A", "market": "East", **span}
        change.insert(
            "demand_lock", {**row, "reason": "agreed", "created_at": AT, "created_by": who, "active": True}
        )


def test_a_load_and_a_record_are_named_with_who_and_when(warehouse: Warehouse) -> None:
    load(warehouse, "Bob", 0, "sales_history")
    lock(warehouse, "Ann", 32, "2014-01-L1")
    moved = moved_inputs(warehouse.read)
    assert moved[["who", "what", "judged"]].to_numpy().tolist() == [
        ["Bob", "sales_history loaded", False],
        ["Ann", "lock 2014-01-L1", True],
    ]
    assert moved_words(moved, AT) == "lock 2014-01-L1 by Ann at 10:12; sales_history loaded by Bob at 09:40"
    assert moved_words(moved.head(1), AT - timedelta(days=1)).endswith("by Bob on 9 Jan 14 at 09:40")


def test_one_load_of_many_tables_is_one_change(warehouse: Warehouse) -> None:
    load(warehouse, "Bob", 0, *[name for name, rows in small_tables().items() if len(rows)])
    (row,) = moved_inputs(warehouse.read).itertuples()
    assert row.what.endswith(" more") and row.what.count(",") == 1


def test_the_same_rows_loaded_again_moved_nothing(warehouse: Warehouse) -> None:
    load(warehouse, "Bob", 0, "sales_history")
    load(warehouse, "Bob", 5, "sales_history")
    load(warehouse, "Cy", 9, "sales_history", factor=2.0)
    assert list(moved_inputs(warehouse.read)["who"]) == ["Bob", "Cy"]


def test_what_is_no_part_of_the_inputs_moves_nothing(warehouse: Warehouse) -> None:
    open_cycle(warehouse, "2014-01", who="Ann", at=AT)
    moved = moved_inputs(warehouse.read)
    assert moved.empty and moved_words(moved, AT) == ""


def test_more_than_two_are_counted(warehouse: Warehouse) -> None:
    for minute in range(1, 5):
        lock(warehouse, "Ann", minute, f"2014-01-L{minute}")
    words = moved_words(moved_inputs(warehouse.read), AT)
    assert words == "lock 2014-01-L4 by Ann at 09:44; lock 2014-01-L3 by Ann at 09:43 and 2 before that"
