"""The accuracy of the replayed cycles as lines of text: WAPE and bias by lag, level and weighting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sop_engine.demand_review.accuracy import (
    NAIVE,
    STATISTICAL,
    Pairs,
    Past,
    bias,
    levels,
    of_cells,
    pairs,
    pooled,
    wape,
)
from sop_engine.demand_review.lead_time import cumulative_lag
from sop_engine.inputs import Inputs

UNCHAINED = "Unchained"
SHOWN = (STATISTICAL, UNCHAINED, NAIVE)
NO_VALUE = (
    "No revenue and no price is known of what was sold, so errors are weighted by units only; load revenue "
    "in sales_history, or price."
)
HEADER = f"{'lag':<7}{'months':>7}  {'weighted by':<12}{'level':<9}" + "".join(f"{n:>16}" for n in SHOWN)


def accuracy_report(past: Past, unchained: np.ndarray, inputs: Inputs) -> Iterator[str]:
    """Lines: what was measured, a table of WAPE and bias in %, and whether chaining successions helped.

    unchained: (cycles, products, markets, lags) the same replays without successions
    """
    sources = {**past.sources, UNCHAINED: of_cells(unchained)}
    past = replace(past, sources={name: sources[name] for name in SHOWN}, samples={})
    labels = [inputs.calendar.labels[bucket] for bucket in past.made]
    sold = past.actual[:, :, past.made[0] :].any(axis=(1, 2))
    valued = bool((past.price[sold if sold.any() else ...] > 0).any())
    weights = (True, False) if valued else (False,)
    lead = cumulative_lag(inputs, np.ones(len(inputs.products), dtype=bool))
    kept = next(iter(past.sources.values())).whole.shape[2]
    yield (
        f"Statistical baseline of cycles {labels[0]} to {labels[-1]}, each from the data as it stood then."
    )
    yield (
        "Error = forecast - actual. WAPE = sum|F - A| / sum A at the level named; bias = sum(F - A) / sum A, "
        "positive = over-forecast; both in %."
    )
    yield (
        f"Lag 1 is the first month of a plan; the cumulative lead time is {lead} lags. "
        + ("Value: units x average net price." if valued else NO_VALUE)
        + " Seasonal naive: a year before, or the last month known where there is no year."
    )
    yield HEADER
    spans = {str(lag): [lag] for lag in sorted({1, 3, min(lead, kept)})}
    spans[f"1-{kept}"] = list(range(1, kept + 1))
    for name, lags in spans.items():
        for money in weights:
            yield from _table(name, _found(past, lags, money), money, inputs)
    yield _verdict(_found(past, range(1, kept + 1), valued), inputs, "value" if valued else "unit")


def _found(past: Past, lags: list[int] | range, money: bool) -> Pairs:
    everything = np.ones(past.actual.shape[0], dtype=bool), np.ones(past.actual.shape[1], dtype=bool)
    return pooled([pairs(past, lag, *everything, money) for lag in lags])


def _table(lags: str, found: Pairs, money: bool, inputs: Inputs) -> Iterator[str]:
    weight = "value" if money else "units"
    for level, items in levels(inputs.products).items():
        actual, forecasts = found.at(items)
        cells = "".join(_percent(wape(forecasts[name], actual)) for name in SHOWN)
        yield f"{lags:<7}{len(found.buckets):>7}  {weight:<12}{level:<9}{cells}"
    cells = "".join(_percent(bias(found.forecasts[name], found.actual), "+") for name in SHOWN)
    yield f"{lags:<7}{len(found.buckets):>7}  {weight:<12}{'bias':<9}{cells}"


def _percent(share: float, sign: str = "") -> str:
    return f"{'not known':>16}" if np.isnan(share) else f"{100 * share:>{sign}16.1f}"


def _verdict(found: Pairs, inputs: Inputs, weight: str) -> str:
    """One sentence; the verdict is that of the product level, where successions act."""
    gains = {}
    for level, items in levels(inputs.products).items():
        actual, forecasts = found.at(items)
        gains[level] = 100 * (wape(forecasts[UNCHAINED], actual) - wape(forecasts[STATISTICAL], actual))
    if np.isnan(list(gains.values())).any():
        return "Nothing was sold in these months, so whether chaining successions helped cannot be told."
    if all(abs(gain) < 0.05 for gain in gains.values()):
        return "Chaining successions changed nothing: no succession was known in these cycles."
    helped = "helped" if gains["product"] > 0 else "did not help"
    words = ", ".join(f"{gain:+.1f} at {level} level" for level, gain in gains.items())
    return f"Chaining successions {helped}: points of {weight} WAPE taken off, over all lags: {words}."
