"""Answers to what one review asked of another: given, taken back, the request withdrawn.

What the demand review accepts is an override in the same transaction; what another accepts may be levers of
its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs import Inputs, with_judgement
from sop_engine.inputs.judgement import Override
from sop_engine.inputs.tables import Tables
from sop_engine.records.judgements import LARGEST, override_of
from sop_engine.records.requests import ACCEPTED, OPEN, PART, REJECTED, WITHDRAWN, request_row
from sop_engine.records.rules import end_record, next_id, require_open, require_text
from sop_engine.requests import VOLUMES, units_for
from sop_engine.scenario import BASELINE, LEVERS, Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

REASON = "Management target"  # of the override that carries out a request


def answer_request(
    warehouse: Warehouse,
    inputs: Inputs,
    request_id: str,
    *,
    status: str,
    answer: str,
    who: str,
    at: datetime,
    seen: str = OPEN,
    accepted: float | None = None,
    levers: Scenario = BASELINE,
) -> str:
    """Answer a request in the cycle of `inputs`: "accepted", "part" with the amount, or "rejected"; always
    with a reason. Returns the override's id that carries it out, "" where none does.

    levers: of the review that answers, part of every plan from now on. The demand review accepts units,
    revenue or gross margin by an override that changes its unconstrained demand by exactly that amount.
    Raises ConflictError when it no longer stands as `seen`, RecordError when a rule is broken or the scope
    cannot hold it.
    """
    if status not in (ACCEPTED, PART, REJECTED):
        raise RecordError(f"'{status}' is no answer. Accept it, a part of it, or reject it.")
    said = require_text("The reason of the answer", answer)
    with warehouse.transaction(who=who, why=said, at=at) as change:
        require_open(change, inputs.cycle)
        row = request_row(change, request_id)
        if not row["to_stage"]:
            raise RecordError(f"{request_id} is a top-side line that nobody owns. Give it to a review first.")
        amount = _accepted_amount(row, status, accepted)
        _require_own(levers, row["to_stage"], amount)
        values = {
            "status": status,
            "accepted_amount": amount,
            "answer": said,
            "answered_by": who,
            "answered_at": at,
            "answered_cycle": inputs.cycle,
            "levers": "" if levers.is_baseline else levers.to_json(),
        }
        change.update("request", {"request_id": request_id}, values, expected={"status": seen})
        override_id = ""
        if amount and carried_by_override(row["to_stage"], row["measure"]):
            now = with_judgement(inputs, Tables(change.read))
            override_id = _write_override(change, now, row, amount, who, at)
            change.update("request", {"request_id": request_id}, {"override_id": override_id})
    return override_id


def take_back_answer(
    warehouse: Warehouse, request_id: str, *, cycle: str, seen: str, reason: str, who: str, at: datetime
) -> None:
    """An answered request is open again: what it put into the plan is taken out.

    Raises ConflictError when it no longer stands as `seen`.
    """
    blank = {"accepted_amount": None, "answer": "", "answered_by": "", "answered_at": None}
    _end(warehouse, request_id, cycle, seen, reason, who, at, {"status": OPEN, "answered_cycle": "", **blank})


def withdraw_request(
    warehouse: Warehouse, request_id: str, *, cycle: str, seen: str, reason: str, who: str, at: datetime
) -> None:
    """A request no longer stands; what it put into the plan is taken out, and it stays on record.

    Raises ConflictError when it no longer stands as `seen`.
    """
    _end(warehouse, request_id, cycle, seen, reason, who, at, {"status": WITHDRAWN})


def carried_by_override(to_stage: str, measure: str) -> bool:
    """Whether what a review accepts is an override of the demand."""
    return to_stage == "demand" and measure in VOLUMES


def override_row(inputs: Inputs, row: pd.Series, who: str, at: datetime) -> dict[str, object]:
    """The override that would carry out a request, its value still 0; in the periods that can be changed.

    Raises RecordError when none of its periods can be.
    """
    calendar = inputs.calendar
    earliest = calendar.starts[calendar.now + calendar.frozen].item()
    last = min(_day(row["to_period"]), calendar.starts[calendar.now + calendar.horizon - 1].item())
    if last < earliest:
        raise RecordError(
            f"The months asked for end in {last}, which is past or frozen: the first that can be changed "
            f"begins on {earliest}. Answer in words, or ask for later ones."
        )
    scope = {name: row[name] for name in ("product", "family", "market")}
    return {
        "override_id": "",
        "cycle": inputs.cycle,
        **scope,
        "from_period": max(_day(row["from_period"]), earliest),
        "to_period": last,
        "kind": "add",
        "value": 0.0,
        "reason": REASON,
        "owner": row["owner"] or who,
        "note": f"Request {row['request_id']} of the {STAGE_WORDS[row['from_stage']]}: {row['title']}",
        "expires": None,
        "created_at": at,
        "created_by": who,
        "active": True,
        "stage": row["to_stage"],
    }


def override_asked(inputs: Inputs, row: pd.Series, amount: float, at: datetime) -> Override:
    """The override by which the demand review would accept an amount of a request. Raises RecordError where
    it cannot.
    """
    override = override_of(override_row(inputs, row, row["owner"], at), inputs)
    return replace(override, value=units_for(inputs, override, row["measure"], amount))


def _write_override(
    change: Change, inputs: Inputs, row: pd.Series, amount: float, who: str, at: datetime
) -> str:
    override = override_row(inputs, row, who, at)
    override["value"] = units_for(inputs, override_of(override, inputs), row["measure"], amount)
    if abs(override["value"]) > LARGEST:
        raise RecordError(f"{override['value']:,.0f} units are no change that can be planned.")
    override["override_id"] = next_id(change, "override", inputs.cycle, "O")
    change.insert("override", override)
    return override["override_id"]


def _end(
    warehouse: Warehouse,
    request_id: str,
    cycle: str,
    seen: str,
    reason: str,
    who: str,
    at: datetime,
    values: dict[str, object],
) -> None:
    """What carried out a request is dropped, and the request gets these values."""
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, cycle)
        row = request_row(change, request_id)
        if row["status"] == WITHDRAWN or (row["status"] == OPEN and values["status"] == OPEN):
            raise ConflictError(f"{request_id} is {row['status']} already. Read it again.")
        gone = {"override_id": "", "levers": "", **values}
        change.update("request", {"request_id": request_id}, gone, expected={"status": seen})
        active = "SELECT 1 FROM override WHERE override_id = ? AND active"
        if not change.read(active, [row["override_id"]]).empty:
            end_record(change, "override", "override_id", row["override_id"], "withdrawn")


def _accepted_amount(row: pd.Series, status: str, accepted: float | None) -> float:
    if status != PART:
        return 0.0 if status == REJECTED else float(row["amount"])
    asked = float(row["amount"])
    if accepted is None or not 0 < accepted / asked < 1:
        raise RecordError(
            f"A part of {asked:+,.0f} lies between 0 and that. Say how much is accepted, or accept it whole."
        )
    return float(accepted)


def _require_own(levers: Scenario, stage: str, amount: float) -> None:
    """A review carries out by its own levers only, and only what it accepts."""
    if levers.levers and not amount:
        raise RecordError("A request that is rejected moves no lever. Accept it, or leave the levers out.")
    others = [lever.in_words() for lever in levers.levers if LEVERS[lever.kind].stage != stage]
    if others:
        raise RecordError(f"{'; '.join(others)}: no lever of the {STAGE_WORDS[stage]}. Leave it out.")


def _day(value: pd.Timestamp | np.datetime64 | date) -> date:
    return pd.Timestamp(value).date()
