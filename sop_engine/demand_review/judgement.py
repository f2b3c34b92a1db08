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
from sop_engine.money import exchange_rate, local_price
from sop_engine.product_review.portfolio import lifecycle_windows
from sop_engine.scenario import BASELINE


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
    """What an override does to its scope; units and base currency at the plan's prices, NaN where none is
    known, over the periods it acts in.

    cells: how many it reaches; locked_cells: of these, held by locks, with locked_units in them
    beyond: units that it takes or asks for less than the locked cells hold, so that it cannot do; else 0
    spread: by what a scope that holds nothing is filled, "" where it is in proportion to what it holds
    """

    units: float
    units_after: float
    amount: float
    amount_after: float
    cells: int
    locked_cells: int
    locked_units: float
    beyond: float
    spread: str = ""


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
    laid = _laid_out(lines, units.shape, units.tobytes(), plan_price(inputs).tobytes())
    return StreamView(stream, authors, sample, laid)


@lru_cache(maxsize=16)  # few levers come before the streams, and hundreds of lines take tens of milliseconds
def _laid_out(
    lines: tuple[StreamLine, ...], shape: tuple[int, ...], units: bytes, worth: bytes
) -> np.ndarray:
    cells, price = (np.frombuffer(buffer).reshape(shape) for buffer in (units, worth))
    laid = stream_units(cells, lines, price)
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
    """`units` after one override: its scope adds up to what it asks for, spread in proportion to what it
    holds, else by the first of `mixes` that it has any of.

    Cells locked before it was made stay; money is spread in proportion of value at the plan's prices, and
    cells without a price stay.
    """
    index, worth = override_cells(override, units.shape), _worth(override, inputs, units.shape)
    value, open_cells = units[index] * worth, _open_cells(override, worth, units.shape, inputs)
    _, mix = _mix(units, index, open_cells, inputs)
    spread = spread_open(value, open_cells, _asked(override, value.sum()), mix * worth)
    result = units.copy()
    result[index] = np.where(open_cells, spread / np.where(open_cells, worth, 1.0), units[index])
    return result


def mixes(
    units: np.ndarray, cells: tuple[np.ndarray, ...], inputs: Inputs
) -> Iterator[tuple[str, np.ndarray]]:
    """By what an override spreads over cells, in this order: in words, and the units of each that tell it.

    cells: open-mesh index of a scope. What is no longer sold gets nothing while anything else is there.
    """
    yield "", units[cells]
    window = np.broadcast_to(lifecycle_windows(inputs)[cells[0], cells[2]], units[cells].shape)
    planned = (units.sum(axis=(1, 2)) > 0)[cells[0]] & window
    yield "by the statistical baseline before overrides", inputs.demand.baseline.units[cells] * window
    yield "by the mix of the year before", np.nan_to_num(inputs.money.prior_units[cells]) * planned
    yield "evenly over the products that the plan sells", planned.astype(float)
    yield "evenly over the products in their lifecycle window", window.astype(float)
    yield "evenly", np.ones(window.shape)


def change_words(kind: str, value: float, currency: str) -> str:
    """What an override does.

    >>> [change_words(*words, "USD") for words in (("pct", 25.0), ("add", -2.5e6), ("amount", 6e6))]
    ['+25 %', '-2,500,000 units', 'to 6,000,000 USD']
    """
    if kind in ("pct", "add"):
        return f"{value:+,.15g} {'%' if kind == 'pct' else 'units'}"
    return f"to {value:,.15g} {currency if kind == 'amount' else 'units'}".rstrip()


def refusal(override: Override, effect: Effect) -> str:
    """Why an override cannot be done on what its scope holds, "" where it can."""
    if override.kind == "pct" and effect.units <= 0:
        return "The scope holds nothing, so a change in % moves nothing. Say how many units."
    asked = effect.units + override.value * override.share
    if override.kind == "add" and asked < -0.5:  # what is shown in whole units can be taken
        return (
            f"The scope holds {effect.units:,.0f} units, so {override.value:+,.0f} takes more than there is. "
            "Take less, or set its total."
        )
    return ""


def effect_of(override: Override, units: np.ndarray, inputs: Inputs) -> Effect:
    """What an override does to `units`, the consensus as it stands before it."""
    index, worth = override_cells(override, units.shape), plan_price(inputs)
    before, after = units[index], overridden(units, override, inputs)[index]
    locked = locked_cells(override, inputs.demand.locks, units.shape)[index]
    value = before * worth[index] if override.kind == "amount" else before
    price = worth[index] if worth[index].any() else np.full(before.shape, np.nan)
    open_cells = _open_cells(override, _worth(override, inputs, units.shape), units.shape, inputs)
    spread, _ = _mix(units, index, open_cells, inputs)
    return Effect(
        units=float(before.sum()),
        units_after=float(after.sum()),
        amount=float((before * price).sum()),
        amount_after=float((after * price).sum()),
        cells=int(before.size),
        locked_cells=int(locked.sum()),
        locked_units=float(before[locked].sum()),
        beyond=max(float(value[locked].sum()) - max(_asked(override, float(value.sum())), 0.0), 0.0),
        spread=spread if after.sum() > before.sum() else "",
    )


@lru_cache(maxsize=4)  # no override and no lever changes it
def plan_price(inputs: Inputs) -> np.ndarray:
    """(products, markets, periods) base currency per unit as finance values the plan without levers: the net
    price with the price changes of events, 0 where not known."""
    price = np.nan_to_num(local_price(inputs, BASELINE) * exchange_rate(inputs, BASELINE))
    price.setflags(write=False)
    return price


def override_cells(scope: Override | Lock, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Open-mesh index of the cells that an override or a lock names."""
    return cells_of(scope.products, scope.markets, span(scope.first, scope.last, shape[2]))


def locked_cells(override: Override, locks: Iterable[Lock], shape: tuple[int, ...]) -> np.ndarray:
    """(products, markets, periods) bool: held by a lock that was made before the override."""
    locked = np.zeros(shape, dtype=bool)
    for lock in locks:
        if override.created_at is None or lock.created_at < override.created_at:
            locked[override_cells(lock, shape)] = True
    return locked


def _worth(override: Override, inputs: Inputs, shape: tuple[int, ...]) -> np.ndarray:
    """What a unit of each of its cells counts: its price in an override to money, else 1."""
    price = plan_price(inputs) if override.kind == "amount" else np.ones(shape)
    return price[override_cells(override, shape)]


def _open_cells(override: Override, worth: np.ndarray, shape: tuple[int, ...], inputs: Inputs) -> np.ndarray:
    """Which of its cells an override can change."""
    locked = locked_cells(override, inputs.demand.locks, shape)[override_cells(override, shape)]
    return ~locked & (worth > 0)


def _mix(
    units: np.ndarray, cells: tuple[np.ndarray, ...], open_cells: np.ndarray, inputs: Inputs
) -> tuple[str, np.ndarray]:
    """The first of `mixes` of which an open cell has any; what it holds where none is open."""
    found = ((words, mix) for words, mix in mixes(units, cells, inputs) if mix[open_cells].any())
    return next(found, ("", units[cells]))


def _asked(override: Override, current: float) -> float:
    """The total that an override asks of a scope which holds `current`; units, or money for an amount."""
    asked = override.value * override.share
    return {
        "units": asked,
        "amount": asked,
        "add": current + asked,
        "pct": current * (1 + override.value / 100),
    }[override.kind]


def _width(line: StreamLine) -> tuple[int, bytes, bytes]:
    """How many cells a line covers; what follows only makes the order of equals certain."""
    return int(line.products.sum() * line.markets.sum()), line.products.tobytes(), line.markets.tobytes()


def _last(units: np.ndarray, moves: Iterable[tuple[object, np.ndarray]]) -> np.ndarray:
    for _, after in moves:
        units = after
    return units
