"""What the plan takes for granted: written in words, tied to a measure, corrected, retired. What was said
stays on record; who changed it and why stands in the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pandas as pd

from sop_engine.assumptions.assumption import MEASURES
from sop_engine.errors import ConflictError, RecordError
from sop_engine.records.rules import next_id, require_open, require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

OPEN, RETIRED = "open", "retired"
CHANGEABLE = ("text", "expected", "tolerance_pct", "from_period", "to_period", "owner", "rests_on_it")
_SCOPES = {
    "product": ("product", "product", "SELECT 1 FROM product WHERE product = ?"),
    "family": ("family or category", "product", "SELECT 1 FROM product WHERE ? IN (family, category)"),
    "market": (
        "market, region or channel",
        "market",
        "SELECT 1 FROM market WHERE ? IN (market, region, channel)",
    ),
    "currency": ("currency of a market", "market", "SELECT 1 FROM market WHERE currency = ?"),
}
_RECORDS = """
SELECT 'override' AS kind, override_id AS id, cycle, coalesce(nullif(note, ''), reason) AS words,
       active AS open, created_at FROM override
UNION ALL
SELECT 'request', request_id, cycle, title, status IN ('open', 'accepted', 'part'), created_at FROM request
UNION ALL
SELECT 'decision', decision_id, cycle, question, status <> 'withdrawn', created_at FROM decision
"""


def leaning_records(warehouse: Warehouse, cycle: str) -> pd.DataFrame:
    """What can rest on an assumption: kind (override, request, decision), id, cycle, words, open; up to a
    cycle, the newest first."""
    return warehouse.read(
        f"SELECT * FROM ({_RECORDS}) WHERE cycle <= ? ORDER BY created_at DESC, id", [cycle]
    )


def add_assumption(
    warehouse: Warehouse,
    *,
    cycle: str,
    text: str,
    who: str,
    at: datetime,
    measure: str = "",
    product: str = "",
    family: str = "",
    market: str = "",
    currency: str = "",
    from_period: date | None = None,
    to_period: date | None = None,
    expected: float | None = None,
    tolerance_pct: float | None = None,
    owner: str = "",
    rests_on: Sequence[str] = (),
    sample: bool = False,
) -> str:
    """Write down what the plan takes for granted; returns its id ("2014-01-A1").

    measure: of MEASURES, "" for words only, which have no scope, span or number; product, or family or
    category, or neither for all; market, region or channel; currency: of an exchange rate only
    from_period, to_period: days in the first and last period it speaks of; expected: in the measure's unit,
    of a month; tolerance_pct: % by which actuals may differ; rests_on: ids of overrides, requests, decisions
    Raises RecordError when the cycle is not open, the text is blank, or one of these does not fit.
    """
    row = {
        "assumption_id": "",
        "cycle": cycle,
        "text": require_text("The assumption", text),
        "measure": measure,
        "product": product,
        "family": family,
        "market": market,
        "currency": currency,
        "from_period": from_period,
        "to_period": to_period,
        "expected": None if expected is None else float(expected),
        "tolerance_pct": None if tolerance_pct is None else float(tolerance_pct),
        "owner": owner.strip() or who,
        "rests_on_it": ",".join(rests_on),
        "status": OPEN,
        "created_at": at,
        "created_by": require_text("The name of who writes it down", who),
        "sample": sample,
    }
    _require_measurable(row)
    with warehouse.transaction(who=who, why=row["text"], at=at) as change:
        require_open(change, cycle)
        _require_loaded(change, row)
        _require_records(change, rests_on)
        row["assumption_id"] = next_id(change, "assumption", cycle, "A")
        change.insert("assumption", row)
    return row["assumption_id"]


def revise_assumption(
    warehouse: Warehouse,
    assumption_id: str,
    changes: Mapping[str, object],
    *,
    seen: Mapping[str, object],
    reason: str,
    who: str,
    at: datetime,
) -> None:
    """Correct an open assumption in some of CHANGEABLE, with the reason. What it measures and where never
    changes: that would be another assumption.

    seen: the same columns as they were read; rests_on_it: ids separated by commas
    Raises RecordError where a rule is broken or nothing changes, ConflictError where somebody was faster.
    """
    changed = {name: value for name, value in changes.items() if value != seen[name]}
    if not changed:
        raise RecordError("Nothing is changed. Write what is to be different.")
    if fixed := sorted(set(changed) - set(CHANGEABLE)):
        raise RecordError(f"The {', '.join(fixed)} of an assumption stays. Retire it and write another.")
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        row = _open_row(change, assumption_id)
        _require_measurable({**row, **changed})
        require_text("The assumption", str({**row, **changed}["text"]))
        if "rests_on_it" in changed:
            _require_records(change, [one for one in str(changed["rests_on_it"]).split(",") if one])
        before = {name: seen[name] for name in changed if seen[name] is not None}
        change.update("assumption", {"assumption_id": assumption_id}, changed, expected=before)


def retire_assumption(
    warehouse: Warehouse, assumption_id: str, *, reason: str, who: str, at: datetime
) -> None:
    """It is no longer watched; it stays on record with the reason. Raises ConflictError where somebody
    retired it meanwhile."""
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        _open_row(change, assumption_id)
        change.update("assumption", {"assumption_id": assumption_id}, {"status": RETIRED})


def _open_row(change: Change, assumption_id: str) -> dict[str, object]:
    """The row of an open assumption, blanks as None."""
    found = change.read("SELECT * FROM assumption WHERE assumption_id = ?", [assumption_id])
    if found.empty:
        raise RecordError(f"There is no assumption {assumption_id}.")
    if found["status"][0] != OPEN:
        raise ConflictError(f"{assumption_id} is retired by now. Nothing was changed.")
    row = found.iloc[0].to_dict()
    days = {name: row[name].date() for name in ("from_period", "to_period") if not pd.isna(row[name])}
    return {name: None if pd.isna(value) else value for name, value in row.items()} | days


def _require_measurable(row: Mapping[str, object]) -> None:
    """Refuses a measure without what it is held against, and words only with it."""
    said = ("expected", "tolerance_pct", "from_period", "to_period")
    if row["measure"] == "":
        stated = [name for name in ("product", "family", "market", "currency", *said) if row[name]]
        if stated:
            raise RecordError(f"Words only have no {stated[0].replace('_', ' ')}. Choose what measures them.")
        return
    if row["measure"] not in MEASURES:
        raise RecordError(f"'{row['measure']}' is no measure. Choose: {', '.join(MEASURES)}.")
    if blank := [name for name in said if row[name] is None]:
        raise RecordError(f"The {blank[0].replace('_', ' ')} is blank. Say what actuals are held against.")
    if row["to_period"] < row["from_period"]:
        raise RecordError(f"It ends ({row['to_period']}) before it begins ({row['from_period']}). Swap them.")
    if not 0 < row["expected"] < float("inf"):
        raise RecordError("What is expected must be above 0: a tolerance in % of nothing says nothing.")
    if not 0 <= row["tolerance_pct"] < float("inf"):
        raise RecordError(f"A tolerance of {row['tolerance_pct']:g} % is none. Write 0 % or more.")
    _require_scope(row)


def _require_scope(row: Mapping[str, object]) -> None:
    if row["product"] and row["family"]:
        raise RecordError(f"It names product {row['product']} and family {row['family']}. Name one of them.")
    if (row["measure"] == "exchange_rate") != bool(row["currency"]):
        raise RecordError("A currency belongs to an exchange rate, and an exchange rate to a currency.")


def _require_loaded(change: Change, row: Mapping[str, object]) -> None:
    for column, (noun, table, query) in _SCOPES.items():
        if row[column] and change.read(query, [row[column]]).empty:
            raise RecordError(f"'{row[column]}' is no {noun}. Choose one of the {table} table.")


def _require_records(change: Change, ids: Sequence[str]) -> None:
    known = set(change.read(f"SELECT id FROM ({_RECORDS})")["id"])
    if unknown := [one for one in ids if one not in known]:
        raise RecordError(f"{unknown[0]} is no override, request or decision. Choose one that is recorded.")
