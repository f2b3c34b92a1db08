"""The planner's tables as frames of one data version, and how dates and "valid from" rows become plan
periods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.warehouse.settings import SETTINGS


@dataclass(frozen=True)
class Tables:
    """Reads whole planner tables through `read(sql, values)`; every frame comes ordered, so that loads in
    any order plan the same.
    """

    read: Callable[..., pd.DataFrame]

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.read(f'SELECT * FROM "{table}" ORDER BY ALL')


def made_order(column: str) -> str:
    """SQL order of records by when they were made, then by the number their id ends in: O9 before O11.

    >>> made_order("lock_id")
    "created_at, try_cast(regexp_extract(lock_id, '[0-9]+$') AS BIGINT), lock_id"
    """
    return f"created_at, try_cast(regexp_extract({column}, '[0-9]+$') AS BIGINT), {column}"


def read_settings(tables: Tables) -> tuple[str, str, dict[str, float]]:
    """Company name, base currency and the numeric settings over their defaults.

    Where no base currency is set it is the markets' currency, if they all have one and the same.
    """
    rows = tables["setting"].set_index("name")["value"]
    numbers = pd.to_numeric(rows, errors="coerce").dropna()
    settings = {name: setting.default for name, setting in SETTINGS.items()} | numbers.to_dict()
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
