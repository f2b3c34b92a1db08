"""Segments of products: by value (A, B, C) and by how evenly they sell (X, Y, Z)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

ABC, XYZ = "ABC", "XYZ"
SEGMENTS = tuple(value + evenness for value in ABC for evenness in XYZ)
UNCLASSED = "-"
LEAST_BUCKETS = 3  # a spread of fewer says nothing of how even a product sells


@dataclass(frozen=True, eq=False)
class Classes:
    """abc, xyz: (n,) letters, "-" where not known; variation: (n,) sd / mean of a bucket's units."""

    abc: np.ndarray
    xyz: np.ndarray
    variation: np.ndarray

    @property
    def segment(self) -> np.ndarray:
        """(n,) "AX" to "CZ"; "" where a letter is not known."""
        whole = (self.abc != UNCLASSED) & (self.xyz != UNCLASSED)
        return np.where(whole, self.abc + self.xyz, "").astype(object)


def abc_classes(revenue: np.ndarray, settings: Mapping[str, float]) -> np.ndarray:
    """(n,) "A", "B" or "C" by the share of revenue that dearer products bring; "-" without revenue.

    A product is A while those before it bring less than abc_a_pct together, B up to abc_b_pct. Of products
    that bring the same the first in the order given comes first.

    >>> abc_classes(np.array([5.0, 80.0, 15.0]), {"abc_a_pct": 80, "abc_b_pct": 95}).tolist()
    ['C', 'A', 'B']
    """
    total = np.nansum(revenue)
    if not total > 0:
        return np.full(len(revenue), UNCLASSED, dtype=object)
    order = np.argsort(-revenue, kind="stable")  # NaN last
    ranked = np.nan_to_num(revenue[order])
    before = np.empty(len(revenue))
    before[order] = np.round(100 * (np.cumsum(ranked) - ranked) / total, 9)
    return _named(np.where(np.isnan(revenue), np.nan, before), settings, "abc_a_pct", "abc_b_pct", ABC)


def xyz_classes(spread: np.ndarray, settings: Mapping[str, float]) -> np.ndarray:
    """(n,) "X", "Y" or "Z" by the coefficient of variation of a bucket's units; "-" where it is not known."""
    return _named(spread, settings, "xyz_x_limit", "xyz_y_limit", XYZ)


def variation(units: np.ndarray) -> np.ndarray:
    """(n,) sd / mean of the units of a bucket; NaN where nothing was sold or fewer than three buckets count.

    units: (n, buckets); NaN, as before a first sale, does not count.
    """
    known = ~np.isnan(units)
    count = known.sum(axis=1)
    filled = np.where(known, units, 0.0)
    mean = np.divide(filled.sum(axis=1), count, out=np.zeros(len(units)), where=count > 0)
    squares = np.where(known, (filled - mean[:, None]) ** 2, 0.0).sum(axis=1)
    spread = np.sqrt(np.divide(squares, count, out=np.zeros(len(units)), where=count > 0))
    measured = (mean > 0) & (count >= LEAST_BUCKETS)
    return np.divide(spread, mean, out=np.full(len(units), np.nan), where=measured)


def over_markets(history: np.ndarray) -> np.ndarray:
    """(products, buckets) of (products, markets, buckets): NaN where no market is known."""
    unknown = np.isnan(history).all(axis=1)
    return np.where(unknown, np.nan, np.nansum(history, axis=1))


def product_classes(
    history: np.ndarray, revenue_history: np.ndarray, season: int, settings: Mapping[str, float]
) -> Classes:
    """Classes of every product by the last `season` buckets of all markets.

    history, revenue_history: (products, markets, past buckets)
    """
    revenue = over_markets(revenue_history[:, :, -season:])
    known = ~np.isnan(revenue).all(axis=1)
    value = abc_classes(np.where(known, np.nansum(revenue, axis=1), np.nan), settings)
    spread = variation(over_markets(history[:, :, -season:]))
    return Classes(value, xyz_classes(spread, settings), spread)


def policy_levels(segments: np.ndarray, levels: Mapping[str, float]) -> np.ndarray:
    """(products,) service level of each product's segment as a share, NaN where its policy names none.

    levels: {segment: % per cycle}
    """
    shares = {segment: level / 100 for segment, level in levels.items()}
    return np.array([shares.get(segment, np.nan) for segment in segments], dtype=float)


def _named(
    values: np.ndarray, settings: Mapping[str, float], first: str, second: str, names: str
) -> np.ndarray:
    """The first name below the first limit, the second below the second, else the third; "-" where NaN."""
    limits = settings[first], max(settings[first], settings[second])
    classes = np.array(list(names), dtype=object)[np.searchsorted(limits, values, side="right").clip(0, 2)]
    return np.where(np.isnan(values), UNCLASSED, classes)
