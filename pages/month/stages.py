"""The six reviews as cards, and the gate of the one that is chosen: what must hold before it begins and
before it is signed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.frame import session
from pages.frame.gates import show_criteria
from pages.frame.page import may_record
from pages.frame.perform import form_over, step_form, submit
from pages.frame.progress import stamp_words, status_badge
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts.numbers import day
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES
from sop_engine.executive_sop.gates import Facts, entry_criteria, exit_criteria, unmet
from sop_engine.executive_sop.progress import StageState, current
from sop_engine.executive_sop.tasks import Progress, progress
from sop_engine.records import reopen_stage, start_stage
from sop_engine.records.cycle_setup import assign_stage

PAGES = {
    "product": "product_review",
    "demand": "demand_review",
    "supply": "supply_review",
    "finance": "finance_review",
    "pre_sop": "pre_sop",
    "executive": "executive_sop",
}


def cards(facts: Facts) -> None:
    """One card per review: link, status, owner, deadline, tasks, gate, signature or what it waits for."""
    done = progress(facts.tasks, session.now().date())
    for column, state in zip(st.columns(len(facts.states), gap="small"), facts.states, strict=True):
        with column.container(border=True, height="stretch", gap="xxsmall"):
            st.page_link(f"pages/{PAGES[state.stage]}.py", label=f"**{state.name}**")
            status_badge(state)
            st.caption(escaped(f"{state.owner or 'No owner'} · {due_words(state)}"))
            st.progress(done[state.stage].share, text=done[state.stage].words())
            st.caption(escaped(_gate_words(state, done[state.stage], facts)))
            if state.despite:
                st.badge(
                    "signed with a reason",
                    icon=":material/flag:",
                    color="orange",
                    help=escaped(state.despite),
                )


def due_words(state: StageState) -> str:
    """The due date and the days to it."""
    if state.due is None:
        return "no due date"
    if state.status == "signed":
        return f"due {day(state.due)}"
    left = abs(state.days_left)
    days = f"{left} day{'' if left == 1 else 's'}"
    if not left:
        return f"due {day(state.due)}, today"
    return f"due {day(state.due)}, {days} {'left' if state.days_left > 0 else 'overdue'}"


def chosen(facts: Facts) -> str:
    """The review that is looked at more closely: at first the one the month stands at."""
    now = current(facts.states) or facts.states[-1]
    return st.segmented_control(
        "Review",
        STAGES,
        default=now.stage,
        required=True,
        format_func=STAGE_WORDS.__getitem__,
        key="month_stage",
        label_visibility="collapsed",
    )


def gate(stage: str, facts: Facts) -> None:
    """Entry and exit criteria of a review, and its steps."""
    state = next(one for one in facts.states if one.stage == stage)
    left, right = st.columns(2, gap="medium")
    with left, st.container(gap="xsmall"):
        st.markdown("**Before it begins**")
        show_criteria(entry_criteria(stage, facts), f"entry_{stage}")
    with right, st.container(gap="xsmall"):
        st.markdown("**Before it is signed**")
        show_criteria(exit_criteria(stage, facts), f"exit_{stage}")
    cycle = session.inputs().cycle
    if may_record(cycle):
        with st.container(horizontal=True, gap="small"):
            _step(state, facts)
            form_over("Owner and deadline", f"assign_{stage}", lambda: _assign_form(cycle, state), state.name)


def _gate_words(state: StageState, done: Progress, facts: Facts) -> str:
    """The signature of a review that has one; else how many criteria of its gate hold."""
    if not state.gate:
        return "open all month, nothing waits for it"
    if state.status == "signed":
        return stamp_words(state)
    criteria = exit_criteria(state.stage, facts)
    holds = f"{sum(one.met for one in criteria)} of {len(criteria)} criteria to sign hold"
    return f"waits for {state.waits_for[0]}; {holds}" if state.waits_for else holds


def _step(state: StageState, facts: Facts) -> None:
    """Start an open review, or take up a signed one again."""
    if state.status == "open":
        form_over(
            "Start", f"Start_{state.stage}", lambda: _start_form(state, facts), title=f"Start: {state.name}"
        )
    elif state.status == "signed":
        form_over(
            "Reopen", f"Reopen_{state.stage}", lambda: _reopen_form(state), title=f"Reopen: {state.name}"
        )


def _start_form(state: StageState, facts: Facts) -> None:
    if against := unmet(entry_criteria(state.stage, facts)):
        st.warning(escaped(lever_words(f"Does not hold yet. {'. '.join(against)}.")))
    with st.form(f"start_{state.stage}", border=False):
        started = partial(start_stage, session.warehouse(), session.inputs().cycle, state.stage)
        submit("Start", f"start_{state.stage}", f"{state.name} is in progress", started)


def _reopen_form(state: StageState) -> None:
    reopened = partial(reopen_stage, session.warehouse(), session.inputs().cycle, state.stage)
    done = f"{state.name} is open again"
    step_form("Reopen", f"reopen_{state.stage}", done, reopened, "Why it is taken up again")


def _assign_form(cycle: str, state: StageState) -> None:
    with st.form(f"assign_{state.stage}_form", border=False):
        owner = st.text_input("Owner", value=state.owner)
        due = st.date_input("Deadline", value=state.due)
        seen = {"owner": state.owner, "due": state.due}
        given = partial(
            assign_stage, session.warehouse(), cycle, state.stage, owner=owner, due=due, seen=seen
        )
        submit("Change", f"assign_{state.stage}", f"{state.name} has another owner or deadline", given)
