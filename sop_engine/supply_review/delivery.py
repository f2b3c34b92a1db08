"""Who gets what: the solved queues shared out to markets and orders, on time, late or never.

Markets of a class share in proportion to their demand; a market's orders come before its forecast. Where
units wait without limit, what is due comes first and then the oldest; where they wait for a while, the
oldest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs
from sop_engine.supply_review.layout import Layout
from sop_engine.supply_review.structure import Claims, Queues, Structure, shipping

TRACE = 1e-6  # units below which a difference is the solver's tolerance


@dataclass(frozen=True, eq=False)
class Fulfilment:
    """What becomes of each claim; (claims, periods) units by due period, but late_at by period of delivery.

    waiting: due and not delivered within the plan, though the customer would still take it
    """

    on_time: np.ndarray
    late: np.ndarray
    late_at: np.ndarray
    lost: np.ndarray
    waiting: np.ndarray


@dataclass(frozen=True, eq=False)
class OrderFill:
    """(orders,) units on time, late and short; last: period of the last delivery, -1 for none."""

    on_time: np.ndarray
    late: np.ndarray
    short: np.ndarray
    last: np.ndarray


def unmet_units(layout: Layout, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(queues, periods) units unmet at the end of each period, and of waiting units those given up in it."""
    unmet = x[layout.unmet].sum(axis=0)
    given_up = np.zeros_like(unmet)
    given_up[layout.impatient] = x[layout.given_up]
    return unmet, given_up


def hold_back(queues: Queues, line: np.ndarray, unmet: np.ndarray) -> np.ndarray:
    """(queues, periods) units that must wait so that no delivery is called back later, `unmet` at least.

    W[t-1] = max(U[t-1], W[t] - asked[t]) where units wait without limit: what W exceeds U by stays in stock.

    >>> forever = Queues(np.zeros(1), np.ones(1), np.array([np.inf]))
    >>> hold_back(forever, np.array([[10., 0.]]), np.array([[0., 5.]]))
    array([[5., 5.]])
    """
    held, endless = unmet.copy(), np.isinf(queues.patience)
    for period in range(line.shape[1] - 1, 0, -1):
        needed = held[endless, period] - line[endless, period]
        held[endless, period - 1] = np.maximum(held[endless, period - 1], needed)
    return held


def shipments(queues: Queues, line: np.ndarray, unmet: np.ndarray, given_up: np.ndarray) -> np.ndarray:
    """(queues, periods) units shipped: asked for or waiting, and not unmet."""
    before = np.concatenate([np.zeros((len(line), 1)), unmet[:, :-1]], axis=1)
    waited = np.where((queues.patience > 0)[:, None], before, 0.0)
    shipped = line + waited - unmet - given_up
    return np.where(shipped > TRACE, shipped, 0.0)


def dispatch(queues: Queues, line: np.ndarray, shipped: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """(queues, periods due, periods shipped) units.

    line, gone: (queues, periods) units by the period they should ship, and units lost in a period
    """
    endless = np.isinf(queues.patience)
    at_once = np.where(endless[:, None], np.minimum(line, shipped), 0.0)
    sent, missed = shipped - at_once, np.where(endless[:, None], 0.0, gone)
    events = np.stack([sent, missed], axis=2).reshape(len(line), 2 * line.shape[1])
    sent_of = _overlap(line - at_once, events)[:, :, ::2]
    due = np.arange(line.shape[1])
    sent_of[:, due, due] += at_once
    return sent_of


def fulfil(
    inputs: Inputs, structure: Structure, claimed: np.ndarray, line: np.ndarray, sent: np.ndarray
) -> Fulfilment:
    """Share the queues' shipments to their claims.

    claimed: (claims, periods) units by due period; line: (queues, periods); sent: (queues, due, shipped)
    """
    claims, periods = structure.claims, claimed.shape[1]
    on_time, late, late_at = (np.zeros(claimed.shape) for _ in range(3))
    if not structure.described:
        return Fulfilment(claimed, late, late_at, late, late)
    ship, part = _parts(claims, claimed, line)
    due = np.arange(periods)
    queue = claims.queue
    fast = np.flatnonzero((queue >= 0) & (claims.shift == 0))
    on_time[fast] = part[fast] * sent[:, due, due][queue[fast]]
    dawdles = (sent.sum(axis=2) > sent[:, due, due] + TRACE).any(axis=1)
    slow = np.flatnonzero((queue >= 0) & ((claims.shift > 0) | (len(dawdles) > 0 and dawdles[queue])))
    if slow.size:
        units = part[slow][:, :, None] * sent[queue[slow, None], ship[slow]]
        arrive = np.broadcast_to(due + claims.shift[slow, None, None], units.shape)
        in_time, in_plan = arrive <= due[:, None], arrive < periods
        on_time[slow] = np.where(in_time, units, 0.0).sum(axis=2)
        later = np.where(in_plan & ~in_time, units, 0.0)
        late[slow] = later.sum(axis=2)
        at = np.arange(len(slow))[:, None, None] * periods + np.minimum(arrive, periods - 1)
        late_at[slow] = np.bincount(at.ravel(), later.ravel(), len(slow) * periods).reshape(
            len(slow), periods
        )
    open_ = claimed - on_time - late
    open_ = np.where(open_ > TRACE, open_, 0.0)
    unreachable = ~shipping(claims, periods)[1]
    waits = np.isinf(claims.patience)[:, None] & ~unreachable
    return Fulfilment(on_time, late, late_at, np.where(waits, 0.0, open_), np.where(waits, open_, 0.0))


def fill_orders(
    inputs: Inputs, structure: Structure, claimed: np.ndarray, line: np.ndarray, sent: np.ndarray
) -> OrderFill:
    """What each open order gets: a market's orders come before its forecast, in the order of the book."""
    claims, orders, periods = structure.claims, inputs.demand.orders, claimed.shape[1]
    if not structure.described:
        none = np.zeros(len(orders.units))
        return OrderFill(orders.units, none, none, orders.period)
    known = np.flatnonzero(claims.of_order >= 0)
    claim, due, units = claims.of_order[known], orders.period[known], orders.units[known]
    reached = claims.queue[claim] >= 0
    known, claim, due, units = known[reached], claim[reached], due[reached], units[reached]
    ship, part = _parts(claims, claimed, line)
    arriving = part[claim, due][:, None] * sent[claims.queue[claim], ship[claim, due]]
    got = _taken(arriving, _places(claim, due, units), units)
    arrive = np.arange(periods) + claims.shift[claim, None]
    got = np.where((arrive < periods) & (got > TRACE), got, 0.0)
    on_time, late, last = (
        np.zeros(len(orders.units)),
        np.zeros(len(orders.units)),
        np.full(len(orders.units), -1),
    )
    on_time[known] = np.where(arrive <= due[:, None], got, 0.0).sum(axis=1)
    late[known] = got.sum(axis=1) - on_time[known]
    last[known] = np.where(got > 0, arrive, -1).max(axis=1, initial=-1)
    short = orders.units - on_time - late
    return OrderFill(on_time, late, np.where(short > TRACE, short, 0.0), last)


def _parts(claims: Claims, claimed: np.ndarray, line: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(claims, periods) when units due ship, and their share of what the queue sends for that period."""
    ship, in_time = shipping(claims, claimed.shape[1])
    served = claims.queue >= 0
    whole = np.zeros(claimed.shape)
    whole[served] = line[claims.queue[served, None], ship[served]]
    asked = np.where(in_time, claimed, 0.0)
    return ship, np.divide(asked, whole, out=np.zeros_like(asked), where=whole > 0)


def _overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(n, i, j) length that the i-th piece of one line shares with the j-th of another, laid end to end."""
    end1, end2 = np.cumsum(first, axis=1)[:, :, None], np.cumsum(second, axis=1)[:, None, :]
    start1, start2 = end1 - first[:, :, None], end2 - second[:, None, :]
    return np.maximum(np.minimum(end1, end2) - np.maximum(start1, start2), 0.0)


def _taken(arriving: np.ndarray, place: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(n, periods) of what arrives, the part that falls to the units that stand at `place` in the line."""
    end = np.cumsum(arriving, axis=1)
    inside = np.minimum(end, (place + units)[:, None]) - np.maximum(end - arriving, place[:, None])
    return np.maximum(inside, 0.0)


def _places(claim: np.ndarray, due: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(orders,) units of earlier orders of the same claim and period."""
    order = np.lexsort((np.arange(len(claim)), due, claim))
    before = np.cumsum(units[order]) - units[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (claim[order][1:] != claim[order][:-1]) | (due[order][1:] != due[order][:-1])
    places = np.empty(len(order))
    places[order] = before - np.repeat(before[new], np.diff(np.append(np.flatnonzero(new), len(order))))
    return places
