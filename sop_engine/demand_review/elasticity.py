"""What price does to demand: log-log regressions with fixed effects, drawn to the panel by their precision.

An elasticity comes with its standard error and its source: 'own' (the family's prices say it), 'all' (they
say nothing, or the wrong way; the panel's stands for it) or 'none' (nobody's prices say it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray

from sop_engine.demand_review.series import Array
from sop_engine.errors import PlanError

Z95 = 1.96
LEAST_SPREAD = 0.005  # standard deviation of the log price left by the fixed effects: half a per cent
FEWEST_ROWS = 24


@dataclass(frozen=True)
class Slopes:
    """Coefficients (K,) of one regression, their standard errors (NaN where nothing varied) and its rows."""

    beta: Array
    se: Array
    n: int


@dataclass(frozen=True)
class Shrunk:
    """Estimates (G,) drawn to their mean; mean_se: error of the mean; spread: between groups (tau)."""

    beta: Array
    se: Array
    mean: float
    mean_se: float
    spread: float


@dataclass(frozen=True)
class Panel:
    """What estimates of several groups have in common: their mean, its error, the spread between groups."""

    mean: float
    error: float
    spread: float


def family_elasticities(
    units: Array, price: Array, family: NDArray, discount: Array | None = None
) -> pd.DataFrame:
    """Own-price elasticity of each family: per cent of units for one per cent of price.

    log units = elasticity * log price [+ slope * discount share] + product-market effect + period effect +
    error, per family over cells with units and price above zero; then drawn to the panel by `shrink`.

    units, price: (P, M, H) units and net realised price; family: (P,); discount: (P, M, H) share, 0 to 1
    Returns family, elasticity, se, n (rows used), source; sorted by family. A significantly positive slope,
    or no price variation, gives way to the panel's mean ('all'); NaN and 'none' where that is not
    significantly negative.
    Raises PlanError if shapes differ.
    """
    if not units.shape == price.shape == np.shape(units if discount is None else discount):
        raise PlanError(f"units {units.shape}, price {price.shape} and discount must have one shape.")
    rows = _rows(units, price, np.asarray(family).astype(str), discount)
    drivers = ["price"] + ["discount"] * (discount is not None)
    names = np.unique(np.asarray(family).astype(str))
    fits = [
        slopes(g["units"].to_numpy(), g[drivers].to_numpy(), g["cell"].to_numpy(), g["period"].to_numpy())
        for name in names
        for g in [rows[rows["family"] == name]]
    ]
    beta, se = np.array([f.beta[0] for f in fits]), np.array([f.se[0] for f in fits])
    chosen = [_chosen(*values) for values in _with_panel(beta, se)]
    return pd.DataFrame(
        {
            "family": names,
            "elasticity": [c[0] for c in chosen],
            "se": [c[1] for c in chosen],
            "n": [f.n for f in fits],
            "source": [c[2] for c in chosen],
        }
    )


def slopes(y: Array, x: Array, cell: NDArray, period: NDArray | None = None) -> Slopes:
    """Least squares of y (n,) on x (n, K) within cells, and within periods if given.

    Frisch-Waugh: y and x are first cleared of the cell means and the period effects. The standard error is
    the larger of the classical one, with the absorbed effects counted, and the one clustered by cell.
    """
    n, width = x.shape
    unknown = Slopes(np.full(width, np.nan), np.full(width, np.nan), n)
    if n < FEWEST_ROWS:
        return unknown
    absorbed = len(np.unique(cell)) + (0 if period is None else len(np.unique(period)) - 1)
    cleared = _cleared(np.column_stack([y, x]), cell, period)
    varies = cleared[:, 1:].std(axis=0) > LEAST_SPREAD
    left = n - absorbed - varies.sum()
    if not varies.any() or left < 2:
        return unknown
    model = sm.OLS(cleared[:, 0], cleared[:, 1:][:, varies])
    fit = model.fit()
    se = fit.bse * np.sqrt((n - varies.sum()) / left)
    if len(np.unique(cell)) > 1:
        clustered = model.fit(
            cov_type="cluster", cov_kwds={"groups": np.unique(cell, return_inverse=True)[1]}
        )
        se = np.maximum(se, clustered.bse)
    unknown.beta[varies], unknown.se[varies] = fit.params, se
    return unknown


def shrink(beta: Array, se: Array) -> Shrunk:
    """Empirical Bayes: each estimate drawn to the random-effects mean by its precision.

    beta, se: (G,), NaN where not estimated: these get the mean, with the spread of the groups in their error.
    """
    panel = panel_of(beta, se)
    return Shrunk(*drawn(beta, se, panel), panel.mean, panel.error, panel.spread)


def panel_of(beta: Array, se: Array) -> Panel:
    """The random-effects mean of estimates (G,); NaN where nothing was estimated.

    DerSimonian and Laird (1986): tau2 = max(0, (Q - (G - 1)) / (sum w - sum w2 / sum w)), w = 1 / se2
    """
    known = _estimated(beta, se)
    if not known.any():
        return Panel(np.nan, np.nan, np.nan)
    b, v = beta[known], se[known] ** 2
    tau2 = _between(b, 1 / v)
    weight = 1 / (v + tau2)
    return Panel(float(weight @ b / weight.sum()), float(np.sqrt(1 / weight.sum())), float(np.sqrt(tau2)))


def drawn(beta: Array, se: Array, panel: Panel) -> tuple[Array, Array]:
    """Estimates (G,) and their standard errors, drawn to the panel's mean m by their precision.

    posterior = (b / se2 + m / tau2) / (1 / se2 + 1 / tau2); where nothing was estimated, m
    """
    known, tau2 = _estimated(beta, se), panel.spread**2
    posterior = np.full(len(beta), panel.mean)
    error = np.full(len(beta), np.hypot(panel.error, panel.spread))
    v = se[known] ** 2
    trust = tau2 / (tau2 + v)
    posterior[known] = trust * beta[known] + (1 - trust) * panel.mean
    error[known] = np.sqrt(trust * v + (1 - trust) ** 2 * panel.error**2)
    return posterior, error


def _estimated(beta: Array, se: Array) -> NDArray[np.bool_]:
    return np.isfinite(beta) & np.isfinite(se) & (se > 0)


def _rows(units: Array, price: Array, family: NDArray, discount: Array | None) -> pd.DataFrame:
    with np.errstate(invalid="ignore"):
        used = (units > 0) & (price > 0)
    p, m, h = np.nonzero(used)
    rows = pd.DataFrame(
        {
            "family": family[p],
            "cell": p * units.shape[1] + m,
            "period": h,
            "units": np.log(units[used]),
            "price": np.log(price[used]),
        }
    )
    return rows if discount is None else rows.assign(discount=discount[used])


def _cleared(values: Array, cell: NDArray, period: NDArray | None) -> Array:
    """values (n, K) less their cell means and, jointly with these, their period effects."""
    within = _demeaned(values, cell)
    if period is None:
        return within
    steps = np.unique(period)[1:]
    effects = _demeaned((period[:, None] == steps).astype(float), cell)
    return within - effects @ np.linalg.lstsq(effects, within, rcond=None)[0]


def _demeaned(values: Array, cell: NDArray) -> Array:
    group = np.unique(cell, return_inverse=True)[1]
    sums = np.array([np.bincount(group, column) for column in values.T]).T
    return values - (sums / np.bincount(group)[:, None])[group]


def _between(b: Array, w: Array) -> float:
    """Variance between groups, by moments."""
    excess = w @ (b - w @ b / w.sum()) ** 2 - (len(b) - 1)
    room = w.sum() - (w @ w) / w.sum()
    return float(max(0.0, excess / room)) if room > 0 else 0.0


def _with_panel(beta: Array, se: Array) -> Sequence[tuple]:
    drawn = shrink(beta, se)
    wrong = ~np.isfinite(beta) | (beta - Z95 * se > 0)
    return [(b, e, w, drawn) for b, e, w in zip(drawn.beta, drawn.se, wrong)]


def _chosen(beta: float, se: float, unusable: bool, panel: Shrunk) -> tuple[float, float, str]:
    """Elasticity, its error and its source for one family."""
    speaks = panel.mean + Z95 * panel.mean_se < 0
    if not unusable and beta < 0 and (speaks or beta + Z95 * se < 0):
        return beta, se, "own"
    if speaks:
        return panel.mean, float(np.hypot(panel.mean_se, panel.spread)), "all"
    return np.nan, np.nan, "none"
