"""Products that end: what is still asked for, what must be bought of their components for the last time, when
stock runs out and what is left of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.lifecycle import PhaseOut
from sop_engine.inputs.network import MAKE, SUBCONTRACT, Bill, Edges

TRACE = 1e-6


@dataclass(frozen=True, eq=False)
class Stocks:
    """A plan's units, arrays (products, periods): asked by customers, used by bills, in stock at the end of
    the period over all sites, open orders coming in; on_hand: (products,) now; unit_cost: base currency,
    NaN = not known.
    """

    asked: np.ndarray
    used: np.ndarray
    stock: np.ndarray
    receipts: np.ndarray
    on_hand: np.ndarray
    unit_cost: np.ndarray


@dataclass(frozen=True)
class Exit:
    """An item that ends, units over all sites.

    end: first plan index in which nothing asks for it; because_of: () for a product that is phased out, else
    the positions of the ending products that are all that uses this component
    remaining: asked for and used until the end
    last_buy: plan index of the last period to buy, None where none is stated
    last_buy_units: used from then (or from now) to the end and neither in stock then nor on order
    run_out: first plan index from which stock stays at nothing, None where it never does
    obsolete: in stock at the end and never asked for after it; value: in base currency; both NaN where it
    ends after the plan, value also where no cost is known
    """

    product: int
    end: int
    because_of: tuple[int, ...]
    remaining: float
    last_buy: int | None
    last_buy_units: float
    run_out: int | None
    obsolete: float
    value: float


def exits_of(
    phase_outs: Sequence[PhaseOut], bill: Bill, sold: np.ndarray, plan: Stocks
) -> tuple[tuple[Exit, ...], tuple[Exit, ...]]:
    """Products that are phased out, and the components that only they use, each the dearest leftover first.

    sold: (products,) bool, items that customers buy; a component among them is asked for after its users end
    """
    ending = {one.product: one for one in phase_outs}  # one with several successors stands there once
    products = [_exit(one.product, one.end, (), one.last_buy, plan) for one in ending.values()]
    components = []
    for component, users in only_used_by(tuple(ending), bill, sold).items():
        end = max(ending[user].end for user in users)
        stated = [ending[user].last_buy for user in users if ending[user].last_buy is not None]
        components.append(_exit(component, end, users, max(stated, default=None), plan))
    return _ranked(products), _ranked(components)


def only_used_by(ending: Sequence[int], bill: Bill, sold: np.ndarray) -> dict[int, tuple[int, ...]]:
    """{component: the ending products above it} of what nothing but ending products uses, at any level."""
    parents: dict[int, set[int]] = {}
    for parent, component in zip(bill.parent.tolist(), bill.component.tolist(), strict=True):
        parents.setdefault(component, set()).add(parent)
    above: dict[int, set[int]] = {product: {product} for product in ending}
    while True:
        found = {
            component: set().union(*(above[user] for user in users))
            for component, users in parents.items()
            if component not in above and not sold[component] and users <= set(above)
        }
        if not found:
            return {item: tuple(sorted(users)) for item, users in sorted(above.items()) if item not in ending}
        above |= found


def used_by_bills(products: int, edges: Edges, bill: Bill, flow: np.ndarray) -> np.ndarray:
    """(products, periods) units that bills take for what a plan starts; flow: (edges, periods) good units.

    used[c] = sum over edges e that make p of flow[e] / yield[e] x quantity[p, c]
    """
    started = np.zeros((products, flow.shape[1]))
    used = np.zeros_like(started)
    made = np.isin(edges.mode, (MAKE, SUBCONTRACT))
    np.add.at(started, edges.product[made], flow[made] / edges.yield_[made][:, None])
    np.add.at(used, bill.component, started[bill.parent] * bill.quantity)
    return used


def _exit(product: int, end: int, because_of: tuple[int, ...], last_buy: int | None, plan: Stocks) -> Exit:
    periods = plan.stock.shape[1]
    needed, stock = plan.asked[product] + plan.used[product], plan.stock[product]
    first = min(max(last_buy or 0, 0), periods)
    there = plan.on_hand[product] if first == 0 else stock[first - 1]
    to_come = plan.receipts[product, first:].sum()
    left, value = _left_over(product, end, needed, plan)
    return Exit(
        product=product,
        end=end,
        because_of=because_of,
        remaining=float(needed[: min(end, periods)].sum()),
        last_buy=last_buy,
        last_buy_units=max(float(needed[first:].sum() - there - to_come), 0.0),
        run_out=run_out(stock),
        obsolete=left,
        value=value,
    )


def run_out(stock: np.ndarray) -> int | None:
    """First period from which stock stays at nothing, None where something is left in the last one.

    >>> run_out(np.array([3.0, 0.0, 2.0, 0.0, 0.0])), run_out(np.array([1.0]))
    (3, None)
    """
    held = np.flatnonzero(stock > TRACE)
    after = int(held[-1]) + 1 if held.size else 0
    return after if after < len(stock) else None


def _left_over(product: int, end: int, needed: np.ndarray, plan: Stocks) -> tuple[float, float]:
    """Units and money in stock when nothing asks for it any more; on hand already where that is now."""
    periods = plan.stock.shape[1]
    if end > periods:
        return np.nan, np.nan
    held = plan.stock[product, end - 1] if end > 0 else plan.on_hand[product]
    units = max(float(held - needed[end:].sum()), 0.0)
    cost = float(plan.unit_cost[product, max(end - 1, 0)])
    return units, units * cost if units else 0.0


def _ranked(exits: list[Exit]) -> tuple[Exit, ...]:
    return tuple(sorted(exits, key=lambda one: (-np.nan_to_num(one.value), one.end, one.product)))
