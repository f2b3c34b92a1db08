"""Taking products out: which stand in the tail, what their exit loses, keeps and leaves behind, and the exits
that a scenario tries.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.inputs.lifecycle import PhaseOut
from sop_engine.scenario import Lever, LeverKind

NO_STOCK = -1.0  # of a run-out: there is nothing to run out


def in_tail(health: pd.DataFrame, above_pct: float | None = None) -> pd.Series:
    """Bool per row of `portfolio_health`: class C or, with `above_pct`, those after that cumulative share;
    and what sold nothing in the year.
    """
    if above_pct is None:
        return (health["abc"] == "C") | ~(health["units"] > 0)
    return (health["cumulative_pct"] - health["share_pct"]).round(9) >= above_pct


def exit_list(
    inputs: Inputs,
    active: np.ndarray,
    units: np.ndarray,
    margin: np.ndarray,
    dependent: np.ndarray,
    end: int,
    transfer: float,
) -> pd.DataFrame:
    """What the exit of each product alone does, one row per product of the master in its order.

    active: (products, periods) bool; units, margin: (products, periods) planned demand and its margin in base
    currency, NaN where no price or cost is known; end: first period in which it is no longer sold
    transfer: share of the units that move to its successors or, without any, to the rest of its family
    run_out: plan index in which demand and bills have used up stock and open orders, NO_STOCK where there are
    none, NaN where they outlast the plan
    left, left_money: stock and open orders less demand until the exit and what bills need in the whole plan,
    units and standard cost
    parts_left_money: the same of the parts that go into no other product; all three NaN where no stock is
    loaded
    lost_units, lost_margin: planned in the year after the exit, or to the plan's end
    kept_units, kept_margin: what takers take of it, at their own average margin a unit; takers: how many
    """
    year = slice(end, min(end + inputs.calendar.season, inputs.calendar.horizon))
    lost_units, lost_margin = units[:, year].sum(axis=1), margin[:, year].sum(axis=1)
    takers, each = _receivers(inputs, active, lost_units, lost_margin)
    kept = np.where(takers > 0, transfer, 0.0) * lost_units
    held, asked = _available(inputs), units[:, :end].sum(axis=1)
    known = 1.0 if inputs.network.states_stock else np.nan
    left = np.maximum(held - asked - dependent.sum(axis=1), 0.0)
    cost = inputs.money.unit_cost[:, 0]
    return pd.DataFrame(
        {
            "product": np.array(inputs.products.labels, dtype=object),
            "run_out": _run_out(held, units + dependent),
            "left": known * left,
            "left_money": known * _worth(left, cost),
            "parts_left_money": known * _parts_left(inputs, active, asked, held, cost),
            "lost_units": lost_units,
            "lost_margin": lost_margin,
            "takers": takers,
            "kept_units": kept,
            "kept_margin": np.where(kept > 0, kept * each, 0.0),
        }
    )


def exits_of(inputs: Inputs, levers: Sequence[Lever], active: np.ndarray) -> tuple[PhaseOut, ...]:
    """Phase-outs that the levers of a scenario try: one for each product that takes a part of the demand, one
    without a successor where nobody does.

    No exit begins in the frozen zone, and none prolongs a product that ends before. What moves is the setting
    exit_transfer_pct, shared by the statistical baseline of those who stay.
    """
    ends = {
        inputs.products.positions[lever.target]: max(int(lever.value), inputs.calendar.frozen)
        for lever in levers
        if lever.kind is LeverKind.PHASE_OUT
    }
    ends = {product: end for product, end in ends.items() if active[product, end:].any()}
    stays = active[:, -1:].any(axis=1) & inputs.products.sellable
    stays[list(ends)] = False
    share = inputs.settings["exit_transfer_pct"] / 100
    return tuple(
        PhaseOut(product, end, taker, share * part)
        for product, end in ends.items()
        for taker, part in _takers(inputs, product, stays) or ((-1, 0.0),)
    )


def _takers(inputs: Inputs, product: int, stays: np.ndarray) -> tuple[tuple[int, float], ...]:
    """Who takes over from a product and which part: its successors, else the rest of its family; of these, if
    there are any, those that are sold wherever it is.
    """
    products, units = inputs.products, inputs.demand.baseline.units.sum(axis=2)
    weight = units.sum(axis=1) * stays * (np.arange(len(units)) != product)
    everywhere = ((units > 0) | (units[product] <= 0)).all(axis=1)
    heirs, family = products.predecessor == product, products.family == products.family[product]
    for some in (heirs & everywhere, heirs, family & everywhere, family):
        found = weight * some
        if found.sum() > 0:
            return tuple((int(i), float(found[i] / found.sum())) for i in np.flatnonzero(found))
    return ()


def _receivers(
    inputs: Inputs, active: np.ndarray, units: np.ndarray, margin: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(products,) how many would take over from each product, and their margin a unit in base currency.

    units, margin: (products,) planned in the year after the exit
    """
    products = inputs.products
    count = len(products)
    stays = active[:, -1:].any(axis=1) & products.sellable & (units > 0)
    known = stays & ~np.isnan(margin)
    amounts = np.array([stays, np.where(known, units, 0.0), np.where(known, margin, 0.0)], dtype=float)
    _, family = np.unique(products.family.astype(str), return_inverse=True)
    others = np.array([np.bincount(family, row)[family] - row for row in amounts])
    heirs = np.flatnonzero(products.predecessor >= 0)
    succeeding = np.array(
        [np.bincount(products.predecessor[heirs], row[heirs], minlength=count) for row in amounts]
    )
    takers, sold, earned = np.where(succeeding[0] > 0, succeeding, others)
    each = np.divide(earned, sold, out=np.full(count, np.nan), where=sold > 1e-9)
    return np.round(takers).astype(int), each


def _available(inputs: Inputs) -> np.ndarray:
    """(products,) units in stock at all sites and on open orders."""
    network = inputs.network
    return np.nan_to_num(network.on_hand).sum(axis=1) + np.nan_to_num(network.receipts).sum(axis=(1, 2))


def _run_out(held: np.ndarray, used: np.ndarray) -> np.ndarray:
    used_up = np.cumsum(used, axis=1) >= held[:, None]
    first = np.where(used_up.any(axis=1), used_up.argmax(axis=1), np.nan)
    return np.where(held > 0, first, NO_STOCK)


def _worth(units: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Units at cost; nothing is worth nothing, whatever its cost."""
    return np.where(units > 0, units * cost, 0.0)


def _parts_left(
    inputs: Inputs, active: np.ndarray, asked: np.ndarray, held: np.ndarray, cost: np.ndarray
) -> np.ndarray:
    """(products,) money of the parts that a product alone uses and that its demand until the exit leaves."""
    owner = only_user(inputs, active)
    own = owner >= 0
    left = _worth(np.maximum(held - _part_need(inputs, asked, held), 0.0), cost)
    return np.bincount(owner[own], left[own], minlength=len(owner))


def only_user(inputs: Inputs, active: np.ndarray) -> np.ndarray:
    """(products,) position of the one sold product that a part goes into, at whatever level; -1 where it is
    sold itself, or goes into none or several.
    """
    bill, count = inputs.network.bill, len(inputs.products)
    sold = inputs.products.sellable & active.any(axis=1)
    itself = np.arange(count)
    lowest, highest = np.full(count, count), np.full(count, -1)
    for _ in range(count):
        before = lowest.copy(), highest.copy()
        np.minimum.at(lowest, bill.component, np.where(sold, np.minimum(itself, lowest), lowest)[bill.parent])
        np.maximum.at(
            highest, bill.component, np.where(sold, np.maximum(itself, highest), highest)[bill.parent]
        )
        if np.array_equal(before, (lowest, highest)):
            break
    return np.where(~sold & (lowest == highest), lowest, -1)


def _part_need(inputs: Inputs, asked: np.ndarray, held: np.ndarray) -> np.ndarray:
    """(products,) units needed until the exit: asked for by customers, and for what must still be made."""
    bill = inputs.network.bill
    quantity = bill.quantity.max(axis=1, initial=0.0)
    need = asked
    for _ in range(len(asked)):  # as often as the bill has levels
        made = np.maximum(need - held, 0.0)
        following = asked + np.bincount(bill.component, made[bill.parent] * quantity, len(asked))
        if np.array_equal(following, need):
            break
        need = following
    return need
