"""Order minimums and multiples: the plan is continuous, and this says where orders would be rounded, and to
what. Nothing of it goes back into the plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs

TRACE = 1e-6  # units below which nothing is ordered


@dataclass(frozen=True)
class RoundedOrder:
    """An order that the minimum or the multiple of its edge changes.

    edge, period: positions, the period being that of the start
    planned, rounded: units; extra: units by which all rounded orders so far exceed the planned ones, in stock
    at the period's end; money: of the extra at the period's unit cost, NaN where that is not known. Extra and
    money are levels at the period's end: they do not add up over periods.
    """

    edge: int
    period: int
    planned: float
    rounded: float
    extra: float
    money: float


def rounded_orders(inputs: Inputs, flow: np.ndarray) -> tuple[RoundedOrder, ...]:
    """Where order minimums and multiples are not met, by edge and period; limits and hours are not looked at.

    What earlier rounding brought too much is used up before more is ordered, so that an order may also become
    smaller or vanish; up to any period never less is ordered than planned.
    flow: (edges, periods) units started
    """
    edges = inputs.network.edges
    ruled = np.flatnonzero((np.nan_to_num(edges.minimum) > 0) | (np.nan_to_num(edges.multiple) > 0))
    rounded = flow[ruled].copy()
    extra = np.zeros(rounded.shape)
    for row, edge in enumerate(ruled):
        least, step = np.nan_to_num(edges.minimum[edge]), np.nan_to_num(edges.multiple[edge])
        rounded[row], extra[row] = _rounded(flow[edge], float(least), float(step))
    money = extra * inputs.money.unit_cost[edges.product[ruled]]
    return tuple(
        RoundedOrder(int(ruled[row]), t, *(float(a[row, t]) for a in (flow[ruled], rounded, extra, money)))
        for row, t in np.argwhere(np.abs(rounded - flow[ruled]) > TRACE).tolist()
    )


def round_up(units: float, least: float, step: float) -> float:
    """The smallest order that covers the units, is no less than `least` and a multiple of `step`; 0 is none.

    >>> round_up(30.0, 50.0, 0.0), round_up(30.0, 50.0, 40.0), round_up(0.0, 50.0, 40.0)
    (50.0, 80.0, 0.0)
    """
    if units <= TRACE:
        return 0.0
    order = max(units, least)
    return float(np.ceil(order / step - TRACE) * step) if step else order


def _rounded(planned: np.ndarray, least: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """(periods,) rounded orders, and what they exceed the planned ones by at the end of each period."""
    orders, extra, over = np.zeros(len(planned)), np.zeros(len(planned)), 0.0
    for period, units in enumerate(planned.tolist()):
        orders[period] = round_up(units - over, least, step)
        over = max(over + orders[period] - units, 0.0)
        extra[period] = over
    return orders, extra
