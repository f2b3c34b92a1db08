"""What people add to the consensus by judgement: overrides, locks, and the weights of streams."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from sop_engine.demand_review.consensus import agreed_demand
from sop_engine.demand_review.judgement import (
    effect_of,
    locked_cells,
    override_cells,
    plan_price,
    refusal,
)
from sop_engine.errors import RecordError
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Lock, Override, overrides_of, read_locks, weight_lines
from sop_engine.inputs.tables import Tables
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.records.rules import end_record, next_id, require_open, require_text
from sop_engine.scenario import BASELINE
from sop_engine.warehouse import Change, Warehouse
from sop_engine.warehouse.files import nearest
from sop_engine.warehouse.settings import heaviest

OVERRIDE_KINDS = ("pct", "add", "units", "amount")
OVERRIDE_REASONS = (
    "Promotion or event",
    "New customer or listing",
    "Lost customer or delisting",
    "Price change",
    "Competitor's move",
    "Launch or phase-out",
    "Market or economy",
    "Supply or stock-out before",
    "Forecast correction",
    "Management target",
)
LARGEST = 1e12  # what an override may say, in %, units or money


def add_override(
    warehouse: Warehouse,
    inputs: Inputs,
    *,
    from_period: date,
    to_period: date,
    kind: str,
    value: float,
    reason: str,
    who: str,
    at: datetime,
    product: str = "",
    family: str = "",
    market: str = "",
    owner: str = "",
    note: str = "",
    expires: date | None = None,
    stage: str = "demand",
) -> str:
    """Judge the demand of a scope in the cycle of `inputs`; returns the override's id.

    product, or family (or category), or neither for all; market, region or channel, "" for all
    from_period, to_period: first days of the first and the last period, none of them past, frozen or beyond
    the plan's horizon
    kind: "pct" changes the scope by %, "add" adds units, "units" and "amount" (base currency at the plan's
    prices) set its total; reason: one of OVERRIDE_REASONS, in more words in `note`
    expires: the override no longer counts in a plan that begins after this day
    Raises RecordError when a rule is broken, when locks hold every cell of the scope, and when the scope does
    not hold what is to be changed or taken.
    """
    _require_change(kind, value)
    if not reason:
        raise RecordError("No reason is chosen. Choose why the demand is overridden.")
    if reason not in OVERRIDE_REASONS:
        raise RecordError(f"'{reason}' is no reason of an override. Choose: {'; '.join(OVERRIDE_REASONS)}.")
    _require_scope(inputs, product, family, market)
    _require_future(inputs, from_period, to_period, expires)
    row = {
        "override_id": "",
        "cycle": inputs.cycle,
        "product": product,
        "family": family,
        "market": market,
        "from_period": from_period,
        "to_period": to_period,
        "kind": kind,
        "value": float(value),
        "reason": reason,
        "owner": owner or who,
        "note": note.strip(),
        "expires": expires,
        "created_at": at,
        "created_by": who,
        "active": True,
        "stage": stage,
    }
    override = override_of(row, inputs)
    with warehouse.transaction(who=who, why=reason, at=at) as change:
        require_open(change, inputs.cycle)
        _require_cells(inputs, override, _locks(change, inputs))
        _require_possible(inputs, override)
        row["override_id"] = next_id(change, "override", inputs.cycle, "O")
        change.insert("override", row)
    return row["override_id"]


def override_of(row: dict[str, object], inputs: Inputs) -> Override:
    """The override that a row of the table is for the engine."""
    frame = pd.DataFrame([row]).astype(
        {name: "datetime64[s]" for name in ("from_period", "to_period", "expires")}
    )
    (override,) = overrides_of(frame, inputs.calendar, inputs.products, inputs.markets)
    return override


def drop_override(warehouse: Warehouse, override_id: str, *, who: str, at: datetime, reason: str) -> None:
    """An override no longer counts; it stays on record.

    Raises ConflictError when somebody dropped it meanwhile.
    """
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        end_record(change, "override", "override_id", override_id, "withdrawn")


def add_lock(
    warehouse: Warehouse,
    inputs: Inputs,
    *,
    from_period: date,
    to_period: date,
    reason: str,
    who: str,
    at: datetime,
    product: str = "",
    family: str = "",
    market: str = "",
    owner: str = "",
) -> str:
    """Hold the cells of a scope, named as in `add_override`, against overrides made from now on; returns the
    lock's id. Overrides made before still count.

    Raises RecordError when a rule is broken.
    """
    _require_scope(inputs, product, family, market)
    _require_future(inputs, from_period, to_period, None)
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, inputs.cycle)
        lock_id = next_id(change, "demand_lock", inputs.cycle, "L")
        row = {
            "lock_id": lock_id,
            "cycle": inputs.cycle,
            "product": product,
            "family": family,
            "market": market,
            "from_period": from_period,
            "to_period": to_period,
            "reason": reason.strip(),
            "owner": owner or who,
            "created_at": at,
            "created_by": who,
            "active": True,
        }
        change.insert("demand_lock", row)
    return lock_id


def drop_lock(warehouse: Warehouse, lock_id: str, *, who: str, at: datetime, reason: str) -> None:
    """A lock no longer holds; it stays on record. Raises ConflictError when somebody lifted it meanwhile."""
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        end_record(change, "demand_lock", "lock_id", lock_id, "lifted")


def set_weight(
    warehouse: Warehouse,
    inputs: Inputs,
    *,
    stream: str,
    weight_pct: float,
    reason: str,
    who: str,
    at: datetime,
    family: str = "",
    from_lag: int = 1,
    to_lag: int | None = None,
) -> None:
    """What a stream weighs in the consensus from one period ahead to another, of a family or ("") of all;
    overwrites the line of the same stream, family and first period.

    Raises RecordError when no line of forecast_stream is of the stream, when the periods ahead are no whole
    numbers from 1 on, and when the weights of the streams together would exceed 100 % anywhere.
    """
    if not 0 <= weight_pct <= 100:
        raise RecordError(f"A stream cannot weigh {weight_pct:g} %. Weights are 0 to 100 %.")
    _require_lags(from_lag, to_lag)
    _require_scope(inputs, "", family, "")
    row = {
        "stream": require_text("The stream", stream),
        "family": family,
        "from_lag": float(from_lag),
        "to_lag": None if to_lag is None else float(to_lag),
        "weight_pct": float(weight_pct),
    }
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        _require_stream(change, row["stream"])
        change.upsert("consensus_weight", row)
        over = heaviest(weight_lines(Tables(change.read), inputs.settings))
        if over is not None:
            raise RecordError(
                f"Streams would weigh {over.total:g} % together {over.words}. Lower one of them to leave "
                "100 % or less."
            )


def _require_change(kind: str, value: float) -> None:
    if kind not in OVERRIDE_KINDS:
        raise RecordError(f"'{kind}' is no kind of override. Kinds are: {', '.join(OVERRIDE_KINDS)}.")
    if kind in ("pct", "add") and value == 0:
        raise RecordError("The override changes nothing. Say by or to how much.")
    if not abs(value) <= LARGEST:  # nor where it is NaN
        raise RecordError(
            f"An override by or to {value:g} is no change that can be planned: it is a number of at most "
            f"{LARGEST:,.0f}. Check the digits."
        )
    if value < {"pct": -100.0, "add": -float("inf")}.get(kind, 0.0):
        unit = {"pct": "%", "amount": "money"}.get(kind, "units")
        word = "by" if kind in ("pct", "add") else "to"
        raise RecordError(f"An override {word} {value:g} {unit} takes more than there is.")


def _require_scope(inputs: Inputs, product: str, family: str, market: str) -> None:
    if product and family:
        raise RecordError(f"The scope names product {product} and family {family}. Name one of them.")
    products, markets = inputs.products, inputs.markets
    for noun, label, known in (
        ("product", product, {*products.labels}),
        ("family or category", family, {*products.family, *products.category}),
        ("market, region or channel", market, {*markets.labels, *markets.region, *markets.channel}),
    ):
        if label and label not in known:
            raise RecordError(
                f"'{label}' is no {noun}. {nearest(label, sorted(known)) or 'Choose one that is loaded.'}"
            )


def _require_future(inputs: Inputs, first: date, last: date, expires: date | None) -> None:
    calendar = inputs.calendar
    if last < first:
        raise RecordError(f"The periods end in {last} before they begin in {first}. Swap the periods.")
    earliest, start = (calendar.starts[calendar.now + ahead].item() for ahead in (calendar.frozen, 0))
    if first < earliest:
        raise RecordError(
            f"The periods begin in {first}, which is past or frozen. The first that can be changed begins on "
            f"{earliest}."
        )
    end = calendar.ends[calendar.now + calendar.horizon - 1].item()
    if last > end:
        raise RecordError(
            f"The periods end in {last}, after the plan, which ends on {end}. Choose earlier ones."
        )
    if expires is not None and expires < start:
        raise RecordError(
            f"It expires on {expires}, before the plan begins on {start}, so it would never count. "
            "Choose a later day."
        )


def _require_lags(first: int, last: int | None) -> None:
    """Refuses periods ahead that are no whole numbers, lie before the first of the plan, or are swapped."""
    for lag in (first,) if last is None else (first, last):
        if not float(lag).is_integer() or lag < 1:
            raise RecordError(
                f"A weight cannot begin or end {lag:g} periods ahead. Write whole numbers; 1 is the first "
                "period of the plan."
            )
    if last is not None and last < first:
        raise RecordError(f"The weight ends {last} periods ahead but begins {first} ahead. Swap them.")


def _require_stream(change: Change, stream: str) -> None:
    known = change.read("SELECT DISTINCT stream FROM forecast_stream ORDER BY stream")["stream"].tolist()
    if stream not in known:
        hint = nearest(stream, known) or (
            f"Streams are: {', '.join(known)}." if known else "Load forecast_stream.csv first."
        )
        raise RecordError(f"'{stream}' is no stream of forecast_stream. {hint}")


def _require_cells(inputs: Inputs, override: Override, locks: tuple[Lock, ...]) -> None:
    """Refuses an override that can move nothing: no cell, money without a price, every cell locked."""
    shape = inputs.demand.baseline.units.shape
    index = override_cells(override, shape)
    if not np.zeros(shape)[index].size:
        raise RecordError(
            "The scope has no cell: nothing of it is sold in the periods of the plan. Choose another scope."
        )
    if override.kind == "amount" and not plan_price(inputs)[index].any():
        raise RecordError(
            "No price is known in the scope, so money says nothing of its units. Override it in units."
        )
    if locked_cells(override, locks, shape)[index].all():
        holding = [
            f"{lock.lock_id} of {lock.owner}"
            for lock in locks
            if locked_cells(override, (lock,), shape)[index].any()
        ]
        raise RecordError(
            f"Every cell of the scope is locked: {', '.join(holding)}. Ask for the lock to be lifted."
        )


def _require_possible(inputs: Inputs, override: Override) -> None:
    """Refuses what the scope does not hold: a part of nothing, and more off than there is."""
    held = agreed_demand(inputs, plan_portfolio(inputs, BASELINE)).units
    if why := refusal(override, effect_of(override, held, inputs)):
        raise RecordError(why)


def _locks(change: Change, inputs: Inputs) -> tuple[Lock, ...]:
    return read_locks(Tables(change.read), inputs.calendar, inputs.products, inputs.markets)
