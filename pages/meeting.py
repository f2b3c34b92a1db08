"""Meeting: called, run item by item before the room, and left with its minutes."""

from __future__ import annotations

import streamlit as st

from pages.frame import presenter
from pages.frame.page import open_page
from pages.room import after, before, during

SECTIONS = {
    "Prepare": before.show,
    "Minutes": after.minutes_shown,
    "Time spent": after.time_spent,
}


def meeting() -> None:
    """The item on the table while a meeting runs; otherwise what is planned and what was held."""
    held = presenter.running()
    stage, scope = (str(held.row["stage"]), str(held.row["scope"])) if held else ("", "")
    page = open_page(presenter.TITLE, stage, filters=bool(scope))
    held = presenter.running()
    if held is not None:
        during.show(page, held)
        return
    tabs = st.tabs(list(SECTIONS), on_change="rerun", key="room_tabs")
    for tab, show in zip(tabs, SECTIONS.values(), strict=True):
        if tab.open:
            with tab:
                show(page)


meeting()
