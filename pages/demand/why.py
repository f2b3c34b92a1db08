"""Why a number of the consensus is what it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.filters import filtered, market_options, product_groups
from pages.frame.page import Page, chart, message, ranked_table
from sop_engine.charts import demand_why as charts
from sop_engine.charts.numbers import day, month
from sop_engine.charts.view import View
from sop_engine.demand_review.drivers import effect_words
from sop_engine.inputs import Inputs
from sop_engine.inputs.drivers import read_effects
from sop_engine.records import KeptDemand, consensus_versions, kept_demand

FOCUS, CLICKED = "demand_focus", "demand_clicked"
VERSIONS = 6  # signed versions that are listed


def focus(place: str, group: str) -> None:
    """Makes the product or family that was clicked at a place the one that the section opens with, until
    something else is clicked or the filter is changed; "" where nothing is clicked there.
    """
    clicked = st.session_state.setdefault(CLICKED, {})
    if group and clicked.get(place) != group:
        st.session_state[FOCUS] = group, _filter()
    clicked[place] = group


def _filter() -> tuple[str, ...]:
    keys = ("filter_category", "filter_family", "filter_market")
    return tuple(st.session_state.get(key, "") for key in keys)


def show(page: Page) -> None:
    """One number taken apart: the sentence, the bridge by name, who did what when and why, and what the
    number was in the versions signed before.
    """
    view = _scope(page)
    table = charts.build_up(page.plan, view)
    words = charts.why_words(table, page.plan, view)
    message(words)
    chart(charts.build_up_bridge(table, page.plan, view, page.style), "demand_bridge", words, lambda: table)
    currency = page.plan.inputs.money.base_currency
    money = f", and {currency or 'money'} at the plan's net price" if table["money"].notna().any() else ""
    st.caption(f"Units{money}; the rows add up to the consensus.")
    ranked_table(table, "demand_why")
    _drivers(page, view)
    _earlier(page, view)


def kept_version(page: Page, snapshot_id: str) -> KeptDemand:
    """The demand of a kept plan on the axes of today's data."""
    inputs = page.plan.inputs
    return _kept(session.warehouse_path(), snapshot_id, inputs.version + inputs.cycle, inputs)


@st.cache_resource(show_spinner=False, max_entries=2 * VERSIONS)
def _kept(path: str, snapshot_id: str, data: str, _inputs: Inputs) -> KeptDemand:
    return kept_demand(session.warehouse().read, snapshot_id, _inputs)


def _scope(page: Page) -> View:
    """Product group, market and months: those of the filter, or what was clicked elsewhere, until somebody
    chooses others.
    """
    inputs = page.plan.inputs
    groups = ["", *product_groups(inputs), *sellable_products(page)]
    places = ["", *market_options(inputs)]
    labels = inputs.calendar.plan_labels[: inputs.calendar.horizon]
    first, last = (labels[period] for period in page.view.periods[[0, -1]])
    begin, place = _start(groups), filtered(places, "filter_market")
    left, middle, right = st.columns([2, 2, 3])
    group = left.selectbox(
        "Product or family",
        groups,
        index=groups.index(begin),
        format_func=lambda label: _named(page, label) if label else "All products",
        key=f"why_group_{begin}",
    )
    market = middle.selectbox(
        "Market",
        places,
        index=places.index(place),
        format_func=lambda label: label or "All markets",
        key=f"why_market_{place}",
    )
    start, end = right.select_slider(
        "Months", labels, value=(first, last), format_func=month, key=f"why_months_{first}_{last}"
    )
    return charts.scope_view(page.plan, page.view, group, market, start, end)


def sellable_products(page: Page) -> list[str]:
    """Products of the filter that are sold, by label."""
    products = page.plan.inputs.products
    inside = page.view.products & products.sellable
    return [label for label, shown in zip(products.labels, inside, strict=True) if shown]


def _start(groups: list[str]) -> str:
    """What was clicked last, or the family or category of the filter where that was changed since."""
    clicked, of_filter = st.session_state.get(FOCUS, ("", ()))
    if of_filter != _filter():
        st.session_state.pop(FOCUS, None)
    elif clicked in groups:
        return clicked
    return filtered(groups, "filter_family", "filter_category")


def _named(page: Page, label: str) -> str:
    products = page.plan.inputs.products
    name = products.name[products.positions[label]] if label in products.positions else label
    return label if name == label else f"{label}, {name}"


def _drivers(page: Page, view: View) -> None:
    """What drives the statistical baseline of the scope's driver-based products, and how far it is given."""
    inputs = page.plan.inputs
    effects = _effects(session.warehouse_path(), inputs.version + inputs.cycle, inputs)
    inside = [label for label, shown in zip(inputs.products.labels, view.products, strict=True) if shown]
    rows = effects[effects["product"].isin(inside)]
    if rows.empty:
        return
    periods = inputs.calendar.periods
    given = [
        "throughout" if known >= periods else f"{known} of {periods} periods, then its season or last value"
        for known in rows["known_ahead"]
    ]
    words = map(effect_words, rows["slope"], rows["standard_error"], rows["logs"])
    st.markdown("**What drives the statistical baseline**")
    ranked_table(
        rows[["product", "driver"]].assign(**{"units": list(words), "given for": given}), "demand_drivers"
    )


@st.cache_resource(show_spinner=False, max_entries=4)
def _effects(path: str, data: str, _inputs: Inputs) -> pd.DataFrame:
    return read_effects(session.warehouse(), _inputs.calendar)


def _earlier(page: Page, view: View) -> None:
    """What the consensus of this scope was in the versions that were signed, over the months each covers."""
    versions = consensus_versions(session.warehouse().read).head(VERSIONS)
    if versions.empty:
        st.caption("No consensus is signed yet, so this number has no earlier version.")
        return
    now = view.by_period(page.plan.demand.unconstrained)
    rows = []
    for version in versions.itertuples():
        then = view.by_period(kept_version(page, version.snapshot_id).units)
        both = ~np.isnan(then)
        signed = f"{version.signed_by}, {day(version.signed_at.date())}"
        units = then[both].sum() if both.any() else np.nan
        rows.append((version.name, signed, int(both.sum()), units, now[both].sum() - units))
    st.markdown("**What it was in the versions signed before**")
    columns = ["version", "signed", "months covered", "units then", "change since"]
    ranked_table(pd.DataFrame(rows, columns=columns), "demand_why_versions")
