"""Decisions: raised with their options, then decided, deferred, escalated or withdrawn, each step by the
rules of the meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from string import ascii_uppercase

import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import Status, is_waiting, require_escalation, require_step
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.records.scenarios import save_scenario
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change


@dataclass(frozen=True)
class Option:
    """One way to decide; scenario_id values it, "" where none does.

    scenario: to be stored with the decision, where it is not stored yet
    assumptions: what it takes for granted, a line each
    data_version, figures: of the plan it was solved on last, and its scorecard as JSON
    """

    title: str
    scenario_id: str = ""
    note: str = ""
    assumptions: str = ""
    data_version: str = ""
    figures: str = ""
    scenario: Scenario | None = None


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
    options = [_stored(warehouse, option, cycle, who, at) for option in options]
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
        _require_valid(change, option)
    rows = pd.DataFrame([asdict(option) for option in options]).drop(columns="scenario")
    return rows.assign(option=letters)


def _require_valid(change: Change, option: Option) -> None:
    """Raises RecordError when an option has no title or its scenario is not stored."""
    require_text("An option's title", option.title)
    stored = change.read("SELECT 1 FROM scenario WHERE scenario_id = ?", [option.scenario_id])
    if option.scenario_id and stored.empty:
        raise RecordError(
            f"Scenario {option.scenario_id} of option '{option.title}' is not stored. Save it first."
        )


def _stored(warehouse: Warehouse, option: Option, cycle: str, who: str, at: datetime) -> Option:
    """The option with its scenario stored: one of the cycle with the same levers is taken as it is."""
    if option.scenario is None:
        return option
    rows = warehouse.read("SELECT scenario_id, name, levers FROM scenario WHERE cycle = ?", [cycle])
    for row in rows.itertuples():
        if Scenario.from_json(row.levers) == option.scenario:
            return replace(option, scenario_id=row.scenario_id, scenario=None)
    title = require_text("An option's title", option.title)
    name = _free_name(title, set(rows["name"]))
    scenario_id = save_scenario(
        warehouse,
        replace(option.scenario, name=name),
        cycle=cycle,
        data_version=option.data_version,
        who=who,
        at=at,
        note=option.note,
    )
    return replace(option, scenario_id=scenario_id, scenario=None)


def _free_name(name: str, taken: set[str]) -> str:
    """The name, numbered where it is taken.

    >>> _free_name("Overtime", {"Overtime", "Overtime 2"})
    'Overtime 3'
    """
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def add_option(warehouse: Warehouse, decision_id: str, option: Option, *, who: str, at: datetime) -> str:
    """One more way to decide a decision that waits; returns its letter. Raises RecordError when the decision
    is settled, ConflictError when somebody decided it meanwhile."""
    cycle = warehouse.read("SELECT cycle FROM decision WHERE decision_id = ?", [decision_id])["cycle"]
    option = _stored(warehouse, option, str(cycle.iloc[0]), who, at) if len(cycle) else option
    with warehouse.transaction(who=who, why=f"add an option to {decision_id}", at=at) as change:
        _waiting(change, decision_id)
        taken = change.read('SELECT "option" FROM decision_option WHERE decision_id = ?', [decision_id])
        letter = next(each for each in ascii_uppercase if each not in set(taken["option"]))
        _require_valid(change, option)
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
) -> None:
    """Choose an option, with the reason. meeting_id: of the meeting that decides, "" outside of one.

    Raises RecordError when it is no option, ConflictError when somebody decided meanwhile.
    """
    found = warehouse.read(
        "SELECT 1 FROM decision_option WHERE decision_id = ? AND option = ?", [decision_id, option]
    )
    if found.empty:
        raise RecordError(f"Decision {decision_id} has no option '{option}'.")
    choice = {"chosen_option": option, "decided_by": who, "decided_at": at, "choice_reason": reason}
    _step(warehouse, decision_id, Status.DECIDED, choice, who, at, reason, meeting_id)


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
