"""The tasks of a review: the canon that a cycle is opened with, and how far they are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from sop_engine.executive_sop.decisions import STAGES

OPEN, DONE, DROPPED = "open", "done", "dropped"


@dataclass(frozen=True)
class Task:
    """What is to be done in a review, and where.

    page, section: that does it, "" for none; working_day: on which it is due, None without a deadline
    owner: "" is the owner of the review
    """

    stage: str
    title: str
    page: str = ""
    section: str = ""
    working_day: int | None = None
    owner: str = ""


# (working days before the review's deadline, what is to be done, page, section)
CANON: Mapping[str, tuple[tuple[int, str, str, str], ...]] = {
    "product": (
        (2, "Bring gates and launch dates of the pipeline up to date", "data", ""),
        (1, "Look at launches that slipped and what they put at risk", "product_review", "Pipeline"),
        (1, "Check the readiness of launches of the next six months", "product_review", "Readiness"),
        (1, "Go through the tail and propose phase-outs", "product_review", "Tail"),
        (0, "Agree launches, phase-outs and risks, and sign", "product_review", "Risks"),
    ),
    "demand": (
        (4, "Load the actuals of the last month", "data", ""),
        (3, "Review flagged history and correct it", "demand_review", "History"),
        (2, "Read accuracy and bias of the last cycles", "demand_review", "Scoreboard"),
        (2, "Collect the streams of sales, marketing and customers", "demand_review", "Streams"),
        (1, "Clear the exceptions", "demand_review", "Exceptions"),
        (1, "Agree overrides with the assumption behind each", "demand_review", "Overrides"),
        (0, "Sign the consensus in units and money", "demand_review", "Why this number"),
    ),
    "supply": (
        (3, "Load stock, orders on the way and capacities", "data", ""),
        (2, "Read plan attainment and supplier performance", "supply_review", "Scoreboard"),
        (2, "Find where load passes capacity", "supply_review", "Capacity"),
        (1, "Explain every shortage by its root cause", "supply_review", "Shortages"),
        (1, "Price the remedies and choose a recommendation", "supply_review", "Remedies"),
        (1, "Check stock against its targets", "supply_review", "Inventory"),
        (0, "Agree the supply plan and sign", "supply_review", "Policies and stability"),
    ),
    "finance": (
        (2, "Bring prices, costs and exchange rates up to date", "data", ""),
        (1, "Read where the year lands against budget", "finance_review", "Landing"),
        (1, "Explain the bridge from budget to latest estimate", "finance_review", "Bridge"),
        (1, "Look at stock, cash and working capital", "finance_review", "Cash"),
        (1, "Bring risks and opportunities up to date", "finance_review", "Risks and opportunities"),
        (0, "Ask for what closes the gap, and sign", "finance_review", "Landing"),
    ),
    "pre_sop": (
        (1, "Walk one number through all plans", "pre_sop", "Connectivity"),
        (1, "Give every gap above the threshold an owner", "pre_sop", "Gaps"),
        (1, "Work issues out to options with a recommendation", "pre_sop", "Issues"),
        (1, "Read what changed since the last cycle", "pre_sop", "What changed"),
        (0, "Check that volumes and money tie", "pre_sop", "Consistency"),
        (0, "Settle what can be settled here, escalate the rest, and sign", "pre_sop", "Issues"),
    ),
    "executive": (
        (2, "Send the pre-read", "executive_sop", "Agenda"),
        (0, "Follow up the decisions of earlier cycles", "executive_sop", "Decisions"),
        (0, "Decide what was escalated", "executive_sop", "Decisions"),
        (0, "Approve the plan, sign and publish it", "executive_sop", "Publish"),
    ),
}


def canon_tasks(days: Mapping[str, int]) -> tuple[Task, ...]:
    """The canon for reviews that are due on these working days."""
    return tuple(
        Task(stage, title, page, section, max(days[stage] - before, 0))
        for stage in STAGES
        if stage in days
        for before, title, page, section in CANON[stage]
    )


def tasks_of(rows: pd.DataFrame) -> tuple[Task, ...]:
    """The tasks of an earlier cycle as those of the next, dropped ones left out. rows: of the table task"""
    kept = rows[rows["status"] != DROPPED]
    return tuple(
        Task(
            row.stage,
            row.title,
            row.page,
            row.section,
            None if pd.isna(row.working_day) else int(row.working_day),
            row.owner,
        )
        for row in kept.itertuples()
    )


@dataclass(frozen=True)
class Progress:
    """How far the tasks of a review are. settled: done or dropped; overdue: open and past their date"""

    total: int
    settled: int
    overdue: int

    @property
    def share(self) -> float:
        """0 to 1; nothing to do is done."""
        return self.settled / self.total if self.total else 1.0

    def words(self) -> str:
        """How many are settled, and how many are late."""
        if not self.total:
            return "no tasks"
        late = f", {self.overdue} overdue" if self.overdue else ""
        return f"{self.settled} of {self.total} tasks{late}"


def progress(rows: pd.DataFrame, as_of: date) -> dict[str, Progress]:
    """{stage: progress} of the six reviews. rows: of the table task, of one cycle"""
    is_open = rows["status"] == OPEN
    late = is_open & (pd.to_datetime(rows["due"]) < pd.Timestamp(as_of))
    counts = pd.DataFrame({"total": 1, "settled": ~is_open, "overdue": late}).groupby(rows["stage"]).sum()
    counts = counts.reindex(STAGES, fill_value=0).astype(int)
    return {stage: Progress(*counts.loc[stage].tolist()) for stage in STAGES}
