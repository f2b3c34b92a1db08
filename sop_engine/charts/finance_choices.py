"""What serving the demand costs beyond standard, against the baseline and by stored scenario."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import full, short
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.plan import Plan

LOST = "lost margin"
WHOLE_UNIT = 0.5  # units; a smaller change of deliveries is none


def choice_costs_of(plan: Plan, periods: np.ndarray) -> dict[str, float]:
    """{choice, and the margin that is lost: money over these plan periods}, NaN = not known."""
    costs = {name: float(plan.finance.choice_costs[name][periods].sum()) for name in CHOICES}
    return {**costs, LOST: float(plan.finance.lost_margin[:, :, periods].sum())}


def extra_units(plan: Plan, baseline: Plan, periods: np.ndarray) -> float:
    """Units delivered, on time or late, beyond the baseline."""
    return float((plan.finance.delivered - baseline.finance.delivered)[:, :, periods].sum())


def against_baseline(plan: Plan, baseline: Plan, periods: np.ndarray) -> pd.DataFrame:
    """choice, baseline, plan, change, change per extra unit delivered; those that cost nothing left out.

    "all but lost margin" sums what is paid or charged. Per unit is NaN where no more is delivered.
    """
    currency = plan.inputs.money.base_currency
    now, before = (choice_costs_of(one, periods) for one in (plan, baseline))
    extra = extra_units(plan, baseline, periods)
    for costs in (now, before):
        costs["all but lost margin"] = sum(costs[name] for name in CHOICES)
    rows = [
        (name, before[name], now[name], now[name] - before[name])
        for name in now
        if np.nan_to_num(now[name]) or np.nan_to_num(before[name])
    ]
    table = pd.DataFrame(
        rows, columns=["choice", *(f"{w}, {currency}" for w in ("baseline", "plan", "change"))]
    )
    per_unit = table[f"change, {currency}"] / (extra if extra >= WHOLE_UNIT else np.nan)
    return table.assign(**{f"{currency} per extra unit": per_unit.map(_two_digits)})


def by_scenario(
    names: Sequence[str], plans: Sequence[Plan], baseline: Plan, periods: np.ndarray
) -> pd.DataFrame:
    """One row per scenario, changes against the baseline: extra units delivered, each choice that differs
    anywhere, all of them together, the lost margin, and what a unit more costs."""
    currency, before = baseline.inputs.money.base_currency, choice_costs_of(baseline, periods)
    rows = []
    for name, plan in zip(names, plans, strict=True):
        costs = choice_costs_of(plan, periods)
        change = {choice: costs[choice] - before[choice] for choice in costs}
        paid, extra = sum(change[choice] for choice in CHOICES), extra_units(plan, baseline, periods)
        per_unit = _two_digits(paid / extra if extra >= WHOLE_UNIT else np.nan)
        rows.append(
            {
                "scenario": name,
                "extra units delivered": extra,
                **{f"{choice}, {currency}": change[choice] for choice in CHOICES},
                f"all of these, {currency}": paid,
                f"{LOST}, {currency}": change[LOST],
                f"{currency} per extra unit": per_unit,
            }
        )
    table = pd.DataFrame(rows)
    still = [f"{choice}, {currency}" for choice in CHOICES]
    return table.drop(columns=[name for name in still if not (table[name].abs() > WHOLE_UNIT).any()])


def against_words(plan: Plan, baseline: Plan, periods: np.ndarray) -> str:
    """What the working scenario pays for what it delivers more, in a sentence."""
    currency, extra = plan.inputs.money.base_currency, extra_units(plan, baseline, periods)
    now, before = (choice_costs_of(one, periods) for one in (plan, baseline))
    paid = sum(now[name] - before[name] for name in CHOICES)
    units = f"{full(abs(extra))} units {'more' if extra > 0 else 'fewer'}"
    units = units if abs(extra) >= WHOLE_UNIT else "as many units"
    words = f"Against the baseline it delivers {units} and pays {short(abs(paid))} "
    words += f"{currency} {'more' if paid >= 0 else 'less'} for its choices"
    return f"{words}: {_two_digits(paid / extra)} a unit." if extra >= WHOLE_UNIT else f"{words}."


def _two_digits(amount: float) -> str:
    return "-" if np.isnan(amount) else f"{amount:,.2f}"
