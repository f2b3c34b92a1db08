"""What is put before the room for an item of the agenda: a section of a review, or a list of the meeting."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import presenter, session
from pages.frame.decisions import show_decisions
from pages.frame.navigation import PAGES
from pages.frame.page import Page, ranked_table
from pages.frame.strip import escaped
from pages.sections import SECTIONS
from sop_engine.executive_sop.agenda import (
    ONE_DECISION,
    PRIOR_ACTIONS,
    ROOM,
    WHAT_CAME,
)
from sop_engine.executive_sop.decisions import STAGE_WORDS, deadline_words
from sop_engine.records.meetings import Meeting

TITLES = {**dict(PAGES), ROOM: "Meeting"}


def places() -> dict[str, tuple[str, str]]:
    """What an agenda item can show, in words: "Supply: Capacity" to its page and section; "" is nothing."""
    own = [(ROOM, name) for name in (PRIOR_ACTIONS, ONE_DECISION, WHAT_CAME)]
    pages = [(name, "") for name, _ in PAGES if name != ROOM]
    sections = [(name, section) for name, inside in SECTIONS.items() for section in inside]
    shown = [("", ""), *own, *sections, *pages]
    return {place_words(*place): place for place in shown}


def place_words(page: str, section: str) -> str:
    """A place in words, "" for none.

    >>> place_words("supply_review", "Capacity"), place_words("", "")
    ('Supply: Capacity', '')
    """
    return ": ".join(filter(None, [TITLES.get(page, page), section]))


def show_item(page: Page, meeting: Meeting) -> None:
    """What the open item is about; where it stands on a page of its own, the way there."""
    item = meeting.item
    place = (str(item["page"]), str(item["section"]))
    show = SECTIONS.get(place[0], {}).get(place[1])
    if show is not None:
        show(page)
    elif place[0] == ROOM:
        _own(place[1], page, meeting)
    elif place[0]:
        label = f"Open {place_words(*place)}; the bar of the meeting goes with you"
        st.page_link(f"pages/{place[0]}.py", label=escaped(label), icon=":material/open_in_full:")


def _own(section: str, page: Page, meeting: Meeting) -> None:
    if section == PRIOR_ACTIONS:
        prior_actions(meeting)
    elif section == ONE_DECISION:
        one_decision(page, str(meeting.item["about"]))
    else:
        what_came(meeting)


def prior_actions(meeting: Meeting) -> None:
    """Actions that are still open, of this cycle and those before, the oldest deadline first."""
    notes = session.recorded("note")
    rows = notes[(notes["kind"] == "action") & (notes["status"] == "open")].sort_values("due", kind="stable")
    mine = rows["stage"].isin(["", meeting.row["stage"]])
    if rows.empty:
        st.info("No action is open.")
        return
    today = session.now().date()
    table = pd.DataFrame(
        {
            "action": rows["text"],
            "owner": rows["owner"].replace("", "nobody"),
            "standing": [
                deadline_words("open", None if pd.isna(due) else due.date(), today) for due in rows["due"]
            ],
            "review": rows["stage"].map(STAGE_WORDS).fillna(""),
            "cycle": rows["cycle"],
        }
    )
    ranked_table(pd.concat([table[mine], table[~mine]]), "room_actions")


def one_decision(page: Page, decision_id: str) -> None:
    """One decision with its options and the steps that it may take."""
    rows = session.recorded("decision")
    found = rows[rows["decision_id"] == decision_id]
    if found.empty:
        st.info("This item names no decision. Choose one in the agenda below, or raise one by capture.")
        return
    st.session_state.setdefault(f"decision_{decision_id}", True)
    with st.container(key="room_decision"):
        show_decisions(page, found)


def what_came(meeting: Meeting) -> None:
    """What this meeting has decided, asked and written down so far, as its minutes will say it."""
    minutes = presenter.minutes_now(meeting)
    said = [part for part in minutes.parts if not part.title.startswith(("Agenda", "Attendance"))]
    for part in said:
        st.markdown(f"**{escaped(part.title)}**")
        ranked_table(pd.DataFrame(list(part.rows), columns=list(part.columns)), f"room_{part.title}")
