"""Cycle: where the month stands, what is to be done, what waits for whom, and what the numbers rest on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.decisions import that_wait
from pages.frame.gates import gate_facts
from pages.frame.page import Page, chart, message, open_page
from pages.month import assumptions, basis, mine, opening, past, setup, stages, tasks
from sop_engine.charts import cycle as charts
from sop_engine.charts.numbers import month
from sop_engine.executive_sop.gates import Facts
from sop_engine.executive_sop.progress import StageState
from sop_engine.executive_sop.working_days import late_words

NEWCOMER = (
    "Each month six reviews turn actuals into one plan that everybody works to: product, demand, supply, "
    "finance, pre-S&OP, executive. Move a lever on any page and the seven figures above follow at once, from "
    "demand to money; nothing is recorded until somebody saves, decides or signs. A review is done when it "
    "is signed, and when the data or an earlier review changes later, its signature turns stale."
)
SECTIONS = {
    "Assumptions": assumptions.show,
    "Earlier cycles": lambda page: past.show(page.plan.inputs.cycle),
    "Data": basis.show,
    "How the month works": lambda _: st.markdown(NEWCOMER),
}


def month_at_a_glance() -> None:
    """Where the month stands, the six reviews with their tasks and gates, what waits, and the ground."""
    page = open_page("Cycle", filters=False)
    cycle = page.plan.inputs.cycle
    assumptions.broken_on_top(page)
    if session.recorded("stage", cycle).empty:
        st.markdown(NEWCOMER)
        opening.opening(cycle)
        sections = SECTIONS
    else:
        facts = gate_facts(page)
        _open_month(page, facts)
        sections = {"Deadlines": lambda _: _deadlines(page, facts.states), **SECTIONS}
    for tab, show in zip(
        st.tabs(list(sections), on_change="rerun", key="cycle_tabs"), sections.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(page)


def _open_month(page: Page, facts: Facts) -> None:
    """The month that is worked in: cards, then the chosen review's tasks and gate beside what waits."""
    message(charts.where_words(facts.states) + ".")
    stages.cards(facts)
    clock_words(page)
    stage = stages.chosen(facts)
    left, right = st.columns([13, 7], gap="medium")
    with left:
        state = next(one for one in facts.states if one.stage == stage)
        tasks.show(stage, state.owner)
        stages.gate(stage, facts)
    with right:
        mine.show(page)


def _deadlines(page: Page, states: tuple[StageState, ...]) -> None:
    """The month on a line, and how it is set up."""
    deadlines(page, states)
    setup.show(page.plan.inputs.cycle)


def clock_words(page: Page) -> None:
    """Says what the due dates count from where the cycle was opened after its period."""
    calendar, cycle = page.plan.inputs.calendar, page.plan.inputs.cycle
    first = session.recorded("cycle", cycle)["started_on"].iloc[0]
    if not pd.isna(first):
        words = late_words(first.date(), calendar.starts[calendar.now + 1].item(), month(cycle))
        if words:
            st.caption(words)


def deadlines(page: Page, states: tuple[StageState, ...]) -> None:
    """The month as a line of reviews and decisions."""
    cycle = page.plan.inputs.cycle
    rows = session.recorded("decision")
    rows = rows[(rows["cycle"] <= cycle) & that_wait(rows) & rows["decide_by"].notna()]
    due = [(row.question, row.decide_by.date()) for row in rows.itertuples()]
    if not any(state.due for state in states):
        return
    figure = charts.timeline(states, due, session.now().date(), page.style)
    chart(figure, "cycle_timeline", charts.due_words(states, due), lambda: charts.timeline_table(states, due))


month_at_a_glance()
