"""Demand review: one unconstrained consensus in units and money, what moved it, and the levers that would move it again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import levers
from pages.frame.filters import product_groups
from pages.frame.page import Page, chart, message, open_page, ranked_table
from sop_engine.charts import demand_review as charts
from sop_engine.charts.numbers import change_pct, month, short, signed
from sop_engine.scenario import LeverKind


def review() -> None:
    """Message, the chart the meeting is run on beside its levers, exceptions, and what lies behind."""
    page = open_page("Demand review", "demand")
    changes = charts.family_changes(page.plan, page.baseline, page.view)
    headline, detail = sentences(page, changes)
    side, main = st.columns([1, 3], gap="medium")
    with main:
        chart(
            charts.history_and_consensus(page.plan, page.baseline, page.view, page.style, headline),
            "demand_history",
            alt=f"Demand by month: history, statistical baseline, budget and consensus. {headline}",
            frame=lambda: charts.demand_series(page.plan, page.baseline, page.view).drop(columns="day"),
        )
    with side:
        lever_panel(page)
    message(detail)
    tabs(page, changes)


def sentences(page: Page, changes: pd.DataFrame) -> tuple[str, str]:
    """The headline of the chart and the message of the page."""
    unit = page.view.unit(page.plan)
    total = float(changes["consensus"].sum())
    base = total - float(changes["vs statistical"].sum())
    headline = f"Consensus demand is {short(total)} {unit}, {change_pct(total, base)} on the statistical baseline"
    if changes.empty:
        return headline, "No product of this filter is sold in these months."
    top = changes.iloc[0]
    parts = [f"{top['family']} differs most: {signed(top['vs statistical'])} {unit} on the statistical baseline"]
    if not np.isnan(top["vs budget"]):
        parts.append(f"{signed(top['vs budget'])} on budget")
    return headline, ", ".join(parts) + "."


def lever_panel(page: Page) -> None:
    """Demand and price of a product group in a market, over months."""
    inputs = page.plan.inputs
    group = levers.target("Product group", product_groups(inputs), "All products")
    market = levers.market(inputs)
    scope = levers.Scope(group, market, *levers.months(inputs, "demand"))
    levers.slider(LeverKind.DEMAND, scope, inputs)
    levers.spend(LeverKind.DEMAND, scope, inputs.money.base_currency)
    levers.slider(LeverKind.PRICE, scope, inputs, note=elasticity_words(page, group))
    levers.panel_foot("demand")


def elasticity_words(page: Page, group: str) -> str:
    """What a price does to volume, with its error; families of a wider group are weighed by their units."""
    demand = page.plan.inputs.demand
    units = demand.baseline.units.sum(axis=(1, 2)) * page.plan.inputs.products.group(group)
    known = (units > 0) & ~np.isnan(demand.elasticity)
    if not known.any():
        return "elasticity not known: units stay"
    weight = units[known] / units[known].sum()
    value, error = float(weight @ demand.elasticity[known]), float(weight @ demand.elasticity_error[known])
    return f"elasticity {value:.2f} ± {error:.2f}"


def tabs(page: Page, changes: pd.DataFrame) -> None:
    """Exceptions first; the rest is made when its tab is opened."""
    exceptions, built, dependent = st.tabs(["Exceptions", "Build-up", "Dependent demand"], on_change="rerun", key="demand_tabs")
    if exceptions.open:
        with exceptions:
            family_table(page, changes)
    if built.open:
        with built:
            chart(
                charts.build_up_bridge(page.plan, page.view, page.style),
                "demand_bridge",
                alt="Bridge from the statistical baseline to the consensus",
                frame=lambda: charts.build_up(page.plan, page.view),
            )
    if dependent.open:
        with dependent:
            st.caption("Units over the months of the filter. Dependent demand is what bills of material need, gross of stock.")
            ranked_table(charts.dependent_demand(page.plan, page.view), "demand_dependent")


def family_table(page: Page, changes: pd.DataFrame) -> None:
    """Families by the size of their change; a row opens the family's months."""
    st.caption(f"Families, largest difference first; {page.view.unit(page.plan)}. Click a row to open it.")
    row = ranked_table(changes, "demand_exceptions", select=True)
    if row is not None:
        family = changes["family"][row]
        view = page.view.narrowed(page.plan.inputs.products.family == family, family)
        first, last = (month(page.plan.inputs.calendar.plan_labels[period]) for period in view.periods[[0, -1]])
        chart(
            charts.history_and_consensus(page.plan, page.baseline, view, page.style, f"{family}, {first} to {last}", 320),
            "demand_family",
            alt=f"Demand of {family} by month",
            frame=lambda: charts.demand_series(page.plan, page.baseline, view).drop(columns="day"),
        )


review()
