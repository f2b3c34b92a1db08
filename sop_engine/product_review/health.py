"""Health of products and families in the market: revenue, margin, growth, rank and class of the last year of
history; how new the portfolio is and what an average product brings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs
from sop_engine.inputs.segments import UNCLASSED, Classes, over_markets, product_classes

PRODUCT, FAMILY = "product", "family"
CUTS = (PRODUCT, FAMILY)
MONTHS_A_YEAR = 12


def portfolio_health(
    inputs: Inputs, cut: str = PRODUCT, products: np.ndarray | None = None, markets: np.ndarray | None = None
) -> pd.DataFrame:
    """One row per product (or family) that sold in the last two years, dearest revenue first; the last
    `season` buckets are "the year".

    products, markets: masks of what is shown, all without them
    units, revenue, prior_units, prior_revenue (the year before), growth_pct; money in the base currency
    margin = revenue - units x standard cost of today, of products with a cost; margin_pct of their revenue
    "CHANNEL margin" and "CHANNEL margin_pct" for every channel of the markets
    sellers: products that sold in the year; stage: of most of them
    rank, share_pct, cumulative_pct: of revenue within what is shown
    abc, xyz: of the whole company at the thresholds of the settings, of what sold in the year; variation:
    sd / mean of a bucket's units
    What is not known is NaN, "-" of a class.
    """
    facts = _facts(inputs, markets)
    facts = facts if products is None else facts[products]
    sold = facts[["units", "revenue", "prior_units", "prior_revenue"]].fillna(0).ne(0).any(axis=1)
    rows = facts[sold]
    if cut == FAMILY:
        classes = _family_classes(inputs)
        rows = _by_family(rows).join(classes, on=FAMILY)
    else:
        classes = _product_classes(inputs)
        rows = rows.join(classes, on=PRODUCT)
    return _ranked(rows, cut, _channels(inputs))


def sold_in_year(health: pd.DataFrame) -> pd.DataFrame:
    """The rows that sold in the year: what is counted as a product, or a family, of the portfolio."""
    return health[health["units"] > 0]


@dataclass(frozen=True)
class Vitality:
    """Revenue of the year from products first sold in the last `months`, in % of all of it; NaN = not known.

    new_pct: of products that succeed none; successor_pct: of those that replace a product on file
    products: how many both are
    """

    months: int
    new_pct: float
    successor_pct: float
    products: int


def vitality(
    inputs: Inputs, months: int, products: np.ndarray | None = None, markets: np.ndarray | None = None
) -> Vitality:
    """The vitality index: revenue from products launched in the last `months` / total revenue, of the year.

    A launch is a first sale; where history does not reach back that far it is not known.
    """
    season, now = inputs.calendar.season, inputs.calendar.now
    window = round(months * season / MONTHS_A_YEAR)
    shown = np.ones(len(inputs.products), dtype=bool) if products is None else products
    first, replaces = first_sales(inputs), inputs.products.predecessor >= 0
    revenue = np.where(shown, _year(inputs.demand.revenue_history, season, 0, markets).sum(axis=1), 0.0)
    young = shown & (first >= now - window) & (first < now)
    total = revenue.sum()
    if window >= now or not total > 0:
        return Vitality(months, np.nan, np.nan, int(young.sum()))
    share = [float(100 * revenue[young & kind].sum() / total) for kind in (~replaces, replaces)]
    return Vitality(months, *share, int(young.sum()))


def revenue_by_vintage(
    inputs: Inputs, products: np.ndarray | None = None, markets: np.ndarray | None = None
) -> pd.DataFrame:
    """Revenue of the year and of the year before by the calendar year of the first sale: columns vintage,
    products (that sold in the year), revenue, prior_revenue, share_pct; "... or before" is what sold in the
    first bucket.
    """
    season, first = inputs.calendar.season, first_sales(inputs)
    years = inputs.calendar.starts[np.minimum(first, inputs.calendar.now)].astype("datetime64[Y]").astype(str)
    oldest = inputs.calendar.labels[0]
    history = inputs.demand.revenue_history
    table = pd.DataFrame(
        {
            "vintage": np.where(first == 0, f"{oldest} or before", years),
            "products": (_year(inputs.demand.history, season, 0, markets).sum(axis=1) > 0).astype(int),
            "revenue": _year(history, season, 0, markets).sum(axis=1),
            "prior_revenue": _year(history, season, 1, markets).sum(axis=1),
            "first": np.where(first == 0, -1, first),
        }
    )
    kept = first < inputs.calendar.now
    kept = kept if products is None else kept & products
    sold = table[kept & table[["revenue", "prior_revenue"]].ne(0).any(axis=1)]
    grouped = sold.groupby("vintage").agg(
        products=("products", "sum"),
        revenue=("revenue", "sum"),
        prior_revenue=("prior_revenue", "sum"),
        first=("first", "min"),
    )
    total = grouped["revenue"].sum()
    shares = 100 * grouped["revenue"] / total if total > 0 else np.nan
    return grouped.assign(share_pct=shares).sort_values("first").drop(columns="first").reset_index()


def productivity(health: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """What an active product brings: rows of `portfolio_health` by product, together or `by` a column.

    products: that sold in the year; revenue_per_product, margin_per_product: money a year;
    prior_products, prior_revenue_per_product: of the year before
    """
    keys = health[by] if by else pd.Series("All products", index=health.index)
    active, before = health["units"] > 0, health["prior_units"] > 0
    table = pd.DataFrame(
        {
            "products": active.groupby(keys).sum(),
            "revenue": health["revenue"].groupby(keys).sum(min_count=1),
            "margin": health["margin"].groupby(keys).sum(min_count=1),
            "prior_products": before.groupby(keys).sum(),
            "prior_revenue": health["prior_revenue"].groupby(keys).sum(min_count=1),
        }
    )
    count, earlier = (table[name].where(table[name] > 0) for name in ("products", "prior_products"))
    table = table.assign(
        revenue_per_product=table["revenue"] / count,
        margin_per_product=table["margin"] / count,
        prior_revenue_per_product=table["prior_revenue"] / earlier,
    )
    return table.rename_axis(by or "scope").reset_index()


def first_sales(inputs: Inputs) -> np.ndarray:
    """(products,) bucket of the first sale anywhere, counted from the first of history; `now` where never."""
    sold = (np.nan_to_num(inputs.demand.history) != 0).any(axis=1)
    return np.where(sold.any(axis=1), sold.argmax(axis=1), inputs.calendar.now)


def _facts(inputs: Inputs, markets: np.ndarray | None) -> pd.DataFrame:
    """One row per product: sales of both years and margin, over all channels and by channel."""
    season, demand, products = inputs.calendar.season, inputs.demand, inputs.products
    units = _year(demand.history, season, 0, markets)
    revenue = _year(demand.revenue_history, season, 0, markets)
    cost = inputs.money.unit_cost[:, 0] if inputs.calendar.periods else np.full(len(products), np.nan)
    margin = revenue - units * cost[:, None]
    table = {
        "product": np.array(products.labels, dtype=object),
        "name": products.name,
        "family": products.family,
        "category": products.category,
        "stage": np.where(products.stage == "", "-", products.stage),
        "sellers": (units.sum(axis=1) > 0).astype(int),
        "units": units.sum(axis=1),
        "revenue": revenue.sum(axis=1),
        "prior_units": _year(demand.history, season, 1, markets).sum(axis=1),
        "prior_revenue": _year(demand.revenue_history, season, 1, markets).sum(axis=1),
        "margin": margin.sum(axis=1),
        "costed": np.where(np.isnan(cost), np.nan, revenue.sum(axis=1)),
    }
    for channel in _channels(inputs):
        here = inputs.markets.channel == channel
        table[f"{channel} margin"] = margin[:, here].sum(axis=1)
        table[f"{channel} costed"] = np.where(np.isnan(cost), np.nan, revenue[:, here].sum(axis=1))
    return pd.DataFrame(table)


def _by_family(rows: pd.DataFrame) -> pd.DataFrame:
    """The facts of products summed by family; a sum in which nothing is known stays unknown."""
    numbers = [name for name in rows.select_dtypes("number").columns]
    table = rows.groupby(FAMILY, sort=True)[numbers].sum(min_count=1)
    selling = rows.sort_values(["revenue", PRODUCT], ascending=[False, True])
    stage = selling.groupby(FAMILY)["stage"].agg(lambda stages: stages.mode(dropna=False).iloc[0])
    return table.assign(
        name=table.index, category=selling.groupby(FAMILY)["category"].first(), stage=stage
    ).reset_index()


def _ranked(rows: pd.DataFrame, cut: str, channels: list[str]) -> pd.DataFrame:
    """Adds growth, margin %, rank and shares; dearest revenue first, equal ones by label."""
    table = rows.sort_values(["revenue", cut], ascending=[False, True], ignore_index=True)
    total = table["revenue"].sum()
    share = table["revenue"] / total if total > 0 else table["revenue"] * np.nan
    table = table.assign(
        rank=np.arange(1, len(table) + 1),
        growth_pct=100 * (table["revenue"] / table["prior_revenue"].where(table["prior_revenue"] > 0) - 1),
        share_pct=100 * share,
        cumulative_pct=100 * share.cumsum(),
        margin_pct=_part(table["margin"], table["costed"]),
    )
    for channel in channels:
        table[f"{channel} margin_pct"] = _part(table[f"{channel} margin"], table[f"{channel} costed"])
    return table.drop(columns=["costed", *(f"{channel} costed" for channel in channels)])


def _part(margin: pd.Series, revenue: pd.Series) -> pd.Series:
    """margin in % of revenue, NaN without any."""
    return 100 * margin / revenue.where(revenue > 0)


def _product_classes(inputs: Inputs) -> pd.DataFrame:
    """abc, xyz and variation of every product in the whole company."""
    demand = inputs.demand
    season = inputs.calendar.season
    classes = product_classes(demand.history, demand.revenue_history, season, inputs.settings)
    return _of_sellers(classes, over_markets(demand.history[:, :, -season:]), list(inputs.products.labels))


def _family_classes(inputs: Inputs) -> pd.DataFrame:
    """The same of every family as one."""
    season, demand = inputs.calendar.season, inputs.demand
    labels, family = np.unique(inputs.products.family.astype(str), return_inverse=True)
    units, revenue = (
        _summed(over_markets(history[:, :, -season:]), family, len(labels))[:, None]
        for history in (demand.history, demand.revenue_history)
    )
    classes = product_classes(units, revenue, season, inputs.settings)
    return _of_sellers(classes, units[:, 0], list(labels))


def _of_sellers(classes: Classes, units: np.ndarray, labels: list[str]) -> pd.DataFrame:
    """abc, xyz and variation by label; of what sold nothing in the year no class. units: (n, buckets)"""
    sold = np.nansum(units, axis=1) > 0
    return pd.DataFrame(
        {**vars(classes), "abc": np.where(sold, classes.abc, UNCLASSED)},
        index=labels,
    )


def _summed(values: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """(count, buckets) of (n, buckets); NaN where nothing of the group is known."""
    total, known = np.zeros((2, count, values.shape[1]))
    np.add.at(total, groups, np.nan_to_num(values))
    np.add.at(known, groups, ~np.isnan(values))
    return np.where(known > 0, total, np.nan)


def _year(history: np.ndarray, season: int, back: int, markets: np.ndarray | None) -> np.ndarray:
    """(products, markets) sums of the last year, or of one `back` years before; blanks count as nothing sold,
    markets that are not shown too. NaN where nothing at all is known, or that earlier year is not whole.
    """
    last = history.shape[2] - back * season
    part = history[:, :, max(last - season, 0) : max(last, 0)]
    if np.isnan(part).all() or (back and last < season):
        return np.full(part.shape[:2], np.nan)
    total = np.nansum(part, axis=2)
    return total if markets is None else total * markets


def _channels(inputs: Inputs) -> list[str]:
    return sorted(set(inputs.markets.channel))
