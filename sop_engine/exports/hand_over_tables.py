"""The tables that are handed over, from the cells of a kept plan: demand, production, purchases, transfers,
stock targets.

A kept plan has what each route starts and what arrives by it; orders and arrivals are matched first ordered
first in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from sop_engine.errors import RecordError
from sop_engine.records.readers import snapshot_cells
from sop_engine.warehouse import Warehouse

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


def kept_tables(warehouse: Warehouse, version: pd.Series) -> tuple[dict[str, pd.DataFrame], pd.Series]:
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
