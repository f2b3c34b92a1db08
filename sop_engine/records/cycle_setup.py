"""How an open cycle is set up otherwise: its first day, who owns a review and by when, one pre-S&OP or a
series."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.working_days import working_day, working_days_to
from sop_engine.records.process import require_pre_sop, stage_key
from sop_engine.records.rules import require_open, require_text
from sop_engine.records.tasks import holidays, move_tasks
from sop_engine.warehouse import Warehouse


def move_first_day(
    warehouse: Warehouse, cycle: str, first: date, *, seen: date | None, reason: str, who: str, at: datetime
) -> None:
    """The working days of an open cycle count from another day: deadlines of reviews that are not signed and
    of open tasks move with it.

    Raises ConflictError when its first day is no longer `seen`.
    """
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, cycle)
        change.update("cycle", {"cycle": cycle}, {"started_on": first}, expected={"started_on": seen})
        closed = holidays(change.read)
        stages = change.read(
            "SELECT stage, due FROM stage WHERE cycle = ? AND status <> 'signed' AND due IS NOT NULL", [cycle]
        )
        for row in stages.itertuples():
            days = working_days_to(seen, row.due.date(), closed) if seen else 0
            due = working_day(first, days, closed) if seen else row.due.date()
            change.update("stage", stage_key(cycle, row.stage), {"due": due})
        move_tasks(change, cycle, first)


def assign_stage(
    warehouse: Warehouse,
    cycle: str,
    stage: str,
    *,
    owner: str,
    due: date | None,
    seen: Mapping[str, object],
    who: str,
    at: datetime,
) -> None:
    """Give a review of an open cycle to somebody, with a deadline.

    seen: owner and due as last read. Raises ConflictError when somebody changed them meanwhile.
    """
    with warehouse.transaction(who=who, why=f"owner and deadline of {STAGE_WORDS[stage]}", at=at) as change:
        require_open(change, cycle)
        given = {"owner": owner.strip(), "due": due}
        change.update("stage", stage_key(cycle, stage), given, expected=seen)


def place_pre_sop(
    warehouse: Warehouse, cycle: str, pre_sop: str, *, seen: str, reason: str, who: str, at: datetime
) -> None:
    """The pre-S&OP of an open cycle becomes one meeting or a series. Raises ConflictError when it is no
    longer `seen`.
    """
    require_pre_sop(pre_sop)
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, cycle)
        change.update("cycle", {"cycle": cycle}, {"pre_sop": pre_sop}, expected={"pre_sop": seen})
