"""The rows that are not as they were written, though each is legal: those of a planner's table by the hash of
each row that was kept when it was loaded, records of judgement by the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from sop_engine.pre_sop.consistency import Row
from sop_engine.warehouse import Table, Warehouse
from sop_engine.warehouse.change import row_hashes_sql

Key = tuple[str, ...]
_FIX = "Load the file again, or restore a backup."
_OTHER = """
SELECT coalesce(loaded.key, now.key) AS label, loaded.key IS NULL AS added, now.key IS NULL AS gone,
       unnest(now.t)
FROM (SELECT key, hash FROM row_hash WHERE "table" = ?) loaded FULL JOIN ({now}) now USING (key)
WHERE loaded.hash IS DISTINCT FROM now.hash
ORDER BY ALL
"""
# what was added in bulk stands for new rows; any other line in bulk may have overwritten what was before
_WRITTEN = """
SELECT key, after, who, "at" FROM audit_log
WHERE "table" = $1 AND key <> '' AND audit_id > (
    SELECT coalesce(max(audit_id), 0) FROM audit_log WHERE "table" = $1 AND key = '' AND action <> 'insert')
ORDER BY audit_id
"""


@dataclass
class Written:
    """What was written into a row one by one: {column: value, as in JSON}, by whom and when last."""

    values: dict[str, object] = field(default_factory=dict)
    who: str = ""
    at: datetime = datetime.min


def altered_rows(warehouse: Warehouse, name: str) -> list[Row]:
    """The rows of a planner table that were changed, deleted or added around the upload; none of a table that
    has lost its key, or whose hashes were never kept.
    """
    table = warehouse.catalogue[name]
    if not table.key:
        return []
    other = warehouse.read(_OTHER.format(now=row_hashes_sql(table)), [name])
    written = _written(warehouse, table) if len(other) else {}
    return [row for record in other.to_dict("records") for row in _altered(table, record, written)]


def rewritten_rows(warehouse: Warehouse, name: str) -> list[Row]:
    """The rows of a table that do not hold what the audit log says was written into them, or are gone."""
    table, found = warehouse.catalogue[name], []
    written = _written(warehouse, table)
    frame = warehouse.read(f'SELECT * FROM "{name}"') if written else pd.DataFrame()
    now = {_labels(table, record): record for record in frame.to_dict("records")}
    for key, then in written.items():
        if key in now:
            found += _rewritten(table, now[key], then)
        elif then.values:
            found.append(Row(name, _key(key), "", "", f"{_by(then, 'this row')}; it is gone"))
    return found


def _altered(table: Table, record: Mapping[str, object], written: Mapping[Key, Written]) -> list[Row]:
    """A row that differs from what was loaded: column by column where the audit log knows the old values."""
    parts = dict(zip(table.key, json.loads(str(record["label"])), strict=True))
    labels = _labels(table, parts)
    if record["gone"] or record["added"]:
        why = "was loaded, and is gone" if record["gone"] else "was not loaded"
        return [Row(table.name, _key(labels), "", "", f"{why}. {_FIX}")]
    known = list(_rewritten(table, record, written.get(labels, Written())))
    columns = [name for name in record if name in table.column and name not in table.key]
    now = ", ".join(f"{name} {_word(record[name])}" for name in columns if _word(record[name]))
    return known or [Row(table.name, _key(labels), "", now, f"does not hold what was loaded. {_FIX}")]


def _rewritten(table: Table, record: Mapping[str, object], then: Written) -> Iterator[Row]:
    """The columns of a row that do not hold what was written into them."""
    for column, value in then.values.items():
        if column in table.column and not _same(record[column], value):
            why = f"{_by(then, _word(value) or 'a blank')}; changed since"
            yield Row(table.name, _key(_labels(table, record)), column, _word(record[column]), why)


def _written(warehouse: Warehouse, table: Table) -> dict[Key, Written]:
    """What the rows of a table hold by the audit log; of a row that was deleted there is nothing."""
    rows: dict[Key, Written] = {}
    for entry in warehouse.read(_WRITTEN, [table.name]).itertuples():
        row = rows.setdefault(_labels(table, json.loads(entry.key)), Written())
        row.values = {**row.values, **json.loads(entry.after)} if entry.after else {}
        row.who, row.at = entry.who, entry.at
    return rows


def _by(then: Written, what: str) -> str:
    return f"{then.who} wrote {what} on {then.at:%Y-%m-%d %H:%M}"


def _labels(table: Table, record: Mapping[str, object]) -> Key:
    """The key of a row in words, whether it comes from the table or from JSON."""
    dates = {name for name in table.key if table.column[name].type == "DATE"}
    return tuple(
        _word(pd.Timestamp(record.get(name)) if name in dates else record.get(name)) for name in table.key
    )


def _key(labels: Sequence[str]) -> str:
    """The labels of a row, as `StoredFault.key` has them."""
    return ", ".join(word for word in labels if word)


def _word(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, datetime):
        return "" if value.year == 1900 else f"{value:%Y-%m-%d}".removesuffix("-01")
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _same(now: object, then: object) -> bool:
    """Whether a stored value is the one that was written: `then` is of JSON, dates as text, blank as None."""
    if now is None or pd.isna(now):
        return then is None or then == ""
    if isinstance(now, datetime):
        return now == _time(then) or now.year == 1900 and then is None
    if isinstance(now, (float, int)) and not isinstance(now, bool):
        return then is not None and float(now) == float(str(then))
    return now == (then if then is not None else "")


def _time(then: object) -> pd.Timestamp:
    moment = pd.Timestamp(then)
    return moment.tz_convert(None) if moment is not pd.NaT and moment.tz else moment
