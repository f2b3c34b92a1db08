"""Fits what is stale, the statistical baseline and the elasticities, and stores it per history and cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pandas as pd

from sop_engine.demand_review.baseline import Baseline, company_baseline
from sop_engine.demand_review.elasticity import family_elasticities
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.reader import Scene, history_version, read_scene
from sop_engine.warehouse import Warehouse


def is_fresh(warehouse: Warehouse, cycle: str | None = None) -> bool:
    """Whether the stored baseline belongs to the history that is loaded."""
    calendar = read_scene(warehouse, cycle).calendar
    found = warehouse.read(
        "SELECT 1 FROM baseline_series WHERE data_version = ? AND cycle = ? LIMIT 1",
        [history_version(warehouse), calendar.starts[calendar.now].item()],
    )
    return not found.empty


def refresh(
    warehouse: Warehouse,
    cycle: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    who: str,
    at: datetime,
    processes: int = 1,
) -> bool:
    """Fits and stores what this history does not have yet; returns whether there was anything to do.

    progress(done, total) is called after each series. Raises DataError when there is no sales history.
    """
    if is_fresh(warehouse, cycle):
        return False
    scene = read_scene(warehouse, cycle)
    products = scene.products
    fitted = company_baseline(
        scene.units,
        products.predecessor,
        products.family,
        products.start,
        products.end - 1,
        scene.calendar.periods,
        progress=progress,
        processes=processes,
        season=scene.calendar.season,
        category=products.category,
    )
    price = np.divide(
        scene.revenue, scene.units, out=np.full(scene.units.shape, np.nan), where=scene.units > 0
    )
    elasticity = family_elasticities(scene.units, price, products.family)
    key = {
        "data_version": history_version(warehouse),
        "cycle": scene.calendar.starts[scene.calendar.now].item(),
    }
    with warehouse.transaction(who=who, why="statistical baseline fitted", at=at) as change:
        change.insert("baseline_series", _series_rows(scene, fitted).assign(**key))
        change.insert("baseline", _baseline_rows(scene, fitted).assign(**key))
        change.insert("baseline_band", _band_rows(scene, fitted).assign(**key))
        change.insert("elasticity", _elasticity_rows(elasticity).assign(**key))
    return True


def _series_rows(scene: Scene, fitted: Baseline) -> pd.DataFrame:
    return pd.DataFrame(
        {"product": scene.products.labels, "kind": list(fitted.kind), "error_sd": fitted.error_sd}
    )


def _baseline_rows(scene: Scene, fitted: Baseline) -> pd.DataFrame:
    """One row per cell that is forecast; the others are zero."""
    product, market, period = np.nonzero(fitted.units)
    return pd.DataFrame(
        {
            "product": np.array(scene.products.labels, dtype=object)[product],
            "market": np.array(scene.markets.labels, dtype=object)[market],
            "period": _plan_starts(scene.calendar)[period],
            "units": fitted.units[product, market, period],
        }
    )


def _band_rows(scene: Scene, fitted: Baseline) -> pd.DataFrame:
    """One row per product, family and total and plan period in which anything is forecast."""
    by_product = fitted.units.sum(axis=1)
    family = scene.products.family.astype(str)
    by_family = np.array([by_product[family == label].sum(axis=0) for label in fitted.families])
    levels = (
        ("product", scene.products.labels, by_product, fitted.product_bands),
        ("family", fitted.families, by_family, fitted.family_bands),
        ("total", ("",), by_product.sum(axis=0)[None], fitted.total_bands[:, None]),
    )
    starts = _plan_starts(scene.calendar)
    frames = []
    for level, labels, units, bands in levels:
        row, period = np.nonzero(units)
        edges = dict(zip(("lo80", "hi80", "lo95", "hi95"), bands[:, row, period], strict=True))
        label = np.array(labels, dtype=object)[row]
        frames.append(
            pd.DataFrame(
                {
                    "level": level,
                    "label": label,
                    "period": starts[period],
                    "units": units[row, period],
                    **edges,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _elasticity_rows(elasticity: pd.DataFrame) -> pd.DataFrame:
    return elasticity.rename(columns={"se": "standard_error", "n": "observations"})


def _plan_starts(calendar: Calendar) -> np.ndarray:
    return calendar.starts[calendar.now : calendar.now + calendar.periods].astype("datetime64[us]")
