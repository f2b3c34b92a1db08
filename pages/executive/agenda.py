"""What the executive meeting is about: prior decisions, then what the reviews left unresolved."""

from __future__ import annotations

import streamlit as st

from pages.frame import session
from pages.frame.assumptions import held
from pages.frame.evidence import open_section
from pages.frame.page import Page, chart, ranked_table
from pages.frame.progress import reviews
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_agenda as charts
from sop_engine.executive_sop.unresolved import Matter, prior_decisions, unresolved

SECTIONS = {"pre_sop": "Issues", "executive_sop": "Decisions"}


def show(page: Page) -> None:
    """Prior decisions and what is unresolved, by value; a row opens its reason and the way to it."""
    _prior(page)
    inputs = page.plan.inputs
    matters = unresolved(
        session.recorded("decision"),
        session.requests(),
        held(page.plan),
        reviews(inputs),
        inputs.cycle,
        session.now().date(),
    )
    if not matters:
        st.success("Nothing is left to resolve: the five reviews settled all of it.")
        return
    currency = inputs.money.base_currency
    figure = charts.matter_map(matters, currency, page.style)
    if figure["data"]:
        chart(figure, "agenda_map", charts.agenda_words(matters, currency), lambda: table)
    else:
        st.markdown(f"**{escaped(charts.agenda_words(matters, currency))}**")
    table = charts.matter_table(matters, currency)
    st.caption("Escalated decisions first, then by money at stake, then by deadline. Click a row to open it.")
    row = ranked_table(table, "executive_agenda", select=True, ids=("what", "title"))
    if row is not None:
        _detail(matters[row])


def _prior(page: Page) -> None:
    """What earlier cycles decided: did it bring what it was to bring."""
    rows = prior_decisions(session.recorded("decision"), page.plan.inputs.cycle)
    st.markdown("**Prior decisions**")
    if rows.empty:
        st.caption("No earlier cycle decided anything that is on record.")
        return
    ranked_table(charts.prior_table(rows, session.recorded("decision_option")), "prior_decisions")


def _detail(matter: Matter) -> None:
    """The reason in full and the way to where it is settled."""
    with st.container(border=True):
        st.markdown(f"**{escaped(lever_words(matter.title))}**")
        st.markdown(escaped(lever_words(f"{matter.standing}: {matter.reason}")))
        section = SECTIONS.get(matter.page, "")
        open_section(f"Settle it: {matter.kind.lower()}", "settle_matter", matter.page, section)
