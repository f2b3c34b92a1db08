"""The open order book, and what was shipped since the plan began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, plan_positions


@dataclass(frozen=True, eq=False)
class Orders:
    """The open order book; arrays are (orders,).

    period: plan index of the requested date, 0 for those overdue (overdue is True); day: the requested date
    priority: 1 first, NaN = the market's; max_late: periods an order may wait, NaN = the market's policy
    shipped: (products, markets) units shipped in the first plan period so far
    as_of: the latest day that the data knows of the first plan period: of its last shipment, else of the last
    requested date in it, else its first day; rests_on: "shipments", "requested dates" or ""
    """

    labels: tuple[str, ...]
    product: np.ndarray
    market: np.ndarray
    period: np.ndarray
    overdue: np.ndarray
    day: np.ndarray
    units: np.ndarray
    priority: np.ndarray
    max_late: np.ndarray
    shipped: np.ndarray
    as_of: np.datetime64
    rests_on: str


def read_orders(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> Orders:
    """Open orders of this plan; those requested before now are due at once."""
    frame = tables["order_book"]
    period = plan_positions(calendar, frame["period"], 0)
    inside = period < calendar.periods
    frame, period = frame[inside], period[inside]
    day = frame["period"].to_numpy(dtype="datetime64[D]")
    shipped, ship_days = _read_shipped(tables, calendar, products, markets)
    as_of, rests_on = _latest(calendar, ship_days, day[period == 0])
    return Orders(
        labels=tuple(frame["order"]),
        product=products.index(frame["product"]),
        market=markets.index(frame["market"]),
        period=np.maximum(period, 0),
        overdue=period < 0,
        day=day,
        units=frame["units"].to_numpy(dtype=float),
        priority=frame["priority"].to_numpy(dtype=float),
        max_late=frame["max_late_periods"].to_numpy(dtype=float),
        shipped=shipped,
        as_of=as_of,
        rests_on=rests_on,
    )


def _read_shipped(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[np.ndarray, np.ndarray]:
    """(products, markets) units shipped in the first plan period, and the days of these shipments."""
    frame = tables["delivery_history"]
    frame = frame[plan_positions(calendar, frame["ship_date"], 0) == 0]
    shipped = np.zeros((len(products), len(markets)))
    cells = products.index(frame["product"]), markets.index(frame["market"])
    np.add.at(shipped, cells, frame["shipped_units"].fillna(0.0).to_numpy(dtype=float))
    return shipped, frame["ship_date"].to_numpy(dtype="datetime64[D]")


def _latest(calendar: Calendar, shipped: np.ndarray, requested: np.ndarray) -> tuple[np.datetime64, str]:
    """Requested dates that all stand on the first day are months, which say nothing of days."""
    first = calendar.starts[calendar.now]
    if shipped.size:
        return shipped.max(), "shipments"
    if requested.size and requested.max() > first:
        return requested.max(), "requested dates"
    return first, ""
