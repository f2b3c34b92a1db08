"""The settings: their default, bounds, unit and meaning; the one list that uploads are held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isnan, nan

import pandas as pd

from sop_engine.errors import RowIssue
from sop_engine.warehouse.batch import Batch
from sop_engine.warehouse.files import nearest

TEXTS = ("company_name", "base_currency")
STREAM_WEIGHT = re.compile(r"consensus_weight_.+_pct")  # one for each forecast stream, 0 to 100


@dataclass(frozen=True)
class Setting:
    """A numeric setting; whole: no fractions; default NaN: not known."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str
    whole: bool = False


SETTINGS = {
    "horizon_periods": Setting(24, 1, 120, "periods", "periods that are reported", whole=True),
    "beyond_periods": Setting(3, 0, 24, "periods", "planned beyond those reported", whole=True),
    "frozen_periods": Setting(1, 0, 24, "periods", "in which no lever acts", whole=True),
    "slushy_periods": Setting(2, 0, 24, "periods", "after the frozen ones, shaded", whole=True),
    "fiscal_year_start": Setting(1, 1, 12, "month", "first month of the fiscal year", whole=True),
    "carrying_rate_pct": Setting(15, 0, 100, "% a year", "of unit cost, for stock held"),
    "review_days": Setting(30, 0, 366, "days", "between two plans, in safety stock"),
    "receivable_days": Setting(30, 0, 366, "days", "customers take to pay"),
    "payable_days": Setting(30, 0, 366, "days", "we take to pay"),
    "opening_receivables": Setting(nan, 0, inf, "money", "at the start; blank: from history"),
    "opening_payables": Setting(nan, 0, inf, "money", "at the start; blank: from history"),
    "extra_shift_hours_per_week": Setting(40, 0, 168, "hours", "of an extra shift, per station"),
    "extra_shift_one_off": Setting(0, 0, inf, "money", "of starting an extra shift"),
    "extra_shift_lead_periods": Setting(2, 0, 24, "periods", "until an extra shift can start", whole=True),
    "saturday_hours_per_week": Setting(8, 0, 48, "hours", "of Saturdays, per station"),
    "saturday_lead_periods": Setting(1, 0, 24, "periods", "until Saturdays can start", whole=True),
}


def setting_faults(batch: Batch) -> Iterator[RowIssue]:
    """Settings that are no number, no whole number or out of bounds."""
    for row in _rows(batch):
        setting = SETTINGS.get(row.name_) or (
            Setting(0, 0, 100, "%", "") if STREAM_WEIGHT.fullmatch(row.name_) else None
        )
        if setting is None:
            continue
        problem = _problem(pd.to_numeric(row.value, errors="coerce"), setting)
        if problem:
            kind = "a whole number" if setting.whole else "a number"
            fix = f"Write {kind} of {setting.unit} from {setting.low:g} to {setting.high:g}."
            yield RowIssue(row.file, int(row.line), "value", str(row.value), f"{problem} ({row.name_})", fix)


def unknown_settings(batch: Batch) -> Iterator[RowIssue]:
    """Settings that nothing reads, a warning with the nearest name."""
    known = (*SETTINGS, *TEXTS)
    for row in _rows(batch):
        if row.name_ not in known and not STREAM_WEIGHT.fullmatch(row.name_):
            fix = nearest(row.name_, known) or f"Settings are: {', '.join(known)}."
            yield RowIssue(row.file, int(row.line), "name", row.name_, "is no setting", fix, "warning")


def _problem(number: float, setting: Setting) -> str:
    if isnan(number):
        return "is not a number"
    if setting.whole and number != int(number):
        return "is not a whole number"
    return "" if setting.low <= number <= setting.high else "is out of bounds"


def _rows(batch: Batch) -> Iterator[object]:
    rows = batch.rows.get("setting")
    if rows is not None and {"name", "value"} <= set(rows.columns):
        yield from rows.dropna(subset=["name", "value"]).rename(columns={"name": "name_"}).itertuples()
