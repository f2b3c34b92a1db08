"""The planner's tables as frames of one data version, and how dates and "valid from" rows become plan
periods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar

DEFAULT_SETTINGS: Mapping[str, float] = {
    "horizon_periods": 24,
    "beyond_periods": 3,
    "frozen_periods": 1,
    "slushy_periods": 2,
    "fiscal_year_start": 1,
    "carrying_rate_pct": 15,
    "service_level_pct": 95,
    "review_days": 30,
    "receivable_days": 30,
    "payable_days": 30,
    "opening_receivables": np.nan,
    "opening_payables": np.nan,
    "opening_cash": np.nan,
    "extra_shift_hours_per_week": 40,
    "extra_shift_one_off": 0,
    "extra_shift_lead_periods": 2,
    "saturday_hours_per_week": 8,
    "saturday_lead_periods": 1,
}


@dataclass(frozen=True)
class Tables:
    """Reads whole planner tables through `read(sql)`; every frame comes ordered, so that loads in any order
    plan the same.
    """

    read: Callable[[str], pd.DataFrame]

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.read(f'SELECT * FROM "{table}" ORDER BY ALL')


def read_settings(tables: Tables) -> tuple[str, str, dict[str, float]]:
    """Company name, base currency and the numeric settings over their defaults.

    Where no base currency is set it is the markets' currency, if they all have one and the same.
    """
    rows = tables["setting"].set_index("name")["value"]
    numbers = pd.to_numeric(rows, errors="coerce").dropna()
    settings = {**DEFAULT_SETTINGS, **numbers.to_dict()}
    named = set(tables["market"]["currency"]) - {""}
    return (
        rows.get("company_name", "Our company"),
        rows.get("base_currency", named.pop() if len(named) == 1 else ""),
        settings,
    )


def plan_positions(calendar: Calendar, dates: pd.Series, blank: int) -> np.ndarray:
    """Plan index of each date: negative before now, `blank` where the date is blank."""
    located = calendar.locate(dates.to_numpy(dtype="datetime64[D]")) - calendar.now
    return np.where(dates.isna().to_numpy(), blank, located)


def valid_from(frame: pd.DataFrame, calendar: Calendar, column: str = "period") -> pd.DataFrame:
    """Rows with `start`: the plan index from which each row holds (0 for those already in effect), latest
    last.

    Rows that only hold after the plan's end are left out.
    """
    start = plan_positions(calendar, frame[column], 0)
    ordered = frame.assign(start=start).sort_values(column, kind="stable")
    return ordered[ordered["start"] < calendar.periods].assign(start=lambda rows: rows["start"].clip(lower=0))


def step_fill(
    target: np.ndarray, rows: tuple[np.ndarray, ...], start: np.ndarray, values: np.ndarray
) -> None:
    """Writes each value from its start period on, in the order given: target[(*rows[i], start[i]:)] =
    values[i].
    """
    for position, first, value in zip(zip(*rows, strict=True), start, values, strict=True):
        target[(*position, slice(first, None))] = value
