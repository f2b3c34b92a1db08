"""The parts of a safety stock in words, and the places that have a stock target."""

from __future__ import annotations

import numpy as np

from sop_engine.charts.numbers import full, month, percent, short
from sop_engine.charts.view import View
from sop_engine.plan import Plan
from sop_engine.supply_review.excess import SafetyStock

ENOUGH = 3  # receipts for a spread


def places_with_target(plan: Plan, view: View) -> list[tuple[int, int]]:
    """(product, site) of the view's products that have a stock target, those with a service level and most
    money first."""
    target = plan.supply.target[:, :, view.periods].mean(axis=2)
    money = target * np.nan_to_num(plan.finance.unit_cost)[:, view.periods].mean(axis=1)[:, None]
    found = np.argwhere((target > 0) & view.products[:, None])
    unset = np.isnan(plan.inputs.network.service_level[tuple(found.T)])
    order = np.lexsort((-money[tuple(found.T)], unset))
    return [(int(product), int(site)) for product, site in found[order]]


def month_of(plan: Plan, period: int) -> str:
    """A plan period as people say it."""
    return month(plan.inputs.calendar.plan_labels[period])


def safety_words(
    part: SafetyStock, product: str, site: str, when: str, length: float, late: np.ndarray
) -> list[str]:
    """The formula with its numbers, what it promises, what the target rests on, and the spread of lead times.

    length: days a period; late: days that past receipts came after their promise, below 0 before it
    """
    if not np.isnan(part.stated):
        first = f"The planner stated {full(part.stated)} units of {product} at {site}."
    elif np.isnan(part.level):
        first = f"No service level is set for {product} at {site}, so no safety stock is worked out."
    else:
        first = (
            f"{product} at {site}: z {part.z:.3f} x error {short(part.error_sd)} units x "
            f"√({part.lead * length:.0f} days lead + {part.review * length:.0f} days review, "
            f"{part.lead + part.review:.2f} periods) = {full(part.units)} units."
        )
    promise = (
        f"z {part.z:.3f} keeps {percent(100 * part.level)} of replenishment cycles free of a stock-out. That "
        "is per cycle, no fill rate: the share of units served is higher."
    )
    target = f"The plan's target in {month(when)} is {full(part.target)} units"
    floor = (
        f"; the minimum cover asks for {full(part.cover)} units and the larger of the two holds"
        if part.cover > 0
        else ""
    )
    known = [] if np.isnan(part.level) or not np.isnan(part.stated) else [promise]
    return [first, *known, f"{target}{floor}.", _spread_words(part, length, late)]


def _spread_words(part: SafetyStock, length: float, late: np.ndarray) -> str:
    """What the spread of lead times would add; that it is not known with fewer than three receipts."""
    if len(late) < ENOUGH:
        return (
            "The sd of its lead time is not known: fewer than three past receipts of it with a promised date "
            "are loaded (receipt_history.csv)."
        )
    spread = float(np.std(late, ddof=1))
    first = f"Its last {len(late)} receipts spread by {spread:.1f} days (sd) around their promised date"
    if np.isnan(part.units):
        return f"{first}."
    units = part.with_lead_spread(spread / length)
    return (
        f"{first}; z x √((lead + review) x error² + (demand {short(part.demand)} x lead sd)²) = "
        f"{full(units)} units would cover that too. The plan's target does not count it."
    )
