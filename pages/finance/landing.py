"""Where the fiscal year lands: actuals and plan against budget and prior year."""

from __future__ import annotations

from pages.frame.page import Page, chart
from sop_engine.charts import finance_landing
from sop_engine.charts.finance_landing import MARGIN, REVENUE


def show_revenue(page: Page) -> None:
    _landing(page, REVENUE)


def show_margin(page: Page) -> None:
    _landing(page, MARGIN)


def _landing(page: Page, measure: str) -> None:
    """The fiscal year by month against budget and prior year."""
    table = finance_landing.landing_table(page.plan, page.view, measure)
    base = finance_landing.landing_table(page.baseline, page.view, measure)
    figure = finance_landing.landing(table, base, page.plan, measure, page.view.words, page.style)
    key = f"finance_landing_{measure.replace(' ', '_')}"
    chart(figure, key, finance_landing.landing_words(table, page.plan, measure), lambda: table)
