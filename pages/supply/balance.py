"""Supply, demand and stock in one picture, added up, and beside the unconstrained need."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, chart, message, ranked_table
from pages.supply.capacity import pegging_of
from pages.supply.inventory import stock_of_plan
from sop_engine.charts import supply_balance as charts
from sop_engine.charts import supply_inventory, supply_lanes, supply_review


def show(page: Page) -> None:
    """The sentence, the triple with the band of stock, cumulative lines, both plans by month, and what lanes
    beside the first serve.
    """
    plan, view = page.plan, page.view
    if not supply_review.planned(plan):
        message(supply_review.NOT_PLANNED)
        return
    table = charts.balance_table(plan, view, pegging_of(plan))
    message(charts.sentence(plan, view, table))
    most = supply_inventory.most_of(stock_of_plan(plan), view)
    chart(
        supply_review.supply_triple(plan, view, page.style, most),
        "supply_triple",
        alt="Supply, demand and deliveries by month; stock against its band below",
        frame=lambda: supply_review.triple_series(plan, view),
    )
    left, right = st.columns(2, gap="medium")
    with left:
        chart(
            charts.cumulative_figure(plan, view, page.style, table),
            "supply_cumulative",
            alt="Demand and supply added up from the first month on",
            frame=lambda: table[["period", *(name for name in table if name.endswith("so far"))]],
        )
    with right:
        chart(
            charts.plans_figure(plan, view, page.style, table),
            "supply_plans",
            alt="Demand, unconstrained supply and the plan's supply by month",
            frame=lambda: table[["period", "demand", "unconstrained supply", "supply"]],
        )
    st.caption(
        "Added up over all products sold and their stock: what lies of one product serves no other, so a "
        "lead here does not mean that everything is delivered."
    )
    _other_lanes(page)


def _other_lanes(page: Page) -> None:
    """Which site serves a market where its first one cannot, in the months of the filter."""
    table = supply_lanes.lanes_table(page.plan, page.view)
    if table.empty:
        return
    message(supply_lanes.sentence(table))
    ranked_table(table, "supply_lanes")
    st.caption(
        "A market's demand, its stock targets and the unconstrained need are planned at the site of its "
        "first lane. Another lane serves, by priority, what that site cannot bring in time, or only at a "
        "higher cost than the penalty of changing lanes; freight and transit are the lane's own."
    )
