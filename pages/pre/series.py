"""Pre-S&OP as a series of meetings by region, channel or category: each with its part of the plan and its
issues, rolled up to the company."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.decisions import show_decisions, standing_decisions
from pages.frame.page import Page, chart, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import pre_sop_series as charts
from sop_engine.executive_sop.window import Window
from sop_engine.pre_sop.series import CATEGORY, ONE, Scope, of_scope, scopes

FILTERS = ("filter_category", "filter_family", "filter_market")


def show(page: Page) -> None:
    """The meetings rolled up; the one that is chosen, with its filter and its issues."""
    series = series_of(page)
    found = scopes(page.plan.inputs, series)
    if not found:
        st.info(
            "This cycle holds pre-S&OP as one meeting. To hold it as a series by region, channel or category "
            "that rolls up to this page, choose so when the cycle is set up."
        )
        st.page_link("pages/cycle.py", label="Set up the cycle", icon=":material/arrow_forward:")
        return
    rows = standing_decisions(page.plan.inputs.cycle)
    table = _rolled_up(page, found, rows)
    words = charts.series_words(table, series)
    chart(charts.series_bars(table, series, page.style), "pre_sop_series", words, lambda: table)
    st.caption("The scopes add up to the company. Click one to work on it.")
    row = ranked_table(charts.written(table), "pre_sop_series_table", select=True, ids=("meeting",))
    if row is not None and row < len(found):
        _meeting(page, found[row], series, rows)


def series_of(page: Page) -> str:
    """How the cycle holds its pre-S&OP: one, region, channel or category; one while it is not open."""
    rows = session.recorded("cycle", page.plan.inputs.cycle)
    return ONE if rows.empty else str(rows["pre_sop"].iloc[0])


def _rolled_up(page: Page, found: tuple[Scope, ...], rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each meeting, then the company."""
    window = st.session_state.get("strip_window", Window.FISCAL_YEAR)
    cards = [session.card_of(page.plan, window, scope.products, scope.markets) for scope in found]
    issues = [of_scope(rows, page.plan.inputs, scope) for scope in found]
    held = [_held(page, scope.label) for scope in found]
    labels = [scope.label for scope in found]
    company = session.card_of(page.plan, window)
    return charts.series_table(
        [*labels, "Company"], [*cards, company], [*issues, rows], [*held, _held(page, "")]
    )


def _held(page: Page, label: str) -> str:
    """Who closed the meeting of a scope and when, or where it stands."""
    meetings = session.recorded("meeting", page.plan.inputs.cycle)
    mine = meetings[(meetings["stage"] == "pre_sop") & (meetings["scope"] == label)]
    if mine.empty:
        return "not called"
    last = mine.iloc[-1]
    if last["status"] != "ended":
        return str(last["status"])
    return f"{last['facilitator'] or last['created_by']}, {last['ended_at']:%d %b %y}"


def _meeting(page: Page, scope: Scope, series: str, rows: pd.DataFrame) -> None:
    """One meeting of the series: its filter, set for all pages, and its issues."""
    st.subheader(escaped(scope.label), anchor=False)
    st.button(
        f"Filter every page to {scope.label}",
        key="series_filter",
        icon=":material/filter_alt:",
        on_click=_set_filter,
        args=(series, scope.label),
    )
    show_decisions(page, of_scope(rows, page.plan.inputs, scope))


def _set_filter(series: str, label: str) -> None:
    own = "filter_category" if series == CATEGORY else "filter_market"
    for key in FILTERS:
        st.session_state[key] = label if key == own else ""
