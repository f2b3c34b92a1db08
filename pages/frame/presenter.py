"""The meeting that this session holds: the bar on every page with its item, clock and next, the data it is
pinned to, and the presentation switch.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame import session
from pages.frame.clock import Clock, clocks
from pages.frame.perform import form_over, perform, submit
from pages.frame.strip import escaped
from sop_engine.errors import SopError
from sop_engine.executive_sop.meeting_time import course_of, held
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.exports.minutes import Minutes, minutes_of
from sop_engine.records.meetings import (
    ENDED,
    Meeting,
    end_meeting,
    go_to,
    meeting_of,
    newer_than,
    pin_meeting,
    read_meetings,
    recorded_in,
)

PAGE = "pages/meeting.py"
PRESENTED = 1.25  # how much larger a page is while it is presented
TITLE, ADDRESS = "Meeting", "meeting"
NEXT_KEY, BACK_KEY = "Shift+Right", "Shift+Left"
KEYS = "The key works outside of text fields: Escape leaves a field"
BAR_CSS = """<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-meeting_bar) {
  position: sticky; top: 3.75rem; z-index: 90;
  background: light-dark(#f3f5f8, #1c232c);  /* secondaryBackgroundColor of the themes, of the one in use */
  border-radius: 0.375rem; padding: 0.375rem 0.75rem; }
.st-key-meeting_bar [data-testid="stPageLink"] p { font-weight: 600; overflow: hidden; max-width: 15rem;
  text-overflow: ellipsis; white-space: nowrap; }
</style>"""
PRESENTING_CSS = """<style>
html { font-size: %gpx !important; }
</style>""" % (16 * PRESENTED)
# forms, levers and what opens a form or records at once are out of sight and of the keyboard's reach; a form
# over the page stays, and of a decision that the room has before it the steps that a meeting takes
READING_CSS = """<style>
[data-testid="stMain"] [data-testid="stForm"]:not([class*="st-key-room"] *),
[data-testid="stMain"] [data-testid="stFileUploader"],
[data-testid="stMain"] [class*="st-key-"][class*="_open"]:not(
  .st-key-capture_open, .st-key-meeting_end_open, [class*="st-key-room"] *),
[data-testid="stMain"] .st-key-room_decision [class*="st-key-"][class*="_open"]:not(
  [class*="st-key-Decide_"], [class*="st-key-Escalate_"], [class*="st-key-Defer_"]),
[data-testid="stMain"] [class*="st-key-"]:is([class*="_save"], [class*="_try"], [class*="st-key-solve_"]),
[data-testid="stMain"] [data-testid="stColumn"]:has([class*="_undo"]) { display: none; }
</style>"""


def meeting_bar(page: str) -> None:
    """On every page of a session that is in a meeting: where the meeting stands, and what it is pinned to.

    page: title of the page; that of the meeting says its item and has clocks of its own, in large type
    """
    _present()
    meeting = _joined()
    if meeting is None:
        return
    st.query_params[ADDRESS] = meeting.meeting_id
    st.html(BAR_CSS)
    with st.container(key="meeting_bar", gap="xxsmall"):
        if page == TITLE:
            with _row():
                _pinned(meeting)
                _switches()
                _moves(meeting)
            return
        with _row():
            _where(meeting)
            _clocks(meeting)
            _moves(meeting)
        with _row():
            _pinned(meeting)
            _switches()


def running() -> Meeting | None:
    """The meeting that this session is in, None outside of one."""
    meeting_id = st.session_state.get("meeting", "")
    return meeting_of(tables(), meeting_id) if meeting_id else None


def is_presenting() -> bool:
    """Whether this session shows its pages in large type, for a room."""
    return bool(st.session_state.get("presenting"))


def tables() -> dict[str, pd.DataFrame]:
    """All meetings with their agendas and attendance; read once for each commit, so not to be changed."""
    return _tables(session.warehouse_path(), session.warehouse().revision)


def join(meeting_id: str) -> None:
    """This session comes into a running meeting and sees the data that the meeting is pinned to. Raises
    RecordError where that data is no longer at hand.
    """
    st.session_state.meeting = meeting_id
    session.pin(str(meeting_of(tables(), meeting_id).row["data_version"]))
    st.session_state.presenting = True


def leave() -> None:
    """This session is in no meeting and follows the data again."""
    st.session_state.meeting = ""
    st.session_state.presenting = False
    st.query_params.pop(ADDRESS, None)
    session.unpin()


def name() -> str:
    """Who acts in the meeting from this session: its own name, or the one who leads it."""
    meeting = running()
    return st.session_state.get("who") or ("" if meeting is None else str(meeting.row["facilitator"]))


def figures() -> Scorecard:
    """The fiscal year's figures of the working scenario, on what this session looks at."""
    return session.card_of(session.plan_for(session.working()), Window.FISCAL_YEAR)


def clocks_of(meeting: Meeting, *names: str) -> tuple[Clock, Clock]:
    """The clock of the open item and that of the whole meeting, under these names."""
    now = held(meeting.agenda, session.now())
    item = now.set_index("position").loc[meeting.position]
    return (
        Clock(names[0], float(item["seconds"]), float(item["minutes"])),
        Clock(names[1], float(now["seconds"].sum()), float(now["minutes"].sum())),
    )


def minutes_now(meeting: Meeting) -> Minutes:
    """The minutes as they would be written now."""
    return _minutes(meeting, session.now())


def _minutes(meeting: Meeting, at: datetime) -> Minutes:
    written = recorded_in(session.warehouse(), meeting, at)
    course = course_of(session.warehouse().read, meeting.meeting_id)
    return minutes_of(meeting, {**written, **course}, figures(), at)


def step(meeting: Meeting, by: int) -> None:
    """Goes to the item before or after."""
    go(meeting, meeting.beside(by))


def go(meeting: Meeting, position: int) -> None:
    """Goes to an item, which stands on the page of the meeting."""
    moved = {"seen": meeting.position, "who": name(), "at": session.now()}
    try:
        go_to(session.warehouse(), meeting.meeting_id, position, **moved)
    except SopError as fault:
        st.error(str(fault))
        return
    st.switch_page(PAGE)


def _joined() -> Meeting | None:
    """The running meeting of this session; joined from the address once. One that has ended is left, for its
    minutes.
    """
    if "meeting" not in st.session_state:
        st.session_state.meeting = _from_address()
        st.session_state.presenting = bool(st.session_state.meeting)
    meeting = running()
    if meeting is None:
        return None
    if meeting.row["status"] == ENDED:
        leave()
        st.session_state.minutes_of = meeting.meeting_id
        st.session_state.room_tabs = "Minutes"
        st.switch_page(PAGE)
    _require_data(meeting)
    return meeting


def _from_address() -> str:
    asked = st.query_params.get(ADDRESS, "")
    known = tables()["meeting"].set_index("meeting_id")["status"]
    return asked if known.get(asked) == "running" else ""


def _require_data(meeting: Meeting) -> None:
    """Pins the session where it is not; where that data is gone, says so and ends the page."""
    version = str(meeting.row["data_version"])
    try:
        if session.pinned() != version:
            session.pin(version)
        session.is_behind()
    except SopError as fault:
        session.unpin()
        st.warning(str(fault))
        if st.button("Move on to today's data", key="move_on_lost", type="primary"):
            _move_on(meeting)
        st.stop()


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def _where(meeting: Meeting) -> None:
    place = list(meeting.agenda["position"]).index(meeting.position)
    label = f"{place + 1}/{len(meeting.agenda)} {meeting.item['title']}"
    st.page_link(PAGE, label=escaped(label), width="content")


def _clocks(meeting: Meeting) -> None:
    clocks(*clocks_of(meeting, "Item", "Meeting"), key="meeting_clocks")


def _moves(meeting: Meeting) -> None:
    first, last = meeting.beside(-1) is None, meeting.beside(1) is None
    if st.button("Back", key="meeting_back", shortcut=BACK_KEY, disabled=first, help=KEYS):
        step(meeting, -1)
    if st.button("Next", key="meeting_next", shortcut=NEXT_KEY, disabled=last, type="primary", help=KEYS):
        step(meeting, 1)
    form_over("End", "meeting_end", lambda: _end_form(meeting), title="End the meeting")


def _end_form(meeting: Meeting) -> None:
    waiting = int((held(meeting.agenda, session.now())["seconds"] == 0).sum())
    st.markdown(
        "The minutes are written and kept as they stand."
        + (f" {waiting} of {len(meeting.agenda)} items were not reached." if waiting else "")
    )
    with st.form("meeting_end_form", border=False):
        submit("End and write the minutes", "meeting_end", "The minutes are written", _end, primary=True)


def _end(**by: object) -> None:
    meeting = running()
    text = _minutes(meeting, by["at"]).to_json()
    end_meeting(session.warehouse(), meeting.meeting_id, minutes=text, **by)


def _switches() -> None:
    st.toggle("Present", value=is_presenting(), key="present", on_change=_set_present, help="Large type")
    if is_presenting():
        st.toggle("Edit", key="editing", persist_state="session", help="Forms and levers are in sight")


def _set_present() -> None:
    st.session_state.presenting = st.session_state.present


def _present() -> None:
    """Large type, and nothing that edits, unless somebody asks for it."""
    if is_presenting():
        st.html(PRESENTING_CSS)
        if not st.session_state.get("editing"):
            st.html(READING_CSS)


def _pinned(meeting: Meeting) -> None:
    """On which data the meeting stands, and what came since."""
    since = meeting.row["pinned_at"].to_pydatetime()
    words = f"Held at the data of {since:%H:%M} ({session.pinned()[:6]})"
    newer = (
        _newer(session.warehouse_path(), session.warehouse().revision, since) if session.is_behind() else None
    )
    if newer is None:
        st.caption(words, width="content", help="Nothing on screen moves because somebody loads data.")
        st.space("stretch")
        return
    came = f"{newer['what']} at {newer['at']:%H:%M} by {newer['who']}"
    st.caption(escaped(f"{words}; {came} and is not on screen."), width="content")
    if st.button("Move on to it", key="move_on"):
        _move_on(meeting)
    st.space("stretch")


def _move_on(meeting: Meeting) -> None:
    perform("The meeting moved on to the newest data", lambda: _repin(meeting))


def _repin(meeting: Meeting) -> None:
    at = session.now()
    version = session.pin()
    pin_meeting(session.warehouse(), meeting.meeting_id, version, who=name(), at=at)


@st.cache_resource(show_spinner=False, max_entries=4)
def _tables(path: str, revision: int) -> dict[str, pd.DataFrame]:
    return read_meetings(session.warehouse())


@st.cache_resource(show_spinner=False, max_entries=4)
def _newer(path: str, revision: int, since: datetime) -> pd.Series | None:
    return newer_than(session.warehouse(), since)
