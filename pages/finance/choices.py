"""What serving this demand costs beyond standard cost."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, chart
from sop_engine.charts import finance_review


def show(page: Page) -> None:
    """What serving this demand costs beyond standard cost."""
    periods = page.view.periods
    table, base = (finance_review.choice_table(plan, periods) for plan in (page.plan, page.baseline))
    if table.empty and base.empty:
        st.info("No supply choice costs anything in these months, as far as its rates are loaded.")
        return
    figure = finance_review.choice_costs(table, base, page.plan, periods, page.style)
    chart(figure, "finance_choices", "Cost of the supply choices by month", lambda: table)
