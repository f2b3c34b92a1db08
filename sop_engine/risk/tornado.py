"""What matters most: each driver alone, low and high, through the real plan, all else as planned."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sop_engine.inputs.network import TRANSFER
from sop_engine.risk.drivers import P90, Drivers, Hazard, line_down
from sop_engine.risk.futures import Future, as_planned, by_market, by_product
from sop_engine.risk.outcome import MEASURES
from sop_engine.risk.simulate import THREADS, Option, figures_of, solved
from sop_engine.risk.spread import Level

FAMILIES, SUPPLIERS, LINES = 4, 3, 3  # of each, the largest are moved alone
IF_IT_COMES = "if it happens"


@dataclass(frozen=True, eq=False)
class Swing:
    """A driver and its two ends; low and high say in words what they are, "" for as planned."""

    driver: str
    low_words: str
    high_words: str
    low: Future | None
    high: Future | None


def tornado(option: Option, drivers: Drivers, threads: int = THREADS) -> pd.DataFrame:
    """One row per driver and measure: driver, measure, low_words, high_words, low, high; the last two are
    what the measure of the fiscal year differs from the option's plan by, the widest driver of margin first.

    What has a spread is set to the P10 and P90 of a year in every period; what happens or does not is shown
    as if it happened, whatever its chance.
    """
    planned = figures_of(option.plan, as_planned(option.plan.inputs))
    every = list(swings(option, drivers))
    workers = [option, *(option.apart() for _ in range(threads - 1))]
    found = np.zeros((len(every), 2, len(MEASURES)))

    def share(first: int) -> None:
        for row in range(first, len(every), threads):
            for end, future in enumerate((every[row].low, every[row].high)):
                if future is not None:
                    after = figures_of(*solved(workers[first], future))
                    found[row, end] = (after - planned)[: len(MEASURES)]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(share, range(threads)))
    width = np.ptp(np.concatenate([found[:, :, 1], np.zeros((len(every), 1))], axis=1), axis=1)
    rows = [
        (every[row].driver, measure, every[row].low_words, every[row].high_words, *found[row, :, column])
        for row in np.argsort(-width, kind="stable")
        for column, measure in enumerate(MEASURES)
    ]
    return pd.DataFrame(rows, columns=["driver", "measure", "low_words", "high_words", "low", "high"])


def swings(option: Option, drivers: Drivers) -> Iterator[Swing]:
    """The drivers that are moved one by one, and how far."""
    still = as_planned(option.plan.inputs)
    yield from _levels(option, drivers, still)
    yield from _rates(option, drivers, still)
    for launch in option.plan.portfolio.launches:
        if launch.project in {one.project for one in drivers.launches}:
            failed = replace(still, failed=(launch.project,))
            yield Swing(f"Launch of {launch.project}", "it fails", "", failed, None)
    slipped = tuple((one.project, max(p for p, _ in drivers.slips)) for one in drivers.launches)
    if slipped and slipped[0][1]:
        words = f"{slipped[0][1]} periods late"
        yield Swing("All launches", words, "", replace(still, slipped=slipped), None)
    yield from _events(option, drivers, still)


def _levels(option: Option, drivers: Drivers, still: Future) -> Iterator[Swing]:
    """The company's demand and price, and the demand of the largest families, which take from the others."""
    inputs, season = option.plan.inputs, option.plan.inputs.calendar.season
    for what, levels in (("demand", drivers.demand), ("price", drivers.price)):
        for depth, level in enumerate(levels[:2] if what == "demand" else levels[:1]):
            worth = np.bincount(level.member, drivers.weight.sum(axis=1), len(level.labels))
            for label in np.argsort(-worth, kind="stable")[: 1 if depth == 0 else FAMILIES]:
                if not level.sd[label].any() or not worth[label]:
                    continue
                ends = []
                for z in (-P90, P90):
                    drawn = [np.ones(one.sd.shape) for one in levels[: depth + 1]]
                    drawn[depth] = level.shifted(int(label), z, season)
                    ends.append(
                        replace(still, **{what: by_product(inputs, drivers, levels[: depth + 1], drawn)})
                    )
                yield Swing(
                    _name(what, level, int(label)), *_range(level.sd_over(season)[label].mean()), *ends
                )


def _name(what: str, level: Level, label: int) -> str:
    names = {"demand": "Demand of all", "price": "Net price of all"}
    return names[what] if level.name == "company" else f"Demand of {level.labels[label]} against the others"


def _range(sd: float) -> tuple[str, str]:
    """P10 and P90 of a factor in words.

    >>> _range(0.1)
    ('P10: -12.0 %', 'P90: +13.7 %')
    """
    low, high = (100 * (np.exp(z * sd) - 1) for z in (-P90, P90))
    return f"P10: {low:+.1f} %", f"P90: {high:+.1f} %"


def _rates(option: Option, drivers: Drivers, still: Future) -> Iterator[Swing]:
    inputs, rates = option.plan.inputs, drivers.rates
    periods = inputs.calendar.periods
    for position, currency in enumerate(rates.currencies):
        ends = [
            replace(still, rate=by_market(inputs, drivers, rates.shifted(position, z, periods)))
            for z in (-P90, P90)
        ]
        yield Swing(
            f"Exchange rate of {currency}",
            *_range(rates.sd[position] * np.sqrt(inputs.calendar.season)),
            *ends,
        )


def _events(option: Option, drivers: Drivers, still: Future) -> Iterator[Swing]:
    """Losses of the suppliers that most is bought from, outages of the fullest lines, and the open items."""
    for hazard, start in _worst_suppliers(option, drivers):
        closed = ((hazard.label, start, start + int(hazard.length) - 1),)
        words = f"{hazard.length:g} periods, {IF_IT_COMES}"
        yield Swing(f"Loss of {hazard.label}", words, "", replace(still, closed=closed), None)
    for hazard, start in _fullest_lines(option, drivers):
        lever = line_down(option.plan.inputs, hazard.label, hazard.length, start)
        words = f"{hazard.length:g} weeks, {IF_IT_COMES}"
        yield Swing(f"{hazard.label} down", words, "", replace(still, levers=(lever,)), None)
    for item in drivers.items:
        levers = item.scenario.levers if item.scenario else ()
        money = {} if item.scenario else {"revenue": item.revenue, "margin": item.margin}
        came = replace(still, levers=levers, **money)
        yield Swing(item.title, IF_IT_COMES, "", came, None)


def _worst_suppliers(option: Option, drivers: Drivers) -> Iterator[tuple[Hazard, int]]:
    """The suppliers that most money goes to, each from the first period that is not decided."""
    inputs, edges = option.plan.inputs, option.plan.inputs.network.edges
    spent = np.where(
        edges.mode != TRANSFER, option.plan.supply.flow.sum(axis=1) * np.nan_to_num(edges.unit_cost), 0
    )
    by_label = {
        one.label: spent[edges.source == inputs.network.sites.index([one.label])[0]].sum()
        for one in drivers.suppliers
    }
    for hazard in sorted(drivers.suppliers, key=lambda one: -by_label[one.label])[:SUPPLIERS]:
        yield hazard, drivers.open_from


def _fullest_lines(option: Option, drivers: Drivers) -> Iterator[tuple[Hazard, int]]:
    """The work centres with the highest required load, each in the fullest period that is not decided."""
    plan, held = option.plan, drivers.open_from
    resources = plan.inputs.network.resources
    year = slice(held, plan.inputs.calendar.horizon)
    if year.start >= year.stop:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.nan_to_num(plan.supply.required[:, year] / plan.supply.available[:, year])
    peak = {one.label: load[resources.positions[one.label]] for one in drivers.lines}
    for hazard in sorted(drivers.lines, key=lambda one: -peak[one.label].max())[:LINES]:
        yield hazard, held + int(peak[hazard.label].argmax())
