"""What supply does not deliver when it is due, cell by cell and by the cause that stands behind it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from sop_engine.plan import Plan
from sop_engine.supply_review.shortage import LOST

Cause = tuple[str, str]  # reason and label of the root of a shortage
NO_CAUSE: Cause = ("", "")


def short_by_cause(plan: Plan) -> dict[Cause, np.ndarray]:
    """{cause: (products, markets, periods) units that are put off or lost less those that catch up}.

    In every cell they add up to demand less deliveries; what no shortage names has NO_CAUSE. A shortage
    speaks for a product and a period, so its causes are shared alike by the markets. What comes late takes
    from all causes that wait, in proportion.
    """
    supply, demand = plan.supply, plan.demand.unconstrained
    put_off = demand - supply.on_time - supply.lost
    caught = _caught_up(put_off, supply.late)
    short: dict[Cause, np.ndarray] = {}
    for cause, (late_share, lost_share) in _shares(plan, put_off).items():
        products = np.flatnonzero((late_share + lost_share).any(axis=1))
        waits = put_off[products] * late_share[products, None, :]
        lost = supply.lost[products] * lost_share[products, None, :]
        short[cause] = np.zeros(demand.shape)
        short[cause][products] = waits + lost - _recovered(waits, caught[products])
    named = sum(short.values(), start=np.zeros(demand.shape))
    return {**short, NO_CAUSE: demand - supply.delivered - named}


def _shares(plan: Plan, put_off: np.ndarray) -> dict[Cause, tuple[np.ndarray, np.ndarray]]:
    """{cause: its part of what is put off and of what is lost}, (products, periods) each."""
    lost = plan.supply.lost.sum(axis=1)
    units: dict[Cause, tuple[np.ndarray, np.ndarray]] = defaultdict(
        lambda: (np.zeros(lost.shape), np.zeros(lost.shape))
    )
    for one in plan.supply.shortages:
        at = one.product, one.period
        never = min(one.units, float(lost[at])) if one.kind == LOST else 0.0
        late_units, lost_units = units[one.root.reason, one.root.label]
        late_units[at] += one.units - never
        lost_units[at] += never
    wholes = [np.sum([parts[kind] for parts in units.values()], axis=0) for kind in (0, 1)]
    return {
        cause: (_part(parts[0], wholes[0]), _part(parts[1], wholes[1]))
        for cause, parts in sorted(units.items())
    }


def _part(amount: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(amount, whole, out=np.zeros(amount.shape), where=whole > 0)


def _caught_up(put_off: np.ndarray, late: np.ndarray) -> np.ndarray:
    """(products, markets, periods) part of what waits when a period begins that is delivered in it."""
    waiting = np.zeros(late.shape)
    waiting[:, :, 1:] = np.cumsum(put_off - late, axis=2)[:, :, :-1]
    part = np.divide(late, waiting, out=np.zeros(late.shape), where=waiting > 0)
    return np.minimum(part, 1.0)


def _recovered(put_off: np.ndarray, caught: np.ndarray) -> np.ndarray:
    """(..., periods) units of one cause that come late, by the period in which they come."""
    came, waiting = np.zeros(put_off.shape), np.zeros(put_off.shape[:-1])
    for period in range(put_off.shape[-1]):
        came[..., period] = waiting * caught[..., period]
        waiting = waiting + put_off[..., period] - came[..., period]
    return came
