"""Point forecasts of clean series by their class, alone or as a panel with conformal bands.

The only module that imports statsforecast. A combination is always used, never the one model that won a
backtest: on the M3 series winners cost 5 % accuracy, weights from the backtest or a seasonal naive 1 %.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context

import numpy as np
from statsforecast.models import (
    IMAPA,
    AutoCES,
    AutoETS,
    DynamicOptimizedTheta,
    SimpleExponentialSmoothingOptimized,
    Theta,
)

from sop_engine.demand_review.bands import SAFETY_LAGS, bands
from sop_engine.demand_review.series import (
    Array,
    Kind,
    classify,
    clean,
    fitted_season,
    holdouts,
    level,
    seasonal_index,
)
from sop_engine.errors import PlanError

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]

WILD = 10.0  # a member that forecasts more than this many times the largest observation is left out
END_OF_LIFE = 12  # an intermittent item without demand for so long, and a season at least, is forecast zero
FEW_SEASONS = 4  # seasons of history from which the Theta methods find a season themselves
ORIGINS = 3  # the most backtest origins of a series (series.holdouts)
MANY = 300  # series from which starting further processes pays
RULES = f"2 {version('statsforecast')}"  # count up when this module or series.py forecasts otherwise


@dataclass(frozen=True)
class PanelForecast:
    """Forecasts of n series over h periods, in the series' own units; arrays are read-only.

    point, lo80, hi80, lo95, hi95: (n, h), NaN without a forecast (class none) or without a measured error
    kind: (n,) class
    error_sd: (n,) root mean square of the 1 to 3 step backtest errors, half drawn to its pool
    coverage80: share of backtest errors inside 80 % bands calibrated on the other origins, NaN if unknown
    fits: {fit_key: SeriesFit} of every series, to be handed in as `known` next time
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
    """All that a fit depends on: a clean series, the seasonal index it is lent, whether it is backtested."""

    y: Array
    season_index: Array | None
    backtest: bool
    horizon: int
    season: int

    @property
    def key(self) -> str:
        """Hash under which the fit is known; equal tasks have equal fits."""
        words = f"{RULES}|{self.backtest}|{self.horizon}|{self.season}|{len(self.y)}"
        digest = hashlib.blake2b(words.encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.y + 0.0).tobytes())  # -0 becomes 0
        digest.update(b"" if self.season_index is None else self.season_index.tobytes())
        return digest.hexdigest()


def forecast_series(y: Array, horizon: int, season: int = 12, kind: str | None = None) -> Array:
    """Point forecast of one series by its class: (horizon,) units per period, never negative.

    none            NaN
    short           mean of simple exponential smoothing and the average
    young           mean of ETS and dynamic optimised Theta, both without season
    regular         mean of damped ETS, CES, dynamic optimised Theta and Theta (OWA 0.80 on M3 monthly)
    intermittent    mean of IMAPA and the last year's usual rate (WAPE of 12-month totals 0.69 on 2,509 car
                    parts, IMAPA alone 0.73); zero after END_OF_LIFE periods without demand

    y: one number per period, NaN only before the first; kind: a series.Kind, by default series.classify(y)
    Raises PlanError naming positions without a number, or if horizon < 1.
    """
    if horizon < 1:
        raise PlanError(f"A forecast horizon of {horizon} periods is not possible. Give 1 or more.")
    y = clean(y)
    kind = classify(y) if kind is None else Kind(kind)
    if kind is Kind.NONE:
        return np.full(horizon, np.nan)
    scale = float(np.abs(y).mean())
    if scale == 0 or (kind is Kind.INTERMITTENT and not y[-max(season, END_OF_LIFE) :].any()):
        return np.zeros(horizon)
    # fitted on y / scale, so that the optimisers' tolerances do not depend on the unit of measure
    return np.maximum(scale * _combine(y / scale, horizon, season, kind), 0.0)


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
) -> PanelForecast:
    """Forecasts of many series with bands from their pooled rolling-origin backtests.

    panel: label -> series (NaN only before its first observation)
    season_index: label -> (season,) factors, the first for the first forecast period; lent to short and young
        series, which are divided by it, forecast without season and multiplied again
    backtest: whether, or for which labels, errors are measured; the others have NaN bands and error_sd
    pool: label -> name of the group whose errors calibrate one another, within a class (default: one group)
    known: fits by key that need not be made again
    progress(done, total) is called after each series that is fitted; processes > 1 spreads the fits over
        spawned processes, None takes every core from MANY series on
    Raises PlanError naming the label and positions without a number.
    """
    labels = tuple(panel)
    measured = set(labels) if backtest is True else set(backtest or ())
    lent = season_index or {}
    tasks = [SeriesTask(clean(panel[a], str(a)), lent.get(a), a in measured, horizon, season) for a in labels]
    keys = [task.key for task in tasks]
    new = {key: task for key, task in zip(keys, tasks) if key not in (known or {})}
    fitted = zip(new, _reported(_run(fit_series, list(new.values()), processes), len(new), progress))
    at_hand = {**(known or {}), **dict(fitted)}
    fits = {key: at_hand[key] for key in keys}
    return _with_bands(labels, [fits[key] for key in keys], measured, horizon, pool or {}, fits)


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
    """The forecast of one series and, if asked, its backtest errors."""
    y, horizon, season = task.y, task.horizon, task.season
    steps = max(horizon, SAFETY_LAGS)
    errors = np.full((ORIGINS, steps), np.nan)
    for origin, held in enumerate(holdouts(len(y)) if task.backtest else ()):
        ahead = min(held, steps)
        past = _lent(y[:-held], ahead, season, _turned(task.season_index, -held))
        errors[origin, :ahead] = y[len(y) - held :][:ahead] - past
    return SeriesFit(_lent(y, horizon, season, task.season_index), errors, classify(y), level(y))


def _lent(y: Array, horizon: int, season: int, index: Array | None) -> Array:
    """Forecast of a short or young series through a lent seasonal index, of any other class without it."""
    kind = classify(y)
    if index is None or kind not in (Kind.SHORT, Kind.YOUNG):
        return forecast_series(y, horizon, season, kind)
    past, ahead = _aligned(index, len(y), horizon)
    return ahead * forecast_series(y / past, horizon, 1, kind)


def _turned(index: Array | None, periods: int) -> Array | None:
    """The seasonal index as seen from an origin `periods` later (earlier if negative)."""
    return None if index is None else np.roll(index, -periods)


def _combine(y: Array, horizon: int, season: int, kind: Kind) -> Array:
    if kind is Kind.INTERMITTENT:
        return (_mean_of([IMAPA()], y, horizon) + _usual_rate(y, max(season, END_OF_LIFE))) / 2
    if kind is Kind.SHORT:
        smoothed = _mean_of([SimpleExponentialSmoothingOptimized()], y, horizon)
        return (smoothed + y.mean()) / 2
    if kind is Kind.YOUNG:
        return _mean_of([AutoETS(season_length=1), DynamicOptimizedTheta(season_length=1)], y, horizon)
    m = fitted_season(len(y), season)
    smoothed = _mean_of([AutoETS(season_length=m, damped=True), AutoCES(season_length=m)], y, horizon)
    return (smoothed + _thetas(y, horizon, m)) / 2


def _thetas(y: Array, horizon: int, m: int) -> Array:
    """Mean of dynamic optimised Theta and Theta.

    Their own test for a season is blind on three years of history, so a series shorter than FEW_SEASONS is
    adjusted by `series.seasonal_index` beforehand: OWA 0.84 instead of 0.88 on M3 cut to 36 months, no gain
    on longer ones.
    """
    index = seasonal_index(y, m) if len(y) < FEW_SEASONS * m else np.ones(m)
    if np.ptp(index) == 0:
        return _mean_of([DynamicOptimizedTheta(season_length=m), Theta(season_length=m)], y, horizon)
    past, ahead = _aligned(index, len(y), horizon)
    plain = [DynamicOptimizedTheta(season_length=1), Theta(season_length=1)]
    return ahead * _mean_of(plain, y / past, horizon)


def _aligned(index: Array, n: int, horizon: int) -> tuple[Array, Array]:
    """The seasonal index laid over n past and horizon coming periods."""
    return index[np.arange(-n, 0) % len(index)], index[np.arange(horizon) % len(index)]


def _usual_rate(y: Array, periods: int) -> float:
    """Mean of the last periods, capped at the upper quartile of sizes that occur: one lump is no rate."""
    return float(np.minimum(y, np.quantile(y[y > 0], 0.75))[-periods:].mean()) if (y > 0).any() else 0.0


def _mean_of(models: Iterable, y: Array, horizon: int) -> Array:
    """Mean of the models' forecasts; without any sane one, the mean of the last year."""
    sane = [f for m in models if (f := _one(m, y, horizon)) is not None]
    return np.mean(sane, axis=0) if sane else np.full(horizon, y[-END_OF_LIFE:].mean())


def _one(model: object, y: Array, horizon: int) -> Array | None:
    """A model's forecast, or None (and a log line) if it could not be fitted or ran away."""
    try:
        with np.errstate(all="ignore"):
            forecast = model.forecast(y=y, h=horizon)["mean"]
    except Exception as fault:  # statsforecast raises a bare Exception for "no model able to be fitted"
        log.info("%s left out of the combination: %s", model, fault)
        return None
    if np.isfinite(forecast).all() and np.abs(forecast).max() <= WILD * np.abs(y).max():
        return forecast
    log.info("%s left out of the combination: its forecast ran away", model)
    return None


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
