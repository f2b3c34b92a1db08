"""What every record asks for before it is written: an open cycle, text where text must be, the next
number."""

from __future__ import annotations

import json

from sop_engine.errors import ConflictError, RecordError
from sop_engine.warehouse.change import Change


def require_open(change: Change, cycle: str) -> None:
    """Raises RecordError when there is no such cycle or it is closed."""
    found = change.read("SELECT status FROM cycle WHERE cycle = ?", [cycle])
    if found.empty:
        raise RecordError(f"Cycle {cycle} was never opened. Open it on the Cycle page.")
    if found["status"][0] != "open":
        raise RecordError(
            f"Cycle {cycle} is closed; what it recorded stays as it is. Work in the open cycle."
        )


def require_text(what: str, text: str) -> str:
    """The text without blanks around it. Raises RecordError when nothing is left."""
    if not text.strip():
        raise RecordError(f"{what} is blank. Write it in a few words.")
    return text.strip()


def next_id(change: Change, table: str, cycle: str, letter: str) -> str:
    """The next id of a cycle in a table whose rows are never deleted: "2014-01-D3"."""
    count = change.read(f'SELECT count(*) AS rows FROM "{table}" WHERE cycle = ?', [cycle])["rows"][0]
    return f"{cycle}-{letter}{int(count) + 1}"


def end_record(change: Change, table: str, key: str, record_id: str, done: str) -> None:
    """A record no longer counts; it stays. done: "withdrawn", "lifted", ...

    Raises ConflictError, saying who ended it, where it no longer counted.
    """
    rows = change.read(f'SELECT active FROM "{table}" WHERE "{key}" = ?', [record_id])
    if len(rows) and not rows["active"][0]:
        who = change.read(
            """SELECT who FROM audit_log WHERE "table" = ? AND key = ? AND action = 'update'
            ORDER BY audit_id DESC LIMIT 1""",
            [table, json.dumps({key: record_id})],
        )["who"]
        raise ConflictError(f"{record_id} was {done} by {', '.join(who) or 'somebody else'} meanwhile.")
    change.update(table, {key: record_id}, {"active": False}, expected={"active": True})
