"""Where the fiscal year lands: actuals and the plan to go by month, against budget and prior year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import change_pct, month, short
from sop_engine.charts.panels import dashes, mark, stacked
from sop_engine.charts.style import FigureDict, Style, bars, difference_color, layout, outline
from sop_engine.charts.view import View
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.baselines import prior_year_cells
from sop_engine.finance_review.statement import cost_share
from sop_engine.finance_review.valuation import IN_MARGIN, actual_cost, actual_revenue
from sop_engine.inputs import Inputs
from sop_engine.inputs.money import elapsed_buckets
from sop_engine.plan import Plan

REVENUE, MARGIN = "revenue", "gross margin"
_LOOK = "solid: actual dark, plan coloured; outline: budget; grey: prior year"
_MISSING = {REVENUE: "no price is loaded", MARGIN: "no price, or no unit cost, is loaded"}
_BUDGET_FIELD = {REVENUE: "revenue", MARGIN: "gross_margin"}


def landing_table(plan: Plan, view: View, measure: str) -> pd.DataFrame:
    """The fiscal year by month: period, kind (actual, plan), value, budget, prior_year, gap; NaN = not known.

    measure: REVENUE or MARGIN (after the supply choices that count in it), base currency; actuals and prior
    year at the standard cost that was valid then, as far as it is on file; gap: value less budget
    """
    calendar = plan.inputs.calendar
    span = span_of(calendar, Window.FISCAL_YEAR)
    past, planned = np.flatnonzero(span.past), span.planned
    value = np.concatenate(
        [_actual(plan.inputs, view, measure)[past], planned_money(plan, view, measure)[planned]]
    )
    budget = np.concatenate([_budget_to_date(plan, view, measure), _budget(plan, view, measure)[planned]])
    return pd.DataFrame(
        {
            "period": [calendar.labels[bucket] for bucket in (*past, *(calendar.now + planned))],
            "kind": ["actual"] * len(past) + ["plan"] * len(planned),
            "value": value,
            "budget": budget,
            "prior_year": _prior(plan.inputs, view, measure, np.concatenate([past - calendar.now, planned])),
            "gap": value - budget,
        }
    )


def planned_money(plan: Plan, view: View, measure: str) -> np.ndarray:
    """(periods,) revenue or gross margin of the view; supply choices are shared by standard cost."""
    finance, cells = plan.finance, np.ix_(view.products, view.markets)
    revenue = finance.revenue[cells].sum(axis=(0, 1))
    if measure == REVENUE:
        return revenue
    choices = sum(finance.choice_costs[name] for name in IN_MARGIN) * cost_share(
        finance, view.products, view.markets
    )
    return revenue - finance.standard_cost[cells].sum(axis=(0, 1)) - choices


def landing_words(table: pd.DataFrame, plan: Plan, measure: str) -> str:
    """Where the fiscal year lands: against the budget, where it says something, and the prior year."""
    calendar, currency = plan.inputs.calendar, plan.inputs.money.base_currency
    total, said = table["value"].sum(skipna=False), table["gap"].notna()
    if np.isnan(total):
        return f"Nothing is known of the {measure}: {_MISSING[measure]}"
    words = (
        f"Fiscal year {calendar.fiscal_years[calendar.now]} lands at {short(total)} {currency} of {measure}"
    )
    if said.any():
        gap, budget = table.loc[said, "gap"].sum(), table.loc[said, "budget"].sum()
        side = "above" if gap > 0 else "below"
        words += (
            f", {short(abs(gap))} ({change_pct(budget + gap, budget)}) {side} budget"
            if gap
            else ", on budget"
        )
    prior = table["prior_year"].sum(min_count=len(table))
    return words + (f"; the year before was {short(prior)}" if np.isfinite(prior) and prior else "")


def landing(
    table: pd.DataFrame, base: pd.DataFrame, plan: Plan, measure: str, scope: str, style: Style
) -> FigureDict:
    """Months of the fiscal year against budget and prior year, with gaps; base: the baseline's table."""
    moved = not np.allclose(table["value"], base["value"], equal_nan=True)
    x = [month(period) for period in table["period"]]
    planned = style.scenario if moved else style.plan
    colors = [style.actual if kind == "actual" else planned for kind in table["kind"]]
    unit = plan.inputs.money.base_currency
    axes, titles = stacked(
        style,
        [f"{measure.capitalize()}, {unit}".rstrip(", "), f"Gap to budget, {unit}".rstrip(", ")],
        (5, 2),
        gap=0.1,
    )
    traces = [
        bars("Prior year", x, table["prior_year"], style.prior, width=0.86, opacity=0.55),
        bars("Actual or plan", x, table["value"], colors, width=0.5),
        outline("Budget", x, table["budget"], style, width=0.7),
        *([dashes("Baseline", x, base["value"], style.plan)] if moved else []),
        _gap_bars(x, table["gap"].to_numpy(), style),
    ]
    legend = {
        "orientation": "h",
        "x": 1,
        "xanchor": "right",
        "y": 1.0,
        "yanchor": "bottom",
        "traceorder": "normal",
    }
    return {
        "data": traces,
        "layout": layout(
            style,
            landing_words(table, plan, measure),
            "; ".join(
                part for part in (f"{measure.capitalize()}, {unit}".rstrip(", "), scope, _LOOK) if part
            ),
            height=380,
            barmode="overlay",
            annotations=titles,
            showlegend=True,
            legend=legend,
            xaxis={**axes.pop("xaxis"), "type": "category"},
            yaxis2={**axes.pop("yaxis2"), "range": _gap_range(table["gap"])},
            **axes,
        ),
    }


def _actual(inputs: Inputs, view: View, measure: str) -> np.ndarray:
    """(past buckets,) revenue, or margin at the standard cost that was valid then."""
    cells = np.ix_(view.products, view.markets)
    revenue = actual_revenue(inputs)[cells].sum(axis=(0, 1))
    return revenue if measure == REVENUE else revenue - actual_cost(inputs)[cells].sum(axis=(0, 1))


def _prior(inputs: Inputs, view: View, measure: str, periods: np.ndarray) -> np.ndarray:
    """(periods,) one year earlier, NaN where that is no history."""
    cells = prior_year_cells(inputs, periods)
    money = cells["revenue"] if measure == REVENUE else cells["revenue"] - cells["cost"]
    return money[np.ix_(view.products, view.markets)].sum(axis=(0, 1))


def _budget(plan: Plan, view: View, measure: str) -> np.ndarray:
    """(periods,) what the budget says of the view; NaN where it says nothing."""
    if plan.finance.budget is None:
        return np.full(plan.inputs.calendar.periods, np.nan)
    return _said(getattr(plan.finance.budget, _BUDGET_FIELD[measure]), view)


def _budget_to_date(plan: Plan, view: View, measure: str) -> np.ndarray:
    """(elapsed buckets of the fiscal year,) as `_budget`."""
    if plan.finance.budget is None:
        return np.full(elapsed_buckets(plan.inputs.calendar), np.nan)
    return _said(plan.finance.budget.to_date[_BUDGET_FIELD[measure]], view)


def _said(cells: np.ndarray, view: View) -> np.ndarray:
    """(buckets,) sum over the view of what is stated; NaN where nothing is."""
    inside = cells[np.ix_(view.products, view.markets)]
    return np.where(np.isnan(inside).all(axis=(0, 1)), np.nan, np.nansum(inside, axis=(0, 1)))


def _gap_range(gaps: pd.Series) -> list[float] | None:
    """Room for the labels above and below the bars; None lets the axis choose."""
    known = gaps.dropna()
    low, high = min(known.min(), 0.0) if len(known) else 0.0, max(known.max(), 0.0) if len(known) else 0.0
    room = 0.45 * (high - low)
    return [low - room * (low < 0), high + room * (high > 0)] if room else None


def _gap_bars(x: Sequence[str], gaps: np.ndarray, style: Style) -> dict[str, Any]:
    known = np.nan_to_num(gaps)
    return {
        **bars(
            "Gap to budget",
            x,
            gaps,
            [difference_color(gap, 1, style) for gap in known],
            width=0.5,
            yaxis="y2",
        ),
        "text": ["" if np.isnan(gap) else f"{mark(gap)} {short(abs(gap))}" for gap in gaps],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"size": 11},
        "showlegend": False,
    }
