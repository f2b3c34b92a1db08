"""Triggers of risks and opportunities: the measure that tells that one comes, watched in the actuals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import Assumption
from sop_engine.assumptions.values import parts
from sop_engine.errors import DataError
from sop_engine.inputs.performance import PastSupply
from sop_engine.plan import Plan

ABOVE, BELOW = "above", "below"
SIDES = (ABOVE, BELOW)


@dataclass(frozen=True)
class Watched:
    """What the data says of one trigger.

    value, period: of the last bucket of the past in which the measure is known, NaN and "" where none is
    limit, side: where it fires; measured: as an assumption states it; why: it cannot be watched, else ""
    """

    item_id: str
    measured: Assumption
    side: str
    limit: float
    value: float
    period: str
    why: str = ""

    @property
    def fired(self) -> bool:
        """Whether the value lies beyond the limit; a value that is not known fires nothing."""
        return self.value > self.limit if self.side == ABOVE else self.value < self.limit


def watch(plan: Plan, items: pd.DataFrame, past: PastSupply | None) -> tuple[Watched, ...]:
    """The trigger of each open item that has one, held against the actuals.

    items: rows of the table risk_opportunity; past: what supply did, for on_time_pct; None where not read
    """
    return tuple(_watched(plan, past, row) for row in _with_trigger(items))


def _with_trigger(items: pd.DataFrame) -> Iterator[NamedTuple]:
    yield from items[(items["status"] == "open") & (items["trigger_measure"] != "")].itertuples()


def _watched(plan: Plan, past: PastSupply | None, row: NamedTuple) -> Watched:
    scope = {"product": row.product, "family": row.family, "market": row.market}
    measured = Assumption(
        row.item_id, row.cycle, row.title, row.trigger_measure, currency=row.trigger_currency, **scope
    )
    told = row.item_id, measured, row.trigger_side, float(row.trigger_value)
    try:
        part, whole = parts(plan, past, measured)
    except DataError as fault:  # one label that was renamed must not hide the other triggers
        return Watched(*told, np.nan, "", str(fault))
    now = plan.inputs.calendar.now
    known = np.flatnonzero(np.isfinite(part[:now]) & (whole[:now] > 0))
    if not known.size:
        return Watched(*told, np.nan, "", "The data says nothing of it so far.")
    last = known[-1]
    return Watched(*told, float(part[last] / whole[last]), plan.inputs.calendar.labels[last])
