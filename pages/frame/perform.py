"""How a page records something: a form over the page; do it, say so, show the page anew; or say why it cannot
be done.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.frame import session
from sop_engine.errors import SopError

_OPEN = "dialog"


def form_over(
    label: str, key: str, body: Callable[[], None], title: str = "", icon: str = "", shortcut: str = ""
) -> None:
    """A button that opens a form over the page. The form is made anew each time, so nothing of the one
    before stands in it; it stays until it is closed or what it records is recorded.

    shortcut: the key that presses the button
    """
    if st.button(label, key=f"{key}_open", icon=icon or None, shortcut=shortcut or None):
        st.session_state[_OPEN] = key
    if st.session_state.get(_OPEN) == key:
        st.dialog(title or label, width="medium", on_dismiss=_close)(body)()


def perform(done: str, action: Callable[[], object]) -> None:
    """Records something, closes the form over the page and shows the page anew; where the process does not
    allow it, says why and leaves the form as it is.
    """
    try:
        action()
    except SopError as fault:
        st.error(str(fault))
        return
    _close()
    st.toast(done)
    st.rerun()


def submit(label: str, place: str, done: str, action: Callable[..., object], primary: bool = False) -> None:
    """The foot of a form that records: the name of who does it and the button; `action` is called with
    keywords who and at.
    """
    who = session.name_input(place)
    if st.form_submit_button(label, type="primary" if primary else "secondary"):
        perform(done, lambda: action(who=session.signed(who), at=session.now()))


def step_form(
    label: str, place: str, done: str, action: Callable[..., object], ask: str = "Why", primary: bool = False
) -> None:
    """The form of a step that needs one sentence and a name: `action` is called with reason, who and at."""
    with st.form(f"{place}_form", border=False):
        reason = st.text_input(ask, key=f"{place}_reason")
        submit(label, place, done, partial(action, reason=reason), primary)


def _close() -> None:
    st.session_state.pop(_OPEN, None)
