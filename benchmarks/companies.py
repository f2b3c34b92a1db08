"""Made-up companies as planner's files: size S, whose lines are tight, and the peak model, whose best share
of units on time is known.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.refresh import refresh
from sop_engine.warehouse import load, open_warehouse

AT = datetime(2026, 1, 2)
Tables = Mapping[str, pd.DataFrame]

PRODUCTS, FAMILIES, PLANTS, LINES, REGIONS = 60, 6, 3, 2, 4
FIRST, PERIODS = np.datetime64("2025-12"), 24
LOAD = 1.05  # mean need of a line over its regular hours: overtime is needed, and building ahead

PEAK_PERIODS = 18
PUBLISHED = {100: (84.6, 0.06), 500: (85.0, 0.30), 2000: (85.4, 1.41)}  # frePPLe: % on time, seconds


@dataclass(frozen=True)
class Peak:
    """A peak model: its files, and the best share of units on time that capacity allows."""

    tables: Tables
    best: float


def read_company(tables: Tables) -> Inputs:
    """The inputs after a planner loaded these files and the baseline was fitted."""
    warehouse = open_warehouse(":memory:")
    files = [(f"{name}.csv", table.to_csv(index=False).encode()) for name, table in tables.items()]
    load(warehouse, files, who="benchmark", at=AT)
    refresh(warehouse, who="benchmark", at=AT, processes=1)
    inputs = read_inputs(warehouse)
    warehouse.close()
    return inputs


def size_s(seed: int = 1) -> Tables:
    """60 products x 3 plants of 2 lines x 4 regions x 24 months; every line makes every product, every plant
    ships to every region, one bought component a family.
    """
    rng = np.random.default_rng(seed)
    items = [f"P{i:02d}" for i in range(PRODUCTS)]
    family = {item: f"Family {i % FAMILIES}" for i, item in enumerate(items)}
    plants, depots = [f"Plant {p}" for p in range(PLANTS)], [f"Depot {r}" for r in range(REGIONS)]
    lines = [(f"Line {p}{n}", f"Plant {p}") for p in range(PLANTS) for n in range(LINES)]
    parts = {f"Family {f}": f"C{f}" for f in range(FAMILIES)}
    months = [str(month) for month in FIRST + 1 + np.arange(PERIODS)]
    hours = dict(zip(items, rng.uniform(0.5, 2.0, PRODUCTS).round(2), strict=True))
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(PERIODS) / 12 - 1.0)
    size = rng.lognormal(4.5, 0.6, (PRODUCTS, REGIONS))
    units = np.round(size[:, :, None] * season * rng.uniform(0.85, 1.15, (PRODUCTS, REGIONS, PERIODS)))
    need = sum(units[i].sum(axis=0) * hours[item] for i, item in enumerate(items))
    available = float(need.mean() / LOAD / len(lines))
    cells = [(i, r) for i in range(PRODUCTS) for r in range(REGIONS)]
    return {
        "setting": _frame("name value", [("horizon_periods", PERIODS), ("beyond_periods", 0)]),
        "product": _frame(
            "product family make_or_buy sellable",
            [
                *((p, family[p], "make", "yes") for p in items),
                *((c, f, "buy", "no") for f, c in parts.items()),
            ],
        ),
        "market": _frame(
            "market region unmet", [(f"Region {r}", f"Region {r}", "backlog") for r in range(REGIONS)]
        ),
        "site": _frame(
            "site kind",
            [*((p, "plant") for p in plants), *((d, "warehouse") for d in depots), ("Supplier", "supplier")],
        ),
        "resource": _frame(
            "resource site cost_per_hour overtime_cost_per_hour overtime_limit_pct",
            [(name, plant, 20, 30, 15) for name, plant in lines],
        ),
        "capacity": _frame(
            "resource period available_hours", [(n, m, available) for n, _ in lines for m in months]
        ),
        "routing": _frame(
            "product step alternative resource hours_per_unit",
            [(p, 1, name, name, hours[p]) for p in items for name, _ in lines],
        ),
        "bill_of_material": _frame(
            "parent component quantity_per", [(p, parts[family[p]], 1) for p in items]
        ),
        "sourcing": _frame(
            "product site source mode lead_time_days unit_cost",
            [
                *((p, plant, plant, "make", 3, 5 + n) for p in items for n, plant in enumerate(plants)),
                *(
                    (p, depot, plant, "transfer", 5, 1 + abs(n - r))
                    for p in items
                    for n, plant in enumerate(plants)
                    for r, depot in enumerate(depots)
                ),
                *((c, plant, "Supplier", "buy", 20, 4) for c in parts.values() for plant in plants),
            ],
        ),
        "service_lane": _frame(
            "site market unit_cost transit_days",
            [(depot, f"Region {r}", 1, 0) for r, depot in enumerate(depots)],
        ),
        "inventory_policy": _frame("product site min_cover_periods", [("", depot, 0.25) for depot in depots]),
        "inventory_on_hand": _frame(
            "product site units",
            [
                *((items[i], depots[r], units[i, r, 0]) for i, r in cells),
                *((c, plant, units[:, :, 0].sum()) for c in parts.values() for plant in plants),
            ],
        ),
        "price": _frame("product price", [(p, 60 + 40 * hours[p]) for p in items]),
        "unit_cost": _frame(
            "product unit_cost",
            [*((p, 10 + 20 * hours[p]) for p in items), *((c, 4) for c in parts.values())],
        ),
        "sales_history": _frame(
            "product market period units", [(items[i], f"Region {r}", str(FIRST), 0) for i, r in cells]
        ),
        "forecast_stream": _frame(
            "stream product market period units",
            [
                ("sales", items[i], f"Region {r}", month, units[i, r, t])
                for i, r in cells
                for t, month in enumerate(months)
            ],
        ),
        "consensus_weight": _frame("stream weight_pct", [("sales", 100)]),
    }


def peak_model(count: int, seed: int = 1) -> Peak:
    """`count` items over count / 25 lines whose hours are the mean need; 30 % more demand in the last quarter
    of a year, one component each with 14 days of lead time, stock of it for the first months.
    """
    lines, parts = max(4, count // 25), max(5, count // 5)
    rng = random.Random(seed)
    units = np.array(
        [
            [max(1, int(rng.gauss(100, 30) * (1.3 if t % 12 > 8 else 1))) for t in range(PEAK_PERIODS)]
            for _ in range(count)
        ]
    )
    need = np.array([units[line::lines].sum(axis=0) for line in range(lines)])
    hours = need.sum(axis=1) // PEAK_PERIODS + 1
    first = [2 * int(units[part::parts, :2].sum()) for part in range(parts)]
    due = [str(np.datetime64("2027-01") + t) for t in range(PEAK_PERIODS)]
    past, start = "2026-11", "2026-12"  # a month to build ahead in, before anything is due
    items, components = [f"F{i}" for i in range(count)], [f"C{c}" for c in range(parts)]
    tables = {
        "product": _frame(
            "product family make_or_buy sellable",
            [
                *((p, f"Family {i % lines}", "make", "yes") for i, p in enumerate(items)),
                *((c, "Components", "buy", "no") for c in components),
            ],
        ),
        "market": _frame("market unmet", [("World", "backlog")]),
        "site": _frame("site kind", [("Plant", "plant"), ("Supplier", "supplier")]),
        "resource": _frame("resource site cost_per_hour", [(f"R{r}", "Plant", 1) for r in range(lines)]),
        "capacity": _frame(
            "resource period available_hours",
            [(f"R{r}", month, hours[r]) for r in range(lines) for month in (start, *due)],
        ),
        "routing": _frame(
            "product resource hours_per_unit", [(p, f"R{i % lines}", 1) for i, p in enumerate(items)]
        ),
        "bill_of_material": _frame(
            "parent component quantity_per", [(p, components[i % parts], 2) for i, p in enumerate(items)]
        ),
        "sourcing": _frame(
            "product site source mode lead_time_days unit_cost",
            [
                *((p, "Plant", "Plant", "make", 0, 1) for p in items),
                *((c, "Plant", "Supplier", "buy", 14, 1) for c in components),
            ],
        ),
        "service_lane": _frame("site market unit_cost transit_days", [("Plant", "World", 0.1, 0)]),
        "inventory_on_hand": _frame(
            "product site units", [(c, "Plant", first[i]) for i, c in enumerate(components)]
        ),
        "price": _frame("product price", [(p, 100) for p in items]),
        "unit_cost": _frame("product unit_cost", [*((p, 20) for p in items), *((c, 1) for c in components)]),
        "sales_history": _frame("product market period units", [(p, "World", past, 1) for p in items]),
        "order_book": _frame(
            "order product market period units",
            [
                (f"{p}-{month}", p, "World", month, units[i, t])
                for i, p in enumerate(items)
                for t, month in enumerate(due)
            ],
        ),
    }
    return Peak(tables, _best_on_time(need, hours))


def _best_on_time(need: np.ndarray, hours: np.ndarray) -> float:
    """Share of units that can be on time: need against hours line by line, what is left built ahead.

    need: (lines, periods) hours, of which the first month before anything is due is free to build ahead
    """
    late = 0.0
    ahead = hours.astype(float)
    for period in need.T:
        served = np.minimum(period, ahead + hours)
        late += float((period - served).sum())
        ahead += hours - served
    return 1 - late / float(need.sum())


def _frame(columns: str, rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())
