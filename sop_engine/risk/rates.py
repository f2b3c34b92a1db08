"""Exchange rates as they may move: a random walk with the monthly changes of the past, together, no trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_engine.inputs import Inputs

FEWEST = 12  # changes of a rate that tell its spread


@dataclass(frozen=True, eq=False)
class Rates:
    """currencies: those with a history; root: (currencies, currencies), root @ root.T is the covariance of
    their changes in logs from one period to the next; changes: how many were seen"""

    currencies: tuple[str, ...]
    root: np.ndarray
    changes: int

    @property
    def sd(self) -> np.ndarray:
        """(currencies,) of the change in one period, in logs."""
        return np.sqrt((self.root**2).sum(axis=1))

    def paths(self, z: np.ndarray) -> np.ndarray:
        """(..., periods, currencies) factors on the rates of the plan, 1 on average, of standard normals."""
        walked = np.cumsum(z @ self.root.T, axis=-2)
        periods = np.arange(1, z.shape[-2] + 1)[:, None]
        return np.exp(walked - self.sd**2 * periods / 2)

    def shifted(self, currency: int, z: float, periods: int) -> np.ndarray:
        """(periods, currencies) with one at the same quantile in every period, the others where they are."""
        factors = np.ones((periods, len(self.currencies)))
        factors[:, currency] = np.exp(z * self.sd[currency] * np.sqrt(np.arange(1, periods + 1)))
        return factors


def rate_moves(inputs: Inputs, until: int | None = None) -> Rates:
    """The moves of the currencies other than the base's, from the rates before a history bucket (today's
    where none is named); a currency whose rate never moved, or is hardly known, is left out.
    """
    end = inputs.calendar.now if until is None else until
    markets, base = inputs.markets, inputs.money.base_currency
    moves = {}
    for currency in sorted(set(markets.currency) - {base}):
        past = inputs.money.past_rate[np.argmax(markets.currency == currency), :end]
        change = np.diff(np.log(past))
        if np.isfinite(change).sum() >= FEWEST and np.nanstd(change) > 0:
            moves[currency] = change
    if not moves:
        return Rates((), np.zeros((0, 0)), 0)
    changes = np.array(list(moves.values()))
    both = changes[:, np.isfinite(changes).all(axis=0)]
    covariance = np.atleast_2d(np.cov(both))
    root = np.linalg.cholesky(covariance + 1e-12 * np.eye(len(moves)))
    return Rates(tuple(moves), root, both.shape[1])
