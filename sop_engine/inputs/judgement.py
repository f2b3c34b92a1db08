"""What people judge: overrides of the demand and the streams of sales, marketing, finance and customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, plan_positions


@dataclass(frozen=True)
class Override:
    """A planner's change of cells: kind "units" sets the total of the scope, "add" adds units, "pct"
    scales.
    """

    override_id: str
    products: np.ndarray
    markets: np.ndarray
    first: int
    last: int
    kind: str
    value: float
    reason: str
    owner: str


@dataclass(frozen=True)
class StreamCell:
    """What a stream says of a scope in a plan period, in units."""

    stream: str
    products: np.ndarray
    markets: np.ndarray
    period: int
    units: float


def read_overrides(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[Override, ...]:
    """Active overrides that have not expired, in the order they were made; none acts inside the
    frozen zone.
    """
    frame = tables.read("SELECT * FROM override WHERE active ORDER BY created_at, override_id")
    first, last = (plan_positions(calendar, frame[c], 0) for c in ("from_period", "to_period"))
    expired = plan_positions(calendar, frame["expires"], calendar.periods) < 0
    return tuple(
        Override(
            override_id=row.override_id,
            products=products.group(row.product or row.family),
            markets=markets.group(row.market),
            first=max(int(first[row.Index]), calendar.frozen),
            last=int(last[row.Index]),
            kind=row.kind,
            value=row.value,
            reason=row.reason,
            owner=row.owner,
        )
        for row in frame.itertuples()
        if not expired[row.Index]
    )


def read_streams(
    tables: Tables,
    calendar: Calendar,
    products: Products,
    markets: Markets,
    units: np.ndarray,
    value: np.ndarray,
) -> tuple[StreamCell, ...]:
    """Streams in units; one given in money is divided by the scope's value per baseline unit in that
    period.
    """
    frame = tables["forecast_stream"]
    period = plan_positions(calendar, frame["period"], 0)
    cells = []
    for row in frame[(period >= 0) & (period < calendar.periods)].itertuples():
        inside, where = products.group(row.product or row.family), markets.group(row.market)
        t = int(period[row.Index])
        amount = row.units
        if np.isnan(amount):
            index = np.ix_(inside, where, [t])
            volume, worth = units[index].sum(), np.nansum(units[index] * value[index])
            amount = row.amount * volume / worth if worth > 0 else np.nan
        if np.isfinite(amount):
            cells.append(StreamCell(row.stream, inside, where, t, float(amount)))
    return tuple(cells)
