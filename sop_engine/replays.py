"""The statistical baselines of the cycles before this one, each from the data as it stood then; their store.

What was not known when a cycle began stays out of it: sales of its first period and later, and whatever the
product master says of a product that had not begun, or not ended, by then. A launch is known, and with it the
succession, once its period has come: on the first day of the cycle or before. An end is known once the last
period of sale is over. A product that had sold before is taken to be sold on until its end is known; one that
had neither sold nor been launched is zero. The grouping of products into families is today's.
The cycle of today knows the whole master, so that its replay is the baseline itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from sop_engine.demand_review.baseline import SHORTEST
from sop_engine.demand_review.forecasters import SeriesFit
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.masters import Products
from sop_engine.inputs.reader import Scene, history_version, read_scene
from sop_engine.refresh import Fits, fit_scene, keep_fits, known_fits
from sop_engine.warehouse import Warehouse

CYCLES = 12
LAGS = 12  # what is kept of a replay; a longer lag than CYCLES has no actual yet
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Replays:
    """made: (cycles,) history bucket each was made in, oldest first
    units: (cycles, products, markets, LAGS) a period, lag 1 first; read-only
    """

    made: np.ndarray
    units: np.ndarray


def replay(warehouse: Warehouse, progress: Progress | None = None, *, who: str, at: datetime) -> bool:
    """Replays and stores the cycles before the current one; returns whether there was anything to do.

    The table holds the replays of one history, so that it does not grow with every correction of the data.
    progress(done, total) is called after each cycle. Raises DataError when there is no sales history.
    """
    today, version = read_scene(warehouse), history_version(warehouse)
    if not len(past_cycles(today.calendar)) or _stored(warehouse, version):
        return False
    replays, fits = replayed(warehouse, today, progress=progress)
    with warehouse.transaction(who=who, why="earlier cycles replayed", at=at) as change:
        change.replace("replay", _rows(today, replays).assign(history_version=version))
        keep_fits(change, fits)
    return True


def read_replays(warehouse: Warehouse) -> Replays:
    """The stored replays of the history that is loaded; cycles that forecast nothing are zero."""
    scene = read_scene(warehouse)
    calendar, made = scene.calendar, past_cycles(scene.calendar)
    rows = warehouse.read(
        "SELECT made_in, product, market, period, units FROM replay WHERE history_version = ?",
        [history_version(warehouse)],
    )
    units = np.zeros((len(made), len(scene.products), len(scene.markets), LAGS))
    start = calendar.locate(rows["made_in"].to_numpy(dtype="datetime64[D]"))
    lag = calendar.locate(rows["period"].to_numpy(dtype="datetime64[D]")) - start
    cells = (scene.products.index(rows["product"]), scene.markets.index(rows["market"]), lag)
    units[np.searchsorted(made, start), *cells] = rows["units"].to_numpy(dtype=float)
    units.setflags(write=False)
    return Replays(made, units)


def replayed(
    warehouse: Warehouse, today: Scene, chained: bool = True, progress: Progress | None = None
) -> tuple[Replays, Fits]:
    """The baselines of the cycles before today's, and the single fits below them; kept fits are not made
    again. chained=False leaves successions out.
    """
    made, known = past_cycles(today.calendar), known_fits(warehouse)
    units = np.zeros((len(made), len(today.products), len(today.markets), LAGS))
    fits: dict[str, SeriesFit] = {}
    for i, bucket in enumerate(made):
        scene = scene_then(warehouse, today.calendar, int(bucket))
        fitted = fit_scene(scene, known, backtest=False, chained=chained, processes=1)
        units[i] = _first_lags(fitted.units)
        fits |= fitted.fits
        if progress:
            progress(i + 1, len(made))
    units.setflags(write=False)
    return Replays(made, units), fits


def past_cycles(calendar: Calendar) -> np.ndarray:
    """History buckets of the CYCLES cycles before the current one, oldest first; those with too little
    history to forecast from are left out.
    """
    return np.arange(max(SHORTEST, calendar.now - CYCLES), calendar.now)


def scene_then(warehouse: Warehouse, calendar: Calendar, bucket: int) -> Scene:
    """What was known when the cycle of a bucket of today's calendar began."""
    scene = read_scene(warehouse, str(calendar.starts[bucket]))
    return scene if bucket == calendar.now else replace(scene, products=_known_then(scene))


def _known_then(scene: Scene) -> Products:
    """The master as far as its dates had come."""
    products, periods = scene.products, scene.calendar.periods
    sold = ~np.isnan(scene.units).all(axis=(1, 2))
    launched = sold | (products.start <= 0)
    return replace(
        products,
        start=np.where(launched, 0, periods),
        end=np.where(products.end <= 0, 0, periods),
        predecessor=np.where(products.start <= 0, products.predecessor, -1),
    )


def _first_lags(units: np.ndarray) -> np.ndarray:
    """(products, markets, LAGS); a shorter horizon is zero where it ends."""
    laid = np.zeros((*units.shape[:2], LAGS))
    laid[:, :, : units.shape[2]] = units[:, :, :LAGS]
    return laid


def _stored(warehouse: Warehouse, version: str) -> bool:
    found = warehouse.read("SELECT 1 FROM replay WHERE history_version = ? LIMIT 1", [version])
    return not found.empty


def _rows(scene: Scene, replays: Replays) -> pd.DataFrame:
    """One row per cell that is forecast; the others are zero."""
    cycle, product, market, lag = np.nonzero(replays.units)
    made = replays.made[cycle]
    starts = scene.calendar.starts.astype("datetime64[us]")
    return pd.DataFrame(
        {
            "made_in": starts[made],
            "product": np.array(scene.products.labels, dtype=object)[product],
            "market": np.array(scene.markets.labels, dtype=object)[market],
            "period": starts[made + lag],
            "units": replays.units[cycle, product, market, lag],
        }
    )
