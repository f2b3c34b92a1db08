"""Promotions, price moves and other dated events, and what is known of price and volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, plan_positions

NOT_COUNTED = ("rejected", "cancelled")


@dataclass(frozen=True)
class Event:
    """A dated effect on demand and price.

    lift_pct: % of the cell; lift_units: units a period, spread over its cells in proportion; NaN = not stated
    price_change_pct: % of the net price while it lasts; cost: money, at its start
    """

    event: str
    products: np.ndarray
    markets: np.ndarray
    first: int
    last: int
    lift_pct: float
    lift_units: float
    cost: float
    owner: str
    price_change_pct: float = 0.0
    status: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is in the plan: everything is but what was rejected or cancelled."""
        return self.status.strip().lower() not in NOT_COUNTED

    @property
    def lift_is_stated(self) -> bool:
        return not (np.isnan(self.lift_pct) and np.isnan(self.lift_units))


@dataclass(frozen=True)
class FamilyElasticity:
    """% of units for 1 % of price, with its standard error and the observations behind it; NaN = not known.

    source: own (the family's prices say so), all (borrowed from the panel of families) or none
    """

    family: str
    elasticity: float
    error: float
    observations: int
    source: str


def read_events(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[Event, ...]:
    """Events that touch the plan, whatever their status; those that count say so."""
    frame = tables["event"]
    first, last = (plan_positions(calendar, frame[c], 0) for c in ("from_period", "to_period"))
    return tuple(
        Event(
            event=row.event,
            products=products.group(row.product or row.family),
            markets=markets.group(row.market),
            first=int(first[row.Index]),
            last=int(last[row.Index]),
            lift_pct=row.lift_pct,
            lift_units=row.lift_units,
            cost=_or_zero(row.cost),
            owner=row.owner,
            price_change_pct=_or_zero(row.price_change_pct),
            status=row.status,
        )
        for row in frame.astype({"lift_pct": float, "lift_units": float}).itertuples()
        if last[row.Index] >= 0 and first[row.Index] < calendar.periods
    )


def family_elasticities_of(frame: pd.DataFrame) -> tuple[FamilyElasticity, ...]:
    """Rows of the table elasticity, by family."""
    return tuple(
        FamilyElasticity(
            row.family, row.elasticity, row.standard_error, int(_or_zero(row.observations)), row.source
        )
        for row in frame.sort_values("family").itertuples()
    )


def _or_zero(number: float) -> float:
    """A blank change or cost is none."""
    return 0.0 if pd.isna(number) else float(number)
