"""Decisions: raised with their options, then decided, deferred, escalated or withdrawn, each step by the
rules of the meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from string import ascii_uppercase

import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import Status, require_escalation, require_step
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change


@dataclass(frozen=True)
class Option:
    """One way to decide; scenario_id values it, "" where none does."""

    title: str
    scenario_id: str = ""
    note: str = ""


def raise_decision(
    warehouse: Warehouse,
    *,
    cycle: str,
    question: str,
    options: Sequence[Option],
    who: str,
    at: datetime,
    recommendation: str = "",
    owner: str = "",
    decide_by: date | None = None,
    reason: str = "",
    value_at_stake: float | None = None,
    sample: bool = False,
) -> str:
    """Put a question with its options (lettered A, B, ...) to the meeting; returns its id.

    recommendation: the letter of an option, or blank. Raises RecordError when it has no question or option,
    or a scenario it names is not stored.
    """
    with warehouse.transaction(who=who, why=require_text("The question", question), at=at) as change:
        require_open(change, cycle)
        lettered = _lettered(change, options, recommendation)
        decision_id = next_id(change, "decision", cycle, "D")
        row = {
            "decision_id": decision_id,
            "cycle": cycle,
            "question": question.strip(),
            "reason": reason,
            "recommendation": recommendation,
            "owner": owner,
            "decide_by": decide_by,
            "status": Status.OPEN,
            "value_at_stake": value_at_stake,
            "created_at": at,
            "created_by": who,
            "sample": sample,
        }
        change.insert("decision", row)
        change.insert("decision_option", lettered.assign(decision_id=decision_id))
    return decision_id


def _lettered(change: Change, options: Sequence[Option], recommendation: str) -> pd.DataFrame:
    """The options as rows A, B, ...; refused where one has no title or a scenario that is not stored."""
    letters = list(ascii_uppercase[: len(options)])
    if not options:
        raise RecordError("A decision needs at least one option. Say what could be done.")
    if recommendation and recommendation not in letters:
        raise RecordError(
            f"The recommendation '{recommendation}' is no option. Options are {', '.join(letters)}."
        )
    for option in options:
        require_text("An option's title", option.title)
        stored = change.read("SELECT 1 FROM scenario WHERE scenario_id = ?", [option.scenario_id])
        if option.scenario_id and stored.empty:
            raise RecordError(
                f"Scenario {option.scenario_id} of option '{option.title}' is not stored. Save it first."
            )
    return pd.DataFrame([asdict(option) for option in options]).assign(option=letters)


def decide(
    warehouse: Warehouse, decision_id: str, option: str, *, who: str, at: datetime, reason: str
) -> None:
    """Choose an option, with the reason.

    Raises RecordError when it is no option, ConflictError when somebody decided meanwhile.
    """
    found = warehouse.read(
        "SELECT 1 FROM decision_option WHERE decision_id = ? AND option = ?", [decision_id, option]
    )
    if found.empty:
        raise RecordError(f"Decision {decision_id} has no option '{option}'.")
    choice = {"chosen_option": option, "decided_by": who, "decided_at": at, "choice_reason": reason}
    _step(warehouse, decision_id, Status.DECIDED, choice, who, at, reason)


def defer_decision(
    warehouse: Warehouse,
    decision_id: str,
    *,
    who: str,
    at: datetime,
    reason: str,
    decide_by: date | None = None,
) -> None:
    """Put a decision off, with the reason and a new deadline."""
    _step(
        warehouse,
        decision_id,
        Status.DEFERRED,
        {"decide_by": decide_by} if decide_by else {},
        who,
        at,
        reason,
    )


def reopen_decision(warehouse: Warehouse, decision_id: str, *, who: str, at: datetime, reason: str) -> None:
    """Take a deferred decision up again."""
    _step(warehouse, decision_id, Status.OPEN, {}, who, at, reason)


def withdraw_decision(warehouse: Warehouse, decision_id: str, *, who: str, at: datetime, reason: str) -> None:
    """Say that there is nothing to decide any more."""
    _step(warehouse, decision_id, Status.WITHDRAWN, {}, who, at, reason)


def escalate_decision(
    warehouse: Warehouse,
    decision_id: str,
    *,
    from_stage: str,
    to_stage: str,
    who: str,
    at: datetime,
    reason: str,
) -> None:
    """Hand a decision to a later review, with the reason. Raises RecordError when the review is not later."""
    require_escalation(from_stage, to_stage, reason)
    handed = {"escalated_from": from_stage, "escalated_to": to_stage, "escalation_reason": reason}
    _step(warehouse, decision_id, Status.ESCALATED, handed, who, at, reason)


def _step(
    warehouse: Warehouse,
    decision_id: str,
    then: Status,
    values: Mapping[str, object],
    who: str,
    at: datetime,
    reason: str,
) -> None:
    """One step of one decision, if the rules allow it from where it stands now."""
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        found = change.read("SELECT * FROM decision WHERE decision_id = ?", [decision_id])
        if found.empty:
            raise RecordError(f"There is no decision {decision_id}.")
        _refuse_decided(found.iloc[0])
        require_step(found["status"][0], then)
        change.update("decision", {"decision_id": decision_id}, {"status": str(then), **values})


def _refuse_decided(row: pd.Series) -> None:
    """Raises ConflictError that says who decided, and what."""
    if row["status"] == Status.DECIDED:
        raise ConflictError(
            f"{row['decided_by']} decided this meanwhile, at {row['decided_at']:%Y-%m-%d %H:%M}: option "
            f"{row['chosen_option']}, because {row['choice_reason']}. Nothing was changed."
        )
