"""What is short, by root cause and case by case: the chain behind it, whom it cuts and what it is worth."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page, message, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import supply_remedies as charts
from sop_engine.charts.supply_review import NOT_PLANNED, planned
from sop_engine.remedies.causes import RootCause, explain


def show(page: Page) -> None:
    """Root causes first; one that is clicked narrows the cases below, and a case opens its chain."""
    if not planned(page.plan):
        message(NOT_PLANNED)
        return
    causes = charts.causes_of(page.plan, page.view)
    if not causes:
        message("Nothing of this filter is late or lost in these months.")
        return
    message(lever_words(charts.cause_sentence(page.plan, causes)))
    st.caption(
        "Revenue at net price and margin over standard cost of the units late or lost, due in the months of "
        "the filter; all markets. Click a root cause to see its cases only."
    )
    row = ranked_table(charts.cause_table(page.plan, causes), "supply_causes", select=True)
    if row is not None:
        st.info(escaped(lever_words(causes[row].sentence)))
    _cases(page, causes if row is None else (causes[row],))


def _cases(page: Page, causes: tuple[RootCause, ...]) -> None:
    """The single shortages, dearest first; a row opens its sentence and its markets."""
    table, positions = charts.cut_table(page.plan, causes)
    st.caption(f"{len(table)} cases, dearest first. Click a row for the chain of causes and the markets.")
    row = ranked_table(table, "supply_shortages", select=True)
    if row is not None:
        told = explain(page.plan, page.plan.supply.shortages[positions[row]])
        st.info(escaped(lever_words(told.sentence)))
        ranked_table(charts.market_table(page.plan, told), "supply_shortage_markets")
