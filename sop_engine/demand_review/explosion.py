"""Dependent demand: independent demand exploded through the bills of material, level by level, gross of
stock; when it must be there, which products cause it, and how long the longest chain takes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sop_engine.errors import PlanError
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.network import BUY, MAKE, TRANSFER, Edges


def dependent_demand(inputs: Inputs, independent: np.ndarray) -> np.ndarray:
    """Units that the bills of material need for independent demand, in the period of the demand.

    dependent[c] = sum over parents p of (independent[p] + dependent[p]) x quantity[p, c] / yield[p]

    independent: (products, periods) units; returns the same shape, gross of stock and without lead times.
    The bill of a product bought by preference is not exploded. Raises PlanError naming a loop of bills.
    """
    bill, per_unit = inputs.network.bill, units_per_unit(inputs)
    dependent = np.zeros_like(independent, dtype=float)
    for rows in _levels(inputs):
        parents = bill.parent[rows]
        np.add.at(dependent, bill.component[rows], (independent + dependent)[parents] * per_unit[rows])
    return dependent


def offset_demand(inputs: Inputs, independent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dependent demand by the period in which it must be there, and all demand by the period in which it must
    be ordered: two arrays (products, 1 + periods) of units, the first column what is past due, its date lying
    before the plan.

    A component must be there when its parent is started: the parent's lead time earlier, in days, split
    between two periods as orders are spread evenly over a period. The bill is that of the period of the
    start, the first one's for what is past due; where bills do not change, needed adds up to the dependent
    demand. Transfers between sites are not counted. independent: (products, periods) units.
    """
    bill = inputs.network.bill
    per_unit = np.pad(units_per_unit(inputs), ((0, 0), (1, 0)), mode="edge")
    total = np.pad(np.asarray(independent, dtype=float), ((0, 0), (1, 0)))
    needed, days = np.zeros_like(total), np.nan_to_num(own_lead_days(inputs))
    for rows in _levels(inputs):
        parents = bill.parent[rows]
        started = earlier(inputs.calendar, (total + needed)[parents], days[parents])
        np.add.at(needed, bill.component[rows], started * per_unit[rows])
    return needed, earlier(inputs.calendar, total + needed, days)


def earlier(calendar: Calendar, units: np.ndarray, days: np.ndarray) -> np.ndarray:
    """(rows, 1 + periods) units brought forward by (rows,) days; the first column takes what is past due."""
    whole, part = calendar.lead_split(days)
    column = np.arange(units.shape[1])
    row = np.arange(len(units))[:, None]
    moved = np.zeros_like(units)
    for later, share in ((0, 1.0 - part), (1, part)):
        np.add.at(moved, (row, np.maximum(column - whole[:, None] - later, 0)), units * share[:, None])
    return moved


def pegging(inputs: Inputs, independent: np.ndarray, component: int) -> np.ndarray:
    """(products, periods) units of a component that each product's independent demand causes, in the period
    of the demand; they add up to its `dependent_demand`.

    independent: (products, periods) units; component: position of the product looked at.
    """
    bill, per_unit = inputs.network.bill, units_per_unit(inputs)
    usage = np.zeros_like(independent, dtype=float)
    for rows in reversed(_levels(inputs)):
        used = usage[bill.component[rows]] + (bill.component[rows] == component)[:, None]
        np.add.at(usage, bill.parent[rows], per_unit[rows] * used)
    return independent * usage


def made_with(inputs: Inputs, products: np.ndarray) -> np.ndarray:
    """(products,) bool: these products, (products,) bool, and all that are made with any of them, at any
    level."""
    bill, found = inputs.network.bill, products.copy()
    while not found[bill.parent[found[bill.component]]].all():
        found[bill.parent[found[bill.component]]] = True
    return found


def own_lead_days(inputs: Inputs) -> np.ndarray:
    """(products,) days of the preferred way to make or buy each item, NaN where none is known."""
    edges = inputs.network.edges
    days = np.full(len(inputs.products), np.nan)
    preferred = preferred_edges(edges, edges.product, edges.mode != TRANSFER)
    days[edges.product[preferred]] = edges.lead_days[preferred]
    return days


def units_per_unit(inputs: Inputs) -> np.ndarray:
    """(bill rows, periods) units of the component for one good unit of the parent, 0 where the parent is
    bought."""
    bill = inputs.network.bill
    return bill.quantity * explosion_factor(inputs.network.edges, len(inputs.products))[bill.parent, None]


def _levels(inputs: Inputs) -> list[np.ndarray]:
    """Rows of the bills by the low-level code of their parent, the top of the structure first."""
    bill = inputs.network.bill
    codes = low_level_codes(bill.parent, bill.component, inputs.products.labels)
    return [np.flatnonzero(codes[bill.parent] == code) for code in range(codes.max(initial=0))]


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
