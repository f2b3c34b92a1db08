"""The bridge from one position to another, bar by bar; it adds up exactly.

Per cell i (product and market), from (Q0, p0, r0, C0) to (Q1, p1, r1, C1): p is in the market's currency, r
the exchange rate, P = p r, m0 = P0 - C0, GM0 = sum Q0 m0, and g the growth, by baseline value
sum Q1 P0 / sum Q0 P0, by units sum Q1 / sum Q0:
    price    = sum (p1 - p0) r0 Q1          exchange = sum p1 (r1 - r0) Q1
    cost     = -sum (C1 - C0) Q1            volume   = (g - 1) GM0          mix = sum (Q1 - g Q0) m0
A product sold only after or only before has a bar of its own. A market that a continuing product enters
takes the product's average p0 r0 and C0 as its baseline and its own r1, so it stands in price, cost, volume
and mix. Supply choices (overtime and the like) are the change of what they take off the margin, shared to
the cells by standard cost.

A side that states a group of products in one line (a budget by family) is laid on the products as the other
side sells them. The bars of the group are then those of its averages: what changes inside it moves its
average price and cost, so price and cost hold the mix within the group, and nothing in it is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from sop_engine.finance_review.baselines import Position

Weight = Literal["value", "units"]
BARS = (
    "price",
    "volume",
    "mix",
    "cost",
    "exchange",
    "new",
    "discontinued",
    "supply choices",
    "not explained",
)
WITHIN = {"price": "price, mix in family", "cost": "cost, mix in family"}  # of sides stated by family
TOGETHER = "requests together"


@dataclass(frozen=True, eq=False)
class Bridge:
    """before, after: (products, markets) money, 0 where it is not known; bars: {name in BARS, then requests:
    (products, markets) money}; in every cell before + all bars = after to rounding.

    "not explained" is the change of cells where a side states no units, no money, or money without units.
    by_family: whether a side states families, so that price and cost hold the mix within them
    """

    start_label: str
    end_label: str
    before: np.ndarray
    after: np.ndarray
    bars: Mapping[str, np.ndarray]
    by_family: bool = False

    @property
    def start(self) -> float:
        return float(self.before.sum())

    @property
    def end(self) -> float:
        return float(self.after.sum())

    @property
    def total(self) -> dict[str, float]:
        """{bar: money} of all cells, in the order of BARS, then requests."""
        return {bar: float(amounts.sum()) for bar, amounts in self.bars.items()}

    def name(self, bar: str) -> str:
        """What a bar is called: price and cost say it where they hold the mix within families."""
        return WITHIN.get(bar, bar) if self.by_family else bar

    def of(self, products: np.ndarray, markets: np.ndarray) -> Bridge:
        """The bridge of the cells of two masks; growth stays that of the whole, so that parts add up."""
        cells = np.ix_(products, markets)
        bars = {name: amounts[cells] for name, amounts in self.bars.items()}
        return replace(self, before=self.before[cells], after=self.after[cells], bars=bars)

    def by(self, labels: np.ndarray, axis: int = 0) -> pd.DataFrame:
        """A row "Total", then one per label, largest change first: start, each bar, end.

        labels: of the products (axis 0) or markets (axis 1)
        """
        parts = {"start": self.before, **self.bars, "end": self.after}
        sums = pd.DataFrame({name: cells.sum(axis=1 - axis) for name, cells in parts.items()})
        table = sums.groupby(np.asarray(labels, dtype=str)).sum()
        table = table.loc[
            (table["end"] - table["start"]).abs().sort_values(ascending=False, kind="stable").index
        ]
        return pd.concat([table.sum().to_frame("Total").T, table])


def margin_bridge(start: Position, end: Position, weigh: Weight = "value") -> Bridge:
    """From one gross margin, after supply choices, to another."""
    start, end = _laid_on(start, end), _laid_on(end, start)
    known = _explained(start) & _explained(end)
    bars = _cell_bars(_only(start, known), _only(end, known), weigh)
    change = np.nan_to_num(end.margin) - np.nan_to_num(start.margin)
    bars = {
        **bars,
        "supply choices": start.choice_cost - end.choice_cost,
        "not explained": np.where(known, 0.0, change),
    }
    return Bridge(
        start_label=start.label,
        end_label=end.label,
        before=np.nan_to_num(start.margin) - start.choice_cost,
        after=np.nan_to_num(end.margin) - end.choice_cost,
        bars={bar: bars[bar] for bar in BARS},
        by_family=start.group is not None or end.group is not None,
    )


def revenue_bridge(start: Position, end: Position, weigh: Weight = "value") -> Bridge:
    """From one revenue to another: the margin bridge of positions that cost nothing."""
    return margin_bridge(_free(start), _free(end), weigh)


def with_requests(steps: Bridge, alone: Mapping[str, Bridge]) -> Bridge:
    """The bridge on to the plan that holds the requests: a bar for each, and one for what they do only
    together where there are several; it adds up exactly.

    steps: to the plan without any of them; alone: {name: the bridge of the same measure from the plan without
    this one alone to the plan with all of them}, at least one
    """
    parts = {name: one.after - one.before for name, one in alone.items()}
    last = next(iter(alone.values()))
    together = last.after - steps.after - sum(parts.values())
    rest = {TOGETHER: together} if len(parts) > 1 else {}
    bars = {**steps.bars, **parts, **rest}
    return replace(steps, end_label=last.end_label, after=last.after, bars=bars)


def _laid_on(position: Position, other: Position) -> Position:
    """The position with each group that it states as one laid on its products, in every market, as the
    other side sells them; as it is where the other sells none of the group there, or states groups too."""
    if position.group is None or other.group is not None:
        return position
    sold = np.nan_to_num(other.units)
    laid = {}
    for name in ("units", "local_revenue", "revenue", "cost", "choice_cost"):
        cells = getattr(position, name).copy()
        for number in np.unique(position.group[position.group >= 0]):
            member = position.group == number
            part, whole = sold[member], sold[member].sum(axis=0)
            stated = np.isfinite(cells[member]).any(axis=0) & (whole > 0)
            amount = np.nansum(cells[member], axis=0)
            share = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
            cells[member] = np.where(stated, amount * share, cells[member])
        laid[name] = cells
    return replace(position, **laid)


def _cell_bars(start: Position, end: Position, weigh: Weight) -> dict[str, np.ndarray]:
    sold_before = start.units.sum(axis=1, keepdims=True) > 0
    sold_after = end.units.sum(axis=1, keepdims=True) > 0
    both = sold_before & sold_after
    q0, q1 = np.where(both, start.units, 0.0), np.where(both, end.units, 0.0)
    rate1 = _per(end.revenue, end.local_revenue, 1.0)
    price0, cost0 = (
        _baseline_per_unit(start.revenue, start.units),
        _baseline_per_unit(start.cost, start.units),
    )
    rate0 = _per(start.revenue, start.local_revenue, rate1)
    growth = _growth(q0, q1, price0 if weigh == "value" else np.ones_like(price0))
    margin0 = price0 - cost0
    local_end = np.where(both, end.local_revenue, 0.0)
    return {
        "price": np.where(both, local_end * rate0 - price0 * q1, 0.0),
        "volume": (growth - 1) * q0 * margin0,
        "mix": (q1 - growth * q0) * margin0,
        "cost": np.where(both, cost0 * q1 - end.cost, 0.0),
        "exchange": np.where(both, end.revenue - local_end * rate0, 0.0),
        "new": np.where(sold_before, 0.0, end.margin),
        "discontinued": np.where(sold_after, 0.0, -start.margin) * sold_before,
    }


def _explained(position: Position) -> np.ndarray:
    """(products, markets) bool: units and money are stated, and there is no money without units."""
    stated = ~(np.isnan(position.units) | np.isnan(position.revenue) | np.isnan(position.cost))
    nothing = (position.units == 0) & (position.revenue == 0) & (position.cost == 0)
    return stated & ((position.units > 0) | nothing)


def _growth(q0: np.ndarray, q1: np.ndarray, weight: np.ndarray) -> float:
    before = float((q0 * weight).sum())
    return float((q1 * weight).sum()) / before if before else 1.0


def _baseline_per_unit(money: np.ndarray, units: np.ndarray) -> np.ndarray:
    """(products, markets) money per unit before; where a market had none, the product's average."""
    average = _per(money.sum(axis=1, keepdims=True), units.sum(axis=1, keepdims=True), 0.0)
    return _per(money, units, np.broadcast_to(average, money.shape))


def _per(part: np.ndarray, whole: np.ndarray, otherwise: np.ndarray | float) -> np.ndarray:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), otherwise)


def _only(position: Position, known: np.ndarray) -> Position:
    """The position in the cells that both sides know, nothing elsewhere."""
    kept = {
        name: np.where(known, getattr(position, name), 0.0)
        for name in ("units", "local_revenue", "revenue", "cost")
    }
    return replace(position, **kept)


def _free(position: Position) -> Position:
    nothing = np.where(np.isnan(position.revenue), np.nan, 0.0)
    return replace(position, cost=nothing, choice_cost=np.zeros(nothing.shape))
