"""How far past forecasts were from what came, by lag, level and group, and what each hand added.

An error is forecast - actual: positive is an over-forecast. It is taken at a stated level: items are never
netted against each other before the absolute value. A cell without a number on either side is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_engine.demand_review.series import Array, Kind, classify
from sop_engine.inputs.masters import Products

Ints = NDArray[np.integer]
GROUP_COLUMNS = ["group", "actual", "error", "absolute error", "WAPE %", "bias %", "tracking signal"]
ALARM = 4.0  # |tracking signal| beyond which a forecast is out of control
NAIVE, STATISTICAL, CONSENSUS = "Seasonal naive", "Statistical", "Consensus"


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What one source said in past cycles, units; NaN where it said nothing.

    cells: (cycles, products, markets, lags), lag 1 first; whole: (cycles, products, lags) over all markets
    """

    cells: Array
    whole: Array

    def over(self, markets: NDArray[np.bool_]) -> Array:
        """(cycles, products, lags) of the markets in the mask, NaN where one is missing; what was said of all
        markets only is not known of some.
        """
        return self.whole if markets.all() else self.cells[:, :, markets].sum(axis=2)

    def total(self, products: NDArray[np.bool_], markets: NDArray[np.bool_], weight: Array) -> Array:
        """(cycles, lags) what was said of the masked products and markets; weight: (products,) money or 1."""
        return added((self.over(markets) * np.nan_to_num(weight)[:, None])[:, products], axis=1)


@dataclass(frozen=True, eq=False)
class Past:
    """The track record of a company.

    made: (cycles,) history bucket in which each cycle's forecasts were made, the first that they forecast
    actual: (products, markets, past buckets) units sold; price: (products,) average net price, NaN unknown
    sources: {name: Forecasts} in the order of the stairstep; samples: those made up to show the feature
    """

    made: Ints
    actual: Array
    price: Array
    sources: Mapping[str, Forecasts]
    samples: Mapping[str, Forecasts]

    def weight(self, money: bool) -> Array:
        """(products,) what a unit counts: its average net price, or 1."""
        return self.price if money else np.ones(len(self.price))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Forecasts of one lag beside what came, in units or money.

    buckets: (periods,) history buckets that were forecast; actual and forecasts: (products, periods)
    history: (products, past buckets) all that was sold
    """

    buckets: Ints
    history: Array
    actual: Array
    forecasts: Mapping[str, Array]

    def at(self, items: NDArray) -> tuple[Array, dict[str, Array]]:
        """Actual and forecasts summed by label: (labels, periods), labels in sorted order."""
        return summed(self.actual, items), {name: summed(f, items) for name, f in self.forecasts.items()}


def wape(forecast: Array, actual: Array) -> float:
    """Weighted absolute percentage error, sum|F - A| / sum A, as a share; NaN where nothing was sold."""
    known = _known(forecast, actual)
    return _ratio(float(np.abs(forecast - actual)[known].sum()), float(actual[known].sum()))


def bias(forecast: Array, actual: Array) -> float:
    """sum(F - A) / sum A, as a share: positive is an over-forecast."""
    known = _known(forecast, actual)
    return _ratio(float((forecast - actual)[known].sum()), float(actual[known].sum()))


def mape(forecast: Array, actual: Array) -> float:
    """Mean of |F - A| / A over the cells with A > 0, as a share; it says nothing of intermittent items."""
    known = _known(forecast, actual) & (actual > 0)
    return float((np.abs(forecast - actual)[known] / actual[known]).mean()) if known.any() else np.nan


def mase(forecast: Array, actual: Array, history: Array) -> float:
    """Mean absolute scaled error (Hyndman and Koehler 2006): MAE over the in-sample MAE of the last value.

    forecast, actual: (periods,); history: (past periods,) what was known when the first of them was forecast,
    NaN before a first sale. Below 1 beats the naive forecast; NaN for intermittent items, never scored so.
    """
    step = np.abs(np.diff(history[~np.isnan(history)]))
    scale = float(step.mean()) if len(step) else 0.0
    return _ratio(float(np.nanmean(np.abs(forecast - actual))), scale)


def tracking_signal(forecast: Array, actual: Array) -> Array:
    """(..., periods) running sum(F - A) / mean|F - A| so far; beyond +-ALARM it is out of control."""
    error = forecast - actual
    count = np.arange(1, error.shape[-1] + 1)
    deviation = np.cumsum(np.abs(error), axis=-1) / count
    return np.divide(np.cumsum(error, axis=-1), deviation, out=np.zeros(error.shape), where=deviation > 0)


def seasonal_naive(actual: Array, made: Ints, lags: int, season: int) -> Array:
    """(cycles, products, markets, lags) the same period of the last year that was known when each cycle
    began, or the last value known by then where there is no year: a product is not held to have sold nothing
    before it was sold. Zero where it had never sold.

    actual: (products, markets, past buckets) units sold, NaN before a pair's first sale; made: as of `Past`
    """
    lag = np.arange(1, lags + 1)
    source = made[:, None] + lag - 1 - season * -(-lag // season)
    year_before = np.moveaxis(actual[:, :, np.maximum(source, 0)], 2, 0)
    known = (source >= 0)[:, None, None, :] & ~np.isnan(year_before)
    last = np.moveaxis(actual[:, :, np.maximum(made - 1, 0)], 2, 0) * (made > 0)[:, None, None]
    return np.where(known, year_before, np.nan_to_num(last)[..., None])


def levels(products: Products) -> dict[str, NDArray]:
    """{level: (products,) label of the item at which each product's errors are taken}."""
    return {
        "product": np.array(products.labels),
        "family": products.family.astype(str),
        "total": np.full(len(products), ""),
    }


def of_cells(cells: Array) -> Forecasts:
    """A source that speaks of every market."""
    return Forecasts(cells, cells.sum(axis=2))


def pairs(
    past: Past,
    lag: int,
    products: NDArray[np.bool_],
    markets: NDArray[np.bool_],
    money: bool,
    samples: bool = False,
) -> Pairs:
    """The forecasts of a lag that have an actual by now, products over the markets in the mask.

    lag: 1 is the first period of a plan. money: units x average net price; products without one are left out
    samples: the made up sources instead of the real ones
    Products outside the mask keep their row, as NaN.
    """
    now = past.actual.shape[2]
    weight = np.where(products, past.weight(money), np.nan)[:, None]
    due = past.made + lag - 1 < now
    buckets = past.made[due] + lag - 1
    history = past.actual[:, markets].sum(axis=1) * weight
    return Pairs(
        buckets,
        history,
        history[:, buckets],
        {
            name: source.over(markets)[due, :, lag - 1].T * weight
            for name, source in (past.samples if samples else past.sources).items()
        },
    )


def pooled(found: Sequence[Pairs]) -> Pairs:
    """The pairs of several lags as one."""
    return Pairs(
        np.concatenate([one.buckets for one in found]),
        found[0].history,
        np.concatenate([one.actual for one in found], axis=1),
        {name: np.concatenate([one.forecasts[name] for one in found], axis=1) for name in found[0].forecasts},
    )


def by_lag(
    past: Past, items: NDArray, products: NDArray[np.bool_], markets: NDArray[np.bool_], money: bool
) -> pd.DataFrame:
    """lag, periods (with an actual), and the WAPE % of each source at the level of `items`; a row per lag."""
    rows = []
    for lag in range(1, next(iter(past.sources.values())).whole.shape[2] + 1):
        found = pairs(past, lag, products, markets, money)
        actual, forecasts = found.at(items)
        errors = {name: 100 * wape(forecast, actual) for name, forecast in forecasts.items()}
        rows.append({"lag": lag, "periods": len(found.buckets), **errors})
    table = pd.DataFrame(rows)
    return table[table["periods"] > 0].reset_index(drop=True)


def by_group(forecast: Array, actual: Array, items: NDArray, groups: NDArray) -> pd.DataFrame:
    """One row per group, largest absolute error first: actual, error, absolute error, WAPE %, bias %,
    tracking signal.

    forecast, actual: (products, periods); items: (products,) label of the level at which errors are taken;
    groups: (products,) label of the row. The tracking signal is that of the group's own sum, at its last
    period.
    """
    pair = np.array([f"{group}\x1f{item}" for group, item in zip(groups, items, strict=True)])
    f, a = summed(forecast, pair), summed(actual, pair)
    group = np.array([label.partition("\x1f")[0] for label in np.unique(pair)])
    rows = [_group_row(label, f[group == label], a[group == label]) for label in np.unique(group)]
    table = pd.DataFrame(rows, columns=GROUP_COLUMNS)
    table = table[table["actual"].notna() & ((table["actual"] > 0) | (table["absolute error"] > 0))]
    return table.sort_values(["absolute error", "group"], ascending=[False, True], ignore_index=True)


def by_market(found: Mapping[str, Pairs], source: str, items: NDArray) -> pd.DataFrame:
    """As `by_group`, one row per market. found: {market: its pairs}; the items are those of each market."""
    rows = []
    for market, one in found.items():
        group = np.full(len(items), market)
        rows.append(by_group(one.forecasts[source], one.actual, items, group))
    table = pd.concat(rows, ignore_index=True)
    return table.sort_values(["absolute error", "group"], ascending=[False, True], ignore_index=True)


def stairstep(found: Pairs, items: NDArray) -> pd.DataFrame:
    """stage, WAPE % and FVA, the points of WAPE that a stage took off the one before it; one row per source.

    All stages are held against the same cells, those of which every stage with a record said something, so
    that steps add up from the first to the last. A stage without a record has NaN.
    FVA: Gilliland, The Business Forecasting Deal (2010), chapter 4
    """
    recorded = [name for name, f in found.forecasts.items() if _known(f, found.actual).any()]
    common = np.all([_known(found.forecasts[name], found.actual) for name in recorded], axis=0)
    actual = summed(np.where(common, found.actual, np.nan), items)
    errors = [
        100 * wape(summed(np.where(common, f, np.nan), items), actual) if name in recorded else np.nan
        for name, f in found.forecasts.items()
    ]
    table = pd.DataFrame({"stage": list(found.forecasts), "WAPE %": errors})
    return table.assign(FVA=-table["WAPE %"].dropna().diff())


def contributors(found: Pairs, items: NDArray) -> pd.DataFrame:
    """The bias fingerprint: source, cells, WAPE %, bias %, months over-forecast %, each on all it said."""
    rows = []
    for name, forecast in found.forecasts.items():
        known = _known(forecast, found.actual)
        f, a = (summed(np.where(known, values, np.nan), items) for values in (forecast, found.actual))
        month = np.nansum(f - a, axis=0)[known.any(axis=0)]
        over = 100 * float((month > 0).mean()) if len(month) else np.nan
        rows.append((name, int(known.sum()), 100 * wape(f, a), 100 * bias(f, a), over))
    return pd.DataFrame(
        rows, columns=["source", "cells", "WAPE %", "bias %", "periods over-forecast %"]
    ).query("cells > 0")


def waterfall(forecast: Array, made: Ints, actual: Array) -> tuple[Ints, Array, Array]:
    """Forecasts by cycle and the period they speak of: buckets (n,), table (cycles, n), what came (n,).

    forecast: (cycles, lags) of one scope; actual: (past buckets,); NaN where nothing was said or has come yet
    """
    lags = forecast.shape[1]
    buckets = np.arange(made.min(), made.max() + lags)
    table = np.full((len(made), len(buckets)), np.nan)
    for row, start in enumerate(made - made.min()):
        table[row, start : start + lags] = forecast[row]
    came = np.full(len(buckets), np.nan)
    came[: max(0, len(actual) - made.min())] = actual[made.min() : made.min() + len(buckets)]
    return buckets, table, came


def with_class(table: pd.DataFrame, found: Pairs, source: str, groups: NDArray) -> pd.DataFrame:
    """The table of `by_group` with MAPE %, MASE and the class of each group's own series.

    MAPE and MASE are of the group's sum, MASE against the history before the first forecast; NaN for a series
    that is intermittent or has none, which they would misjudge.
    """
    of = {label: row for row, label in enumerate(np.unique(groups))}
    actual, forecast = summed(found.actual, groups), summed(found.forecasts[source], groups)
    history = np.nan_to_num(summed(found.history, groups))
    first = int(found.buckets.min(initial=history.shape[1]))
    percentage, scaled, kinds = [], [], []
    for row in table["group"].map(of):
        kind = classify(np.trim_zeros(history[row], "f"))
        known = np.trim_zeros(history[row, :first], "f")
        judged = kind not in (Kind.INTERMITTENT, Kind.NONE)
        percentage.append(100 * mape(forecast[row], actual[row]) if judged else np.nan)
        scaled.append(mase(forecast[row], actual[row], known) if judged else np.nan)
        kinds.append(str(kind))
    return table.assign(**{"MAPE %": percentage, "MASE": scaled, "class": kinds})


def summed(cells: Array, labels: NDArray) -> Array:
    """(products, periods) -> (labels, periods) sums by label, labels sorted; NaN only where all are."""
    of = np.unique(labels, return_inverse=True)[1]
    total = np.zeros((int(of.max(initial=-1)) + 1, *cells.shape[1:]))
    count = total.copy()
    np.add.at(total, of, np.nan_to_num(cells))
    np.add.at(count, of, ~np.isnan(cells))
    return np.where(count > 0, total, np.nan)


def added(cells: Array, axis: int) -> Array:
    """Sum over an axis, NaN only where all of it is NaN."""
    return np.where(np.isnan(cells).all(axis=axis), np.nan, np.nansum(cells, axis=axis))


def _group_row(label: str, forecast: Array, actual: Array) -> tuple[str | float, ...]:
    known = _known(forecast, actual)
    if not known.any():
        return (label, *[np.nan] * 6)
    f, a = (np.where(known, values, 0.0) for values in (forecast, actual))
    signal = tracking_signal(f.sum(axis=0), a.sum(axis=0))[-1]
    error, size = float((f - a).sum()), float(np.abs(f - a).sum())
    return label, float(a.sum()), error, size, 100 * wape(f, a), 100 * bias(f, a), float(signal)


def _known(forecast: Array, actual: Array) -> NDArray[np.bool_]:
    return ~(np.isnan(forecast) | np.isnan(actual))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan
