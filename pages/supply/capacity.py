from __future__ import annotations

from pages.frame.page import Page


def show(page: Page) -> None:
    """To be written."""
