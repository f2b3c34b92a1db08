"""Money tied up and money coming in: stock, working capital in days, and free cash."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.finance.words import not_filtered, span_words, unknown
from pages.frame import session
from pages.frame.page import Page, chart, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import finance_cash, finance_review
from sop_engine.finance_review.working_capital import WorkingCapital, without_capex
from sop_engine.plan import Plan


def show(page: Page) -> None:
    """Inventory and cash effect by month, days tied up and free cash, then every figure of the months."""
    not_filtered(page, "cash")
    periods = page.view.periods
    capital, before = (_capital(plan) for plan in (page.plan, page.baseline))
    if np.isnan(capital.inventory[periods]).all() and np.isnan(page.plan.finance.cash_effect[periods]).all():
        unknown("stock value and cash", "load unit_cost and price.")
        return
    figure = finance_review.stock_cash(page.plan, page.baseline, periods, page.style)
    stock = lambda: finance_review.stock_cash_table(page.plan, periods)  # noqa: E731
    chart(figure, "finance_cash", "Inventory value and cash effect by month", stock)
    by_month = lambda: finance_cash.month_table(page.plan, capital, periods)  # noqa: E731
    for column, draw, key, alt in zip(
        st.columns(2, gap="medium"),
        (finance_cash.days_figure, finance_cash.free_cash_figure),
        ("finance_days", "finance_free_cash"),
        ("Cash-to-cash days by month", "Free cash by month"),
        strict=True,
    ):
        with column:
            chart(draw(page.plan, capital, before, periods, page.style), key, alt, by_month)
    words = (
        f"Whole company, {span_words(page)}.",
        finance_cash.cover_words(page.card.inventory_days),
        _unknown_words(page.plan, page.view.periods),
    )
    st.caption(escaped(" ".join(filter(None, words))))
    ranked_table(
        finance_cash.figure_table(page.plan, capital, before, periods), "working_capital", ids=("figure",)
    )


def _unknown_words(plan: Plan, periods: np.ndarray) -> str:
    """What nobody has stated and the figures of these months leave out."""
    missing = plan.finance.not_known
    parts = [f"{len(missing[what])} without a {what}" for what in ("price", "unit cost") if missing[what]]
    zero = f"Counted as 0, because nobody has stated it: {', '.join(parts)}." if parts else ""
    unpaid = ", ".join(without_capex(plan.inputs, plan.portfolio, periods))
    left_out = f"Free cash leaves out the capex of {unpaid}: not known." if unpaid else ""
    return f"{zero} {left_out}".strip()


def _capital(plan: Plan) -> WorkingCapital:
    return _kept_capital(session.data_key(), plan.scenario.to_json(), plan)


@st.cache_resource(show_spinner=False, max_entries=8)
def _kept_capital(data_key: str, scenario: str, _plan: Plan) -> WorkingCapital:
    return finance_cash.capital_of(_plan)
