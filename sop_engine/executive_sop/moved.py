"""What moved the inputs: each load, and each record that is judged on them, with who and when."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd

NAMED = 2  # changes that a reason names, and parts that a change names
_JUDGED = ("override", "demand_lock", "request")
_WORDS = {"demand_lock": "lock", "history_correction": "correction", "plan_version": "published plan"}
_MOVES = """
SELECT "at", who, "table", key FROM audit_log
WHERE before <> after AND (
  "table" IN ('override', 'demand_lock')
  OR "table" IN (SELECT "table" FROM data_version WHERE "table" <> '')
  OR "table" = 'request' AND (nullif(key, '') ->> '$.request_id') IN
        (SELECT request_id FROM request WHERE levers <> '')
     AND action = 'update'
  OR "table" = 'history_correction' AND coalesce(nullif(after, '') ->> '$.status', 'accepted') = 'accepted'
  OR "table" = 'plan_version' AND (nullif(after, '') ->> '$.status') = 'published')
ORDER BY audit_id
"""


def moved_inputs(read: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    """One row per change of the inputs, in the order they were made: at, who, what (in words), judged
    (whether it is a judgement on what is loaded).

    read: of a warehouse
    """
    rows = read(_MOVES)
    rows = rows.assign(what=list(map(_what, rows["table"], rows["key"])), judged=rows["table"].isin(_JUDGED))
    made = rows.groupby(["at", "who", "judged"], sort=False)["what"].agg(_listed).reset_index()
    return made[["at", "who", "what", "judged"]]


def moved_words(moved: pd.DataFrame, since: datetime) -> str:
    """The last changes, NAMED at most, those of another day than `since` with their day; "" for none.

    moved: as `moved_inputs` gives it
    """
    last = [_made(row, since) for row in moved.iloc[::-1].head(NAMED).itertuples()]
    more = len(moved) - len(last)
    return "; ".join(last) + (f" and {more} before that" if more else "")


def _made(row: tuple, since: datetime) -> str:
    same_day = row.at.date() == since.date()
    day = "" if same_day else f"on {row.at.day} {row.at:%b %y} "
    return f"{row.what} by {row.who} {day}at {row.at:%H:%M}"


def _what(table: str, key: str) -> str:
    """A record by its key; a whole table by its name.

    >>> _what("override", '{"override_id": "2014-01-O3"}'), _what("sales_history", "")
    ('override 2014-01-O3', 'sales_history loaded')
    """
    if not key:
        return f"{table} loaded"
    named = ", ".join(str(part) for part in json.loads(key).values() if str(part))
    return f"{_WORDS.get(table, table)} {named}"


def _listed(parts: Sequence[str]) -> str:
    """The first of what one transaction changed, and how much more."""
    unlike = list(dict.fromkeys(parts))
    more = len(unlike) - NAMED
    return ", ".join(unlike[:NAMED]) + (f" and {more} more" if more > 0 else "")
