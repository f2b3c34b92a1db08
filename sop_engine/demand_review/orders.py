"""The order book inside the demand plan."""

from __future__ import annotations

import numpy as np

from sop_engine.inputs import Inputs


def order_units(inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
    """(products, markets, periods) open orders by requested period, and the overdue part of them."""
    book = inputs.demand.orders
    orders, overdue = np.zeros((2, *inputs.demand.baseline.units.shape))
    planned = book.period < inputs.calendar.periods
    cells = (book.product[planned], book.market[planned], book.period[planned])
    np.add.at(orders, cells, book.units[planned])
    np.add.at(overdue, cells, np.where(book.overdue, book.units, 0.0)[planned])
    return orders, overdue
