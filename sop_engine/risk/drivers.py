"""What may come: the drivers that risk is drawn from, each measured in data or a stated setting."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
import pandas as pd

from sop_engine.demand_review.accuracy import Past
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import TRANSFER
from sop_engine.plan import Plan
from sop_engine.risk.past import Record, read_record
from sop_engine.risk.rates import Rates, rate_moves
from sop_engine.risk.spread import WIDEST, Level, fit_levels
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse.settings import SETTINGS

P90 = 1.2815515655446004  # standard normal that nine tenths lie below
FEWEST_SLIPS = 6  # kept launch dates that tell how far launches slip
HALF_LASTS = 0.5  # of the variance, where only the baseline's range is known
MOST_SLIP = 6  # periods, as far as the lever goes


@dataclass(frozen=True)
class LaunchRisk:
    """A launch of the pipeline that is still to come: its probability of success, a share."""

    project: str
    probability: float


@dataclass(frozen=True)
class Hazard:
    """Something that may fail, at a yearly share, for a length: periods of a supplier, weeks of a line."""

    label: str
    yearly: float
    length: float


@dataclass(frozen=True, eq=False)
class Item:
    """An open risk or opportunity that is out of the plan.

    revenue, margin: (periods,) base currency if it happens; scenario: levers that stand for it instead
    unknown: what it does not state
    """

    item_id: str
    title: str
    probability: float
    revenue: np.ndarray
    margin: np.ndarray
    scenario: Scenario | None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Drivers:
    """All that is drawn, for one data version.

    weight: (products, periods) money of the do-nothing plan's demand; foreign: (currencies of `rates`,) of it
    in the fiscal year
    demand, price: levels of the error models over products, the company first
    cycles: past cycles that they were measured in, 0 where only the baseline's range is known
    slips: (periods, share) of launches; slips_seen: kept launch dates behind it, 0 where a setting says it
    held: plan periods in which what is decided stays decided
    """

    weight: np.ndarray
    foreign: np.ndarray
    demand: tuple[Level, ...]
    price: tuple[Level, ...]
    cycles: int
    rates: Rates
    launches: tuple[LaunchRisk, ...]
    slips: tuple[tuple[int, float], ...]
    slips_seen: int
    suppliers: tuple[Hazard, ...]
    lines: tuple[Hazard, ...]
    items: tuple[Item, ...]
    held: int

    @property
    def open_from(self) -> int:
        """First period in which something can fail: what starts before may take hours in the one after."""
        return self.held + 1

    def digest(self) -> str:
        """Changes when anything that is drawn does."""
        content = hashlib.blake2b(digest_size=6)
        for part in _leaves(self):
            content.update(part)
        return content.hexdigest()


def setting(inputs: Inputs, name: str) -> float:
    """A setting of risk, its default where the table has none."""
    return float(inputs.settings.get(name, SETTINGS[name].default))


def held_periods(inputs: Inputs) -> int:
    """Plan periods whose starts are decided: the frozen ones and those until anything new can start."""
    reaction = int(setting(inputs, "risk_reaction_periods"))
    return min(inputs.calendar.frozen + reaction, inputs.calendar.periods)


def find_drivers(do_nothing: Plan, past: Past | None, items: pd.DataFrame, pipeline: pd.DataFrame) -> Drivers:
    """The drivers of today's data.

    do_nothing: the plan with no lever moved; past: the track record, None where no cycle is replayed
    items: rows of risk_opportunity; pipeline: rows of pipeline_history
    """
    inputs = do_nothing.inputs
    record = read_record(inputs, past)
    slips, seen = _slips(inputs, pipeline)
    rates, worth = rate_moves(inputs), np.nan_to_num(do_nothing.finance.demand_value)
    year = span_of(inputs.calendar, Window.FISCAL_YEAR).planned
    by_market = worth[:, :, year].sum(axis=(0, 2))
    return Drivers(
        weight=worth.sum(axis=1),
        foreign=np.array([by_market[inputs.markets.currency == one].sum() for one in rates.currencies]),
        demand=demand_levels(inputs, record) if record else _levels_of_the_baseline(inputs),
        price=price_levels(inputs, record) if record else (),
        cycles=record.cycles if record else 0,
        rates=rates,
        launches=tuple(_launches(inputs)),
        slips=slips,
        slips_seen=seen,
        suppliers=tuple(_suppliers(inputs)),
        lines=tuple(_lines(inputs)),
        items=tuple(_items(inputs, items)),
        held=held_periods(inputs),
    )


def without_spread(drivers: Drivers) -> Drivers:
    """The same drivers with nothing left to chance: every draw is the plan."""
    still = tuple(replace(level, sd=level.sd * 0) for level in drivers.demand)
    fixed = {"price": (), "rates": Rates((), np.zeros((0, 0)), 0), "foreign": np.zeros(0)}
    return replace(drivers, demand=still, launches=(), suppliers=(), lines=(), items=(), **fixed)


def demand_levels(inputs: Inputs, record: Record) -> tuple[Level, ...]:
    """How demand came beside the forecasts of past cycles: company, family, product."""
    return fit_levels(record.demand, record.expected, _groups(inputs, 3), inputs.calendar.periods)


def price_levels(inputs: Inputs, record: Record) -> tuple[Level, ...]:
    """How realised net prices came beside those known when past cycles were planned: company, family; their
    common trend is taken out."""
    parts = record.at_realised, record.at_known, _groups(inputs, 2), inputs.calendar.periods
    return fit_levels(*parts, centred=True)


def _groups(inputs: Inputs, count: int) -> list[tuple[str, np.ndarray]]:
    products = inputs.products
    every = [
        ("company", np.full(len(products), "")),
        ("family", products.family),
        ("product", np.array(products.labels, dtype=object)),
    ]
    return every[:count]


def _levels_of_the_baseline(inputs: Inputs) -> tuple[Level, ...]:
    """Spreads from the 80 % ranges of the statistical baseline: total, families; products by the error that
    their safety stock rests on."""
    baseline, periods = inputs.demand.baseline, inputs.calendar.periods
    level = baseline.units.sum(axis=1).mean(axis=1)
    own = np.divide(baseline.error_sd, level, out=np.zeros(len(level)), where=level > 0)
    levels = []
    for name, words in _groups(inputs, 3):
        labels, member = np.unique(words.astype(str), return_inverse=True)
        if name == "product":
            sd = np.nan_to_num(own)[[inputs.products.positions[label] for label in labels]]
            sd = np.repeat(sd[:, None], periods, axis=1)
        else:
            key = "total" if name == "company" else name
            sd = np.array([_half_width(baseline.bands.get((key, label)), periods) for label in labels])
        levels.append(Level(name, tuple(labels), member, np.minimum(sd, WIDEST), HALF_LASTS))
    return tuple(levels)


def _half_width(band: np.ndarray | None, periods: int) -> np.ndarray:
    """(periods,) sd as a share of the expected units; 0 where no range is known."""
    if band is None:
        return np.zeros(periods)
    units, low, high = band[:3]
    width = np.nan_to_num(high - low) / 2 / P90
    return np.divide(width, units, out=np.zeros(periods), where=np.nan_to_num(units) > 0)


def _launches(inputs: Inputs) -> Iterator[LaunchRisk]:
    """Launches that are not certain yet; one inside the frozen zone is."""
    for launch in inputs.demand.launches:
        if launch.launch >= inputs.calendar.frozen:
            yield LaunchRisk(launch.project, launch.probability)


def _slips(inputs: Inputs, kept: pd.DataFrame) -> tuple[tuple[tuple[int, float], ...], int]:
    """Shares of launches by the periods they slip; how many kept dates tell it, 0 where the settings do.

    A kept date slipped by what the project's last known date is later; those made up do not count.
    """
    real = kept[~kept["sample"].astype(bool)].sort_values("cycle")
    last = real.groupby("project")["launch_period"].transform("last")
    earlier = real["cycle"] < real.groupby("project")["cycle"].transform("last")
    moved = (_position(inputs, last) - _position(inputs, real["launch_period"]))[earlier.to_numpy()]
    if len(moved) >= FEWEST_SLIPS:
        values, counts = np.unique(np.clip(moved, 0, MOST_SLIP), return_counts=True)
        return tuple(zip(values.tolist(), (counts / len(moved)).tolist(), strict=True)), len(moved)
    share, most = (setting(inputs, f"risk_launch_slip_{name}") for name in ("pct", "periods"))
    slipping = [(k, share / 100 / most) for k in range(1, int(most) + 1)]
    return ((0, 1 - sum(part for _, part in slipping)), *slipping), 0


def _position(inputs: Inputs, days: pd.Series) -> np.ndarray:
    return inputs.calendar.locate(days.to_numpy(dtype="datetime64[D]")).astype(int)


def _suppliers(inputs: Inputs) -> Iterator[Hazard]:
    """Suppliers that anything is bought or subcontracted from."""
    edges, sites = inputs.network.edges, inputs.network.sites
    used = set(edges.source[(edges.mode != TRANSFER) & (edges.source >= 0)].tolist())
    share, length = (setting(inputs, f"risk_supplier_loss_{name}") for name in ("pct", "periods"))
    for site in sorted(used, key=lambda one: sites.labels[one]):
        if sites.kind[site] == "supplier" and share and length:
            yield Hazard(sites.labels[site], share / 100, length)


def _lines(inputs: Inputs) -> Iterator[Hazard]:
    """Our own work centres whose hours are known."""
    resources, sites = inputs.network.resources, inputs.network.sites
    share, length = setting(inputs, "risk_line_outage_pct"), setting(inputs, "risk_line_outage_weeks")
    for position, label in enumerate(resources.labels):
        ours = sites.kind[resources.site[position]] != "supplier"
        if ours and share and length and np.isfinite(resources.available[position]).any():
            yield Hazard(label, share / 100, length)


def _items(inputs: Inputs, rows: pd.DataFrame) -> Iterator[Item]:
    """Open items that are not made up; an item in the plan is in every draw already."""
    for row in rows[(rows["status"] == "open") & ~rows["sample"].astype(bool)].itertuples():
        text = getattr(row, "levers", "") or ""
        share = _share_by_period(inputs, row)
        revenue, margin = (float(getattr(row, name)) for name in ("revenue", "gross_margin"))
        unknown = tuple(
            name for name, value in (("revenue", revenue), ("gross margin", margin)) if np.isnan(value)
        )
        yield Item(
            item_id=row.item_id,
            title=row.title,
            probability=row.probability_pct / 100,
            revenue=np.nan_to_num(revenue) * share,
            margin=np.nan_to_num(margin) * share,
            scenario=_adapting(inputs, Scenario.from_json(text)) if text else None,
            unknown=() if text else unknown,
        )


def _adapting(inputs: Inputs, scenario: Scenario) -> Scenario:
    """The levers of an item, none before anything can fail; those that end before then are left out."""
    calendar, opened = inputs.calendar, held_periods(inputs) + 1
    moved = []
    for lever in scenario.levers:
        first = max(calendar.plan_index(lever.first, 0), opened)
        if first <= min(calendar.plan_index(lever.last, calendar.periods), calendar.periods - 1):
            moved.append(replace(lever, first=calendar.plan_labels[first]))
    return Scenario(tuple(moved), scenario.name)


def _share_by_period(inputs: Inputs, row: object) -> np.ndarray:
    """(periods,) of an item's amount, spread evenly over its own periods."""
    days = [np.datetime64(getattr(row, name), "D") for name in ("from_period", "to_period")]
    first, last = (int(at) for at in inputs.calendar.locate(np.array(days)) - inputs.calendar.now)
    periods = np.arange(inputs.calendar.periods)
    return ((periods >= first) & (periods <= last)) / (last - first + 1)


def line_down(inputs: Inputs, line: str, weeks: float, start: int) -> Lever:
    """The lever of a work centre that is down from a plan period on."""
    return Lever(LeverKind.LINE_DOWN, weeks, line, first=inputs.calendar.plan_labels[start])


def _leaves(value: object) -> Iterator[bytes]:
    """Every value of a tree of dataclasses, in its order."""
    if isinstance(value, np.ndarray):
        yield (
            np.ascontiguousarray(value).tobytes() if value.dtype != object else repr(value.tolist()).encode()
        )
    elif isinstance(value, Scenario):
        yield value.to_json().encode()
    elif is_dataclass(value):
        for item in fields(value):
            yield from _leaves(getattr(value, item.name))
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield repr(value).encode()
