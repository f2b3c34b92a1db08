"""Requests between reviews as people read them: what, of whom, where and when, and where each stands."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import day, months
from sop_engine.executive_sop.decisions import days_left
from sop_engine.inputs import Inputs
from sop_engine.records.requests import OPEN, PART, WITHDRAWN
from sop_engine.requests import amount_words


def request_table(rows: pd.DataFrame, inputs: Inputs, today: date) -> pd.DataFrame:
    """request, what, amount, standing, where, owner: as people read them."""
    currency = inputs.money.base_currency
    return pd.DataFrame(
        {
            "request": rows["request_id"].to_numpy(),
            "what": rows["title"].to_numpy(),
            "amount": [amount_words(row.measure, row.amount, currency) for row in rows.itertuples()],
            "standing": [standing_words(row, today) for _, row in rows.iterrows()],
            "where": [where_words(row, inputs) for _, row in rows.iterrows()],
            "owner": rows["owner"].to_numpy(),
        }
    )


def standing_words(row: pd.Series, today: date) -> str:
    """Where a request stands: how long it is open and when it is due, or who answered what."""
    if row["status"] == OPEN:
        age = (today - row["created_at"].date()).days
        left = days_left(None if pd.isna(row["due"]) else row["due"].date(), today)
        return f"open {_days(age)}, " + (
            "no due date"
            if left is None
            else f"due in {_days(left)}"
            if left > 0
            else "due today"
            if left == 0
            else f"overdue by {_days(-left)}"
        )
    if row["status"] == WITHDRAWN:
        return "withdrawn"
    words = "accepted in part" if row["status"] == PART else row["status"]
    return f"{words} by {row['answered_by']}, {day(row['answered_at'].date())}"


def where_words(row: pd.Series, inputs: Inputs) -> str:
    """What a request is about, and its months."""
    return f"{scope_words(row)}, {span_words(row, inputs)}"


def scope_words(row: pd.Series) -> str:
    """What a request is about, without its months."""
    return ", ".join(filter(None, [row["product"] or row["family"], row["market"]])) or "whole company"


def span_words(row: pd.Series, inputs: Inputs) -> str:
    """The months of a request."""
    calendar = inputs.calendar
    ends = calendar.locate(np.array([row["from_period"], row["to_period"]], dtype="datetime64[D]"))
    return months([calendar.labels[at] for at in np.clip(ends, 0, len(calendar.labels) - 1)])


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
