"""One side of the bridge from a kept plan to the plan now: what it says of every cell, and what it does not.

A kept plan is read from the cells of its snapshot; those of an earlier version of the program hold less.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sop_engine.demand_review.consensus import demand_moves, price_moves
from sop_engine.demand_review.judgement import override_moves
from sop_engine.errors import PlanError
from sop_engine.finance_review.valuation import IN_MARGIN
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan, adopted_levers
from sop_engine.pre_sop.shortfall import NO_CAUSE, Cause, short_by_cause

STEP = "demand_units: "  # before the name of a step of the consensus
REQUESTED = "requested_units: "  # before the name of the step that carries accepted requests out
SHORT = "short_units: "  # before the reason of a shortage; its root stands in resource or site
NOTICED = 1e-6  # of the largest units: less than this is no difference


@dataclass(frozen=True, eq=False)
class Side:
    """What one plan says; arrays (products, markets, periods) over the periods that today's plan reports.

    periods: plan periods that it holds; 0 or NaN stands in the others
    steps: {step: units of demand}; requested: {step: units in it that accepted requests asked for}
    rest: units of demand that no kept step explains
    short: {cause: units that are not delivered when due, less those that catch up}; None: nothing is kept
    of supply
    local_price, unit_cost: per unit, NaN where nothing is kept or delivered; rate: (markets,
    periods); choices: (periods,) money taken off the margin by supply choices, NaN where not kept
    today_rates: its own exchange rates were not kept, so today's stand for them
    gone: {measure: total} of products and markets that are no longer on file, which are left out
    """

    label: str
    periods: np.ndarray
    steps: Mapping[str, np.ndarray]
    requested: Mapping[str, np.ndarray]
    rest: np.ndarray
    short: Mapping[Cause, np.ndarray] | None
    local_price: np.ndarray
    rate: np.ndarray
    unit_cost: np.ndarray
    choices: np.ndarray
    today_rates: bool = False
    gone: Mapping[str, float] = field(default_factory=dict)

    @property
    def demand(self) -> np.ndarray:
        """Unconstrained units."""
        return sum(self.steps.values(), start=self.rest)

    @property
    def delivered(self) -> np.ndarray:
        """Units delivered; where nothing is kept of supply, the demand."""
        return self.demand - sum((self.short or {}).values(), start=np.zeros(self.rest.shape))

    @property
    def whole_demand(self) -> bool:
        """Whether its steps explain all of its demand."""
        return _negligible(self.rest, self.demand)

    @property
    def names_causes(self) -> bool:
        """Whether it says why something is not delivered, where anything is not."""
        return self.short is not None and (
            len(self.short) > 1 or _negligible(self.short[NO_CAUSE], self.demand)
        )


def side_of(plan: Plan, label: str, requested: Set[str] = frozenset()) -> Side:
    """The plan as it is now. requested: ids of the overrides that carry accepted requests out"""
    reported = slice(plan.inputs.calendar.horizon)
    finance, shape = plan.finance, plan.finance.price[:, :, reported].shape
    return Side(
        label=label,
        periods=np.arange(plan.inputs.calendar.horizon),
        steps={name: units[:, :, reported] for name, units in plan.demand.steps.items()},
        requested={name: units[:, :, reported] for name, units in requested_units(plan, requested).items()},
        rest=np.zeros(shape),
        short={cause: units[:, :, reported] for cause, units in short_by_cause(plan).items()},
        local_price=finance.local_price[:, :, reported],
        rate=finance.rate[:, reported],
        unit_cost=np.broadcast_to(finance.unit_cost[:, None, reported], shape),
        choices=sum(finance.choice_costs[name] for name in IN_MARGIN)[reported],
    )


def requested_units(plan: Plan, overrides: Set[str] = frozenset()) -> dict[str, np.ndarray]:
    """{step: (products, markets, periods) units that accepted requests put into it}.

    overrides: ids of those that carry requests out; the levers that requests adopted are known to the plan
    """
    inputs, adopted = plan.inputs, adopted_levers(plan.inputs)
    made = {
        "Overrides": (
            override_moves(plan.demand.before("Overrides"), inputs),
            lambda o: o.override_id in overrides,
        ),
        "Price": (price_moves(plan.demand.before("Price"), inputs, plan.levers), adopted.__contains__),
        "Levers": (demand_moves(plan.demand.before("Levers"), inputs, plan.levers), adopted.__contains__),
    }
    found = {}
    if overrides or adopted:
        for step, (moves, asked) in made.items():
            before, units = plan.demand.before(step), np.zeros(plan.demand.unconstrained.shape)
            for what, after in moves:
                units += (after - before) * asked(what)
                before = after
            found[step] = units
    return found


def kept_side(inputs: Inputs, label: str, cells: pd.DataFrame) -> Side:
    """A snapshot on today's products, markets and periods.

    cells: measure, product, market, site, resource, period, value; a cell that is not there is 0
    Raises PlanError where it holds none of the months that today's plan reports.
    """
    calendar = inputs.calendar
    period = calendar.locate(cells["period"].to_numpy(dtype="datetime64[D]")) - calendar.now
    cells = cells.assign(period=period)[(period >= 0) & (period < calendar.horizon)]
    held = cells.loc[cells["measure"] == "demand_units", "period"]
    if held.empty:
        raise PlanError(f"{label} holds none of the months of today's plan. Choose a later one.")
    sheets = _Sheets(inputs, cells)
    demand = sheets.of("demand_units")
    steps = sheets.named(STEP)
    delivered = sheets.of("on_time_units") + sheets.of("late_units")
    rate = sheets.rate()
    return Side(
        label=label,
        periods=np.arange(held.min(), held.max() + 1),
        steps=steps,
        requested=sheets.named(REQUESTED),
        rest=demand - sum(steps.values(), start=np.zeros(demand.shape)),
        short=sheets.short(demand - delivered) if sheets.has("on_time_units", "late_units") else None,
        local_price=_per_unit(sheets.of("revenue"), delivered, sheets.has("revenue")) / rate,
        rate=rate,
        unit_cost=_per_unit(sheets.of("standard_cost"), delivered, sheets.has("standard_cost")),
        choices=sheets.choices(),
        today_rates=not sheets.has("exchange_rate"),
        gone={
            name: sheets.of_company(name).sum() - sheets.of(name).sum()
            for name in ("demand_units", "revenue")
        },
    )


class _Sheets:
    """The cells of a snapshot by measure, laid on today's axes."""

    def __init__(self, inputs: Inputs, cells: pd.DataFrame) -> None:
        self.inputs = inputs
        self.shape = len(inputs.products), len(inputs.markets), inputs.calendar.horizon
        self.rows = dict(tuple(cells.groupby("measure")))

    def has(self, *measures: str) -> bool:
        """Whether anything is kept of one of these measures."""
        return any(measure in self.rows for measure in measures)

    def of(self, measure: str, root: str | None = None) -> np.ndarray:
        """(products, markets, periods); root: only the cells of this resource or site."""
        laid = np.zeros(self.shape)
        if measure in self.rows:
            rows = self.rows[measure]
            rows = rows if root is None else rows[rows["resource"] + rows["site"] == root]
            product, market = (
                rows[name].map(axis.positions).fillna(-1).to_numpy(dtype=int)
                for name, axis in (("product", self.inputs.products), ("market", self.inputs.markets))
            )
            known = (product >= 0) & (market >= 0)
            at = product[known], market[known], rows["period"].to_numpy()[known]
            np.add.at(laid, at, rows["value"].to_numpy(dtype=float)[known])
        return laid

    def named(self, prefix: str) -> dict[str, np.ndarray]:
        """{name: cells} of the measures that begin with the prefix."""
        found = (measure for measure in self.rows if measure.startswith(prefix))
        return {measure.removeprefix(prefix): self.of(measure) for measure in found}

    def of_company(self, measure: str) -> np.ndarray:
        """(periods,) sum of all cells, those of labels no longer on file too."""
        total = np.zeros(self.shape[2])
        if measure in self.rows:
            rows = self.rows[measure]
            np.add.at(total, rows["period"].to_numpy(), rows["value"].to_numpy(dtype=float))
        return total

    def choices(self) -> np.ndarray:
        """(periods,) money of supply choices: what is missing from revenue less standard cost."""
        if not self.has("gross_margin"):
            return np.full(self.shape[2], np.nan)
        at_standard = self.of_company("revenue") - self.of_company("standard_cost")
        return at_standard - self.of_company("gross_margin")

    def rate(self) -> np.ndarray:
        """(markets, periods) the exchange rates that were kept, today's where none were."""
        rate = self.inputs.money.rate[:, : self.shape[2]].copy()
        if self.has("exchange_rate"):
            rows = self.rows["exchange_rate"]
            rows = rows[rows["market"].isin(self.inputs.markets.positions)]
            market = rows["market"].map(self.inputs.markets.positions).to_numpy(dtype=int)
            rate[market, rows["period"].to_numpy()] = rows["value"].to_numpy(dtype=float)
        return rate

    def short(self, undelivered: np.ndarray) -> dict[Cause, np.ndarray]:
        """{cause: units}, with what no kept cause explains; they add up to `undelivered`."""
        found = {
            (measure.removeprefix(SHORT), root): self.of(measure, root)
            for measure in self.rows
            if measure.startswith(SHORT)
            for root in sorted(set(self.rows[measure]["resource"] + self.rows[measure]["site"]))
        }
        return {**found, NO_CAUSE: undelivered - sum(found.values(), start=np.zeros(self.shape))}


def _per_unit(money: np.ndarray, units: np.ndarray, kept: bool) -> np.ndarray:
    """Money per unit; NaN where nothing is delivered or no money was kept."""
    priced = (units > 0) & kept
    return np.divide(money, units, out=np.full(units.shape, np.nan), where=priced)


def _negligible(part: np.ndarray, whole: np.ndarray) -> bool:
    return bool(np.abs(part).max(initial=0.0) <= NOTICED * max(np.abs(whole).max(initial=0.0), 1.0))
