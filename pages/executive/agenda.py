"""What the executive meeting is about: what was escalated to it, then all that is left unresolved."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.frame import session
from pages.frame.assumptions import held
from pages.frame.evidence import open_section
from pages.frame.page import Page, chart, ranked_table
from pages.frame.progress import reviews
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_agenda as charts
from sop_engine.executive_sop.unresolved import Matter, unresolved

SECTIONS = {"pre_sop": "Issues", "executive_sop": "Decisions"}


def show(page: Page) -> None:
    """Escalations, then all that is unresolved, by value; a row opens its reason and the way to it."""
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
    _escalations(matters, currency)
    table = charts.matter_table(matters, currency)
    st.markdown("**All that is unresolved**")
    st.caption("Escalated decisions first, then by money at stake, then by deadline. Click a row to open it.")
    row = ranked_table(table, "executive_agenda", select=True, ids=("what", "title"))
    if row is not None:
        _detail(matters[row])


def _escalations(matters: Sequence[Matter], currency: str) -> None:
    """What a review could not decide, with where it comes from, why, the money at stake and the days left."""
    escalated = [matter for matter in matters if matter.origin]
    st.markdown(f"**Escalated: {len(escalated)}**")
    if not escalated:
        st.caption("No review handed a decision on.")
        return
    ranked_table(charts.escalation_table(escalated, currency), "escalations")


def _detail(matter: Matter) -> None:
    """The reason in full and the way to where it is settled."""
    with st.container(border=True):
        st.markdown(f"**{escaped(lever_words(matter.title))}**")
        st.markdown(escaped(lever_words(f"{matter.standing}: {matter.reason}")))
        section = SECTIONS.get(matter.page, "")
        open_section(f"Settle it: {matter.kind.lower()}", "settle_matter", matter.page, section)
