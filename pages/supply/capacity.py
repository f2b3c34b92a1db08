"""Rough-cut capacity: which families a resource is full of, and suppliers and components as resources too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.solved import demonstrated
from pages.frame.strip import escaped
from pages.supply.inventory import receipts_of
from sop_engine.charts import supply_capacity as charts
from sop_engine.charts import supply_suppliers
from sop_engine.charts.numbers import month, percent, short
from sop_engine.charts.supply_load import no_hours_words, worst_first
from sop_engine.plan import Plan
from sop_engine.supply_review.load import Pegging, pegged_need


def show(page: Page) -> None:
    """Resources, worst first; a row opens the hours by family; then suppliers and key components."""
    pegging = pegging_of(page.plan)
    resources(page, pegging)
    suppliers(page, pegging)
    components(page, pegging)


def one_cell(page: Page, resource: int, period: int) -> None:
    """The families that need a resource in one month, opened from the heat map."""
    table = charts.cell_table(page.plan, pegging_of(page.plan), resource, period)
    with st.container(border=True, key="load_cell"):
        message(f"{charts.cell_words(page.plan, table, resource, period)}.")
        if not table.empty:
            ranked_table(table, "capacity_cell")
        st.caption("Click another cell for its families; double-click beside the cells closes this.")


def pegging_of(plan: Plan) -> Pegging:
    """The need of a plan by family, kept until the data or the scenario changes."""
    return _pegging(session.data_key(), plan.scenario.to_json(), plan)


def resources(page: Page, pegging: Pegging) -> None:
    order = worst_first(page.plan, page.view)
    if not order:
        st.caption(f"{no_hours_words(page.plan, page.view)}.")
        return
    proven = demonstrated(page.plan.inputs)
    table = charts.resource_table(page.plan, page.view, pegging, proven)
    message(_sentence(table), _proven(table))
    st.caption(
        "Required load of the unconstrained plan against available hours, whole company, hours over the "
        "months of the filter, highest load first; months over: above 100 %. Click a row to see "
        "which families need it."
    )
    known = table["demonstrated hours"].notna().any()
    shown = table if known else table.drop(columns=["demonstrated hours", "highest of demonstrated %"])
    row = ranked_table(shown, "capacity_resources", select=True)
    _one(page, pegging, order[row or 0], proven)


def suppliers(page: Page, pegging: Pegging) -> None:
    st.markdown("**Suppliers as resources**")
    table = supply_suppliers.supplier_cells(page.plan, page.view, pegging)
    if table.empty:
        st.caption("No limit of a supplier is loaded: sourcing.period_limit or a resource at its site.")
        return
    load = table[["need %", "plan %"]].max(axis=1)
    if not (load > 0).any():
        st.caption("Suppliers have limits, and nothing is asked of them in these months.")
        return
    above = int((table["need %"] > 100.0001).sum())
    first = table.loc[load.idxmax()]
    title = (
        f"{first['supplier']} is asked for {percent(float(load.max()))} of its limit in "
        f"{month(first['period'])}; {above} supplier-months need more than 100 %"
    )
    chart(
        supply_suppliers.supplier_figure(page.plan, page.view, page.style, table, title),
        "capacity_suppliers",
        alt=title,
        frame=lambda: table,
    )


def components(page: Page, pegging: Pegging) -> None:
    st.markdown("**Key components**")
    received = receipts_of(page.plan.inputs)
    table = supply_suppliers.component_table(page.plan, page.view, pegging, received)
    if table.empty:
        st.caption("Nothing that is bought goes into a bill of material.")
        return
    currency = page.plan.inputs.money.base_currency
    cost = f"standard cost, {currency}" if currency else "standard cost"
    st.markdown(escaped(supply_suppliers.component_words(table, currency)))
    st.caption(
        "What binds first, then most money. Units over the months of the filter: need is that of the "
        f"unconstrained plan by arrival; of limit %: the worst month; cost at {cost}; covers days: how "
        "long today's stock and open receipts last against the gross demand of the bills; a blank limit is "
        "none; single now: sourcing names one source, receipts of the past others too."
    )
    ranked_table(table, "capacity_components")


def _one(page: Page, pegging: Pegging, resource: int, proven: np.ndarray) -> None:
    """The hours of a resource by family, and what is made there for one of them."""
    table = charts.family_hours(page.plan, page.view, pegging, resource)
    title = charts.pegging_words(page.plan, page.view, table, resource)
    chart(
        charts.family_hours_figure(page.plan, page.view, page.style, table, resource, proven),
        "capacity_families",
        alt=f"Hours by family and month. {title}",
        frame=lambda: table,
    )
    families = [name for name in table.columns if name != "period"]
    if not families:
        return
    st.caption(
        "Each hour belongs to the family of the product sold that causes it, through bills and transfers; "
        "stock serves first come, first served. What should have started before the plan stands in its first "
        "month."
    )
    family = st.selectbox("Products behind the family", families, key="capacity_family")
    ranked_table(charts.item_table(page.plan, page.view, pegging, resource, family), "capacity_items")


def _sentence(table: pd.DataFrame) -> str:
    first, above = table.iloc[0], int((table["months over"] > 0).sum())
    family = f", mostly for {first['first family']} ({percent(first['its share %'])})"
    short_of = f"{above} of {len(table)} resources have months above 100 %"
    return (
        f"{first['resource']} is the tightest: {percent(first['highest load %'])} in {first['in']}"
        f"{family if first['first family'] else ''}; {short_of if above else 'none is above 100 %'}."
    )


def _proven(table: pd.DataFrame) -> str:
    """What demonstrated hours say, or that none are loaded."""
    known = table.dropna(subset=["highest of demonstrated %"])
    if known.empty:
        return (
            "Demonstrated hours are not loaded (capacity.demonstrated_hours): nothing shows that these "
            "hours are really earned."
        )
    first = known.sort_values("highest of demonstrated %", ascending=False, kind="stable").iloc[0]
    gap = float(known["available hours"].sum() - known["demonstrated hours"].sum())
    words = f"{short(abs(gap))} hours {'fewer' if gap >= 0 else 'more'} than planned with"
    return (
        f"Against what was really earned, {first['resource']} needs "
        f"{percent(first['highest of demonstrated %'])}; the past shows {words}, "
        f"for {len(known)} of {len(table)} resources."
    )


@st.cache_resource(show_spinner="Pegging the load to families", max_entries=8)
def _pegging(key: str, scenario: str, _plan: Plan) -> Pegging:
    return pegged_need(_plan.inputs, _plan.levers, _plan.demand, _plan.supply)
