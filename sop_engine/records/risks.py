"""Risks and opportunities: written down, weighed anew, put in the plan or out, closed with what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import pandas as pd

from sop_engine.assumptions.assumption import MEASURES
from sop_engine.assumptions.triggers import SIDES
from sop_engine.errors import ConflictError, RecordError
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse

KINDS = ("risk", "opportunity")
OPEN, IN_PLAN, WITHDRAWN = "open", "in_plan", "withdrawn"
HAPPENED, NOT_HAPPENED = "happened", "did_not_happen"


@dataclass(frozen=True)
class Trigger:
    """A measure whose value of the last full period tells that something comes. side: of SIDES; currency: of
    an exchange rate. Raises RecordError where nothing can be watched by it."""

    measure: str
    side: str
    value: float
    currency: str = ""

    def __post_init__(self) -> None:
        if self.measure not in MEASURES:
            raise RecordError(f"'{self.measure}' is no measure. Choose one of {', '.join(MEASURES)}.")
        if self.side not in SIDES:
            raise RecordError(f"A trigger fires {' or '.join(SIDES)} its value, not '{self.side}'.")
        if (self.measure == "exchange_rate") != bool(self.currency):
            raise RecordError("An exchange rate needs its currency, and nothing else has one.")

    def as_row(self) -> dict[str, object]:
        """Columns of the table risk_opportunity."""
        return {f"trigger_{name}": told for name, told in asdict(self).items()}


def add_risk(
    warehouse: Warehouse,
    *,
    cycle: str,
    kind: str,
    title: str,
    probability_pct: float,
    from_period: date,
    to_period: date,
    who: str,
    at: datetime,
    units: float | None = None,
    revenue: float | None = None,
    gross_margin: float | None = None,
    cause: str = "",
    product: str = "",
    family: str = "",
    market: str = "",
    owner: str = "",
    response: str = "",
    trigger: Trigger | None = None,
    scenario: Scenario | None = None,
    sample: bool = False,
) -> str:
    """Write down what may come and is not in the plan; returns the item's id ("2014-01-R1").

    units, revenue, gross_margin: effect if it happens, over its periods together; units and base currency
    trigger: what tells that it comes; scenario: whose levers stand for it
    Raises RecordError when the cycle is not open, the title is blank, no effect is stated, the periods run
    backwards, or an amount has the wrong sign: a risk takes (negative), an opportunity gives (positive).
    """
    amounts = {"units": units, "revenue": revenue, "gross_margin": gross_margin}
    _require_amounts(kind, amounts)
    _require_probability(probability_pct)
    if to_period < from_period:
        raise RecordError(f"It ends ({to_period}) before it begins ({from_period}). Change one of them.")
    with warehouse.transaction(who=who, why=require_text("What may happen", title), at=at) as change:
        require_open(change, cycle)
        item_id = next_id(change, "risk_opportunity", cycle, "R")
        row = {
            "item_id": item_id,
            "cycle": cycle,
            "kind": kind,
            "title": title.strip(),
            "cause": cause.strip(),
            "probability_pct": float(probability_pct),
            **amounts,
            "product": product,
            "family": family,
            "market": market,
            "from_period": from_period,
            "to_period": to_period,
            "owner": owner,
            "response": response.strip(),
            **(trigger.as_row() if trigger else {}),
            "levers": scenario.to_json() if scenario else "",
            "status": OPEN,
            "created_at": at,
            "created_by": require_text("The name of who writes it down", who),
            "sample": sample,
        }
        change.insert("risk_opportunity", row)
    return item_id


def risk_items(warehouse: Warehouse) -> pd.DataFrame:
    """Every risk and opportunity of all cycles in the order they were made: an open one carries on."""
    return warehouse.read("SELECT * FROM risk_opportunity ORDER BY created_at, item_id")


def revise_probability(
    warehouse: Warehouse, item_id: str, probability_pct: float, *, who: str, at: datetime, reason: str
) -> None:
    """Weigh an open item anew, with the reason."""
    _require_probability(probability_pct)
    _step(warehouse, item_id, [OPEN], {"probability_pct": float(probability_pct)}, who, at, reason)


def set_trigger(
    warehouse: Warehouse, item_id: str, trigger: Trigger, *, who: str, at: datetime, reason: str
) -> None:
    """Say what tells that an open item comes, with the reason."""
    _step(warehouse, item_id, [OPEN], trigger.as_row(), who, at, reason)


def put_in_plan(warehouse: Warehouse, item_id: str, *, who: str, at: datetime, reason: str) -> None:
    """The plan holds it from now on, so it is no longer a risk or an opportunity."""
    _step(warehouse, item_id, [OPEN], {"status": IN_PLAN}, who, at, reason)


def take_out_of_plan(warehouse: Warehouse, item_id: str, *, who: str, at: datetime, reason: str) -> None:
    """The plan no longer holds it, so it stands in the list again."""
    _step(warehouse, item_id, [IN_PLAN], {"status": OPEN}, who, at, reason)


def close_risk(
    warehouse: Warehouse,
    item_id: str,
    *,
    happened: bool,
    who: str,
    at: datetime,
    reason: str,
    amount: float | None = None,
) -> None:
    """Say what came of it. amount: revenue effect as it turned out, signed; none where it did not happen.

    Raises RecordError when it happened and no amount is given.
    """
    if happened and amount is None:
        raise RecordError("It happened, but its size is blank. Write the revenue effect as it turned out.")
    status = HAPPENED if happened else NOT_HAPPENED
    closed = {"status": status, "closed_amount": float(amount) if happened else 0.0}
    _step(warehouse, item_id, [OPEN, IN_PLAN], closed, who, at, reason)


def withdraw_risk(warehouse: Warehouse, item_id: str, *, who: str, at: datetime, reason: str) -> None:
    """Say that it is none any more; it stays on record."""
    _step(warehouse, item_id, [OPEN, IN_PLAN], {"status": WITHDRAWN}, who, at, reason)


def _step(
    warehouse: Warehouse,
    item_id: str,
    allowed: Sequence[str],
    values: Mapping[str, object],
    who: str,
    at: datetime,
    reason: str,
) -> None:
    """One change of one item, from where it may be made; ConflictError says where it stands otherwise."""
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        found = change.read("SELECT status FROM risk_opportunity WHERE item_id = ?", [item_id])
        if found.empty:
            raise RecordError(f"There is no risk or opportunity {item_id}.")
        if found["status"][0] not in allowed:
            words = found["status"][0].replace("_", " ")
            raise ConflictError(f"{item_id} is {words} by now. Nothing was changed.")
        change.update("risk_opportunity", {"item_id": item_id}, values)


def _require_amounts(kind: str, amounts: Mapping[str, float | None]) -> None:
    if kind not in KINDS:
        raise RecordError(f"'{kind}' is neither a risk nor an opportunity. Choose one of {', '.join(KINDS)}.")
    stated = {name: value for name, value in amounts.items() if value is not None}
    if not any(stated.values()):
        raise RecordError("No effect is stated. Write the units, revenue or gross margin that it would move.")
    sign = -1 if kind == "risk" else 1
    wrong = [name.replace("_", " ") for name, value in stated.items() if value * sign < 0]
    if wrong:
        what = "takes: write it negative" if sign < 0 else "gives: write it positive"
        raise RecordError(f"The {', '.join(wrong)} has the wrong sign. A{'n' * (sign > 0)} {kind} {what}.")


def _require_probability(pct: float) -> None:
    if not 0 <= pct <= 100:
        raise RecordError(f"{pct:g} is no probability. Write 0 to 100 %.")
