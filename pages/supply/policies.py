"""Policies and stability: what the plan follows, how much production moves, ceilings and rounded orders."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.strip import escaped
from sop_engine.charts import supply_policies as charts
from sop_engine.charts import supply_stability as steady
from sop_engine.plan import Plan
from sop_engine.policies import StabilityCost, stability_cost
from sop_engine.records import set_settings
from sop_engine.supply_review.lots import rounded_orders
from sop_engine.supply_review.stability import anchored_cells
from sop_engine.warehouse.settings import SETTINGS

SWITCHES = {
    "fair_share": "Markets share a shortage alike, whatever their priority",
    "max_cover_in_plan": "Avoid stock above the most cover of the stock policies",
}
AMOUNTS = {
    "frozen_periods": "Frozen periods, in which nothing is changed",
    "slushy_periods": "Slushy periods after them, in which changes are discussed",
    "demand_fence_periods": "Periods in which demand is open orders only",
    "anchor_periods": "Periods in which production stays near the plan published last",
    "stability_weight_pct": "Price of leaving that plan, % of a unit's value",
}


def show(page: Page) -> None:
    """The sentence, the policies in force, what moves and what that costs, ceilings, rounding."""
    plan, view = page.plan, page.view
    overruns = charts.overruns_of(plan, view)
    rounded = charts.rounded_table(plan, view, rounded_orders(plan.inputs, plan.supply.flow))
    message(charts.summary(plan, overruns, rounded))
    st.table(charts.policy_table(plan).map(escaped).set_index("policy"))
    form_over("Change a switch", "supply_switches", lambda: switches_form(plan))
    stability(page)
    st.markdown("**Ceilings exceeded**")
    st.caption(escaped(f"{charts.overrun_sentence(plan.inputs, overruns)}."))
    if overruns:
        ranked_table(charts.overrun_table(plan, overruns), "supply_overruns")
    st.markdown("**Orders rounded**")
    st.caption(escaped(f"{charts.rounded_sentence(plan, rounded)}."))
    if not rounded.empty:
        ranked_table(rounded, "supply_rounded")


def switches_form(plan: Plan) -> None:
    """The switches of the supply model in plain words; a change is a new data version, so all is planned
    anew.
    """
    now = plan.inputs.settings
    with st.form("supply_switches_form", border=False):
        values = {
            name: float(st.checkbox(words, value=bool(now[name]), key=f"switch_{name}"))
            for name, words in SWITCHES.items()
        }
        for name, words in AMOUNTS.items():
            setting = SETTINGS[name]
            bounds = {"min_value": float(setting.low), "max_value": float(setting.high)}
            step = 1.0 if setting.whole else 0.1
            values[name] = st.number_input(
                words, value=float(now[name]), step=step, format="%g", key=f"switch_{name}", **bounds
            )
        reason = st.text_input("Reason", key="switch_reason")
        st.caption("The change counts for everybody from now on, and signatures given before turn stale.")
        saved = partial(set_settings, session.warehouse(), values, reason=reason)
        submit("Plan by these", "supply_switches", "The plan follows them from now on", saved)


def stability(page: Page) -> None:
    """How much production moves from the anchor and from the plan before the what-if; the anchor's price."""
    plan, inputs = page.plan, page.plan.inputs
    st.markdown("**Stability**")
    st.caption(escaped(f"Anchor: {steady.anchor_words(inputs)}."))
    cells = anchored_cells(inputs)
    if inputs.anchor is not None and cells.any():
        moved(page, inputs.anchor.flow, cells, inputs.anchor.name, "moved_from_anchor")
        price(plan)
    if plan.scenario.is_baseline:
        st.caption("No lever is moved, so the plan is the one before the what-if.")
    else:
        before = page.baseline.supply.flow
        moved(page, before, steady.made_cells(inputs), "the plan before the what-if", "moved_from_baseline")


def moved(page: Page, before: np.ndarray, cells: np.ndarray, name: str, key: str) -> None:
    """The share of production that moves from another plan, by family."""
    table = steady.moved_table(page.plan, before, cells)
    words = steady.moved_sentence(page.plan, table, name, cells)
    if not table["moved"].sum() > steady.TRACE:
        st.caption(escaped(f"{words}."))
        return
    chart(steady.moved_bars(table, page.style, words, name), key, alt=words, frame=lambda: table)


def price(plan: Plan) -> None:
    """What the anchor costs, solved when asked for: it compiles the model without it."""
    asked = (session.warehouse_path(), session.data_key(), plan.scenario.to_json())
    place = st.empty()
    if st.session_state.get("stability_asked") != asked:
        if not place.button("Solve what stability costs", key="solve_stability"):
            return
        st.session_state.stability_asked = asked
    with place, st.spinner("Solving the plan without its anchor"):
        cost = _cost(*asked, plan)
    place.markdown(escaped(steady.cost_sentence(plan, cost)))


@st.cache_resource(show_spinner=False, max_entries=8)
def _cost(path: str, data_key: str, scenario: str, _plan: Plan) -> StabilityCost | None:
    return stability_cost(_plan.inputs, _plan.scenario, _plan)
