"""Supply against demand, added up from the first month on, and the plan beside the unconstrained need."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.supply_review import NOT_PLANNED, planned, shortage_table, triple_series
from sop_engine.charts.view import View
from sop_engine.money import value
from sop_engine.plan import Plan
from sop_engine.supply_review.load import Pegging, need_against_limits


def balance_table(plan: Plan, view: View, pegging: Pegging) -> pd.DataFrame:
    """Per period of the view, products sold of its filter, all markets: demand, the plan's supply and that of
    the unconstrained need, and each of them added up; supply starts with the stock before.

    Units, or at standard cost where the view is in money.
    """
    rows = triple_series(plan, view)[["period", "demand", "supply"]]
    sold, first = view.products & plan.inputs.products.sellable, view.periods[0]
    before = plan.supply.stock.sum(axis=1)[:, first - 1] if first else plan.inputs.network.on_hand.sum(axis=1)
    need = needed_supply(plan, pegging)
    cost = np.nan_to_num(plan.finance.unit_cost) if view.money else np.ones(need.shape)
    opening = float((before * cost[:, first])[sold].sum())
    unconstrained = value(need, cost)[sold][:, view.periods].sum(axis=0)
    return rows.assign(
        **{
            "unconstrained supply": unconstrained,
            "demand so far": np.cumsum(rows["demand"]),
            "supply so far": opening + np.cumsum(rows["supply"]),
            "unconstrained supply so far": opening + np.cumsum(unconstrained),
        }
    )


def needed_supply(plan: Plan, pegging: Pegging) -> np.ndarray:
    """(products, periods) units that come in unconstrained, less what own bills and transfers take."""
    edges, network = plan.inputs.network.edges, plan.inputs.network
    supply = np.nan_to_num(network.receipts).sum(axis=1) - pegging.used
    np.add.at(supply, edges.product, need_against_limits(plan.inputs, pegging))
    return supply


def sentence(plan: Plan, view: View, table: pd.DataFrame) -> str:
    """Where supply falls behind demand, and what the limits take from the need."""
    if not planned(plan):
        return NOT_PLANNED
    unit = plan.inputs.money.base_currency if view.money else "units"
    ahead = table["supply so far"] - table["demand so far"]
    least = int(ahead.argmin())
    when = month(str(table["period"].iloc[least]))
    first = (
        f"Stock and supply together fall behind demand, at most by {short(float(-ahead.min()))} {unit} in "
        f"{when}"
        if ahead.min() < -0.5
        else f"Stock and supply together stay ahead of demand, at least by {short(float(ahead.min()))} "
        f"{unit} in {when}"
    )
    return f"{first}. {limits_words(table, unit, not shortage_table(plan, view).empty)}."


def limits_words(table: pd.DataFrame, unit: str, late: bool) -> str:
    """How far the plan is behind the unconstrained need, and when most.

    late: whether any demand is late or lost; limits are blamed for nothing else
    """
    behind = table["unconstrained supply so far"] - table["supply so far"]
    if not behind.max() > 0.5:
        return (
            "Added up, the plan brings all that is needed, and yet some demand is late or lost"
            if late
            else "Limits take nothing from what is needed"
        )
    at, end = int(behind.argmax()), float(behind.iloc[-1])
    later = "" if at == len(table) - 1 else f", {short(end if end >= 0.5 else 0.0)} at the end"
    size = f"up to {short(float(behind.max()))} {unit} behind the unconstrained need in "
    when = f"{month(str(table['period'].iloc[at]))}{later}"
    return (
        f"Limits keep the plan {size}{when}"
        if late
        else f"The plan is {size}{when}, and nothing is late or lost"
    )


def cumulative_figure(plan: Plan, view: View, style: Style, table: pd.DataFrame) -> FigureDict:
    """Cumulative demand against cumulative supply: the gap between the lines is stock, or what is owed."""
    names = {
        "Demand": ("demand so far", style.plan, "solid"),
        "Unconstrained": ("unconstrained supply so far", style.muted, "dot"),
        "Supply": ("supply so far", style.actual, "solid"),
    }
    ahead = table["supply so far"] - table["demand so far"]
    end = float(ahead.iloc[-1])
    title = f"Supply ends {short(abs(end))} {'ahead of' if end >= 0 else 'behind'} demand, added up"
    return _lines(plan, view, style, table, names, title, "added up, supply from the stock at the start on")


def plans_figure(plan: Plan, view: View, style: Style, table: pd.DataFrame) -> FigureDict:
    """Month by month: demand, the supply that it would need, and what the plan can bring."""
    names = {
        "Demand": ("demand", style.plan, "solid"),
        "Unconstrained": ("unconstrained supply", style.muted, "dot"),
        "Plan": ("supply", style.actual, "solid"),
    }
    behind = table["unconstrained supply so far"] - table["supply so far"]
    unit = plan.inputs.money.base_currency if view.money else "units"
    title = (
        f"The plan is up to {short(float(behind.max()))} {unit} behind the unconstrained need"
        if behind.max() > 0.5
        else "The plan brings all that is needed, added up"
    )
    return _lines(plan, view, style, table, names, title, "by month, supply less own use")


def _lines(
    plan: Plan,
    view: View,
    style: Style,
    table: pd.DataFrame,
    names: dict[str, tuple[str, str, str]],
    title: str,
    how: str,
) -> FigureDict:
    calendar = plan.inputs.calendar
    days = look.plan_days(calendar, view.periods)
    columns = [column for column, _, _ in names.values()]
    top = 1.1 * max(float(table[columns].max().max()), 1.0)
    shapes, labels = look.zones(calendar, style)
    ends = [(name, float(table[column].iloc[-1]), color) for name, (column, color, _) in names.items()]
    unit = f"{plan.inputs.money.base_currency} at standard cost".strip() if view.money else "units"
    scope = "products sold" if view.whole else f"products sold of {view.words}"
    return {
        "data": [
            look.line(name, days, table[column].to_numpy(), color, dash=dash)
            for name, (column, color, dash) in names.items()
        ],
        "layout": look.layout(
            style,
            title,
            f"{unit} {how}; {scope}, all markets",
            360,
            xaxis=look.months_axis(style, calendar, days) | {"dtick": "M3" if len(days) > 8 else "M1"},
            yaxis={"range": [min(0.0, float(table[columns].min().min())), top], "tickformat": "~s"},
            shapes=shapes,
            annotations=[*labels, *look.end_labels(ends, days[-1], top)],
            margin={"r": 110},
        ),
    }
