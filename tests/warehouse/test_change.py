import json
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

import sop_engine.warehouse.change as change_module
from sop_engine.errors import ConflictError
from sop_engine.warehouse import Warehouse
from tests.warehouse.files import AT

OPEN = {"decision_id": "D1", "cycle": "2026-01", "question": "Saturdays?", "status": "open", "created_at": AT}


def write(
    warehouse: Warehouse, verb: str, table: str, *arguments: object, who: str = "Ann", **more: object
) -> None:
    with warehouse.transaction(who, "because", AT) as change:
        getattr(change, verb)(table, *arguments, **more)


def audit(warehouse: Warehouse) -> list[dict[str, object]]:
    return warehouse.read("SELECT * FROM audit_log ORDER BY audit_id").to_dict("records")


def test_an_insert_is_audited_with_who_when_what_and_why(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "decision", OPEN)
    (row,) = audit(warehouse)
    assert (row["who"], row["at"], row["table"], row["action"], row["why"]) == (
        "Ann",
        AT,
        "decision",
        "insert",
        "because",
    )
    assert json.loads(row["key"]) == {"decision_id": "D1"}
    assert row["before"] == "" and json.loads(row["after"])["question"] == "Saturdays?"


def test_an_update_is_audited_with_before_and_after_of_what_changed(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "decision", OPEN)
    write(
        warehouse,
        "update",
        "decision",
        {"decision_id": "D1"},
        {"status": "decided", "value_at_stake": np.float64(3.5)},
    )
    row = audit(warehouse)[-1]
    assert json.loads(row["before"]) == {"status": "open", "value_at_stake": None}
    assert json.loads(row["after"]) == {"status": "decided", "value_at_stake": 3.5}
    found = warehouse.read("SELECT status, value_at_stake, owner FROM decision").iloc[0]
    assert tuple(found) == ("decided", 3.5, "")


def test_the_second_of_two_people_who_saw_the_same_row_is_told(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "decision", OPEN)
    write(
        warehouse,
        "update",
        "decision",
        {"decision_id": "D1"},
        {"status": "decided"},
        expected={"status": "open"},
    )
    with pytest.raises(ConflictError, match="D1 was changed by somebody else: status is now 'decided'"):
        write(
            warehouse,
            "update",
            "decision",
            {"decision_id": "D1"},
            {"status": "deferred"},
            who="Bob",
            expected={"status": "open"},
        )
    assert warehouse.read("SELECT status FROM decision").status[0] == "decided"
    assert [row["who"] for row in audit(warehouse)] == ["Ann", "Ann"]


@pytest.mark.parametrize(
    "column, value",
    [("decide_by", None), ("created_at", AT), ("value_at_stake", None), ("sample", False), ("owner", "")],
)
def test_what_was_read_is_what_is_expected_for_every_type(
    warehouse: Warehouse, column: str, value: object
) -> None:
    write(warehouse, "insert", "decision", OPEN)
    write(warehouse, "update", "decision", {"decision_id": "D1"}, {"reason": "x"}, expected={column: value})
    assert warehouse.read("SELECT reason FROM decision").reason[0] == "x"


def test_an_update_with_blanks_stores_them_as_an_insert_does(warehouse: Warehouse) -> None:
    write(
        warehouse,
        "insert",
        "decision",
        {**OPEN, "owner": "Ann", "value_at_stake": 5.0, "decide_by": AT.date()},
    )
    blanks = {"owner": None, "value_at_stake": float("nan"), "decide_by": pd.NaT}
    write(warehouse, "update", "decision", {"decision_id": "D1"}, blanks)
    row = warehouse.read("SELECT owner, value_at_stake, decide_by FROM decision").iloc[0]
    assert row.owner == "" and pd.isna(row.value_at_stake) and pd.isna(row.decide_by)


def test_a_row_that_is_gone_is_a_conflict(warehouse: Warehouse) -> None:
    for verb, arguments in (("update", ({"name": "a"}, {"value": "1"})), ("delete", ({"name": "a"},))):
        with pytest.raises(ConflictError, match="setting a is no longer there"):
            write(warehouse, verb, "setting", *arguments)


def test_a_delete_keeps_the_row_in_the_audit_log(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "setting", {"name": "a", "value": "1"})
    write(warehouse, "delete", "setting", {"name": "a"})
    assert warehouse.read("SELECT * FROM setting").empty
    assert json.loads(audit(warehouse)[-1]["before"]) == {"name": "a", "value": "1"}


def test_an_upsert_overwrites_what_it_names_and_leaves_the_rest(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "market", {"market": "EAST", "region": "East", "priority": 1.0})
    write(
        warehouse, "upsert", "market", pd.DataFrame({"market": ["EAST", "WEST"], "name": ["East!", "West!"]})
    )
    rows = warehouse.read("SELECT market, name, region, priority FROM market ORDER BY market")
    assert rows.iloc[0].to_list() == ["EAST", "East!", "East", 1.0]
    assert rows.name.to_list() == ["East!", "West!"]
    changed, added = audit(warehouse)[-2:]
    assert json.loads(changed["before"])["region"] == "East" and added["before"] == ""


def test_an_upsert_finds_the_old_row_when_a_key_is_left_out(warehouse: Warehouse) -> None:
    write(warehouse, "upsert", "price", {"product": "A", "price": 5.0})
    write(warehouse, "upsert", "price", {"product": "A", "price": 6.0})
    row = audit(warehouse)[-1]
    assert json.loads(row["key"]) == {"product": "A", "market": "", "period": "1900-01-01"}
    assert json.loads(row["before"])["price"] == 5.0


def test_a_bulk_change_is_one_audit_row_with_counts_and_hashes(warehouse: Warehouse) -> None:
    rows = pd.DataFrame({"name": [f"n{number}" for number in range(500)], "value": "1"})
    write(warehouse, "insert", "setting", rows)
    write(warehouse, "upsert", "setting", rows.assign(value="2"))
    write(warehouse, "replace", "setting", rows.head(3))
    inserted, upserted, replaced = audit(warehouse)
    assert inserted["before"] == "" and json.loads(inserted["after"])["rows"] == 500
    assert json.loads(upserted["before"]) == json.loads(inserted["after"]), "all of the table was inserted"
    assert json.loads(replaced["before"]) == json.loads(upserted["after"])
    assert json.loads(replaced["after"])["rows"] == 3


def test_a_key_that_is_there_already_is_refused_and_nothing_is_written(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "setting", {"name": "a", "value": "1"})
    with pytest.raises(Exception, match="Duplicate key"):
        write(warehouse, "insert", "setting", pd.DataFrame({"name": ["b", "a"], "value": ["2", "2"]}))
    assert warehouse.read("SELECT name FROM setting").name.to_list() == ["a"]


def test_frames_of_any_usual_kind_are_stored(warehouse: Warehouse) -> None:
    frame = pd.DataFrame(
        {
            "data_version": "v",
            "cycle": pd.to_datetime(["2026-01-01", "2026-01-01"]),
            "product": pd.Categorical(["A", "B"]),
            "market": pd.Series(["X", "Y"], dtype="string"),
            "period": np.array(["2026-01", "2026-02"], dtype="datetime64[M]").astype("datetime64[D]"),
            "units": np.array([1, 2], dtype=np.int64),
        }
    )
    write(warehouse, "insert", "baseline", frame)
    stored = warehouse.read("SELECT * FROM baseline ORDER BY product")
    assert stored.period.to_list() == [datetime(2026, 1, 1), datetime(2026, 2, 1)]
    assert stored[["product", "market", "units"]].to_numpy().tolist() == [["A", "X", 1.0], ["B", "Y", 2.0]]


def test_an_empty_frame_empties_the_table(warehouse: Warehouse) -> None:
    write(warehouse, "insert", "setting", {"name": "a", "value": "1"})
    write(warehouse, "replace", "setting", pd.DataFrame({"name": [], "value": []}))
    assert warehouse.rows()["setting"] == 0
    assert warehouse.read("SELECT * FROM setting").empty


def hashes(warehouse: Warehouse) -> dict[str, int]:
    rows = warehouse.read("SELECT key, hash FROM row_hash WHERE \"table\" = 'market'")
    return dict(zip(rows["key"], rows["hash"], strict=True))


def test_the_hash_of_each_row_of_a_planners_table_is_kept_by_its_key(warehouse: Warehouse) -> None:
    write(warehouse, "replace", "market", pd.DataFrame({"market": ["East", "West"]}))
    before = hashes(warehouse)
    assert set(before) == {'["East"]', '["West"]'}
    write(warehouse, "update", "market", {"market": "West"}, {"channel": "Retail"})
    after = hashes(warehouse)
    assert after['["East"]'] == before['["East"]'] and after['["West"]'] != before['["West"]']
    write(warehouse, "delete", "market", {"market": "West"})
    assert set(hashes(warehouse)) == {'["East"]'}


def test_a_record_of_the_process_leaves_the_hashes_alone(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(warehouse, "replace", "market", pd.DataFrame({"market": ["East"]}))
    hashed: list[str] = []
    monkeypatch.setattr(change_module, "store_row_hashes", lambda _, table: hashed.append(table.name))
    write(warehouse, "insert", "decision", OPEN)
    assert hashed == []
    write(warehouse, "upsert", "market", {"market": "North"})
    assert hashed == ["market"]
