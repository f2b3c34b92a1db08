"""The rows of a table that are not as they were loaded, though each is legal: found by what the hash of the
table says was there, by the audit log, and by what does not look like its neighbours.

The hash of a table is the sum of its rows' hashes. So a row that was added is the one whose hash is the
difference, and a value that was changed is proved by the old value that brings the loaded hash back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sop_engine.pre_sop.consistency import Row
from sop_engine.warehouse import Table, Warehouse
from sop_engine.warehouse.change import content_sql

SLIPS = (0.1, 10.0, 0.01, 100.0, 0.001, 1000.0, -1.0)  # what a slip of the pen multiplies by
SHARES = tuple(1 + sign * pct / 100 for pct in (1, 2, 3, 5, 10, 15, 20, 25, 30, 40, 50) for sign in (1, -1))
NEAR = 10  # whole units that are tried more and less
DIGITS = 6  # of an old value, after the point
FAR = 5.0  # times the middle of its neighbours, or a fifth of it
SUSPECTS = 20  # rows that are named as unlike their neighbours
TRIED = 25  # of these, for which old values are tried
OLD_VALUES = 20_000  # whole numbers tried as the old value of a suspect
_DIVIDED = f"round({{}} / v.x, {DIGITS})"
_ROW_HASH = "CAST(md5_number_lower(CAST(to_json(t) AS VARCHAR)) AS HUGEINT)"
_LAST_WRITTEN = """
SELECT key, arg_max(after, audit_id) AS after, arg_max(who, audit_id) AS who, arg_max("at", audit_id) AS "at"
FROM audit_log
WHERE "table" = ? AND key <> ''
  AND audit_id > (SELECT coalesce(max(audit_id), 0) FROM audit_log WHERE "table" = ? AND key = '')
GROUP BY key
"""


def altered_rows(warehouse: Warehouse, name: str) -> list[Row]:
    """The rows of a changed planner table: those that are proved, else those unlike their neighbours; none
    where nothing can be told, or the table has lost its key.
    """
    table, difference = warehouse.catalogue[name], _difference(warehouse, name)
    if not table.key:
        return []
    for find in (_written_by_name, _added, _slipped, _all_slipped):
        if found := list(find(warehouse, table, difference)):
            return found
    suspects = _suspects(warehouse, table)
    return (
        list(_brought_back(warehouse, table, difference, suspects))
        or list(_moved(warehouse, table, difference))
        or [row for row, _, _ in suspects]
    )


def _difference(warehouse: Warehouse, name: str) -> int:
    """The hash of a table as it stands less that of what was loaded."""
    kept = warehouse.read('SELECT content_hash FROM data_version WHERE "table" = ?', [name])["content_hash"]
    now = warehouse.read(content_sql(name))["hash"][0]
    return int(now, 16) - (int(kept[0], 16) if len(kept) else 0)


def _written_by_name(warehouse: Warehouse, table: Table, _: int) -> Iterator[Row]:
    """Rows that do not hold what the audit log says was written into them last, one by one."""
    written = warehouse.read(_LAST_WRITTEN, [table.name, table.name])
    if written.empty:
        return
    frame = warehouse.read(f'SELECT * FROM "{table.name}"')
    now = {_key(table, row): row for row in frame.to_dict("records")}
    for entry in written.itertuples():
        key = _key(table, json.loads(entry.key))
        then = json.loads(entry.after) if entry.after else {}
        row = now.get(key)
        for column, value in then.items():
            if row is not None and not _same(row.get(column), value):
                why = f"{entry.who} wrote {_word(value) or 'a blank'} on {entry.at:%Y-%m-%d %H:%M}"
                yield Row(table.name, key, column, _word(row.get(column)), f"{why}; changed since")
        if then and row is None:
            why = f"{entry.who} wrote this row on {entry.at:%Y-%m-%d %H:%M}; it is gone"
            yield Row(table.name, key, "", "", why)


def _added(warehouse: Warehouse, table: Table, difference: int) -> Iterator[Row]:
    """The row without which the table is as it was loaded."""
    sql = f'SELECT * FROM "{table.name}" t WHERE {_ROW_HASH} = CAST(? AS HUGEINT)'
    if 0 < difference < 2**64:
        for row in warehouse.read(sql, [str(difference)]).to_dict("records"):
            yield Row(
                table.name, _key(table, row), "", "", "was not loaded: without it the table is as loaded"
            )


def _slipped(warehouse: Warehouse, table: Table, difference: int) -> Iterator[Row]:
    """The row of which a value was multiplied by a slip."""
    return _one_by(warehouse, table, difference, _DIVIDED, SLIPS)


def _moved(warehouse: Warehouse, table: Table, difference: int) -> Iterator[Row]:
    """The row of which a value was multiplied by a share, or is some whole units off."""
    yield from _one_by(warehouse, table, difference, _DIVIDED, SHARES)
    near = [step for step in range(-NEAR, NEAR + 1) if step]
    yield from _one_by(warehouse, table, difference, "{} + v.x", near)


def _one_by(
    warehouse: Warehouse, table: Table, difference: int, old: str, tried: Sequence[float]
) -> Iterator[Row]:
    """The row that is as it was loaded with another value. old: SQL of it, {} for the column"""
    for column in table.measures:
        sql = _changed_sql(table, column, old.format(f't."{column}"'))
        for row in warehouse.read(sql, [list(tried), str(difference)]).to_dict("records"):
            yield _proved(table, row, column, row["was_loaded"])


def _all_slipped(warehouse: Warehouse, table: Table, difference: int) -> Iterator[Row]:
    """All rows, where a whole column was multiplied by a slip; the first of them are named."""
    now = int(warehouse.read(content_sql(table.name))["hash"][0], 16)
    for column in table.measures:
        divided = _DIVIDED.format(f's."{column}"')
        tried = (
            f'SELECT s.* REPLACE ({divided} AS "{column}") FROM "{table.name}" s, (SELECT ?::DOUBLE AS x) v'
        )
        sql = f"SELECT CAST(sum({_ROW_HASH}) AS VARCHAR) AS total FROM ({tried}) t"
        for factor in SLIPS:
            if int(warehouse.read(sql, [factor])["total"][0]) != now - difference:
                continue
            first = f'SELECT * FROM "{table.name}" WHERE "{column}" <> 0 ORDER BY ALL LIMIT {SUSPECTS}'
            for row in warehouse.read(first).to_dict("records"):
                old = round(row[column] / factor, DIGITS)
                yield _proved(table, row, column, old, "and all others of the column so ")


def _brought_back(
    warehouse: Warehouse, table: Table, difference: int, suspects: list[tuple[Row, str, dict[str, object]]]
) -> Iterator[Row]:
    """The suspect whose old value, a whole number, brings the loaded hash back."""
    for _, column, row in suspects[:TRIED]:
        where = " AND ".join(f'"{name}" = ?' for name in table.key)
        keys = [row[name] for name in table.key]
        sql = (
            f'SELECT "{column}" AS old FROM (SELECT s.* REPLACE (CAST(v.tried AS DOUBLE) AS "{column}") '
            f'FROM "{table.name}" s, range({OLD_VALUES}) v(tried) WHERE {where}) t '
            f"WHERE {_ROW_HASH} = CAST(? AS HUGEINT)"
        )
        wanted = _hash_of(warehouse, table, where, keys) - difference
        for old in warehouse.read(sql, [*keys, str(wanted)])["old"]:
            yield _proved(table, row, column, float(old))


def _hash_of(warehouse: Warehouse, table: Table, where: str, keys: list[object]) -> int:
    sql = f'SELECT CAST({_ROW_HASH} AS VARCHAR) AS hash FROM "{table.name}" t WHERE {where}'
    return int(warehouse.read(sql, keys)["hash"][0])


def _changed_sql(table: Table, column: str, old: str) -> str:
    """The query for the rows that differ from the loaded ones by a difference, had `column` been `old`, with
    that as was_loaded. old: SQL that reads t.column and v.x, one of the numbers tried
    """
    then = _ROW_HASH.replace("to_json(t)", f'to_json(struct_update(t, "{column}" := was_loaded))')
    return (
        f"SELECT t.*, was_loaded FROM "
        f'(SELECT t, {_ROW_HASH} AS row_hash FROM "{table.name}" t WHERE "{column}" IS NOT NULL), '
        f"LATERAL (SELECT CAST({old} AS DOUBLE) AS was_loaded FROM (SELECT unnest(?::DOUBLE[]) AS x) v) "
        f"WHERE row_hash - {then} = CAST(? AS HUGEINT)"
    )


def _suspects(warehouse: Warehouse, table: Table) -> list[tuple[Row, str, dict[str, object]]]:
    """Rows with a value unlike those of the same labels in other periods, the oddest first: below 0, or
    alone at 0, where the others are above it, or far from their middle. With the column and the row itself.
    """
    frame = warehouse.read(f'SELECT * FROM "{table.name}"')
    labels = [name for name in table.key if table.column[name].type != "DATE"]
    odd: list[tuple[float, Row, str, dict[str, object]]] = []
    for column in table.measures:
        values = frame[column].astype(float)
        groups = values.groupby([frame[name] for name in labels], sort=False) if labels else None
        middle = groups.transform("median") if groups is not None else pd.Series(values.median(), frame.index)
        if groups is None or (groups.size() == 1).all():
            middle = pd.Series(values.median(), frame.index)
        ratio = np.abs(np.log((values / middle).where((values > 0) & (middle > 0))))
        lone = (values == 0) & ~frame.assign(zero=values == 0).duplicated([*labels, "zero"], keep=False)
        ratio = ratio.mask(((values < 0) | lone) & (middle > 0), np.inf)
        for at in ratio[ratio > np.log(FAR)].sort_values(ascending=False, kind="stable").index[:SUSPECTS]:
            row = frame.loc[at].to_dict()
            why = f"may be it: it is unlike its neighbours, whose middle is {middle[at]:g}"
            odd.append(
                (ratio[at], Row(table.name, _key(table, row), column, f"{values[at]:g}", why), column, row)
            )
    odd.sort(key=lambda one: -one[0])
    return [(row, column, record) for _, row, column, record in odd[:SUSPECTS]]


def _proved(table: Table, row: dict[str, object], column: str, old: float, others: str = "") -> Row:
    why = f"was loaded as {old:.12g}: with that {others}the table is as loaded"
    return Row(table.name, _key(table, row), column, f"{row[column]:.12g}", why)


def _key(table: Table, row: dict[str, object]) -> str:
    """The labels of a row, as `StoredFault.key` has them."""
    words = (_word(row.get(name)) for name in table.key)
    return ", ".join(word for word in words if word)


def _word(value: object) -> str:
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, str):
        date = pd.to_datetime(value, format="%Y-%m-%d %H:%M:%S", errors="coerce")
        value = value if pd.isna(date) else date
    if hasattr(value, "year"):
        return "" if value.year == 1900 else f"{value:%Y-%m-%d}".removesuffix("-01")
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _same(now: object, then: object) -> bool:
    try:
        return bool(np.isclose(float(now), float(then), rtol=0, atol=0))
    except (TypeError, ValueError):
        return _word(now) == _word(then)
