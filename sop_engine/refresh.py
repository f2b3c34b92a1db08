"""Fits what is stale, the statistical baseline and the elasticities, and stores it per history and cycle.

Single fits are kept by what they depend on, so that only series whose history changed are fitted again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.demand_review.baseline import Baseline, company_baseline
from sop_engine.demand_review.elasticity import family_elasticities
from sop_engine.demand_review.forecasters import ORIGINS, SeriesFit
from sop_engine.demand_review.series import Kind
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.drivers import DriverValues, read_drivers
from sop_engine.inputs.reader import Scene, history_version, read_calendar, read_scene
from sop_engine.inputs.tables import Tables, read_settings
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change

Fits = Mapping[str, SeriesFit]
FIT_COLUMNS = ("fit_key", "kind", "scale", "point", "errors")
KEPT = 20  # fits are dropped when there are more than so many times those in use: a year of replays and some


def is_fresh(warehouse: Warehouse, cycle: str | None = None) -> bool:
    """Whether the stored baseline belongs to the history that is loaded."""
    return _is_stored(warehouse.read, _key(warehouse, cycle))


def refresh(
    warehouse: Warehouse,
    cycle: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    who: str,
    at: datetime,
    processes: int | None = None,
) -> bool:
    """Fits and stores what this history does not have yet; returns whether there was anything to do.

    progress(done, total) is called after each series that is fitted; many are fitted on every core.
    What was stored of another history goes. Raises DataError when there is no sales history.
    """
    key = _key(warehouse, cycle)
    if _is_stored(warehouse.read, key):
        return False
    scene = read_scene(warehouse, cycle)
    drivers = read_drivers(Tables(warehouse.read), scene.calendar, scene.products, scene.markets)
    fitted = fit_scene(scene, known_fits(warehouse), drivers=drivers, processes=processes, progress=progress)
    price = np.divide(
        scene.revenue, scene.units, out=np.full(scene.units.shape, np.nan), where=scene.units > 0
    )
    elasticity = family_elasticities(scene.units, price, scene.products.family)
    rows = {
        "baseline_series": _series_rows(scene, fitted),
        "baseline_driver": _driver_rows(scene, fitted),
        "baseline_fit": pd.DataFrame({"coverage80": [fitted.coverage80]}),
        "baseline": _baseline_rows(scene, fitted),
        "baseline_band": _band_rows(scene, fitted),
        "elasticity": _elasticity_rows(elasticity),
    }
    with warehouse.transaction(who=who, why="statistical baseline fitted", at=at) as change:
        if _is_stored(change.read, key):  # by another session, meanwhile
            return False
        for table, frame in rows.items():
            _store(change, table, frame.assign(**key), key["data_version"])
        keep_fits(change, fitted.fits)
    return True


def fit_scene(
    scene: Scene,
    known: Fits,
    *,
    drivers: DriverValues | None = None,
    backtest: bool = True,
    chained: bool = True,
    processes: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Baseline:
    """The baseline of a scene on its cleaned history; fits that are known are not made again.

    backtest=False leaves the bands out (NaN); chained=False leaves successions out. Without drivers no series
    is driver-based: what was planned of them in earlier cycles is not kept, so replays have none.
    """
    products = scene.products
    return company_baseline(
        scene.cleaned,
        products.predecessor,
        products.family,
        products.start,
        products.end - 1,
        scene.calendar.periods,
        progress=progress,
        processes=processes,
        season=scene.calendar.season,
        chained=chained,
        category=products.category,
        backtest=backtest,
        known=known,
        drivers=drivers,
    )


def known_fits(warehouse: Warehouse) -> dict[str, SeriesFit]:
    """Every single fit that is kept, by its key."""
    rows = warehouse.read("SELECT * FROM series_fit")
    return {
        key: SeriesFit(_numbers(point), _numbers(errors).reshape(ORIGINS, -1), Kind(kind), scale)
        for key, kind, scale, point, errors in zip(*(rows[c] for c in FIT_COLUMNS))
    }


def keep_fits(change: Change, fits: Fits) -> None:
    """Adds fits that are not kept yet; where far more are kept than these, the others go."""
    kept = set(change.read("SELECT fit_key FROM series_fit")["fit_key"])
    if len(kept | fits.keys()) > KEPT * len(fits):
        change.replace("series_fit", _fit_rows(fits))
    elif new := {key: fit for key, fit in fits.items() if key not in kept}:
        change.insert("series_fit", _fit_rows(new))


def _key(warehouse: Warehouse, cycle: str | None) -> dict[str, Any]:
    """What a stored baseline belongs to: the history, and the first period of the plan."""
    tables = Tables(warehouse.read)
    calendar = read_calendar(tables, read_settings(tables)[2], cycle)
    return {
        "data_version": history_version(warehouse),
        "cycle": calendar.starts[calendar.now].item(),
    }


def _is_stored(read: Callable[..., pd.DataFrame], key: Mapping[str, Any]) -> bool:
    sql = "SELECT 1 FROM baseline_series WHERE data_version = ? AND cycle = ? LIMIT 1"
    return not read(sql, list(key.values())).empty


def _store(change: Change, table: str, rows: pd.DataFrame, version: str) -> None:
    """Adds the rows beside those of the same history; rows of another history are never read again."""
    same = change.read(f'SELECT 1 FROM "{table}" WHERE data_version = ? LIMIT 1', [version])
    (change.replace if same.empty else change.insert)(table, rows)


def _fit_rows(fits: Fits) -> pd.DataFrame:
    values = [(key, str(f.kind), f.level, f.point, f.errors.ravel()) for key, f in fits.items()]
    return pd.DataFrame(values, columns=list(FIT_COLUMNS))


def _numbers(stored: np.ndarray) -> np.ndarray:
    """A list of the warehouse as an array, NULL as NaN."""
    return np.ma.filled(np.ma.asarray(stored, dtype=float), np.nan)


def _series_rows(scene: Scene, fitted: Baseline) -> pd.DataFrame:
    return pd.DataFrame(
        {"product": scene.products.labels, "kind": list(fitted.kind), "error_sd": fitted.error_sd}
    )


def _driver_rows(scene: Scene, fitted: Baseline) -> pd.DataFrame:
    """One row per driver of a driver-based product."""
    rows = [
        (scene.products.labels[product], name, slope, error, logs, known)
        for product, driven in fitted.driven.items()
        for name, slope, error, logs, known in zip(
            driven.drivers.names,
            driven.slopes[0].tolist(),
            driven.errors[0].tolist(),
            driven.drivers.logs,
            driven.known_ahead.tolist(),
            strict=True,
        )
    ]
    columns = ["product", "driver", "slope", "standard_error", "logs", "known_ahead"]
    return pd.DataFrame(rows, columns=columns)


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
