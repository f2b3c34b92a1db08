"""What one demand series is: its class, its level, its seasonal index, and how far back a backtest may hold out."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sop_engine.errors import PlanError

Array = NDArray[np.float64]

FEWEST, SHORT, YOUNG = 3, 12, 24   # observations below which a series is none, short, young
INTERMITTENT_ADI = 1.32            # Syntetos, Boylan and Croston (2005), cut-off of the mean demand interval
SEASONAL_T = 1.645                 # 90 % two-sided, as the Theta method and M4's Naive2 test lag m


class Kind(StrEnum):
    """The class of a series; it decides the forecaster (see forecasters.py)."""

    NONE = "none"
    SHORT = "short"
    YOUNG = "young"
    REGULAR = "regular"
    INTERMITTENT = "intermittent"


def clean(y: Array, name: str = "series") -> Array:
    """The observations from the first known one on, as floats.

    Leading NaN (before the first sale) is dropped; a zero is a known period without demand and stays.
    Raises PlanError naming the positions of NaN or infinite values that remain.

    >>> clean(np.array([np.nan, 0., 2.]))
    array([0., 2.])
    """
    y = np.asarray(y, dtype=float)
    known = np.flatnonzero(~np.isnan(y))
    life = y[known[0]:] if known.size else y[:0]
    faulty = np.flatnonzero(~np.isfinite(life)) + y.size - life.size
    if faulty.size:
        raise PlanError(f"{name}: no number at position {', '.join(map(str, faulty))}, after the first observation. "
                        "Give each period its demand; write 0 where there was none.")
    return life


def classify(y: Array) -> Kind:
    """The class of a clean series, from its length n and its mean demand interval ADI = n / non-zero periods.

    n < 3 none | n < 12 short | ADI >= 1.32 intermittent | n < 24 young | otherwise regular

    >>> str(classify(np.ones(36)))
    'regular'
    """
    n = len(y)
    if n < FEWEST:
        return Kind.NONE
    if n < SHORT:
        return Kind.SHORT
    if n >= INTERMITTENT_ADI * np.count_nonzero(y):
        return Kind.INTERMITTENT
    return Kind.YOUNG if n < YOUNG else Kind.REGULAR


def fitted_season(n: int, season: int) -> int:
    """The season length that n observations can carry: two whole seasons and YOUNG observations, else 1."""
    return season if n >= max(2 * season, YOUNG) else 1


def holdouts(n: int) -> tuple[int, ...]:
    """How many last observations each backtest origin holds out, shortest first; empty if n < 4.

    Two whole years stay before the origins of a long series, one before those of a young one.
    """
    if n >= 48:
        return 12, 18, 24
    if n >= YOUNG:
        return 6, 12
    steps = (3, 6) if n >= SHORT else (1, 2, 3)
    return tuple(k for k in steps if n - k >= FEWEST)


def level(y: Array) -> float:
    """Mean size of the last two years, or of the whole series when those are zero; units per period."""
    recent = float(np.abs(y[-YOUNG:]).mean()) if len(y) else 0.0
    return recent if recent > 0 or not len(y) else float(np.abs(y).mean())


def seasonal(y: Array, season: int) -> bool:
    """Whether the autocorrelation of the differenced series at lag `season` passes Bartlett's 90 % test.

    |r_m| > 1.645 sqrt((1 + 2 sum r_1..r_{m-1}^2) / n)     (Fiorucci et al. 2016, the test of the Theta method)
    Differences are taken so that a trend alone does not look like a season.
    """
    d = np.diff(y)
    if len(d) < 2 * season - 1 or np.ptp(d) == 0:
        return False
    d = d - d.mean()
    r = np.array([d[lag:] @ d[:-lag] for lag in range(1, season + 1)]) / (d @ d)
    return bool(abs(r[-1]) > SEASONAL_T * np.sqrt((1 + 2 * np.sum(r[:-1] ** 2)) / len(d)))


def seasonal_index(y: Array, season: int) -> Array:
    """Multiplicative seasonal index by ratio to the centred moving average; its mean is 1.

    y: a clean series. Returns (season,), the first factor being that of the first period after y ends; ones
    where y is shorter than two seasons, touches zero, or shows no season (see `seasonal`).
    """
    if len(y) < 2 * season or season < 2 or y.min() <= 0 or not seasonal(y, season):
        return np.ones(season)
    weights = np.ones(season + 1) if season % 2 == 0 else np.ones(season)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    edge = len(weights) // 2
    ratio = y[edge:-edge] / (np.convolve(y, weights, "valid") / season)
    phase = (np.arange(edge, len(y) - edge) - len(y)) % season
    index = np.bincount(phase, ratio, season) / np.bincount(phase, minlength=season)
    return index / index.mean()
