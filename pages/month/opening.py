"""How a cycle is opened: from the canon or as an earlier one, what it takes over, and what is still open
before it."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import ranked_table
from pages.frame.perform import form_over, step_form, submit
from pages.frame.strip import escaped
from pages.month.mine import open_things, thing_table
from pages.month.setup import FINANCE, PRE_SOP
from sop_engine.charts.numbers import day, month
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES
from sop_engine.executive_sop.my_things import count_words
from sop_engine.executive_sop.templates import CANON_TEMPLATE, Template, template_of
from sop_engine.executive_sop.working_days import due_dates, late_words
from sop_engine.records import close_cycle, open_cycle
from sop_engine.records.tasks import holidays


def opening(cycle: str) -> None:
    """Says what is still open before the cycle and what it takes over, and opens it."""
    st.info(
        f"The {month(cycle)} cycle is not open yet: everything can be looked at and tried, nothing recorded."
    )
    earlier = session.recorded("cycle")
    earlier = earlier[earlier["cycle"] < cycle]
    for before in earlier.loc[earlier["status"] == "open", "cycle"]:
        _still_open(before)
    if len(earlier):
        _taken_over(cycle, earlier)
    with st.container(border=True, key="open_the_cycle"):
        st.markdown(f"**Open the {month(cycle)} cycle**")
        template = _template(earlier)
        left, right = st.columns([3, 2], gap="large")
        with right:
            first = st.date_input("First working day", value=session.now().date(), key="open_first_day")
            closed = holidays(session.warehouse().read)
            finance = st.radio(
                "Finance",
                list(FINANCE),
                index=list(FINANCE).index(template.finance),
                format_func=FINANCE.get,
                key="open_finance",
            )
            pre_sop = st.radio(
                "Pre-S&OP",
                list(PRE_SOP),
                index=list(PRE_SOP).index(template.pre_sop),
                format_func=PRE_SOP.get,
                key="open_pre_sop",
            )
        with left:
            owners, days = _reviews(template)
            due = due_dates(first, days, closed)
            st.caption(escaped(_due_words(due, len(closed))))
            calendar = session.inputs().calendar
            if late := late_words(first, calendar.starts[calendar.now + 1].item(), month(cycle)):
                st.caption(late)
            tasks = template.tasks_for(days)
            st.caption(f"{len(tasks)} tasks, each with a link to the page that does it.")
            shape = {"finance": finance, "pre_sop": pre_sop, "started_on": first, "tasks": tasks}
            opened = partial(open_cycle, session.warehouse(), cycle, owners=owners, due=due, **shape)
            with st.form("open_cycle_form", border=False):
                label = f"Open the {month(cycle)} cycle"
                submit(label, "cycle_open", f"The {month(cycle)} cycle is open", opened, primary=True)


def _template(earlier: pd.DataFrame) -> Template:
    """The canon, or the last cycle as it was; the last cycle first where it was the company's own."""
    if earlier.empty:
        return CANON_TEMPLATE
    last = earlier.iloc[-1]
    words = {
        "last": f"As {month(last['cycle'])}: its owners, working days and tasks",
        "canon": "The canon: the common monthly clock, no owners",
    }
    start = st.radio("Begin with", list(words), format_func=words.get, horizontal=True, key="open_template")
    if start == "canon":
        return CANON_TEMPLATE
    rows = (session.recorded(table, last["cycle"]) for table in ("stage", "task"))
    return template_of(last, *rows, holidays(session.warehouse().read))


def _reviews(template: Template) -> tuple[dict[str, str], dict[str, int]]:
    """Owner and working day of each review, as edited; a review without a day has no deadline."""
    plan = pd.DataFrame(
        {
            "Review": [STAGE_WORDS[stage] for stage in STAGES],
            "Owner": [template.owners[stage] for stage in STAGES],
            "Working day": pd.array([template.days.get(stage) for stage in STAGES], dtype="Int64"),
        }
    )
    start = st.session_state.get("open_template", "canon")
    edited = st.data_editor(plan, hide_index=True, disabled=["Review"], key=f"open_cycle_editor_{start}")
    days = {
        stage: int(value)
        for stage, value in zip(STAGES, edited["Working day"], strict=True)
        if not pd.isna(value)
    }
    return dict(zip(STAGES, edited["Owner"].fillna(""), strict=True)), days


def _due_words(due: dict[str, date], closed: int) -> str:
    """When each review is due, and whether holidays are known."""
    words = "; ".join(f"{STAGE_WORDS[stage]} {by:%a} {day(by)}" for stage, by in due.items())
    known = (
        f"{closed} holidays are skipped"
        if closed
        else "no holidays are loaded (table holiday): only weekends are skipped"
    )
    return f"Due: {words}. {known[:1].upper()}{known[1:]}."


def _taken_over(cycle: str, earlier: pd.DataFrame) -> None:
    """What earlier cycles left open; nothing of it is moved or lost."""
    things = tuple(one for one in open_things(cycle) if one.cycle < cycle and one.table != "task")
    kept = len(session.recorded("plan_snapshot"))
    st.markdown(
        f"**{month(cycle)} takes over: {count_words(things)}.** {kept} kept plans of "
        f"{len(earlier)} earlier cycles stay as they are."
    )
    if things:
        with st.expander("What is taken over", key="taken_over"):
            ranked_table(thing_table(things, cycle, mine=False), "taken_over_things")


def _still_open(cycle: str) -> None:
    """An earlier cycle that nobody closed, and the form that closes it."""
    published = session.recorded("plan_version", cycle)
    done = bool((published["status"] == "published").any())
    state = "its plan is published" if done else "no plan of it is published"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"The {month(cycle)} cycle is still open: {state}.", width="content")
        form_over(f"Close {month(cycle)}", f"close_{cycle}", lambda: _close_form(cycle, done))


def _close_form(cycle: str, published: bool) -> None:
    st.markdown("A closed cycle stays as it is. What it left open stands in the cycles after it.")
    done = f"The {month(cycle)} cycle is closed"
    if not published:
        step_form("Close it", f"close_{cycle}", done, partial(_close, cycle), "Why without a published plan")
        return
    with st.form(f"close_{cycle}_form", border=False):
        submit("Close it", f"close_{cycle}", done, partial(close_cycle, session.warehouse(), cycle))


def _close(cycle: str, *, reason: str, **by: object) -> None:
    close_cycle(session.warehouse(), cycle, unpublished=reason, **by)
