"""While a meeting runs: one page per item in large type, with its clock, notes and the parking lot."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.frame import presenter, session
from pages.frame.clock import clocks
from pages.frame.page import Page
from pages.frame.perform import perform
from pages.frame.strip import escaped
from pages.room.shown import show_item
from pages.room.tables import agenda_form, attendance_form
from sop_engine.executive_sop.agenda import quorum_words
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.records import add_note
from sop_engine.records.meetings import Meeting, write_item_notes

CSS = """<style>
.st-key-room_title h1 { font-size: 2rem; line-height: 1.15; padding: 0.25rem 0 1rem; }
@media (max-height: 800px) { .st-key-room_title h1 { font-size: 1.375rem; padding: 0 0 0.75rem; } }
[data-testid="stLayoutWrapper"]:has(> .st-key-title_line) { order: 8; }
[data-testid="stLayoutWrapper"]:has(> .st-key-strip) { order: 9; }
</style>"""


def show(page: Page, meeting: Meeting) -> None:
    """The open item: its title and clock, what it is about, what was said."""
    st.html(CSS)
    _headline(meeting)
    if meeting.attendance["present"].any() and quorum_words(meeting.attendance):
        st.warning(quorum_words(meeting.attendance))
    show_item(page, meeting)
    with st.container(key="room_foot"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            _notes(meeting)
        with right:
            _parking_lot(meeting)
    _behind(meeting)


def _headline(meeting: Meeting) -> None:
    item, after = meeting.item, meeting.beside(1)
    place = list(meeting.agenda["position"]).index(meeting.position)
    coming = "" if after is None else f" · next: {meeting.agenda.set_index('position')['title'][after]}"
    title, time = st.columns([11, 9], vertical_alignment="center")
    with title.container(key="room_title", gap="xxsmall"):
        st.title(escaped(str(item["title"])), anchor=False)
        kind = f"{place + 1} of {len(meeting.agenda)} · {STAGE_WORDS[meeting.row['stage']]}"
        st.caption(escaped(f"{kind} · time for {item['kind']}{coming}"))
    with time:
        clocks(
            *presenter.clocks_of(meeting, "This item", "The meeting"),
            key="room_clocks",
            large=True,
            item=f"{meeting.meeting_id} {meeting.position}",
        )


def _notes(meeting: Meeting) -> None:
    position = meeting.position
    key = f"room_notes_{meeting.meeting_id}_{position}"
    st.text_area(
        "Notes on this item; Escape leaves the field",
        value=str(meeting.item["notes"]),
        key=key,
        height=96,
        on_change=_write_notes,
        args=(meeting.meeting_id, position, key),
    )


def _write_notes(meeting_id: str, position: int, key: str) -> None:
    write_item_notes(
        session.warehouse(),
        meeting_id,
        position,
        st.session_state[key].strip(),
        who=presenter.name(),
        at=session.now(),
    )


def _parking_lot(meeting: Meeting) -> None:
    """Points for later: written in one line, listed below."""
    with st.form("room_parking", border=False, clear_on_submit=True):
        text = st.text_input("Parking lot", placeholder="A point for later")
        if st.form_submit_button("Park it"):
            parked = partial(_park, meeting, text, who=presenter.name(), at=session.now())
            perform("Parked", parked)
    notes = session.recorded("note", str(meeting.row["cycle"]))
    for point in notes.loc[
        (notes["kind"] == "parking") & (notes["meeting_id"] == meeting.meeting_id), "text"
    ]:
        st.markdown(f"- {escaped(point)}")


def _park(meeting: Meeting, text: str, **by: object) -> None:
    add_note(
        session.warehouse(),
        cycle=str(meeting.row["cycle"]),
        stage=str(meeting.row["stage"]),
        kind="parking",
        text=text,
        meeting_id=meeting.meeting_id,
        **by,
    )


def _behind(meeting: Meeting) -> None:
    """The whole agenda, to go to any item or change what is to come, and who is there."""
    agenda = st.expander("Agenda", on_change="rerun", key="room_agenda_behind")
    if agenda.open:
        with agenda.container(key="room_agenda_form"):
            _jump(meeting)
            agenda_form(meeting)
    there = int(meeting.attendance["present"].sum())
    people = st.expander(
        f"Who is here: {there or 'nobody is marked yet'}", on_change="rerun", key="room_people_behind"
    )
    if people.open:
        with people.container(key="room_people_form"):
            attendance_form(meeting)


def _jump(meeting: Meeting) -> None:
    names = dict(zip(meeting.agenda["position"], meeting.agenda["title"], strict=True))
    chosen = st.selectbox(
        "Go to",
        list(names),
        index=list(names).index(meeting.position),
        format_func=names.__getitem__,
        key=f"room_jump_{meeting.position}",
    )
    if chosen != meeting.position:
        presenter.go(meeting, chosen)
