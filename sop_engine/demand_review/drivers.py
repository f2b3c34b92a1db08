"""Series that price, display, weather or distribution drive: what a driver does, and the forecast with it.

A candidate is a regular series that sold in every period and whose drivers cover its history. What a driver
does is drawn to what it does to the other series. Whether the drivers are worth it, the backtest says: at
each origin they are known as far ahead as they are today, and what they do is told from what lay before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sop_engine.demand_review.combination import WILD, forecast_series
from sop_engine.demand_review.elasticity import LEAST_SPREAD, Z95, Panel, drawn, panel_of, slopes
from sop_engine.demand_review.series import Array, Kind, classify, fitted_season, holdouts, repetition
from sop_engine.errors import PlanError

WINS_BY = 0.05  # part of the mean absolute error out of sample by which drivers must do better


@dataclass(frozen=True, eq=False)
class Drivers:
    """The drivers of one series as they enter (see `entered`); NaN where not known.

    logs: (K,) which of them enter as logarithms
    past: (n, K) up to the last period of the series; ahead: (h, K) after it
    """

    names: tuple[str, ...]
    logs: tuple[bool, ...]
    past: Array
    ahead: Array


@dataclass(frozen=True, eq=False)
class Driven:
    """The drivers of a candidate and what they do, as told today and at each origin of its backtest.

    slopes, errors: (1 + origins, K) change of log units per unit of the driver as it enters, and its standard
    error; 0: it says nothing; NaN: it could not be told then
    """

    drivers: Drivers
    slopes: Array
    errors: Array

    @property
    def content(self) -> bytes:
        """All that a forecast depends on, as bytes."""
        arrays = (self.drivers.past, self.drivers.ahead, self.slopes)
        return b"|".join(array.tobytes() for array in arrays)

    @property
    def known_ahead(self) -> NDArray[np.integer]:
        """(K,) periods after the series for which each driver is known without a gap."""
        return np.isfinite(self.drivers.ahead).cumprod(axis=0).sum(axis=0)


def entered(values: Array) -> tuple[Array, bool]:
    """A driver as it enters the regression, and whether as its logarithm: if it is above zero throughout.

    The slope of a logarithm is an elasticity: per cent of units for one per cent of the driver.
    """
    known = values[np.isfinite(values)]
    logs = bool(known.size and (known > 0).all())
    return (np.log(values) if logs else values), logs


def driven_candidates(
    series: Mapping[Hashable, Array],
    drivers: Mapping[Hashable, Drivers],
    season: int,
    pool: Mapping[Hashable, str],
) -> dict[Hashable, Driven]:
    """Which of the clean series may be driver-based, with what their drivers do.

    pool: label -> name of the group whose slopes are drawn to one another (default: one group)
    A driver counts that is known over the whole history, varies, and whose slope, or the panel's, differs
    from 0 at 95 %.
    """
    usable = {a: kept for a, y in series.items() if a in drivers and (kept := _usable(y, drivers[a])).names}
    found = {a: _told(series[a], kept, season) for a, kept in usable.items()}
    groups = defaultdict(list)
    for a, driven in found.items():
        for origin, held in enumerate((0, *holdouts(len(series[a])))):
            for k, name in enumerate(driven.drivers.names):
                groups[pool.get(a, ""), held, name].append((a, origin, k))
    for members in groups.values():
        _draw(found, members)
    return {a: driven for a, driven in found.items() if np.nan_to_num(driven.slopes[0]).any()}


def driven_from(y: Array, driven: Driven, held: int, horizon: int, season: int) -> Array:
    """`driven_forecast` from the origin that holds out the last `held` periods; (horizon,), NaN where the
    slopes could not be told then, or the forecast runs away.
    """
    n = len(y) - held
    slope = driven.slopes[(0, *holdouts(len(y))).index(held)]
    if np.isnan(slope).any():
        return np.full(horizon, np.nan)
    ahead = _coming(driven, n, horizon, season)
    forecast = driven_forecast(y[:n], driven.drivers.past[:n], ahead, slope, season)
    return forecast if forecast.max(initial=0.0) <= WILD * y[:n].max() else np.full(horizon, np.nan)


def driven_forecast(y: Array, drivers: Array, ahead: Array, beta: Array, season: int = 12) -> Array:
    """Forecast of a series whose drivers are known ahead: (h,) units per period.

    The history is cleared of the drivers' effect, forecast, and given the coming effect:
    f = forecast(y exp(-(x - xm) beta)) * exp((x' - xm) beta), xm the drivers' mean. With two seasons of
    history the forecaster is that of its class; with less, a level of the logs (smoothed and average), since
    trend and season cannot be told from the drivers.

    y: (n,) units above zero; drivers: (n, K) and ahead: (h, K) as they enter; beta: (K,)
    Raises PlanError if a period has no demand, which has no logarithm.
    """
    if not (y > 0).all():
        raise PlanError(
            "Driver-based forecasts need demand above zero in every period. Use the forecast by class."
        )
    centre = drivers.mean(axis=0)
    plain = y * np.exp(-(drivers - centre) @ beta)
    effect = np.exp((ahead - centre) @ beta)
    if fitted_season(len(y), season) > 1:
        return effect * forecast_series(plain, len(ahead), season)
    lowest = plain.min()
    return effect * lowest * np.exp(forecast_series(np.log(plain / lowest), len(ahead), 1, Kind.SHORT))


def carried(past: Array, horizon: int, season: int) -> Array:
    """(horizon,) a driver whose future nobody gave: the mean of its season where it has one, else its last
    value.
    """
    n = len(past)
    phase = (np.arange(n) - n) % season
    if fitted_season(n, season) > 1 and repetition(past, phase) > 0:
        means = np.bincount(phase, past) / np.bincount(phase)
        return means[np.arange(horizon) % season]
    return np.full(horizon, past[-1])


def wins(driven: Array, undriven: Array) -> bool:
    """Whether the drivers' mean absolute error is WINS_BY below the other, where both were measured."""
    both = np.isfinite(driven) & np.isfinite(undriven)
    return bool(both.any() and np.abs(driven[both]).sum() < (1 - WINS_BY) * np.abs(undriven[both]).sum())


def effect_words(slope: float, error: float, logs: bool) -> str:
    """What a driver does to units, with its standard error.

    >>> effect_words(-2.0, 0.1, True), effect_words(1.1, 0.2, False)
    ('-2 % for 1 % more (± 0.1)', '+200 % for 1 more (x 3; ± 0.2 in logs)')
    """
    if logs:
        return f"{slope:+.2g} % for 1 % more (± {error:.2g})"
    factor = np.exp(slope)
    return f"{100 * (factor - 1):+.3g} % for 1 more (x {factor:.2g}; ± {error:.2g} in logs)"


def _usable(y: Array, drivers: Drivers) -> Drivers:
    """The drivers that cover a candidate's history and vary in it; none for a series of another class."""
    past = drivers.past[-len(y) :] if len(y) else drivers.past[:0]
    if classify(y) is not Kind.REGULAR or not (y > 0).all() or len(past) < len(y):
        return replace(drivers, names=(), logs=())
    kept = np.isfinite(past).all(axis=0)
    kept[kept] = past[:, kept].std(axis=0) > LEAST_SPREAD
    names, logs = (tuple(np.array(values)[kept].tolist()) for values in (drivers.names, drivers.logs))
    return Drivers(names, logs, past[:, kept], drivers.ahead[:, kept])


def _told(y: Array, drivers: Drivers, season: int) -> Driven:
    """What its own history says, today and at each origin."""
    fits = [_own(y[: len(y) - held], drivers.past, season) for held in (0, *holdouts(len(y)))]
    return Driven(drivers, np.array([fit[0] for fit in fits]), np.array([fit[1] for fit in fits]))


def _own(y: Array, past: Array, season: int) -> tuple[Array, Array]:
    """Slopes (K,) and errors of log units on the drivers, beside a trend and, where it fits, a season."""
    n, width = len(y), past.shape[1]
    seasonal = np.arange(n) % season if fitted_season(n, season) > 1 else None
    x = np.column_stack([past[:n], np.arange(n) / n])
    fit = slopes(np.log(y), x, np.zeros(n), seasonal)
    return fit.beta[:width], fit.se[:width]


def _draw(found: Mapping[Hashable, Driven], members: list[tuple[Hashable, int, int]]) -> None:
    """Draws the slopes of one driver, at one origin, to one another; what differs from 0 nowhere is 0."""
    beta = np.array([found[a].slopes[origin, k] for a, origin, k in members])
    se = np.array([found[a].errors[origin, k] for a, origin, k in members])
    panel = _steady(panel_of(beta, se))
    drawn_beta, drawn_se = drawn(beta, se, panel)
    speaks = (np.abs(drawn_beta) > Z95 * drawn_se) | (abs(panel.mean) > Z95 * panel.error)
    told = np.where(speaks | np.isnan(drawn_beta), drawn_beta, 0.0)
    for (a, origin, k), slope, error in zip(members, told, drawn_se):
        found[a].slopes[origin, k], found[a].errors[origin, k] = slope, error


def _steady(panel: Panel) -> Panel:
    """The panel to a tenth of its error's first digit: one changed series does not refit all others."""
    if not panel.error > 0:
        return panel
    digits = 1 - int(np.floor(np.log10(panel.error)))
    return Panel(*(round(value, digits) for value in (panel.mean, panel.error, panel.spread)))


def _coming(driven: Driven, n: int, horizon: int, season: int) -> Array:
    """(horizon, K) the drivers after the first n periods, known as far ahead as they are today; the rest is
    carried.
    """
    past, ahead, known = driven.drivers.past, driven.drivers.ahead, driven.known_ahead
    future = (ahead if n == len(past) else past[n:])[:horizon].copy()
    if n < len(past):
        unknown = (np.arange(len(future))[:, None] >= known) & (known < len(ahead))
        future[unknown] = np.nan
    rest = np.column_stack([carried(column, horizon, season) for column in past[:n].T])
    return np.where(np.isfinite(future), future, rest)
