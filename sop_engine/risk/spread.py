"""How far what came was from what was expected: a factor model in logs, from the company down.

actual / expected = company factor x family factor x product factor. A factor is exp(sd(lag) x N - sd^2 / 2),
so that it is 1 on average; of its variance a part is one draw for all periods, the rest is new in each.
sd = 1.2533 x mean |log(actual / expected)|, as of a normal error: one odd year sways it less than squares
would. What lies below the company shifts between its parts and adds up to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NORMAL = np.sqrt(np.pi / 2)  # standard deviation / mean absolute value of a normal error
FURTHEST = np.log(3.0)  # a log error counts no further, so that what was never sold does not rule all
WIDEST = 1.0  # sd in logs that no label exceeds
LASTS = 3  # periods that an origin must have come to tell what lasts from what does not


@dataclass(frozen=True, eq=False)
class Level:
    """The factors of one level, by label.

    member: (products,) position of each product's label; sd: (labels, periods) in logs, by periods ahead
    lasting: share of the variance that is one draw for all periods
    """

    name: str
    labels: tuple[str, ...]
    member: np.ndarray
    sd: np.ndarray
    lasting: float

    def factors(self, lasting: np.ndarray, passing: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """(labels, periods) factors of standard normals (labels,) and (labels, periods).

        drawn: (periods,) bool; in the others what passes is not drawn, so it is as expected
        """
        known = drawn * (1 - self.lasting)
        mixed = np.sqrt(self.lasting) * lasting[:, None] + np.sqrt(known) * passing
        return np.exp(self.sd * mixed - self.sd**2 * (self.lasting + known) / 2)

    def sd_over(self, periods: int) -> np.ndarray:
        """(labels, periods) sd of the mean of so many periods: what passes averages out in them."""
        return self.sd * np.sqrt(self.lasting + (1 - self.lasting) / periods)

    def shifted(self, label: int, z: float, periods: int) -> np.ndarray:
        """(labels, periods) with one label at the same quantile of the mean of so many periods in each, the
        others where they are expected; z: standard normal, 0 is the median."""
        factors = np.ones(self.sd.shape)
        factors[label] = np.exp(z * self.sd_over(periods)[label])
        return factors


def fit_levels(
    actual: np.ndarray,
    expected: np.ndarray,
    groups: Sequence[tuple[str, np.ndarray]],
    periods: int,
    centred: bool = False,
) -> tuple[Level, ...]:
    """The levels of a factor model, the first one first.

    actual, expected: (origins, products, lags) of one measure, NaN where it has not come yet
    groups: name and (products,) label of each level, from the whole to the parts; periods: to look ahead
    centred: whether what all origins have in common is taken out first
    """
    above, levels = np.ones(expected.shape), []
    for name, words in groups:
        labels, member = np.unique(words.astype(str), return_inverse=True)
        came, due = (_summed(cells, member, len(labels)) for cells in (actual, expected * above))
        errors = _log_ratio(came, due)
        if centred:
            errors = errors - _weighted(errors, due, axis=(0, 1))
        levels.append(_level(name, tuple(labels), member, errors, due, periods))
        above = above * _ratio(came, due)[:, member]
    return tuple(levels)


def balanced(factors: np.ndarray, weight: np.ndarray, member: np.ndarray, parents: int) -> np.ndarray:
    """(products, periods) factors of parts, divided by their weighted mean inside each parent, so that what
    one gains others lose.

    weight: (products, periods) money; member: (products,) the parent of each product
    """
    whole, moved = np.zeros((2, parents, factors.shape[1]))
    np.add.at(whole, member, weight)
    np.add.at(moved, member, weight * factors)
    mean = np.divide(moved, whole, out=np.ones(whole.shape), where=whole > 0)
    return factors / mean[member]


def _level(
    name: str, labels: tuple[str, ...], member: np.ndarray, errors: np.ndarray, due: np.ndarray, periods: int
) -> Level:
    variance = _by_lag(errors, due, periods)
    whole = _sd(errors, due)
    own = NORMAL * _weighted(np.abs(errors), due, axis=(0, 2)).ravel()
    scale = 0.5 * whole + 0.5 * np.where(np.isnan(own), whole, own)
    shape = np.sqrt(variance) / whole if whole > 0 else np.zeros(periods)
    sd = np.minimum(scale[:, None] * shape, WIDEST)
    return Level(name, labels, member, sd, _lasting(errors, due))


def _by_lag(errors: np.ndarray, due: np.ndarray, periods: int) -> np.ndarray:
    """(periods,) variance by periods ahead: of all errors together, and growing, never falling, along a line
    through the near half of the lags, of the cycles that have come through all of them. Far lags are known of
    the oldest cycles only, and would take what is odd in these for the lag.

    errors, due: (origins, labels, lags)
    """
    known = ~np.isnan(errors).all(axis=1)
    level, near = _sd(errors, due) ** 2, errors.shape[2] // 2
    through = known[:, :near].all(axis=1)
    if np.isnan(level) or not through.any():
        return np.full(periods, np.nan_to_num(level))
    lag = np.arange(near, dtype=float)
    seen = np.array([_sd(errors[through][:, :, [k]], due[through][:, :, [k]]) for k in range(near)]) ** 2
    slope, _ = np.polyfit(lag, seen, 1)
    growth = max(slope / seen.mean(), 0.0) if seen.mean() > 0 else 0.0
    middle = float((known.sum(axis=0) @ np.arange(errors.shape[2])) / known.sum())
    return np.maximum(level * (1 + growth * (np.arange(periods) - middle)), 0.0)


def _lasting(errors: np.ndarray, due: np.ndarray) -> float:
    """Share of the variance that lasts: what is left of it in the mean of an origin's n periods is
    lasting + (1 - lasting) / n.
    """
    came = (~np.isnan(errors)).any(axis=1).sum(axis=1)
    long = came >= LASTS
    if not long.any():
        return 1.0
    errors, due = errors[long], np.where(np.isnan(errors[long]), 0.0, due[long])
    total = due.sum(axis=2)
    mean = np.divide(
        (np.nan_to_num(errors) * due).sum(axis=2), total, out=np.full(total.shape, np.nan), where=total > 0
    )
    of_mean, of_one = _sd(mean[:, :, None], total[:, :, None]) ** 2, _sd(errors, due) ** 2
    share = float(np.mean(1 / came[long]))
    return float(np.clip((of_mean / of_one - share) / (1 - share), 0.0, 1.0)) if of_one > 0 else 1.0


def _sd(errors: np.ndarray, due: np.ndarray) -> float:
    return float(NORMAL * _weighted(np.abs(errors), due, axis=(0, 1, 2)).item())


def _weighted(errors: np.ndarray, due: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    """Means of the known errors over some axes, which stay, weighed by what was expected; NaN for none."""
    weight = np.where(np.isnan(errors), 0.0, due)
    total = weight.sum(axis=axis, keepdims=True)
    summed = (np.nan_to_num(errors) * weight).sum(axis=axis, keepdims=True)
    return np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0)


def _ratio(came: np.ndarray, due: np.ndarray) -> np.ndarray:
    """came / due, 1 where nothing was expected or has come yet."""
    known = (due > 0) & ~np.isnan(came)
    return np.divide(np.maximum(came, 0.0), due, out=np.ones(due.shape), where=known)


def _log_ratio(came: np.ndarray, due: np.ndarray) -> np.ndarray:
    """log(came / due), at most FURTHEST away from 0; NaN where nothing was expected, or has come yet."""
    known = (due > 0) & ~np.isnan(came)
    with np.errstate(divide="ignore"):
        logs = np.clip(np.log(_ratio(came, due)), -FURTHEST, FURTHEST)
    return np.where(known, logs, np.nan)


def _summed(cells: np.ndarray, member: np.ndarray, labels: int) -> np.ndarray:
    """(origins, labels, lags) of (origins, products, lags); NaN where all of a label is."""
    moved = np.zeros((labels, cells.shape[0], cells.shape[2]))
    known = np.zeros(moved.shape, dtype=bool)
    np.add.at(moved, member, np.nan_to_num(cells).swapaxes(0, 1))
    np.logical_or.at(known, member, ~np.isnan(cells).swapaxes(0, 1))
    return np.where(known, moved, np.nan).swapaxes(0, 1)
