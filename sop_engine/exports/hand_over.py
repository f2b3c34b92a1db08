"""The hand-over: what execution needs of a published plan, from the plan as it was kept: the same for ever.

One CSV per subject, the list of changes since the publication before, what each column means, and a manifest
with counts and hashes. Periods stand as their first day.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from sop_engine.errors import RecordError, SopError
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.exports.hand_over_changes import Changes, changes_since
from sop_engine.exports.hand_over_tables import COLUMNS, kept_tables
from sop_engine.exports.tables import DECIMALS, plain_text
from sop_engine.records.readers import last_published
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse, open_warehouse


@dataclass(frozen=True, eq=False)
class HandOver:
    """version: row of plan_version; tables: {file: its rows}, columns as in COLUMNS; changes: since the
    publication before."""

    version: pd.Series
    plan_hash: str
    levers: str
    currency: str
    tables: Mapping[str, pd.DataFrame]
    changes: Changes

    @property
    def name(self) -> str:
        """Of the folder or archive: "handover-2014-01-V1"."""
        return f"handover-{self.version['version_id']}"


def hand_over(warehouse: Warehouse, version_id: str = "") -> HandOver:
    """The hand-over of a published version, of the last one by default.

    Raises RecordError where there is none, it is not published, or it was kept without what is handed over.
    """
    version = _published(warehouse, version_id)
    header = _header(warehouse, version)
    card = json.loads(header["scorecard"])[str(Window.ALL)]
    currency = Scorecard.from_json(json.dumps(card)).currency
    tables, cost = kept_tables(warehouse, version)
    before = _before(warehouse, version)
    last = None if before is None else kept_tables(warehouse, before)[0]
    return HandOver(
        version=version,
        plan_hash=str(header["content_hash"]),
        levers=Scenario.from_json(header["levers"]).in_words(),
        currency=currency,
        tables=tables,
        changes=changes_since(tables, last, cost, currency, "" if before is None else str(before["name"])),
    )


def files(handed: HandOver) -> dict[str, bytes]:
    """{file name: content}: a CSV per table, the columns and the manifest; the same bytes each time."""
    content = {f"{name}.csv": _csv(table) for name, table in _all_tables(handed).items()}
    manifest = json.dumps(_manifest(handed, content), indent=2, ensure_ascii=False) + "\n"
    return {**content, "manifest.json": manifest.encode()}


def archive(handed: HandOver) -> bytes:
    """The files as a zip, dated by the publication."""
    moment = handed.version["published_at"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files(handed).items():
            entry = zipfile.ZipInfo(f"{handed.name}/{name}", moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return packed.getvalue()


def write_hand_over(warehouse: Path, version: str, out: Path) -> tuple[HandOver, list[Path]]:
    """Write the files of a version ("": published last) into a folder; the hand-over and the files.

    Raises SopError where there is no warehouse.
    """
    if not warehouse.exists():
        raise SopError(f"There is no warehouse {warehouse}. Make it with: python -m sop_engine init")
    opened = open_warehouse(warehouse)
    try:
        handed = hand_over(opened, version)
    finally:
        opened.close()
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files(handed).items():
        (out / name).write_bytes(content)
    return handed, [out / name for name in files(handed)]


def _all_tables(handed: HandOver) -> dict[str, pd.DataFrame]:
    columns = [
        (f"{name}.csv", column, unit, meaning)
        for name, described in COLUMNS.items()
        for column, (unit, meaning) in described.items()
    ]
    described = pd.DataFrame(columns, columns=["file", "column", "unit", "meaning"])
    return {**handed.tables, "changes": handed.changes.frame[list(COLUMNS["changes"])], "columns": described}


def _manifest(handed: HandOver, content: Mapping[str, bytes]) -> dict[str, object]:
    version, tables = handed.version, _all_tables(handed)
    said = {
        name: str(version[name]) for name in ("version_id", "name", "cycle", "data_version", "snapshot_id")
    }
    who = {name: str(version[name]) for name in ("proposed_by", "approved_by", "published_by", "note")}
    when = {name: _moment(version[name]) for name in ("approved_at", "published_at", "effective_from")}
    return {
        **said,
        "plan_content_hash": handed.plan_hash,
        "levers": handed.levers,
        "currency": handed.currency,
        "rounding": "units are as planned, fractions included; execution rounds them to its lots",
        **who,
        **when,
        "changes_since": handed.changes.since or "nothing: no earlier publication holds these figures",
        "files": {
            name: {
                "rows": len(tables[name.removesuffix(".csv")]),
                "sha256": hashlib.sha256(text).hexdigest(),
            }
            for name, text in content.items()
        },
    }


def _csv(table: pd.DataFrame) -> bytes:
    """A table as CSV: dates as YYYY-MM-DD, and text that would be a formula with a leading apostrophe."""
    safe = table.copy()
    for name in safe.columns:
        if pd.api.types.is_datetime64_any_dtype(safe[name]):
            safe[name] = safe[name].dt.strftime("%Y-%m-%d")
        elif pd.api.types.is_float_dtype(safe[name]):
            safe[name] = safe[name].round(DECIMALS) + 0.0  # no minus before a zero
        else:
            safe[name] = safe[name].map(plain_text)
    return safe.to_csv(index=False, lineterminator="\n").encode()


def _moment(value: datetime | None) -> str:
    return "" if pd.isna(value) else pd.Timestamp(value).isoformat()


def _published(warehouse: Warehouse, version_id: str) -> pd.Series:
    """Raises RecordError where there is no such version, or it is not published."""
    if not version_id:
        last = last_published(warehouse)
        if last is None:
            raise RecordError("No plan is published yet. Approve and publish one, then hand it over.")
        return last
    found = warehouse.read("SELECT * FROM plan_version WHERE version_id = ?", [version_id])
    if found.empty:
        raise RecordError(f"There is no plan version {version_id}.")
    if found["status"][0] != "published":
        raise RecordError(f"'{found['name'][0]}' is {found['status'][0]}. Publish it, then hand it over.")
    return found.iloc[0]


def _header(warehouse: Warehouse, version: pd.Series) -> pd.Series:
    return warehouse.read(
        "SELECT content_hash, levers, scorecard FROM plan_snapshot WHERE snapshot_id = ?",
        [version["snapshot_id"]],
    ).iloc[0]


def _before(warehouse: Warehouse, version: pd.Series) -> pd.Series | None:
    """The version published before one that holds what is handed over, None where there is none."""
    found = warehouse.read(
        "SELECT * FROM plan_version WHERE status = 'published' AND version_id <> ? AND published_at <= ? "
        "AND snapshot_id IN (SELECT snapshot_id FROM plan_snapshot_cell WHERE measure = 'ship_from_units') "
        "ORDER BY published_at DESC, version_id DESC LIMIT 1",
        [version["version_id"], version["published_at"]],
    )
    return None if found.empty else found.iloc[0]
