"""Assumptions held against what came: where each stands, and the families and money that lean on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sop_engine.assumptions.assumption import Assumption
from sop_engine.assumptions.values import parts, scope, value_over
from sop_engine.demand_review.explosion import made_with
from sop_engine.errors import DataError
from sop_engine.inputs.performance import PastSupply
from sop_engine.plan import Plan

HOLDS, BROKEN, WAITING = "holds", "broken", "waiting for actuals"
WORDS_ONLY, NOT_LOADED = "words only", "not in the data"
STATUSES = (BROKEN, NOT_LOADED, HOLDS, WAITING, WORDS_ONLY)  # in the order in which they are read


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


def check(plan: Plan, assumptions: Iterable[Assumption], past: PastSupply | None) -> tuple[Checked, ...]:
    """Each assumption held against the actuals of the plan's inputs and against the plan: the broken ones
    first, those with the most revenue before the others.

    past: what supply did, for on_time_pct; None where it was not read
    """
    found = (_check_one(plan, assumption, past) for assumption in assumptions)
    return tuple(sorted(found, key=_urgency))


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
        products = made_with(plan.inputs, products)
    finance, families = plan.finance, plan.inputs.products.family
    found = []
    for family in sorted(set(families[products])):
        cells = np.ix_(products & (families == family), markets, ahead)
        units, revenue = float(finance.delivered[cells].sum()), float(finance.revenue[cells].sum())
        if units:
            found.append(Leaning(family, units, revenue, revenue - float(finance.standard_cost[cells].sum())))
    return tuple(sorted(found, key=lambda one: (-np.nan_to_num(one.revenue), one.family)))


def _span(plan: Plan, assumption: Assumption) -> np.ndarray:
    """Calendar indices of its periods, as far as the data and the reported plan reach."""
    calendar = plan.inputs.calendar
    ends = np.array([assumption.first, assumption.last], dtype="datetime64[D]")
    first, last = calendar.locate(ends)
    return np.arange(max(int(first), 0), min(int(last) + 1, calendar.now + calendar.horizon))


def _urgency(found: Checked) -> tuple[int, float, str]:
    return STATUSES.index(found.status), -np.nan_to_num(found.revenue), found.assumption.assumption_id
