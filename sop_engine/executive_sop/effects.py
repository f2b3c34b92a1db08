"""What a decision is expected to bring: the chosen option's solved plan against doing nothing, read in the
measures and the scope that actuals will be read in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import MEASURES, Assumption
from sop_engine.assumptions.values import parts
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.performance import PastSupply
from sop_engine.inputs.reader import Scene
from sop_engine.plan import Plan
from sop_engine.scenario import Lever, LeverKind, acting_periods

Read = Callable[[str], pd.DataFrame]
REVIEW_MONTHS = 3  # after which an effect is looked at, where it does not end before
LEAST_PCT = 0.1  # of what it would be without: less is no effect that actuals could ever show
FAMILIES = 3  # in which a lever of supply is followed: those whose revenue it moves most
PRICED = 3  # periods whose average price values units where no plan is solved
SELLS = ("demand_units", "revenue")
SERVES = ("revenue", "on_time_pct")


class Scope(NamedTuple):
    """Where an effect is read: a product or a family, a market, a currency; "" is all."""

    product: str = ""
    family: str = ""
    market: str = ""
    currency: str = ""

    def words(self) -> str:
        """The scope as a phrase.

        >>> Scope(family="Road Bikes", market="Europe").words(), Scope().words()
        ('Road Bikes, Europe', 'whole company')
        """
        return ", ".join(filter(None, (self.product or self.family, self.market, self.currency))) or (
            "whole company"
        )


@dataclass(frozen=True)
class Effect:
    """One period of what a decision is expected to bring, a row of the table decision_effect.

    measure: of assumptions.MEASURES; month: first day of the period
    without, expected: the measure a period, by the plan without and with the chosen option
    """

    measure: str
    scope: Scope
    month: date
    without: float
    expected: float

    def as_row(self) -> dict[str, object]:
        """The columns of decision_effect, its decision aside."""
        row = {**self.scope._asdict(), "from_period": self.month, "to_period": self.month}
        return {"measure": self.measure, **row, "without": self.without, "expected": self.expected}


def expected_effects(chosen: Plan, nothing: Plan, past: PastSupply | None = None) -> tuple[Effect, ...]:
    """What the levers of `chosen` move, period by period, where they move it beyond LEAST_PCT.

    Both plans stand on the same data; past: what supply did, without which nobody could read what is on time
    later. A lever on demand, price, product or cost is read in its own scope; one of supply in the families
    whose revenue it moves most. Freight moves nothing that actuals are read in.
    """
    found = []
    for scope, measures in _scopes(chosen, nothing).items():
        for measure in (name for name in MEASURES if name in measures):
            if measure != "on_time_pct" or (past is not None and not past.deliveries.empty):
                found += _months(chosen, nothing, measure, scope)
    return tuple(found)


def lever_effects(scene: Scene, units: np.ndarray, lever: Lever) -> tuple[Effect, ...]:
    """What a lever on the demand of a family is expected to bring where no plan is solved: units of the
    baseline times the lever, and their revenue at the average net price of the PRICED periods before.

    units: (products, markets, periods) the baseline of the scene's cycle
    """
    calendar, family = scene.calendar, scene.products.group(lever.target)
    sold, earned = (np.nansum(cells[family][:, :, -PRICED:]) for cells in (scene.units, scene.revenue))
    scope, factor = Scope(family=lever.target), 1 + lever.value / 100
    found = []
    for measure, worth in (("demand_units", 1.0), ("revenue", float(earned / sold))):
        for period in np.flatnonzero(acting_periods(lever, replace(calendar, frozen=0))):
            without = float(units[family][:, :, period].sum()) * worth
            month = calendar.starts[calendar.now + period].astype(object)
            found.append(Effect(measure, scope, month, without, without * factor))
    return tuple(found)


def review_day(effects: Iterable[Effect], calendar: Calendar) -> date | None:
    """When to look at it: the last day of its third period, or of its last where that comes before; None
    where nothing is expected that actuals can be read in."""
    months = sorted({effect.month for effect in effects})
    if not months:
        return None
    bucket = calendar.locate(np.array([months[:REVIEW_MONTHS][-1]], dtype="datetime64[D]"))[0]
    return calendar.ends[min(int(bucket), len(calendar.ends) - 1)].astype(object)


def effect_rows(decision_id: str, effects: Sequence[Effect]) -> pd.DataFrame:
    """Rows of the table decision_effect."""
    return pd.DataFrame([effect.as_row() for effect in effects]).assign(decision_id=decision_id)


def read_effects(read: Read) -> pd.DataFrame:
    """Rows of the table decision_effect. read: of the warehouse"""
    return read("SELECT * FROM decision_effect ORDER BY ALL")


def effects_of(rows: pd.DataFrame) -> tuple[Effect, ...]:
    """The effects that rows of decision_effect hold."""
    return tuple(
        Effect(
            row.measure,
            Scope(row.product, row.family, row.market, row.currency),
            row.from_period.date(),
            float(row.without),
            float(row.expected),
        )
        for row in rows.itertuples()
    )


def read_by(measure: str, scope: Scope) -> Assumption:
    """What `assumptions.values` reads a measure in a scope by."""
    return Assumption("", "", "", measure, **scope._asdict())


def monthly(plan: Plan, measure: str, scope: Scope, past: PastSupply | None = None) -> np.ndarray:
    """(past and reported buckets,) the measure of each bucket; NaN = not known. Raises DataError where the
    scope is not loaded."""
    part, whole = parts(plan, past, read_by(measure, scope))
    known = np.isfinite(part) & np.isfinite(whole) & (whole > 0)
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=known)


def _months(chosen: Plan, nothing: Plan, measure: str, scope: Scope) -> Iterator[Effect]:
    """From the first planned period that differs to the last."""
    calendar = nothing.inputs.calendar
    expected, without = (monthly(plan, measure, scope)[calendar.now :] for plan in (chosen, nothing))
    known = np.isfinite(expected) & np.isfinite(without)
    moved = np.flatnonzero(known & (np.abs(expected - without) > LEAST_PCT / 100 * np.abs(without)))
    if not moved.size:
        return
    for at in range(moved[0], moved[-1] + 1):
        if known[at]:
            month = calendar.starts[calendar.now + at].astype(object)
            yield Effect(measure, scope, month, float(without[at]), float(expected[at]))


def _scopes(chosen: Plan, nothing: Plan) -> dict[Scope, set[str]]:
    """{scope: measures} that the levers move."""
    found: dict[Scope, set[str]] = {}
    for lever in chosen.scenario.levers:
        for scope, measures in _of_lever(lever, chosen, nothing):
            found.setdefault(scope, set()).update(measures)
    return found


def _of_lever(lever: Lever, chosen: Plan, nothing: Plan) -> Iterator[tuple[Scope, tuple[str, ...]]]:
    inputs = nothing.inputs
    named = _named(lever.target, inputs)
    match lever.kind:
        case LeverKind.DEMAND:
            yield named._replace(market=lever.market), SELLS
        case LeverKind.PRICE:
            yield named._replace(market=lever.market), (*SELLS, "average_price")
        case LeverKind.LAUNCH_IN | LeverKind.LAUNCH_SLIP:
            for launch in inputs.demand.launches:
                if lever.target in ("", launch.project):
                    yield Scope(product=inputs.products.labels[launch.product]), SELLS
        case LeverKind.PHASE_OUT:
            yield named, SELLS
        case LeverKind.UNIT_COST:
            yield named, ("unit_cost",)
        case LeverKind.EXCHANGE_RATE:
            foreign = sorted(set(inputs.markets.currency) - {inputs.money.base_currency})
            for currency in [lever.target] if lever.target else foreign:
                yield Scope(currency=currency), ("exchange_rate",)
        case LeverKind.FREIGHT:
            return
        case _:
            for family in _moved_most(chosen, nothing):
                yield Scope(family=family), SERVES


def _named(target: str, inputs: Inputs) -> Scope:
    """The product group that a lever names."""
    return Scope(product=target) if target in inputs.products.positions else Scope(family=target)


def _moved_most(chosen: Plan, nothing: Plan) -> list[str]:
    """The FAMILIES whose revenue, units where nothing is priced, the supply of a scenario moves most."""
    reported = slice(nothing.inputs.calendar.horizon)
    values = [
        (plan.finance.delivered if np.isnan(plan.finance.revenue).all() else plan.finance.revenue)
        for plan in (chosen, nothing)
    ]
    moved = np.abs(np.nansum((values[0] - values[1])[:, :, reported], axis=(1, 2)))
    families = nothing.inputs.products.family
    totals = {family: float(moved[families == family].sum()) for family in sorted(set(families))}
    return [family for family in sorted(totals, key=lambda one: -totals[one])[:FAMILIES] if totals[family]]
