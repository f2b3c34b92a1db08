"""What one review asks of another: raised, given to a review, and what a plan holds of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pandas as pd

from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs import Inputs
from sop_engine.inputs.tables import made_order
from sop_engine.records.judgements import LARGEST
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.requests import MEASURES, amount_words, asked_cells
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

OPEN, ACCEPTED, PART, REJECTED, WITHDRAWN = "open", "accepted", "part", "rejected", "withdrawn"
STANDING = (ACCEPTED, PART)  # in the plan, if anything carries them out

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
        row = request_row(change, request_id)
        _require_other(row["from_stage"], to_stage)
        given = {
            "to_stage": to_stage,
            "owner": owner.strip() or _owner(change, cycle, to_stage),
            "due": due if due or pd.isna(row["due"]) else row["due"].date(),
        }
        change.update("request", {"request_id": request_id}, given, expected={"to_stage": "", "status": OPEN})


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


def _owner(change: Change, cycle: str, stage: str) -> str:
    found = change.read("SELECT owner FROM stage WHERE cycle = ? AND stage = ?", [cycle, stage])["owner"]
    return "" if found.empty else str(found[0])


def request_row(change: Change, request_id: str) -> pd.Series:
    rows = change.read("SELECT * FROM request WHERE request_id = ?", [request_id])
    if rows.empty:
        raise RecordError(f"There is no request {request_id}. Read the list again.")
    return rows.iloc[0]
