"""Time of the portfolio's health, segments and tail on a large company, against a loop over its products.

    python benchmarks/portfolio.py [--products N] [--markets N] [--months N]

A made-up company of 10,000 products in 50 families, 10 markets and 36 months. Each line is the median of
five runs of what a section of the product page computes before it draws. Exits 1 if a target is missed or
the loop finds other numbers.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TypeVar

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import numpy as np  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sop_engine.charts import product_review as charts  # noqa: E402
from sop_engine.charts.style import LIGHT  # noqa: E402
from sop_engine.inputs import Inputs  # noqa: E402
from sop_engine.inputs.network import Bill  # noqa: E402
from sop_engine.product_review.health import (  # noqa: E402
    FAMILY,
    PRODUCT,
    portfolio_health,
    productivity,
    revenue_by_vintage,
    vitality,
)
from sop_engine.product_review.segments import segment_table  # noqa: E402
from sop_engine.product_review.tail import exit_list  # noqa: E402
from tests.plans import small_inputs  # noqa: E402

T = TypeVar("T")
FAMILIES, RUNS, TARGET_SECONDS = 50, 5, 1.0


def main() -> int:
    args = _arguments()
    inputs = company(args.products, args.markets, args.months)
    health, seconds = _timed(lambda: portfolio_health(inputs))
    by_loop, slow = _timed(lambda: looped(inputs), runs=1)
    rows = [
        ("health by product", seconds, slow / seconds),
        ("health by family", _timed(lambda: portfolio_health(inputs, FAMILY))[1], np.nan),
        ("whole portfolio section", _timed(lambda: portfolio_section(inputs))[1], np.nan),
        ("segments", _timed(lambda: segment_table(inputs))[1], np.nan),
        ("tail", _timed(lambda: tail(inputs))[1], np.nan),
        ("the same health product by product", slow, np.nan),
    ]
    same = np.allclose(health.set_index("product").loc[list(by_loop), "margin"], list(by_loop.values()))
    print(f"{args.products} products, {args.markets} markets, {args.months} months")
    print(f"\n{'measure':36}  {'seconds':>8}  {'faster than a loop':>18}  target {TARGET_SECONDS:g} s")
    for what, took, ratio in rows[:-1]:
        faster = f"{ratio:.0f} x" if np.isfinite(ratio) else ""
        print(f"{what:36}  {took:8.3f}  {faster:>18}  {'yes' if took <= TARGET_SECONDS else 'NO'}")
    print(f"{rows[-1][0]:36}  {slow:8.3f}  {'':>18}  {'the same numbers' if same else 'OTHER NUMBERS'}")
    return int(not same or any(took > TARGET_SECONDS for _, took, _ in rows[:-1]))


def company(products: int, markets: int, months: int) -> Inputs:
    """The small company of the tests, widened: random sales, one product in four a part of the next three."""
    small, random = small_inputs(), np.random.default_rng(7)
    periods, network = small.calendar.periods, small.network
    first = random.integers(0, months, products) * (random.random(products) < 0.3)
    units = random.poisson(random.lognormal(1.0, 1.5, (products, 1, 1)), (products, markets, months)).astype(
        float
    )
    units[np.broadcast_to((np.arange(months) < first[:, None])[:, None, :], units.shape)] = np.nan
    labels = tuple(f"P{i:05d}" for i in range(products))
    text = np.array(["" for _ in labels], dtype=object)
    widened = replace(
        small.products,
        labels=labels,
        name=np.array(labels, dtype=object),
        family=np.array([f"Family {i % FAMILIES}" for i in range(products)], dtype=object),
        category=np.array(["All" for _ in labels], dtype=object),
        stage=text,
        sellable=np.arange(products) % 4 > 0,
        start=np.zeros(products, dtype=int),
        end=np.full(products, periods),
        predecessor=np.full(products, -1),
        shelf_life_periods=np.full(products, np.nan),
    )
    shops = np.array([f"M{i}" for i in range(markets)], dtype=object)
    places = replace(
        small.markets,
        labels=tuple(shops),
        name=shops,
        region=shops,
        channel=np.array(["Web" if i % 2 else "Shop" for i in range(markets)], dtype=object),
        currency=np.array(["USD" for _ in shops], dtype=object),
        priority=np.ones(markets),
        backlog=np.zeros(markets, dtype=bool),
    )
    parents = np.flatnonzero(widened.sellable)
    bill = Bill(parents, parents - parents % 4, np.ones((len(parents), periods)))
    stock = random.poisson(40, (products, len(network.sites))).astype(float)
    empty = np.zeros((products, len(network.sites), periods))
    return replace(
        small,
        calendar=_longer(small, months),
        products=widened,
        markets=places,
        demand=replace(
            small.demand, history=units, revenue_history=units * random.uniform(5, 50, (products, 1, 1))
        ),
        network=replace(network, on_hand=stock, receipts=empty, bill=bill),
        money=replace(small.money, unit_cost=random.uniform(2, 20, (products, 1)) * np.ones(periods)),
    )


def portfolio_section(inputs: Inputs) -> object:
    """Everything that the Portfolio tab computes, its largest figure included."""
    products, families = portfolio_health(inputs, PRODUCT), portfolio_health(inputs, FAMILY)
    figure = charts.pareto(products, LIGHT, "USD", inputs.settings)
    return families, figure, productivity(products), vitality(inputs, 24), revenue_by_vintage(inputs)


def tail(inputs: Inputs) -> object:
    """The exit of every product."""
    units = np.nan_to_num(inputs.demand.history[:, :, -inputs.calendar.periods :]).sum(axis=1)
    active = np.ones(units.shape, dtype=bool)
    return exit_list(inputs, active, units, units * 3.0, np.zeros_like(units), 3, 0.5)


def looped(inputs: Inputs) -> dict[str, float]:
    """{product: margin of the year} of what sold in two years, one product and market at a time."""
    season, found = inputs.calendar.season, {}
    for p, label in enumerate(inputs.products.labels):
        margin = sold = 0.0
        for m in range(len(inputs.markets)):
            for t in range(inputs.calendar.now - 2 * season, inputs.calendar.now):
                units = inputs.demand.history[p, m, t]
                if np.isnan(units):
                    continue
                sold += units
                if t >= inputs.calendar.now - season:
                    margin += inputs.demand.revenue_history[p, m, t] - units * inputs.money.unit_cost[p, 0]
        if sold:
            found[label] = margin
    return found


def _longer(inputs: Inputs, months: int) -> object:
    """The calendar with `months` of history before the same plan."""
    calendar, now = inputs.calendar, inputs.calendar.now
    starts = calendar.starts[now].astype("datetime64[M]") + np.arange(-months, calendar.periods + 1)
    days = starts.astype("datetime64[D]")
    return replace(
        calendar,
        starts=days[:-1],
        ends=days[1:] - np.timedelta64(1, "D"),
        labels=tuple(str(start) for start in starts[:-1]),
        working_days=np.full(len(starts) - 1, 21.0),
        now=months,
    )


def _timed(action: Callable[[], T], runs: int = RUNS) -> tuple[T, float]:
    """What it returns, and the median of its seconds."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        result = action()
        seconds.append(time.perf_counter() - start)
    return result, median(seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--markets", type=int, default=10)
    parser.add_argument("--months", type=int, default=36)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
