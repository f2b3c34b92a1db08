"""What changed since an earlier plan: a bridge from that plan to the plan now, by driver, cell by cell.

Of every product, market and period, in this order, from side 0 to side 1 (P price in the market's currency, R
exchange rate, C unit cost, S units delivered):
    demand     each step of the consensus, (step1 - step0) x W0
    supply     what is not delivered when due, by its root cause, -(short1 - short0) x W0
    price      S1 (P1 - P0) R0
    exchange   S1 P1 (R1 - R0)
    cost       -S1 (C1 - C0)
    choices    -(choices1 - choices0), shared to the cells by standard cost
W0 is 1 in units, P0 R0 in revenue, P0 R0 - C0 in gross margin. Where side 0 delivers nothing, its price and
cost are those of side 1. Steps that a side did not keep apart are one driver, "other demand"; shortages whose
causes it did not keep are "supply". Where nothing was kept of supply, both sides are demand, valued at side
1's prices and costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sop_engine.finance_review.statement import shared_choices
from sop_engine.pre_sop.sides import Side
from sop_engine.supply_review.shortage import CAPACITY, FROZEN, LEAD_TIME, LIMIT, MATERIAL, NO_SOURCE

UNITS, REVENUE, MARGIN = "units", "revenue", "gross margin"
MEASURES = (UNITS, REVENUE, MARGIN)
NOISE = 1e-9  # of a unit or a coin in one cell: less is left of a difference of equal numbers
OTHER, SUPPLY = "other demand", "supply"
_STEPS = {
    "Statistical baseline": "history",
    "Launches": "launches and exits",
    "Cannibalisation": "launches and exits",
    "Phase-outs": "launches and exits",
    "List prices": "response to prices",
    "Price": "response to prices",
    "Streams": "streams",
    "Events": "events",
    "Overrides": "overrides",
    "Levers": "levers",
    "Orders above forecast": "orders",
    "Demand fence": "orders",
}
REQUESTS = "requests"
CAUSES = {
    CAPACITY: "capacity",
    LIMIT: "materials",
    MATERIAL: "materials",
    LEAD_TIME: "lead times",
    FROZEN: "lead times",
    NO_SOURCE: "no source",
    "": SUPPLY,
}
PRICE, EXCHANGE, COST, CHOICES = "price", "exchange", "cost", "supply choices"
DRIVERS = tuple(
    dict.fromkeys([*_STEPS.values(), REQUESTS, OTHER, *CAUSES.values(), PRICE, EXCHANGE, COST, CHOICES])
)
Detail = tuple[str, str]  # driver, and the step or the root cause inside it


@dataclass(frozen=True, eq=False)
class ChangeBridge:
    """before, after: (products, markets) of the measure over the periods; details: {(driver, step or root):
    (products, markets)}; in every cell before + all details = after to rounding.

    demand_only: it is unconstrained demand, because nothing was kept of supply
    """

    start_label: str
    end_label: str
    measure: str
    periods: np.ndarray
    demand_only: bool
    before: np.ndarray
    after: np.ndarray
    details: Mapping[Detail, np.ndarray]

    @property
    def start(self) -> float:
        return float(self.before.sum())

    @property
    def end(self) -> float:
        return float(self.after.sum())

    @property
    def total(self) -> dict[str, float]:
        """{driver: change} of all cells, in the order in which drivers act."""
        return {driver: float(cells.sum()) for driver, cells in self.drivers.items()}

    @property
    def drivers(self) -> dict[str, np.ndarray]:
        """{driver: (products, markets)} in the order in which they act."""
        sums: dict[str, np.ndarray] = {}
        for (driver, _), cells in self.details.items():
            sums[driver] = sums[driver] + cells if driver in sums else cells
        return {driver: sums[driver] for driver in _in_order(sums)}

    def name(self, driver: str) -> str:
        """What a bar of the figure is called, as finance's bridges are asked: a driver bears its own."""
        return driver

    def of(self, products: np.ndarray, markets: np.ndarray) -> ChangeBridge:
        """The bridge of the cells of two masks."""
        cells = np.ix_(products, markets)
        details = {key: amounts[cells] for key, amounts in self.details.items()}
        return replace(self, before=self.before[cells], after=self.after[cells], details=details)

    def by(self, labels: np.ndarray, axis: int = 0) -> pd.DataFrame:
        """A row "Total", then one per label, the largest change first: start, each driver, end.

        labels: of the products (axis 0) or markets (axis 1)
        """
        parts = {"start": self.before, **self.drivers, "end": self.after}
        sums = pd.DataFrame({name: cells.sum(axis=1 - axis) for name, cells in parts.items()})
        table = sums.groupby(np.asarray(labels, dtype=str)).sum()
        size = (table["end"] - table["start"]).abs().sort_values(ascending=False, kind="stable")
        return pd.concat([table.sum().to_frame("Total").T, table.loc[size.index]])


def change_bridge(before: Side, after: Side, measure: str, periods: np.ndarray) -> ChangeBridge:
    """From an earlier plan to a later one over those of `periods` that both hold, in one of MEASURES."""
    demand_only = before.short is None or after.short is None
    start, end = (_all_delivered(before), _all_delivered(after)) if demand_only else (before, after)
    shared = np.intersect1d(np.intersect1d(start.periods, end.periods), periods)
    price, rate, cost = _per_unit(start, end, priced=not demand_only)
    worth = [_worth(measure, *at) for at in zip(price, rate, cost, strict=True)]
    sold = start.delivered, end.delivered
    moves = {key: units * worth[0] for key, units in _unit_moves(start, end).items()}
    if measure != UNITS:
        moves[PRICE, ""] = sold[1] * (price[1] - price[0]) * rate[0]
        moves[EXCHANGE, ""] = sold[1] * price[1] * (rate[1] - rate[0])
    if measure == MARGIN:
        moves[COST, ""] = sold[1] * (cost[0] - cost[1])
    details = {
        key: cells[:, :, shared].sum(axis=2) for key, cells in moves.items() if (abs(cells) > NOISE).any()
    }
    ends = [(units * value)[:, :, shared].sum(axis=2) for units, value in zip(sold, worth, strict=True)]
    if measure == MARGIN and not demand_only:
        standard = [(units * unit_cost)[:, :, shared] for units, unit_cost in zip(sold, cost, strict=True)]
        money = [choices[shared] for choices in _choices(start, end)]
        taken = [shared_choices(*of_side) for of_side in zip(standard, money, strict=True)]
        ends = [end - off for end, off in zip(ends, taken, strict=True)]
        details[CHOICES, ""] = taken[0] - taken[1]
    return ChangeBridge(before.label, after.label, measure, shared, demand_only, *ends, details)


def _unit_moves(start: Side, end: Side) -> dict[Detail, np.ndarray]:
    """{(driver, detail): units that it adds}; they add up to the change of what is delivered."""
    moves = _demand_moves(start, end)
    if start.short is None or end.short is None:
        return moves
    split = start.names_causes and end.names_causes
    for sign, side in ((1, start), (-1, end)):
        for (reason, root), units in side.short.items():
            key = (CAUSES.get(reason, SUPPLY), root) if split else (SUPPLY, "")
            moves[key] = moves.get(key, 0.0) + sign * units
    return moves


def _demand_moves(start: Side, end: Side) -> dict[Detail, np.ndarray]:
    """As `_unit_moves`, of demand: requests apart from the steps that carry them out, and steps that a side
    does not tell apart together."""
    whole = start.whole_demand and end.whole_demand
    told = start.steps.keys() & end.steps.keys()
    moves: dict[Detail, np.ndarray] = defaultdict(lambda: np.zeros(start.rest.shape))
    for sign, side in ((-1, start), (1, end)):
        moves[OTHER, ""] += sign * side.rest
        for step, units in side.steps.items():
            key = (_STEPS.get(step, step.lower()), step) if whole or step in told else (OTHER, "")
            moves[key] += sign * units
        for step, units in side.requested.items() if whole else ():
            moves[_STEPS[step], step] -= sign * units
            moves[REQUESTS, step] += sign * units
    return dict(moves)


def _all_delivered(side: Side) -> Side:
    """The side as if all its demand were delivered."""
    return replace(side, short=None)


def _per_unit(start: Side, end: Side, priced: bool) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """(start, end) of local price, rate and unit cost; 0 where neither knows. Where the start knows none, or
    is not `priced`, the end's."""
    known = []
    for name in ("local_price", "rate", "unit_cost"):
        after, own = getattr(end, name), getattr(start, name)
        own = np.where(np.isnan(own), after, own) if priced else after
        known.append((np.nan_to_num(own), np.nan_to_num(after)))
    return tuple(known)


def _worth(measure: str, price: np.ndarray, rate: np.ndarray, cost: np.ndarray) -> np.ndarray:
    if measure == UNITS:
        return np.ones(price.shape)
    return price * rate - (cost if measure == MARGIN else 0.0)


def _choices(start: Side, end: Side) -> tuple[np.ndarray, np.ndarray]:
    """(periods,) money of supply choices of both; a side that does not know takes the other's."""
    own = np.where(np.isnan(start.choices), end.choices, start.choices)
    return np.nan_to_num(own), np.nan_to_num(end.choices)


def _in_order(names: Mapping[str, object]) -> list[str]:
    """Drivers in the order in which they act; those of steps that are not known here come after demand."""
    return sorted(names, key=lambda name: DRIVERS.index(name) if name in DRIVERS else DRIVERS.index(OTHER))
