"""What the finance review draws: the year's landing, the bridge, supply choices, stock and cash, margin by channel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import change_pct, month, percent, short, signed
from sop_engine.charts.panels import stacked
from sop_engine.charts.style import (
    FigureDict,
    Style,
    bars,
    difference_color,
    html,
    label,
    layout,
    line,
    months_axis,
    outline,
    plan_days,
    values,
    zones,
)
from sop_engine.charts.view import View
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.bridge import Bridge
from sop_engine.finance_review.statement import cost_share
from sop_engine.finance_review.valuation import CHOICES, IN_MARGIN, actual_cost, actual_revenue
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan

REVENUE, MARGIN = "revenue", "gross margin"
_BUDGET_FIELD = {REVENUE: "revenue", MARGIN: "gross_margin"}


def landing_table(plan: Plan, view: View, measure: str) -> pd.DataFrame:
    """The fiscal year by month: period, kind (actual, plan), value, budget, prior_year, gap to budget; NaN = not known.

    measure: REVENUE or MARGIN (after the supply choices that count in it), base currency; actuals at today's standard cost
    """
    calendar = plan.inputs.calendar
    span = span_of(calendar, Window.FISCAL_YEAR)
    past, planned = np.flatnonzero(span.past), span.planned
    year_before = past - calendar.season
    before = np.where(year_before >= 0, _actual(plan.inputs, view, measure)[year_before], np.nan)
    value = np.concatenate([_actual(plan.inputs, view, measure)[past], planned_money(plan, view, measure)[planned]])
    budget = np.concatenate([np.full(len(past), np.nan), _budget(plan, view, measure)[planned]])
    return pd.DataFrame(
        {
            "period": [calendar.labels[bucket] for bucket in (*past, *(calendar.now + planned))],
            "kind": ["actual"] * len(past) + ["plan"] * len(planned),
            "value": value,
            "budget": budget,
            "prior_year": np.concatenate([before, _prior(plan.inputs, view, measure)[planned]]),
            "gap": value - budget,
        }
    )


def planned_money(plan: Plan, view: View, measure: str) -> np.ndarray:
    """(periods,) revenue or gross margin of the view's products and markets; shared choices in proportion to standard cost."""
    finance, cells = plan.finance, np.ix_(view.products, view.markets)
    revenue = finance.revenue[cells].sum(axis=(0, 1))
    if measure == REVENUE:
        return revenue
    choices = sum(finance.choice_costs[name] for name in IN_MARGIN) * cost_share(finance, view.products, view.markets)
    return revenue - finance.standard_cost[cells].sum(axis=(0, 1)) - choices


def landing_words(table: pd.DataFrame, plan: Plan, measure: str) -> str:
    """Where the fiscal year lands, as a sentence: against the budget where it says something, and the prior year."""
    calendar, currency = plan.inputs.calendar, plan.inputs.money.base_currency
    total, said = table["value"].sum(), table["gap"].notna()
    words = f"Fiscal year {calendar.fiscal_years[calendar.now]} lands at {short(total)} {currency} of {measure}"
    if said.any():
        gap, budget = table.loc[said, "gap"].sum(), table.loc[said, "budget"].sum()
        side = "above" if gap > 0 else "below"
        words += f", {short(abs(gap))} ({change_pct(budget + gap, budget)}) {side} budget" if gap else ", on budget"
    prior = table["prior_year"].sum(min_count=len(table))
    return words + (f"; the year before was {short(prior)}" if np.isfinite(prior) and prior else "")


def landing(table: pd.DataFrame, base: pd.DataFrame, plan: Plan, measure: str, scope: str, style: Style) -> FigureDict:
    """Months of the fiscal year against budget and prior year, and the gap of each; base: the table of the baseline."""
    moved = not np.allclose(table["value"], base["value"])
    x = [month(period) for period in table["period"]]
    planned = style.scenario if moved else style.plan
    colors = [style.actual if kind == "actual" else planned for kind in table["kind"]]
    unit = plan.inputs.money.base_currency
    axes, titles = stacked(style, [f"{measure.capitalize()}, {unit}", f"Gap to budget, {unit}"], (3, 1), gap=0.09)
    traces = [
        bars("Prior year", x, table["prior_year"], style.prior, width=0.86, opacity=0.55),
        bars("Actual or plan", x, table["value"], colors, width=0.5),
        outline("Budget", x, table["budget"], style, width=0.7),
        *([_marks("Baseline", x, base["value"], style.plan)] if moved else []),
        _gap_bars(x, table["gap"].to_numpy(), style),
    ]
    legend = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom", "traceorder": "normal"}
    return {
        "data": traces,
        "layout": layout(
            style,
            landing_words(table, plan, measure),
            _subtitle(measure, unit, scope, "solid: actual dark, plan coloured; outline: budget; grey: prior year"),
            height=430,
            barmode="overlay",
            annotations=titles,
            showlegend=True,
            legend=legend,
            xaxis={**axes.pop("xaxis"), "type": "category"},
            **axes,
        ),
    }


def bridge_table(bridge: Bridge) -> pd.DataFrame:
    """step, amount: the start, every bar, the end; start + bars = end."""
    steps = [(bridge.start_label, bridge.start), *bridge.total.items(), (bridge.end_label, bridge.end)]
    return pd.DataFrame(steps, columns=["step", "amount"])


def bridge_words(bridge: Bridge, measure: str, currency: str) -> str:
    """The change and its two largest causes: "Gross margin is 0.9 M below AOP: volume -0.5 M, mix -0.3 M"."""
    change = bridge.end - bridge.start
    largest = sorted(bridge.total.items(), key=lambda bar: -abs(bar[1]))[:2]
    causes = ", ".join(f"{name} {signed(amount)}" for name, amount in largest if amount)
    if not causes and not change:
        return f"{measure.capitalize()} is the same as {bridge.start_label}"
    side = "above" if change >= 0 else "below"
    return f"{measure.capitalize()} is {short(abs(change))} {currency} {side} {bridge.start_label}: {causes}"


def bridge(bridge: Bridge, measure: str, currency: str, scope: str, style: Style) -> FigureDict:
    """From one level to another; the ends are levels, not bars, so that the scale may follow the steps between them."""
    steps = [(name, amount) for name, amount in bridge.total.items() if amount]
    names = [bridge.start_label, *(name for name, _ in steps), bridge.end_label]
    levels = list(accumulate((amount for _, amount in steps), initial=bridge.start))
    colors = [difference_color(amount, 1, style) for _, amount in steps]
    amounts = [amount for _, amount in steps]
    trace = {
        **bars("Step", names[1:-1], np.array(amounts), colors, width=0.55),
        "base": values(levels[:-1]),
        "text": [f"{_mark(amount)} {signed(amount)}" for amount in amounts],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{text}<extra>%{x}</extra>",
    }
    ends = [(0, bridge.start, style.budget), (len(names) - 1, bridge.end, style.plan)]
    return {
        "data": [_invisible(names, [*levels[:1], *levels[1:], bridge.end]), trace],
        "layout": layout(
            style,
            bridge_words(bridge, measure, currency),
            _subtitle(measure, currency, scope, "green up is better, red down is worse; the scale does not begin at zero"),
            height=400,
            hovermode="closest",
            shapes=[*_connectors(levels, style), *(_level(at, amount, color) for at, amount, color in ends)],
            annotations=[
                label(short(amount), at, amount, color, xanchor="center", yanchor="bottom", xshift=0, yshift=4)
                for at, amount, color in ends
            ],
            xaxis={"type": "category", "categoryorder": "array", "categoryarray": names},
            yaxis={"range": _reach([*levels, bridge.end])},
        ),
    }


def choice_table(plan: Plan, periods: np.ndarray) -> pd.DataFrame:
    """choice, period, amount: what each choice costs in these plan periods, base currency; choices that cost nothing left out."""
    labels = [plan.inputs.calendar.plan_labels[period] for period in periods]
    costs = {name: plan.finance.choice_costs[name][periods] for name in CHOICES}
    frames = [pd.DataFrame({"choice": name, "period": labels, "amount": cost}) for name, cost in costs.items() if cost.any()]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["choice", "period", "amount"])


def choice_costs(table: pd.DataFrame, base: pd.DataFrame, plan: Plan, periods: np.ndarray, style: Style) -> FigureDict:
    """Cost of the supply choices by month, stacked, and the baseline's total as a line where it differs."""
    days = plan_days(plan.inputs.calendar, periods)
    by_choice = dict(list(table.groupby("choice", sort=False)["amount"]))
    ranked = sorted(by_choice, key=lambda name: -by_choice[name].sum())
    traces = [
        bars(f"{name.capitalize()}, {short(by_choice[name].sum())}", days, by_choice[name], style.categorical[at])
        for at, name in enumerate(ranked)
    ]
    total, before = table["amount"].sum(), base["amount"].sum()
    if not np.isclose(total, before):
        traces.append(line("Baseline, all", days, base.groupby("period", sort=False)["amount"].sum(), style.plan, dash="dot"))
    currency = plan.inputs.money.base_currency
    largest = f"; the largest is {ranked[0]} with {short(by_choice[ranked[0]].sum())}" if ranked else ""
    shapes, names = zones(plan.inputs.calendar, style)
    return {
        "data": traces,
        "layout": layout(
            style,
            f"Serving this demand costs {short(total)} {currency} beyond standard cost{largest}",
            _subtitle("cost of supply choices", currency, "", "whole company; carrying is stock value x carrying rate"),
            barmode="stack",
            shapes=shapes,
            annotations=names,
            showlegend=True,
            legend={"orientation": "h", "y": -0.12},
            xaxis=months_axis(style, len(periods)),
        ),
    }


def stock_cash_table(plan: Plan, periods: np.ndarray) -> pd.DataFrame:
    """period, inventory_value (at the period's end), each line of the cash effect, cash_effect; base currency."""
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
    """Inventory at each month's end above the cash effect of each month; the baseline is dotted where it differs."""
    table, base = stock_cash_table(plan, periods), stock_cash_table(baseline, periods)
    days, currency = plan_days(plan.inputs.calendar, periods), plan.inputs.money.base_currency
    moved = plan is not baseline
    own = style.scenario if moved else style.plan
    axes, titles = stacked(style, [f"Inventory at the month's end, {currency}", f"Cash effect of the month, {currency}"], (1, 1))
    shapes, names = zones(plan.inputs.calendar, style)
    cash = table["cash_effect"].to_numpy()
    traces = [
        line("Inventory", days, table["inventory_value"], own, fill="tozeroy", fillcolor=style.band),
        *([line("Inventory, baseline", days, base["inventory_value"], style.plan, dash="dot")] if moved else []),
        bars("Cash effect", days, cash, [difference_color(amount, 1, style) for amount in cash], yaxis="y2"),
        *([_marks("Cash effect, baseline", days, base["cash_effect"], style.plan) | {"yaxis": "y2"}] if moved else []),
    ]
    return {
        "data": traces,
        "layout": layout(
            style,
            _stock_cash_words(table, currency),
            _subtitle("before fixed cost", currency, "", "whole company; green brings cash in, red takes it out"),
            height=460,
            shapes=shapes,
            annotations=[*titles, *names],
            xaxis={**months_axis(style, len(periods)), **axes.pop("xaxis")},
            **axes,
        ),
    }


def channel_table(plan: Plan, periods: np.ndarray) -> pd.DataFrame:
    """channel, revenue, standard_cost, margin, margin_pct of these plan periods, base currency, largest revenue first."""
    channels = plan.inputs.markets.channel
    rows = []
    for channel in sorted(set(channels)):
        markets = channels == channel
        revenue, cost = (
            float(cells[:, markets][:, :, periods].sum()) for cells in (plan.finance.revenue, plan.finance.standard_cost)
        )
        rows.append((channel, revenue, cost, revenue - cost, 100 * (revenue - cost) / revenue if revenue else np.nan))
    table = pd.DataFrame(rows, columns=["channel", "revenue", "standard_cost", "margin", "margin_pct"])
    return table.sort_values("revenue", ascending=False, ignore_index=True)


def channel_words(table: pd.DataFrame, currency: str) -> str:
    """The channel with the worst margin beside the best, and that it is served all the same; "" with a single channel."""
    known = table.dropna(subset=["margin_pct"]).sort_values("margin_pct")
    if len(known) < 2:
        return ""
    worst, best = known.iloc[0], known.iloc[-1]
    verb = "loses" if worst["margin"] < 0 else "earns"
    return (
        f"{worst['channel']} {verb} {short(abs(worst['margin']))} {currency} at standard cost ({percent(worst['margin_pct'])} of "
        f"{short(worst['revenue'])}), {best['channel']} earns {percent(best['margin_pct'])} of {short(best['revenue'])}; "
        "who is served follows market priority, not margin"
    )


def channels(table: pd.DataFrame, currency: str, style: Style) -> FigureDict:
    """Revenue of each channel beside what is left of it at standard cost."""
    names = list(table["channel"])
    margins = table["margin"].to_numpy()
    margin = {
        **bars("Margin at standard cost", names, margins, [difference_color(amount, 1, style) for amount in margins]),
        "text": [f"{_mark(amount)} {short(amount)} ({percent(pct)})" for amount, pct in zip(margins, table["margin_pct"], strict=True)],
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
            channel_words(table, currency) or "Revenue and margin by channel",
            _subtitle("revenue, and margin before supply choices", currency, "", "left bar: revenue; right bar: margin"),
            hovermode="closest",
            xaxis={"type": "category"},
        ),
    }


def _actual(inputs: Inputs, view: View, measure: str) -> np.ndarray:
    """(past buckets,) revenue, or margin at today's standard cost."""
    cells = np.ix_(view.products, view.markets)
    revenue = actual_revenue(inputs)[cells].sum(axis=(0, 1))
    return revenue if measure == REVENUE else revenue - actual_cost(inputs)[cells].sum(axis=(0, 1))


def _prior(inputs: Inputs, view: View, measure: str) -> np.ndarray:
    """(periods,) one year earlier, margin at today's standard cost."""
    money, cells = inputs.money, np.ix_(view.products, view.markets)
    revenue = money.prior_revenue[cells].sum(axis=(0, 1))
    if measure == REVENUE:
        return revenue
    return revenue - (money.prior_units * np.nan_to_num(money.unit_cost)[:, None, :])[cells].sum(axis=(0, 1))


def _budget(plan: Plan, view: View, measure: str) -> np.ndarray:
    """(periods,) what the budget says of the view; NaN where it says nothing."""
    if plan.finance.budget is None:
        return np.full(plan.inputs.calendar.periods, np.nan)
    cells = getattr(plan.finance.budget, _BUDGET_FIELD[measure])[np.ix_(view.products, view.markets)]
    return np.where(np.isnan(cells).all(axis=(0, 1)), np.nan, np.nansum(cells, axis=(0, 1)))


def _gap_bars(x: Sequence[str], gaps: np.ndarray, style: Style) -> dict[str, Any]:
    known = np.nan_to_num(gaps)
    return {
        **bars("Gap to budget", x, gaps, [difference_color(gap, 1, style) for gap in known], width=0.5, yaxis="y2"),
        "text": ["" if np.isnan(gap) else f"{_mark(gap)} {signed(gap)}" for gap in gaps],
        "textposition": "auto",
        "textangle": 0,
        "textfont": {"size": 12},
        "showlegend": False,
    }


def _marks(name: str, x: Sequence[str], y: Sequence[float], color: str) -> dict[str, Any]:
    """A level per month, as a dash."""
    marker = {"symbol": "line-ew", "size": 16, "line": {"color": color, "width": 3}}
    trace = {"type": "scatter", "mode": "markers", "name": name, "x": list(x), "y": values(y), "marker": marker}
    return {**trace, "hovertemplate": f"%{{y:,.0f}}<extra>{html(name)}</extra>"}


def _invisible(names: Sequence[str], levels: Sequence[float]) -> dict[str, Any]:
    """Holds every category of the axis, so that the ends keep their places."""
    return {"type": "scatter", "x": list(names), "y": values(levels), "mode": "markers", "opacity": 0, "hoverinfo": "skip"}


def _connectors(levels: Sequence[float], style: Style) -> list[dict[str, Any]]:
    return [
        {"type": "line", "x0": at, "x1": at + 1, "y0": level, "y1": level, "line": {"color": style.muted, "width": 1}}
        for at, level in enumerate(levels)
    ]


def _level(at: int, amount: float, color: str) -> dict[str, Any]:
    return {"type": "line", "x0": at - 0.35, "x1": at + 0.35, "y0": amount, "y1": amount, "line": {"color": color, "width": 6}}


def _reach(levels: Sequence[float]) -> list[float]:
    """The range of the scale: all levels with room for labels."""
    low, high = min(levels), max(levels)
    room = 0.18 * (high - low) or 0.1 * abs(high) or 1.0
    return [low - room, high + room]


def _stock_cash_words(table: pd.DataFrame, currency: str) -> str:
    stock, cash = table["inventory_value"], table["cash_effect"].sum()
    return (
        f"Inventory goes from {short(stock.iloc[0])} to {short(stock.iloc[-1])} {currency}; "
        f"{'operations bring in' if cash >= 0 else 'operations take out'} {short(abs(cash))} over these months"
    )


def _mark(amount: float) -> str:
    return "▲" if amount > 0 else "▼" if amount < 0 else ""


def _subtitle(measure: str, unit: str, scope: str, note: str) -> str:
    return "; ".join(part for part in (f"{measure.capitalize()}, {unit}", scope, note) if part)
