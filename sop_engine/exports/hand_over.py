"""The hand-over: what execution needs of a published plan, from the plan as it was kept: the same for ever.

One CSV per subject, the list of changes since the publication before, what each column means, and a manifest
with counts and hashes. Periods stand as their first day.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from sop_engine.errors import RecordError, SopError
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.exports.hand_over_changes import Changes, changes_since
from sop_engine.exports.tables import DECIMALS, plain_text
from sop_engine.records.readers import last_published, snapshot_cells
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse, open_warehouse

MEASURES = ("ship_from_units", "flow", "received", "target_units", "unit_cost")
UNITS_DUST = 1e-6  # less is left of an order by rounding
_PERIOD = "date, first day of the period"
COLUMNS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "consensus": {
        "product": ("text", "product"),
        "ship_from": ("text", "site that serves the demand's market first; blank where none does"),
        "period": (_PERIOD, "when it is due"),
        "demand_units": ("units", "unconstrained demand that the reviews agreed"),
    },
    "production": {
        "product": ("text", "product"),
        "site": ("text", "site that receives it"),
        "route": ("text", "how it is made: product, where, for which site, mode, alternative"),
        "mode": ("make or subcontract", "who makes it"),
        "period": (_PERIOD, "when it is started"),
        "start_units": ("units", "good units to start"),
    },
    "purchases": {
        "product": ("text", "product"),
        "supplier": ("text", "who is ordered from"),
        "site": ("text", "site that receives it"),
        "order_period": (_PERIOD, "when it is ordered"),
        "arrival_period": (_PERIOD, "when it arrives, first ordered first in; blank after the plan's end"),
        "order_units": ("units", "units to order"),
    },
    "transfers": {
        "product": ("text", "product"),
        "from_site": ("text", "site that ships"),
        "to_site": ("text", "site that receives"),
        "ship_period": (_PERIOD, "when it leaves"),
        "arrival_period": (_PERIOD, "when it arrives, first shipped first in; blank after the plan's end"),
        "transfer_units": ("units", "units to move"),
    },
    "stock_targets": {
        "product": ("text", "product"),
        "site": ("text", "site"),
        "period": (_PERIOD, "at whose end"),
        "target_units": ("units", "stock that the policy wants"),
    },
    "changes": {
        "subject": ("text", "file that the line is about"),
        "change": (
            "new, gone, more, less, new period",
            "what became of it; a new period is past the last plan",
        ),
        "product": ("text", "product"),
        "from": ("text", "supplier or site it comes from; blank where there is none"),
        "site": ("text", "site"),
        "period": (_PERIOD, "when it is due, started, ordered, shipped or held"),
        "before": ("units", "of the publication before"),
        "now": ("units", "of this one"),
        "change_units": ("units", "now less before"),
        "change_value": (
            "money, base currency",
            "change_units at standard cost; blank where no cost is known",
        ),
        "sentence": ("text", "the line in words"),
    },
}
_ROUTE = re.compile(r"(.*) \| (.*?) \| (.*?) \| (make|buy|transfer|subcontract)(?: \| .*)?")


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
    tables, cost = _kept(warehouse, version)
    before = _before(warehouse, version)
    last = None if before is None else _kept(warehouse, before)[0]
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


def route_parts(labels: pd.Series) -> pd.DataFrame:
    """product, source, site and mode of routes; rows as the labels. Raises RecordError for another text.

    >>> route_parts(pd.Series(["BK-1 | Plant | Plant | make | night"])).iloc[0].to_list()
    ['BK-1', 'Plant', 'Plant', 'make']
    """
    found = {label: _ROUTE.fullmatch(label) for label in labels.unique()}
    unread = [label for label, parts in found.items() if parts is None]
    if unread:
        raise RecordError(f"'{unread[0]}' is no route. It reads: product | source | site | mode.")
    parts = {label: match.groups() for label, match in found.items()}
    rows = [parts[label] for label in labels]
    return pd.DataFrame(rows, columns=["product", "source", "site", "mode"], index=labels.index)


def matched(ordered: np.ndarray, received: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(routes, order periods, arrival periods) units, first ordered first in, and (routes, order periods)
    units that arrive after the plan's end. ordered, received: (routes, periods) units.
    """
    due, came = np.cumsum(ordered, axis=1), np.cumsum(received, axis=1)
    ends = np.minimum(due[:, :, None], came[:, None, :])
    starts = np.maximum((due - ordered)[:, :, None], (came - received)[:, None, :])
    pairs = np.clip(ends - starts, 0.0, None)
    rest = ordered - pairs.sum(axis=2)
    return np.where(pairs > UNITS_DUST, pairs, 0.0), np.where(rest > UNITS_DUST, rest, 0.0)


def _kept(warehouse: Warehouse, version: pd.Series) -> tuple[dict[str, pd.DataFrame], pd.Series]:
    """{file: rows} of the reported periods of a kept plan, and its standard costs by (product, period).

    Raises RecordError where the plan was kept without them.
    """
    snapshot_id = str(version["snapshot_id"])
    cells = snapshot_cells(warehouse, snapshot_id, MEASURES)
    if cells.empty:
        raise RecordError(
            f"The plan '{version['name']}' was kept without what is handed over. Publish a newer one."
        )
    cells["period"] = cells["period"].astype("datetime64[ns]")
    last = warehouse.read(
        "SELECT max(period) AS period FROM plan_snapshot_cell WHERE snapshot_id = ? "
        "AND measure NOT IN ('flow', 'received')",
        [snapshot_id],
    )["period"].astype("datetime64[ns]")[0]
    of = {measure: cells[cells["measure"] == measure] for measure in MEASURES}
    tables = {
        "consensus": of["ship_from_units"].rename(columns={"site": "ship_from", "value": "demand_units"}),
        **_flows(of["flow"], of["received"], last),
        "stock_targets": of["target_units"].rename(columns={"value": "target_units"}),
    }
    tables = {name: _sorted(tables[name], name) for name in COLUMNS if name in tables}
    return tables, of["unit_cost"].set_index(["product", "period"])["value"]


def _flows(flow: pd.DataFrame, received: pd.DataFrame, last: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """Production, purchases and transfers started up to the last reported period."""
    made = flow.join(route_parts(flow["product"].rename("label")), rsuffix="_made")
    made = made.rename(columns={"product": "route", "product_made": "product", "site_made": "into"})
    production = made[made["mode"].isin(["make", "subcontract"]) & (made["period"] <= last)]
    production = production.drop(columns="site").rename(columns={"into": "site", "value": "start_units"})
    moved = _arrivals(flow, received)
    moved = moved[moved["start"] <= last]
    bought, shipped = (moved[moved["mode"] == mode] for mode in ("buy", "transfer"))
    arrival = {"arrival": "arrival_period"}
    return {
        "production": production,
        "purchases": bought.rename(
            columns={"source": "supplier", "start": "order_period", "units": "order_units", **arrival}
        ),
        "transfers": shipped.rename(
            columns={
                "source": "from_site",
                "site": "to_site",
                "start": "ship_period",
                "units": "transfer_units",
                **arrival,
            }
        ),
    }


def _arrivals(flow: pd.DataFrame, received: pd.DataFrame) -> pd.DataFrame:
    """product, source, site, mode, start, arrival, units: what is started and when it arrives."""
    periods = pd.DatetimeIndex(sorted({*flow["period"], *received["period"]}))
    routes = pd.Index(sorted(flow["product"].unique()))
    ordered, came = (
        rows.pivot_table(index="product", columns="period", values="value", aggfunc="sum")
        .reindex(index=routes, columns=periods)
        .fillna(0.0)
        .to_numpy()
        .reshape(len(routes), len(periods))
        for rows in (flow, received)
    )
    pairs, rest = matched(ordered, came)
    route, start, arrival = np.nonzero(pairs)
    late_route, late_start = np.nonzero(rest)
    rows = pd.DataFrame(
        {
            "route": routes[np.concatenate([route, late_route])],
            "start": periods[np.concatenate([start, late_start])],
            "arrival": periods[arrival].append(pd.DatetimeIndex([pd.NaT] * len(late_route))),
            "units": np.concatenate([pairs[route, start, arrival], rest[late_route, late_start]]),
        }
    )
    return pd.concat([rows, route_parts(rows["route"])], axis=1)


def _sorted(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns of a file, summed over what they do not name, in their order."""
    *keys, units = COLUMNS[name]
    return rows.groupby(keys, dropna=False, sort=True)[units].sum().reset_index()


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
