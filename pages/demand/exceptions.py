"""The families that need the meeting, largest money first."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, chart, ranked_table
from sop_engine.charts import demand_review as charts
from sop_engine.charts.numbers import month


def show(page: Page) -> None:
    """Families by the size of their change; a row opens the family's months."""
    changes = charts.family_changes(page.plan, page.baseline, page.view)
    st.caption(f"Families, largest difference first; {page.view.unit(page.plan)}. Click a row to open it.")
    row = ranked_table(changes, "demand_exceptions", select=True)
    if row is not None:
        family = changes["family"][row]
        view = page.view.narrowed(page.plan.inputs.products.family == family, family)
        first, last = (
            month(page.plan.inputs.calendar.plan_labels[period]) for period in view.periods[[0, -1]]
        )
        chart(
            charts.history_and_consensus(
                page.plan, page.baseline, view, page.style, f"{family}, {first} to {last}", 320
            ),
            "demand_family",
            alt=f"Demand of {family} by month",
            frame=lambda: charts.demand_series(page.plan, page.baseline, view).drop(columns="day"),
        )
