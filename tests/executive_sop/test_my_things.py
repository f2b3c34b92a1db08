"""What is open for a person, against a second writing in loops over plain rows."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.executive_sop.my_things import (
    carried_cycles,
    count_words,
    my_things,
    of_person,
    standing,
)

TODAY = date(2014, 1, 20)
CYCLES = ["2013-11", "2013-12", "2014-01"]
OWNERS = {"demand": "Dora", "supply": "Sam"}
TEXT = {"note": "text", "decision": "question", "request": "title", "task": "title", "assumption": "text"}
STATUS = ["open", "done", "dropped", "deferred", "escalated", "decided", "withdrawn", "retired"]
ROW = st.fixed_dictionaries(
    {
        "table": st.sampled_from(sorted(TEXT)),
        "cycle": st.sampled_from([*CYCLES, "2014-02"]),
        "owner": st.sampled_from(["", "Sam", "sam ", "Ann"]),
        "status": st.sampled_from(STATUS),
        "days": st.one_of(st.none(), st.integers(-40, 40)),
        "stage": st.sampled_from(["demand", "supply"]),
    }
)


def frames(rows: list[dict[str, object]]) -> dict[str, pd.DataFrame]:
    """The tables that hold these rows, with the columns that matter."""
    made = {}
    for table, text in TEXT.items():
        mine = [
            {
                f"{table}_id": f"{table}{number}",
                "cycle": row["cycle"],
                text: f"what {number}",
                "owner": row["owner"],
                "status": row["status"],
                "decide_by" if table == "decision" else "due": pd.NaT
                if row["days"] is None
                else pd.Timestamp(TODAY + timedelta(days=row["days"])),
                "to_stage" if table == "request" else "stage": row["stage"],
                "kind": "action",
                "created_at": pd.Timestamp("2014-01-10 09:30"),
                **({"escalated_to": ""} if table == "decision" else {}),
            }
            for number, row in enumerate(rows)
            if row["table"] == table
        ]
        made[table] = pd.DataFrame(mine, columns=["cycle", "status"] if not mine else None)
    return made


def naive(rows: list[dict[str, object]]) -> list[tuple[str, str, int | None]]:
    """(id, owner, days left) of what is open in January, without pandas."""
    found = []
    for number, row in enumerate(rows):
        table, status, cycle = row["table"], row["status"], row["cycle"]
        waits = status in ("open", "deferred", "escalated") if table == "decision" else status == "open"
        there = cycle == "2014-01" or (cycle < "2014-01" and table != "task")
        owner = row["owner"].strip()
        if table == "task" and not owner:
            owner = OWNERS[row["stage"]]
        if waits and there:
            left = None if table == "assumption" else row["days"]
            found.append((f"{table}{number}", owner, left))
    return found


@given(st.lists(ROW, max_size=12))
def test_all_that_is_open_is_listed_by_deadline_and_by_person(rows: list[dict[str, object]]) -> None:
    things = my_things(frames(rows), "2014-01", CYCLES, TODAY, OWNERS)
    wanted = naive(rows)
    assert sorted((one.key, one.owner, one.days_left) for one in things) == sorted(wanted, key=lambda r: r[0])
    order = [one.days_left if one.due else 999 for one in things]
    assert order == sorted(order)
    mine = {one.key for one in of_person(things, " SAM")}
    assert mine == {key for key, owner, _ in wanted if owner.lower() == "sam"}
    assert of_person(things, "") == things


def one(**row: object) -> pd.DataFrame:
    plain = {
        "table": "note",
        "cycle": "2013-11",
        "owner": "Sam",
        "status": "open",
        "days": -3,
        "stage": "supply",
    }
    return frames([{**plain, **row}])


def test_it_says_how_late_how_old_and_how_often_it_was_carried() -> None:
    (thing,) = my_things(one(), "2014-01", CYCLES, TODAY, OWNERS)
    assert (thing.standing, thing.carried, thing.age_days) == ("3 days overdue", 2, 10)
    assert thing.overdue and thing.kind == "action" and thing.stage == "supply"
    (due,) = my_things(one(days=0), "2014-01", CYCLES, TODAY, OWNERS)
    assert due.standing == "due today" and not due.overdue
    (waits,) = my_things(one(table="decision", status="deferred", days=4), "2014-01", CYCLES, TODAY, OWNERS)
    assert waits.standing == "deferred, 4 days left"


def test_an_escalated_decision_waits_at_the_review_it_was_handed_to() -> None:
    records = one(table="decision", status="escalated")
    records["decision"]["escalated_to"] = "executive"
    (thing,) = my_things(records, "2014-01", CYCLES, TODAY, OWNERS)
    assert thing.stage == "executive"


def test_the_counts_name_each_kind_and_what_is_late() -> None:
    rows = [
        {
            "table": table,
            "cycle": "2014-01",
            "owner": "Sam",
            "status": "open",
            "days": days,
            "stage": "demand",
        }
        for table, days in (("note", -1), ("note", 2), ("decision", 3), ("task", -4))
    ]
    things = my_things(frames(rows), "2014-01", CYCLES, TODAY, OWNERS)
    assert count_words(things) == "1 decision, 1 task, 2 actions; 2 overdue"


@given(st.lists(ROW, max_size=10))
def test_no_open_note_of_an_earlier_cycle_is_lost(rows: list[dict[str, object]]) -> None:
    notes = frames([{**row, "table": "note"} for row in rows])["note"]
    kept = standing(notes, "2014-01")
    early = notes[(notes["cycle"] < "2014-01") & (notes["status"] == "open")]
    assert set(early.index) <= set(kept.index)
    assert set(kept.index) == set(early.index) | set(notes.index[notes["cycle"] == "2014-01"])


def test_only_cycles_that_were_opened_carry() -> None:
    assert carried_cycles("2013-11", "2014-01", ["2013-11", "2014-01"]) == 1
    assert carried_cycles("2014-01", "2014-01", CYCLES) == 0
