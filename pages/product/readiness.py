"""Whether the next launches are ready: checks computed from what is loaded, and the business case."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, chart, ranked_table
from pages.product.pipeline import EMPTY
from sop_engine.charts import product_readiness as charts


def show(page: Page) -> None:
    """The board of checks, what they found, and the case of each launch against the plan."""
    ready = charts.ready_launches(page.plan)
    if not ready:
        st.info(
            EMPTY if not page.plan.inputs.demand.launches else "No launch is planned for the next 12 months."
        )
        return
    title = charts.readiness_title(ready)
    chart(
        charts.readiness_figure(page.plan, ready, page.style),
        "product_readiness",
        alt=f"Readiness checks of the next launches. {title}",
        frame=lambda: charts.check_table(ready),
    )
    currency = page.plan.inputs.money.base_currency
    st.caption(
        f"Capex and business case against the plan, {currency}: the first year inside the plan, the case "
        "for as many months; net margin after what the launch takes from others, which pays the capex "
        "back. Order by: the last month in which the longest chain of supply can be started."
    )
    ranked_table(charts.case_table(page.plan, ready), "product_cases")
    st.caption("What stands in the way, or is not known")
    ranked_table(charts.open_points(ready), "product_open_points")
