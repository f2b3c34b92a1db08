"""Independent and dependent demand: two measures, never one; and which products cause the dependent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame.page import Page, chart, message, ranked_table
from sop_engine.charts import demand_dependent as charts
from sop_engine.charts.numbers import full, months, percent, short


def show(page: Page) -> None:
    """What bills of material need, item by item, and, for the item chosen, its months and its causes."""
    items = charts.components(page.plan, page.view)
    if items.empty:
        loaded = len(page.plan.inputs.network.bill.parent)
        st.caption(
            "Nothing in this filter goes into another product: there is no dependent demand."
            if loaded
            else "No bill of material is loaded: load bill_of_material.csv to see what products need."
        )
        return
    message(summary(page, items))
    names = dict(zip(items["item"], items["name"], strict=True))
    item = st.selectbox(
        "Item", list(names), format_func=lambda label: f"{label} · {names[label]}", key="dependent_item"
    )
    one_item(page, item)
    currency = page.plan.inputs.money.base_currency
    in_currency = f" in {currency}" if currency else ""
    st.caption(
        "Items with dependent demand, most money first: units over the months of the filter, gross of stock; "
        f"cost at standard cost{in_currency}; past due: units that had to be "
        "there before the plan; lead days: the longest chain of making and buying, without transfers."
    )
    ranked_table(items, "dependent_items")


def summary(page: Page, items: pd.DataFrame) -> str:
    """How much the bills need and what of it is late, in a sentence."""
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in page.view.periods]
    both = int((items["independent"] > 0).sum())
    first = items.iloc[0]
    late, cost = int((items["past due"] > 0.5).sum()), float(first["cost of it"])
    currency = page.plan.inputs.money.base_currency or "money"
    most = f"The most money is in {first['name']}: {short(cost)} {currency}. " if np.isfinite(cost) else ""
    return (
        f"{months(labels)}: {len(items)} item{'s go' if len(items) != 1 else ' goes'} into others and {both} "
        f"of them {'is' if both == 1 else 'are'} sold as well. {most}"
        f"{late} had to be there, in part, before the plan to serve its first months."
    )


def one_item(page: Page, item: str) -> None:
    """The months of an item beside what causes its dependent demand."""
    frame = charts.item_months(page.plan, page.view, item)
    own, caused = (float(frame[column].sum()) for column in ("independent", "dependent"))
    late = float(frame["dependent, when it must be there"].iloc[0])
    title = f"{item}: {full(own)} units are sold as they are, {full(caused)} go into other products"
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(
            charts.item_figure(page.plan, page.view, page.style, item, title),
            "dependent_months",
            alt=f"Independent and dependent demand by month. {title}",
            frame=lambda: frame,
        )
        st.caption(
            f"Past due: {full(late)} units had to be there before the plan begins. Lead times are those of "
            "the preferred way to make each parent, in days, spread over two months as orders are."
        )
    with right:
        families = charts.pegging_families(page.plan, page.view, item)
        if families.empty:
            st.caption("No product of these markets causes dependent demand of this item in these months.")
            return
        top = families.iloc[0]
        st.caption(f"{top['family']} causes {percent(float(top['of it %']))} of it. Units over the months:")
        ranked_table(families, "dependent_families")
        ranked_table(charts.pegging_table(page.plan, page.view, item), "dependent_pegging")
