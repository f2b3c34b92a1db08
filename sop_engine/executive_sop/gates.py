"""What must hold before a review begins and before it is signed, found out from the records and the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from sop_engine.executive_sop.decisions import Status, is_waiting
from sop_engine.executive_sop.progress import StageState
from sop_engine.executive_sop.tasks import OPEN as TASK_OPEN
from sop_engine.pre_sop.criteria import Criterion, criterion
from sop_engine.pre_sop.go_light import CONSISTENCY

_UNDECIDED = (Status.OPEN, Status.ESCALATED)


@dataclass(frozen=True, eq=False)
class Facts:
    """What the gates of a cycle are found out from.

    tasks: of the cycle; decisions, requests: of the cycle and those before
    actuals: last period with sales; needed: last period before the cycle
    exceptions: families with an exception that nobody reviewed
    failed: {part of the proof: checks of the plan that fail}, of all parts
    light: finds the criteria of the light before the executive meeting, asked for by that review only
    """

    states: tuple[StageState, ...]
    tasks: pd.DataFrame
    decisions: pd.DataFrame
    requests: pd.DataFrame
    actuals: str
    needed: str
    exceptions: tuple[str, ...]
    failed: dict[str, tuple[str, ...]]
    light: Callable[[], Sequence[Criterion]] = tuple


def entry_criteria(stage: str, facts: Facts) -> tuple[Criterion, ...]:
    """What must hold before the review begins."""
    state = next(one for one in facts.states if one.stage == stage)
    before = criterion(
        "The reviews before it are signed and hold", state.waits_for, "signed on today's data", "cycle"
    )
    if stage in ("product", "demand"):
        loaded = Criterion(
            f"Actuals to {facts.needed} are loaded",
            facts.actuals == facts.needed,
            f"sales to {facts.actuals or 'no period'}",
            "data",
        )
        return (loaded,) if stage == "product" else (before, loaded)
    return (before, _go(facts)) if stage == "executive" else (before,)


def to_sign(stage: str, facts: Facts) -> tuple[Criterion, ...]:
    """What a signature is held against: the exit criteria, and for the executive review the light."""
    found = exit_criteria(stage, facts)
    return (_go(facts), *found) if stage == "executive" else found


def exit_criteria(stage: str, facts: Facts) -> tuple[Criterion, ...]:
    """What must hold before the review is signed."""
    page = {"pre_sop": "pre_sop", "executive": "executive_sop"}.get(stage, f"{stage}_review")
    tasks = facts.tasks[(facts.tasks["stage"] == stage) & (facts.tasks["status"] == TASK_OPEN)]
    asked = facts.requests[(facts.requests["to_stage"] == stage) & (facts.requests["status"] == "open")]
    found = [
        Criterion(
            "Its tasks are done or dropped",
            tasks.empty,
            "all settled" if tasks.empty else f"{len(tasks)} open",
            "cycle",
        ),
        criterion("Requests to it are answered", asked["title"], "none waits", page),
    ]
    if stage == "demand":
        found += [criterion("Exceptions are reviewed", facts.exceptions, "all reviewed", page, "Exceptions")]
    parts = {"supply": ("Volumes", "Stock and load"), "finance": ("Money",), "pre_sop": tuple(facts.failed)}
    if stage in parts:
        failed = [name for part in parts[stage] for name in facts.failed.get(part, ())]
        statement = (
            "Volumes, load and money tie" if stage == "pre_sop" else f"{' and '.join(parts[stage])} tie"
        )
        found += [criterion(statement, failed, "every check passes", "pre_sop", CONSISTENCY)]
    return (*found, _decisions_settled(stage, facts.decisions, page))


def unmet(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Statements that do not hold, each with what was found."""
    return tuple(f"{one.statement}: {one.found}" for one in criteria if not one.met)


def _go(facts: Facts) -> Criterion:
    """Whether the light before the executive meeting lets the plan pass; no-go names what is missing."""
    missing = [one.statement for one in facts.light() if not one.met]
    return criterion("The light before the executive meeting is on go", missing, "go", "pre_sop", CONSISTENCY)


def _decisions_settled(stage: str, decisions: pd.DataFrame, page: str) -> Criterion:
    """The executive review leaves no decision undecided; before it each needs an owner and a deadline, in
    Pre-S&OP whoever raised it.
    """
    if stage == "executive":
        undecided = decisions[decisions["status"].isin(_UNDECIDED)]
        return criterion(
            "No decision is left undecided",
            undecided["question"],
            "all decided or deferred",
            page,
            "Decisions",
        )
    mine = decisions if stage == "pre_sop" else decisions[decisions["stage"] == stage]
    mine = mine[mine["status"].map(is_waiting).astype(bool)]
    bare = mine[(mine["owner"] == "") | mine["decide_by"].isna()]
    found = "each has both" if len(mine) else "none is open"
    return criterion("Its open decisions have an owner and a deadline", bare["question"], found, page)
