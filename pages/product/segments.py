"""The segments of the portfolio, their thresholds and the policy of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.perform import form_over, perform
from pages.frame.strip import escaped
from pages.product.words import all_markets
from sop_engine.charts import product_segments as charts
from sop_engine.charts.product_review import health_table
from sop_engine.demand_review.consensus import DemandPlan, plan_demand
from sop_engine.inputs import Inputs, settled
from sop_engine.inputs.segments import ABC, XYZ
from sop_engine.inputs.tables import Tables
from sop_engine.product_review.health import PRODUCT, portfolio_health
from sop_engine.product_review.portfolio import plan_portfolio
from sop_engine.product_review.segments import segment_table, segments, with_policies
from sop_engine.records.segments import (
    SegmentPolicy,
    set_segment_policies,
    stored_policies,
)
from sop_engine.records.settings import set_settings
from sop_engine.scenario import BASELINE

THRESHOLDS = {
    "abc_a_pct": "A: the first % of revenue",
    "abc_b_pct": "A and B: the first % of revenue",
    "xyz_x_limit": "X: variation below",
    "xyz_y_limit": "Y: variation below",
}


def show(page: Page) -> None:
    """The matrix, the segments with their policy, the products of one, and the forms that change both."""
    inputs, policies = page.plan.inputs, stored_policies(session.warehouse())
    levels = _levels(policies)
    segment = segments(inputs)
    table = segment_table(inputs, segment, page.view.products)
    all_markets(page, "a segment")
    message(charts.segment_words(table, len(levels)))
    measure = st.segmented_control(
        "Measure",
        list(charts.MEASURES),
        default="products",
        required=True,
        format_func=lambda name: charts.MEASURES[name].capitalize(),
        key="segment_measure",
        persist_state="session",
        label_visibility="collapsed",
    )
    left, right = st.columns(2, gap="medium")
    with left:
        chart(
            charts.matrix(table, measure, page.style, inputs.money.base_currency),
            "product_segments",
            alt=f"{charts.MEASURES[measure]} by segment",
            frame=lambda: table,
        )
    with right:
        row = _segments(inputs, table, policies)
        with st.container(horizontal=True):
            form_over("Change the thresholds", "segment_limits", lambda: _limits_form(page, levels))
            form_over("Set the policies", "segment_policy", lambda: _policy_form(page, policies))
    if row is not None:
        _products(page, segment, str(table["segment"][row]))


def _segments(inputs: Inputs, table: pd.DataFrame, policies: Mapping[str, SegmentPolicy]) -> int | None:
    """The segments as rows; the position of the one that is clicked."""
    limits, currency = inputs.settings, inputs.money.base_currency or "money"
    st.caption(
        f"A brings the first {limits['abc_a_pct']:g} % of revenue, B up to {limits['abc_b_pct']:g} %; X "
        f"varies by less than {limits['xyz_x_limit']:g} (sd / mean of a month's units), Y by less than "
        f"{limits['xyz_y_limit']:g}. Last 12 months, {currency}; stock on hand at today's cost. A segment's "
        "service level, % of replenishment cycles without a stock-out, holds for products that no line of "
        "inventory_policy names. Click a segment for its products."
    )
    shown = table[(table["segment"] != "-") | (table["products"] > 0) | (table["stock_value"] > 0)]
    words = {segment: policy.treatment for segment, policy in policies.items()}
    row = ranked_table(
        charts.policy_table(shown, _levels(policies), words), "segment_rows", select=True, ids=["segment"]
    )
    if uncosted := int(table["uncosted"].sum()):
        st.caption(f"{uncosted} products in stock have no unit cost: their stock counts 0.")
    return row


def _products(page: Page, segment: np.ndarray, chosen: str) -> None:
    """The products of one segment."""
    mask = segment == ("" if chosen == "-" else chosen)
    health = portfolio_health(page.plan.inputs, PRODUCT, page.view.products & mask)
    st.markdown(f"**{'Products without a segment' if chosen == '-' else f'Products of {chosen}'}**")
    ranked_table(health_table(health, []), "segment_products")


def _limits_form(page: Page, levels: Mapping[str, float]) -> None:
    """Other thresholds: what they would move is said before they are saved."""
    inputs = page.plan.inputs
    boxes = zip(THRESHOLDS.items(), (*st.columns(2), *st.columns(2)), strict=True)
    values = {
        name: column.number_input(
            words,
            min_value=0.0,
            max_value=100.0,
            value=float(inputs.settings[name]),
            step=1.0 if name.endswith("pct") else 0.1,
            format="%g",
            key=f"limit_{name}",
        )
        for (name, words), column in boxes
    }
    moved = charts.moved_words(segments(inputs), segments(inputs, values))
    st.info(escaped(f"{moved} {_effect(page, levels, values) if levels else ''}".strip()))
    _save(
        "Save the thresholds",
        "segment_limits",
        "The thresholds are in force",
        partial(set_settings, session.warehouse(), values),
    )


def _policy_form(page: Page, policies: Mapping[str, SegmentPolicy]) -> None:
    """The policy of each segment: what it would do to stock targets is said before it is saved."""
    st.caption(
        "Service level in % per cycle, blank leaves the stock policy; below it, in words, the treatment."
    )
    chosen = []
    for value in ABC:
        for column, evenness in zip(st.columns(3), XYZ, strict=True):
            name = value + evenness
            stored = policies.get(name, SegmentPolicy(name))
            level = column.number_input(
                name,
                min_value=0.0,
                max_value=100.0,
                value=None if np.isnan(stored.level_pct) else stored.level_pct,
                step=0.5,
                format="%g",
                key=f"policy_level_{name}",
                placeholder="as it is",
            )
            words = column.text_input(
                f"Treatment of {name}",
                value=stored.treatment,
                key=f"policy_words_{name}",
                label_visibility="collapsed",
                placeholder="treatment",
            )
            chosen.append(SegmentPolicy(name, np.nan if level is None else float(level), words))
    st.info(escaped(_effect(page, _levels({one.segment: one for one in chosen}), {})))
    _save(
        "Save the policies",
        "segment_policy",
        "The policies are in force",
        partial(set_segment_policies, session.warehouse(), tuple(chosen)),
    )


def _effect(page: Page, levels: Mapping[str, float], limits: Mapping[str, float]) -> str:
    """What service levels and thresholds would do to the stock targets of the baseline, in words."""
    plan = page.baseline
    changed = with_policies(plan.inputs, Tables(session.warehouse().read), levels, limits)
    demand = _settled_demand(session.data_key(), plan.inputs)
    return charts.effect_words(charts.policy_effect(plan, changed, demand), plan.inputs.money.base_currency)


def _save(label: str, place: str, done: str, action: partial) -> None:
    """Who saves it and why."""
    reason = st.text_input("Reason", key=f"{place}_reason")
    who = session.name_input(place)
    if st.button(label, type="primary", key=f"{place}_save"):
        perform(done, lambda: action(reason=reason, who=session.signed(who), at=session.now()))


def _levels(policies: Mapping[str, SegmentPolicy]) -> dict[str, float]:
    """{segment: % per cycle} of the policies that name one."""
    return {name: policy.level_pct for name, policy in policies.items() if not np.isnan(policy.level_pct)}


@st.cache_resource(show_spinner=False, max_entries=2)
def _settled_demand(key: str, _inputs: Inputs) -> DemandPlan:
    before = settled(_inputs)
    return plan_demand(before, BASELINE, plan_portfolio(before, BASELINE))
