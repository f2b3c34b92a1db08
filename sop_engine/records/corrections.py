"""What people say of flagged periods of the history: accepted with the units to forecast from, or rejected.

The history itself is never changed; an accepted correction stands beside it until it is withdrawn.
"""

from __future__ import annotations

import math
from datetime import date, datetime

import numpy as np

from sop_engine.errors import ConflictError, RecordError
from sop_engine.inputs.reader import Scene, read_scene
from sop_engine.records.rules import end_record, next_id, require_open, require_text
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

CORRECTION_KINDS = ("outlier", "stock_out", "promotion")


def accept_correction(
    warehouse: Warehouse,
    *,
    cycle: str,
    product: str,
    period: date,
    kind: str,
    units: float,
    reason: str,
    who: str,
    at: datetime,
    market: str = "",
    evidence: str = "",
) -> str:
    """From now on the baseline is fitted on `units` instead of what was sold; returns the correction's id.

    period: first day of a bucket; market: blank is all, spread in proportion to what each sold
    Raises RecordError when the kind is unknown, units are negative or no number, there is no reason, the
    cycle is closed or the period is not in the history; ConflictError when it was judged already.
    """
    if not (math.isfinite(units) and units >= 0):
        raise RecordError(f"{units:g} units cannot have been demanded. Write 0 or more.")
    return _judge(
        warehouse, (cycle, product, market, period), "accepted", units, kind, evidence, reason, who, at
    )


def reject_correction(
    warehouse: Warehouse,
    *,
    cycle: str,
    product: str,
    period: date,
    kind: str,
    reason: str,
    who: str,
    at: datetime,
    market: str = "",
    evidence: str = "",
) -> str:
    """The flagged period is demand like any other and is not asked about again; returns the record's id.

    Raises as `accept_correction`.
    """
    return _judge(
        warehouse, (cycle, product, market, period), "rejected", None, kind, evidence, reason, who, at
    )


def withdraw_correction(
    warehouse: Warehouse, correction_id: str, *, who: str, at: datetime, reason: str
) -> None:
    """What was said of a period no longer counts; it stays on record.

    Raises ConflictError when somebody withdrew it meanwhile.
    """
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        end_record(change, "history_correction", "correction_id", correction_id, "withdrawn")


def _judge(
    warehouse: Warehouse,
    cell: tuple[str, str, str, date],
    status: str,
    units: float | None,
    kind: str,
    evidence: str,
    reason: str,
    who: str,
    at: datetime,
) -> str:
    cycle, product, market, period = cell
    if kind not in CORRECTION_KINDS:
        raise RecordError(f"'{kind}' is no kind of flag. Kinds are: {', '.join(CORRECTION_KINDS)}.")
    raw = _sold(read_scene(warehouse, cycle), product, market, period)
    with warehouse.transaction(who=who, why=require_text("The reason", reason), at=at) as change:
        require_open(change, cycle)
        _require_unjudged(change, product, market, period)
        correction_id = next_id(change, "history_correction", cycle, "H")
        row = {
            "correction_id": correction_id,
            "cycle": cycle,
            "product": product,
            "market": market,
            "period": period,
            "kind": kind,
            "raw_units": raw,
            "units": units,
            "evidence": evidence,
            "status": status,
            "reason": reason.strip(),
            "created_at": at,
            "created_by": who,
            "active": True,
        }
        change.insert("history_correction", row)
    return correction_id


def _sold(scene: Scene, product: str, market: str, period: date) -> float:
    """Units of the cell as loaded. Raises RecordError when the history does not hold it."""
    bucket = int(scene.calendar.locate(np.array([period], dtype="datetime64[D]"))[0])
    here = np.isin(scene.products.labels, product)[:, None] & np.isin(
        scene.markets.labels, market or scene.markets.labels
    )
    sold = scene.units[here, bucket] if 0 <= bucket < scene.calendar.now else np.array([np.nan])
    if np.isnan(sold).all():
        where = " in ".join(filter(None, [product, market]))
        raise RecordError(
            f"The history of {where} does not hold {period}. Choose a period since its first sale."
        )
    return float(np.nansum(sold))


def _require_unjudged(change: Change, product: str, market: str, period: date) -> None:
    found = change.read(
        "SELECT correction_id, status, created_by FROM history_correction WHERE active AND product = ? "
        "AND period = ? AND (market = ? OR market = '' OR ? = '')",
        [product, period, market, market],
    )
    if len(found):
        by = f"{found['correction_id'][0]} {found['status'][0]} by {found['created_by'][0]}"
        raise ConflictError(f"{product} in {period} was judged already: {by}. Withdraw that first.")
