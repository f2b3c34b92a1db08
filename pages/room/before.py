"""Before a meeting: it is called with the agenda of its review, made ready, and begun or joined."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import presenter, session
from pages.frame.page import Page, may_record
from pages.frame.perform import form_over, perform, submit
from pages.frame.progress import reviews
from pages.frame.strip import escaped
from pages.pre.consistency import light_of
from pages.pre.series import series_of
from pages.room.tables import PEOPLE, agenda_form, attendance_form
from sop_engine.charts.numbers import day
from sop_engine.executive_sop.agenda import canon, decision_items, seats
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES
from sop_engine.executive_sop.progress import current
from sop_engine.executive_sop.unresolved import unresolved
from sop_engine.pre_sop.go_light import goes
from sop_engine.pre_sop.series import scopes
from sop_engine.records.meetings import PLANNED, RUNNING, Meeting, call_meeting, meeting_of, start_meeting


def show(page: Page) -> None:
    """Meetings that run or are planned, and the form that calls one."""
    cycle = page.plan.inputs.cycle
    rows = presenter.tables()["meeting"]
    mine = rows[rows["cycle"] == cycle]
    for _, row in mine[mine["status"] == RUNNING].iterrows():
        _running(row)
    if may_record(cycle):
        form_over("Call a meeting", "room_call", lambda: call_form(page), icon=":material/event:")
    planned = mine[mine["status"] == PLANNED]
    if planned.empty:
        st.caption(
            "No meeting is planned. Calling one takes the agenda of its review, to be changed as you like."
        )
        return
    names = dict(zip(planned["meeting_id"], [_name(row) for _, row in planned.iterrows()], strict=True))
    chosen = st.segmented_control(
        "Planned", list(names), format_func=names.__getitem__, default=list(names)[-1], key="room_planned"
    )
    if chosen:
        meeting = meeting_of(presenter.tables(), chosen)
        if meeting.row["stage"] == "executive":
            _light_words(page)
        make_ready(meeting)


def _light_words(page: Page) -> None:
    """The light of pre-S&OP before the executive meeting, and what keeps it from go."""
    criteria = light_of(page)
    missing = [one.statement for one in criteria if not one.met]
    if goes(criteria):
        st.success("Go: the plans tie, the reviews hold, every gap that matters has an owner.")
    else:
        st.error(escaped(f"No-go in Pre-S&OP, Consistency: {'; '.join(missing)}."), icon=":material/block:")


def make_ready(meeting: Meeting) -> None:
    """A planned meeting: its agenda beside its attendance, and the start."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(f"Agenda of {escaped(str(meeting.row['title']))}", anchor=False)
        agenda_form(meeting)
    with right:
        with st.form("room_start", border=True):
            st.markdown(
                "The meeting is pinned to today's data and begins with the working scenario: "
                + escaped(session.working().in_words())
                + "."
            )
            submit(
                "Start the meeting", "room_start", "The meeting runs", partial(_start, meeting), primary=True
            )
        st.subheader("Who comes", anchor=False)
        attendance_form(meeting)


def call_form(page: Page) -> None:
    """Which review, for whom, when, and who leads it."""
    cycle = page.plan.inputs.cycle
    now = current(reviews(page.plan.inputs))
    with st.form("room_call_form", border=False):
        stage = st.selectbox(
            "Meeting",
            STAGES,
            index=STAGES.index(now.stage) if now else len(STAGES) - 1,
            format_func=STAGE_WORDS.__getitem__,
        )
        scope = st.selectbox("For", _scopes(page), format_func=lambda name: name or "the whole company")
        left, right = st.columns(2)
        leads = left.text_input("Led by", value=st.session_state.get("who", ""))
        planned = right.date_input("Day", value=None)
        called = partial(_call, cycle, stage, scope, leads, planned)
        submit("Call it", "room_call", "The meeting is called", called, primary=True)


def expected(stage: str) -> pd.DataFrame:
    """Roles of a meeting, with the names of whoever sat there last."""
    tables = presenter.tables()
    held = tables["meeting"]
    last = held.loc[(held["stage"] == stage) & (held["status"] != PLANNED), "meeting_id"]
    if len(last):
        there = tables["attendance"]
        return there.loc[there["meeting_id"] == last.iloc[-1], PEOPLE].assign(present=False)
    rows = [(seat.role, "", seat.decides, False) for seat in seats(stage)]
    return pd.DataFrame(rows, columns=PEOPLE)


def _call(cycle: str, stage: str, scope: str, leads: str, planned: object, **by: object) -> None:
    nothing = session.requests().iloc[:0]
    today = session.now().date()
    waiting = unresolved(session.recorded("decision"), nothing, (), (), cycle, today)
    call_meeting(
        session.warehouse(),
        cycle=cycle,
        stage=stage,
        scope=scope,
        items=canon(stage, decision_items(waiting)),
        people=expected(stage),
        facilitator=leads,
        planned_for=planned,
        **by,
    )


def _start(meeting: Meeting, **by: object) -> None:
    start_meeting(
        session.warehouse(),
        meeting.meeting_id,
        version=session.inputs().version,
        levers=session.working().to_json(),
        figures=presenter.figures().to_json(),
        **by,
    )
    presenter.join(meeting.meeting_id)


def _running(row: pd.Series) -> None:
    words = f"{row['title']} runs since {row['started_at']:%H:%M}, led by {row['facilitator']}."
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(escaped(words), width="content")
        if st.button("Join it", key=f"room_join_{row['meeting_id']}", type="primary"):
            perform("You are in the meeting", partial(presenter.join, row["meeting_id"]))


def _name(row: pd.Series) -> str:
    when = "" if pd.isna(row["planned_for"]) else f", {day(row['planned_for'].date())}"
    return f"{row['title']}{when}"


def _scopes(page: Page) -> list[str]:
    """The whole company, then the meetings of the series that this cycle is held in."""
    return ["", *(scope.label for scope in scopes(page.plan.inputs, series_of(page)))]
