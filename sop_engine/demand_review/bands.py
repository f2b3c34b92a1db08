"""Prediction bands from pooled conformal quantiles of backtest errors, and the coverage they would have had.

Each series' errors are divided by its scale, so that all series of a pool (a class, at a level of the
hierarchy) calibrate one another; a band is the pool's quantile at that step times the series' scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from sop_engine.demand_review.series import Array

FEWEST_ERRORS = 30  # a pool below this is too small for a 95 % quantile: step -> all steps -> all pools
SAFETY_LAGS = 3  # steps whose errors make the standard deviation for safety stock


@dataclass(frozen=True)
class Bands:
    """Half widths of the 80 % and 95 % bands (n, h); error_sd (n,); coverage80 a share, NaN if unknown."""

    half80: Array
    half95: Array
    error_sd: Array
    coverage80: float


def conformal_quantile(sizes: Array, share: float) -> float:
    """The ceil((n + 1) share)-th smallest of n error sizes (split conformal); NaN without errors.

    If n is too small for that, Student's t with n degrees of freedom times their root mean square.

    >>> conformal_quantile(np.arange(1., 10.), .8)
    8.0
    """
    n = len(sizes)
    if n == 0:
        return np.nan
    rank = int(np.ceil((n + 1) * share - 1e-9))
    if rank <= n:
        return float(np.partition(sizes, rank - 1)[rank - 1])
    return float(student.ppf((1 + share) / 2, n) * np.sqrt(np.mean(sizes**2)))


def relative_error(size: Array, levels: Array, pools: Sequence[str]) -> Array:
    """Half a series' own backtest error relative to its level, half the median of its pool; (n,) shares.

    size: (n,) mean size of its errors, NaN where none was measured; levels: (n,) units per period.
    A series without errors takes its pool's median, a pool without any the median of all.
    """
    own = np.divide(size, levels, out=np.full(len(size), np.nan), where=levels > 0)
    names = np.asarray(pools)
    median = np.full(len(own), _median(own))
    for name in set(pools):
        if not np.isnan(inside := _median(own[names == name])):
            median[names == name] = inside
    return 0.5 * median + 0.5 * np.where(np.isnan(own), median, own)


def bands(errors: Array, levels: Array, pools: Sequence[str], horizon: int) -> Bands:
    """Bands of n series by pooled conformal quantiles.

    errors: (n, origins, steps) actual - forecast of the backtest, NaN where not measured
    levels: (n,) units per period; pools: (n,) name of each series' pool
    The half width never falls with the step, and grows with its square root past the last measured one.
    """
    levels = np.asarray(levels, dtype=float)
    half80, half95 = _half_widths(errors, levels, pools, horizon)
    lagged = np.sqrt(_mean(errors[:, :, :SAFETY_LAGS] ** 2))
    error_sd = relative_error(lagged, levels, pools) * levels
    return Bands(half80, half95, error_sd, realised_coverage(errors, levels, pools))


def realised_coverage(errors: Array, levels: Array, pools: Sequence[str], share: float = 0.8) -> float:
    """Share of backtest errors inside the band calibrated on the other origins; NaN with fewer than two."""
    held = [o for o in range(errors.shape[1]) if np.isfinite(errors[:, o]).any()]
    if len(held) < 2:
        return np.nan
    inside = [
        np.abs(errors[:, o])
        <= _half_widths(np.delete(errors, o, axis=1), levels, pools, errors.shape[2], (share,))[0] + 1e-12
        for o in held
    ]
    measured = [np.isfinite(errors[:, o]) for o in held]
    return float(np.sum([i & m for i, m in zip(inside, measured)]) / np.sum(measured))


def _half_widths(
    errors: Array, levels: Array, pools: Sequence[str], horizon: int, shares: Sequence[float] = (0.8, 0.95)
) -> tuple[Array, ...]:
    """One (n, horizon) array of half widths per share."""
    scale = relative_error(_mean(np.abs(errors)), levels, pools) * levels
    divisor = np.where(scale > 0, scale, np.nan)[:, None, None]
    scaled = np.abs(errors / divisor)
    names = np.asarray(pools)
    curves = {
        name: [_curve(scaled, names == name, horizon, share) for share in shares] for name in set(pools)
    }
    factor = np.array([curves[name] for name in pools]).reshape(len(pools), len(shares), horizon)
    certain = (levels == 0) | (scale == 0)
    widths = np.where(certain[:, None, None], 0.0, factor * scale[:, None, None])
    return tuple(widths[:, i] for i in range(len(shares)))


def _curve(scaled: Array, members: np.ndarray, horizon: int, share: float) -> Array:
    """A pool's quantile by step (horizon,), monotone, grown by the root of the step past the last."""
    pool = scaled[members] if np.isfinite(scaled[members]).sum() >= FEWEST_ERRORS else scaled
    whole = _finite(pool)
    measured = np.flatnonzero(np.isfinite(pool).any(axis=(0, 1))) + 1
    last = int(min(measured[-1] if measured.size else 1, horizon))
    steps = [_finite(pool[:, :, step]) for step in range(last)] if measured.size else [whole]
    quantiles = [conformal_quantile(s if len(s) >= FEWEST_ERRORS else whole, share) for s in steps]
    rising = np.maximum.accumulate(quantiles)
    growth = np.sqrt(np.arange(last + 1, horizon + 1) / last)
    return np.concatenate([rising, rising[-1] * growth])


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


def _median(values: Array) -> float:
    known = _finite(values)
    return float(np.median(known)) if known.size else np.nan


def _mean(errors: Array) -> Array:
    """Mean over origins and steps of what was measured; (n,), NaN where nothing was."""
    count = np.isfinite(errors).sum(axis=(1, 2))
    total = np.nansum(errors, axis=(1, 2))
    return np.divide(total, count, out=np.full(len(errors), np.nan), where=count > 0)
