"""Inventory: stock against its band, excess and obsolete, cover by family, and how safety stock is made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import supply_inventory as charts
from sop_engine.charts import supply_review
from sop_engine.charts import supply_safety as parts
from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.inputs import Inputs, settled
from sop_engine.inputs.performance import read_performance
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.scenario import BASELINE
from sop_engine.supply_review.excess import safety_parts


def show(page: Page) -> None:
    """Money of stock by month, cover of families, families ranked and the picture of one, safety stock."""
    if np.isnan(page.plan.finance.unit_cost).all():
        st.caption("No standard cost is loaded: load unit_cost.csv to see stock in money.")
        return
    stock, view, style = stock_of_plan(page.plan), page.view, page.style
    message(charts.summary(stock, view))
    chart(
        charts.excess_figure(stock, view, style),
        "inventory_excess",
        alt=f"Stock needed, excess and obsolete by month. {charts.summary(stock, view)}",
        frame=lambda: charts.months_table(stock, view),
    )
    families(page, stock)
    cover = charts.cover_table(stock, view)
    if not cover.empty:
        chart(
            charts.cover_figure(stock, view, style, cover),
            "inventory_cover",
            alt="Days of cover by family and month, coloured by status",
            frame=lambda: cover,
        )
    safety(page)


def stock_of_plan(plan: Plan) -> charts.Stock:
    """The stock of a plan, kept until the data or the scenario changes."""
    return _stock(session.data_key(), plan.scenario.to_json(), plan)


def families(page: Page, stock: charts.Stock) -> None:
    """Families by what is at stake; a row opens supply, demand and stock of the family."""
    table = charts.family_table(stock, page.view)
    if table.empty:
        st.caption("Nothing of this filter is in stock or should be.")
        return
    unit = f"{page.plan.inputs.money.base_currency} at standard cost".strip()
    st.caption(
        f"Families, most at stake first: excess, obsolete and below target, {unit}, "
        "mean of the month ends; days that this mean lasts and its turns a year, against their demand and "
        "that of bills. Click a row for its picture."
    )
    row = ranked_table(table, "inventory_families", select=True)
    name = str(table["family"][row or 0])
    view = page.view.narrowed(stock.families == name, name)
    chart(
        supply_review.supply_triple(page.plan, view, page.style, charts.most_of(stock, view)),
        "inventory_family",
        alt=f"Supply, demand and stock of {name} by month",
        frame=lambda: supply_review.triple_series(page.plan, view),
    )


def safety(page: Page) -> None:
    """The formula with its parts for one product at one site in one month."""
    st.markdown("**Safety stock: the formula and its parts**")
    plan, view = page.plan, page.view
    places = parts.places_with_target(plan, view)
    if not places:
        st.caption("No stock target applies here: load inventory_policy.csv with a service level or a cover.")
        return
    inputs = plan.inputs
    products, sites = inputs.products, inputs.network.sites
    place = st.selectbox(
        "Product and site",
        places,
        format_func=lambda at: f"{products.name[at[0]]} ({products.labels[at[0]]}) at {sites.name[at[1]]}",
        key="safety_place",
        help="Those with a service level first, by money of target stock.",
    )
    period = st.selectbox(
        "Month", view.periods.tolist(), format_func=lambda t: parts.month_of(plan, t), key="safety_period"
    )
    demand = _settled_demand(session.data_key(), inputs)
    part = safety_parts(inputs, plan.levers, (plan.demand, demand), plan.supply, place, period)
    names = str(products.name[place[0]]), str(sites.name[place[1]])
    length = float(np.mean(inputs.calendar.plan_days))
    when, late = inputs.calendar.plan_labels[period], _days_late(inputs, place)
    for words in parts.safety_words(part, *names, when, length, late):
        st.markdown(escaped(words))
    st.caption(
        "Safety stock = z x sd of the forecast error x √(lead time + review period), periodic review, normal "
        "errors of one period independent of each other. Error: of the product's forecast one period ahead, "
        "shared among sites by the square root of their demand."
    )


def _days_late(inputs: Inputs, place: tuple[int, int]) -> np.ndarray:
    """Days that the place's past receipts came after their promised date."""
    receipts = receipts_of(inputs)
    here = (receipts["product"] == inputs.products.labels[place[0]]) & (
        receipts["site"] == inputs.network.sites.labels[place[1]]
    )
    days = (receipts["received_date"] - receipts["due"])[here].dropna()
    return days.dt.days.to_numpy(dtype=float)


def receipts_of(inputs: Inputs) -> pd.DataFrame:
    """Past receipts, columns as in receipt_history; kept until the data changes."""
    return _receipts(session.data_key(), inputs)


@st.cache_resource(show_spinner=False, max_entries=2)
def _receipts(key: str, _inputs: Inputs) -> pd.DataFrame:
    return read_performance(Tables(session.warehouse().read), _inputs.calendar).receipts


@st.cache_resource(show_spinner=False, max_entries=8)
def _stock(key: str, scenario: str, _plan: Plan) -> charts.Stock:
    return charts.stock_of(_plan)


@st.cache_resource(show_spinner=False, max_entries=2)
def _settled_demand(key: str, _inputs: Inputs) -> DemandPlan:
    before = settled(_inputs)
    return plan_demand(before, BASELINE, plan_portfolio(before, BASELINE))
