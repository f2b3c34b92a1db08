"""Dependent demand: independent demand exploded through the bills of material, level by level, gross of
stock.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import BUY, MAKE, TRANSFER, Edges


def dependent_demand(inputs: Inputs, independent: np.ndarray) -> np.ndarray:
    """Units that the bills of material need for independent demand, in the period of the demand.

    dependent[c] = sum over parents p of (independent[p] + dependent[p]) x quantity[p, c] / yield[p]

    independent: (products, periods) units; returns the same shape, gross of stock and without lead times.
    The bill of a product bought by preference is not exploded. Raises PlanError naming a loop of bills.
    """
    bill = inputs.network.bill
    codes = low_level_codes(bill.parent, bill.component, inputs.products.labels)
    per_unit = bill.quantity * explosion_factor(inputs.network.edges, len(inputs.products))[bill.parent, None]
    dependent = np.zeros_like(independent, dtype=float)
    for code in range(codes.max(initial=0)):
        rows = codes[bill.parent] == code
        parents = bill.parent[rows]
        np.add.at(dependent, bill.component[rows], (independent + dependent)[parents] * per_unit[rows])
    return dependent


def explosion_factor(edges: Edges, products: int) -> np.ndarray:
    """(products,) bills consumed per good unit: 1 / yield of the preferred way to make it, 0 where it is
    bought, 1 where no way of supply is known.
    """
    factor = np.ones(products)
    preferred = preferred_edges(edges, edges.product, edges.mode != TRANSFER)
    factor[edges.product[preferred]] = np.where(
        edges.mode[preferred] == BUY, 0.0, 1.0 / edges.yield_[preferred]
    )
    return factor


def preferred_edges(edges: Edges, key: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Positions of one edge for each key: the lowest priority number, made before bought, the first of
    equals.

    key: (edges,) what to choose one edge for; allowed: (edges,) bool
    """
    priority = np.nan_to_num(edges.priority, nan=1.0)
    order = np.lexsort((np.arange(len(key)), edges.mode != MAKE, priority, key))
    order = order[allowed[order]]
    return order[np.unique(key[order], return_index=True)[1]]


def low_level_codes(parent: np.ndarray, component: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """(labels,) longest chain of parents above each: 0 for what goes into nothing.

    parent, component: (rows,) positions. Raises PlanError naming the loop when something contains itself.
    """
    codes = np.zeros(len(labels), dtype=int)
    while True:
        deeper = codes.copy()
        np.maximum.at(deeper, component, codes[parent] + 1)
        if np.array_equal(deeper, codes):
            return codes
        if deeper.max() > len(labels):
            raise PlanError(
                f"A loop: {_loop(parent, component, labels, int(deeper.argmax()))}. Remove one of its links."
            )
        codes = deeper


def _loop(parent: np.ndarray, component: np.ndarray, labels: Sequence[str], start: int) -> str:
    """The first loop met on the way up from `start`, in words from parent to component: "A > B > A"."""
    above: dict[int, list[int]] = {}
    for p, c in zip(parent.tolist(), component.tolist(), strict=True):
        above.setdefault(c, []).append(p)
    path, clean = [start], set()
    while path[-1] not in path[:-1]:
        onward = [p for p in above.get(path[-1], ()) if p not in clean]
        if onward:
            path.append(onward[0])
        else:
            clean.add(path.pop())
    loop = path[path.index(path[-1]) :]
    return " > ".join(labels[i] for i in reversed(loop))
