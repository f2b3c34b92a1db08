"""The supply network: sites, resources, flows, bills, stock and its policy, aligned to products and plan
periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.errors import DataError
from sop_engine.inputs.calendar import ALWAYS, Calendar
from sop_engine.inputs.lanes import OtherLanes, read_lanes
from sop_engine.inputs.masters import Axis, Markets, Products
from sop_engine.inputs.stock_policy import read_policy, segment_levels
from sop_engine.inputs.tables import Tables, plan_positions, valid_from

MAKE, BUY, TRANSFER, SUBCONTRACT = "make", "buy", "transfer", "subcontract"


@dataclass(frozen=True, eq=False)
class Sites(Axis):
    """kind: (sites,) plant, warehouse or supplier; only the first two hold stock
    storage: (sites,) units of all products that it can store, NaN = no limit is known
    """

    labels: tuple[str, ...]
    name: np.ndarray
    kind: np.ndarray
    storage: np.ndarray
    noun = "site"


@dataclass(frozen=True, eq=False)
class Resources(Axis):
    """Arrays are (resources,) except available: (resources, periods) regular hours, NaN = no limit is known.

    site: position of the site; cost_per_hour, overtime_cost_per_hour: money; overtime_limit: share of
    available hours
    stations, hours_per_week: of one station, for named capacity moves; NaN = not known
    """

    labels: tuple[str, ...]
    name: np.ndarray
    site: np.ndarray
    available: np.ndarray
    cost_per_hour: np.ndarray
    overtime_cost_per_hour: np.ndarray
    overtime_limit: np.ndarray
    stations: np.ndarray
    hours_per_week: np.ndarray
    noun = "resource"


@dataclass(frozen=True, eq=False)
class Edges:
    """Ways to get a product to a site; one row per sourcing row and routing alternative. Arrays are (edges,).

    labels: "BK-1 | Plant | make" (and the alternative where there are several)
    mode: make, buy, transfer or subcontract; product, site (to), source (from): positions
    make and subcontract consume the product's bill at `site`; transfer takes the product out of `source`
    lead_days: days from start to receipt; unit_cost: conversion, price or freight, money per unit
    minimum, multiple: units per order (NaN none); limit: (edges, periods) units a period, NaN = none
    priority: 1 is preferred; yield_: good units per unit started
    hours: rows of (edge, resource, hours per good unit)
    """

    labels: tuple[str, ...]
    mode: np.ndarray
    product: np.ndarray
    site: np.ndarray
    source: np.ndarray
    lead_days: np.ndarray
    unit_cost: np.ndarray
    minimum: np.ndarray
    multiple: np.ndarray
    limit: np.ndarray
    priority: np.ndarray
    yield_: np.ndarray
    hours_edge: np.ndarray
    hours_resource: np.ndarray
    hours_per_unit: np.ndarray


@dataclass(frozen=True, eq=False)
class Bill:
    """Bill of material rows: parent, component positions (rows,); quantity (rows, periods) per good parent,
    scrap included,
    0 where not in effect."""

    parent: np.ndarray
    component: np.ndarray
    quantity: np.ndarray


@dataclass(frozen=True, eq=False)
class Network:
    """Sites, resources, flows and bills; who serves whom; stock now and how much of it is wanted.

    lane_site: (markets,) position of the site that serves the market first, -1 = no lane
    lane_cost: (markets,) money per unit; lane_days: (markets,) days in transit
    other_lanes: which sites serve it where the first one cannot
    on_hand: (products, sites) units free to use; receipts: (products, sites, periods) open orders arriving
    service_level: (products, sites) share, NaN = no policy
    safety_stock: (products, sites, periods) units the planner stated, NaN = from the service level
    min_cover, max_cover: (products, sites) periods of demand, NaN = none
    """

    sites: Sites
    resources: Resources
    edges: Edges
    bill: Bill
    lane_site: np.ndarray
    lane_cost: np.ndarray
    lane_days: np.ndarray
    other_lanes: OtherLanes
    on_hand: np.ndarray
    receipts: np.ndarray
    service_level: np.ndarray
    safety_stock: np.ndarray
    min_cover: np.ndarray
    max_cover: np.ndarray

    @property
    def states_stock(self) -> bool:
        """Whether any stock or open order is loaded; where none is, what is left of it is not known."""
        return bool(self.on_hand.any() or self.receipts.any())


def read_network(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> Network:
    """The network of the master data as seen from the cycle."""
    sites = _read_sites(tables)
    resources = _read_resources(tables, calendar, sites)
    lanes = read_lanes(tables, sites, markets)
    on_hand, receipts = _read_stock(tables, calendar, products, sites)
    by_segment = segment_levels(tables, calendar, products, markets)
    policy = read_policy(tables, calendar, products, sites, lanes["lane_site"], by_segment)
    return Network(
        sites=sites,
        resources=resources,
        edges=_read_edges(tables, calendar, products, sites, resources),
        bill=_read_bill(tables, calendar, products),
        on_hand=on_hand,
        receipts=receipts,
        **lanes,
        **policy,
    )


def _read_sites(tables: Tables) -> Sites:
    frame = tables["site"]
    return Sites(
        labels=tuple(frame["site"]),
        name=frame["name"].where(frame["name"] != "", frame["site"]).to_numpy(dtype=object),
        kind=frame["kind"].to_numpy(dtype=object),
        storage=frame["storage_units"].to_numpy(dtype=float),
    )


def _read_resources(tables: Tables, calendar: Calendar, sites: Sites) -> Resources:
    frame = tables["resource"]
    return Resources(
        labels=tuple(frame["resource"]),
        name=frame["name"].where(frame["name"] != "", frame["resource"]).to_numpy(dtype=object),
        site=sites.index(frame["site"]),
        available=_available_hours(frame, tables["capacity"], calendar),
        cost_per_hour=frame["cost_per_hour"].fillna(0.0).to_numpy(dtype=float),
        overtime_cost_per_hour=frame["overtime_cost_per_hour"]
        .fillna(frame["cost_per_hour"])
        .fillna(0.0)
        .to_numpy(dtype=float),
        overtime_limit=frame["overtime_limit_pct"].fillna(0.0).to_numpy(dtype=float) / 100,
        stations=frame["stations"].to_numpy(dtype=float),
        hours_per_week=frame["hours_per_week"].to_numpy(dtype=float),
    )


def _available_hours(resource: pd.DataFrame, capacity: pd.DataFrame, calendar: Calendar) -> np.ndarray:
    """(resources, periods) hours: the capacity table's, else stations x hours x working days.

    Where stations are not known the table's last value is carried on. A resource of which neither is known
    has NaN: no limit is known, so none is planned with. Raises DataError for a row of another resource.
    """
    efficiency = resource["efficiency_pct"].fillna(100.0) / 100
    weekly = (resource["stations"] * resource["hours_per_week"] * efficiency).to_numpy(dtype=float)
    days = calendar.working_days[calendar.now : calendar.now + calendar.periods]
    hours = weekly[:, None] / 5 * days
    position = {label: i for i, label in enumerate(resource["resource"])}
    unknown = sorted(set(capacity["resource"]) - set(position))
    if unknown:
        raise DataError(
            f"Unknown resource in capacity: {', '.join(unknown[:5])}. Load the resource table that holds it."
        )
    known = valid_from(capacity.dropna(subset=["available_hours"]), calendar)
    always = known["period"].to_numpy(dtype="datetime64[D]") == ALWAYS
    past = plan_positions(calendar, known["period"], 0) < 0
    for label, start, value, whole, over in zip(
        known["resource"], known["start"], known["available_hours"], always, past, strict=True
    ):
        row = position[label]
        if whole or np.isnan(weekly[row]):
            hours[row, start:] = value
        elif not over:
            hours[row, start] = value
    return hours


def _read_bill(tables: Tables, calendar: Calendar, products: Products) -> Bill:
    frame = tables["bill_of_material"]
    first = plan_positions(calendar, frame["from_period"], 0)
    last = plan_positions(calendar, frame["to_period"], calendar.periods)
    periods = np.arange(calendar.periods)
    in_effect = (periods >= first[:, None]) & (periods <= last[:, None])
    quantity = frame["quantity_per"] * (1 + frame["scrap_pct"].fillna(0.0) / 100)
    used = in_effect.any(axis=1)
    return Bill(
        parent=products.index(frame["parent"])[used],
        component=products.index(frame["component"])[used],
        quantity=(quantity.to_numpy(dtype=float)[:, None] * in_effect)[used],
    )


def _read_edges(
    tables: Tables, calendar: Calendar, products: Products, sites: Sites, resources: Resources
) -> Edges:
    """One edge per sourcing row and routing alternative whose resources stand at the edge's source; a
    transfer has no routing.
    """
    sourcing = tables["sourcing"]
    sourcing["source"] = sourcing["source"].where(sourcing["source"] != "", sourcing["site"])
    routes = _routes(tables["routing"], resources)
    names, rows, ranks, yields, hours = [], [], [], [], []
    unrouted: list[Route] = [("", [], 1.0)]
    for row in sourcing.itertuples():
        key = (row.product, sites.positions.get(row.source, -1))
        known = unrouted if row.mode == TRANSFER else routes.get(key, unrouted)
        for rank, (alternative, steps, good) in enumerate(known):
            edge = len(rows)
            hours += [(edge, resource, per_unit) for resource, per_unit in steps]
            names.append(" | ".join(filter(None, [row.product, row.source, row.site, row.mode, alternative])))
            rows.append(row.Index)
            ranks.append(rank)
            yields.append(good)
    chosen = sourcing.loc[rows].reset_index(drop=True)
    links = np.array(hours, dtype=float).reshape(-1, 3)
    return Edges(
        labels=tuple(names),
        mode=chosen["mode"].to_numpy(dtype=object),
        product=products.index(chosen["product"]),
        site=sites.index(chosen["site"]),
        source=sites.index(chosen["source"]),
        lead_days=chosen["lead_time_days"].to_numpy(dtype=float),
        unit_cost=chosen["unit_cost"].fillna(0.0).to_numpy(dtype=float),
        minimum=chosen["minimum_quantity"].to_numpy(dtype=float),
        multiple=chosen["multiple_quantity"].to_numpy(dtype=float),
        limit=_edge_limits(sourcing, calendar)[rows],
        priority=chosen["priority"].fillna(1.0).to_numpy(dtype=float) + np.array(ranks, dtype=float) / 1000,
        yield_=np.array(yields, dtype=float),
        hours_edge=links[:, 0].astype(int),
        hours_resource=links[:, 1].astype(int),
        hours_per_unit=links[:, 2],
    )


Route = tuple[str, list[tuple[int, float]], float]


def _routes(routing: pd.DataFrame, resources: Resources) -> dict[tuple[str, int], list[Route]]:
    """{(product, site): alternatives}, each with its name, its (resource, hours per good unit) steps and its
    yield.

    Steps add up; an alternative takes, for every step that it does not name, that step's first row.
    """
    frame = routing.assign(
        resource=resources.index(routing["resource"]), priority=routing["priority"].fillna(1.0)
    )
    frame["site"] = resources.site[frame["resource"]] if len(frame) else []
    routes: dict[tuple[str, int], list[Route]] = {}
    for key, rows in frame.sort_values(["priority", "step", "alternative"]).groupby(
        ["product", "site"], sort=True
    ):
        names = list(dict.fromkeys(rows["alternative"]))
        routes[key] = [_route(name if len(names) > 1 else "", rows, name) for name in names]
    return routes


def _route(label: str, rows: pd.DataFrame, alternative: str) -> Route:
    own = rows.assign(other=rows["alternative"] != alternative).sort_values("other", kind="stable")
    steps = own.drop_duplicates("step")
    good = float((steps["yield_pct"].fillna(100.0) / 100).prod())
    return (
        label,
        [(int(r), float(h) / good) for r, h in zip(steps["resource"], steps["hours_per_unit"], strict=True)],
        good,
    )


def _edge_limits(sourcing: pd.DataFrame, calendar: Calendar) -> np.ndarray:
    """(sourcing rows, periods) units a period: the row's limit while it is in effect, 0 before and after, NaN
    for none.
    """
    first = plan_positions(calendar, sourcing["from_period"], 0)
    key = ["product", "site", "source", "mode"]
    following = (
        sourcing.assign(first=first).groupby(key, sort=False)["first"].shift(-1).fillna(calendar.periods)
    )
    periods = np.arange(calendar.periods)
    in_effect = (periods >= first[:, None]) & (periods < following.to_numpy(dtype=float)[:, None])
    return np.where(in_effect, sourcing["period_limit"].to_numpy(dtype=float)[:, None], 0.0)


def _read_stock(
    tables: Tables, calendar: Calendar, products: Products, sites: Sites
) -> tuple[np.ndarray, np.ndarray]:
    """Free stock now and open orders arriving; an overdue receipt arrives in the first period."""
    shape = (len(products), len(sites))
    on_hand, receipts = np.zeros(shape), np.zeros((*shape, calendar.periods))
    stock = tables["inventory_on_hand"]
    free = (stock["units"] - stock["allocated"].fillna(0.0)).clip(lower=0.0)
    np.add.at(
        on_hand, (products.index(stock["product"]), sites.index(stock["site"])), free.to_numpy(dtype=float)
    )
    due = tables["scheduled_receipt"]
    due = due.assign(start=np.maximum(plan_positions(calendar, due["period"], 0), 0))
    due = due[due["start"] < calendar.periods]
    cells = (products.index(due["product"]), sites.index(due["site"]), due["start"].to_numpy(dtype=int))
    np.add.at(receipts, cells, due["units"].to_numpy(dtype=float))
    return on_hand, receipts
