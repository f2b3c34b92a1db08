"""After meetings: their minutes to read and hand out, and what meetings spend their time on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import presenter
from pages.frame.page import Page, chart, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import meeting as charts
from sop_engine.charts.numbers import month
from sop_engine.executive_sop.meeting_time import process_figures
from sop_engine.exports.minutes import Minutes, html_page, markdown
from sop_engine.records.meetings import ENDED


def minutes_shown(page: Page) -> None:
    """The minutes of a meeting that has ended: to read, and as files."""
    rows = presenter.tables()["meeting"]
    ended = rows[(rows["status"] == ENDED) & (rows["minutes"] != "")].iloc[::-1]
    if ended.empty:
        st.caption("No meeting has ended yet.")
        return
    names = dict(zip(ended["meeting_id"], [_name(row) for _, row in ended.iterrows()], strict=True))
    wanted = st.session_state.get("minutes_of", "")
    chosen = st.selectbox(
        "Minutes of",
        list(names),
        index=list(names).index(wanted) if wanted in names else 0,
        format_func=names.__getitem__,
        width=480,
        key=f"room_minutes_{wanted}",
    )
    minutes = Minutes.from_json(ended.set_index("meeting_id").loc[chosen, "minutes"])
    _files(minutes, chosen)
    with st.container(border=True, key="room_minutes"):
        _read(minutes)


def time_spent(page: Page) -> None:
    """The share of time on decisions of each meeting, minutes over and attendance."""
    tables = presenter.tables()
    figures = process_figures(tables["meeting"], tables["agenda_item"], tables["attendance"])
    if figures.empty:
        st.caption("What meetings spend their time on is shown here once one has ended.")
        return
    words = charts.time_words(figures)
    chart(charts.decision_time(figures, page.style, words), "room_time", words, lambda: figures)
    shown = figures.assign(cycle=figures["cycle"].map(month)).drop(columns=["meeting_id", "stage"])
    named = {"decisions_pct": "time on decisions, %", "present_pct": "roles present, %"}
    minutes = {name: f"{name}, minutes" for name in ("planned", "held", "over")}
    ranked_table(shown.rename(columns={**named, **minutes}), "room_figures")


def _files(minutes: Minutes, meeting_id: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, mime, text in (
            ("Markdown", "text/markdown", markdown(minutes)),
            ("HTML", "text/html", html_page(minutes)),
        ):
            ending = {"Markdown": "md", "HTML": "html"}[name]
            st.download_button(
                f"Download {name}",
                text,
                file_name=f"minutes_{meeting_id}.{ending}",
                mime=mime,
                key=f"room_file_{ending}",
                on_click="ignore",
            )


def _read(minutes: Minutes) -> None:
    """The minutes on the page."""
    st.subheader(escaped(minutes.title), anchor=False)
    st.caption("  \n".join(map(escaped, minutes.lines)))
    for part in minutes.parts:
        st.markdown(f"**{escaped(part.title)}**")
        st.table(pd.DataFrame(list(part.rows), columns=list(part.columns)).set_index(part.columns[0]))


def _name(row: pd.Series) -> str:
    return f"{row['title']}, {month(row['cycle'])}, {row['ended_at']:%d %b %H:%M}"
