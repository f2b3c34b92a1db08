"""What a cycle is opened with: the canon, or as an earlier cycle was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.progress import BOTH
from sop_engine.executive_sop.tasks import Task, canon_tasks, tasks_of
from sop_engine.executive_sop.working_days import WORKING_DAYS, working_days_to
from sop_engine.pre_sop.series import ONE


@dataclass(frozen=True)
class Template:
    """owners: {stage: name}; days: {stage: working day on which it is due}, without those that have no
    deadline; finance, pre_sop: as in the table cycle
    """

    owners: Mapping[str, str]
    days: Mapping[str, int]
    finance: str
    pre_sop: str
    tasks: tuple[Task, ...]

    def tasks_for(self, days: Mapping[str, int]) -> tuple[Task, ...]:
        """The tasks where reviews are due on other working days: each keeps its distance to its review."""
        return tuple(self._moved(task, days) for task in self.tasks)

    def _moved(self, task: Task, days: Mapping[str, int]) -> Task:
        if task.working_day is None or task.stage not in self.days or task.stage not in days:
            return task
        return replace(task, working_day=max(task.working_day + days[task.stage] - self.days[task.stage], 0))


CANON_TEMPLATE = Template(dict.fromkeys(STAGES, ""), WORKING_DAYS, BOTH, ONE, canon_tasks(WORKING_DAYS))


def template_of(
    cycle: pd.Series, stages: pd.DataFrame, tasks: pd.DataFrame, holidays: Collection[date]
) -> Template:
    """As a cycle was: its owners, working days, finance, pre-S&OP and the tasks that were not dropped; the
    canon's tasks where it had none.

    cycle: row of the table cycle; stages, tasks: its rows of those tables
    """
    first = cycle["opened_at"] if pd.isna(cycle["started_on"]) else cycle["started_on"]
    rows = stages.set_index("stage")
    days = {
        stage: working_days_to(first.date(), rows["due"][stage].date(), holidays)
        for stage in STAGES
        if not pd.isna(rows["due"][stage])
    }
    return Template(
        owners={stage: str(rows["owner"][stage]) for stage in STAGES},
        days=days,
        finance=str(cycle["finance"]),
        pre_sop=str(cycle["pre_sop"]),
        tasks=tasks_of(tasks) or canon_tasks(days),
    )
