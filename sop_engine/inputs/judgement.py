"""What people judge: overrides of the demand, locks that hold cells against them, and the streams of sales,
marketing, finance and customers with what each weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
import pandas as pd

from sop_engine.errors import DataError
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Markets, Products
from sop_engine.inputs.tables import Tables, made_order, plan_positions


@dataclass(frozen=True, eq=False)
class Override:
    """A judged change of a scope, spread over its cells: kind "units" or "amount" (base currency) sets its
    total, "add" adds units, "pct" scales.

    products, markets: masks; first, last: plan periods, both inclusive, none of them frozen
    share: of the periods it names, those it still acts in; totals count by it, so that a month that has
    passed takes its part with it
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
    share: float = 1.0
    note: str = ""
    created_by: str = ""
    created_at: datetime | None = None
    stage: str = "demand"
    cycle: str = ""


@dataclass(frozen=True, eq=False)
class Lock:
    """Cells that an override made after the lock does not change; masks and plan periods as of an
    override."""

    lock_id: str
    products: np.ndarray
    markets: np.ndarray
    first: int
    last: int
    reason: str
    owner: str
    created_at: datetime


@dataclass(frozen=True, eq=False)
class StreamLine:
    """What a stream says of a scope, period by period: units, or an amount in base currency where they are
    NaN.

    products, markets: masks; units, amount: (periods,), NaN where it says nothing
    sample: made up to show the feature; counts in no plan
    """

    stream: str
    products: np.ndarray
    markets: np.ndarray
    units: np.ndarray
    amount: np.ndarray
    author: str = ""
    sample: bool = False


def read_overrides(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[Override, ...]:
    """Active overrides that have not expired when the plan begins, in the order they were made; what a later
    cycle judged, an earlier one does not know.
    """
    frame = tables.read(
        f"SELECT * FROM override WHERE active AND cycle <= ? ORDER BY {made_order('override_id')}",
        [calendar.labels[calendar.now]],
    )
    return overrides_of(frame, calendar, products, markets)


def overrides_of(
    frame: pd.DataFrame, calendar: Calendar, products: Products, markets: Markets
) -> tuple[Override, ...]:
    """Rows of the table override as the engine takes them; those that have expired are left out.

    A label that is no longer loaded makes an empty scope: the record stays, and changes nothing.
    """
    first, last = (plan_positions(calendar, frame[name], 0) for name in ("from_period", "to_period"))
    acting = np.clip(last, None, calendar.periods - 1) - np.maximum(first, calendar.frozen) + 1
    expired = plan_positions(calendar, frame["expires"], calendar.periods) < 0
    return tuple(
        Override(
            override_id=row.override_id,
            products=_members(products, row.product or row.family) & products.sellable,
            markets=_members(markets, row.market),
            first=max(int(first[i]), calendar.frozen),
            last=int(last[i]),
            kind=row.kind,
            value=float(row.value),
            reason=row.reason,
            owner=row.owner,
            share=max(int(acting[i]), 0) / max(int(last[i] - first[i]) + 1, 1),
            note=row.note,
            created_by=row.created_by,
            created_at=row.created_at,
            stage=row.stage,
            cycle=row.cycle,
        )
        for i, row in enumerate(frame.itertuples())
        if not expired[i]
    )


def read_locks(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> tuple[Lock, ...]:
    """Active locks in the order they were made."""
    frame = tables.read(f"SELECT * FROM demand_lock WHERE active ORDER BY {made_order('lock_id')}")
    first, last = (plan_positions(calendar, frame[name], 0) for name in ("from_period", "to_period"))
    return tuple(
        Lock(
            lock_id=row.lock_id,
            products=_members(products, row.product or row.family),
            markets=_members(markets, row.market),
            first=int(first[i]),
            last=int(last[i]),
            reason=row.reason,
            owner=row.owner,
            created_at=row.created_at,
        )
        for i, row in enumerate(frame.itertuples())
    )


def read_streams(
    tables: Tables, calendar: Calendar, products: Products, markets: Markets
) -> tuple[StreamLine, ...]:
    """One line per stream, scope and author, whatever the order of the rows."""
    frame = tables["forecast_stream"]
    frame = frame.assign(
        t=plan_positions(calendar, frame["period"], 0),
        sample=frame["sample"].fillna(False).astype(bool),
        amount=frame["amount"].where(frame["units"].isna()),
    )
    frame = frame[(frame["t"] >= 0) & (frame["t"] < calendar.periods)]
    scope = ["stream", "product", "family", "market", "author", "sample"]
    said = frame.groupby([*scope, "t"], as_index=False)[["units", "amount"]].sum(min_count=1)
    inside, where = cache(products.group), cache(markets.group)
    lines = []
    for (stream, product, family, market, author, sample), rows in said.groupby(scope):
        units, amount = np.full((2, calendar.periods), np.nan)
        units[rows["t"]], amount[rows["t"]] = rows["units"], rows["amount"]
        group = inside(product or family) & products.sellable
        lines.append(StreamLine(stream, group, where(market), units, amount, author, bool(sample)))
    return tuple(lines)


def weight_lines(tables: Tables, settings: Mapping[str, float]) -> pd.DataFrame:
    """What is said of each stream's weight, a later line winning over an earlier one: the setting, then the
    table's lines for all families, then those of single families.

    Columns stream, family, from_lag, to_lag (NaN: to the end), weight_pct, source.
    """
    table = tables["consensus_weight"].assign(source="table consensus_weight")
    real = "SELECT DISTINCT stream FROM forecast_stream WHERE sample IS NOT TRUE"
    uploaded = set(tables.read(real)["stream"])
    columns = ["stream", "family", "from_lag", "to_lag", "weight_pct", "source"]
    named = {stream: f"consensus_weight_{stream}_pct" for stream in sorted(uploaded | set(table["stream"]))}
    defaults = pd.DataFrame(
        [
            (stream, "", 1.0, np.nan, settings.get(name, 0.0), f"setting {name}")
            if name in settings
            else (stream, "", 1.0, np.nan, 0.0, "nothing is said of it")
            for stream, name in named.items()
        ],
        columns=columns,
    )
    table = table.assign(single=table["family"] != "").sort_values(["single", "from_lag", "family", "stream"])
    pieces = [part[columns] for part in (defaults, table) if len(part)]
    return pd.concat(pieces, ignore_index=True) if pieces else defaults


def stream_weights(lines: pd.DataFrame, products: Products, periods: int) -> dict[str, np.ndarray]:
    """{stream: (products, periods) share of the consensus} of the lines that `weight_lines` gives."""
    weights = {stream: np.zeros((len(products), periods)) for stream in lines["stream"]}
    for row in lines.itertuples():
        last = periods if np.isnan(row.to_lag) else int(row.to_lag)
        weights[row.stream][_members(products, row.family), int(row.from_lag) - 1 : last] = (
            row.weight_pct / 100
        )
    return weights


def _members(axis: Products | Markets, label: str) -> np.ndarray:
    try:
        return axis.group(label)
    except DataError:  # recorded for a label that is no longer loaded
        return np.zeros(len(axis), dtype=bool)
