"""The bridge from a chosen baseline to the working plan."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.frame.page import Page, chart
from sop_engine.charts import finance_bridge
from sop_engine.charts.numbers import month
from sop_engine.finance_review.baselines import Position, budget_position, plan_position, prior_year_position
from sop_engine.finance_review.bridge import margin_bridge
from sop_engine.plan import Plan

PRIOR_YEAR, BASELINE_PLAN = "Prior year", "This cycle's baseline"


def show(page: Page) -> None:
    """Gross margin from a chosen baseline to the working plan."""
    chosen = st.selectbox(
        "From", bridge_starts(page), key="bridge_start", label_visibility="collapsed", width=260
    )
    start, end, periods = positions(page, chosen)
    if not periods.size:
        st.info(
            f"{chosen} says nothing of these months. Choose other months in the filter bar, or another start."
        )
        return
    steps = margin_bridge(start, end)
    if not page.view.whole:
        steps = finance_bridge.narrowed(steps, start, end, page.view.products, page.view.markets)
    labels = page.plan.inputs.calendar.plan_labels
    scope = (
        f"{page.view.words or 'whole company'}, {month(labels[periods[0]])} to {month(labels[periods[-1]])}"
    )
    currency = page.plan.inputs.money.base_currency
    figure = finance_bridge.bridge_figure(steps, "gross margin", currency, scope, page.style)
    words = finance_bridge.bridge_words(steps, "gross margin", currency)
    chart(figure, "finance_bridge", words, lambda: finance_bridge.bridge_table(steps))


def bridge_starts(page: Page) -> list[str]:
    """Budget versions, the prior year, and the baseline where the working scenario differs from it."""
    moved = [BASELINE_PLAN] if page.plan is not page.baseline else []
    return [*moved, *sorted(page.plan.inputs.money.budgets), PRIOR_YEAR]


def positions(page: Page, start: str) -> tuple[Position, Position, np.ndarray]:
    """The start, the working plan, and the months of the filter of which the start says something."""
    inputs, periods = page.plan.inputs, page.view.periods
    if start == BASELINE_PLAN:
        return plan_position("baseline", page.baseline.finance, periods), working(page.plan, periods), periods
    if start == PRIOR_YEAR:
        periods = periods[periods < inputs.calendar.season]
        return prior_year_position(inputs, periods), working(page.plan, periods), periods
    stated = ~np.isnan(inputs.money.budgets[start].gross_margin).all(axis=(0, 1))
    periods = periods[stated[periods]]
    return budget_position(inputs, start, periods), working(page.plan, periods), periods


def working(plan: Plan, periods: np.ndarray) -> Position:
    return plan_position("plan", plan.finance, periods)
