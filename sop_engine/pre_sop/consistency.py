"""The proof before the executive meeting: volumes tie, stock balances, load fits, money adds up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sop_engine.finance_review.statement import income_statement
from sop_engine.finance_review.valuation import IN_MARGIN
from sop_engine.plan import Plan

_SHARE = 1e-6  # of the largest amount compared: the supply model is solved to this


@dataclass(frozen=True)
class Check:
    """A statement that must hold. residual: by how much it does not, in `unit`; where: the worst cell."""

    name: str
    statement: str
    residual: float
    tolerance: float
    unit: str
    where: str

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
    return _worst(
        "Demand adds up",
        "steps from the baseline = unconstrained demand",
        off,
        demand.unconstrained,
        "units",
        _cell(plan),
    )


def demand_is_accounted_for(plan: Plan) -> Check:
    """What is asked for is delivered on time, delivered late, lost, or waits at the end of the plan."""
    supply, asked = plan.supply, plan.demand.unconstrained.sum(axis=2)
    answered = (supply.on_time + supply.late + supply.lost).sum(axis=2) + supply.backlog[:, :, -1]
    statement = "demand = on time + late + lost + backlog at the end"
    return _worst("Volumes tie", statement, np.abs(asked - answered), asked, "units", _cell(plan))


def stock_balances(plan: Plan) -> Check:
    """Opening stock, arrivals, use and shipments make the closing stock in every product, site and period."""
    supply, inputs = plan.supply, plan.inputs
    before = np.concatenate([inputs.network.on_hand[:, :, None], supply.stock[:, :, :-1]], axis=2)
    off = np.abs(before + supply.arrivals - supply.used - supply.shipped - supply.stock)
    names = (inputs.products.labels, inputs.network.sites.labels, inputs.calendar.plan_labels)
    return _worst(
        "Stock balances",
        "stock before + arrivals - used - shipped = stock",
        off,
        supply.stock,
        "units",
        names,
    )


def load_fits(plan: Plan) -> Check:
    """No resource works more hours than it has, overtime included."""
    supply = plan.supply
    over = np.maximum(np.nan_to_num(supply.load - supply.available - supply.overtime), 0.0)
    names = _resource(plan)
    return _worst(
        "Load fits",
        "load <= available hours + overtime",
        over,
        np.nan_to_num(supply.available),
        "hours",
        names,
    )


def overtime_fits(plan: Plan) -> Check:
    """No resource works more overtime than is allowed."""
    supply = plan.supply
    over = np.maximum(np.nan_to_num(supply.overtime - supply.overtime_limit), 0.0)
    return _worst(
        "Overtime fits",
        "overtime <= its limit",
        over,
        np.nan_to_num(supply.available),
        "hours",
        _resource(plan),
    )


def margin_adds_up(plan: Plan) -> Check:
    """Revenue less standard cost less the supply choices that count in it is the gross margin."""
    finance = plan.finance
    revenue = finance.revenue.sum(axis=(0, 1))
    choices = sum(finance.choice_costs[name] for name in IN_MARGIN)
    off = np.abs(revenue - finance.standard_cost.sum(axis=(0, 1)) - choices - finance.gross_margin)
    return _money(plan, "Margin adds up", "revenue - standard cost - supply choices = gross margin", off)


def statement_adds_up(plan: Plan) -> Check:
    """The statements of the families add up to the company's operating profit."""
    profit = income_statement(plan.inputs, plan.finance, "family").line("operating profit").sum(axis=0)
    off = np.abs(profit - plan.finance.operating_profit)
    return _money(plan, "Profit ties", "operating profit of all families = of the company", off)


def cash_adds_up(plan: Plan) -> Check:
    """The lines of the cash effect add up to it."""
    off = np.abs(sum(plan.finance.cash.values()) - plan.finance.cash_effect)
    return _money(plan, "Cash ties", "margin, spends, stock, receivables, payables = cash effect", off)


def solution_is_optimal(plan: Plan) -> Check:
    """The conditions of an optimal solution were checked apart from the solver."""
    failed = float(not plan.supply.verified)
    return Check(
        "Solution verified", "the supply plan meets the conditions of an optimum", failed, 0.5, "", ""
    )


def _worst(
    name: str,
    statement: str,
    off: np.ndarray,
    scale: np.ndarray,
    unit: str,
    axes: tuple[tuple[str, ...], ...],
) -> Check:
    """The largest residual of an array, and the labels of its cell."""
    tolerance = max(_SHARE * float(np.abs(scale).max(initial=0.0)), 1e-3)
    if not off.size or not off.max() > tolerance:
        return Check(name, statement, float(off.max(initial=0.0)), tolerance, unit, "")
    at = np.unravel_index(int(off.argmax()), off.shape)
    where = ", ".join(axis[position] for axis, position in zip(axes, at, strict=False))
    return Check(name, statement, float(off.max()), tolerance, unit, where)


def _money(plan: Plan, name: str, statement: str, off: np.ndarray) -> Check:
    """Money ties to the cent, or to rounding of the amounts summed."""
    if np.isnan(off).all():
        return Check(name, statement, 0.0, 0.01, "", "no money is known: load price and unit_cost")
    revenue = float(plan.finance.revenue.sum())
    worst = int(off.argmax())
    tolerance = max(0.01, 1e-12 * revenue)
    where = plan.inputs.calendar.plan_labels[worst] if off[worst] > tolerance else ""
    return Check(name, statement, float(off[worst]), tolerance, plan.inputs.money.base_currency, where)


def _cell(plan: Plan) -> tuple[tuple[str, ...], ...]:
    return plan.inputs.products.labels, plan.inputs.markets.labels, plan.inputs.calendar.plan_labels


def _resource(plan: Plan) -> tuple[tuple[str, ...], ...]:
    return plan.inputs.network.resources.labels, plan.inputs.calendar.plan_labels
