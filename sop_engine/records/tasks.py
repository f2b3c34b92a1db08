"""Tasks of the reviews: added, done, dropped with a reason, taken up again; and the days nobody works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

import pandas as pd

from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.tasks import DONE, DROPPED, OPEN, Task
from sop_engine.executive_sop.working_days import working_day
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

Read = Callable[..., pd.DataFrame]  # Warehouse.read, or Change.read inside a transaction


def holidays(read: Read) -> frozenset[date]:
    """The days on which nobody works, weekends apart."""
    return frozenset(day.date() for day in read("SELECT day FROM holiday")["day"])


def add_task(warehouse: Warehouse, cycle: str, task: Task, *, who: str, at: datetime) -> str:
    """Add a task to a review of an open cycle; returns its id. Raises RecordError without a title."""
    with warehouse.transaction(who=who, why=require_text("The task", task.title), at=at) as change:
        require_open(change, cycle)
        task_id = next_id(change, "task", cycle, "T")
        insert_tasks(change, cycle, (task,), _first_day(change, cycle))
    return task_id


def finish_task(warehouse: Warehouse, task_id: str, *, who: str, at: datetime) -> None:
    """An open task is done. Raises ConflictError when somebody settled it meanwhile."""
    _settle(
        warehouse, task_id, {"status": DONE, "done_by": who, "done_at": at}, f"{task_id} is done", who, at
    )


def drop_task(warehouse: Warehouse, task_id: str, *, reason: str, who: str, at: datetime) -> None:
    """An open task is not needed, with the reason. Raises ConflictError when somebody settled it before."""
    reason = require_text("The reason to drop it", reason)
    dropped = {"status": DROPPED, "done_by": who, "done_at": at, "reason": reason}
    _settle(warehouse, task_id, dropped, reason, who, at)


def reopen_task(warehouse: Warehouse, task_id: str, *, seen: str, who: str, at: datetime) -> None:
    """Take a task up again that was done or dropped. Raises ConflictError when it is no longer `seen`."""
    again = {"status": OPEN, "done_by": "", "done_at": None, "reason": ""}
    _settle(warehouse, task_id, again, f"{task_id} is open again", who, at, seen)


def insert_tasks(change: Change, cycle: str, tasks: Sequence[Task], first: date | None) -> None:
    """Tasks of a cycle inside a transaction, due by working days from its first day."""
    for task in tasks:
        if task.stage not in STAGES:
            raise RecordError(f"'{task.stage}' is no review. Reviews are: {', '.join(STAGES)}.")
    count = int(change.read("SELECT count(*) AS n FROM task WHERE cycle = ?", [cycle])["n"][0])
    closed = holidays(change.read)
    rows = [
        {
            "task_id": f"{cycle}-T{count + n}",
            "cycle": cycle,
            "stage": task.stage,
            "title": task.title.strip(),
            "page": task.page,
            "section": task.section,
            "owner": task.owner,
            "working_day": task.working_day,
            "due": _due(first, task.working_day, closed),
            "status": OPEN,
        }
        for n, task in enumerate(tasks, 1)
    ]
    if rows:
        change.insert("task", pd.DataFrame(rows))


def move_tasks(change: Change, cycle: str, first: date) -> None:
    """Deadlines of a cycle's open tasks count from another first day."""
    closed = holidays(change.read)
    rows = change.read(
        "SELECT task_id, working_day FROM task "
        "WHERE cycle = ? AND status = 'open' AND working_day IS NOT NULL ORDER BY task_id",
        [cycle],
    )
    for row in rows.itertuples():
        due = working_day(first, int(row.working_day), closed)
        change.update("task", {"task_id": row.task_id}, {"due": due})


def _settle(
    warehouse: Warehouse,
    task_id: str,
    values: dict[str, object],
    why: str,
    who: str,
    at: datetime,
    seen: str = OPEN,
) -> None:
    """One step of one task of an open cycle, if it still stands as it was seen."""
    with warehouse.transaction(who=who, why=why, at=at) as change:
        found = change.read("SELECT cycle FROM task WHERE task_id = ?", [task_id])
        if found.empty:
            raise RecordError(f"There is no task {task_id}.")
        require_open(change, found["cycle"][0])
        change.update("task", {"task_id": task_id}, values, expected={"status": seen})


def _first_day(change: Change, cycle: str) -> date:
    first = change.read(
        "SELECT coalesce(started_on, opened_at::DATE) AS day FROM cycle WHERE cycle = ?", [cycle]
    )
    return first["day"][0].date()


def _due(first: date | None, count: int | None, closed: frozenset[date]) -> date | None:
    return None if first is None or count is None else working_day(first, count, closed)
