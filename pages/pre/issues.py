"""The issues of the month: how they stand, and each with its options."""

from __future__ import annotations

import streamlit as st

from pages.frame import session
from pages.frame.decisions import show_decisions, standing_decisions, that_wait
from pages.frame.page import Page
from pages.frame.strip import escaped
from sop_engine.charts import pre_sop_issues as charts
from sop_engine.executive_sop.decisions import age_in_cycles


def show(page: Page) -> None:
    """How the issues stand, then a card for each: decide it here, put it off, or hand it to the executive."""
    cycle = page.plan.inputs.cycle
    rows = standing_decisions(cycle)
    cycles = session.recorded("cycle")["cycle"]
    ages = [age_in_cycles(one, cycle, cycles) for one in rows.loc[that_wait(rows), "cycle"]]
    st.markdown(f"**{escaped(charts.tally_words(rows, max(ages, default=0)))}.**")
    st.caption(
        "Decide here what this meeting may decide; defer with a reason and a new date, which is counted; "
        "escalate to the executive only what goes beyond it, and say why."
    )
    show_decisions(page, rows)
