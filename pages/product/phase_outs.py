"""What ends, when, and what is left of it."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, chart, message, ranked_table
from sop_engine.charts import product_exits as charts


def show(page: Page) -> None:
    """Products that end with their run-out and leftovers; then the components that only they use."""
    exits, components = charts.plan_exits(page.plan)
    if not exits:
        st.info("No phase-out is planned. Load phase_out.csv: product, last month of demand, successor.")
        return
    currency = page.plan.inputs.money.base_currency
    title = charts.exits_title(page.plan, exits)
    message(charts.component_words(components, currency))
    chart(
        charts.run_out_figure(page.plan, exits, page.style),
        "product_run_out",
        alt=f"Stock of the products that end. {title}",
        frame=lambda: charts.run_out_frame(page.plan, exits),
    )
    st.caption(
        f"Whole company, {currency} at standard cost. Obsolete: in stock after the last month of demand and "
        "never asked for again in the plan."
    )
    ranked_table(charts.exit_table(page.plan, exits), "product_phase_outs")
    if components:
        st.caption(
            "Components that only ending products use. Last buy units: what the plan still uses from the "
            "last-buy month on (now where none is stated) and that is neither in stock then nor on order."
        )
        ranked_table(charts.component_table(page.plan, components), "product_last_buys")
