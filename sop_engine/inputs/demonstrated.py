"""Demonstrated hours: what resources really earned in the past, as a measure for the periods to come."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import ALWAYS, Calendar
from sop_engine.inputs.network import Resources
from sop_engine.inputs.tables import Tables, plan_positions


def read_demonstrated(tables: Tables, calendar: Calendar, resources: Resources) -> np.ndarray:
    """(resources, periods) hours, NaN where none are loaded.

    Hours earned per working day over the last year of past buckets on file, times the working days to come
    (ASCM: demonstrated capacity is proven by past output). A row without a period holds for every period, one
    of a period to come for that period.
    """
    frame = tables["capacity"].dropna(subset=["demonstrated_hours"])
    days = calendar.working_days[calendar.now : calendar.now + calendar.periods]
    hours = _daily(frame, calendar, resources)[:, None] * days
    row = resources.index(frame["resource"])
    value = frame["demonstrated_hours"].to_numpy(dtype=float)
    always = frame["period"].to_numpy(dtype="datetime64[D]") == ALWAYS
    at = plan_positions(calendar, frame["period"], 0)
    hours[row[always]] = value[always, None]
    ahead = ~always & (at >= 0) & (at < calendar.periods)
    hours[row[ahead], at[ahead]] = value[ahead]
    return hours


def _daily(frame: pd.DataFrame, calendar: Calendar, resources: Resources) -> np.ndarray:
    """(resources,) hours earned per working day of the past buckets on file, a year back at most."""
    bucket = plan_positions(calendar, frame["period"], 0) + calendar.now
    past = (bucket >= max(calendar.now - calendar.season, 0)) & (bucket < calendar.now)
    row = resources.index(frame["resource"])[past]
    earned, worked = np.zeros(len(resources)), np.zeros(len(resources))
    np.add.at(earned, row, frame["demonstrated_hours"].to_numpy(dtype=float)[past])
    np.add.at(worked, row, calendar.working_days[bucket[past]])
    return np.divide(earned, worked, out=np.full(len(resources), np.nan), where=worked > 0)
