"""Promotions, price moves and other dated events that change demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, plan_positions


@dataclass(frozen=True)
class Event:
    """A dated effect on demand: lift in % of the cell and/or units spread over the cells; cost in money."""

    event: str
    products: np.ndarray
    markets: np.ndarray
    first: int
    last: int
    lift_pct: float
    lift_units: float
    cost: float
    owner: str


def read_events(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[Event, ...]:
    """Events that touch the plan, except the rejected ones."""
    frame = tables["event"]
    first, last = (plan_positions(calendar, frame[c], 0) for c in ("from_period", "to_period"))
    numbers = frame[["lift_pct", "lift_units", "cost"]].fillna(0.0)
    return tuple(
        Event(
            event=row.event,
            products=products.group(row.product or row.family),
            markets=markets.group(row.market),
            first=int(first[row.Index]),
            last=int(last[row.Index]),
            lift_pct=numbers.lift_pct[row.Index],
            lift_units=numbers.lift_units[row.Index],
            cost=numbers.cost[row.Index],
            owner=row.owner,
        )
        for row in frame.itertuples()
        if row.status not in ("rejected", "cancelled")
        and last[row.Index] >= 0
        and first[row.Index] < calendar.periods
    )
