"""Stock policy by product and site: what the rows of inventory_policy say, and the service level of a segment
where no row names the product.
"""

from __future__ import annotations

import numpy as np

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.history import read_history
from sop_engine.inputs.masters import Axis, Markets, Products
from sop_engine.inputs.segments import policy_levels, product_classes
from sop_engine.inputs.tables import Tables, read_settings, valid_from


def segment_levels(tables: Tables, calendar: Calendar, products: Products, markets: Markets) -> np.ndarray:
    """(products,) service level of each product's segment as a share, NaN where its policy names none."""
    policy = tables["segment_policy"].dropna(subset=["service_level_pct"])
    if policy.empty:
        return np.full(len(products), np.nan)
    units, revenue = read_history(tables, calendar, products, markets)
    classes = product_classes(units, revenue, calendar.season, read_settings(tables)[2])
    return policy_levels(
        classes.segment, dict(zip(policy["segment"], policy["service_level_pct"], strict=True))
    )


def read_policy(
    tables: Tables,
    calendar: Calendar,
    products: Products,
    sites: Axis,
    lane_site: np.ndarray,
    by_segment: np.ndarray,
) -> dict[str, np.ndarray]:
    """Stock policy by cell, {field of Network: array}; a row that names the product beats one that names the
    site, which beats one that names neither.

    lane_site: (markets,) site that serves each market; by_segment: (products,) share, NaN = none. The service
    level of a segment holds for products that no row names.
    """
    shape = (len(products), len(sites))
    cells = {
        "service_level": np.full(shape, np.nan),
        "min_cover": np.full(shape, np.nan),
        "max_cover": np.full(shape, np.nan),
    }
    safety = np.full((*shape, calendar.periods), np.nan)
    frame = valid_from(tables["inventory_policy"], calendar)
    specific = 2 * (frame["product"] != "").astype(int) + (frame["site"] != "").astype(int)
    columns = {
        "service_level": "service_level_pct",
        "min_cover": "min_cover_periods",
        "max_cover": "max_cover_periods",
    }
    for row in frame.iloc[np.argsort(specific.to_numpy(), kind="stable")].itertuples():
        product = slice(None) if row.product == "" else products.positions[row.product]
        site = slice(None) if row.site == "" else sites.positions[row.site]
        for name, column in columns.items():
            value = getattr(row, column)
            if not np.isnan(value) and row.start == 0:
                cells[name][product, site] = value / (100 if name == "service_level" else 1)
        if not np.isnan(row.safety_stock_units):
            safety[product, site, row.start :] = row.safety_stock_units
    own = frame[(frame["product"] != "") & frame["service_level_pct"].notna() & (frame["start"] == 0)]
    unnamed = ~np.isin(products.labels, own["product"])
    level = _with_segments(cells["service_level"], np.where(unnamed, by_segment, np.nan), lane_site)
    return {**cells, "service_level": level, "safety_stock": safety}


def _with_segments(level: np.ndarray, by_segment: np.ndarray, lane_site: np.ndarray) -> np.ndarray:
    """(products, sites) level, the segment's own wherever a row gives the product one; where none does, at
    the sites that serve markets.
    """
    kept = ~np.isnan(level)
    serving = np.isin(np.arange(level.shape[1]), lane_site)
    kept |= ~kept.any(axis=1)[:, None] & serving
    return np.where(kept & ~np.isnan(by_segment)[:, None], by_segment[:, None], level)
