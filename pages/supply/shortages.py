"""What is short, dearest first, and why."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import supply_review as charts


def show(page: Page) -> None:
    """Ranked by money; a row opens its sentence."""
    table = charts.shortage_table(page.plan, page.view)
    if table.empty:
        st.caption("Nothing of this filter is late or lost in these months.")
        return
    st.caption(f"Dearest first, {len(table)} cases. Click a row for the whole of it.")
    row = ranked_table(table, "supply_shortages", select=True)
    if row is not None:
        st.info(escaped(str(table["why"][row])))
