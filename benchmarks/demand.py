"""Time of fitting a company's baseline: whole, after one series changed, and with every fit known.

    python benchmarks/demand.py [--products N] [--markets N] [--months N] [--processes N]

A made-up company of 200 products in ten families, 20 markets and 36 months. A refresh is timed as a planner
waits for it: read, fit, reconcile, store. Exits 1 if a target is missed or a cached baseline differs from a
bare one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # each process has one core

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from tqdm import tqdm  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sop_engine.demand_review.cleansing import review_history  # noqa: E402
from sop_engine.inputs.history import read_causes  # noqa: E402
from sop_engine.inputs.reader import read_scene  # noqa: E402
from sop_engine.inputs.tables import Tables  # noqa: E402
from sop_engine.refresh import fit_scene, known_fits, refresh  # noqa: E402
from sop_engine.warehouse import Warehouse, open_warehouse  # noqa: E402

T = TypeVar("T")
AT = datetime(2026, 1, 1)
FAMILIES = 10
FULL_SECONDS, CHANGED_SECONDS, FLAG_SECONDS = 240.0, 2.0, 2.0


@dataclass(frozen=True)
class Row:
    """One line of the table: what, figure, target in words, whether it is reached."""

    what: str
    figure: str
    target: str = ""
    reached: bool = True


def main() -> int:
    args = _arguments()
    warehouse = company(args.products, args.markets, args.months)
    rows = measure(warehouse, args.processes)
    width = max(len(row.what) for row in rows)
    print(f"\n{'measure':{width}}  {'figure':>10}  {'target':10}  reached")
    for row in rows:
        print(f"{row.what:{width}}  {row.figure:>10}  {row.target:10}  {'yes' if row.reached else 'NO'}")
    return int(not all(row.reached for row in rows))


def measure(warehouse: Warehouse, processes: int | None) -> list[Row]:
    """Refreshes whole and after one changed number; then fits alone, with and without what is known."""
    full, nodes = _refreshed(warehouse, processes, "whole")
    _change_one_number(warehouse)
    changed, stale = _refreshed(warehouse, processes, "one changed series")
    scene, known = read_scene(warehouse), known_fits(warehouse)
    bare, without = _timed(lambda: fit_scene(scene, {}, processes=processes))
    cached, within = _timed(lambda: fit_scene(scene, known, processes=processes))
    same = np.array_equal(bare.units, cached.units) and np.array_equal(
        bare.product_bands, cached.product_bands, equal_nan=True
    )
    causes = read_causes(Tables(warehouse.read), scene.calendar, scene.products)
    price = np.ones(len(scene.products))
    review, flagging = _timed(lambda: review_history(scene.units, price, causes, scene.calendar.season))
    return [
        Row(
            f"whole refresh, {nodes} series on {processes or os.cpu_count()} processes, seconds",
            f"{full:.1f}",
            f"< {FULL_SECONDS:.0f}",
            full < FULL_SECONDS,
        ),
        Row(
            f"refresh after one series changed, {stale} fits, seconds",
            f"{changed:.2f}",
            f"< {CHANGED_SECONDS:.0f}",
            changed < CHANGED_SECONDS,
        ),
        Row("times faster after one change than whole", f"{full / changed:.0f}"),
        Row("times faster with every fit known than bare", f"{without / within:.0f}"),
        Row("cached baseline equals the bare one to the last digit", "yes" if same else "no", "yes", same),
        Row(
            f"flags of the history ({len(review.flags)} found), seconds",
            f"{flagging:.2f}",
            f"< {FLAG_SECONDS:.0f}",
            flagging < FLAG_SECONDS,
        ),
    ]


def company(products: int, markets: int, months: int) -> Warehouse:
    """A warehouse in memory: seasonal products of a common trend with noise, each with its own market mix."""
    rng = np.random.default_rng(0)
    starts = np.datetime64("2026-01", "M") - months + np.arange(months)
    season = 1 + 0.25 * np.sin(2 * np.pi * (np.arange(months) % 12) / 12)
    level = rng.lognormal(5, 1, (products, 1, 1)) * rng.dirichlet(np.ones(markets), products)[:, :, None]
    trend = 1 + rng.uniform(-0.01, 0.02, (products, 1, 1)) * np.arange(months)
    units = np.round(level * trend * season * rng.lognormal(0, 0.2, (products, markets, months)), 1)
    names = [f"P{p:03d}" for p in range(products)], [f"M{m:02d}" for m in range(markets)]
    index = pd.MultiIndex.from_product(
        [*names, pd.to_datetime(starts)], names=["product", "market", "period"]
    )
    history = pd.DataFrame({"units": units.ravel(), "revenue": 10 * units.ravel()}, index=index).reset_index()
    family = [f"Family {p % FAMILIES}" for p in range(products)]
    warehouse = open_warehouse(":memory:")
    with warehouse.transaction(who="benchmark", why="made up", at=AT) as change:
        change.replace("product", pd.DataFrame({"product": names[0], "family": family, "sellable": True}))
        change.replace("market", pd.DataFrame({"market": names[1], "currency": "EUR"}))
        change.replace("sales_history", history)
    return warehouse


def _refreshed(warehouse: Warehouse, processes: int | None, what: str) -> tuple[float, int]:
    """Seconds of a refresh, and how many series it fitted."""
    with tqdm(desc=what, unit="series") as bar:

        def told(done: int, total: int) -> None:
            bar.total = total
            bar.update()

        _, seconds = _timed(
            lambda: refresh(warehouse, progress=told, who="benchmark", at=AT, processes=processes)
        )
        return seconds, bar.n


def _change_one_number(warehouse: Warehouse) -> None:
    first = warehouse.read(
        "SELECT product, market, period, units FROM sales_history ORDER BY ALL LIMIT 1"
    ).iloc[0]
    with warehouse.transaction(who="benchmark", why="one number", at=AT) as change:
        keys = first[["product", "market", "period"]].to_dict()
        change.update("sales_history", keys, {"units": float(first["units"]) + 1})


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--products", type=int, default=200)
    parser.add_argument("--markets", type=int, default=20)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--processes", type=int, default=None, help="default: every core")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
