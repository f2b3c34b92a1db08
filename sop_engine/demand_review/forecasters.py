"""Forecasts of panels of series with conformal bands, each series by its class, and the fits below them.

What a fit depends on is hashed, so that one that is known is not made again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from multiprocessing import get_context

import numpy as np

from sop_engine.demand_review.bands import SAFETY_LAGS, bands
from sop_engine.demand_review.combination import aligned, forecast_series
from sop_engine.demand_review.drivers import Driven, Drivers, driven_candidates, driven_from, wins
from sop_engine.demand_review.series import Array, Kind, classify, clean, holdouts, level

Progress = Callable[[int, int], None]

ORIGINS = 3  # the most backtest origins of a series (series.holdouts)
MANY = 300  # series from which starting further processes pays
RULES = (
    f"3 {version('statsforecast')}"  # count up when this, combination, drivers or series forecast otherwise
)


@dataclass(frozen=True)
class PanelForecast:
    """Forecasts of n series over h periods, in the series' own units; arrays are read-only.

    point, lo80, hi80, lo95, hi95: (n, h), NaN without a forecast (class none) or without a measured error
    kind: (n,) class
    error_sd: (n,) root mean square of the 1 to 3 step backtest errors, half drawn to its pool
    coverage80: share of backtest errors inside 80 % bands calibrated on the other origins, NaN if unknown
    fits: {fit_key: SeriesFit} of every series, to be handed in as `known` next time
    driven: label -> what was made of its drivers, of the driver-based series
    """

    labels: tuple[Hashable, ...]
    point: Array
    lo80: Array
    hi80: Array
    lo95: Array
    hi95: Array
    kind: tuple[str, ...]
    error_sd: Array
    coverage80: float
    fits: Mapping[str, SeriesFit]
    driven: Mapping[Hashable, Driven] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SeriesFit:
    """Forecast of one series, units per period.

    point: (horizon,); errors: (ORIGINS, steps) actual - forecast of the backtest, NaN where not measured
    kind: its class; level: mean size of a period
    """

    point: Array
    errors: Array
    kind: Kind
    level: float


@dataclass(frozen=True, eq=False)
class SeriesTask:
    """All that a fit depends on: a clean series, the seasonal index it is lent, whether it is backtested, its
    drivers.
    """

    y: Array
    season_index: Array | None
    backtest: bool
    horizon: int
    season: int
    driven: Driven | None = None

    @property
    def key(self) -> str:
        """Hash under which the fit is known; equal tasks have equal fits."""
        words = f"{RULES}|{self.backtest}|{self.horizon}|{self.season}|{len(self.y)}"
        digest = hashlib.blake2b(words.encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.y + 0.0).tobytes())  # -0 becomes 0
        digest.update(b"" if self.season_index is None else self.season_index.tobytes())
        digest.update(b"" if self.driven is None else self.driven.content)
        return digest.hexdigest()


def forecast_panel(
    panel: Mapping[Hashable, Array],
    horizon: int,
    season: int = 12,
    season_index: Mapping[Hashable, Array] | None = None,
    progress: Progress | None = None,
    processes: int | None = 1,
    backtest: bool | Collection[Hashable] = True,
    pool: Mapping[Hashable, str] | None = None,
    known: Mapping[str, SeriesFit] | None = None,
    drivers: Mapping[Hashable, Drivers] | None = None,
) -> PanelForecast:
    """Forecasts of many series with bands from their pooled rolling-origin backtests.

    panel: label -> series (NaN only before its first observation)
    season_index: label -> (season,) factors, the first for the first forecast period; lent to short and young
        series, which are divided by it, forecast without season and multiplied again
    backtest: whether, or for which labels, errors are measured; the others have NaN bands and error_sd
    pool: label -> name of the group whose errors calibrate one another, within a class (default: one group)
    known: fits by key that need not be made again
    drivers: label -> its drivers; a series that they foretell better, out of sample, is driver-based
    progress(done, total) is called after each series that is fitted; processes > 1 spreads the fits over
        spawned processes, None takes every core from MANY series on
    Raises PlanError naming the label and positions without a number.
    """
    labels = tuple(panel)
    measured = set(labels) if backtest is True else set(backtest or ())
    lent = season_index or {}
    cleaned = {a: clean(panel[a], str(a)) for a in labels}
    driven = driven_candidates(cleaned, drivers or {}, season, pool or {})
    tasks = [
        SeriesTask(y, lent.get(a), a in measured, horizon, season, driven.get(a)) for a, y in cleaned.items()
    ]
    keys = [task.key for task in tasks]
    new = {key: task for key, task in zip(keys, tasks) if key not in (known or {})}
    fitted = zip(new, _reported(_run(fit_series, list(new.values()), processes), len(new), progress))
    at_hand = {**(known or {}), **dict(fitted)}
    fits = {key: at_hand[key] for key in keys}
    chosen = {a: driven[a] for a, key in zip(labels, keys) if fits[key].kind is Kind.DRIVEN}
    forecast = _with_bands(labels, [fits[key] for key in keys], measured, horizon, pool or {}, fits)
    return replace(forecast, driven=chosen)


def _with_bands(
    labels: Sequence[Hashable],
    fits: Sequence[SeriesFit],
    measured: Collection[Hashable],
    horizon: int,
    pool: Mapping[Hashable, str],
    by_key: Mapping[str, SeriesFit],
) -> PanelForecast:
    n = len(labels)
    point = np.array([f.point for f in fits]).reshape(n, horizon)
    half80, half95 = np.full((2, n, horizon), np.nan)
    error_sd, coverage = np.full(n, np.nan), np.nan
    rows = [i for i, a in enumerate(labels) if a in measured]
    if rows:
        pools = [f"{pool.get(labels[i], '')}/{fits[i].kind}" for i in rows]
        errors, levels = np.array([fits[i].errors for i in rows]), np.array([fits[i].level for i in rows])
        band = bands(errors, levels, pools, horizon)
        half80[rows], half95[rows], error_sd[rows] = band.half80, band.half95, band.error_sd
        coverage = band.coverage80
    lo80, lo95 = np.maximum(point - half80, 0.0), np.maximum(point - half95, 0.0)
    for array in (point, lo80, hi80 := point + half80, lo95, hi95 := point + half95, error_sd):
        array.setflags(write=False)
    kind = tuple(str(f.kind) for f in fits)
    return PanelForecast(tuple(labels), point, lo80, hi80, lo95, hi95, kind, error_sd, coverage, by_key)


def fit_series(task: SeriesTask) -> SeriesFit:
    """The forecast of one series by its class, or by its drivers where these win the backtest, and its
    backtest errors, if asked.
    """
    fit = _fit(task, _undriven, classify(task.y))
    if task.driven is not None:
        driven = _fit(task, _driven, Kind.DRIVEN)
        fit = driven if wins(driven.errors, fit.errors) and np.isfinite(driven.point).all() else fit
    return fit if task.backtest else replace(fit, errors=np.full_like(fit.errors, np.nan))


def _fit(task: SeriesTask, forecast: Callable[[SeriesTask, int, int], Array], kind: Kind) -> SeriesFit:
    """forecast(task, held, ahead): from the origin that holds out the last `held` periods, (ahead,)."""
    y, steps = task.y, max(task.horizon, SAFETY_LAGS)
    errors = np.full((ORIGINS, steps), np.nan)
    for origin, held in enumerate(holdouts(len(y)) if task.backtest or task.driven else ()):
        ahead = min(held, steps)
        errors[origin, :ahead] = y[len(y) - held :][:ahead] - forecast(task, held, ahead)
    return SeriesFit(forecast(task, 0, task.horizon), errors, kind, level(y))


def _undriven(task: SeriesTask, held: int, ahead: int) -> Array:
    past = task.y[: len(task.y) - held]
    return _lent(past, ahead, task.season, _turned(task.season_index, -held))


def _driven(task: SeriesTask, held: int, ahead: int) -> Array:
    return driven_from(task.y, task.driven, held, ahead, task.season)


def _lent(y: Array, horizon: int, season: int, index: Array | None) -> Array:
    """Forecast of a short or young series through a lent seasonal index, of any other class without it."""
    kind = classify(y)
    if index is None or kind not in (Kind.SHORT, Kind.YOUNG):
        return forecast_series(y, horizon, season, kind)
    past, ahead = aligned(index, len(y), horizon)
    return ahead * forecast_series(y / past, horizon, 1, kind)


def _turned(index: Array | None, periods: int) -> Array | None:
    """The seasonal index as seen from an origin `periods` later (earlier if negative)."""
    return None if index is None else np.roll(index, -periods)


def _run(
    work: Callable[[SeriesTask], SeriesFit], tasks: Sequence[SeriesTask], processes: int | None
) -> Iterator[SeriesFit]:
    if processes is None:
        processes = (os.cpu_count() or 1) if len(tasks) > MANY else 1
    if processes <= 1 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as workers:
        yield from workers.map(work, tasks, chunksize=max(1, min(16, len(tasks) // (4 * processes))))


def _reported(fits: Iterable[SeriesFit], total: int, progress: Progress | None) -> Iterator[SeriesFit]:
    for done, fit in enumerate(fits, 1):
        if progress:
            progress(done, total)
        yield fit
