"""What one demand series is: its class, its level, its seasonal index, and how much a backtest holds out."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from sop_engine.errors import PlanError

Array = NDArray[np.float64]

FEWEST, SHORT, YOUNG = 3, 12, 24  # observations below which a series is none, short, young
INTERMITTENT_ADI = 1.32  # Syntetos, Boylan and Croston (2005), cut-off of the mean demand interval
NO_SWING = 0.005  # a seasonal swing below half a per cent is none


class Kind(StrEnum):
    """The class of a series; it decides the forecaster (see combination.py). Driver-based is what a regular
    series becomes where drivers foretell it better (see drivers.py).
    """

    NONE = "none"
    SHORT = "short"
    YOUNG = "young"
    REGULAR = "regular"
    INTERMITTENT = "intermittent"
    DRIVEN = "driver-based"


CLASSES = {
    Kind.NONE: "new: fewer than three months known, what was sold goes on, or the launch curve stands for it",
    Kind.SHORT: "short: mean of simple smoothing and the average, with its family's season",
    Kind.YOUNG: "young: mean of ETS and Theta, with its family's season",
    Kind.REGULAR: "regular: mean of ETS, CES and two Theta methods",
    Kind.INTERMITTENT: "intermittent: mean of IMAPA and the last year's usual rate",
    Kind.DRIVEN: "driver-based: what drives it taken out of the history, that forecast as a regular series, "
    "and what is to come put back; better than without in the backtest",
}


def clean(y: Array, name: str = "series") -> Array:
    """The observations from the first known one on, as floats.

    Leading NaN (before the first sale) is dropped; a zero is a known period without demand and stays.
    Raises PlanError naming the positions of NaN or infinite values that remain.

    >>> clean(np.array([np.nan, 0., 2.]))
    array([0., 2.])
    """
    y = np.asarray(y, dtype=float)
    known = np.flatnonzero(~np.isnan(y))
    life = y[known[0] :] if known.size else y[:0]
    faulty = np.flatnonzero(~np.isfinite(life)) + y.size - life.size
    if faulty.size:
        raise PlanError(
            f"{name}: no number at position {', '.join(map(str, faulty))}, after the first observation. "
            "Give each period its demand; write 0 where there was none."
        )
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
        return 6, 9, 12
    steps = (3, 6) if n >= SHORT else (1, 2, 3)
    return tuple(k for k in steps if n - k >= FEWEST)


def level(y: Array) -> float:
    """Mean size of a period, units; zero without observations.

    Of the whole history: bands scaled by the last year alone were wider and covered no better.
    """
    return float(np.abs(y).mean()) if len(y) else 0.0


def seasonal_index(y: Array, season: int) -> Array:
    """Multiplicative seasonal index by ratio to the centred moving average, drawn to 1 where years disagree.

    index = 1 + (mean ratio of the phase - 1) * repetition(ratios)
    y: a clean series. Returns (season,) with mean 1, the first factor being that of the first period after y
    ends; ones where y touches zero or is too short to show each phase, and half of them twice.
    """
    edge = season // 2
    if season < 2 or len(y) < 3 * edge + season or y.min() <= 0:
        return np.ones(season)
    weights = np.ones(2 * edge + 1)
    if season % 2 == 0:
        weights[[0, -1]] = 0.5
    ratio = y[edge:-edge] / (np.convolve(y, weights, "valid") / season)
    phase = (np.arange(edge, len(y) - edge) - len(y)) % season
    means = np.bincount(phase, ratio, season) / np.bincount(phase, minlength=season)
    return 1 + (means / means.mean() - 1) * repetition(ratio, phase)


def repetition(values: Array, phase: NDArray[np.integer]) -> float:
    """How far values repeat by phase, 0 to 1: 1 - 1 / F of the one-way analysis of variance.

    F = (between / (k - 1)) / (within / (n - k)), k phases; 0 if not significant at 10 %. The factor is the
    empirical Bayes one (James and Stein), which Miller and Williams (2003) recommend for seasonal indices of
    short histories.
    """
    phase = np.unique(phase, return_inverse=True)[1]
    means = (np.bincount(phase, values) / np.bincount(phase))[phase]
    k, n = phase.max() + 1, len(values)
    between, within = np.sum((means - values.mean()) ** 2), np.sum((values - means) ** 2)
    if k < 2 or n <= k or np.sqrt(between / n) < NO_SWING:
        return 0.0
    noise = within / (n - k) / (between / (k - 1))
    return float(1 - noise) if noise * f_distribution.ppf(0.90, k - 1, n - k) < 1 else 0.0
