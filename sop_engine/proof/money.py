"""The money of a plan, written a second time: cell by cell in plain loops, line by line, cut by cut; and the
bridges to it from every baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import fsum

import numpy as np

from sop_engine.finance_review.baselines import CYCLE, ESTIMATE, Position, baselines, plan_position
from sop_engine.finance_review.bridge import Bridge, margin_bridge, revenue_bridge
from sop_engine.finance_review.statement import (
    MARKET_CUTS,
    PRODUCT_CUTS,
    SUBTOTALS,
    Statement,
    income_statement,
)
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import CENT, Check, Row, money_ties

BRIDGES = "Bridges"
_ROUNDING = 1e-9  # of the revenue: what summing many cells in another order may move
CUT_BY = tuple(cut for cut in (*PRODUCT_CUTS, *MARKET_CUTS) if cut != "product")


def money_checks(plan: Plan, unmoved: Plan) -> tuple[Check, ...]:
    """Valuation, lines and cuts of the statement, and bridges; none where no money is known.

    unmoved: the plan with no lever moved, itself a baseline
    """
    if np.isnan(plan.finance.gross_margin).all():
        return ()
    total = income_statement(plan.inputs, plan.finance)
    return (
        revenue_valued_again(plan),
        cost_valued_again(plan),
        stock_valued_again(plan),
        statement_equals_cells(plan, total),
        subtotals_add_up(plan, total),
        *(cut_adds_up(plan, total, cut) for cut in CUT_BY),
        *bridge_checks(plan, unmoved),
    )


def revenue_valued_again(plan: Plan) -> Check:
    """Delivered units x local price x exchange rate, multiplied and summed one by one in each period."""
    finance, shape = plan.finance, plan.finance.delivered.shape
    rate = np.broadcast_to(finance.rate, shape)
    again = _summed_one_by_one(finance.delivered, finance.local_price, rate)
    off = np.abs(again - finance.revenue.sum(axis=(0, 1)))
    return _rounded(money_ties(plan, "Revenue valued again", "units x price x rate = revenue", off), plan)


def cost_valued_again(plan: Plan) -> Check:
    """Delivered units x unit cost, multiplied and summed one by one in each period."""
    finance, shape = plan.finance, plan.finance.delivered.shape
    cost = np.broadcast_to(finance.unit_cost[:, None, :], shape)
    again = _summed_one_by_one(finance.delivered, cost, np.ones(shape))
    off = np.abs(again - finance.standard_cost.sum(axis=(0, 1)))
    return _rounded(money_ties(plan, "Cost valued again", "units x unit cost = standard cost", off), plan)


def stock_valued_again(plan: Plan) -> Check:
    """Stock of every place x unit cost, multiplied and summed one by one in each period."""
    places, stock = plan.supply.places, plan.supply.node_stock
    cost = plan.finance.unit_cost[places.product]
    again = _summed_one_by_one(stock[None], cost[None], np.ones((1, *stock.shape)))
    off = np.abs(again - plan.finance.inventory_value.sum(axis=0))
    return _rounded(money_ties(plan, "Stock valued again", "stock x unit cost = stock value", off), plan)


def statement_equals_cells(plan: Plan, total: Statement) -> Check:
    """Each line of the statement is the sum of its product x market x period cells, or of its choice."""
    finance = plan.finance
    cells = {"revenue": finance.revenue.sum(axis=(0, 1)), "standard cost": -finance.standard_cost.sum((0, 1))}
    cells |= {name: -amount for name, amount in finance.choice_costs.items()}
    cells |= {
        f"fixed: {account}": -amount
        for account, amount in zip(plan.inputs.money.accounts, finance.fixed_cost, strict=True)
    }
    off = {name: np.abs(total.line(name)[0] - cells[name]) for name in total.lines if name not in SUBTOTALS}
    return _by_line(plan, "Statement ties", "each line = the sum of its cells", off)


def subtotals_add_up(plan: Plan, total: Statement) -> Check:
    """Every subtotal is the sum of the lines above it, and the last is the plan's operating profit."""
    running, off = np.zeros(len(total.periods)), {}
    for name, values in zip(total.lines, total.values[:, 0], strict=True):
        if name in SUBTOTALS:
            off[name] = np.abs(values - running)
        else:
            running = running + values
    off["profit of the plan"] = np.abs(total.line("operating profit")[0] - plan.finance.operating_profit)
    return _by_line(plan, "Subtotals add up", "subtotal = lines above it", off)


def cut_adds_up(plan: Plan, total: Statement, cut: str) -> Check:
    """The statements of all groups of a cut add up to the company's, line by line and period by period."""
    parts = income_statement(plan.inputs, plan.finance, cut)
    off = {name: np.abs(parts.line(name).sum(axis=0) - total.line(name)[0]) for name in total.lines}
    words = f"sum of {len(parts.groups)} statements = the company's, every line"
    return _by_line(plan, f"Statement by {cut}", words, off)


def bridge_checks(plan: Plan, unmoved: Plan) -> tuple[Check, ...]:
    """From every baseline to the plan, over the periods of the plan of which it says something."""
    return tuple(_bridge_check(plan, start, end) for start, end in _positions(plan, unmoved))


def _positions(plan: Plan, unmoved: Plan) -> Iterator[tuple[Position, Position]]:
    """Each baseline with the plan over the same periods; one without money is left out."""
    trivial = {ESTIMATE} if unmoved is not plan else {ESTIMATE, CYCLE}
    for baseline in baselines(plan.inputs, plan.finance, unmoved.finance).values():
        span = baseline.periods[baseline.periods >= 0]
        if baseline.kind in trivial or not span.size:
            continue
        start = baseline.position(span)
        if np.nansum(start.revenue) > 0:
            yield start, plan_position("plan", plan.finance, span)


def _bridge_check(plan: Plan, start: Position, end: Position) -> Check:
    """start + all bars = end, of revenue and of margin, weighed by value and by units."""
    made = [
        (f"{measure}, weighed by {weigh}", bridge(start, end, weigh))
        for (measure, bridge), weigh in product(
            (("revenue", revenue_bridge), ("gross margin", margin_bridge)), ("value", "units")
        )
    ]
    tolerance = max(CENT, _ROUNDING * float(plan.finance.revenue.sum()))
    off = {name: _gap(bridge) for name, bridge in made}
    statement, currency = f"{start.label} + bars = plan", plan.inputs.money.base_currency
    rows = tuple(
        Row(f"bridge from {start.label}", name, currency, f"{gap:.6g}", statement)
        for name, gap in off.items()
        if not gap <= tolerance
    )
    unknown = ", ".join(
        f"{name.partition(',')[0]} {bridge.total['not explained']:,.0f}"
        for name, bridge in made[::2]
        if abs(bridge.total["not explained"]) > CENT
    )
    where = rows[0].key if rows else f"bar 'not explained': {unknown}" if unknown else ""
    name = f"Bridge from {start.label}"
    return Check(name, statement, max(off.values()), tolerance, currency, where, BRIDGES, rows)


def _gap(bridge: Bridge) -> float:
    """By how much a cell, or the whole, does not add up."""
    cells = np.abs(bridge.before + sum(bridge.bars.values()) - bridge.after)
    return max(float(cells.max(initial=0.0)), abs(fsum([bridge.start, *bridge.total.values(), -bridge.end])))


def _by_line(plan: Plan, name: str, statement: str, off: dict[str, np.ndarray]) -> Check:
    """A check of many lines: the worst of each period stands for it, and every line over it is named."""
    check = _rounded(money_ties(plan, name, statement, np.max(list(off.values()), axis=0)), plan)
    labels = plan.inputs.calendar.plan_labels
    rows = tuple(
        Row("statement", f"{line}, {labels[at]}", check.unit, f"{values[at]:.6g}", statement)
        for line, values in off.items()
        for at in np.flatnonzero(~(values <= check.tolerance))
    )
    return replace(check, rows=rows, where=rows[0].key if rows else "")


def _rounded(check: Check, plan: Plan) -> Check:
    """The same check, allowing what another order of summing moves."""
    tolerance = max(
        check.tolerance, _ROUNDING * float(plan.finance.revenue.sum() / len(plan.finance.gross_margin))
    )
    kept = tuple(row for row in check.rows if not float(row.value) <= tolerance)
    return replace(check, tolerance=tolerance, rows=kept, where=kept[0].key if kept else "")


def _summed_one_by_one(units: np.ndarray, price: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """(periods,) of (a, b, periods) arrays: exact sums of the products; a price nobody knows counts 0."""
    return np.array(
        [
            fsum(
                u * p * r
                for u, p, r in zip(
                    *(part[:, :, t].ravel().tolist() for part in (units, price, rate)), strict=True
                )
                if u and p == p and r == r
            )
            for t in range(units.shape[2])
        ]
    )
