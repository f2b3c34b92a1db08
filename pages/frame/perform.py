"""How a page records something: do it, say so, show the page anew; or say why it cannot be done."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from sop_engine.errors import SopError


def perform(done: str, action: Callable[[], object]) -> None:
    """Records something and shows the page anew; where the process does not allow it, says why and leaves
    the form as it is.
    """
    try:
        action()
    except SopError as fault:
        st.error(str(fault))
        return
    st.toast(done)
    st.rerun()
