"""Tasks and the set-up of a cycle: written by the rules, moved with the first day, conflicts said."""

from collections.abc import Iterator
from datetime import date, datetime

import pandas as pd
import pytest

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.tasks import Task, canon_tasks
from sop_engine.executive_sop.working_days import WORKING_DAYS, due_dates, working_day
from sop_engine.records.cycle_setup import assign_stage, move_first_day, place_pre_sop
from sop_engine.records.process import close_cycle, open_cycle, sign_stage
from sop_engine.records.readers import of_cycle
from sop_engine.records.tasks import add_task, drop_task, finish_task, holidays, reopen_task
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.plans import made_up_plan, small_inputs

CYCLE, FIRST = "2014-01", date(2014, 1, 6)
ANN = {"who": "Ann", "at": datetime(2014, 1, 6, 9)}
HOLIDAY = date(2014, 1, 20)


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    with opened.transaction(why="holidays", **ANN) as change:
        change.insert("holiday", pd.DataFrame({"day": [pd.Timestamp(HOLIDAY)], "name": ["King"]}))
    tasks, due = canon_tasks(WORKING_DAYS), due_dates(FIRST, WORKING_DAYS, {HOLIDAY})
    open_cycle(opened, CYCLE, due=due, started_on=FIRST, tasks=tasks, pre_sop="region", **ANN)
    yield opened
    opened.close()


def task(warehouse: Warehouse, name: str) -> pd.Series:
    return of_cycle(warehouse, "task", CYCLE).set_index("task_id").loc[name]


def test_a_cycle_opens_with_its_tasks_due_by_working_days(warehouse: Warehouse) -> None:
    rows = of_cycle(warehouse, "task", CYCLE)
    assert len(rows) == len(canon_tasks(WORKING_DAYS)) and (rows["status"] == "open").all()
    for row in rows.itertuples():
        assert row.due.date() == working_day(FIRST, row.working_day, {HOLIDAY})
    assert holidays(warehouse.read) == {HOLIDAY}
    cycle = of_cycle(warehouse, "cycle").iloc[0]
    assert (cycle["pre_sop"], cycle["started_on"].date(), cycle["sample"]) == ("region", FIRST, False)


def test_a_task_is_done_dropped_with_a_reason_and_taken_up_again(warehouse: Warehouse) -> None:
    finish_task(warehouse, "2014-01-T1", **ANN)
    assert (task(warehouse, "2014-01-T1")["status"], task(warehouse, "2014-01-T1")["done_by"]) == (
        "done",
        "Ann",
    )
    with pytest.raises(ConflictError, match="status is now 'done'"):
        drop_task(warehouse, "2014-01-T1", reason="late", **ANN)
    with pytest.raises(RecordError, match="blank"):
        drop_task(warehouse, "2014-01-T2", reason=" ", **ANN)
    drop_task(warehouse, "2014-01-T2", reason="no pipeline", **ANN)
    assert task(warehouse, "2014-01-T2")["reason"] == "no pipeline"
    reopen_task(warehouse, "2014-01-T2", seen="dropped", **ANN)
    again = task(warehouse, "2014-01-T2")
    assert (again["status"], again["reason"], again["done_by"]) == ("open", "", "") and pd.isna(
        again["done_at"]
    )


def test_an_added_task_gets_the_next_number_and_needs_a_title_and_a_review(warehouse: Warehouse) -> None:
    name = add_task(warehouse, CYCLE, Task("supply", "Call the vendor", working_day=3, owner="Sam"), **ANN)
    assert name == f"2014-01-T{len(canon_tasks(WORKING_DAYS)) + 1}"
    assert task(warehouse, name)["due"].date() == date(2014, 1, 9)
    with pytest.raises(RecordError, match="blank"):
        add_task(warehouse, CYCLE, Task("supply", " "), **ANN)
    with pytest.raises(RecordError, match="no review"):
        add_task(warehouse, CYCLE, Task("sales", "Call"), **ANN)
    with pytest.raises(RecordError, match="no task"):
        finish_task(warehouse, "2014-01-T99", **ANN)


def test_moving_the_first_day_moves_what_is_open_and_nothing_else(warehouse: Warehouse) -> None:
    finish_task(warehouse, "2014-01-T1", **ANN)
    sign_stage(warehouse, made_up_plan(small_inputs()), "product", **ANN)
    before = of_cycle(warehouse, "stage", CYCLE).set_index("stage")["due"]
    done = task(warehouse, "2014-01-T1")["due"]
    later = date(2014, 1, 13)
    with pytest.raises(ConflictError):
        move_first_day(warehouse, CYCLE, later, seen=later, reason="strike", **ANN)
    move_first_day(warehouse, CYCLE, later, seen=FIRST, reason="strike", **ANN)
    after = of_cycle(warehouse, "stage", CYCLE).set_index("stage")["due"]
    expected = due_dates(later, WORKING_DAYS, {HOLIDAY})
    assert after["product"] == before["product"] and task(warehouse, "2014-01-T1")["due"] == done
    assert all(after[stage].date() == expected[stage] for stage in STAGES[1:])
    for row in of_cycle(warehouse, "task", CYCLE).query("status == 'open'").itertuples():
        assert row.due.date() == working_day(later, row.working_day, {HOLIDAY})


def test_a_review_is_given_to_somebody_once(warehouse: Warehouse) -> None:
    stages = of_cycle(warehouse, "stage", CYCLE).set_index("stage")
    seen = {"owner": "", "due": stages["due"]["demand"].date()}
    given = {"owner": " Dora ", "due": date(2014, 1, 17)}
    assign_stage(warehouse, CYCLE, "demand", **given, seen=seen, **ANN)
    row = of_cycle(warehouse, "stage", CYCLE).set_index("stage").loc["demand"]
    assert (row["owner"], row["due"].date()) == ("Dora", date(2014, 1, 17))
    with pytest.raises(ConflictError):
        assign_stage(warehouse, CYCLE, "demand", **given, seen=seen, **ANN)


def test_the_pre_sop_is_one_meeting_or_a_series(warehouse: Warehouse) -> None:
    with pytest.raises(RecordError, match="no way to hold"):
        place_pre_sop(warehouse, CYCLE, "country", seen="region", reason="x", **ANN)
    with pytest.raises(ConflictError):
        place_pre_sop(warehouse, CYCLE, "channel", seen="one", reason="x", **ANN)
    place_pre_sop(warehouse, CYCLE, "channel", seen="region", reason="shops differ", **ANN)
    assert of_cycle(warehouse, "cycle")["pre_sop"][0] == "channel"


def test_a_review_is_signed_despite_its_gate_with_a_reason_only(warehouse: Warehouse) -> None:
    plan, against = made_up_plan(small_inputs()), ("Its tasks are done or dropped: 2 open",)
    with pytest.raises(RecordError, match="2 open. Settle it, or say why"):
        sign_stage(warehouse, plan, "product", unmet=against, waiver=" ", **ANN)
    assert of_cycle(warehouse, "sign_off").empty and of_cycle(warehouse, "plan_snapshot").empty
    sign_stage(warehouse, plan, "product", note="agreed", unmet=against, waiver="the vendor is away", **ANN)
    note = of_cycle(warehouse, "sign_off")["note"][0]
    assert note == f"agreed; signed despite {against[0]}. Because: the vendor is away"


def test_a_cycle_without_a_published_plan_closes_with_a_reason_and_stays_as_it_is(
    warehouse: Warehouse,
) -> None:
    with pytest.raises(RecordError, match="or give a reason"):
        close_cycle(warehouse, CYCLE, **ANN)
    close_cycle(warehouse, CYCLE, unpublished="The meeting did not take place", **ANN)
    assert of_cycle(warehouse, "cycle")["status"][0] == "closed"
    for step in (
        lambda: finish_task(warehouse, "2014-01-T1", **ANN),
        lambda: move_first_day(warehouse, CYCLE, FIRST, seen=FIRST, reason="x", **ANN),
        lambda: add_task(warehouse, CYCLE, Task("supply", "Call"), **ANN),
    ):
        with pytest.raises(RecordError, match="is closed"):
            step()
