"""Every option solved exactly in every draw: what is decided stays decided, what comes later adapts.

What the option's plan starts in the held periods stays. All else is decided knowing the whole draw: perfect
foresight after the held periods is the one simplification, and `foresight_error` measures it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice
from threading import Event, Lock

import numpy as np

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.demand_review.orders import order_units
from sop_engine.errors import PlanError
from sop_engine.executive_sop.scorecard import scorecard
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.valuation import value_plan
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import TRANSFER
from sop_engine.plan import Plan, in_force
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.risk.drivers import MOST_SLIP, Drivers
from sop_engine.risk.futures import Future, Futures, as_planned
from sop_engine.risk.outcome import MEASURES, Outcomes
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.structure import covers
from sop_engine.supply_review.supply import (
    plan_supply,
    read_plan,  # a draw is read once, so nothing is kept of it
)

THREADS, WATCH_SECONDS = 2, 0.05
LESS = (-0.15, -0.35)  # logs of demand: less of it is solved in half the steps from there, more of it is not
LEAN = 0.05  # from a plan of less it is a shorter way than from one of more
LATER = 3  # periods after the held ones, at which the second step of the foresight check plans again
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Option:
    """An option that is carried out: its plan, and the model that holds what it has decided.

    near: plans of less demand to start solving from, by its log against the plan's, the plan itself at 0; a
    draw starts at the nearest one, so that its answer depends on nothing but itself
    """

    plan: Plan
    model: SupplyModel
    near: Mapping[float, SupplyModel]

    def apart(self) -> Option:
        """The same option with solvers of its own, for another thread."""
        return option_of(self.plan, self.model.apart())

    def start(self, demand: DemandPlan) -> SupplyModel:
        """The model at the plan that is nearest to this demand."""
        drawn, planned = (self._worth(one.unconstrained) for one in (demand, self.plan.demand))
        size = np.log(drawn / planned) if drawn > 0 and planned > 0 else 0.0
        return self.near[min(self.near, key=lambda at: abs(at + LEAN - size))]

    def _worth(self, units: np.ndarray) -> float:
        price = self.plan.finance.price
        return float((units * (1.0 if np.isnan(price).all() else np.nan_to_num(price))).sum())


def option_of(plan: Plan, model: SupplyModel) -> Option:
    """An option with the plans to start from, which the model solves."""
    still, near = as_planned(plan.inputs), {0.0: model}
    for size in LESS:
        less = replace(still, demand=np.full(still.demand.shape, np.exp(size)))
        demand = drawn_demand(plan.inputs, plan.demand, less)
        near[size] = model.at_rest(model.request(plan.levers, demand))
    return Option(plan, model, near)


def simulate(
    inputs: Inputs,
    options: Sequence[Scenario],
    drivers: Drivers,
    *,
    seed: int,
    draws: int,
    model: SupplyModel | None = None,
    threads: int = THREADS,
    progress: Progress | None = None,
    stop: Event | None = None,
) -> Outcomes | None:
    """The fiscal year's figures of every option in every draw; None where it was stopped.

    The same draws meet every option, and the answer depends on neither the threads nor their order.
    model: compiled for these inputs, and nobody else's meanwhile; compiled here if there is none
    progress(done, total): called after each plan solved. Raises PlanError or ScenarioError where an option
    cannot be planned.
    """
    stop, pool = stop or Event(), ThreadPoolExecutor(1)
    told = _Counter(len(options) * draws, progress)
    work = pool.submit(_every_option, inputs, options, drivers, seed, draws, model, threads, told, stop)
    pool.shutdown(wait=False)  # once it is stopped nobody waits for the plans that are being solved
    while not stop.is_set():
        if wait([work], WATCH_SECONDS).done:
            return work.result()
    return None


def _every_option(
    inputs: Inputs,
    options: Sequence[Scenario],
    drivers: Drivers,
    seed: int,
    draws: int,
    model: SupplyModel | None,
    threads: int,
    told: _Counter,
    stop: Event,
) -> Outcomes | None:
    """As `simulate`, but what is being solved when it is stopped is waited for."""
    futures = Futures(inputs, drivers, seed, draws)
    model = model or roomy_model(inputs, drivers)
    found = np.full((len(options), draws, len(ROWS)), np.nan)
    stated = np.full((len(options), len(ROWS)), np.nan)
    for row, scenario in enumerate(options):
        if stop.is_set():
            return None
        option = carried_out(inputs, scenario, drivers, model)
        stated[row] = figures_of(option.plan, as_planned(inputs))

        def one(mine: Option, draw: int, row: int = row) -> None:
            if not stop.is_set():
                found[row, draw] = figures_of(*solved(mine, futures[draw]))
                told.more()

        _spread(one, option, draws, threads)
    return None if stop.is_set() else _outcomes(inputs, options, drivers, seed, stated, found)


def _spread(work: Callable[[Option, int], None], option: Option, draws: int, threads: int) -> None:
    """Every draw worked on once, each thread with a solver of its own; a fault ends all of them."""
    faulty = Event()

    def share(first: int) -> None:
        try:
            mine = option.apart() if first else option
            for draw in range(first, draws, threads):
                if not faulty.is_set():
                    work(mine, draw)
        except BaseException:
            faulty.set()
            raise

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(share, range(threads)))


def roomy_model(inputs: Inputs, drivers: Drivers) -> SupplyModel:
    """A compiled model with room for what the levers of open items bring."""
    more = [in_force(inputs, item.scenario) for item in drivers.items if item.scenario]
    return compile_model(inputs, *(plan_demand(inputs, one, plan_portfolio(inputs, one)) for one in more))


def carried_out(inputs: Inputs, scenario: Scenario, drivers: Drivers, model: SupplyModel) -> Option:
    """The option's own plan, and the model that holds what it starts in the held periods."""
    levers = in_force(inputs, scenario)
    portfolio = plan_portfolio(inputs, levers)
    demand = plan_demand(inputs, levers, portfolio)
    if not covers(model.structure.claims, demand):
        model = compile_model(inputs, demand)
    supply = plan_supply(inputs, levers, demand, model)
    finance = value_plan(inputs, levers, portfolio, demand, supply)
    plan = Plan(inputs, scenario, portfolio, demand, supply, finance)
    return option_of(plan, model.committed(model.request(levers, demand), drivers.held))


def solved(option: Option, future: Future) -> tuple[Plan, Future]:
    """The option in one future, solved; and the future, for what it brings on top.

    Raises PlanError where the future sells a product in a market that the model has no room for.
    """
    inputs, levers = option.plan.inputs, with_events(option.plan.levers, future)
    portfolio = plan_portfolio(inputs, levers)
    demand = drawn_demand(inputs, plan_demand(inputs, levers, portfolio), future)
    model = _without_suppliers(option.start(demand), future)
    if not covers(model.structure.claims, demand):
        raise PlanError(
            "A risk's levers sell a product where nothing is planned to be sold, so it cannot be drawn. Take "
            "the levers off the item, or state its effect in money."
        )
    request = model.request(levers, demand)
    supply = read_plan(model, request, model.solve(request))
    finance = value_plan(_revalued(inputs, future), levers, portfolio, demand, supply)
    return Plan(inputs, option.plan.scenario, portfolio, demand, supply, finance), future


def with_events(levers: Scenario, future: Future) -> Scenario:
    """The option's levers and what the future does: a launch that fails is out, one that slips comes later
    still than the option has it."""
    slipped = []
    for project, periods in future.slipped:
        own = [one.value for one in levers.of(LeverKind.LAUNCH_SLIP) if one.target == project]
        slipped.append(Lever(LeverKind.LAUNCH_SLIP, min(sum(own) + periods, MOST_SLIP), project))
    failed = [Lever(LeverKind.LAUNCH_IN, 0, project) for project in future.failed]
    return Scenario((*levers.levers, *future.levers, *slipped, *failed), levers.name)


def drawn_demand(inputs: Inputs, demand: DemandPlan, future: Future) -> DemandPlan:
    """What is ordered or shipped already stays; what is forecast beyond that comes by the future's factor."""
    known = order_units(inputs)[0].copy()
    known[:, :, 0] += inputs.demand.orders.shipped
    units = demand.unconstrained
    certain = np.minimum(units, known)
    drawn = certain + (units - certain) * future.demand[:, None, :]
    return replace(demand, unconstrained=drawn, consensus=drawn)


def figures_of(plan: Plan, future: Future) -> np.ndarray:
    """(ROWS,) measures of the fiscal year, then revenue and margin less budget, with what comes on top."""
    card = scorecard(plan, Window.FISCAL_YEAR)
    to_go = span_of(plan.inputs.calendar, Window.FISCAL_YEAR).planned
    more = {"revenue": float(future.revenue[to_go].sum()), "margin": float(future.margin[to_go].sum())}
    extra = {
        "revenue": more["revenue"],
        "budget_gap": more["revenue"],
        "gross_margin": more["margin"],
        "margin_budget_gap": more["margin"],
        "cash_effect": more["margin"],
    }
    return np.array([getattr(card, name) + extra.get(name, 0.0) for name in ROWS])


ROWS = (*MEASURES, "budget_gap", "margin_budget_gap")


def foresight_error(
    inputs: Inputs, scenario: Scenario, drivers: Drivers, model: SupplyModel, seed: int, draws: int, of: int
) -> np.ndarray:
    """(draws, measures) what planning in two steps gives less than perfect foresight does, the first `draws`
    of `of`.

    First step: the periods before LATER after the held ones are seen, after that all is expected as planned.
    What starts in them stays; the second step sees the rest.
    """
    option, futures = carried_out(inputs, scenario, drivers, model), Futures(inputs, drivers, seed, of)
    later = min(drivers.held + LATER, inputs.calendar.periods - 1)
    differences = []
    for future in islice((futures[k] for k in range(of)), draws):
        at_once = figures_of(*solved(option, future))
        in_steps = figures_of(*solved(_replanned(option, future, later), future))
        differences.append((in_steps - at_once)[: len(MEASURES)])
    return np.array(differences)


def _replanned(option: Option, future: Future, later: int) -> Option:
    """The option after its first step: what the plan of what was seen starts until then stays."""
    inputs, seen = option.plan.inputs, future.until(later, option.plan.inputs)
    levers = with_events(option.plan.levers, seen)
    demand = drawn_demand(inputs, plan_demand(inputs, levers, plan_portfolio(inputs, levers)), seen)
    hit = _without_suppliers(option.model, seen)
    held = hit.committed(hit.request(levers, demand), later)
    held.inputs = inputs
    return Option(option.plan, held, {0.0: held})


def _without_suppliers(model: SupplyModel, future: Future) -> SupplyModel:
    """The model on the network in which nothing arrives from the suppliers that are closed; it shares the
    solver."""
    if not future.closed:
        return model
    inputs = model.inputs
    network, calendar = inputs.network, inputs.calendar
    edges, resources = network.edges, network.resources
    limit, hours = edges.limit.copy(), resources.available.copy()
    for label, first, last in future.closed:
        site, closed = network.sites.index([label])[0], slice(first, min(last + 1, calendar.periods))
        limit[(edges.source == site) & (edges.mode != TRANSFER), closed] = 0.0
        hours[resources.site == site, closed] *= 0.0
    hit = copy(model)
    hit.inputs = replace(
        inputs,
        network=replace(
            network, edges=replace(edges, limit=limit), resources=replace(resources, available=hours)
        ),
    )
    return hit


def _revalued(inputs: Inputs, future: Future) -> Inputs:
    """The inputs at the future's prices and exchange rates."""
    if (future.price == 1).all() and (future.rate == 1).all():
        return inputs
    money = inputs.money
    moved = replace(money, price=money.price * future.price[:, None, :], rate=money.rate * future.rate)
    return replace(inputs, money=moved)


def _outcomes(
    inputs: Inputs,
    options: Sequence[Scenario],
    drivers: Drivers,
    seed: int,
    stated: np.ndarray,
    found: np.ndarray,
) -> Outcomes:
    span = span_of(inputs.calendar, Window.FISCAL_YEAR)
    gaps = {"revenue": ROWS.index("budget_gap"), "gross_margin": ROWS.index("margin_budget_gap")}
    return Outcomes(
        version=inputs.version,
        cycle=inputs.cycle,
        currency=inputs.money.base_currency,
        span=span.words,
        held_until=inputs.calendar.plan_labels[drivers.held - 1] if drivers.held else "",
        drivers=drivers.digest(),
        seed=seed,
        options=tuple(options),
        values={name: found[:, :, row] for row, name in enumerate(MEASURES)},
        gaps={name: found[:, :, row] for name, row in gaps.items()},
        planned={name: stated[:, row] for row, name in enumerate(MEASURES)},
        planned_gaps={name: stated[:, row] for name, row in gaps.items()},
    )


class _Counter:
    """Counts plans solved in all threads and tells it."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._done, self._lock = total, progress, 0, Lock()

    def more(self) -> None:
        with self._lock:
            self._done += 1
            if self._progress:
                self._progress(self._done, self._total)
