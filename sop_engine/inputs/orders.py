"""The open order book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, plan_positions


@dataclass(frozen=True, eq=False)
class Orders:
    """The open order book; arrays are (orders,).

    period: plan index of the requested date, 0 for those overdue (overdue is True)
    priority: 1 first, NaN = the market's; max_late: periods an order may wait, NaN = the market's policy
    """

    labels: tuple[str, ...]
    product: np.ndarray
    market: np.ndarray
    period: np.ndarray
    overdue: np.ndarray
    units: np.ndarray
    priority: np.ndarray
    max_late: np.ndarray


def read_orders(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> Orders:
    """Open orders of this plan; those requested before now are due at once."""
    frame = tables["order_book"]
    period = plan_positions(calendar, frame["period"], 0)
    inside = period < calendar.periods
    frame, period = frame[inside], period[inside]
    return Orders(
        labels=tuple(frame["order"]),
        product=products.index(frame["product"]),
        market=markets.index(frame["market"]),
        period=np.maximum(period, 0),
        overdue=period < 0,
        units=frame["units"].to_numpy(dtype=float),
        priority=frame["priority"].to_numpy(dtype=float),
        max_late=frame["max_late_periods"].to_numpy(dtype=float),
    )
