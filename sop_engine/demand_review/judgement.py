"""What people judge over the statistical baseline: the weighted streams, and the overrides with the locks
that hold cells against them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sop_engine.demand_review.spread import cells_of, span, spread_open, spread_periods
from sop_engine.inputs import Inputs
from sop_engine.inputs.judgement import Lock, Override, StreamLine
from sop_engine.inputs.money import MoneyInputs


@dataclass(frozen=True, eq=False)
class StreamView:
    """A stream laid out over the cells; arrays are (products, markets, periods).

    author: who says so, several joined by commas; sample: made up to show the feature
    units: what it says, NaN where it says nothing
    """

    stream: str
    author: str
    sample: bool
    units: np.ndarray


@dataclass(frozen=True)
class Effect:
    """What an override does to its scope; units and base currency at the plan's prices, over the periods it
    acts in.

    cells: how many it reaches; locked_cells: of these, held by locks, with locked_units in them
    beyond: units that it takes or asks for less than the locked cells hold, so that it cannot do; else 0
    """

    units: float
    units_after: float
    amount: float
    amount_after: float
    cells: int
    locked_cells: int
    locked_units: float
    beyond: float


def with_streams(units: np.ndarray, inputs: Inputs) -> np.ndarray:
    """The weighted consensus of the streams and what the baseline says, cell by cell:

    sum over streams of weight x stream + (1 - sum of weights) x units

    A stream weighs only where it says something; weights of more than 1 together count in proportion.
    """
    return _last(units, stream_moves(units, inputs))


def with_overrides(units: np.ndarray, inputs: Inputs) -> np.ndarray:
    """Overrides in the order they were made, each spread over its scope in proportion; a later one wins."""
    return _last(units, override_moves(units, inputs))


def stream_moves(units: np.ndarray, inputs: Inputs) -> Iterator[tuple[StreamView, np.ndarray]]:
    """Each stream that weighs something, by name, and the units after it; all are weighed against the same
    `units`.
    """
    weights = inputs.demand.stream_weights
    weighing = {line.stream for line in inputs.demand.streams if np.any(weights.get(line.stream, 0.0))}
    views = [stream_view(units, inputs, stream) for stream in sorted(weighing)]
    shares = [
        np.broadcast_to(weights[view.stream], units.shape[::2])[:, None, :] * ~np.isnan(view.units)
        for view in views
    ]
    whole = np.maximum(sum(shares), 1.0)
    result = units
    for view, share in zip(views, shares, strict=True):
        result = result + share / whole * (np.where(share > 0, view.units, units) - units)
        yield view, result


def stream_views(units: np.ndarray, inputs: Inputs) -> tuple[StreamView, ...]:
    """Every stream laid out over the cells, by name, samples after real ones."""
    named = sorted({(line.sample, line.stream) for line in inputs.demand.streams})
    return tuple(stream_view(units, inputs, stream, sample) for sample, stream in named)


def stream_view(units: np.ndarray, inputs: Inputs, stream: str, sample: bool = False) -> StreamView:
    """One stream laid out over the cells; what it says of a wider scope is spread in proportion to
    `units`.
    """
    lines = tuple(line for line in inputs.demand.streams if line.stream == stream and line.sample == sample)
    authors = ", ".join(sorted({line.author for line in lines} - {""}))
    return StreamView(stream, authors, sample, _laid_out(lines, inputs.money, units.shape, units.tobytes()))


@lru_cache(maxsize=16)  # few levers come before the streams, and hundreds of lines take tens of milliseconds
def _laid_out(
    lines: tuple[StreamLine, ...], money: MoneyInputs, shape: tuple[int, ...], units: bytes
) -> np.ndarray:
    laid = stream_units(np.frombuffer(units).reshape(shape), lines, _worth(money))
    laid.setflags(write=False)
    return laid


def stream_units(units: np.ndarray, lines: Iterable[StreamLine], worth: np.ndarray) -> np.ndarray:
    """(products, markets, periods) what lines of one stream say of each cell, NaN where they say nothing.

    The line of fewest cells counts first; a wider one keeps its total and is spread over the cells that are
    left. worth: base currency per unit of each cell, 0 where not known, by which money is spread.
    """
    result = np.full(units.shape, np.nan)
    for line in sorted(lines, key=_width):
        index = cells_of(line.products, line.markets, np.ones(units.shape[2], dtype=bool))
        for totals, price in ((line.units, np.ones_like(worth[index])), (line.amount, worth[index])):
            if np.isnan(totals).all():
                continue
            said = result[index]
            free = np.isnan(said) & (price > 0) & ~np.isnan(totals)
            value = np.where(np.isnan(said), units[index], said) * price
            spread = spread_periods(value, free, totals) / np.where(price > 0, price, 1.0)
            result[index] = np.where(free, spread, said)
    return result


def override_moves(units: np.ndarray, inputs: Inputs) -> Iterator[tuple[Override, np.ndarray]]:
    """Each override in the order they were made, and the units after it."""
    for override in inputs.demand.overrides:
        units = overridden(units, override, inputs)
        yield override, units


def overridden(units: np.ndarray, override: Override, inputs: Inputs) -> np.ndarray:
    """`units` after one override: its scope adds up to what it asks for, spread in proportion.

    Cells locked before it was made stay; money is spread in proportion of value at the plan's prices, and
    cells without a price stay.
    """
    index = override_cells(override, units.shape)
    worth = _worth(inputs.money)[index] if override.kind == "amount" else np.ones(units[index].shape)
    value = units[index] * worth
    open_cells = ~locked_cells(override, inputs.demand.locks, units.shape)[index] & (worth > 0)
    spread = spread_open(value, open_cells, _asked(override, value.sum()))
    result = units.copy()
    result[index] = np.where(open_cells, spread / np.where(open_cells, worth, 1.0), units[index])
    return result


def effect_of(override: Override, units: np.ndarray, inputs: Inputs) -> Effect:
    """What an override does to `units`, the consensus as it stands before it."""
    index, worth = override_cells(override, units.shape), _worth(inputs.money)
    before, after = units[index], overridden(units, override, inputs)[index]
    locked = locked_cells(override, inputs.demand.locks, units.shape)[index]
    value = before * worth[index] if override.kind == "amount" else before
    return Effect(
        units=float(before.sum()),
        units_after=float(after.sum()),
        amount=float((before * worth[index]).sum()),
        amount_after=float((after * worth[index]).sum()),
        cells=int(before.size),
        locked_cells=int(locked.sum()),
        locked_units=float(before[locked].sum()),
        beyond=max(float(value[locked].sum()) - max(_asked(override, float(value.sum())), 0.0), 0.0),
    )


def override_cells(scope: Override | Lock, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Open-mesh index of the cells that an override or a lock names."""
    return cells_of(scope.products, scope.markets, span(scope.first, scope.last, shape[2]))


def locked_cells(override: Override, locks: Iterable[Lock], shape: tuple[int, ...]) -> np.ndarray:
    """(products, markets, periods) bool: held by a lock that was made before the override."""
    locked = np.zeros(shape, dtype=bool)
    for lock in locks:
        if override.created_at is None or lock.created_at <= override.created_at:
            locked[override_cells(lock, shape)] = True
    return locked


def _asked(override: Override, current: float) -> float:
    """The total that an override asks of a scope which holds `current`; units, or money for an amount."""
    asked = override.value * override.share
    return {
        "units": asked,
        "amount": asked,
        "add": current + asked,
        "pct": current * (1 + override.value / 100),
    }[override.kind]


def _worth(money: MoneyInputs) -> np.ndarray:
    """(products, markets, periods) base currency per unit at the plan's prices, 0 where not known."""
    return np.nan_to_num(money.price * money.rate)


def _width(line: StreamLine) -> tuple[int, bytes, bytes]:
    """How many cells a line covers; what follows only makes the order of equals certain."""
    return int(line.products.sum() * line.markets.sum()), line.products.tobytes(), line.markets.tobytes()


def _last(units: np.ndarray, moves: Iterable[tuple[object, np.ndarray]]) -> np.ndarray:
    for _, after in moves:
        units = after
    return units
