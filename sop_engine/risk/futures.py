"""What comes in one draw, and all draws of a seed: the same for every option that is held against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.executive_sop.window import Window, span_of
from sop_engine.inputs import Inputs
from sop_engine.risk.draws import evenly, generator, normals, normals_by_label, steered, uniforms
from sop_engine.risk.drivers import Drivers, Hazard, line_down
from sop_engine.risk.spread import Level, balanced
from sop_engine.scenario import Lever


@dataclass(frozen=True, eq=False)
class Future:
    """One course of events; where a factor is 1 it is as planned.

    demand, price: (products, periods) factors; rate: (markets, periods) factor
    failed: projects that never launch; slipped: periods that projects launch later
    levers: what else moves the plan; closed: suppliers from which nothing arrives, first and last period
    revenue, margin: (periods,) base currency that comes on top
    """

    demand: np.ndarray
    price: np.ndarray
    rate: np.ndarray
    revenue: np.ndarray
    margin: np.ndarray
    failed: tuple[str, ...] = ()
    slipped: tuple[tuple[str, int], ...] = ()
    levers: tuple[Lever, ...] = ()
    closed: tuple[tuple[str, int, int], ...] = ()

    def until(self, period: int, inputs: Inputs) -> Future:
        """What of it is seen until a plan period begins: later, everything is as planned again, and what has
        not failed by then never does."""
        seen = np.arange(self.demand.shape[1]) < period
        labels = inputs.calendar.plan_labels
        return replace(
            self,
            demand=np.where(seen, self.demand, 1.0),
            price=np.where(seen, self.price, 1.0),
            rate=np.where(seen, self.rate, 1.0),
            revenue=np.where(seen, self.revenue, 0.0),
            margin=np.where(seen, self.margin, 0.0),
            levers=tuple(one for one in self.levers if one.first <= labels[min(period, len(labels) - 1)]),
            closed=tuple(one for one in self.closed if one[1] <= period),
        )


def as_planned(inputs: Inputs) -> Future:
    """Nothing comes but what is planned."""
    products, markets, periods = len(inputs.products), len(inputs.markets), inputs.calendar.periods
    ones, none = np.ones((products, periods)), np.zeros(periods)
    return Future(ones, ones, np.ones((markets, periods)), none, none)


class Futures:
    """The draws of one seed. Read-only once made, so that threads may share it."""

    def __init__(self, inputs: Inputs, drivers: Drivers, seed: int, draws: int) -> None:
        self.inputs, self.drivers, self.seed, self.draws = inputs, drivers, seed, draws
        self._year = span_of(inputs.calendar, Window.FISCAL_YEAR).planned
        price, self._rate_year = self._spread_money()
        self._main = {}
        for what, levels, company in (
            ("demand", drivers.demand, evenly(seed, draws, "demand")),
            ("price", drivers.price, price),
        ):
            for depth, level in enumerate(levels):
                name = f"{what} {level.name}"
                whole = normals_by_label(seed, draws, name, level.labels) if depth else company[:, None]
                self._main[what, level.name] = self._year_and_rest(name, level, whole)
        self._success, self._slip = (
            {one.project: uniforms(seed, draws, what, one.project) for one in drivers.launches}
            for what in ("launch", "slip")
        )
        self._hazard = {
            (what, one.label): uniforms(seed, draws, what, one.label)
            for what, hazards in (("supplier", drivers.suppliers), ("line", drivers.lines))
            for one in hazards
        }
        self._item = {one.item_id: uniforms(seed, draws, "item", one.item_id) for one in drivers.items}
        self._walk = self._rate_normals()

    def __len__(self) -> int:
        return self.draws

    def __getitem__(self, draw: int) -> Future:
        """The future of one draw."""
        start, drivers = as_planned(self.inputs), self.drivers
        opened, levers = drivers.open_from, list(self._outages(draw))
        money = np.zeros((2, self.inputs.calendar.periods))
        for item in drivers.items:
            if self._item[item.item_id][draw] < item.probability:
                levers += item.scenario.levers if item.scenario else ()
                money += (np.zeros_like(money)) if item.scenario else np.stack([item.revenue, item.margin])
        return replace(
            start,
            demand=self._factors("demand", drivers.demand, draw),
            price=self._factors("price", drivers.price, draw),
            rate=by_market(self.inputs, drivers, drivers.rates.paths(self._walk[draw])),
            revenue=money[0],
            margin=money[1],
            failed=tuple(
                one.project for one in drivers.launches if self._success[one.project][draw] >= one.probability
            ),
            slipped=tuple(self._slips(draw)),
            levers=tuple(levers),
            closed=tuple(
                (one.label, begun, begun + int(one.length) - 1)
                for one, begun in self._begun("supplier", drivers.suppliers, draw, opened)
            ),
        )

    def _spread_money(self) -> tuple[np.ndarray, np.ndarray]:
        """(draws,) of the year's net price and (draws, currencies) of the year's exchange rates, standard
        normals; what they do to the year's revenue together is spread evenly beside the year's demand.
        """
        seed, draws, drivers = self.seed, self.draws, self.drivers
        rates = [normals(seed, draws, "rate", currency) for currency in drivers.rates.currencies]
        each = np.stack([normals(seed, draws, "price company"), *rates], axis=1)
        year = drivers.weight[:, self._year].sum()
        price = drivers.price[0].sd_over(len(self._year))[0].mean() if drivers.price else 0.0
        size = np.append(price * year, (drivers.foreign @ drivers.rates.root) * np.hypot.reduce(self._ahead))
        if size.any():
            each = steered(each, size / np.hypot.reduce(size), evenly(seed, draws, "money"))
        return each[:, 0], each[:, 1:]

    @property
    def _ahead(self) -> np.ndarray:
        """(periods,) how much of a period's step of a random walk is in its mean over the fiscal year."""
        left = np.maximum(self._year[-1] + 1 - np.arange(self.inputs.calendar.periods), 0)
        return np.minimum(left, len(self._year)) / len(self._year)

    def _year_and_rest(self, name: str, level: Level, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(draws, labels) standard normals: what lasts, and the mean of what passes over the fiscal year.

        Both come from the error of the year as a whole, (draws, labels), and one that turns about it.
        """
        rest = normals_by_label(self.seed, self.draws, f"{name}, rest", level.labels)
        lasts, passes = np.sqrt(level.lasting), np.sqrt((1 - level.lasting) / len(self._year))
        size = np.hypot(lasts, passes)
        return (lasts * whole + passes * rest) / size, (passes * whole - lasts * rest) / size

    def _factors(self, what: str, levels: tuple[Level, ...], draw: int) -> np.ndarray:
        """(products, periods); after the fiscal year nothing passing is drawn: no figure would show it."""
        random, drawn = generator(self.seed, f"{what} by period", draw), []
        periods = np.arange(self.inputs.calendar.periods)
        even = np.isin(periods, self._year) / np.sqrt(len(self._year))
        for level in levels:
            lasting, year = (part[draw] for part in self._main[what, level.name])
            passing = steered(random.standard_normal(level.sd.shape), even, year)
            drawn.append(level.factors(lasting, passing, periods <= self._year[-1]))
        return by_product(self.inputs, self.drivers, levels, drawn)

    def _rate_normals(self) -> np.ndarray:
        """(draws, periods, currencies), of which the mean of the fiscal year is stratified."""
        direction = self._ahead / np.hypot.reduce(self._ahead)
        shape = self.draws, len(direction)
        columns = [
            steered(
                generator(self.seed, "rate by period", currency).standard_normal(
                    (self.draws, len(direction))
                ),
                direction,
                self._rate_year[:, position],
            )
            for position, currency in enumerate(self.drivers.rates.currencies)
        ]
        return np.array(columns).reshape(-1, *shape).transpose(1, 2, 0)

    def _slips(self, draw: int) -> Iterator[tuple[str, int]]:
        values = [periods for periods, _ in self.drivers.slips]
        edges = np.cumsum([share for _, share in self.drivers.slips])
        for one in self.drivers.launches:
            at = min(int(np.searchsorted(edges, self._slip[one.project][draw])), len(values) - 1)
            if values[at]:
                yield one.project, values[at]

    def _outages(self, draw: int) -> Iterator[Lever]:
        for one, begun in self._begun("line", self.drivers.lines, draw, self.drivers.open_from):
            yield line_down(self.inputs, one.label, one.length, begun)

    def _begun(
        self, what: str, hazards: tuple[Hazard, ...], draw: int, opened: int
    ) -> Iterator[tuple[Hazard, int]]:
        """What fails in this draw, and the period in which it begins: any of those still open, alike."""
        calendar = self.inputs.calendar
        open_ = max(calendar.periods - opened, 0)
        for one in hazards:
            share = 1 - (1 - one.yearly) ** (open_ / calendar.season)
            drawn = self._hazard[what, one.label][draw]
            if drawn < share:
                yield one, opened + int(drawn / share * open_)


def by_product(
    inputs: Inputs, drivers: Drivers, levels: tuple[Level, ...], drawn: list[np.ndarray]
) -> np.ndarray:
    """(products, periods) product of the levels' factors, (labels, periods) each; what lies below the first
    level is a shift between its parts."""
    factor = np.ones((len(inputs.products), inputs.calendar.periods))
    parent, parents = np.zeros(len(inputs.products), dtype=int), 1
    for depth, (level, factors) in enumerate(zip(levels, drawn, strict=True)):
        own = factors[level.member]
        factor = factor * (own if depth == 0 else balanced(own, drivers.weight * factor, parent, parents))
        parent, parents = level.member, len(level.labels)
    return factor


def by_market(inputs: Inputs, drivers: Drivers, moved: np.ndarray) -> np.ndarray:
    """(markets, periods) factors of (periods, currencies)."""
    factor = np.ones((len(inputs.markets), inputs.calendar.periods))
    for position, currency in enumerate(drivers.rates.currencies):
        factor[inputs.markets.currency == currency] = moved[:, position]
    return factor
