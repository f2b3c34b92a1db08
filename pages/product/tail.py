"""The tail of the portfolio: which products could go, what that would do, and trying it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.strip import escaped
from pages.product.words import all_markets
from sop_engine.charts import product_tail as charts
from sop_engine.charts.numbers import month
from sop_engine.product_review.health import PRODUCT, portfolio_health
from sop_engine.records.settings import set_settings
from sop_engine.scenario import Lever, LeverKind

BY_CLASS, BY_SHARE = "Class C", "Share of revenue"


def show(page: Page) -> None:
    """The rule, the list with what each exit loses, keeps and leaves, and the exits that are tried."""
    plan = page.baseline
    all_markets(page, "an exit")
    above, end, transfer = _rule(page)
    health = portfolio_health(plan.inputs, PRODUCT, page.view.products)
    table = charts.tail_table(plan, health, above, end, transfer)
    message(charts.tail_words(table, health, plan))
    if table.empty:
        return
    currency, last = plan.inputs.money.base_currency, month(plan.inputs.calendar.plan_labels[end])
    if charts.is_priced(table):
        chart(
            charts.exit_bars(table, page.style, currency, transfer, last),
            "product_tail",
            alt="Margin lost, margin kept and stock left by the exit of each product",
            frame=lambda: charts.shown_table(table, plan),
        )
    else:
        st.caption("No exit moves money that is known: the table says what each leaves in units.")
    st.caption(
        f"{currency or 'Money'}: revenue and margin of the last 12 months; lost and kept of the year "
        "after the exit, or to the plan's end, from the plan without levers; kept at the average margin of "
        "the successor or, without one, of the rest of the family (takers: how many). Left: stock and open "
        "orders less demand until the exit and what bills still need, at standard cost; parts: those that go "
        "into no other product. "
        "Each exit is taken alone."
    )
    row = ranked_table(charts.shown_table(table, plan), "product_tail_rows", select=True, ids=["product"])
    with st.container(horizontal=True, vertical_alignment="center"):
        _try(table, row, end, plan.inputs.settings["exit_transfer_pct"])
        form_over("Set what exits are reckoned with", "exit_settings", lambda: _settings_form(page))


def _rule(page: Page) -> tuple[float | None, int, float]:
    """Where the tail begins (None: class C), from which period it is no longer sold, which share moves."""
    inputs = page.plan.inputs
    calendar, settings = inputs.calendar, inputs.settings
    columns = st.columns([1.2, 1.3, 1.3, 1.3], gap="medium", vertical_alignment="bottom")
    rule = columns[0].segmented_control(
        "Tail",
        [BY_CLASS, BY_SHARE],
        default=BY_CLASS,
        required=True,
        key="tail_rule",
        persist_state="session",
    )
    above = columns[1].slider(
        "After % of revenue",
        50.0,
        100.0,
        float(min(max(settings["abc_b_pct"], 50.0), 100.0)),
        1.0,
        format="%g",
        key="tail_above",
        persist_state="session",
        disabled=rule == BY_CLASS,
    )
    ends = list(range(calendar.frozen, calendar.horizon))
    end = columns[2].select_slider(
        "No longer sold from",
        ends,
        value=ends[min(2, len(ends) - 1)],
        format_func=lambda at: month(calendar.plan_labels[at]),
        key="tail_end",
        persist_state="session",
    )
    transfer = columns[3].slider(
        "Volume that moves to others, %",
        0.0,
        100.0,
        float(settings["exit_transfer_pct"]),
        5.0,
        format="%g",
        key="tail_transfer",
        persist_state="session",
    )
    return above if rule == BY_SHARE else None, end, transfer / 100


def _try(table: pd.DataFrame, row: int | None, end: int, moves_pct: float) -> None:
    """Adds the exit of the row that is clicked to the working scenario, or takes it out again.

    moves_pct: the setting, by which a tried exit moves volume whatever the slider says
    """
    if row is None:
        st.caption("Click a product to try its exit in the plan.")
        return
    product = str(table["product"][row])
    tried = [
        lever
        for lever in session.working().of(LeverKind.PHASE_OUT)
        if lever.target == product and lever.value == end
    ]
    if tried:
        words, action, lever = f"Keep {product} after all", session.remove, tried[0]
    else:
        lever = Lever(LeverKind.PHASE_OUT, end, target=product)
        words, action = f"Try the exit of {product}", session.move
    st.button(escaped(words), key="tail_try", type="primary", on_click=action, args=(lever,))
    st.caption(f"In the plan {moves_pct:g} % of its volume moves to others, as set.")


def _settings_form(page: Page) -> None:
    """The complexity cost, and the share of the volume that a tried exit moves."""
    settings, currency = page.plan.inputs.settings, page.plan.inputs.money.base_currency or "money"
    with st.form("exit_settings_form", border=False):
        cost = st.number_input(
            f"What a product costs by being there, {currency} a year (0: not known)",
            min_value=0.0,
            value=float(settings["complexity_cost"]),
            step=1000.0,
            format="%.0f",
            key="exit_complexity",
        )
        transfer = st.number_input(
            "Volume that moves when an exit is tried, %",
            min_value=0.0,
            max_value=100.0,
            value=float(settings["exit_transfer_pct"]),
            step=5.0,
            key="exit_transfer",
        )
        reason = st.text_input("Reason", key="exit_reason")
        values = {"complexity_cost": cost, "exit_transfer_pct": transfer}
        submit(
            "Save",
            "exit_settings",
            "Exits are reckoned with them",
            partial(set_settings, session.warehouse(), values, reason=reason),
        )
