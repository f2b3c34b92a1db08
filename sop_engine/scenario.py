"""Scenarios: a small, hashable set of levers over the baseline; their bounds, words and JSON form, and which
levers do not fit the data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum

import numpy as np

from sop_engine.errors import ScenarioError
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar


class LeverKind(StrEnum):
    """What can be moved; the value is the lever's name in files and addresses."""

    DEMAND = "demand"
    PRICE = "price"
    LAUNCH_IN = "launch_in"
    LAUNCH_SLIP = "launch_slip"
    PHASE_OUT = "phase_out"
    CAPACITY = "capacity"
    EXTRA_SHIFT = "extra_shift"
    SATURDAYS = "saturdays"
    LINE_DOWN = "line_down"
    OVERTIME = "overtime"
    SUBCONTRACT = "subcontract"
    SUPPLIER_LEAD_TIME = "supplier_lead_time"
    SUPPLIER_LIMIT = "supplier_limit"
    SERVICE_LEVEL = "service_level"
    UNIT_COST = "unit_cost"
    FREIGHT = "freight"
    EXCHANGE_RATE = "exchange_rate"


@dataclass(frozen=True)
class LeverSpec:
    """Bounds and meaning of one kind of lever.

    target: what the lever names ("product group", "product", "resource", "supplier", "project", "currency"
    or "")
    neutral: the value that changes nothing; None where the master data's own value is the neutral one
    """

    label: str
    unit: str
    neutral: float | None
    low: float
    high: float
    step: float
    target: str
    stage: str

    def amount(self, value: float) -> str:
        """A value with its unit, and its sign where both are possible.

        >>> LEVERS[LeverKind.LINE_DOWN].amount(1), LEVERS[LeverKind.DEMAND].amount(5)
        ('1 week', '+5 %')
        """
        sign = "+" if value and self.neutral == 0 and self.low < 0 else ""
        unit = re.sub(r"^(\w+)s\b", r"\1", self.unit) if abs(value) == 1 else self.unit
        return f"{value or 0:{sign}g} {unit}".rstrip()


LEVERS: dict[LeverKind, LeverSpec] = {
    LeverKind.DEMAND: LeverSpec("Demand", "%", 0, -30, 30, 1, "product group", "demand"),
    LeverKind.PRICE: LeverSpec("Price", "%", 0, -15, 15, 0.5, "product group", "demand"),
    LeverKind.LAUNCH_IN: LeverSpec("Launch in the plan", "", None, 0, 1, 1, "project", "product"),
    LeverKind.LAUNCH_SLIP: LeverSpec("Launch slip", "periods", 0, 0, 6, 1, "project", "product"),
    LeverKind.PHASE_OUT: LeverSpec("Phase-out", "periods", None, 0, 120, 1, "product", "product"),
    LeverKind.CAPACITY: LeverSpec("Capacity", "%", 0, -30, 30, 1, "resource", "supply"),
    LeverKind.EXTRA_SHIFT: LeverSpec("Extra shift", "shifts", 0, 0, 1, 1, "resource", "supply"),
    LeverKind.SATURDAYS: LeverSpec("Saturdays", "days a week", 0, 0, 1, 1, "resource", "supply"),
    LeverKind.LINE_DOWN: LeverSpec("Line down", "weeks", 0, 0, 8, 1, "resource", "supply"),
    LeverKind.OVERTIME: LeverSpec("Overtime limit", "% of hours", None, 0, 30, 1, "resource", "supply"),
    LeverKind.SUBCONTRACT: LeverSpec(
        "Subcontract limit", "units a period", None, 0, 2000, 50, "supplier", "supply"
    ),
    LeverKind.SUPPLIER_LEAD_TIME: LeverSpec(
        "Supplier lead time", "days", 0, -30, 90, 5, "supplier", "supply"
    ),
    LeverKind.SUPPLIER_LIMIT: LeverSpec("Supplier limit", "%", 0, -50, 100, 5, "supplier", "supply"),
    LeverKind.SERVICE_LEVEL: LeverSpec("Service level", "%", None, 80, 99.5, 0.5, "product group", "supply"),
    LeverKind.UNIT_COST: LeverSpec("Unit cost", "%", 0, -20, 20, 1, "product group", "finance"),
    LeverKind.FREIGHT: LeverSpec("Freight", "%", 0, -50, 100, 1, "", "finance"),
    LeverKind.EXCHANGE_RATE: LeverSpec("Exchange rate", "%", 0, -20, 20, 1, "currency", "finance"),
}


@dataclass(frozen=True, order=True)
class Lever:
    """One change over the baseline.

    kind: which lever; value: in the unit of its spec
    target: label it applies to (a product, family or category; a resource; a site; a project; a currency); ""
    is all
    market: market, region or channel label; "" is all
    first, last: bucket labels, both inclusive; "" is from the earliest possible / to the end
    spend: one-off money that buys the effect, charged in the first period it acts
    Raises ScenarioError when the kind is unknown, the value is outside its bounds, or a label is no text.
    """

    kind: LeverKind
    value: float
    target: str = ""
    market: str = ""
    first: str = ""
    last: str = ""
    spend: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in LEVERS:
            raise ScenarioError(f"'{self.kind}' is no lever. Levers are: {', '.join(LEVERS)}.")
        object.__setattr__(self, "kind", LeverKind(self.kind))
        object.__setattr__(self, "value", float(self.value))
        object.__setattr__(self, "spend", float(self.spend))
        if not all(isinstance(label, str) for label in self.scope):
            raise ScenarioError("A lever's target, market, first and last are labels. Write them as text.")
        if not 0 <= self.spend < np.inf:
            raise ScenarioError(f"Spend {self.spend:g} is no amount of money. Write 0 or more.")
        spec = LEVERS[self.kind]
        if not spec.low <= self.value <= spec.high:
            raise ScenarioError(
                f"{spec.label} {self.value:g} {spec.unit} is outside "
                f"{spec.low:g} to {spec.high:g}. Choose a value between."
            )

    @property
    def is_neutral(self) -> bool:
        return self.value == LEVERS[self.kind].neutral and self.spend == 0

    @property
    def scope(self) -> tuple[str, ...]:
        """What the lever is about, without how far: two levers of one scope replace each other."""
        return (self.kind, self.target, self.market, self.first, self.last)

    def in_words(self) -> str:
        """The lever as a phrase: "Demand of Road Bikes +10 %, 2014-01 to 2014-03"."""
        spec = LEVERS[self.kind]
        what = (
            spec.label
            + (f" of {self.target}" if self.target else "")
            + (f" in {self.market}" if self.market else "")
        )
        spend = f", spend {self.spend:,.0f}" if self.spend else ""
        return f"{what} {self._amount()}".rstrip() + self._window() + spend

    def _amount(self) -> str:
        spec = LEVERS[self.kind]
        if self.kind is LeverKind.LAUNCH_IN:
            return "in" if self.value else "out"
        if self.kind is LeverKind.PHASE_OUT:
            return f"after {spec.amount(self.value)}"
        if self.kind in (LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS) and self.value == spec.high:
            return ""
        if self.kind is LeverKind.EXCHANGE_RATE:
            return f"{abs(self.value):g} % {'stronger' if self.value >= 0 else 'weaker'}"
        return spec.amount(self.value)

    def _window(self) -> str:
        if self.first and self.last:
            return f", {self.first}" if self.first == self.last else f", {self.first} to {self.last}"
        return f", from {self.first}" if self.first else f", to {self.last}" if self.last else ""


@dataclass(frozen=True)
class Scenario:
    """A set of levers over the baseline: order does not matter, neutral levers vanish, the name is no part of
    its identity.

    >>> Scenario((Lever("demand", 10),)) == Scenario((Lever("demand", 10.0),), name="x")
    True
    """

    levers: tuple[Lever, ...] = ()
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        by_scope = {lever.scope: lever for lever in self.levers}
        kept = sorted(lever for lever in by_scope.values() if not lever.is_neutral)
        object.__setattr__(self, "levers", tuple(kept))

    @property
    def is_baseline(self) -> bool:
        return not self.levers

    def of(self, *kinds: LeverKind) -> tuple[Lever, ...]:
        """The levers of these kinds."""
        return tuple(lever for lever in self.levers if lever.kind in kinds)

    def with_lever(self, lever: Lever) -> Scenario:
        """This scenario with `lever` in place of any lever of the same scope."""
        return Scenario((*self.levers, lever), self.name)

    def without(self, lever: Lever) -> Scenario:
        return Scenario(tuple(other for other in self.levers if other != lever), self.name)

    def in_words(self) -> str:
        return "; ".join(lever.in_words() for lever in self.levers) or "No change to the baseline"

    def to_json(self) -> str:
        """Compact JSON; `from_json` gives an equal scenario back."""
        defaults = {f.name: f.default for f in fields(Lever)}
        levers = [{k: v for k, v in asdict(lever).items() if v != defaults[k]} for lever in self.levers]
        return json.dumps({"name": self.name, "levers": levers}, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> Scenario:
        """Raises ScenarioError that says what is wrong with the text or its levers."""
        try:
            data = json.loads(text)
            levers = tuple(Lever(**lever) for lever in data["levers"])
        except (ValueError, TypeError, KeyError) as fault:
            raise ScenarioError(
                f'This is no scenario: {fault}. Expected {{"name": ..., "levers": [...]}}.'
            ) from fault
        return Scenario(levers, str(data.get("name", "")))


BASELINE = Scenario()


def acting_periods(lever: Lever, calendar: Calendar, lead_periods: int = 0) -> np.ndarray:
    """(periods,) bool: plan periods in which the lever acts.

    Nothing acts in the frozen zone, nor before the lever's own lead time has passed.
    """
    first = max(calendar.plan_index(lever.first, 0), calendar.frozen, lead_periods)
    last = calendar.plan_index(lever.last, calendar.periods - 1)
    periods = np.arange(calendar.periods)
    return (periods >= first) & (periods <= last)


def misfits(scenario: Scenario, inputs: Inputs) -> tuple[Lever, ...]:
    """The levers whose target, market or months are not in the data, or lack what the lever is computed
    from; the scenario without them can be planned.
    """
    return tuple(lever for lever in scenario.levers if not _fits(lever, inputs))


def _fits(lever: Lever, inputs: Inputs) -> bool:
    markets = inputs.markets
    cut = lever.kind in (LeverKind.DEMAND, LeverKind.PRICE)  # the levers that can act on some markets alone
    places = {"", *markets.labels, *markets.region, *markets.channel} if cut else {""}
    named = lever.kind in (LeverKind.LAUNCH_IN, LeverKind.PHASE_OUT)  # these act on one thing, never on all
    targets = {*_targets(lever.kind, inputs)} | (set() if named else {""})
    labels = ("", *inputs.calendar.plan_labels)
    window = lever.first in labels and lever.last in labels and not lever.first > lever.last > ""
    return lever.market in places and lever.target in targets and window


def _targets(kind: LeverKind, inputs: Inputs) -> Iterable[str]:
    """Labels that a lever of this kind can name."""
    products, network = inputs.products, inputs.network
    match LEVERS[kind].target:
        case "product group":
            return {*products.labels, *products.family, *products.category}
        case "product":
            return products.labels
        case "resource":
            resources = network.resources
            counted = kind not in (LeverKind.EXTRA_SHIFT, LeverKind.SATURDAYS)
            known = zip(resources.labels, resources.stations, strict=True)
            return {label for label, stations in known if counted or not np.isnan(stations)}
        case "supplier":
            return np.array(network.sites.labels, dtype=object)[network.sites.kind == "supplier"]
        case "project":
            return {launch.project for launch in inputs.demand.launches}
        case "currency":
            return set(inputs.markets.currency) - {inputs.money.base_currency}
    return ()
