"""What finance draws beside landing and bridge: supply choices, stock and cash, margin by channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import months, percent, short
from sop_engine.charts.panels import dashes, mark, own_color, stacked
from sop_engine.charts.style import (
    FigureDict,
    Style,
    bars,
    difference_color,
    layout,
    line,
    months_axis,
    plan_days,
    zones,
)
from sop_engine.charts.view import View
from sop_engine.finance_review.valuation import CHOICES
from sop_engine.plan import Plan


def choice_table(plan: Plan, periods: np.ndarray) -> pd.DataFrame:
    """choice, period, amount (base currency) in these periods; choices that cost nothing are left out."""
    labels = [plan.inputs.calendar.plan_labels[period] for period in periods]
    costs = {name: plan.finance.choice_costs[name][periods] for name in CHOICES}
    frames = [
        pd.DataFrame({"choice": name, "period": labels, "amount": cost})
        for name, cost in costs.items()
        if np.nan_to_num(cost).any()
    ]
    return (
        pd.concat(frames, ignore_index=True)
        if frames
        else pd.DataFrame(columns=["choice", "period", "amount"])
    )


def choice_costs(
    table: pd.DataFrame, base: pd.DataFrame, plan: Plan, periods: np.ndarray, style: Style
) -> FigureDict:
    """Cost of the supply choices by month, stacked, and the baseline's total as a line where it differs."""
    days = plan_days(plan.inputs.calendar, periods)
    by_choice = dict(list(table.groupby("choice", sort=False)["amount"]))
    ranked = sorted(by_choice, key=lambda name: -by_choice[name].sum())
    traces = [
        bars(
            f"{name.capitalize()}, {short(by_choice[name].sum())}",
            days,
            by_choice[name],
            style.categorical[at],
        )
        for at, name in enumerate(ranked)
    ]
    total, before = table["amount"].sum(), base["amount"].sum()
    if not np.isclose(total, before):
        traces.append(
            line(
                "Baseline, all",
                days,
                base.groupby("period", sort=False)["amount"].sum(),
                style.plan,
                dash="dot",
            )
        )
    currency = plan.inputs.money.base_currency
    largest = f"; the largest is {ranked[0]} with {short(by_choice[ranked[0]].sum())}" if ranked else ""
    shapes, names = zones(plan.inputs.calendar, style)
    return {
        "data": traces,
        "layout": layout(
            style,
            f"Serving this demand costs {short(total)} {currency} beyond standard cost{largest}, "
            f"{months([plan.inputs.calendar.plan_labels[period] for period in periods])}",
            f"Cost of supply choices, {currency}; whole company; carrying is stock value x carrying rate",
            height=380,
            barmode="stack",
            shapes=shapes,
            annotations=names,
            showlegend=True,
            legend={"orientation": "h", "y": -0.12},
            xaxis=months_axis(style, plan.inputs.calendar, days),
        ),
    }


def stock_cash_table(plan: Plan, periods: np.ndarray) -> pd.DataFrame:
    """period, inventory_value (at its end), each line of the cash effect, cash_effect; base currency."""
    finance = plan.finance
    lines = {f"cash: {name}": amounts[periods] for name, amounts in finance.cash.items()}
    return pd.DataFrame(
        {
            "period": [plan.inputs.calendar.plan_labels[period] for period in periods],
            "inventory_value": finance.inventory_value.sum(axis=0)[periods],
            **lines,
            "cash_effect": finance.cash_effect[periods],
        }
    )


def stock_cash(plan: Plan, baseline: Plan, periods: np.ndarray, style: Style) -> FigureDict:
    """Inventory at each month's end above the cash effect of each month; dotted: the baseline."""
    table, base = stock_cash_table(plan, periods), stock_cash_table(baseline, periods)
    days, currency = plan_days(plan.inputs.calendar, periods), plan.inputs.money.base_currency
    moved = plan is not baseline
    own = own_color(plan, style)
    axes, titles = stacked(
        style, [f"Inventory at the month's end, {currency}", f"Cash effect of the month, {currency}"], (1, 1)
    )
    shapes, names = zones(plan.inputs.calendar, style)
    cash = table["cash_effect"].to_numpy()
    traces = [
        line("Inventory", days, table["inventory_value"], own, fill="tozeroy", fillcolor=style.band),
        *(
            [line("Inventory, baseline", days, base["inventory_value"], style.plan, dash="dot")]
            if moved
            else []
        ),
        bars("Cash effect", days, cash, [difference_color(amount, 1, style) for amount in cash], yaxis="y2"),
        *(
            [dashes("Cash effect, baseline", days, base["cash_effect"], style.plan) | {"yaxis": "y2"}]
            if moved
            else []
        ),
    ]
    return {
        "data": traces,
        "layout": layout(
            style,
            _stock_cash_words(table, currency),
            f"{currency}{'; ' * bool(currency)}whole company, before fixed cost; green brings cash in, "
            "red takes it out",
            height=400,
            shapes=shapes,
            annotations=[*titles, *names],
            xaxis={**months_axis(style, plan.inputs.calendar, days), **axes.pop("xaxis")},
            **axes,
        ),
    }


def channel_table(plan: Plan, view: View) -> pd.DataFrame:
    """channel, revenue, standard_cost, margin, margin_pct of the view; base currency, largest
    revenue first."""
    channels = plan.inputs.markets.channel
    rows = []
    for channel in sorted(set(channels[view.markets])):
        cells = np.ix_(view.products, view.markets & (channels == channel), view.periods)
        revenue, cost = (
            float(money[cells].sum()) for money in (plan.finance.revenue, plan.finance.standard_cost)
        )
        rows.append(
            (channel, revenue, cost, revenue - cost, 100 * (revenue - cost) / revenue if revenue else np.nan)
        )
    table = pd.DataFrame(rows, columns=["channel", "revenue", "standard_cost", "margin", "margin_pct"])
    return table.sort_values("revenue", ascending=False, ignore_index=True)


def channel_words(table: pd.DataFrame, currency: str) -> str:
    """The channel with the worst margin beside the best; "" where there is a single channel."""
    known = table.dropna(subset=["margin_pct"]).sort_values("margin_pct")
    if len(known) < 2:
        return ""
    worst, best = known.iloc[0], known.iloc[-1]
    verb = "loses" if worst["margin"] < 0 else "earns"
    return (
        f"{worst['channel']} {verb} {short(abs(worst['margin']))} {currency} at standard cost "
        f"({percent(worst['margin_pct'])} of {short(worst['revenue'])}), "
        f"{best['channel']} earns {percent(best['margin_pct'])} of {short(best['revenue'])}; "
        "who is served follows the stated policy, not margin"
    )


def channels(table: pd.DataFrame, currency: str, scope: str, style: Style) -> FigureDict:
    """Revenue of each channel beside what is left of it at standard cost."""
    names = list(table["channel"])
    margins = table["margin"].to_numpy()
    margin = {
        **bars(
            "Margin at standard cost",
            names,
            margins,
            [difference_color(amount, 1, style) for amount in margins],
        ),
        "text": [
            f"{mark(amount)} {short(amount)} ({percent(pct)})"
            for amount, pct in zip(margins, table["margin_pct"], strict=True)
        ],
        "textposition": "outside",
        "cliponaxis": False,
    }
    revenue = {
        **bars("Revenue", names, table["revenue"], style.plan),
        "text": [short(amount) for amount in table["revenue"]],
        "textposition": "outside",
        "cliponaxis": False,
    }
    return {
        "data": [revenue, margin],
        "layout": layout(
            style,
            _channel_title(table),
            f"{', '.join(filter(None, (scope, currency)))}: revenue (left) and margin at standard cost, "
            "before supply choices (right)",
            height=350,
            hovermode="closest",
            xaxis={"type": "category"},
        ),
    }


def _channel_title(table: pd.DataFrame) -> str:
    """Each channel's margin: "Reseller earns -1.9 % at standard cost, Internet 41.4 %"."""
    known = table.dropna(subset=["margin_pct"])
    parts = [
        f"{name} {percent(pct)}" for name, pct in zip(known["channel"], known["margin_pct"], strict=True)
    ]
    return (
        f"Margin at standard cost: {', '.join(parts)}"
        if parts
        else "No revenue and margin is known of these months"
    )


def _stock_cash_words(table: pd.DataFrame, currency: str) -> str:
    stock, cash = table["inventory_value"], table["cash_effect"].sum(min_count=1)
    if stock.isna().all():
        return "No unit cost is loaded, so stock has no value"
    if np.isnan(cash):
        return f"Inventory goes from {short(stock.iloc[0])} to {short(stock.iloc[-1])}; no price is loaded"
    return (
        f"Inventory goes from {short(stock.iloc[0])} to {short(stock.iloc[-1])} {currency}; "
        f"operations {'bring in' if cash >= 0 else 'take out'} {short(abs(cash))}, "
        f"{months(list(table['period']))}"
    )
