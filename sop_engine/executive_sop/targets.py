"""Strategic targets of the scorecard: which holds in a fiscal year, and whether a figure is on track."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from sop_engine.executive_sop.effects import Read
from sop_engine.inputs.calendar import Calendar

AT_RISK_PCT = 5.0  # of the reference, on its wrong side
AT_RISK_POINTS = 2.0  # of a reference that is a percentage
GOOD = {
    "demand_value": 1,
    "fill_rate_pct": 1,
    "revenue": 1,
    "gross_margin": 1,
    "gross_margin_pct": 1,
    "inventory_value": -1,
    "inventory_days": -1,
    "required_load_peak_pct": -1,
    "cash_effect": 1,
    "forecast_bias_pct": 0,
}  # 1: at least the reference, -1: at most, 0: within it on either side


class Track(StrEnum):
    """Where a figure stands to its reference; the value is how it is said."""

    ON = "on track"
    RISK = "at risk"
    OFF = "off"
    NONE = "no reference"


RULE = (
    "Status: on track at the target or better, against the budget where there is no target; at risk up to "
    f"{AT_RISK_PCT:.0f} % worse ({AT_RISK_POINTS:.0f} points of a percentage); off beyond. Stock is at most "
    "its target; the worst work centre is held against its hours, 100 %; forecast bias against 5 %."
)


@dataclass(frozen=True)
class Target:
    """One strategic target. since: first day of the first period in which it holds; value: of the fiscal
    year, base currency, % or days; sample: made up to show the feature"""

    measure: str
    since: date
    value: float
    set_by: str = ""
    sample: bool = False


def read_targets(read: Read) -> tuple[Target, ...]:
    """The targets that are loaded, the oldest first. read: of the warehouse."""
    rows = read("SELECT * FROM target ORDER BY measure, from_period")
    made_up = rows["sample"].fillna(False).astype(bool)
    return tuple(
        Target(row.measure, row.from_period.date(), float(row.value), row.set_by, bool(sample))
        for row, sample in zip(rows.itertuples(), made_up, strict=True)
    )


def fiscal_year(day: date, calendar: Calendar) -> int:
    """The fiscal year that a day lies in, named after the calendar year in which it ends."""
    return day.year + int(calendar.fiscal_year_start > 1 and day.month >= calendar.fiscal_year_start)


def target_of(targets: Iterable[Target], measure: str, year: int, calendar: Calendar) -> Target | None:
    """The target of a measure in a fiscal year: the last that was set from that year or before."""
    held = [one for one in targets if one.measure == measure and fiscal_year(one.since, calendar) <= year]
    return max(held, key=lambda one: one.since, default=None)


def track(measure: str, value: float, reference: float) -> Track:
    """Where a figure stands to its reference, by RULE.

    >>> track("revenue", 96.0, 100.0), track("inventory_days", 44.0, 45.0), track("fill_rate_pct", 94.0, 97.0)
    (<Track.RISK: 'at risk'>, <Track.ON: 'on track'>, <Track.OFF: 'off'>)
    """
    if np.isnan(value) or np.isnan(reference):
        return Track.NONE
    good = GOOD[measure]
    short = abs(value) - reference if good == 0 else good * (reference - value)
    room = AT_RISK_POINTS if measure.endswith("_pct") else AT_RISK_PCT / 100 * abs(reference)
    if short <= 0:
        return Track.ON
    return Track.RISK if short <= room else Track.OFF
