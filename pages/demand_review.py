"""Demand review: one unconstrained consensus in units and money, what moved it, and the levers that would
move it again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.demand import (
    overrides,
)
from pages.frame import levers
from pages.frame.filters import product_groups
from pages.frame.page import Page, chart, message, open_page
from pages.frame.perform import form_over
from pages.frame.record import record
from pages.sections import tabs
from sop_engine.charts import demand_review as charts
from sop_engine.charts.numbers import change_pct, short, signed
from sop_engine.scenario import LeverKind


def review() -> None:
    """Message, the chart the meeting is run on beside its levers, the sections of the agenda, the record."""
    page = open_page("Demand review", "demand")
    changes = charts.family_changes(page.plan, page.baseline, page.view)
    headline, detail = sentences(page, changes)
    side, main = st.columns([1, 3], gap="medium")
    with main.container(key="main_demand"):
        chart(
            charts.history_and_consensus(page.plan, page.baseline, page.view, page.style, headline),
            "demand_history",
            alt=f"Demand by month: history, statistical baseline, budget and consensus. {headline}",
            frame=lambda: charts.demand_series(page.plan, page.baseline, page.view).drop(columns="day"),
        )
    with side.container(gap="xsmall", key="side_demand"):
        lever_panel(page)
    with st.container(key="says_demand"):
        message(detail)
    tabs(page, "demand_review", "demand_tabs")
    record(
        page,
        more=lambda: form_over("Override the demand", "override", lambda: overrides.override_form(page)),
    )


def sentences(page: Page, changes: pd.DataFrame) -> tuple[str, str]:
    """The headline of the chart and the message of the page."""
    unit = page.view.unit(page.plan)
    total = float(changes["consensus"].sum())
    base = total - float(changes["vs statistical"].sum())
    headline = (
        f"Consensus demand is {short(total)} {unit}, {change_pct(total, base)} on the statistical baseline"
    )
    if changes.empty:
        return headline, "No product of this filter is sold in these months."
    top = changes.iloc[0]
    gaps = {
        "the statistical baseline": top["vs statistical"],
        "budget": top["vs budget"],
        "the plan before the what-if": top["what-if"],
    }
    ranked = sorted(
        (gap for gap in gaps.items() if abs(np.nan_to_num(gap[1])) > 0.5), key=lambda gap: -abs(gap[1])
    )
    if not ranked:
        return headline, "No family differs from its statistical baseline or its budget."
    words = ", ".join(f"{signed(gap)} {unit} on {name}" for name, gap in ranked)
    return headline, f"{top['family']} stands out: {words}."


def lever_panel(page: Page) -> None:
    """Demand and price of a product group in a market, over months."""
    inputs = page.plan.inputs
    group = levers.target("Product group", product_groups(inputs), "All products")
    market = levers.market(inputs)
    scope = levers.Scope(group, market, *levers.months(inputs, "demand"))
    levers.slider(LeverKind.DEMAND, scope, inputs)
    levers.slider(LeverKind.PRICE, scope, inputs, note=elasticity_words(page, group))
    levers.spend(LeverKind.DEMAND, scope, inputs.money.base_currency)
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


review()
