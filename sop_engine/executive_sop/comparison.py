"""Up to five scenarios beside do-nothing: what they change and take for granted, and only the figures in
which they differ, in units and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sop_engine.errors import ScenarioError
from sop_engine.executive_sop.scorecard import FIGURES, Delta, Figure, Scorecard, Verdict, delta_of, scorecard
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.plan import Plan

DO_NOTHING = "Do nothing"
MOST = 5
_MORE_FIGURES = (
    Figure("demand_units", "Unconstrained demand, units", "units", 1, 1.0),
    Figure("budget_gap", "Revenue less budget", "money", 1, 1.0),
    Figure("gross_margin_pct", "Gross margin, % of revenue", "%", 1, 0.1),
    Figure("margin_budget_gap", "Gross margin less budget", "money", 1, 1.0),
    Figure("inventory_days", "Inventory, days of cover", "days", 0, 1.0),
    Figure("overloads", "Work-centre periods above 100 %", "count", -1, 1.0),
)


_UNITS = {  # of the supply plan, in the periods to go
    "delivered": ("Delivered, units", 1),
    "late": ("Delivered late, units", -1),
    "lost": ("Lost demand, units", -1),
}


@dataclass(frozen=True)
class Comparison:
    """names: do-nothing first, then the scenarios; levers: each scenario in words; rows: per figure one Delta
    for each of `names`, against do-nothing (its own verdict is NOTHING); unchanged: labels of the figures in
    which none differs; assumptions: what each of `names` takes for granted, "" where nothing is written."""

    period: str
    currency: str
    names: tuple[str, ...]
    levers: tuple[str, ...]
    rows: tuple[tuple[Delta, ...], ...]
    unchanged: tuple[str, ...]
    assumptions: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Long: figure, unit, scenario, value, delta, verdict."""
        records = [
            (delta.figure.label, delta.figure.unit, name, delta.value, delta.delta, str(delta.verdict))
            for row in self.rows
            for name, delta in zip(self.names, row, strict=True)
        ]
        return pd.DataFrame(records, columns=["figure", "unit", "scenario", "value", "delta", "verdict"])


def compare_scenarios(
    do_nothing: Plan,
    plans: Sequence[Plan],
    window: Window | str = Window.FISCAL_YEAR,
    assumptions: Sequence[str] = (),
) -> Comparison:
    """Scorecard, units, costs of supply choices, lost money and operating profit of each scenario, where they
    differ at all.

    assumptions: of each of `plans`, blank where there are none
    Raises ScenarioError unless there are one to five scenarios, all of the data version, cycle and horizon of
    do-nothing.
    """
    _refuse(do_nothing, plans)
    every = (do_nothing, *plans)
    cards = [scorecard(plan, window) for plan in every]
    figures = [_figures(plan, card, window) for plan, card in zip(every, cards, strict=True)]
    rows = [
        tuple(delta_of(figure, column[figure], figures[0][figure]) for column in figures)
        for figure in figures[0]
    ]
    differs = [any(delta.verdict is not Verdict.NOTHING for delta in row) for row in rows]
    return Comparison(
        period=cards[0].period,
        currency=cards[0].currency,
        names=(DO_NOTHING, *_names(plans)),
        levers=tuple(plan.scenario.in_words() for plan in every),
        rows=tuple(row for row, shown in zip(rows, differs, strict=True) if shown),
        unchanged=tuple(row[0].figure.label for row, shown in zip(rows, differs, strict=True) if not shown),
        assumptions=("", *(assumptions or [""] * len(plans))),
    )


def _figures(plan: Plan, card: Scorecard, window: Window | str) -> dict[Figure, float]:
    """Every figure that scenarios are compared in, the strip's first."""
    span = span_of(plan.inputs.calendar, window)
    figures = {figure: float(getattr(card, figure.key)) for figure in (*FIGURES, *_MORE_FIGURES)}
    for name, (label, good) in _UNITS.items():
        units = float(getattr(plan.supply, name)[..., span.planned].sum())
        figures[Figure(f"{name}_units", label, "units", good, 1.0)] = units
    for name in CHOICES:
        cost = float(plan.finance.choice_costs[name][span.planned].sum())
        figures[Figure(name, f"Cost: {name}", "money", -1, 1.0)] = cost
    for name in ("lost_revenue", "lost_margin"):
        lost = float(getattr(plan.finance, name)[:, :, span.planned].sum())
        figures[Figure(name, name.replace("_", " ").capitalize(), "money", -1, 1.0)] = lost
    profit = float(plan.finance.operating_profit[span.planned].sum())
    return {**figures, Figure("operating_profit", "Operating profit, to go", "money", 1, 1.0): profit}


def _refuse(do_nothing: Plan, plans: Sequence[Plan]) -> None:
    if not 1 <= len(plans) <= MOST:
        raise ScenarioError(f"{len(plans)} scenarios were chosen. Compare one to {MOST}.")
    if not do_nothing.scenario.is_baseline:
        raise ScenarioError(
            "The scenario to compare with changes something itself. Compare with the baseline."
        )
    for plan in plans:
        if plan.inputs.version != do_nothing.inputs.version or plan.inputs.cycle != do_nothing.inputs.cycle:
            raise ScenarioError(
                f"'{plan.scenario.name}' was planned on data {plan.inputs.version} of {plan.inputs.cycle}, "
                f"the baseline on {do_nothing.inputs.version} of {do_nothing.inputs.cycle}. "
                "Plan it again on today's data, then compare."
            )
        ends = [
            one.inputs.calendar.plan_labels[one.inputs.calendar.horizon - 1] for one in (plan, do_nothing)
        ]
        if ends[0] != ends[1]:
            raise ScenarioError(
                f"'{plan.scenario.name}' was planned to {ends[0]}, the baseline to {ends[1]}. Plan both over "
                "the same horizon, then compare."
            )


def _names(plans: Sequence[Plan]) -> list[str]:
    """Names as given, numbered where one is blank or comes twice."""
    names = [plan.scenario.name for plan in plans]
    return [
        name if name and names.count(name) == 1 else f"{name or 'Scenario'} {position}"
        for position, name in enumerate(names, start=1)
    ]
