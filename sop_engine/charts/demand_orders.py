"""The order book against the forecast: what is ordered, left to order and late, and the pace of the month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import change_pct, day, month, share, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.orders import Pace, forecast_left, order_units, pace
from sop_engine.money import worth
from sop_engine.plan import Plan


def book(plan: Plan, view: View) -> dict[str, np.ndarray]:
    """(products, markets, periods) in the view's unit: forecast, on time and overdue open orders, what orders
    exceed the forecast by, what is left of it, and what of that the demand fence drops.
    """
    orders, overdue = order_units(plan.inputs)
    forecast, due = plan.demand.consensus, orders - overdue
    left = forecast_left(forecast, due)
    inside = np.arange(left.shape[2]) < plan.inputs.settings["demand_fence_periods"]
    cells = {
        "forecast": forecast,
        "orders": due,
        "overdue": overdue,
        "above forecast": np.maximum(due - forecast, 0.0),
        "forecast left": np.where(inside, 0.0, left),
        "dropped": np.where(inside, left, 0.0),
    }
    return {name: view.valued(units, plan) for name, units in cells.items()}


def months_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per month of the view; ordered %: of its forecast, cell by cell, so never above 100."""
    sums = {name: view.by_period(cells) for name, cells in book(plan, view).items()}
    consumed = sums["orders"] - sums["above forecast"]
    forecast = sums["forecast"]
    ordered = 100 * np.divide(consumed, forecast, out=np.full(len(forecast), np.nan), where=forecast > 0)
    labels = [plan.inputs.calendar.plan_labels[period] for period in view.periods]
    return pd.DataFrame({"period": labels, **sums, "ordered %": ordered})


def orders_figure(plan: Plan, view: View, style: Style, title: str, height: int = 360) -> FigureDict:
    """Overdue orders, orders and the forecast left to order by month, the demand fence shaded."""
    table = months_table(plan, view)
    calendar = plan.inputs.calendar
    days = look.plan_days(calendar, view.periods)
    parts = {
        "Overdue": ("overdue", {"color": style.bad}),
        "Open orders": ("orders", {"color": style.actual}),
        "Forecast left to order": ("forecast left", {"color": style.plan, "opacity": 0.55}),
        "Dropped at the fence": (
            "dropped",
            {"color": "rgba(0,0,0,0)", "line": {"color": style.muted, "width": 1.2}},
        ),
    }
    traces = [
        look.bars(name, days, table[column].to_numpy(), "", marker=marker)
        for name, (column, marker) in parts.items()
        if table[column].any()
    ]
    fence = int(plan.inputs.settings["demand_fence_periods"])
    shapes, labels = _fence(plan, fence, style) if fence else look.zones(calendar, style)
    key = ", ".join(words for words, (column, _) in parts.items() if table[column].any()).lower()
    subtitle = f"{view.unit(plan)} a month, {view.words or 'whole company'}; from below: {key}"
    return {
        "data": traces,
        "layout": look.layout(
            style,
            title,
            subtitle,
            height,
            xaxis=look.months_axis(style, calendar, days),
            yaxis={"tickformat": "~s"},
            barmode="stack",
            shapes=shapes,
            annotations=labels,
        ),
    }


def fence_words(plan: Plan, view: View) -> str:
    """Where the demand fence stands and what it drops, in the view's unit."""
    fence = int(plan.inputs.settings["demand_fence_periods"])
    if not fence:
        return "No demand fence is set (demand_fence_periods): demand is orders or forecast, what is larger."
    dropped = float(months_table(plan, view)["dropped"].sum())
    last = month(plan.inputs.calendar.plan_labels[fence - 1])
    return (
        f"To {last}, inside the demand fence, demand is open orders only: "
        f"{short(dropped)} {view.unit(plan)} of forecast without an order are dropped."
    )


def backlog_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per market with open orders, the largest backlog first: overdue and all open orders, in units
    and at net price, over the view's months; money is NaN where no price is known.
    """
    orders, overdue = order_units(plan.inputs)
    price = plan.finance.price
    cells = {
        "overdue": worth(overdue, price),
        "open orders": worth(orders, price),
        "overdue units": overdue,
        "open units": orders,
    }
    inside = {name: view.cut(values).sum(axis=(0, 2)) for name, values in cells.items()}
    markets = np.array(plan.inputs.markets.labels, dtype=object)[view.markets]
    table = pd.DataFrame({"market": markets, **inside})
    table = table[table["open units"] > 0]
    return table.sort_values(
        ["overdue", "overdue units", "open orders", "market"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )


def family_table(plan: Plan, view: View) -> pd.DataFrame:
    """One row per family over the months that hold orders, the most money at stake first.

    above forecast: orders beyond their cell's forecast; left: forecast without an order; at stake: the larger
    """
    cells = book(plan, view)
    booked = np.flatnonzero(cells["orders"].sum(axis=(0, 1)) > 0)
    last = booked.max() + 1 if booked.size else 0
    families, rows = plan.inputs.products.family, []
    for family in sorted(set(families[view.products & plan.inputs.products.sellable])):
        cut = np.ix_(view.products & (families == family), view.markets, view.periods[view.periods < last])
        sums = {name: float(values[cut].sum()) for name, values in cells.items()}
        left = sums["forecast left"] + sums["dropped"]
        rows.append(
            {
                "family": family,
                "forecast": sums["forecast"],
                "orders": sums["orders"],
                "ordered %": _percent(sums["orders"] - sums["above forecast"], sums["forecast"]),
                "above forecast": sums["above forecast"],
                "left to order": left,
                "at stake": max(left, sums["above forecast"]),
            }
        )
    columns = ["family", "forecast", "orders", "ordered %", "above forecast", "left to order", "at stake"]
    table = pd.DataFrame(rows, columns=columns)
    table = table[(table["forecast"] > 0) | (table["orders"] > 0)]
    return table.sort_values(["at stake", "family"], ascending=[False, True], ignore_index=True)


def pace_words(plan: Plan, view: View) -> str:
    """How the first month of the plan goes against its forecast, and on which days that rests.

    Projected are only the markets that have ordered anything: from the others nothing is heard yet.
    """
    found = pace(plan.inputs, plan.demand.consensus)
    heard = view.markets & (found.secured[view.products].sum(axis=0) > 0)
    secured, forecast = (_sum(plan, view, cells, view.markets) for cells in (found.secured, found.forecast))
    label, unit = month(plan.inputs.calendar.plan_labels[0]), view.unit(plan)
    words = (
        f"{label}: {short(secured)} {unit} shipped or on order, {share(secured, forecast)} of its forecast"
    )
    if not found.rests_on or not heard.any():
        return f"{words}. The data names no day of it yet, so nothing is projected."
    projected, theirs = (_sum(plan, view, cells, heard) for cells in (found.projected, found.forecast))
    return (
        f"{words}. At the pace of its first {found.elapsed:.0f} of {found.total:.0f} working days, the "
        f"{heard.sum()} of {view.markets.sum()} markets with orders end at {short(projected)}, "
        f"{change_pct(projected, theirs)} on their forecast. {_rests(found)}"
    )


def _rests(found: Pace) -> str:
    last = day(found.as_of.item())
    if found.rests_on == "shipments":
        return f"That rests on shipments up to {last} and orders due by then."
    return f"That rests on open orders requested up to {last}, the latest date; no shipment is on file."


def _sum(plan: Plan, view: View, cells: np.ndarray, markets: np.ndarray) -> float:
    """(products, markets) units of the first period -> the sum over the view's products, in its unit."""
    valued = view.valued(cells[:, :, None], plan)[:, :, 0]
    return float(valued[np.ix_(view.products, markets)].sum())


def _fence(plan: Plan, fence: int, style: Style) -> tuple[list[dict], list[dict]]:
    """The months inside the demand time fence, shaded and named."""
    starts, now = plan.inputs.calendar.starts, plan.inputs.calendar.now
    half = (starts[now + 1] - starts[now]) // 2
    left, right = (str(starts[min(at, len(starts) - 1)] - half) for at in (now, now + fence))
    box = {"type": "rect", "x0": left, "x1": right, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    small = {"color": style.muted, "size": 11}
    name = look.label(
        "demand fence", left, 1, style.muted, yref="paper", yanchor="bottom", xshift=0, font=small
    )
    return [{**box, "fillcolor": style.frozen, "line": {"width": 0}}], [name]


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole > 0 else np.nan
