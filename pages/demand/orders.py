"""The order book: what is ordered of the forecast, what is late, how the month goes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.page import Page, chart, message, ranked_table
from sop_engine.charts import demand_orders as charts
from sop_engine.charts.numbers import month, share, short


def show(page: Page) -> None:
    """Pace, orders against the forecast by month, families at stake, and the backlog by market."""
    table = charts.months_table(page.plan, page.view)
    if not table["orders"].any() and not table["overdue"].any():
        st.caption("The order book holds nothing for this filter. Load order_book.csv to net the forecast.")
        return
    message(charts.pace_words(page.plan, page.view), charts.fence_words(page.plan, page.view))
    title = headline(page, table)
    chart(
        charts.orders_figure(page.plan, page.view, page.style, title),
        "demand_orders",
        alt=f"Open orders and forecast left to order by month. {title}",
        frame=lambda: table,
    )
    unit = page.view.unit(page.plan)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        st.caption(
            f"Families over the months that hold orders, {unit}, most at stake first: orders beyond their "
            "forecast, or forecast without an order."
        )
        ranked_table(charts.family_table(page.plan, page.view), "orders_families")
    currency = page.plan.inputs.money.base_currency
    in_currency = f" in {currency}" if currency else ""
    with right:
        st.caption(f"Backlog by market: overdue and all open orders, money{in_currency} at net price.")
        ranked_table(charts.backlog_table(page.plan, page.view), "orders_backlog")
    st.caption(
        "An order consumes the forecast of its own product, market and month, never that of another month. "
        "Overdue orders consume nothing and come on top of the first month."
    )


def headline(page: Page, table: pd.DataFrame) -> str:
    """How much of the first month is ordered, what exceeds the forecast, and what is late."""
    first, unit = table.iloc[0], page.view.unit(page.plan)
    consumed = first["orders"] - first["above forecast"]
    return (
        f"Orders consume {share(consumed, first['forecast'])} of the forecast of {month(first['period'])}; "
        f"{short(float(table['above forecast'].sum()))} {unit} are ordered beyond the forecast, "
        f"{short(float(table['overdue'].sum()))} are overdue"
    )
