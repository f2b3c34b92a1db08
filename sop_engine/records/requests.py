"""What one review asks of another: raised, given to a review, answered, taken back. What the demand review
accepts is an override in the same transaction; what another accepts may be levers of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import numpy as np
import pandas as pd

from sop_engine.errors import ConflictError, RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs import Inputs, with_judgement
from sop_engine.inputs.tables import Tables, made_order
from sop_engine.records.judgements import LARGEST, override_of
from sop_engine.records.rules import end_record, next_id, require_open, require_text
from sop_engine.requests import MEASURES, VOLUMES, amount_words, asked_cells, units_for
from sop_engine.scenario import BASELINE, LEVERS, Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

OPEN, ACCEPTED, PART, REJECTED, WITHDRAWN = "open", "accepted", "part", "rejected", "withdrawn"
STANDING = (ACCEPTED, PART)  # in the plan, if anything carries them out
REASON = "Management target"  # of the override that carries out a request

Read = Callable[[str, list[object]], pd.DataFrame]  # Warehouse.read, or Change.read inside a transaction


def requests_until(read: Read, cycle: str) -> pd.DataFrame:
    """The requests raised up to a cycle, in the order they were made; columns of the table request."""
    return read(f"SELECT * FROM request WHERE cycle <= ? ORDER BY cycle, {made_order('request_id')}", [cycle])


def raise_request(
    warehouse: Warehouse,
    inputs: Inputs,
    *,
    from_stage: str,
    to_stage: str,
    title: str,
    reason: str,
    measure: str,
    amount: float,
    from_period: date,
    to_period: date,
    who: str,
    at: datetime,
    product: str = "",
    family: str = "",
    market: str = "",
    owner: str = "",
    due: date | None = None,
) -> str:
    """Ask a review for a change of the plan of `inputs`; returns the request's id.

    to_stage: "" for a top-side line that nobody owns yet: labelled as such, in no volume
    measure: of MEASURES; amount: the change over all periods, signed, money in base currency
    owner: who answers; blank takes the owner of the review
    Raises RecordError when a rule is broken, DataError when the scope is not loaded.
    """
    _require_review(from_stage)
    if to_stage:
        _require_other(from_stage, to_stage)
    _require_amount(measure, amount)
    _require_scope(inputs, product, family, market, from_period, to_period)
    row = {
        "cycle": inputs.cycle,
        "from_stage": from_stage,
        "to_stage": to_stage,
        "title": require_text("What is asked", title),
        "reason": require_text("The reason", reason),
        "measure": measure,
        "amount": float(amount),
        "product": product,
        "family": family,
        "market": market,
        "from_period": from_period,
        "to_period": to_period,
        "due": due,
        "status": OPEN,
        "created_at": at,
        "created_by": who,
    }
    with warehouse.transaction(who=who, why=reason, at=at) as change:
        require_open(change, inputs.cycle)
        _require_its_time(change, inputs.cycle, from_stage)
        request_id = next_id(change, "request", inputs.cycle, "R")
        owner = owner.strip() or _owner(change, inputs.cycle, to_stage)
        change.insert("request", {**row, "request_id": request_id, "owner": owner})
    return request_id


def address_request(
    warehouse: Warehouse,
    request_id: str,
    to_stage: str,
    *,
    cycle: str,
    who: str,
    at: datetime,
    owner: str = "",
    due: date | None = None,
) -> None:
    """Give a top-side line to a review. cycle: that is worked in

    Raises ConflictError when somebody gave it to one meanwhile.
    """
    with warehouse.transaction(who=who, why=f"give {request_id} to a review", at=at) as change:
        require_open(change, cycle)
        row = _request(change, request_id)
        _require_other(row["from_stage"], to_stage)
        given = {
            "to_stage": to_stage,
            "owner": owner.strip() or _owner(change, cycle, to_stage),
            "due": due if due or pd.isna(row["due"]) else row["due"].date(),
        }
        change.update("request", {"request_id": request_id}, given, expected={"to_stage": "", "status": OPEN})


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
        row = _request(change, request_id)
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


def units_asked(inputs: Inputs, row: pd.Series, amount: float, at: datetime) -> float:
    """Units that the demand review would add by accepting `amount`. Raises RecordError where it cannot."""
    override = override_of(override_row(inputs, row, row["owner"], at), inputs)
    return units_for(inputs, override, row["measure"], amount)


def included(plan_inputs: Inputs, rows: pd.DataFrame) -> pd.DataFrame:
    """The accepted requests that a plan of these inputs holds, by override or levers."""
    overrides = {override.override_id for override in plan_inputs.demand.overrides}
    adopted = {one.request_id for one in plan_inputs.adopted}
    held = rows["override_id"].isin(overrides - {""}) | rows["request_id"].isin(adopted)
    return rows[held & rows["status"].isin(STANDING)]


def inclusion_words(row: pd.Series, currency: str) -> str:
    """A request as a line of what a plan rests on."""
    accepted = amount_words(row["measure"], row["accepted_amount"], currency)
    return (
        f"Includes request {row['request_id']} of the {STAGE_WORDS[row['from_stage']]}: {row['title']}, "
        f"accepted {accepted}"
    )


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
        row = _request(change, request_id)
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


def _require_review(stage: str) -> None:
    if stage not in STAGE_WORDS:
        raise RecordError(f"'{stage}' is no review. Reviews are: {', '.join(STAGE_WORDS)}.")


def _require_other(from_stage: str, to_stage: str) -> None:
    _require_review(to_stage)
    if from_stage == to_stage:
        raise RecordError(f"The {STAGE_WORDS[to_stage]} cannot ask itself. Choose another review.")


def _require_amount(measure: str, amount: float) -> None:
    if measure not in MEASURES:
        raise RecordError(f"'{measure}' is no measure of a request. Measures are: {', '.join(MEASURES)}.")
    if not 0 < abs(amount) <= LARGEST:  # nor where it is NaN
        raise RecordError(f"A request for {amount:g} asks for nothing that can be planned. Say how much.")


def _require_scope(inputs: Inputs, product: str, family: str, market: str, first: date, last: date) -> None:
    if product and family:
        raise RecordError(f"The scope names product {product} and family {family}. Name one of them.")
    if last < first:
        raise RecordError(f"The months end in {last} before they begin in {first}. Swap them.")
    if not asked_cells(inputs, product, family, market, first, last).periods.size:
        raise RecordError(f"The plan of {inputs.cycle} holds no month from {first} to {last}. Choose others.")


def _require_its_time(change: Change, cycle: str, stage: str) -> None:
    """Finance asks throughout the month, unless the cycle has it as a stage only and that has not begun."""
    rows = change.read(
        "SELECT 1 FROM cycle c JOIN stage s USING (cycle) WHERE cycle = ? AND c.finance = 'stage' "
        "AND s.stage = 'finance' AND s.status = 'open'",
        [cycle],
    )
    if stage == "finance" and not rows.empty:
        raise RecordError(
            f"Finance is a stage of {cycle} and has not begun. Start the finance review, or let finance be "
            "continuous on the Cycle page."
        )


def _require_own(levers: Scenario, stage: str, amount: float) -> None:
    """A review carries out by its own levers only, and only what it accepts."""
    if levers.levers and not amount:
        raise RecordError("A request that is rejected moves no lever. Accept it, or leave the levers out.")
    others = [lever.in_words() for lever in levers.levers if LEVERS[lever.kind].stage != stage]
    if others:
        raise RecordError(f"{'; '.join(others)}: no lever of the {STAGE_WORDS[stage]}. Leave it out.")


def _owner(change: Change, cycle: str, stage: str) -> str:
    found = change.read("SELECT owner FROM stage WHERE cycle = ? AND stage = ?", [cycle, stage])["owner"]
    return "" if found.empty else str(found[0])


def _request(change: Change, request_id: str) -> pd.Series:
    rows = change.read("SELECT * FROM request WHERE request_id = ?", [request_id])
    if rows.empty:
        raise RecordError(f"There is no request {request_id}. Read the list again.")
    return rows.iloc[0]


def _day(value: pd.Timestamp | np.datetime64 | date) -> date:
    return pd.Timestamp(value).date()
