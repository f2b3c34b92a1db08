"""The spine: a plan is a function of inputs and a scenario, and reads like the process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.finance_review.valuation import FinancePlan, value_plan
from sop_engine.inputs import Inputs
from sop_engine.product_review.portfolio import Portfolio, plan_portfolio
from sop_engine.scenario import BASELINE, Lever, Scenario, misfits
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply


@dataclass(frozen=True, eq=False)
class Plan:
    """One solved plan and what it was made of; nothing in it is ever changed.

    scenario: the levers on top of what accepted requests adopted
    """

    inputs: Inputs
    scenario: Scenario
    portfolio: Portfolio
    demand: DemandPlan
    supply: SupplyPlan
    finance: FinancePlan

    @property
    def levers(self) -> Scenario:
        """All levers that made the plan: the scenario's, and those of accepted requests beneath them."""
        return in_force(self.inputs, self.scenario)


def plan(inputs: Inputs, scenario: Scenario = BASELINE, model: SupplyModel | None = None) -> Plan:
    """The plan of these inputs under this scenario: same inputs and scenario, same plan, to the last digit.

    The levers of accepted requests lie beneath those of the scenario.
    model: the compiled supply model of the same inputs, to solve again in place; compiled here if there is
    none.
    """
    levers = in_force(inputs, scenario)
    portfolio = plan_portfolio(inputs, levers)
    demand = plan_demand(inputs, levers, portfolio)
    supply = plan_supply(inputs, levers, demand, model or compile_model(inputs))
    finance = value_plan(inputs, levers, portfolio, demand, supply)
    return Plan(inputs, scenario, portfolio, demand, supply, finance)


def in_force(inputs: Inputs, scenario: Scenario) -> Scenario:
    """The scenario on top of what accepted requests adopted; of one scope the scenario's lever counts."""
    return Scenario((*adopted_levers(inputs), *scenario.levers), scenario.name)


@lru_cache(maxsize=8)  # no lever changes it, and every slider move asks for it
def adopted_levers(inputs: Inputs) -> dict[Lever, str]:
    """{lever: id of the request that adopted it}, one lever per scope, a later request before an earlier one.

    A lever that names what is no longer loaded, or only months that are past, is left out.
    """
    told = {
        lever.scope: (_from_now(lever, inputs), one.request_id)
        for one in inputs.adopted
        for lever in Scenario.from_json(one.levers).levers
    }
    gone = misfits(Scenario(tuple(lever for lever, _ in told.values())), inputs)
    return {lever: request for lever, request in told.values() if lever not in gone}


def _from_now(lever: Lever, inputs: Inputs) -> Lever:
    """A lever that began before this plan begins with it."""
    return replace(lever, first="") if inputs.calendar.plan_index(lever.first, 0) < 0 else lever
