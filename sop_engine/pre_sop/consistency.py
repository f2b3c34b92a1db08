"""The proof before the executive meeting: volumes tie, stock balances, load fits, money adds up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sop_engine.finance_review.statement import income_statement
from sop_engine.finance_review.valuation import IN_MARGIN
from sop_engine.plan import Plan

_SHARE = 1e-6  # of the largest amount compared: the supply model is solved to this
_NAMED = 200  # cells that a check names
CENT = 0.01
VOLUMES, SUPPLY, MONEY = "Volumes", "Stock and load", "Money"


class Row(NamedTuple):
    """A row of a table, or a cell of the plan, that stands against a check. key: its labels"""

    table: str
    key: str
    column: str
    value: str
    why: str


@dataclass(frozen=True)
class Check:
    """A statement that must hold. residual: by how much it does not, in `unit`; where: the worst cell.

    part: of the proof it belongs to; rows: what stands against it, the worst first
    """

    name: str
    statement: str
    residual: float
    tolerance: float
    unit: str
    where: str
    part: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def passed(self) -> bool:
        return self.residual <= self.tolerance


def consistency_checks(plan: Plan) -> tuple[Check, ...]:
    """Every check, in the order of the process."""
    checks: tuple[Callable[[Plan], Check], ...] = (
        demand_adds_up,
        demand_is_accounted_for,
        stock_balances,
        load_fits,
        overtime_fits,
        margin_adds_up,
        statement_adds_up,
        cash_adds_up,
        solution_is_optimal,
    )
    return tuple(check(plan) for check in checks)


def demand_adds_up(plan: Plan) -> Check:
    """Baseline, launches, events, overrides and levers make the unconstrained demand."""
    demand = plan.demand
    off = np.abs(sum(demand.steps.values()) - demand.unconstrained)
    statement = "steps from the baseline = unconstrained demand"
    return worst(VOLUMES, "Demand adds up", statement, off, demand.unconstrained, "units", cell(plan))


def demand_is_accounted_for(plan: Plan) -> Check:
    """What is asked for is delivered on time, delivered late, lost, or waits at the end of the plan."""
    supply, asked = plan.supply, plan.demand.unconstrained.sum(axis=2)
    answered = (supply.on_time + supply.late + supply.lost).sum(axis=2) + supply.backlog[:, :, -1]
    statement = "demand = on time + late + lost + backlog at the end"
    return worst(VOLUMES, "Volumes tie", statement, np.abs(asked - answered), asked, "units", cell(plan))


def stock_balances(plan: Plan) -> Check:
    """Opening stock, arrivals, use and shipments make the closing stock in every product, site and period."""
    supply, inputs = plan.supply, plan.inputs
    before = np.concatenate([inputs.network.on_hand[:, :, None], supply.stock[:, :, :-1]], axis=2)
    off = np.abs(before + supply.arrivals - supply.used - supply.shipped - supply.stock)
    names = (inputs.products.labels, inputs.network.sites.labels, inputs.calendar.plan_labels)
    statement = "stock before + arrivals - used - shipped = stock"
    return worst(SUPPLY, "Stock balances", statement, off, supply.stock, "units", names)


def load_fits(plan: Plan) -> Check:
    """No resource works more hours than it has, overtime included."""
    supply = plan.supply
    over = np.maximum(np.nan_to_num(supply.load - supply.available - supply.overtime), 0.0)
    statement, scale = "load <= available hours + overtime", np.nan_to_num(supply.available)
    return worst(SUPPLY, "Load fits", statement, over, scale, "hours", _resource(plan))


def overtime_fits(plan: Plan) -> Check:
    """No resource works more overtime than is allowed."""
    supply = plan.supply
    over = np.maximum(np.nan_to_num(supply.overtime - supply.overtime_limit), 0.0)
    scale = np.nan_to_num(supply.available)
    return worst(SUPPLY, "Overtime fits", "overtime <= its limit", over, scale, "hours", _resource(plan))


def margin_adds_up(plan: Plan) -> Check:
    """Revenue less standard cost less the supply choices that count in it is the gross margin."""
    finance = plan.finance
    revenue = finance.revenue.sum(axis=(0, 1))
    choices = sum(finance.choice_costs[name] for name in IN_MARGIN)
    off = np.abs(revenue - finance.standard_cost.sum(axis=(0, 1)) - choices - finance.gross_margin)
    return money_ties(plan, "Margin adds up", "revenue - standard cost - supply choices = gross margin", off)


def statement_adds_up(plan: Plan) -> Check:
    """The statements of the families add up to the company's operating profit."""
    profit = income_statement(plan.inputs, plan.finance, "family").line("operating profit").sum(axis=0)
    off = np.abs(profit - plan.finance.operating_profit)
    return money_ties(plan, "Profit ties", "operating profit of all families = of the company", off)


def cash_adds_up(plan: Plan) -> Check:
    """The lines of the cash effect add up to it."""
    off = np.abs(sum(plan.finance.cash.values()) - plan.finance.cash_effect)
    return money_ties(plan, "Cash ties", "margin, spends, stock, receivables, payables = cash effect", off)


def solution_is_optimal(plan: Plan) -> Check:
    """The conditions of an optimal solution were checked apart from the solver."""
    failed = float(not plan.supply.verified)
    statement = "the supply plan meets the conditions of an optimum"
    return Check("Solution verified", statement, failed, 0.5, "", "", SUPPLY)


def worst(
    part: str,
    name: str,
    statement: str,
    off: np.ndarray,
    scale: np.ndarray,
    unit: str,
    axes: tuple[tuple[str, ...], ...],
) -> Check:
    """The largest residual of an array with the labels of its cell; every cell over the tolerance is a row.

    off: residuals, 0 or more; scale: the amounts compared; axes: labels of each axis of `off`
    """
    tolerance = max(_SHARE * float(np.abs(scale).max(initial=0.0)), 1e-3)
    broken = off.ravel()
    order = np.argsort(-np.nan_to_num(broken, nan=np.inf), kind="stable")[:_NAMED]
    rows = tuple(
        Row(f"plan: {name.lower()}", _labels(axes, off.shape, at), unit, f"{broken[at]:.6g}", statement)
        for at in order
        if not broken[at] <= tolerance
    )
    residual = float(broken[order[0]]) if broken.size else 0.0
    return Check(name, statement, residual, tolerance, unit, rows[0].key if rows else "", part, rows)


def money_ties(plan: Plan, name: str, statement: str, off: np.ndarray) -> Check:
    """Money ties to the cent, or to rounding of the amounts summed. off: (periods,) residuals, 0 or more"""
    if np.isnan(off).all():
        return Check(name, statement, 0.0, CENT, "", "no money is known: load price and unit_cost", MONEY)
    currency, labels = plan.inputs.money.base_currency, plan.inputs.calendar.plan_labels
    tolerance = max(CENT, 1e-12 * float(plan.finance.revenue.sum()))
    rows = tuple(
        Row(f"plan: {name.lower()}", labels[at], currency, f"{off[at]:.6g}", statement)
        for at in np.argsort(-off, kind="stable")
        if not off[at] <= tolerance
    )
    residual = float(off.max())
    return Check(name, statement, residual, tolerance, currency, rows[0].key if rows else "", MONEY, rows)


def _labels(axes: tuple[tuple[str, ...], ...], shape: tuple[int, ...], at: int) -> str:
    return ", ".join(axis[i] for axis, i in zip(axes, np.unravel_index(at, shape), strict=False))


def cell(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """Labels of an array (products, markets, periods)."""
    return plan.inputs.products.labels, plan.inputs.markets.labels, plan.inputs.calendar.plan_labels


def _resource(plan: Plan) -> tuple[tuple[str, ...], ...]:
    return plan.inputs.network.resources.labels, plan.inputs.calendar.plan_labels
