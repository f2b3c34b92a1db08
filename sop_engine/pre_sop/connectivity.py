"""One family followed through all plans: product, demand, supply, inventory, money, period by period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.errors import PlanError
from sop_engine.finance_review.statement import income_statement
from sop_engine.plan import Plan

PLANS = ("product", "demand", "supply", "inventory", "money")


def connectivity(plan: Plan, family: str, periods: np.ndarray) -> pd.DataFrame:
    """Long: plan, measure, unit, period, value; plans in the order of PLANS, measures in that of the process.

    demand - on time - late deliveries - lost - waiting ties to 0 over the whole plan, and
    stock before + arrivals - used - shipped = stock in every period. Raises PlanError when there is no such
    family.
    """
    member = plan.inputs.products.family == family
    if not member.any():
        known = ", ".join(sorted(set(plan.inputs.products.family)))
        raise PlanError(f"There is no family '{family}'. Families are: {known}.")
    labels = [plan.inputs.calendar.plan_labels[period] for period in periods]
    measures = _measures(plan, family, member)
    lines = [
        pd.DataFrame(
            {"plan": review, "measure": measure, "unit": unit, "period": labels, "value": values[periods]}
        )
        for review, measure, unit, values in measures
    ]
    return pd.concat(lines, ignore_index=True)


def _measures(plan: Plan, family: str, member: np.ndarray) -> list[tuple[str, str, str, np.ndarray]]:
    """(plan, measure, unit, (periods,) values) down the process."""
    money = plan.inputs.money.base_currency
    supply, finance = plan.supply, plan.finance

    def family_sum(cells: np.ndarray) -> np.ndarray:
        return cells[member].sum(axis=(0, 1))

    return [
        ("product", "products sold", "count", plan.portfolio.active[member].sum(axis=0).astype(float)),
        *(("demand", name, "units", family_sum(units)) for name, units in plan.demand.steps.items()),
        ("demand", "unconstrained demand", "units", family_sum(plan.demand.unconstrained)),
        ("supply", "arrivals", "units", family_sum(supply.arrivals)),
        ("supply", "delivered on time", "units", family_sum(supply.on_time)),
        ("supply", "delivered late", "units", family_sum(supply.late)),
        ("supply", "lost", "units", family_sum(supply.lost)),
        ("supply", "backlog", "units", family_sum(supply.backlog)),
        ("inventory", "used by bills and transfers", "units", family_sum(supply.used)),
        ("inventory", "shipped", "units", family_sum(supply.shipped)),
        ("inventory", "stock", "units", family_sum(supply.stock)),
        ("inventory", "target", "units", family_sum(supply.target)),
        ("inventory", "stock value", money, finance.inventory_value[member].sum(axis=0)),
        ("money", "unconstrained demand", money, family_sum(finance.demand_value)),
        *_statement_lines(plan, family, money),
    ]


def _statement_lines(plan: Plan, family: str, money: str) -> list[tuple[str, str, str, np.ndarray]]:
    statement = income_statement(plan.inputs, plan.finance, "family")
    column = statement.groups.index(family)
    return [("money", line, money, statement.values[at, column]) for at, line in enumerate(statement.lines)]
