"""An option, and the month, in plain sentences by rule: every number in them stands in `fact_table`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import change_pct, month, percent, points, short, signed
from sop_engine.charts.pre_sop_changes import cause_words, change_words
from sop_engine.executive_sop.scorecard import (
    RELATIVE_TOLERANCE,
    Delta,
    Scorecard,
    Verdict,
    compare,
    scorecard,
)
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.plan import Plan
from sop_engine.pre_sop.changes import MARGIN, UNITS, ChangeBridge, change_bridge
from sop_engine.pre_sop.sides import side_of
from sop_engine.remedies.causes import RootCause, root_causes

DOING_NOTHING = "doing nothing"
ROUNDING = 0.5  # of a coin: a cost that moves less is not spoken of
NAMED = 3  # costs in a sentence


@dataclass(frozen=True, eq=False)
class Facts:
    """What a plan is beside another one on the same data, over one span; the sentences say nothing else.

    deltas: of the strip's figures; bridge: of the gross margin, of units where no price is known
    costs: {supply choice: (before, after)} of the planned periods, money
    causes: what the plan is still short for, the dearest first
    """

    plan: Plan
    before: Scorecard
    after: Scorecard
    deltas: tuple[Delta, ...]
    bridge: ChangeBridge
    costs: dict[str, tuple[float, float]]
    causes: tuple[RootCause, ...]

    def delta(self, key: str) -> Delta:
        return next(delta for delta in self.deltas if delta.figure.key == key)


def facts_of(before: Plan, after: Plan, window: Window | str = Window.FISCAL_YEAR, label: str = "") -> Facts:
    """Both plans on the same data and span. label: of `before`, DOING_NOTHING if blank"""
    periods = span_of(after.inputs.calendar, window).planned
    cards = scorecard(before, window), scorecard(after, window)
    measure = UNITS if np.isnan(cards[1].gross_margin) else MARGIN
    sides = side_of(before, label or DOING_NOTHING), side_of(after, after.scenario.name)
    money = [
        {name: float(one.finance.choice_costs[name][periods].sum()) for name in CHOICES}
        for one in (before, after)
    ]
    return Facts(
        plan=after,
        before=cards[0],
        after=cards[1],
        deltas=compare(cards[1], cards[0]),
        bridge=change_bridge(*sides, measure, periods),
        costs={name: (money[0][name], money[1][name]) for name in CHOICES},
        causes=root_causes(after, periods),
    )


def option_sentences(facts: Facts) -> tuple[str, ...]:
    """What an option does, costs and leaves short, and where it is full, against doing nothing."""
    families = facts.plan.inputs.products.family
    change = change_words(facts.bridge, facts.plan, families, since="against")
    return tuple(filter(None, (change, _service(facts), _costs(facts), _load(facts), _short(facts))))


def month_sentences(facts: Facts, waiting: int, overdue: int) -> tuple[str, ...]:
    """Where the year lands against the budget, what changed since the cycle began, what is short, what is to
    be decided.

    facts: of the plan now beside the one at the cycle's start; waiting, overdue: decisions
    """
    families = facts.plan.inputs.products.family
    return tuple(
        filter(
            None,
            (
                _landing(facts.after),
                change_words(facts.bridge, facts.plan, families),
                _load(facts),
                _short(facts),
                _decisions(waiting, overdue),
            ),
        )
    )


def fact_table(facts: Facts) -> pd.DataFrame:
    """figure, before, after, change: every number that the sentences say, but those of the bridge, which
    stand in the tables of `pre_sop_changes`."""
    rows = [(delta.figure.label, delta.base, delta.value, delta.delta) for delta in facts.deltas]
    before, after = facts.before, facts.after
    rows += [
        (label, getattr(before, key), getattr(after, key), getattr(after, key) - getattr(before, key))
        for key, label in (
            ("overloads", "Work-centre periods above 100 %"),
            ("budget_gap", "Revenue less budget"),
            ("margin_budget_gap", "Gross margin less budget"),
        )
    ]
    rows += [(name, was, now, now - was) for name, (was, now) in facts.costs.items()]
    rows += [(f"Short: {cause.name}", np.nan, cause.late + cause.lost, np.nan) for cause in facts.causes[:1]]
    rows += [(f"Short: {cause.name}, revenue", np.nan, cause.revenue, np.nan) for cause in facts.causes[:1]]
    return pd.DataFrame(rows, columns=["figure", "before", "after", "change"])


def _service(facts: Facts) -> str:
    """Fill rate, revenue and stock, where they move."""
    parts = [
        _moved(facts.delta(key), name)
        for key, name in (
            ("fill_rate_pct", "the fill rate"),
            ("revenue", "revenue"),
            ("inventory_value", "stock"),
        )
    ]
    said = [part for part in parts if part]
    return _sentence(_and(said)) if said else ""


def _moved(delta: Delta, name: str) -> str:
    if delta.verdict is Verdict.NOTHING:
        return ""
    up = "rises" if delta.delta > 0 else "falls"
    if delta.figure.unit == "%":
        return f"{name} {up} to {percent(delta.value)} ({points(delta.delta)})"
    return f"{name} {up} by {short(abs(delta.delta))} to {short(delta.value)}"


def _costs(facts: Facts) -> str:
    """The supply choices that cost more or less, the largest first."""
    least = max(ROUNDING, RELATIVE_TOLERANCE * abs(facts.before.revenue))
    moved = {name: now - was for name, (was, now) in facts.costs.items() if abs(now - was) > least}
    largest = sorted(moved, key=lambda name: (-abs(moved[name]), name))[:NAMED]
    if not largest:
        return ""
    said = _and([f"{name} {signed(moved[name])}" for name in largest])
    return _sentence(f"of supply it changes {said}{_in(facts.after.currency)}")


def _load(facts: Facts) -> str:
    """The worst work centre, and how many are above their hours."""
    card = facts.after
    if np.isnan(card.required_load_peak_pct):
        return ""
    peak = f"{card.peak_resource} needs {percent(card.required_load_peak_pct)} of its hours"
    more = card.overloads - facts.before.overloads
    against = f", {abs(more)} {'more' if more > 0 else 'fewer'}" if more else ""
    many = _counted(card.overloads, "work-centre month lies", "work-centre months lie")
    return _sentence(f"{peak} in {month(card.peak_period)}; {many} above 100 %{against}")


def _short(facts: Facts) -> str:
    """What the plan is short for most."""
    if not facts.causes:
        return "Nothing is late or lost."
    worst = facts.causes[0]
    units = worst.late + worst.lost
    worth = (
        "" if np.isnan(worst.revenue) else f", {short(worst.revenue)}{_in(facts.after.currency)} of revenue"
    )
    return _sentence(
        f"{short(units)} units{worth} come late or never because {cause_words(worst, facts.plan)}"
    )


def _landing(card: Scorecard) -> str:
    """Revenue and gross margin of the span against the budget."""
    said = [
        f"{name} {short(value)}{_in(card.currency)}, {short(abs(gap))} ({change_pct(value, value - gap)}) "
        f"{'above' if gap > 0 else 'below'} budget"
        for name, value, gap in (
            ("revenue", card.revenue, card.budget_gap),
            ("gross margin", card.gross_margin, card.margin_budget_gap),
        )
        if np.isfinite(gap)
    ]
    return _sentence("; ".join(said)) if said else ""


def _decisions(waiting: int, overdue: int) -> str:
    if not waiting:
        return "No decision waits."
    late = f", {overdue} of them past {'their' if overdue > 1 else 'its'} day" if overdue else ""
    return f"{_counted(waiting, 'decision waits', 'decisions wait')}{late}."


def _counted(count: int, one: str, many: str) -> str:
    return f"{count or 'no'} {one if count == 1 else many}"


def _in(currency: str) -> str:
    return f" {currency}" if currency else ""


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
