"""Chase, level and hybrid beside the optimum: the same demand and policies, production held to a pace, each
solved and valued as every plan is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sop_engine.finance_review.valuation import CARRYING, value_plan
from sop_engine.inputs.network import MAKE, SUBCONTRACT
from sop_engine.money import worth
from sop_engine.plan import Plan, in_force
from sop_engine.supply_review.load import asked_of
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.pace import FREE, Pace
from sop_engine.supply_review.rates import Rates, find_rates
from sop_engine.supply_review.supply import plan_supply

CHASE, LEVEL = Pace(ahead=False), Pace(change=0.0)


def hybrid(change: float) -> Pace:
    """Rates that change by at most this share of the usual hours a day from one period to the next."""
    return Pace(change=change)


@dataclass(frozen=True)
class Outcome:
    """A plan's figures over the reported periods; money in the base currency.

    gross_margin: after overtime, subcontract and sources; profit: operating profit, after all of it
    overtime, subcontract, sources: premiums over standard cost; carrying: of stock
    stock_mean, stock_peak, stock_end: money in stock at the periods' ends
    below_target: money that is missing from stock targets, mean of the periods' ends
    fill_rate: % of demand value served on time, NaN of no demand; lost: units never delivered
    """

    revenue: float
    gross_margin: float
    profit: float
    overtime: float
    subcontract: float
    sources: float
    freight: float
    carrying: float
    stock_mean: float
    stock_peak: float
    stock_end: float
    below_target: float
    fill_rate: float
    lost: float


@dataclass(frozen=True)
class Evenness:
    """How evenly production runs in the reported periods whose pace is not frozen; 0 is one rate throughout.

    largest: change of a rate from one period to the next, % of the usual hours a day; NaN of a single period
    added, cut: hours by which rates go up and down, over all rates and periods, at the mean of the open days;
    units where no hours are known at all
    """

    largest: float
    added: float
    cut: float


@dataclass(frozen=True, eq=False)
class Strategy:
    """A plan at a pace, over the reported periods.

    rates: names; unit: (rates,) "hours", or "units" where no hours are known
    load, need: (rates, periods) in these units, as planned and as the unconstrained need has it
    days: (rates, periods) open days
    families: names; made: (families, periods) good units started; stock: money at each period's end
    objective: of the model, policy penalties included; it ranks, is no money
    """

    pace: Pace
    outcome: Outcome
    evenness: Evenness
    rates: tuple[str, ...]
    unit: tuple[str, ...]
    load: np.ndarray
    need: np.ndarray
    days: np.ndarray
    families: tuple[str, ...]
    made: np.ndarray
    stock: np.ndarray
    objective: float


def solve_strategies(
    plan: Plan, paces: Sequence[Pace], model: SupplyModel | None = None
) -> Iterator[Strategy]:
    """The strategies of a plan's inputs and scenario, one after another, so that progress can be shown.

    model: of the same inputs, compiled here if there is none, in seconds. Raises PlanError as `plan` does.
    """
    model = model or compile_model(plan.inputs)
    for pace in paces:
        yield measured(at_pace(plan, model, pace), pace)


def at_pace(plan: Plan, model: SupplyModel, pace: Pace) -> Plan:
    """The plan with its production held to a pace: the same demand, supplied and valued again."""
    inputs, levers = plan.inputs, in_force(plan.inputs, plan.scenario)
    supply = plan_supply(inputs, levers, plan.demand, model, pace)
    finance = value_plan(inputs, levers, plan.portfolio, plan.demand, supply)
    return replace(plan, supply=supply, finance=finance)


def measured(plan: Plan, pace: Pace = FREE) -> Strategy:
    """What a plan earns, holds and serves, and how evenly it runs."""
    inputs, supply, reported = plan.inputs, plan.supply, slice(plan.inputs.calendar.horizon)
    _, request = asked_of(inputs, in_force(inputs, plan.scenario), plan.demand)
    rates, edges = find_rates(inputs, request, supply.need), inputs.network.edges
    families, family = np.unique(inputs.products.family.astype(str), return_inverse=True)
    own = np.isin(edges.mode, (MAKE, SUBCONTRACT))
    stock = _by_family(family, plan.finance.inventory_value[:, reported], len(families))
    return Strategy(
        pace=pace,
        outcome=_outcome(plan, stock.sum(axis=0)),
        evenness=evenness(rates, supply.flow, inputs.calendar.horizon),
        rates=rates.names,
        unit=tuple("units" if row < 0 else "hours" for row in rates.resource),
        load=rates.taken(supply.flow)[:, reported],
        need=rates.taken(supply.need)[:, reported],
        days=rates.days[:, reported],
        families=tuple(families.tolist()),
        made=_by_family(family[edges.product[own]], supply.flow[own, reported], len(families)),
        stock=stock,
        objective=supply.objective,
    )


def evenness(rates: Rates, flow: np.ndarray, horizon: int) -> Evenness:
    """How evenly flows (edges, periods), by their start, run in the first `horizon` periods."""
    steps = np.diff(rates.run(flow)[:, :horizon], axis=1)
    known = ~np.isnan(steps)
    if not known.any():
        return Evenness(np.nan, np.nan, np.nan)
    share = np.abs(steps) / np.where(rates.usual > 0, rates.usual, np.nan)[:, None]
    hours = rates.resource >= 0
    counted = hours if hours.any() else ~hours
    total = np.nan_to_num(steps[counted]) * rates.days[counted, :horizon].mean(axis=1, keepdims=True)
    return Evenness(
        largest=100 * float(np.nanmax(share, initial=0.0)),
        added=float(np.maximum(total, 0.0).sum()),
        cut=float(np.maximum(-total, 0.0).sum()),
    )


def _outcome(plan: Plan, stock: np.ndarray) -> Outcome:
    """The figures of a plan; stock: (reported periods,) money."""
    finance, reported = plan.finance, slice(plan.inputs.calendar.horizon)
    paid = {name: float(cost[reported].sum()) for name, cost in finance.choice_costs.items()}
    price = np.nan_to_num(finance.price)
    wanted = float((plan.demand.unconstrained * price)[:, :, reported].sum())
    missing = np.maximum(plan.supply.node_target - plan.supply.node_stock, 0.0)
    on_time = float((plan.supply.on_time * price)[:, :, reported].sum())
    return Outcome(
        revenue=float(finance.revenue[:, :, reported].sum()),
        gross_margin=float(finance.gross_margin[reported].sum()),
        profit=float(finance.operating_profit[reported].sum()),
        overtime=paid["overtime"],
        subcontract=paid["subcontract"],
        sources=paid["alternative source"],
        freight=paid["freight"],
        carrying=paid[CARRYING],
        stock_mean=float(stock.mean()),
        stock_peak=float(stock.max()),
        stock_end=float(stock[-1]),
        below_target=float(_worth(plan, missing)[:, reported].sum(axis=0).mean()),
        fill_rate=100 * on_time / wanted if wanted else np.nan,
        lost=float(plan.supply.lost[:, :, reported].sum()),
    )


def _worth(plan: Plan, units: np.ndarray) -> np.ndarray:
    """(products, periods) money of units (nodes, periods) at unit cost."""
    return worth(plan.supply.places.of_products(units), plan.finance.unit_cost)


def _by_family(family: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """(families, periods) sums of values (n, periods)."""
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, family, values)
    return total
