"""The pages in the order of the process, and the one way into them: through app.py."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

PAGES = (
    ("cycle", "Cycle"),
    ("product_review", "Product"),
    ("demand_review", "Demand"),
    ("supply_review", "Supply"),
    ("finance_review", "Finance"),
    ("pre_sop", "Pre-S&OP"),
    ("executive_sop", "Executive"),
    ("meeting", "Meeting"),
    ("data", "Data"),
    ("proof", "Proof"),
)
_FOLDER = Path(__file__).parent.parent


def navigate() -> st.Page:
    """Draws the navigation and returns the page that the address asks for, to be run."""
    st.session_state.through_app = True
    pages = [st.Page(_FOLDER / f"{name}.py", title=title, default=name == "cycle") for name, title in PAGES]
    return st.navigation(pages, position="top")


def require_app() -> None:
    """Sends a page that was run on its own through app.py.

    Until something has called st.navigation, a fresh server takes the files in pages/ for apps of their
    own, so the first
    link that somebody follows into it would open a page without its frame.
    """
    if not st.session_state.get("through_app"):
        navigate()
        st.rerun()
