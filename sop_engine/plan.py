"""The spine: a plan is a function of inputs and a scenario, and reads like the process."""

from __future__ import annotations

from dataclasses import dataclass

from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.finance_review.valuation import FinancePlan, value_plan
from sop_engine.inputs import Inputs
from sop_engine.product_review.portfolio import Portfolio, plan_portfolio
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply


@dataclass(frozen=True, eq=False)
class Plan:
    """One solved plan and what it was made of; nothing in it is ever changed."""

    inputs: Inputs
    scenario: Scenario
    portfolio: Portfolio
    demand: DemandPlan
    supply: SupplyPlan
    finance: FinancePlan


def plan(inputs: Inputs, scenario: Scenario = BASELINE, model: SupplyModel | None = None) -> Plan:
    """The plan of these inputs under this scenario: same inputs and scenario, same plan, to the last digit.

    model: the compiled supply model of the same inputs, to solve again in place; compiled here if there is
    none.
    """
    portfolio = plan_portfolio(inputs, scenario)
    demand = plan_demand(inputs, scenario, portfolio)
    supply = plan_supply(inputs, scenario, demand, model or compile_model(inputs))
    finance = value_plan(inputs, scenario, portfolio, demand, supply)
    return Plan(inputs, scenario, portfolio, demand, supply, finance)
