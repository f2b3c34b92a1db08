"""A small company as `Inputs`, built by hand: A and B are made of F at a plant and sold from a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar, months_calendar
from sop_engine.inputs.demand import DemandInputs, StoredBaseline
from sop_engine.inputs.lanes import OtherLanes
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.money import DatedLines, MoneyInputs
from sop_engine.inputs.network import BUY, MAKE, TRANSFER, Bill, Edges, Network, Resources, Sites
from sop_engine.inputs.orders import Orders
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE, Scenario

SETTINGS = {
    "horizon_periods": 6,
    "beyond_periods": 2,
    "frozen_periods": 1,
    "slushy_periods": 1,
    "fair_share": 0,
    "max_cover_in_plan": 0,
    "stability_weight_pct": 0.5,
    "anchor_periods": 6,
    "demand_fence_periods": 0,
    "fiscal_year_start": 1,
    "carrying_rate_pct": 15,
    "review_days": 30,
    "receivable_days": 30,
    "payable_days": 30,
    "opening_receivables": np.nan,
    "opening_payables": np.nan,
    "extra_shift_hours_per_week": 40,
    "extra_shift_one_off": 1000,
    "extra_shift_lead_periods": 2,
    "saturday_hours_per_week": 8,
    "saturday_lead_periods": 1,
    "exit_transfer_pct": 50,
}
PRODUCTS, MARKETS, SITES = ("A", "B", "F"), ("East", "West"), ("Plant", "Store", "Vendor")
EDGE = {
    "lead_days": 0.0,
    "unit_cost": 1.0,
    "limit": np.nan,
    "priority": 1.0,
    "yield_": 1.0,
    "source": "",
    "hours": {},
}
Rows = Sequence[Mapping[str, Any]]

COMPANY: dict[str, Any] = {
    "products": PRODUCTS,
    "markets": {"East": {"priority": 1, "backlog": False}, "West": {"priority": 1, "backlog": True}},
    "sites": {"Plant": "plant", "Store": "warehouse", "Vendor": "supplier"},
    "resources": {
        "Line": {
            "site": "Plant",
            "hours": 200.0,
            "overtime": 0.1,
            "cost": 20.0,
            "overtime_cost": 30.0,
            "stations": 1.0,
        }
    },
    "edges": (
        {"product": "A", "site": "Plant", "mode": MAKE, "hours": {"Line": 1.0}, "unit_cost": 20.0},
        {"product": "B", "site": "Plant", "mode": MAKE, "hours": {"Line": 0.5}, "unit_cost": 10.0},
        {
            "product": "F",
            "site": "Plant",
            "mode": BUY,
            "source": "Vendor",
            "unit_cost": 5.0,
            "lead_days": 15.0,
        },
        {"product": "A", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 3.0},
        {"product": "B", "site": "Store", "mode": TRANSFER, "source": "Plant", "lead_days": 3.0},
    ),
    "bill": {("A", "F"): 1.0, ("B", "F"): 2.0},
    "lanes": {"East": ("Store", 0.0), "West": ("Store", 0.0)},
    "lane_cost": {},
    "other_lanes": (),
    "demand": {("A", "East"): 60.0, ("A", "West"): 40.0, ("B", "East"): 50.0, ("B", "West"): 30.0},
    "on_hand": {("A", "Store"): 120.0, ("B", "Store"): 90.0, ("F", "Plant"): 400.0},
    "receipts": {},
    "service_level": {("A", "Store"): 0.95, ("B", "Store"): 0.95},
    "min_cover": {("F", "Plant"): 0.5},
    "max_cover": {},
    "storage": {},
    "shelf_life": {},
    "error_sd": {"A": 10.0, "B": 5.0},
    "price": {("A", "East"): 100.0, ("A", "West"): 100.0, ("B", "East"): 60.0, ("B", "West"): 60.0},
    "unit_cost": {"A": 60.0, "B": 40.0, "F": 5.0},
    "orders": (),
    "settings": {},
    "calendar": None,
}


def small_company(**changes: Any) -> Inputs:
    """The inputs of COMPANY with some of its entries replaced; `settings` and `calendar` likewise.

    Units, hours and prices are a number for every period or one per period. Nothing random, nothing read.
    """
    unknown = set(changes) - set(COMPANY)
    if unknown:
        raise TypeError(f"no such part of the small company: {sorted(unknown)}")
    parts = {**COMPANY, **changes}
    settings = {**SETTINGS, **parts["settings"]}
    calendar = parts["calendar"] or months_calendar(
        np.datetime64("2012-01-01"), np.datetime64("2014-01-01"), settings
    )
    products, markets = _products(parts, calendar), _markets(parts)
    return Inputs(
        version="test",
        cycle=calendar.plan_labels[0],
        company="Small",
        calendar=calendar,
        products=products,
        markets=markets,
        demand=_demand(parts, calendar, products, markets),
        network=_network(parts, calendar, products, markets),
        money=_money(parts, calendar, products, markets),
        settings=settings,
    )


def demand_of(inputs: Inputs, scenario: Scenario = BASELINE) -> DemandPlan:
    """The demand plan of a scenario."""
    return plan_demand(inputs, scenario, plan_portfolio(inputs, scenario))


def day_calendar(first: str, days: int, history: int = 3) -> Calendar:
    """One bucket a day; the plan starts on `first`, after `history` days."""
    starts = np.datetime64(first) - history + np.arange(history + days)
    return Calendar(
        starts=starts,
        ends=starts,
        labels=tuple(str(day) for day in starts),
        working_days=np.ones(len(starts)),
        now=history,
        horizon=days,
        beyond=0,
        frozen=0,
        slushy=0,
        fiscal_year_start=1,
        season=365,
    )


def _products(parts: Mapping[str, Any], calendar: Calendar) -> Products:
    labels = tuple(parts["products"])
    text = np.array(["" for _ in labels], dtype=object)
    sold = {product for product, _ in parts["demand"]}
    return Products(
        labels=labels,
        name=np.array(labels, dtype=object),
        family=text,
        category=text,
        stage=text,
        sellable=np.array([label in sold for label in labels], dtype=bool),
        start=np.zeros(len(labels), dtype=int),
        end=np.full(len(labels), calendar.periods),
        predecessor=np.full(len(labels), -1),
        shelf_life_periods=np.array(
            [parts["shelf_life"].get(label, np.nan) for label in labels], dtype=float
        ),
    )


def _markets(parts: Mapping[str, Any]) -> Markets:
    labels, rows = tuple(parts["markets"]), parts["markets"].values()
    text = np.array(labels, dtype=object)
    return Markets(
        labels=labels,
        name=text,
        region=text,
        channel=text,
        currency=np.array(["USD" for _ in labels], dtype=object),
        priority=np.array([row["priority"] for row in rows], dtype=float),
        backlog=np.array([row["backlog"] for row in rows], dtype=bool),
    )


def _grid(
    cells: Mapping[tuple[str, str], Any],
    rows: Sequence[str],
    columns: Sequence[str],
    periods: int,
    empty: float,
) -> np.ndarray:
    """(rows, columns, periods) of {(row, column): number or one per period}."""
    grid = np.full((len(rows), len(columns), periods), empty)
    for (row, column), value in cells.items():
        grid[rows.index(row), columns.index(column)] = value
    return grid


def _demand(
    parts: Mapping[str, Any], calendar: Calendar, products: Products, markets: Markets
) -> DemandInputs:
    units = _grid(parts["demand"], products.labels, markets.labels, calendar.periods, 0.0)
    past = np.zeros((*units.shape[:2], calendar.now))
    band = units.sum(axis=1)
    error = np.array([parts["error_sd"].get(label, np.nan) for label in products.labels], dtype=float)
    kind = np.array(["regular" for _ in products.labels], dtype=object)
    unknown = np.full(len(products), np.nan)
    return DemandInputs(
        history=past,
        revenue_history=past,
        baseline=StoredBaseline(units, band, band, band, band, error, kind, {}),
        streams=(),
        stream_weights={},
        events=(),
        overrides=(),
        orders=_orders(parts["orders"], calendar, products, markets),
        launches=(),
        phase_outs=(),
        elasticity=unknown,
        elasticity_error=unknown,
    )


def _orders(rows: Rows, calendar: Calendar, products: Products, markets: Markets) -> Orders:
    def column(name: str, empty: float = np.nan) -> np.ndarray:
        return np.array([row.get(name, empty) for row in rows], dtype=float)

    first = calendar.starts[calendar.now]
    return Orders(
        labels=tuple(row["order"] for row in rows),
        product=products.index(row["product"] for row in rows),
        market=markets.index(row["market"] for row in rows),
        period=column("period").astype(int),
        overdue=np.zeros(len(rows), dtype=bool),
        day=calendar.starts[calendar.now + column("period").astype(int)],
        units=column("units"),
        priority=column("priority"),
        max_late=column("max_late"),
        shipped=np.zeros((len(products), len(markets))),
        as_of=first,
        rests_on="",
    )


def _network(parts: Mapping[str, Any], calendar: Calendar, products: Products, markets: Markets) -> Network:
    sites = tuple(parts["sites"])
    shape, periods = (len(products), len(sites)), calendar.periods
    lanes = [parts["lanes"].get(market, ("", np.nan)) for market in markets.labels]
    at_sites = {
        name: _grid(parts[name], products.labels, sites, 1, empty)[:, :, 0]
        for name, empty in (
            ("on_hand", 0.0),
            ("service_level", np.nan),
            ("min_cover", np.nan),
            ("max_cover", np.nan),
        )
    }
    resources = _resources(parts["resources"], sites, periods)
    return Network(
        sites=Sites(
            sites,
            np.array(sites, dtype=object),
            np.array(list(parts["sites"].values()), dtype=object),
            np.array([parts["storage"].get(site, np.nan) for site in sites], dtype=float),
        ),
        resources=resources,
        edges=_edges(parts["edges"], products, sites, resources, periods),
        bill=Bill(
            parent=products.index(parent for parent, _ in parts["bill"]),
            component=products.index(component for _, component in parts["bill"]),
            quantity=np.array([np.broadcast_to(q, periods) for q in parts["bill"].values()]).reshape(
                -1, periods
            ),
        ),
        lane_site=np.array([sites.index(site) if site else -1 for site, _ in lanes], dtype=int),
        lane_cost=np.array([parts["lane_cost"].get(market, 0.0) for market in markets.labels], dtype=float),
        lane_days=np.array([days for _, days in lanes], dtype=float),
        other_lanes=_other_lanes(parts["other_lanes"], markets, sites),
        receipts=_grid(parts["receipts"], products.labels, sites, periods, 0.0),
        safety_stock=np.full((*shape, periods), np.nan),
        **at_sites,
    )


def _other_lanes(rows: Rows, markets: Markets, sites: Sequence[str]) -> OtherLanes:
    """Rows of market, site, cost, days and rank, in the order in which they serve."""
    return OtherLanes(
        market=markets.index(row["market"] for row in rows),
        site=np.array([sites.index(row["site"]) for row in rows], dtype=int),
        cost=np.array([row.get("cost", 0.0) for row in rows], dtype=float),
        days=np.array([row.get("days", 0.0) for row in rows], dtype=float),
        rank=np.array([row.get("rank", 1) for row in rows], dtype=int),
    )


def _resources(rows: Mapping[str, Mapping[str, Any]], sites: Sequence[str], periods: int) -> Resources:
    def column(name: str) -> np.ndarray:
        return np.array([row.get(name, np.nan) for row in rows.values()], dtype=float)

    return Resources(
        labels=tuple(rows),
        name=np.array(list(rows), dtype=object),
        site=np.array([sites.index(row["site"]) for row in rows.values()], dtype=int),
        available=np.array(
            [np.broadcast_to(row["hours"], periods) for row in rows.values()], dtype=float
        ).reshape(-1, periods),
        cost_per_hour=column("cost"),
        overtime_cost_per_hour=column("overtime_cost"),
        overtime_limit=column("overtime"),
        stations=column("stations"),
        hours_per_week=column("hours_per_week"),
    )


def _edges(rows: Rows, products: Products, sites: Sequence[str], resources: Resources, periods: int) -> Edges:
    rows = [{**EDGE, **row} for row in rows]

    def column(name: str) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype=float)

    hours = [
        (e, resources.labels.index(name), per_unit)
        for e, row in enumerate(rows)
        for name, per_unit in row["hours"].items()
    ]
    return Edges(
        labels=tuple(f"{row['product']} | {row['source']} | {row['site']} | {row['mode']}" for row in rows),
        mode=np.array([row["mode"] for row in rows], dtype=object),
        product=products.index(row["product"] for row in rows),
        site=np.array([sites.index(row["site"]) for row in rows], dtype=int),
        source=np.array([sites.index(row["source"]) if row["source"] else -1 for row in rows], dtype=int),
        lead_days=column("lead_days"),
        unit_cost=column("unit_cost"),
        minimum=np.full(len(rows), np.nan),
        multiple=np.full(len(rows), np.nan),
        limit=np.array([np.broadcast_to(row["limit"], periods) for row in rows], dtype=float).reshape(
            -1, periods
        ),
        priority=column("priority"),
        yield_=column("yield_"),
        hours_edge=np.array([h[0] for h in hours], dtype=int),
        hours_resource=np.array([h[1] for h in hours], dtype=int),
        hours_per_unit=np.array([h[2] for h in hours], dtype=float),
    )


def _money(parts: Mapping[str, Any], calendar: Calendar, products: Products, markets: Markets) -> MoneyInputs:
    price = _grid(parts["price"], products.labels, markets.labels, calendar.periods, np.nan)
    cost = np.array(
        [np.broadcast_to(parts["unit_cost"].get(p, np.nan), calendar.periods) for p in products.labels],
        dtype=float,
    )
    cost = cost.reshape(len(products), calendar.periods)
    return MoneyInputs(
        base_currency="USD",
        price=price,
        rate=np.ones((len(markets), calendar.periods)),
        budget_rate=np.full((len(markets), calendar.periods), np.nan),
        unit_cost=cost,
        material_cost=cost * 0.5,
        past_rate=np.ones((len(markets), calendar.now)),
        past_budget_rate=np.full((len(markets), calendar.now), np.nan),
        past_cost=np.full((len(products), calendar.now), np.nan),
        price_lines=_no_lines(price.shape),
        cost_lines=_no_lines(cost.shape),
        rate_lines=_no_lines((len(markets), calendar.periods)),
        accounts=(),
        fixed_cost=np.zeros((0, calendar.periods)),
        budgets={},
        prior_revenue=np.zeros(price.shape),
        prior_units=np.zeros(price.shape),
    )


def _no_lines(shape: tuple[int, ...]) -> DatedLines:
    """Values that come from no dated table."""
    nothing = np.array([], dtype=object)
    return DatedLines(np.full(shape, -1), nothing, nothing)
