"""Independent and dependent demand."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, ranked_table
from sop_engine.charts import demand_review as charts


def show(page: Page) -> None:
    """What bills of material need for the independent demand."""
    st.caption(
        "Units over the months of the filter. Dependent demand is what bills of material need, gross of "
        "stock."
    )
    ranked_table(charts.dependent_demand(page.plan, page.view), "demand_dependent")
