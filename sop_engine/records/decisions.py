"""Decisions: raised with their options, then decided, deferred, escalated or withdrawn, each step by the
rules of the meeting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from string import ascii_uppercase

import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import Status, is_waiting, require_escalation, require_step
from sop_engine.executive_sop.effects import Effect, effect_rows
from sop_engine.records.options import Option, lettered, require_valid, stored
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change


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
    stage: str = "",
    scope: str = "",
    gap: str = "",
    cause: str = "",
    meeting_id: str = "",
    evidence: str = "",
    sample: bool = False,
) -> str:
    """Put a question with its options (lettered A, B, ...) to the meeting; returns its id.

    recommendation: the letter of an option, or blank; stage, meeting_id, evidence: the review and the meeting
    that raise it, and the view they raise it on; scope, gap, cause: what an issue of Pre-S&OP is about.
    Raises RecordError when it has no question or option, or a scenario it names is not stored.
    """
    require_text("The question", question)
    options = [stored(warehouse, option, cycle, who, at) for option in options]
    with warehouse.transaction(who=who, why=require_text("The question", question), at=at) as change:
        require_open(change, cycle)
        rows = lettered(change, options, recommendation)
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
            "stage": stage,
            "scope": scope,
            "gap": gap,
            "cause": cause,
            "meeting_id": meeting_id,
            "evidence": evidence,
            "created_at": at,
            "created_by": who,
            "sample": sample,
        }
        change.insert("decision", row)
        change.insert("decision_option", rows.assign(decision_id=decision_id))
    return decision_id


def add_option(warehouse: Warehouse, decision_id: str, option: Option, *, who: str, at: datetime) -> str:
    """One more way to decide a decision that waits; returns its letter. Raises RecordError when the decision
    is settled, ConflictError when somebody decided it meanwhile."""
    cycle = warehouse.read("SELECT cycle FROM decision WHERE decision_id = ?", [decision_id])["cycle"]
    option = stored(warehouse, option, str(cycle.iloc[0]), who, at) if len(cycle) else option
    with warehouse.transaction(who=who, why=f"add an option to {decision_id}", at=at) as change:
        _waiting(change, decision_id)
        taken = change.read('SELECT "option" FROM decision_option WHERE decision_id = ?', [decision_id])
        letter = next(each for each in ascii_uppercase if each not in set(taken["option"]))
        require_valid(change, option)
        row = {name: cell for name, cell in asdict(option).items() if name != "scenario"}
        change.insert("decision_option", {"decision_id": decision_id, "option": letter, **row})
    return letter


def solve_again(
    warehouse: Warehouse,
    decision_id: str,
    figures: Mapping[str, str],
    *,
    data_version: str,
    value_at_stake: float | None,
    who: str,
    at: datetime,
) -> None:
    """Keep what the options are worth on other data. figures: {letter: scorecard as JSON} of those that were
    solved; value_at_stake: between the best and the worst of them, base currency."""
    with warehouse.transaction(who=who, why=f"solve {decision_id} on {data_version}", at=at) as change:
        _waiting(change, decision_id)
        for letter, text in figures.items():
            keys = {"decision_id": decision_id, "option": letter}
            change.update("decision_option", keys, {"data_version": data_version, "figures": text})
        change.update("decision", {"decision_id": decision_id}, {"value_at_stake": value_at_stake})


def amend_decision(
    warehouse: Warehouse,
    decision_id: str,
    *,
    owner: str,
    decide_by: date | None,
    recommendation: str,
    who: str,
    at: datetime,
) -> None:
    """Give a decision that waits its owner, deadline and recommendation (the letter of an option, or blank).

    Raises RecordError when it is settled or the letter is no option.
    """
    with warehouse.transaction(who=who, why=f"amend {decision_id}", at=at) as change:
        _waiting(change, decision_id)
        letters = change.read('SELECT "option" FROM decision_option WHERE decision_id = ?', [decision_id])
        if recommendation and recommendation not in set(letters["option"]):
            raise RecordError(f"Decision {decision_id} has no option '{recommendation}'.")
        values = {"owner": owner.strip(), "decide_by": decide_by, "recommendation": recommendation}
        change.update("decision", {"decision_id": decision_id}, values)


def decide(
    warehouse: Warehouse,
    decision_id: str,
    option: str,
    *,
    who: str,
    at: datetime,
    reason: str,
    meeting_id: str = "",
    effects: Sequence[Effect] = (),
    review_on: date | None = None,
    seen: Mapping[str, str] | None = None,
    data_version: str = "",
    urgent: str = "",
    agreed: str = "",
) -> None:
    """Choose an option, with the reason, what it is expected to bring and when that is looked at: one
    transaction. meeting_id: of the meeting that decides, "" outside of one.

    seen: {letter: scorecard as JSON} of the options as they stood when it was decided, on `data_version`
    urgent: why it could not wait for a meeting; agreed: who was asked and agreed, without whom it may not
    Raises RecordError when it is no option, or urgent without anybody who agreed; ConflictError when somebody
    decided meanwhile.
    """
    choice = {"chosen_option": option, "decided_by": who, "decided_at": at, "choice_reason": reason}
    choice["review_on"] = review_on
    if between := _urgency(urgent, agreed, meeting_id):
        choice |= {"between_meetings": between, "meeting_id": ""}  # until a meeting confirms it
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        _take(change, decision_id, Status.DECIDED, choice, meeting_id)
        _require_option(change, decision_id, option)
        for letter, figures in (seen or {}).items():
            keys = {"decision_id": decision_id, "option": letter}
            change.update("decision_option", keys, {"data_version": data_version, "figures": figures})
        if effects:
            change.insert("decision_effect", effect_rows(decision_id, effects))


def _urgency(urgent: str, agreed: str, meeting_id: str) -> str:
    """Why it was decided between two meetings and who agreed, "" where it was not."""
    if not urgent.strip() and not agreed.strip():
        return ""
    if meeting_id:
        raise RecordError("A meeting decides this. Leave out why it could not wait for one.")
    why = require_text("Why it cannot wait for the meeting", urgent).rstrip(".")
    return f"{why}. Asked and agreed: {require_text('Who was asked and agreed', agreed)}"


def _require_option(change: Change, decision_id: str, option: str) -> None:
    found = change.read(
        "SELECT 1 FROM decision_option WHERE decision_id = ? AND option = ?", [decision_id, option]
    )
    if found.empty:
        raise RecordError(f"Decision {decision_id} has no option '{option}'.")


def confirm_decision(
    warehouse: Warehouse, decision_id: str, *, meeting_id: str, who: str, at: datetime
) -> None:
    """The executive meeting takes note of a decision that was taken between two meetings.

    Raises RecordError outside of a meeting or where there is nothing to confirm, ConflictError when another
    meeting confirmed it.
    """
    if not meeting_id:
        raise RecordError("A meeting confirms what was decided before it. Start the executive meeting first.")
    with warehouse.transaction(who=who, why=f"confirm {decision_id}", at=at) as change:
        row = change.read("SELECT * FROM decision WHERE decision_id = ?", [decision_id])
        if row.empty or not row["between_meetings"][0]:
            raise RecordError(f"Decision {decision_id} was not taken between two meetings.")
        change.update(
            "decision", {"decision_id": decision_id}, {"meeting_id": meeting_id}, expected={"meeting_id": ""}
        )


def set_review(
    warehouse: Warehouse, decision_id: str, *, review_on: date, seen: date | None, who: str, at: datetime
) -> None:
    """Look at what a decision brought on another day. Raises ConflictError when its day is no longer
    `seen`."""
    with warehouse.transaction(who=who, why=f"review {decision_id} on {review_on}", at=at) as change:
        keys = {"decision_id": decision_id}
        change.update("decision", keys, {"review_on": review_on}, expected={"review_on": seen})


def carried_out(change: Change, version_id: str, levers: Iterable[Lever]) -> tuple[str, ...]:
    """Says of the decisions that a plan version carries out that it does; returns their ids.

    levers: all that the version holds beside the data. A decision is carried out by the first version that
    holds every lever of its chosen option; one that was valued by no scenario is known to no plan.
    Called within the transaction that publishes the version.
    """
    held = set(levers)
    rows = change.read(
        "SELECT d.decision_id, s.levers FROM decision d "
        "JOIN decision_option o ON o.decision_id = d.decision_id AND o.option = d.chosen_option "
        "JOIN scenario s USING (scenario_id) "
        "WHERE d.status = 'decided' AND d.effective_plan = '' AND NOT d.sample ORDER BY d.decision_id"
    )
    carried = [set(Scenario.from_json(levers).levers) <= held for levers in rows["levers"]]
    done = tuple(row for row, is_held in zip(rows["decision_id"], carried, strict=True) if is_held)
    for decision_id in done:
        change.update("decision", {"decision_id": decision_id}, {"effective_plan": version_id})
    return done


def defer_decision(
    warehouse: Warehouse,
    decision_id: str,
    *,
    who: str,
    at: datetime,
    reason: str,
    decide_by: date | None = None,
    meeting_id: str = "",
) -> None:
    """Put a decision off, with the reason and a new deadline; each time is counted. meeting_id: as for
    `decide`"""
    moved = {"decide_by": decide_by} if decide_by else {}
    _step(warehouse, decision_id, Status.DEFERRED, moved, who, at, reason, meeting_id)


def reopen_decision(
    warehouse: Warehouse, decision_id: str, *, who: str, at: datetime, reason: str, meeting_id: str = ""
) -> None:
    """Take a deferred decision up again. meeting_id: as for `decide`"""
    _step(warehouse, decision_id, Status.OPEN, {}, who, at, reason, meeting_id)


def withdraw_decision(
    warehouse: Warehouse, decision_id: str, *, who: str, at: datetime, reason: str, meeting_id: str = ""
) -> None:
    """Say that there is nothing to decide any more. meeting_id: as for `decide`"""
    _step(warehouse, decision_id, Status.WITHDRAWN, {}, who, at, reason, meeting_id)


def escalate_decision(
    warehouse: Warehouse,
    decision_id: str,
    *,
    from_stage: str,
    to_stage: str,
    who: str,
    at: datetime,
    reason: str,
    meeting_id: str = "",
) -> None:
    """Hand a decision to a later review, with the reason. meeting_id: as for `decide`

    Raises RecordError when the review is not later.
    """
    require_escalation(from_stage, to_stage, reason)
    handed = {"escalated_from": from_stage, "escalated_to": to_stage, "escalation_reason": reason}
    _step(warehouse, decision_id, Status.ESCALATED, handed, who, at, reason, meeting_id)


def _step(
    warehouse: Warehouse,
    decision_id: str,
    then: Status,
    values: Mapping[str, object],
    who: str,
    at: datetime,
    reason: str,
    meeting_id: str,
) -> None:
    """One step of one decision, if the rules allow it from where it stands now. Outside of a meeting it stays
    with the one that had it last."""
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        _take(change, decision_id, then, values, meeting_id)


def _take(
    change: Change, decision_id: str, then: Status, values: Mapping[str, object], meeting_id: str
) -> None:
    row = _found(change, decision_id)
    require_step(row["status"], then)
    counted = {"deferrals": int(row["deferrals"]) + 1} if then is Status.DEFERRED else {}
    held = {"meeting_id": meeting_id} if meeting_id else {}
    stands = {"status": str(then), **values, **counted, **held}
    change.update("decision", {"decision_id": decision_id}, stands)


def _waiting(change: Change, decision_id: str) -> None:
    """Raises RecordError unless somebody still has to decide."""
    row = _found(change, decision_id)
    if not is_waiting(row["status"]):
        raise RecordError(f"Decision {decision_id} is {row['status']}. Raise a new one.")


def _found(change: Change, decision_id: str) -> pd.Series:
    """The decision as it stands, unless it was decided: then ConflictError says by whom. Raises RecordError
    where there is none."""
    found = change.read("SELECT * FROM decision WHERE decision_id = ?", [decision_id])
    if found.empty:
        raise RecordError(f"There is no decision {decision_id}.")
    _refuse_decided(found.iloc[0])
    return found.iloc[0]


def _refuse_decided(row: pd.Series) -> None:
    """Raises ConflictError that says who decided, and what."""
    if row["status"] == Status.DECIDED:
        raise ConflictError(
            f"{row['decided_by']} decided this meanwhile, at {row['decided_at']:%Y-%m-%d %H:%M}: option "
            f"{row['chosen_option']}, because {row['choice_reason']}. Nothing was changed."
        )
