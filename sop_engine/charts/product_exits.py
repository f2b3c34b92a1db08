"""Products that end and what is left of them: tables and the run-out of their stock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import full, short
from sop_engine.charts.product_pipeline import launch_month
from sop_engine.charts.style import FigureDict, Style
from sop_engine.plan import Plan
from sop_engine.product_review.exits import Exit, Stocks, exits_of, used_by_bills

SHOWN = 8  # products whose run-out is drawn


def plan_exits(plan: Plan) -> tuple[tuple[Exit, ...], tuple[Exit, ...]]:
    """Products that end by the plan's portfolio, and the components that only they use."""
    inputs, network, supply = plan.inputs, plan.inputs.network, plan.supply
    stocks = Stocks(
        asked=plan.demand.unconstrained.sum(axis=1),
        used=used_by_bills(len(inputs.products), network.edges, network.bill, supply.flow),
        stock=supply.places.of_products(supply.node_stock),
        receipts=np.nan_to_num(network.receipts).sum(axis=1),
        on_hand=np.nan_to_num(network.on_hand).sum(axis=1),
        unit_cost=plan.finance.unit_cost,
    )
    return exits_of(plan.portfolio.phase_outs, network.bill, inputs.products.sellable, stocks)


def exit_table(plan: Plan, exits: Sequence[Exit]) -> pd.DataFrame:
    """One row per product that ends, the dearest leftover first."""
    inputs = plan.inputs
    name = inputs.products.name
    rows = [
        {
            "product": name[one.product],
            "not sold from": launch_month(inputs, one.end),
            **_successors(plan, one.product),
            "demand to the end": one.remaining,
            "stock runs out": _run_out(plan, one),
            "obsolete units": one.obsolete,
            "obsolete value": one.value,
        }
        for one in exits
    ]
    columns = ["product", "not sold from", "successor", "demand that moves %", "demand to the end"]
    return pd.DataFrame(rows, columns=[*columns, "stock runs out", "obsolete units", "obsolete value"])


def component_table(plan: Plan, components: Sequence[Exit]) -> pd.DataFrame:
    """One row per component that only ending products use: its last buy and what is left of it."""
    name = plan.inputs.products.name
    rows = [
        {
            "component": name[one.product],
            "only used by": ", ".join(name[user] for user in one.because_of),
            "needed until": launch_month(plan.inputs, one.end - 1) if one.end else "ended",
            "last buy": "not stated" if one.last_buy is None else launch_month(plan.inputs, one.last_buy),
            "still used": one.remaining,
            "last buy units": one.last_buy_units,
            "stock runs out": _run_out(plan, one),
            "obsolete units": one.obsolete,
            "obsolete value": one.value,
        }
        for one in components
    ]
    columns = ["component", "only used by", "needed until", "last buy", "still used", "last buy units"]
    return pd.DataFrame(rows, columns=[*columns, "stock runs out", "obsolete units", "obsolete value"])


def run_out_figure(plan: Plan, exits: Sequence[Exit], style: Style) -> FigureDict:
    """Stock of the ending products at the end of each month; a mark where each is sold for the last time."""
    calendar, supply = plan.inputs.calendar, plan.supply
    periods = np.arange(calendar.horizon)
    days = look.plan_days(calendar, periods)
    stock = supply.places.of_products(supply.node_stock)[:, periods]
    shown = exits[:SHOWN]
    colors = dict(zip((one.product for one in shown), style.categorical * len(shown), strict=False))
    traces = [
        look.line(str(plan.inputs.products.name[one.product]), days, stock[one.product], colors[one.product])
        for one in shown
    ]
    marks = [one for one in shown if 0 < one.end <= calendar.horizon]
    ends = {
        "type": "scatter",
        "mode": "markers",
        "name": "last month of demand",
        "x": [days[one.end - 1] for one in marks],
        "y": look.values([stock[one.product, one.end - 1] for one in marks]),
        "marker": {"symbol": "x", "size": 11, "color": [colors[one.product] for one in marks]},
        "hovertemplate": "%{y:,.0f} left<extra>last month of demand</extra>",
    }
    shapes, zone = look.zones(calendar, style)
    top = float(stock[[one.product for one in shown]].max(initial=1.0)) * 1.1
    layout = look.layout(
        style,
        exits_title(plan, exits),
        "units in stock at the month's end, all sites; cross: last month of demand",
        360,
        xaxis=look.months_axis(style, calendar, days),
        yaxis={"range": [0, top]},
        shapes=shapes,
        annotations=zone,
        showlegend=True,
        legend={"orientation": "v", "x": 1.01, "y": 1},
    )
    return {"data": [*traces, ends], "layout": layout}


def run_out_frame(plan: Plan, exits: Sequence[Exit]) -> pd.DataFrame:
    """The months of `run_out_figure`, one column per product."""
    supply, horizon = plan.supply, plan.inputs.calendar.horizon
    stock = supply.places.of_products(supply.node_stock)[:, :horizon]
    columns = {str(plan.inputs.products.labels[one.product]): stock[one.product] for one in exits[:SHOWN]}
    return pd.DataFrame({"period": plan.inputs.calendar.plan_labels[:horizon], **columns})


def exits_title(plan: Plan, exits: Sequence[Exit]) -> str:
    """How much stock the exits leave behind."""
    units = sum(one.obsolete for one in exits if not np.isnan(one.obsolete))
    value = sum(one.value for one in exits if not np.isnan(one.value))
    many = f"{len(exits)} product{'s' * (len(exits) != 1)} end{'s' * (len(exits) == 1)}"
    if not units:
        return f"{many} and leave no stock behind"
    currency = plan.inputs.money.base_currency
    return f"{many} and leave {full(units)} units behind, worth {short(value)} {currency}".rstrip()


def component_words(components: Sequence[Exit], currency: str) -> str:
    """How many components end with their products, and what is to be bought for the last time."""
    if not components:
        return "No component is used by ending products alone."
    left = sum(one.value for one in components if not np.isnan(one.value))
    buys = sum(one.last_buy_units > 0 for one in components)
    many = len(components) != 1
    return (
        f"{len(components)} component{'s' * many} {'are' if many else 'is'} used by ending products alone: "
        f"{buys} to be bought for the last time, {short(left)} {currency} left over."
    )


def _successors(plan: Plan, product: int) -> dict[str, object]:
    """Who takes the demand over, and how much of it moves."""
    heirs = [one for one in plan.portfolio.phase_outs if one.product == product and one.successor >= 0]
    heirs.sort(key=lambda one: -one.transfer)
    names = [str(plan.inputs.products.name[one.successor]) for one in heirs]
    words = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    return {"successor": words or "-", "demand that moves %": 100 * sum(one.transfer for one in heirs)}


def _run_out(plan: Plan, one: Exit) -> str:
    """The first month that begins without stock; an item that keeps some says so."""
    return "not in the plan" if one.run_out is None else launch_month(plan.inputs, one.run_out)
