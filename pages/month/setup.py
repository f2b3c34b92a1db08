"""How the open month is set up, and the forms to change it: finance, pre-S&OP, first working day."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.perform import form_over, submit
from pages.frame.strip import escaped
from sop_engine.charts.numbers import day
from sop_engine.executive_sop.progress import AS_STAGE, BOTH, CONTINUOUS
from sop_engine.pre_sop.series import CATEGORY, CHANNEL, ONE, REGION
from sop_engine.records.cycle_setup import move_first_day, place_pre_sop
from sop_engine.records.process import place_finance

FINANCE = {
    AS_STAGE: "A stage: it asks and signs when its turn comes",
    CONTINUOUS: "Continuous: it asks all month, and nothing waits for it",
    BOTH: "Both: it asks all month, and signs as a stage",
}
PRE_SOP = {
    ONE: "One meeting for the company",
    REGION: "A series by region that rolls up",
    CHANNEL: "A series by channel that rolls up",
    CATEGORY: "A series by category that rolls up",
}


def show(cycle: str) -> None:
    """What the month is set up as, in a line, with a form for each part while the cycle is open."""
    row = session.recorded("cycle", cycle).iloc[0]
    words = [f"Finance: {FINANCE[row['finance']]}", f"Pre-S&OP: {PRE_SOP[row['pre_sop']]}"]
    first = row["started_on"]
    words += [] if pd.isna(first) else [f"Working days count from {day(first.date())}"]
    st.caption(escaped(". ".join(words) + "."))
    if row["status"] != "open":
        return
    with st.container(horizontal=True, gap="small"):
        form_over("Place finance", "place_finance", lambda: _finance_form(cycle, row["finance"]))
        form_over("Hold the pre-S&OP", "place_pre_sop", lambda: _pre_sop_form(cycle, row["pre_sop"]))
        form_over("Move the first day", "first_day", lambda: _first_day_form(cycle, first))


def _finance_form(cycle: str, now: str) -> None:
    with st.form("finance_form", border=False):
        chosen = st.radio("Finance", list(FINANCE), index=list(FINANCE).index(now), format_func=FINANCE.get)
        reason = st.text_input("Why")
        placed = partial(place_finance, session.warehouse(), cycle, chosen, seen=now, reason=reason)
        submit("Change", "place_finance", "Finance has another place", placed)


def _pre_sop_form(cycle: str, now: str) -> None:
    with st.form("pre_sop_form", border=False):
        chosen = st.radio("Pre-S&OP", list(PRE_SOP), index=list(PRE_SOP).index(now), format_func=PRE_SOP.get)
        reason = st.text_input("Why")
        placed = partial(place_pre_sop, session.warehouse(), cycle, chosen, seen=now, reason=reason)
        submit("Change", "place_pre_sop", "The pre-S&OP is held otherwise", placed)


def _first_day_form(cycle: str, now: pd.Timestamp) -> None:
    st.markdown("Deadlines of reviews that are not signed and of open tasks move with it.")
    seen = None if pd.isna(now) else now.date()
    with st.form("first_day_form", border=False):
        first = st.date_input("First working day", value=seen or session.now().date())
        reason = st.text_input("Why")
        moved = partial(move_first_day, session.warehouse(), cycle, first, seen=seen, reason=reason)
        submit("Move it", "first_day", "The deadlines have moved", moved)
