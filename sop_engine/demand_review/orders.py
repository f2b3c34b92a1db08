"""The order book inside the demand plan: netting, the demand time fence and the pace of the month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sop_engine.inputs import Inputs


@dataclass(frozen=True, eq=False)
class Pace:
    """The first plan period at `as_of`; arrays (products, markets), units.

    elapsed, total: working days up to and including as_of, and of the period
    forecast: consensus of the period; shipped: so far; due: open orders requested in it by as_of; later: open
    orders requested in it after that
    """

    as_of: np.datetime64
    rests_on: str
    elapsed: float
    total: float
    forecast: np.ndarray
    shipped: np.ndarray
    due: np.ndarray
    later: np.ndarray

    @property
    def secured(self) -> np.ndarray:
        """Shipped or on order for this period."""
        return self.shipped + self.due + self.later

    @property
    def projected(self) -> np.ndarray:
        """What the period ends at if its days go on as they began, never less than is secured; NaN where no
        day is known.
        """
        if not self.rests_on or self.elapsed <= 0:
            return np.full(self.forecast.shape, np.nan)
        return np.maximum((self.shipped + self.due) * self.total / self.elapsed, self.secured)


@lru_cache(maxsize=4)  # no lever touches the order book
def order_units(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """(products, markets, periods) open orders by requested period, and the overdue part of them."""
    book = inputs.demand.orders
    orders, overdue = np.zeros((2, *inputs.demand.baseline.units.shape))
    planned = book.period < inputs.calendar.periods
    cells = (book.product[planned], book.market[planned], book.period[planned])
    np.add.at(orders, cells, book.units[planned])
    np.add.at(overdue, cells, np.where(book.overdue, book.units, 0.0)[planned])
    for array in (orders, overdue):
        array.setflags(write=False)
    return orders, overdue


def forecast_left(forecast: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Forecast that its period's orders have not consumed: max(forecast - orders, 0), cell by cell.

    An order consumes the forecast of its own product, market and period; what it exceeds that by consumes
    neither earlier nor later periods. Overdue orders consume nothing: leave them out of `orders`.

    >>> forecast_left(np.full(3, 350.0), np.array([130.0, 100.0, 80.0]))
    array([220., 250., 270.])
    """
    return np.maximum(forecast - orders, 0.0)


def unfenced(forecast: np.ndarray, orders: np.ndarray, overdue: np.ndarray) -> np.ndarray:
    """Demand without a fence: what is larger, orders or forecast, and the overdue orders on top."""
    return np.maximum(forecast, orders - overdue) + overdue


def fenced(demand: np.ndarray, orders: np.ndarray, fence: int) -> np.ndarray:
    """Demand of which the first `fence` periods, those inside the demand time fence, are open orders only:
    what is not ordered by then is dropped. Arrays (..., periods).

    >>> orders = np.array([39.0, 42.0, 39.0, 33.0, 23.0])
    >>> fenced(unfenced(np.full(5, 40.0), orders, np.zeros(5)), orders, 3)
    array([39., 42., 39., 40., 40.])
    """
    return np.where(np.arange(demand.shape[-1]) < fence, orders, demand)


def pace(inputs: Inputs, consensus: np.ndarray) -> Pace:
    """How far the first plan period has come. consensus: (products, markets, periods) units, before orders
    are netted in.
    """
    book, calendar = inputs.demand.orders, inputs.calendar
    start, end = calendar.starts[calendar.now], calendar.ends[calendar.now]
    total = float(calendar.working_days[calendar.now])
    weekdays = np.busday_count(start, end + 1)
    gone = np.busday_count(start, book.as_of + 1) if book.rests_on else 0
    now = (book.period == 0) & ~book.overdue
    by_then = np.zeros((2, *book.shipped.shape))
    after = (book.day > book.as_of).astype(int)
    np.add.at(by_then, (after[now], book.product[now], book.market[now]), book.units[now])
    return Pace(
        as_of=book.as_of,
        rests_on=book.rests_on,
        elapsed=total * float(gone) / max(float(weekdays), 1.0),
        total=total,
        forecast=consensus[:, :, 0],
        shipped=book.shipped,
        due=by_then[0],
        later=by_then[1],
    )
