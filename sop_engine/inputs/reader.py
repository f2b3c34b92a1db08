"""The only reader of plan data: one data version, seen from one cycle, as `Inputs`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
import pandas as pd

from sop_engine.errors import DataError
from sop_engine.inputs.anchor import Anchor, read_anchor
from sop_engine.inputs.calendar import Calendar, months_calendar, own_calendar
from sop_engine.inputs.demand import DemandInputs, StoredBaseline, read_demand
from sop_engine.inputs.history import ACTIVE, corrected_history, read_history
from sop_engine.inputs.judgement import Override, read_locks, read_overrides
from sop_engine.inputs.lifecycle import read_launches
from sop_engine.inputs.masters import Markets, Products, read_markets, read_products
from sop_engine.inputs.money import MoneyInputs, read_money
from sop_engine.inputs.network import Network, read_network
from sop_engine.inputs.requests import Adopted, read_adopted
from sop_engine.inputs.tables import Tables, read_settings
from sop_engine.warehouse import Warehouse

NAMED = 6  # characters of a version by which people name it
HISTORY_TABLES = (
    "sales_history",
    "driver",
    "product",
    "market",
    "calendar",
    "setting",
)  # what the statistical baseline depends on


@dataclass(frozen=True, eq=False)
class Inputs:
    """The data of one version, seen from one cycle.

    version: hash of the planner's tables, accepted corrections and the anchor, whose first NAMED characters
    are those of the warehouse's data version, by which people name it; after a dash, of what is judged
    cycle: label of the first plan period
    settings: numbers of the setting table over their defaults
    anchor: the plan published by an earlier cycle, None where there is none
    adopted: the levers of accepted requests, beneath those of every scenario; in the order they were accepted
    """

    version: str
    cycle: str
    company: str
    calendar: Calendar
    products: Products
    markets: Markets
    demand: DemandInputs
    network: Network
    money: MoneyInputs
    settings: Mapping[str, float]
    anchor: Anchor | None = None
    adopted: tuple[Adopted, ...] = ()


@dataclass(frozen=True, eq=False)
class Scene:
    """Calendar, masters and history of a cycle: all that the baseline is fitted on.

    units, revenue: (products, markets, past buckets) as loaded; cleaned: units with the accepted corrections
    """

    calendar: Calendar
    products: Products
    markets: Markets
    units: np.ndarray
    cleaned: np.ndarray
    revenue: np.ndarray
    settings: Mapping[str, float]
    company: str
    base_currency: str


def read_inputs(warehouse: Warehouse, cycle: str | None = None) -> Inputs:
    """The inputs of `cycle` (a bucket label or date; by default the bucket after the last complete history).

    Raises DataError when there is no sales history, or when the baseline was not fitted for this data yet.
    """
    tables = Tables(warehouse.read)
    version = warehouse.data_version()
    scene = read_scene(warehouse, cycle)
    baseline, elasticity = _read_fit(warehouse, scene)
    calendar, products, markets = scene.calendar, scene.products, scene.markets
    network = read_network(tables, calendar, products, markets)
    launches = read_launches(tables, calendar, products)
    money = read_money(
        tables, calendar, products, markets, scene.base_currency, scene.revenue, scene.units, launches
    )
    history = (scene.units, scene.revenue)
    demand = read_demand(
        tables, calendar, products, markets, history, baseline, elasticity, dict(scene.settings)
    )
    anchor = read_anchor(warehouse, calendar, network.edges)
    adopted = read_adopted(tables, calendar)
    if warehouse.data_version() != version:  # a load was published meanwhile: take it whole
        return read_inputs(warehouse, cycle)
    inputs = Inputs(
        version=_version(
            version, history_version(warehouse) + (anchor.version_id if anchor else ""), demand, adopted
        ),
        cycle=calendar.labels[calendar.now],
        company=scene.company,
        calendar=calendar,
        products=products,
        markets=markets,
        demand=demand,
        network=network,
        money=money,
        settings=scene.settings,
        anchor=anchor,
        adopted=adopted,
    )
    _freeze(inputs)
    return inputs


def with_judgement(inputs: Inputs, tables: Tables) -> Inputs:
    """The same data with the overrides, locks and accepted requests as they are recorded now: a few
    milliseconds, where `read_inputs` takes all tables. For inputs whose planner data and corrections have not
    changed.
    """
    axes = inputs.calendar, inputs.products, inputs.markets
    demand = replace(inputs.demand, overrides=read_overrides(tables, *axes), locks=read_locks(tables, *axes))
    _freeze((demand.overrides, demand.locks))
    return _judged_anew(inputs, demand, read_adopted(tables, inputs.calendar))


def settled(inputs: Inputs, judged: int = 0) -> Inputs:
    """The same data with only the first `judged` overrides of this cycle, and no request accepted in it; with
    none of them it is what the cycle's frozen zone was planned on.
    """
    earlier = tuple(override for override in inputs.demand.overrides if override.cycle < inputs.cycle)
    kept = earlier + tuple(o for o in inputs.demand.overrides if o.cycle >= inputs.cycle)[:judged]
    last = max((override.created_at for override in kept if override.created_at), default=None)
    locks = tuple(lock for lock in inputs.demand.locks if last and lock.created_at <= last)
    demand = replace(inputs.demand, overrides=kept, locks=locks)
    adopted = tuple(request for request in inputs.adopted if request.cycle < inputs.cycle)
    return _judged_anew(inputs, demand, adopted)


def without_request(inputs: Inputs, request_id: str, override_id: str) -> Inputs:
    """The same data without what an accepted request put into the plan."""
    overrides = tuple(o for o in inputs.demand.overrides if o.override_id != override_id)
    adopted = tuple(request for request in inputs.adopted if request.request_id != request_id)
    return _judged_anew(inputs, replace(inputs.demand, overrides=overrides), adopted)


def with_override(inputs: Inputs, override: Override) -> Inputs:
    """The same data as it would be with one override more; nothing is written."""
    overrides = (*inputs.demand.overrides, override)
    return _judged_anew(inputs, replace(inputs.demand, overrides=overrides), inputs.adopted)


def read_scene(warehouse: Warehouse, cycle: str | None = None) -> Scene:
    """What the statistical baseline of a cycle is fitted on. Raises DataError when there is no sales
    history.
    """
    tables = Tables(warehouse.read)
    company, base_currency, settings = read_settings(tables)
    calendar = read_calendar(tables, settings, cycle)
    products = read_products(tables, calendar)
    markets = read_markets(tables, base_currency)
    units, revenue = read_history(tables, calendar, products, markets)
    cleaned = corrected_history(units, tables.read(ACTIVE), calendar, products, markets)
    return Scene(calendar, products, markets, units, cleaned, revenue, settings, company, base_currency)


def read_calendar(tables: Tables, settings: dict[str, float], cycle: str | None) -> Calendar:
    """Calendar months, or the planner's own buckets where the calendar table holds any."""
    span = tables.read("SELECT min(period) AS first, max(period) AS last FROM sales_history").iloc[0]
    if pd.isna(span["first"]):
        raise DataError("No sales history is loaded. Load sales_history.csv: product, market, period, units.")
    first, last = (np.datetime64(span[name], "D") for name in ("first", "last"))
    own = tables.read("SELECT * FROM calendar ORDER BY start_date")
    if own.empty:
        now = _cycle_day(cycle) if cycle else (last.astype("datetime64[M]") + 1).astype("datetime64[D]")
        return months_calendar(first, now, settings)
    starts, ends = (own[name].to_numpy(dtype="datetime64[D]") for name in ("start_date", "end_date"))
    following = starts[np.searchsorted(starts, last, side="right") :]
    if not cycle and not following.size:
        raise DataError(
            f"The calendar ends before the plan begins: no bucket starts after the last sale, {last}."
        )
    now = _cycle_day(cycle) if cycle else following[0]
    days = own["working_days"].to_numpy(dtype=float)
    return own_calendar(starts, ends, _bucket_labels(own["period"]), days, now, settings)


def history_version(warehouse: Warehouse) -> str:
    """Hash of what the statistical baseline depends on: planner's tables and accepted corrections."""
    rows = warehouse.read('SELECT "table", content_hash FROM data_version ORDER BY "table"')
    kept = rows[rows["table"].isin(HISTORY_TABLES)]
    words = "".join(kept["table"] + kept["content_hash"])
    for row in warehouse.read(ACTIVE).itertuples():
        words += f"|{row.cycle}|{row.product}|{row.market}|{row.period:%Y-%m-%d}|{row.units!r}"
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _bucket_labels(periods: pd.Series) -> list[str]:
    """YYYY-MM where every bucket has its own month, else the date."""
    months = [str(day)[:7] for day in periods.to_numpy(dtype="datetime64[D]")]
    return (
        months
        if len(set(months)) == len(months)
        else [str(day) for day in periods.to_numpy(dtype="datetime64[D]")]
    )


def _cycle_day(cycle: str) -> np.datetime64:
    try:
        return np.datetime64(cycle, "D")
    except ValueError as fault:
        raise DataError(f"'{cycle}' is no cycle. Write a month as YYYY-MM, for example 2014-01.") from fault


def _read_fit(warehouse: Warehouse, scene: Scene) -> tuple[StoredBaseline, pd.DataFrame]:
    """The stored baseline and elasticities of this history and cycle."""
    calendar, products, markets = scene.calendar, scene.products, scene.markets
    key = [history_version(warehouse), calendar.starts[calendar.now].item()]
    where = "WHERE data_version = ? AND cycle = ?"
    series = warehouse.read(f"SELECT product, kind, error_sd FROM baseline_series {where}", key).set_index(
        "product"
    )
    if series.empty:
        raise DataError(
            "The statistical baseline is not fitted for this data yet. A plan fits it: "
            "python -m sop_engine plan --out plan"
        )
    cells = warehouse.read(f"SELECT product, market, period, units FROM baseline {where}", key)
    bands = warehouse.read(f"SELECT * FROM baseline_band {where} ORDER BY level, label, period", key)
    elasticity = warehouse.read(f"SELECT * FROM elasticity {where}", key)
    coverage = warehouse.read(f"SELECT coverage80 FROM baseline_fit {where}", key)["coverage80"]
    units = np.zeros((len(products), len(markets), calendar.periods))
    period = calendar.locate(cells["period"].to_numpy(dtype="datetime64[D]")) - calendar.now
    units[products.index(cells["product"]), markets.index(cells["market"]), period] = cells["units"]
    edges = ["units", "lo80", "hi80", "lo95", "hi95"]
    by_label = {key: _by_period(rows, edges, calendar) for key, rows in bands.groupby(["level", "label"])}
    nothing = np.full((len(edges), calendar.periods), np.nan)
    by_product = np.array([by_label.get(("product", label), nothing) for label in products.labels]).reshape(
        -1, *nothing.shape
    )
    series = series.reindex(list(products.labels))
    baseline = StoredBaseline(
        units=units,
        lo80=by_product[:, 1],
        hi80=by_product[:, 2],
        lo95=by_product[:, 3],
        hi95=by_product[:, 4],
        error_sd=series["error_sd"].to_numpy(dtype=float),
        kind=series["kind"].fillna("none").to_numpy(dtype=object),
        bands={key: band for key, band in by_label.items() if key[0] != "product"},
        coverage80=float(coverage.iloc[0]),
    )
    return baseline, elasticity


def _by_period(rows: pd.DataFrame, columns: list[str], calendar: Calendar) -> np.ndarray:
    """(columns, periods) of one label's rows; NaN in periods without a row."""
    laid = np.full((len(columns), calendar.periods), np.nan)
    period = calendar.locate(rows["period"].to_numpy(dtype="datetime64[D]")) - calendar.now
    laid[:, period] = rows[columns].to_numpy(dtype=float).T
    return laid


def _judged_anew(inputs: Inputs, demand: DemandInputs, adopted: tuple[Adopted, ...]) -> Inputs:
    loaded = inputs.version.partition("-")[0]
    version = f"{loaded}-{_judged(demand, adopted)}"
    return replace(inputs, demand=demand, adopted=adopted, version=version)


def _version(data_version: str, more: str, demand: DemandInputs, adopted: tuple[Adopted, ...]) -> str:
    """Two hashes: of the data, which begins as the warehouse's own, and of what is judged on it.

    more: what the data hangs on beside the planner's tables
    """
    named = data_version[:NAMED]
    return f"{named}{_short_hash(data_version + more)[NAMED:]}-{_judged(demand, adopted)}"


def _judged(demand: DemandInputs, adopted: tuple[Adopted, ...]) -> str:
    overrides = (f"{o.override_id}|{o.kind}|{o.value}|{o.first}|{o.last}" for o in demand.overrides)
    locks = (f"{lock.lock_id}|{lock.first}|{lock.last}" for lock in demand.locks)
    requests = (f"{request.request_id}|{request.levers}" for request in adopted)
    return _short_hash("\n".join((*overrides, *locks, *requests)))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _freeze(value: object) -> None:
    """Makes every array of a tree of dataclasses read-only, so that no step can change its inputs."""
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif is_dataclass(value):
        for item in fields(value):
            _freeze(getattr(value, item.name))
    elif isinstance(value, (dict, tuple)):
        for inner in value.values() if isinstance(value, dict) else value:
            _freeze(inner)
