"""The agenda and the attendance of a meeting as tables to edit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.perform import submit
from pages.room.shown import place_words, places
from sop_engine.executive_sop.agenda import KINDS, AgendaItem, missing_roles, quorum_words
from sop_engine.records.meetings import Meeting, set_agenda, set_attendance

PEOPLE = ["role", "person", "decides", "present"]


def agenda_form(meeting: Meeting) -> None:
    """What is still to come, to edit: items, minutes, what each shows and what its time is spent on."""
    opened = meeting.agenda["started_at"].notna() | (meeting.agenda["seconds"] > 0)
    last = meeting.agenda.loc[opened, "position"].max()
    coming = meeting.agenda if pd.isna(last) else meeting.agenda[meeting.agenda["position"] > last]
    with st.form(f"room_agenda_{meeting.meeting_id}", border=False):
        edited = st.data_editor(
            _shown(coming),
            num_rows="dynamic",
            hide_index=True,
            key=f"room_agenda_editor_{meeting.meeting_id}_{len(coming)}",
            column_config=_columns(),
            height="content",
            placeholder="",
            alt="Agenda to edit",
        )
        st.caption(
            f"{coming['minutes'].sum():.0f} minutes planned. A line is added at the foot of the table."
        )
        kept = partial(_keep_agenda, meeting.meeting_id, edited)
        submit("Keep the agenda", "room_agenda", "The agenda is kept", kept)


def agenda_items(edited: pd.DataFrame) -> tuple[AgendaItem, ...]:
    """Items of the edited table; a line without a title is none. Blank minutes are none."""
    place = places()
    rows = edited[edited["item"].fillna("").str.strip() != ""]
    return tuple(
        AgendaItem(
            row.item.strip(),
            0.0 if pd.isna(row.minutes) else float(row.minutes),
            *place.get(row.shows or "", ("", "")),
            row.kind or "review",
            "" if pd.isna(row.about) else row.about,
        )
        for row in rows.itertuples()
    )


def attendance_form(meeting: Meeting) -> None:
    """Who is expected, who came, who may decide."""
    if meeting.attendance["present"].any():
        words = quorum_words(meeting.attendance)
        missing = missing_roles(meeting.attendance)
        st.caption(" ".join(filter(None, [words, f"Not here: {', '.join(missing)}." if missing else ""])))
    with st.form(f"room_attendance_{meeting.meeting_id}", border=False):
        edited = st.data_editor(
            meeting.attendance[PEOPLE],
            num_rows="dynamic",
            hide_index=True,
            key=f"room_attendance_editor_{meeting.meeting_id}",
            column_config={
                "role": st.column_config.TextColumn("Role", width=170),
                "person": st.column_config.TextColumn("Name", width=110),
                "decides": st.column_config.CheckboxColumn("Decides", default=False, width=70),
                "present": st.column_config.CheckboxColumn("Present", default=False, width=70),
            },
            height="content",
            alt="Attendance to edit",
        )
        kept = partial(set_attendance, session.warehouse(), meeting.meeting_id, edited)
        submit("Keep the attendance", "room_attendance", "The attendance is kept", kept)


def _keep_agenda(meeting_id: str, edited: pd.DataFrame, **by: object) -> None:
    set_agenda(session.warehouse(), meeting_id, agenda_items(edited), **by)


def _shown(items: pd.DataFrame) -> pd.DataFrame:
    where: Sequence[str] = [
        place_words(page, section) for page, section in zip(items["page"], items["section"], strict=True)
    ]
    named = items.rename(columns={"title": "item"}).assign(shows=where)
    return named[["item", "minutes", "shows", "kind", "about"]].reset_index(drop=True)


def _columns() -> dict[str, st.column_config.Column]:
    decisions = list(session.recorded("decision")["decision_id"])
    return {
        "item": st.column_config.TextColumn("Item", width=270),
        "minutes": st.column_config.NumberColumn("Minutes", min_value=1, step=5, default=10, width=80),
        "shows": st.column_config.SelectboxColumn("Shows", options=list(places()), width=200),
        "kind": st.column_config.SelectboxColumn("Time for", options=list(KINDS), default="review"),
        "about": st.column_config.SelectboxColumn("Decision", options=["", *decisions], default=""),
    }
