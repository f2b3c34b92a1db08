"""Health of the products in the market: revenue, margin, growth, rank and segment over the last year of
history.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs

ABC_SHARES = (0.80, 0.95)  # cumulative share of revenue at which A and B end
XYZ_LIMITS = (0.5, 1.0)  # coefficient of variation of a month's units at which X and Y end


def portfolio_health(inputs: Inputs) -> pd.DataFrame:
    """One row per product that sold in the last two years, dearest revenue first; the last `season` buckets
    are "the year".

    units, revenue, prior_revenue (the year before), growth_pct,
    margin = revenue - units x standard cost of today,
    margin_pct, share_pct and cumulative_pct of revenue, abc, variation (sd / mean of a bucket's units), xyz.
    Money is in the base currency; NaN where a product has no cost, or no year before.
    """
    year = inputs.calendar.season
    units, revenue = (_by_product(array) for array in (inputs.demand.history, inputs.demand.revenue_history))
    table = pd.DataFrame(
        {
            "product": inputs.products.labels,
            "name": inputs.products.name,
            "family": inputs.products.family,
            "category": inputs.products.category,
            "stage": inputs.products.stage,
            "units": units[:, -year:].sum(axis=1),
            "revenue": revenue[:, -year:].sum(axis=1),
            "prior_revenue": revenue[:, -2 * year : -year].sum(axis=1) if revenue.shape[1] > year else np.nan,
            "unit_cost": inputs.money.unit_cost[:, 0] if inputs.calendar.periods else np.nan,
            "variation": variation(units[:, -year:]),
        }
    )
    sold = table[table[["units", "revenue", "prior_revenue"]].fillna(0).ne(0).any(axis=1)]
    ranked = sold.sort_values(["revenue", "product"], ascending=[False, True], ignore_index=True)
    return segmented(ranked.assign(margin=lambda rows: rows["revenue"] - rows["units"] * rows["unit_cost"]))


def segmented(ranked: pd.DataFrame) -> pd.DataFrame:
    """Adds rank, shares, growth, margin and the ABC x XYZ segment to products ranked by revenue."""
    total = ranked["revenue"].sum()
    share = ranked["revenue"] / total if total else ranked["revenue"] * np.nan
    before = share.cumsum() - share
    return ranked.assign(
        rank=np.arange(1, len(ranked) + 1),
        growth_pct=100 * (ranked["revenue"] / ranked["prior_revenue"].where(ranked["prior_revenue"] > 0) - 1),
        margin_pct=100 * ranked["margin"] / ranked["revenue"].where(ranked["revenue"] > 0),
        share_pct=100 * share,
        cumulative_pct=100 * share.cumsum(),
        abc=_classes(before, ABC_SHARES, "ABC"),
        xyz=_classes(ranked["variation"], XYZ_LIMITS, "XYZ"),
    )


def variation(units: np.ndarray) -> np.ndarray:
    """(products,) coefficient of variation of a bucket's units; NaN where nothing was sold."""
    mean = units.mean(axis=1) if units.shape[1] else np.zeros(len(units))
    spread = units.std(axis=1) if units.shape[1] else mean
    return np.divide(spread, mean, out=np.full(len(units), np.nan), where=mean > 0)


def vitality_pct(inputs: Inputs, health: pd.DataFrame) -> float:
    """Share of the year's revenue from products whose first sale lies within that year; NaN without revenue.

    A model-year successor counts as new only if it succeeds no product.
    """
    year = inputs.calendar.season
    history = _by_product(inputs.demand.history)
    older = (history[:, :-year] != 0).any(axis=1) | (inputs.products.predecessor >= 0)
    new = {label for label, old in zip(inputs.products.labels, older, strict=True) if not old}
    total = health["revenue"].sum()
    return (
        float(100 * health.loc[health["product"].isin(new), "revenue"].sum() / total)
        if total
        else float("nan")
    )


def _by_product(array: np.ndarray) -> np.ndarray:
    """(products, past buckets) over all markets, blanks as nothing sold; NaN where nothing is known."""
    return np.nan_to_num(array).sum(axis=1) + (np.nan if np.isnan(array).all() else 0.0)


def _classes(values: pd.Series, limits: tuple[float, float], names: str) -> np.ndarray:
    """The first name below the first limit, the second below the second, else the third; "-" where
    not known.
    """
    classes = np.array(list(names))[np.searchsorted(limits, values, side="right")]
    return np.where(values.isna(), "-", classes)
