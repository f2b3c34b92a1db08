"""Words of the product review's scope."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import Page
from pages.frame.strip import escaped


def all_markets(page: Page, what: str) -> None:
    """Says that what follows is of all markets although the filter names some of them."""
    if not page.view.markets.all():
        st.caption(escaped(f"All markets: {what} does not follow the filter of markets."))
