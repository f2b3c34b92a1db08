"""The view of this session as evidence of what is written down on it, and the way back to it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.frame import session
from pages.frame.scenario_menu import lever_words
from sop_engine.executive_sop.evidence import AGAINST, FILTER, SECTION, WINDOW, Evidence

STAGE_PAGES = {
    "product": "product_review",
    "demand": "demand_review",
    "supply": "supply_review",
    "finance": "finance_review",
    "pre_sop": "pre_sop",
    "executive": "executive_sop",
}
ALSO_KEPT = (WINDOW, AGAINST, "connected_family")


def view_now(title: str, stage: str, data_version: str) -> Evidence:
    """What this session looks at: page, sections, filter, window, baseline and working scenario.

    title, stage: of the page; one of no review is named by its title
    """
    chosen = {key: value for key, value in st.session_state.items() if _is_kept(key) and value is not None}
    return Evidence(
        page=STAGE_PAGES.get(stage, title.lower()),
        title=title,
        state=tuple(sorted((key, str(value)) for key, value in chosen.items())),
        scenario=session.working(),
        data_version=data_version,
    )


def view_words(view: Evidence) -> str:
    """The view as people read it; that the data is another by now, where it is."""
    moved = " (the data has changed since)" if view.data_version != session.inputs().version else ""
    return lever_words(view.words()) + moved


def open_view(label: str, key: str, view: Evidence) -> None:
    """A button that brings the view back: its page, sections, filter, window, baseline and scenario; undo
    gives the scenario of before back.
    """
    _go(label, key, view.page, lambda: _bring_back(view))


def open_section(label: str, key: str, page: str, section: str = "") -> None:
    """A button to a section of a page; nothing else of the view changes."""
    _go(label, key, page, lambda: _choose(section_state(page, section)))


def section_state(page: str, section: str) -> tuple[tuple[str, str], ...]:
    """The state that opens a section of a page; () for the page as it was left."""
    stage = next((stage for stage, name in STAGE_PAGES.items() if name == page), page)
    return ((f"{stage}{SECTION}", section),) if section else ()


def _go(label: str, key: str, page: str, before: Callable[[], None]) -> None:
    """Widgets take what is chosen for them before they are made, so it is set ahead of the run."""
    if st.button(label, key=key, icon=":material/arrow_forward:", on_click=before):
        st.switch_page(f"pages/{page}.py")


def _bring_back(view: Evidence) -> None:
    filters = [(key, "") for key in st.session_state if key.startswith(FILTER) and key != "filter_measure"]
    _choose((*filters, *view.state))
    session.work_on(view.scenario)


def _choose(state: tuple[tuple[str, str], ...]) -> None:
    for key, value in state:
        st.session_state[key] = value


def _is_kept(key: str) -> bool:
    return key.endswith(SECTION) or key.startswith(FILTER) or key in ALSO_KEPT
