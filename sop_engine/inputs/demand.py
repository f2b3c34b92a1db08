"""What the demand review starts from: history, the stored baseline, streams, events, overrides, orders and
launches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, plan_positions


@dataclass(frozen=True, eq=False)
class StoredBaseline:
    """The statistical baseline as fitted for this data version; units a period.

    units: (products, markets, periods); lo80 ... hi95: (products, periods) of the product over all markets
    error_sd: (products,) sd of the monthly forecast error; kind: (products,) class of the series
    bands: {(level, label): (5, periods) units, lo80, hi80, lo95, hi95} for families ("family", label) and
    ("total", "")
    """

    units: np.ndarray
    lo80: np.ndarray
    hi80: np.ndarray
    lo95: np.ndarray
    hi95: np.ndarray
    error_sd: np.ndarray
    kind: np.ndarray
    bands: dict[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class Launch:
    """A project of the pipeline; product and like are positions, units a period.

    launch, baseline_launch: plan index of the launch (may lie beyond the plan) and as first promised
    ramp: periods until the like-product's full rate x scale is reached
    cannibalises: (products,) positions that lose `cannibalisation` of the launch's units between them
    """

    project: str
    product: int
    like: int
    scale: float
    launch: int
    baseline_launch: int
    in_plan: bool
    probability: float
    ramp: int
    cannibalises: tuple[int, ...]
    cannibalisation: float
    gate: str
    business_case_units: float
    capex: float
    owner: str


@dataclass(frozen=True)
class PhaseOut:
    """A product that ends at plan index `end`; `transfer` of its demand moves to the successor (-1: none)."""

    product: int
    end: int
    successor: int
    transfer: float


@dataclass(frozen=True)
class Event:
    """A dated effect on demand: lift in % of the cell and/or units spread over the cells; cost in money."""

    event: str
    products: np.ndarray
    markets: np.ndarray
    first: int
    last: int
    lift_pct: float
    lift_units: float
    cost: float
    owner: str


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


@dataclass(frozen=True, eq=False)
class Orders:
    """The open order book; arrays are (orders,).

    period: plan index of the requested date, 0 for those overdue (overdue is True)
    priority: 1 first, NaN = the market's; max_late: periods an order may wait, NaN = the market's policy
    """

    labels: tuple[str, ...]
    product: np.ndarray
    market: np.ndarray
    period: np.ndarray
    overdue: np.ndarray
    units: np.ndarray
    priority: np.ndarray
    max_late: np.ndarray


@dataclass(frozen=True, eq=False)
class DemandInputs:
    """history, revenue_history: (products, markets, past buckets); NaN before a first sale, 0 where nothing
    sold after it.

    elasticity, elasticity_error: (products,) % of units per % of price, and its standard error; NaN where
    none is known
    stream_weights: {stream: share}; what is missing to 1 is the statistical baseline's
    """

    history: np.ndarray
    revenue_history: np.ndarray
    baseline: StoredBaseline
    streams: tuple[StreamCell, ...]
    stream_weights: dict[str, float]
    events: tuple[Event, ...]
    overrides: tuple[Override, ...]
    orders: Orders
    launches: tuple[Launch, ...]
    phase_outs: tuple[PhaseOut, ...]
    elasticity: np.ndarray
    elasticity_error: np.ndarray


def read_history(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[np.ndarray, np.ndarray]:
    """Units and revenue as (products, markets, past buckets): NaN before a pair's first sale, 0 where it sold
    nothing later.
    """
    frame = tables["sales_history"]
    bucket = calendar.locate(frame["period"].to_numpy(dtype="datetime64[D]"))
    past = (bucket >= 0) & (bucket < calendar.now)
    cells = (products.index(frame["product"][past]), markets.index(frame["market"][past]), bucket[past])
    units, revenue, known = np.zeros((3, len(products), len(markets), calendar.now))
    np.add.at(units, cells, frame["units"].fillna(0.0).to_numpy(dtype=float)[past])
    np.add.at(revenue, cells, frame["revenue"].fillna(0.0).to_numpy(dtype=float)[past])
    known[cells] = 1
    before_first = np.cumsum(known, axis=2) == 0
    units[before_first] = np.nan
    revenue[before_first | frame["revenue"].isna().all()] = (
        np.nan
    )  # a history without revenue has none at all
    return units, revenue


def read_demand(
    tables: Tables,
    calendar: Calendar,
    products: Products,
    markets: Markets,
    history: tuple[np.ndarray, np.ndarray],
    baseline: StoredBaseline,
    elasticity: pd.DataFrame,
    settings: dict[str, float],
    value_per_unit: np.ndarray,
) -> DemandInputs:
    """Everything the consensus is built from. value_per_unit: (products, markets, periods) base currency, for
    streams in money.
    """
    families = elasticity.set_index("family").reindex(products.family)
    streams = _read_streams(tables, calendar, products, markets, baseline.units, value_per_unit)
    named = {
        stream: settings.get(f"consensus_weight_{stream}_pct", 0.0) / 100
        for stream in {c.stream for c in streams}
    }
    return DemandInputs(
        history=history[0],
        revenue_history=history[1],
        baseline=baseline,
        streams=streams,
        stream_weights=named,
        events=_read_events(tables, calendar, products, markets),
        overrides=_read_overrides(tables, calendar, products, markets),
        orders=_read_orders(tables, calendar, products, markets),
        launches=read_launches(tables, calendar, products),
        phase_outs=_read_phase_outs(tables, calendar, products),
        elasticity=families["elasticity"].to_numpy(dtype=float),
        elasticity_error=families["standard_error"].to_numpy(dtype=float),
    )


def read_launches(tables: Tables, calendar: Calendar, products: Products) -> tuple[Launch, ...]:
    """The pipeline; `cannibalises` lists products or families, separated by semicolons."""
    frame = tables["pipeline"]
    launch = plan_positions(calendar, frame["launch_period"], 0)
    first = plan_positions(calendar, frame["baseline_launch_period"].fillna(frame["launch_period"]), 0)
    numbers = frame.select_dtypes("number").fillna({"scale_pct": 100.0, "probability_pct": 100.0}).fillna(0.0)
    return tuple(
        Launch(
            project=row.project,
            product=products.positions[row.product],
            like=products.positions.get(row.like_product, products.positions[row.product]),
            scale=number.scale_pct / 100,
            launch=int(max(launch[row.Index], 0)),
            baseline_launch=int(first[row.Index]),
            in_plan=bool(row.in_plan),
            probability=number.probability_pct / 100,
            ramp=int(number.ramp_periods),
            cannibalises=_victims(products, row.cannibalises, products.positions[row.product]),
            cannibalisation=number.cannibalisation_pct / 100,
            gate=row.gate,
            business_case_units=number.business_case_units,
            capex=number.capex,
            owner=row.owner,
        )
        for row, number in zip(frame.itertuples(), numbers.itertuples(), strict=True)
    )


def _victims(products: Products, text: str, launched: int) -> tuple[int, ...]:
    """Products that a launch eats into, never the launch itself."""
    named = [part.strip() for part in text.split(";") if part.strip()]
    mask = (
        np.any([products.group(label) for label in named], axis=0)
        if named
        else np.zeros(len(products), dtype=bool)
    )
    mask[launched] = False
    return tuple(int(i) for i in np.flatnonzero(mask))


def _read_phase_outs(tables: Tables, calendar: Calendar, products: Products) -> tuple[PhaseOut, ...]:
    frame = tables["phase_out"]
    end = plan_positions(calendar, frame["end_period"], calendar.periods) + 1
    return tuple(
        PhaseOut(
            products.positions[row.product],
            max(int(end[row.Index]), 0),
            products.positions.get(row.successor, -1),
            share,
        )
        for row, share in zip(frame.itertuples(), frame["transfer_pct"].fillna(0.0) / 100, strict=True)
    )


def _read_orders(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> Orders:
    """Open orders of this plan; those requested before now are due at once."""
    frame = tables["order_book"]
    period = plan_positions(calendar, frame["period"], 0)
    inside = period < calendar.periods
    frame, period = frame[inside], period[inside]
    return Orders(
        labels=tuple(frame["order"]),
        product=products.index(frame["product"]),
        market=markets.index(frame["market"]),
        period=np.maximum(period, 0),
        overdue=period < 0,
        units=frame["units"].to_numpy(dtype=float),
        priority=frame["priority"].to_numpy(dtype=float),
        max_late=frame["max_late_periods"].to_numpy(dtype=float),
    )


def _read_events(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[Event, ...]:
    """Events that touch the plan, except the rejected ones."""
    frame = tables["event"]
    first, last = (plan_positions(calendar, frame[c], 0) for c in ("from_period", "to_period"))
    numbers = frame[["lift_pct", "lift_units", "cost"]].fillna(0.0)
    return tuple(
        Event(
            event=row.event,
            products=products.group(row.product or row.family),
            markets=markets.group(row.market),
            first=int(first[row.Index]),
            last=int(last[row.Index]),
            lift_pct=numbers.lift_pct[row.Index],
            lift_units=numbers.lift_units[row.Index],
            cost=numbers.cost[row.Index],
            owner=row.owner,
        )
        for row in frame.itertuples()
        if row.status not in ("rejected", "cancelled")
        and last[row.Index] >= 0
        and first[row.Index] < calendar.periods
    )


def _read_overrides(
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


def _read_streams(
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
