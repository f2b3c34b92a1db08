"""From the planner's tables to the arrays that the plan uses: what a table says, what stays outside by its
date, what arrives, and the rows that do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.inputs.reader import history_version
from sop_engine.inputs.tables import Tables
from sop_engine.pre_sop.consistency import Check, Row
from sop_engine.warehouse import Warehouse

DATA = "Data to plan"
_SHARE = 1e-9  # of the amount: sums in another order
_NAMED = 200  # rows that are named
_MEASURES = ("units", "revenue", "gross_margin")


@dataclass(frozen=True, eq=False)
class Arrival:
    """A measure of a table on its way into the plan, in `unit`.

    table_sum: of all rows; outside: of rows that the plan leaves out by their date; arrived: in the arrays
    lost: rows that say something and reach no array, with why
    """

    name: str
    table: str
    unit: str
    table_sum: float
    outside: float
    outside_words: str
    arrived: float
    lost: tuple[Row, ...] = ()

    @property
    def residual(self) -> float:
        return abs(self.table_sum - self.outside - self.arrived)


def arrivals(inputs: Inputs, warehouse: Warehouse) -> tuple[Arrival, ...]:
    """Every measure that is followed, in the order of the process; tables without a row are left out."""
    tables = Tables(warehouse.read)
    followed: tuple[Callable[[Inputs, Tables], Iterator[Arrival]], ...] = (
        masters,
        launches,
        history,
        orders,
        stock,
        receipts,
        prices,
        unit_costs,
        budgets,
    )
    found = [one for follow in followed for one in follow(inputs, tables)]
    return (*found, stored_baseline(inputs, warehouse))


def arrival_check(arrival: Arrival) -> Check:
    """What the table says, less what lies outside the plan's dates, is what the plan uses; no row is lost."""
    words = f" - {arrival.outside_words}" if arrival.outside_words else ""
    where = arrival.lost[0].key if arrival.lost else ""
    return Check(
        name=arrival.name,
        statement=f"{arrival.table}{words} = the plan's",
        residual=arrival.residual,
        tolerance=max(1e-6, _SHARE * abs(arrival.table_sum)),
        unit=arrival.unit,
        where=where,
        part=DATA,
        rows=arrival.lost,
    )


def arrival_table(found: tuple[Arrival, ...]) -> pd.DataFrame:
    """measure, table, unit, in the table, outside the plan, why, in the plan, residual."""
    columns = [
        "measure",
        "table",
        "unit",
        "in the table",
        "outside the plan",
        "why",
        "in the plan",
        "residual",
    ]
    rows = [
        (a.name, a.table, a.unit, a.table_sum, a.outside, a.outside_words, a.arrived, a.residual)
        for a in found
    ]
    return pd.DataFrame(rows, columns=columns)


def masters(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Rows of the masters and labels of the axes."""
    network = inputs.network
    axes = {
        "product": inputs.products,
        "market": inputs.markets,
        "site": network.sites,
        "resource": network.resources,
    }
    for table, axis in axes.items():
        if rows := len(tables[table]):
            yield Arrival(f"{table}s".capitalize(), table, "rows", rows, 0, "", len(axis.positions))


def launches(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Projects of the pipeline, and products that end."""
    demand = inputs.demand
    for table, arrived in (("pipeline", demand.launches), ("phase_out", demand.phase_outs)):
        if rows := len(tables[table]):
            yield Arrival(f"Rows of {table}", table, "rows", rows, 0, "", len(arrived))


def history(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Units and revenue of the past; what was sold from the plan's first period on is not history yet."""
    frame, demand = tables["sales_history"], inputs.demand
    later = _days(frame["period"]) >= inputs.calendar.starts[inputs.calendar.now]
    for measure, array in (("units", demand.history), ("revenue", demand.revenue_history)):
        if frame[measure].isna().all():
            continue
        unit = "units" if measure == "units" else inputs.money.base_currency
        yield Arrival(
            name=f"History, {measure}",
            table=f"sales_history.{measure}",
            unit=unit,
            table_sum=_sum(frame[measure]),
            outside=_sum(frame[measure][later]),
            outside_words="after the plan's start" if later.any() else "",
            arrived=_sum(array),
        )


def stored_baseline(inputs: Inputs, warehouse: Warehouse) -> Arrival:
    """The statistical baseline as it was fitted and stored for this history."""
    first = inputs.calendar.starts[inputs.calendar.now].item()
    sql = "SELECT sum(units) AS units FROM baseline WHERE data_version = ? AND cycle = ?"
    stored = float(warehouse.read(sql, [history_version(warehouse), first])["units"][0])
    arrived = _sum(inputs.demand.baseline.units)
    return Arrival("Statistical baseline", "baseline.units", "units", stored, 0.0, "", arrived)


def orders(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Open orders; those requested after the planned periods wait for a later cycle."""
    frame = tables["order_book"]
    if frame.empty:
        return
    beyond = _days(frame["period"]) > _last_day(inputs)
    yield Arrival(
        name="Open orders",
        table="order_book.units",
        unit="units",
        table_sum=_sum(frame["units"]),
        outside=_sum(frame["units"][beyond]),
        outside_words="requested beyond the plan" if beyond.any() else "",
        arrived=_sum(inputs.demand.orders.units),
    )


def stock(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Stock that is free: on hand less what is allocated; the plan cannot start below nothing."""
    frame = tables["inventory_on_hand"]
    if frame.empty:
        return
    free = frame["units"] - frame["allocated"].fillna(0.0)
    why = "is allocated above what is on hand, so the plan starts with 0"
    below = tuple(
        Row("inventory_on_hand", f"{row.product}, {row.site}", "allocated", f"{row.allocated:g}", why)
        for row in frame[free < 0].head(_NAMED).itertuples()
    )
    yield Arrival(
        name="Free stock",
        table="inventory_on_hand.units - allocated",
        unit="units",
        table_sum=_sum(free),
        outside=0.0,
        outside_words="",
        arrived=_sum(inputs.network.on_hand),
        lost=below,
    )


def receipts(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Open orders to suppliers and plants; those due after the planned periods stay outside."""
    frame = tables["scheduled_receipt"]
    if frame.empty:
        return
    beyond = _days(frame["period"]) > _last_day(inputs)
    yield Arrival(
        name="Open receipts",
        table="scheduled_receipt.units",
        unit="units",
        table_sum=_sum(frame["units"]),
        outside=_sum(frame["units"][beyond]),
        outside_words="due beyond the plan" if beyond.any() else "",
        arrived=_sum(inputs.network.receipts),
    )


def prices(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Prices in force, summed over products, markets and periods: the latest of the market, else of all, else
    that of the pipeline.
    """
    frame, products, markets = tables["price"], inputs.products.labels, inputs.markets.labels
    if frame.empty:
        return
    known = _in_force(frame, ["product", "market"], "price", inputs)
    nothing = np.full(inputs.calendar.periods, np.nan)
    launched = {row.product: row.price / inputs.money.rate for row in tables["pipeline"].itertuples()}
    total = 0.0
    for product in products:
        common = known.get((product, ""), nothing)
        for at, market in enumerate(markets):
            price = _or(known.get((product, market), nothing), common)
            total += _sum(_or(price, launched[product][at]) if product in launched else price)
    name, words = "Prices in force", "price, the latest in each period"
    yield Arrival(name, words, "sum of prices", total, 0.0, "", _sum(inputs.money.price))


def unit_costs(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Unit costs in force, summed over products and periods: the latest, else that of the pipeline."""
    frame = tables["unit_cost"]
    if frame.empty:
        return
    known = _in_force(frame, ["product"], "unit_cost", inputs)
    launched = {row.product: row.unit_cost for row in tables["pipeline"].itertuples()}
    nothing = np.full(inputs.calendar.periods, np.nan)
    total = sum(
        _sum(_or(known.get((product,), nothing), launched.get(product, np.nan)))
        for product in inputs.products.labels
    )
    name, words = "Unit costs in force", "unit_cost, the latest in each period"
    yield Arrival(name, words, "sum of costs", total, 0.0, "", _sum(inputs.money.unit_cost))


def budgets(inputs: Inputs, tables: Tables) -> Iterator[Arrival]:
    """Units and money of each version of the budget; years that are not planned stay outside."""
    frame, calendar = tables["budget"], inputs.calendar
    days = _days(frame["period"])
    outside = (days < calendar.starts[calendar.now]) | (days > _last_day(inputs))
    for version, lines in inputs.money.budgets.items():
        mine = (frame["version"] == version).to_numpy()
        for measure in _MEASURES:
            if frame[measure][mine].isna().all():
                continue
            yield Arrival(
                name=f"Budget {version}, {measure.replace('_', ' ')}",
                table=f"budget.{measure}",
                unit="units" if measure == "units" else inputs.money.base_currency,
                table_sum=_sum(frame[measure][mine]),
                outside=_sum(frame[measure][mine & outside]),
                outside_words="of periods not planned" if (mine & outside).any() else "",
                arrived=_sum(getattr(lines, measure)),
            )


def _in_force(frame: pd.DataFrame, keys: list[str], column: str, inputs: Inputs) -> dict[tuple, np.ndarray]:
    """{labels: (periods,) the latest value that is valid by the period's end, NaN where there is none}."""
    ends, found = _bucket_ends(inputs), {}
    for key, rows in frame.sort_values("period", kind="stable").groupby(keys, sort=False):
        known = np.append(rows[column].to_numpy(dtype=float), np.nan)
        found[key] = known[np.searchsorted(_days(rows["period"]), ends, side="right") - 1]
    return found


def _bucket_ends(inputs: Inputs) -> np.ndarray:
    calendar = inputs.calendar
    return calendar.ends[calendar.now : calendar.now + calendar.periods]


def _last_day(inputs: Inputs) -> np.datetime64:
    return _bucket_ends(inputs)[-1]


def _days(periods: pd.Series) -> np.ndarray:
    return periods.to_numpy(dtype="datetime64[D]")


def _or(values: np.ndarray, otherwise: np.ndarray | float) -> np.ndarray:
    return np.where(np.isnan(values), otherwise, values)


def _sum(values: np.ndarray | pd.Series) -> float:
    return float(np.nansum(np.asarray(values, dtype=float)))
