"""Where the fiscal year lands: actuals and plan against budget and prior year."""

from __future__ import annotations

import streamlit as st

from pages.finance.words import unknown
from pages.frame.page import Page, chart
from sop_engine.charts import finance_landing
from sop_engine.charts.finance_landing import MARGIN, REVENUE


def show(page: Page) -> None:
    """The fiscal year by month against budget and prior year, of revenue or gross margin."""
    measure = st.segmented_control(
        "Measure",
        [REVENUE, MARGIN],
        default=REVENUE,
        required=True,
        format_func=str.capitalize,
        key="landing_measure",
        label_visibility="collapsed",
    )
    table = finance_landing.landing_table(page.plan, page.view, measure)
    if table[["value", "budget", "prior_year"]].isna().all(axis=None):
        unknown(measure, "load price, and unit_cost for the margin, or revenue in sales_history.")
        return
    base = finance_landing.landing_table(page.baseline, page.view, measure)
    figure = finance_landing.landing(table, base, page.plan, measure, page.view.words, page.style)
    key = f"finance_landing_{measure.replace(' ', '_')}"
    chart(figure, key, finance_landing.landing_words(table, page.plan, measure), lambda: table)
