"""One family followed through all plans: product, demand, supply, inventory, money, period by period, and one
number walked through them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.errors import PlanError
from sop_engine.finance_review.statement import income_statement
from sop_engine.plan import Plan

PLANS = ("product", "demand", "supply", "inventory", "money")
COUNT = "count"
SIGNED_BY = dict(zip(PLANS, ("product", "demand", "supply", "supply", "finance"), strict=True))


@dataclass(frozen=True)
class Step:
    """What the number is in one plan. parts: (name, amount) it is made of, in the step's unit; they add up
    to its value
    """

    plan: str
    name: str
    value: float
    unit: str
    parts: tuple[tuple[str, float], ...]

    @property
    def stage(self) -> str:
        """The review whose signature it stands on."""
        return SIGNED_BY[self.plan]


def walk(plan: Plan, family: str, periods: np.ndarray) -> tuple[Step, ...]:
    """One number through the five plans over consecutive plan periods: products sold, demand, deliveries,
    stock at the end, gross margin. Each step takes up what the one before hands on.

    delivered = demand + waiting before - lost - waiting at the end
    stock at the end = stock before + arrivals - used - shipped, NaN where none is loaded
    gross margin = delivered at its price - standard cost - supply choices
    Raises PlanError when there is no such family.
    """
    member = _members(plan, family)
    return (
        _products_sold(plan, member, periods),
        _demand(plan, member, periods),
        _delivered(plan, member, periods),
        _stock(plan, member, periods),
        _margin(plan, family, periods),
    )


def _products_sold(plan: Plan, member: np.ndarray, periods: np.ndarray) -> Step:
    """Products that are sold in any of the periods, by whether they start or end within them."""
    active = plan.portfolio.active[member][:, periods]
    sold = active.any(axis=1)
    first, last = active[:, 0], active[:, -1]
    parts = {
        "throughout": sold & first & last,
        "start or return within": sold & ~first,
        "end within": sold & first & ~last,
    }
    counted = tuple((name, float(rows.sum())) for name, rows in parts.items())
    return Step("product", "Products sold", float(sold.sum()), COUNT, counted)


def _demand(plan: Plan, member: np.ndarray, periods: np.ndarray) -> Step:
    steps = {name: _total(units, member, periods) for name, units in plan.demand.steps.items()}
    total = _total(plan.demand.unconstrained, member, periods)
    return Step("demand", "Unconstrained demand", total, "units", tuple(steps.items()))


def _delivered(plan: Plan, member: np.ndarray, periods: np.ndarray) -> Step:
    supply, first = plan.supply, int(periods[0])
    waiting = supply.backlog[member].sum(axis=(0, 1))
    parts = (
        ("demand", _total(plan.demand.unconstrained, member, periods)),
        ("waiting before", float(waiting[first - 1]) if first else 0.0),
        ("lost", -_total(supply.lost, member, periods)),
        ("waiting at the end", -float(waiting[periods[-1]])),
    )
    return Step("supply", "Delivered", _total(supply.delivered, member, periods), "units", parts)


def _stock(plan: Plan, member: np.ndarray, periods: np.ndarray) -> Step:
    supply, first = plan.supply, int(periods[0])
    if not (plan.inputs.network.states_stock or supply.stock.any()):
        return Step("inventory", "Stock at the end", np.nan, "units", ())
    stock = supply.stock[member].sum(axis=(0, 1))
    opening = float(stock[first - 1]) if first else float(plan.inputs.network.on_hand[member].sum())
    parts = (
        ("stock before", opening),
        ("arrivals", _total(supply.arrivals, member, periods)),
        ("used by bills and transfers", -_total(supply.used, member, periods)),
        ("shipped", -_total(supply.shipped, member, periods)),
    )
    return Step("inventory", "Stock at the end", float(stock[periods[-1]]), "units", parts)


def _margin(plan: Plan, family: str, periods: np.ndarray) -> Step:
    statement = income_statement(plan.inputs, plan.finance, "family")
    column = statement.groups.index(family)
    upto = statement.lines.index("gross margin")
    amounts = statement.values[: upto + 1, column][:, periods].sum(axis=1)
    parts = tuple(zip(statement.lines[:upto], amounts[:-1].tolist(), strict=True))
    return Step("money", "Gross margin", float(amounts[-1]), plan.inputs.money.base_currency, parts)


def _total(cells: np.ndarray, member: np.ndarray, periods: np.ndarray) -> float:
    """Sum of a family over some periods of (products, any, periods) cells."""
    return float(cells[member][:, :, periods].sum())


def _members(plan: Plan, family: str) -> np.ndarray:
    """(products,) bool. Raises PlanError when there is no such family."""
    member = plan.inputs.products.family == family
    if not member.any():
        known = ", ".join(sorted(set(plan.inputs.products.family)))
        raise PlanError(f"There is no family '{family}'. Families are: {known}.")
    return member


def connectivity(plan: Plan, family: str, periods: np.ndarray) -> pd.DataFrame:
    """Long: plan, measure, unit, period, value; plans in the order of PLANS, measures in that of the process.

    demand - on time - late deliveries - lost - waiting ties to 0 over the whole plan, and
    stock before + arrivals - used - shipped = stock in every period. Raises PlanError when there is no such
    family.
    """
    member = _members(plan, family)
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
