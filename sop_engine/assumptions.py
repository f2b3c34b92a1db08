"""Assumptions held against what came: the actual so far, what the plan says of the periods to come, and the
families and money that lean on each. Nothing here is a fact of the data; it is what people took for granted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from sop_engine.errors import DataError
from sop_engine.inputs import Inputs
from sop_engine.inputs.performance import PastSupply
from sop_engine.plan import Plan
from sop_engine.supply_review.performance import delivery_scores

HOLDS, BROKEN, WAITING = "holds", "broken", "waiting for actuals"
WORDS_ONLY, NOT_LOADED = "words only", "not in the data"
STATUSES = (BROKEN, NOT_LOADED, HOLDS, WAITING, WORDS_ONLY)  # in the order in which they are read
ROUNDING = 1e-9  # %, so that an actual on the edge of its band is inside it


@dataclass(frozen=True)
class Measure:
    """What an assumption can be measured by.

    unit: "{base}" and "{own}" stand for the base currency and the assumption's; formula: of a value
    stages: the reviews whose plan leans on it, in the order of the process
    """

    words: str
    unit: str
    formula: str
    stages: tuple[str, ...]


MEASURES = {
    "demand_units": Measure(
        "demand",
        "units a month",
        "units of its months added up / months; the plan's is the unconstrained demand",
        ("demand", "supply", "finance"),
    ),
    "revenue": Measure(
        "revenue",
        "{base} a month",
        "revenue of its months added up / months; the plan's is that of what supply delivers",
        ("demand", "finance"),
    ),
    "average_price": Measure(
        "average price",
        "{base} a unit",
        "revenue / units of what was sold in its months, where both are known",
        ("product", "demand", "finance"),
    ),
    "exchange_rate": Measure(
        "exchange rate", "{base} for one {own}", "rates of its months added up / months", ("finance",)
    ),
    "unit_cost": Measure(
        "unit cost",
        "{base} a unit",
        "standard cost weighed by the units sold in its months; where none of it is sold, the plain average",
        ("supply", "finance"),
    ),
    "on_time_pct": Measure(
        "delivered on time",
        "% of the units",
        "100 x units that left by their promised date / units ordered",
        ("supply", "finance"),
    ),
}


@dataclass(frozen=True)
class Assumption:
    """What somebody took for granted. measure: of MEASURES, "" in words only; first, last: days in the first
    and last period it speaks of; expected: in the measure's unit; tolerance_pct: % of it; rests_on: ids of
    the overrides, requests and decisions that lean on it
    """

    assumption_id: str
    cycle: str
    text: str
    measure: str = ""
    product: str = ""
    family: str = ""
    market: str = ""
    currency: str = ""
    first: date | None = None
    last: date | None = None
    expected: float = np.nan
    tolerance_pct: float = np.nan
    owner: str = ""
    rests_on: tuple[str, ...] = ()
    sample: bool = False

    @property
    def stages(self) -> tuple[str, ...]:
        """The reviews it concerns; none where nothing measures it."""
        return MEASURES[self.measure].stages if self.measure else ()

    def difference_pct(self, value: float) -> float:
        """By how much a value differs from the expected one: 100 x (value - expected) / expected, in %."""
        return 100 * (value - self.expected) / self.expected

    def breaks(self, value: float) -> bool:
        """Whether a value lies outside expected ± tolerance; a value that is not known breaks nothing."""
        return abs(self.difference_pct(value)) > self.tolerance_pct + ROUNDING

    def unit(self, base_currency: str) -> str:
        """What its numbers count: "units a month", "USD for one EUR"."""
        return MEASURES[self.measure].unit.format(base=base_currency, own=self.currency)


class Leaning(NamedTuple):
    """What a family plans over the periods that lean on an assumption: units delivered, and base currency;
    gross margin is revenue less standard cost, before what supply chooses costs."""

    family: str
    units: float
    revenue: float
    gross_margin: float


@dataclass(frozen=True, eq=False)
class Checked:
    """An assumption with where it stands.

    status: of STATUSES; why: what keeps it from being measured, "" where nothing does
    actual: over the past periods of its span, planned: over those to come; NaN = not known
    span: calendar indices; values: (past and reported buckets,) the measure's value in each
    leaning: the plan's families in scope over `ahead`, plan indices: the periods of the span to come, or the
    whole plan where the span is over; most revenue first
    """

    assumption: Assumption
    status: str
    why: str = ""
    actual: float = np.nan
    planned: float = np.nan
    span: tuple[int, ...] = ()
    values: np.ndarray | None = None
    ahead: tuple[int, ...] = ()
    leaning: tuple[Leaning, ...] = ()

    @property
    def departs(self) -> bool:
        """Whether the plan itself says otherwise for the periods to come."""
        return self.assumption.breaks(self.planned)

    @property
    def revenue(self) -> float:
        """Planned revenue that leans on it; NaN where no price is known."""
        return float(sum(family.revenue for family in self.leaning))

    @property
    def gross_margin(self) -> float:
        return float(sum(family.gross_margin for family in self.leaning))


def assumptions_of(rows: pd.DataFrame, cycle: str) -> tuple[Assumption, ...]:
    """The rows of the table assumption that stand in a cycle: made up to it and not retired."""
    standing = (rows["status"] == "open") & (rows["cycle"] <= cycle)
    return tuple(_assumption(row) for row in rows[standing].itertuples())


def check(plan: Plan, assumptions: Iterable[Assumption], past: PastSupply | None) -> tuple[Checked, ...]:
    """Each assumption held against the actuals of the plan's inputs and against the plan: the broken ones
    first, those with the most revenue before the others.

    past: what supply did, for on_time_pct; None where it was not read
    """
    found = (_check_one(plan, assumption, past) for assumption in assumptions)
    return tuple(sorted(found, key=_urgency))


def parts(plan: Plan, past: PastSupply | None, assumption: Assumption) -> tuple[np.ndarray, np.ndarray]:
    """(past and reported buckets,) twice: part and whole, both NaN where nothing is known. The value over any
    buckets is sum(part) / sum(whole).

    Raises DataError where the scope or the currency is not loaded.
    """
    demand, finance = plan.inputs.demand, plan.finance
    products, markets = scope(plan.inputs, assumption)
    cells = np.ix_(products, markets)
    match assumption.measure:
        case "demand_units":
            return _flow(_joined(plan, demand.history[cells], plan.demand.unconstrained[cells]))
        case "revenue":
            return _flow(_joined(plan, demand.revenue_history[cells], finance.revenue[cells]))
        case "average_price":
            priced = np.where(np.isnan(finance.price), np.nan, finance.revenue)
            money = _joined(plan, demand.revenue_history[cells], priced[cells])
            return _ratio(money, _joined(plan, demand.history[cells], finance.delivered[cells]))
        case "exchange_rate":
            rate = _joined(plan, plan.inputs.money.past_rate, finance.rate)[np.flatnonzero(markets)[0]]
            return rate, np.where(np.isnan(rate), np.nan, 1.0)
        case "unit_cost":
            units = _joined(plan, demand.history[cells], finance.delivered[cells])
            costs = _joined(plan, plan.inputs.money.past_cost, finance.unit_cost)[products]
            return _weighed(costs, np.nan_to_num(units).sum(axis=1))
    return _on_time(plan, past, cells)


def scope(inputs: Inputs, assumption: Assumption) -> tuple[np.ndarray, np.ndarray]:
    """(products,) and (markets,) masks. Raises DataError where a label is not loaded."""
    products = inputs.products.group(assumption.product or assumption.family)
    markets = inputs.markets.group(assumption.market)
    if assumption.measure != "exchange_rate":
        return products, markets
    markets = markets & (inputs.markets.currency == assumption.currency)
    if not markets.any():
        raise DataError(f"No market is loaded that pays in '{assumption.currency}'. Choose another currency.")
    return products, markets


def value_over(part: np.ndarray, whole: np.ndarray, buckets: np.ndarray) -> float:
    """sum(part) / sum(whole) of the buckets in which it is known; NaN where it is known in none.

    >>> value_over(np.array([6.0, np.nan, 4.0]), np.array([1.0, np.nan, 1.0]), np.arange(3))
    5.0
    """
    known = buckets[np.isfinite(part[buckets]) & np.isfinite(whole[buckets])]
    total = float(whole[known].sum())
    return float(part[known].sum()) / total if total > 0 else np.nan


def _check_one(plan: Plan, assumption: Assumption, past: PastSupply | None) -> Checked:
    if not assumption.measure:
        return Checked(assumption, WORDS_ONLY)
    calendar = plan.inputs.calendar
    try:
        part, whole = parts(plan, past, assumption)
    except DataError as fault:  # a label that was renamed must not hide the other assumptions
        return Checked(assumption, NOT_LOADED, str(fault))
    span = _span(plan, assumption)
    actual = value_over(part, whole, span[span < calendar.now])
    known = np.isfinite(part) & np.isfinite(whole) & (whole > 0)
    to_come = span[span >= calendar.now] - calendar.now
    ahead = to_come if to_come.size else np.arange(calendar.horizon)
    return Checked(
        assumption,
        WAITING if np.isnan(actual) else BROKEN if assumption.breaks(actual) else HOLDS,
        why=_waits(plan, assumption, past, span) if np.isnan(actual) else "",
        actual=actual,
        planned=value_over(part, whole, span[span >= calendar.now]),
        span=tuple(span.tolist()),
        values=np.divide(part, whole, out=np.full(len(part), np.nan), where=known),
        ahead=tuple(ahead.tolist()),
        leaning=_leaning(plan, assumption, ahead),
    )


def _waits(plan: Plan, assumption: Assumption, past: PastSupply | None, span: np.ndarray) -> str:
    """Why no actual is known."""
    calendar = plan.inputs.calendar
    if assumption.measure == "on_time_pct" and (past is None or past.deliveries.empty):
        return "No delivery_history is loaded, so nothing says what left on time."
    if not span.size:
        return "Its months lie outside the data and the plan."
    if span[0] >= calendar.now:
        return "None of its months has passed yet."
    return "The data says nothing of it in the months that have passed."


def _leaning(plan: Plan, assumption: Assumption, ahead: np.ndarray) -> tuple[Leaning, ...]:
    """The families in scope that are delivered in these plan periods; of a cost also those made with it."""
    products, markets = scope(plan.inputs, assumption)
    if assumption.measure == "unit_cost":
        products = _made_with(plan.inputs, products)
    finance, families = plan.finance, plan.inputs.products.family
    found = []
    for family in sorted(set(families[products])):
        cells = np.ix_(products & (families == family), markets, ahead)
        units, revenue = float(finance.delivered[cells].sum()), float(finance.revenue[cells].sum())
        if units:
            found.append(Leaning(family, units, revenue, revenue - float(finance.standard_cost[cells].sum())))
    return tuple(sorted(found, key=lambda one: (-np.nan_to_num(one.revenue), one.family)))


def _made_with(inputs: Inputs, products: np.ndarray) -> np.ndarray:
    """(products,) bool: these products and all that are made with any of them, at any level."""
    bill, found = inputs.network.bill, products.copy()
    while not found[bill.parent[found[bill.component]]].all():
        found[bill.parent[found[bill.component]]] = True
    return found


def _span(plan: Plan, assumption: Assumption) -> np.ndarray:
    """Calendar indices of its periods, as far as the data and the reported plan reach."""
    calendar = plan.inputs.calendar
    ends = np.array([assumption.first, assumption.last], dtype="datetime64[D]")
    first, last = calendar.locate(ends)
    return np.arange(max(int(first), 0), min(int(last) + 1, calendar.now + calendar.horizon))


def _joined(plan: Plan, past: np.ndarray, coming: np.ndarray) -> np.ndarray:
    """(..., past and reported buckets)."""
    return np.concatenate([past, coming[..., : plan.inputs.calendar.horizon]], axis=-1)


def _flow(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the known cells, and 1 a bucket; NaN where no cell is known."""
    known = np.isfinite(cells).any(axis=(0, 1))
    return np.where(known, np.nansum(cells, axis=(0, 1)), np.nan), np.where(known, 1.0, np.nan)


def _ratio(above: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the cells in which both are known."""
    known = np.isfinite(above) & np.isfinite(below)
    return tuple(np.where(known, cells, 0.0).sum(axis=(0, 1)) for cells in (above, below))


def _weighed(costs: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(products, buckets) costs and weights; equal weights where nothing was ever sold, as of a component."""
    weights = units if units.any() else np.ones_like(units)
    known = np.isfinite(costs)
    whole = np.where(known, weights, 0.0)
    return (whole * np.where(known, costs, 0.0)).sum(axis=0), whole.sum(axis=0)


def _on_time(
    plan: Plan, past: PastSupply | None, cells: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """100 x units on time, and units ordered, of the past; the plan's units on time of its demand."""
    calendar = plan.inputs.calendar
    part, whole = np.full((2, calendar.now + calendar.horizon), np.nan)
    if past is not None:
        rows = past.deliveries
        products, markets = (
            np.array(axis.labels, dtype=object)[index.ravel()]
            for axis, index in zip((plan.inputs.products, plan.inputs.markets), cells, strict=True)
        )
        found = delivery_scores(rows[rows["product"].isin(products) & rows["market"].isin(markets)])
        filled = found[found["kpi"] == "Fill on time"]
        bucket = filled["bucket"].to_numpy(dtype=int)
        part[bucket], whole[bucket] = 100 * filled["part"], filled["whole"]
    coming = slice(0, calendar.horizon)
    part[calendar.now :] = 100 * plan.supply.on_time[cells].sum(axis=(0, 1))[coming]
    whole[calendar.now :] = plan.demand.unconstrained[cells].sum(axis=(0, 1))[coming]
    return part, whole


def _urgency(found: Checked) -> tuple[int, float, str]:
    return STATUSES.index(found.status), -np.nan_to_num(found.revenue), found.assumption.assumption_id


def _assumption(row: NamedTuple) -> Assumption:
    return Assumption(
        assumption_id=row.assumption_id,
        cycle=row.cycle,
        text=row.text,
        measure=row.measure,
        product=row.product,
        family=row.family,
        market=row.market,
        currency=row.currency,
        first=None if pd.isna(row.from_period) else row.from_period.date(),
        last=None if pd.isna(row.to_period) else row.to_period.date(),
        expected=float(row.expected),
        tolerance_pct=float(row.tolerance_pct),
        owner=row.owner,
        rests_on=tuple(filter(None, row.rests_on_it.split(","))),
        sample=bool(row.sample),
    )
