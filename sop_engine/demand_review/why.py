"""Why a number of the consensus is what it is: each step of the build-up taken apart into who did what, when
and why. The parts of a step add up to it, and the steps to the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from sop_engine.demand_review.consensus import (
    DemandPlan,
    Moves,
    demand_moves,
    launch_units,
    price_moves,
    with_phase_outs,
    without_cannibalised,
)
from sop_engine.demand_review.events import event_moves
from sop_engine.demand_review.judgement import change_words, override_moves, stream_moves
from sop_engine.demand_review.series import Kind
from sop_engine.inputs import Inputs
from sop_engine.inputs.events import Event
from sop_engine.inputs.lifecycle import Launch
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import LEVERS, Lever, LeverKind, Scenario

What = TypeVar("What")
Cells = tuple[np.ndarray, ...]  # open-mesh index (products, markets, periods) of a scope
ORDERS_NAMED = 5
COLUMNS = ["step", "contribution", "units", "money", "who", "when", "why"]


@dataclass(frozen=True, eq=False)
class Contribution:
    """What one cause adds to a scope.

    step: of DemandPlan.steps; units: (products, markets, periods) of the scope
    who, when, why: in words, "" where nobody said
    """

    step: str
    name: str
    units: np.ndarray
    who: str = ""
    when: str = ""
    why: str = ""


@dataclass(frozen=True, eq=False)
class _Step:
    """A step that is taken apart. units: before it, added: by it, all cells of the plan."""

    name: str
    inputs: Inputs
    scenario: Scenario
    portfolio: Portfolio
    units: np.ndarray
    added: np.ndarray
    cells: Cells

    def part(self, name: str, added: np.ndarray, **told: str) -> Contribution:
        """A cause that adds these units, of which the scope's cells are taken."""
        return Contribution(self.name, name, added[self.cells], **told)

    def moved(self, moves: Iterable[tuple[What, np.ndarray]]) -> Iterator[tuple[What, np.ndarray]]:
        """Each of the moves with what it adds to the scope. moves: (what, units of all cells after it)."""
        before = self.units[self.cells]
        for what, units in moves:
            after = units[self.cells]
            yield what, after - before
            before = after


def contributions(
    inputs: Inputs, scenario: Scenario, portfolio: Portfolio, demand: DemandPlan, cells: Cells
) -> Iterator[Contribution]:
    """What made the unconstrained demand of a scope, in the order of the steps of the plan.

    cells: np.ix_ of products, markets and plan periods. The units add up to `demand.unconstrained` and, step
    by step, to `demand.steps` of these cells; causes that touch none of them are left out, the statistical
    baseline never is.
    """
    units = np.zeros_like(demand.unconstrained)
    for name, added in demand.steps.items():
        step = _Step(name, inputs, scenario, portfolio, units, added, cells)
        for part in _PARTS.get(name, _whole)(step):
            if part.units.any() or name == _BASELINE:
                yield part
        units = units + added


def build_up(parts: Iterable[Contribution], price: np.ndarray) -> pd.DataFrame:
    """COLUMNS, one row per contribution. price: (products, markets, periods) of the same scope, base currency
    a unit; a cell without one counts 0, and money is NaN where no cell has any.
    """
    worth = np.nan_to_num(price) if np.isfinite(price).any() else price
    rows = [
        (part.step, part.name, part.units.sum(), (part.units * worth).sum(), part.who, part.when, part.why)
        for part in parts
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _whole(step: _Step) -> Iterator[Contribution]:
    """A step that has one cause."""
    yield step.part(step.name, step.added)


def _baseline(step: _Step) -> Iterator[Contribution]:
    products = step.cells[0].ravel()
    sold = products[step.inputs.products.sellable[products]]
    kinds = Counter(
        "unsold" if kind == Kind.NONE else kind for kind in step.inputs.demand.baseline.kind[sold]
    )
    words = ", ".join(f"{count} {kind}" if len(sold) > 1 else kind for kind, count in kinds.most_common())
    yield step.part(_BASELINE, step.added, why=f"{words} series" if words else "")


def _phase_outs(step: _Step) -> Iterator[Contribution]:
    """What each product loses outside its life, then what successors take over."""
    endings, labels = step.portfolio.phase_outs, step.inputs.products.labels
    ended = with_phase_outs(step.units, (), step.portfolio.active) - step.units
    others = np.ones(len(labels), dtype=bool)
    for product in dict.fromkeys(ending.product for ending in endings):
        others[product] = False
        yield step.part(f"Phase-out of {labels[product]}", _only(ended, product))
    yield step.part(
        "Not sold in these months", ended * others[:, None, None], why="before a launch or past an end"
    )
    after = [with_phase_outs(step.units, endings[:n], step.portfolio.active) for n in range(len(endings) + 1)]
    for ending, before, then in zip(endings, after, after[1:], strict=False):
        if ending.successor >= 0:
            name = f"{labels[ending.successor]} takes over from {labels[ending.product]}"
            yield step.part(name, then - before, why=f"{100 * ending.transfer:g} % of what it loses")


def _only(units: np.ndarray, product: int) -> np.ndarray:
    kept = np.zeros_like(units)
    kept[product] = units[product]
    return kept


def _launches(step: _Step) -> Iterator[Contribution]:
    for launch in step.portfolio.launches:
        units = launch_units(step.inputs, (launch,))
        yield step.part(f"Launch {launch.project}", units, who=launch.owner, why=_launch_words(launch, step))


def _launch_words(launch: Launch, step: _Step) -> str:
    labels = step.inputs.calendar.plan_labels
    start = labels[launch.launch] if launch.launch < len(labels) else "after the plan"
    words = [
        f"like {step.inputs.products.labels[launch.like]} x {100 * launch.scale:g} %",
        f"from {start}",
        f"full rate in {launch.ramp} periods" if launch.ramp > 1 else "",
        *(lever.in_words() for lever in _of_launch(step.scenario, launch.project)),
    ]
    return ", ".join(filter(None, words))


def _of_launch(scenario: Scenario, project: str) -> list[Lever]:
    levers = scenario.of(LeverKind.LAUNCH_IN, LeverKind.LAUNCH_SLIP)
    return [lever for lever in levers if lever.target in ("", project)]


def _cannibalisation(step: _Step) -> Iterator[Contribution]:
    launches = step.portfolio.launches
    launched, before = launch_units(step.inputs, launches), step.units
    for launch in launches:
        after = without_cannibalised(before, launched, (launch,))
        share, eaten = 100 * launch.cannibalisation, len(launch.cannibalises)
        why = f"{share:g} % of the launch's units, out of {eaten} product{'s' * (eaten > 1)}"
        yield step.part(
            f"Cannibalisation through {launch.project}", after - before, who=launch.owner, why=why
        )
        before = after


def _list_prices(step: _Step) -> Iterator[Contribution]:
    yield step.part(step.name, step.added, why="dated changes of the price table x elasticity")


def _streams(step: _Step) -> Iterator[Contribution]:
    for view, units in step.moved(stream_moves(step.units, step.inputs)):
        weight = _weight_words(step, view.stream)
        yield Contribution(step.name, f"Stream {view.stream}", units, who=view.author, why=weight)


def _weight_words(step: _Step, stream: str) -> str:
    """The weights of a stream in the scope: "weight 60 %" or "weight 30 to 60 %"."""
    products, _, periods = step.cells
    weights = np.broadcast_to(step.inputs.demand.stream_weights[stream], step.units.shape[::2])
    inside = 100 * weights[np.ix_(products.ravel(), periods.ravel())]
    low, high = inside.min(), inside.max()
    return f"weight {high:g} %" if low == high else f"weight {low:g} to {high:g} %"


def _events(step: _Step) -> Iterator[Contribution]:
    for event, units in step.moved(event_moves(step.units, step.inputs)):
        words = _event_words(event, step.inputs)
        yield Contribution(step.name, f"Event {event.event}", units, who=event.owner, why=words)


def _event_words(event: Event, inputs: Inputs) -> str:
    words = [
        f"{event.lift_pct:+g} %" if np.nan_to_num(event.lift_pct) else "",
        f"{event.lift_units:+,g} units a period" if np.nan_to_num(event.lift_units) else "",
        f"price {event.price_change_pct:+g} %" if event.price_change_pct else "",
        f"costs {event.cost:,.0f} {inputs.money.base_currency}".rstrip() if event.cost else "",
    ]
    return ", ".join(filter(None, words))


def _overrides(step: _Step) -> Iterator[Contribution]:
    currency = step.inputs.money.base_currency
    for override, units in step.moved(override_moves(step.units, step.inputs)):
        by = override.created_by if override.created_by != override.owner else ""
        yield Contribution(
            step.name,
            f"Override {override.override_id} ({change_words(override.kind, override.value, currency)})",
            units,
            who=override.owner + (f" (written by {by})" if by and override.owner else by),
            when=_day(override.created_at),
            why="; ".join(filter(None, [override.reason, override.note])),
        )


def _levers(moves: Moves, step: _Step) -> Iterator[Contribution]:
    """Each lever, moving what those before it left."""
    units = step.units
    for lever, after in moves(units, step.inputs, step.scenario):
        told = {"who": "working scenario", "why": replace(lever, spend=0.0).in_words()}
        if lever.spend:
            told["why"] += f", costs {lever.spend:,.0f}"
        yield step.part(_lever_name(lever), after - units, **told)
        units = after


def _lever_name(lever: Lever) -> str:
    spec = LEVERS[lever.kind]
    return " ".join(
        filter(None, ["Lever", spec.label.lower(), lever.target, lever.market, spec.amount(lever.value)])
    )


def _orders(step: _Step) -> Iterator[Contribution]:
    """Open orders above the forecast of their cells, the largest named."""
    book = step.inputs.demand.orders
    inside = np.zeros(step.units.shape, dtype=bool)
    inside[step.cells] = step.added[step.cells] > 0
    planned = book.period < step.inputs.calendar.periods
    named = np.flatnonzero(planned)[inside[book.product[planned], book.market[planned], book.period[planned]]]
    largest = named[np.argsort(-book.units[named], kind="stable")]
    words = [f"{book.labels[i]}{' (overdue)' if book.overdue[i] else ''}" for i in largest[:ORDERS_NAMED]]
    more = [f"{len(largest) - ORDERS_NAMED} more"] if len(largest) > ORDERS_NAMED else []
    yield step.part(step.name, step.added, who="order book", why="orders " + ", ".join([*words, *more]))


def _fence(step: _Step) -> Iterator[Contribution]:
    periods = int(step.inputs.settings["demand_fence_periods"])
    why = f"inside the fence of {periods} periods what is not ordered is dropped"
    yield step.part(step.name, step.added, why=why)


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.day} {at:%b %Y}"


_BASELINE = "Statistical baseline"
_PARTS: dict[str, Callable[[_Step], Iterator[Contribution]]] = {
    _BASELINE: _baseline,
    "Phase-outs": _phase_outs,
    "Launches": _launches,
    "Cannibalisation": _cannibalisation,
    "List prices": _list_prices,
    "Streams": _streams,
    "Events": _events,
    "Overrides": _overrides,
    "Price": partial(_levers, price_moves),
    "Levers": partial(_levers, demand_moves),
    "Orders above forecast": _orders,
    "Demand fence": _fence,
}
