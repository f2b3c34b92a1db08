"""Capture by the keyboard alone: one key, the words, Enter; and the view comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.browser.test_live import figures, move, opened

pytestmark = pytest.mark.browser


def test_one_key_the_words_and_enter(page: Page, server: str) -> None:
    opened(page, f"{server}/demand_review")
    move(page, "Demand", 1)
    moved = figures(page)
    page.keyboard.press("Alt+n")
    field = page.get_by_label("What it says")
    expect(field).to_be_focused()
    page.keyboard.type("Ask the field for its numbers")
    page.get_by_label("Your name").fill("Ann")
    field.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Action written down")).to_be_visible()

    opened(page, f"{server}/demand_review")
    assert figures(page) != moved
    grid = page.locator("[class*=st-key-record_notes]").first
    grid.scroll_into_view_if_needed()
    box = grid.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + 17, box["y"] + 52)
    page.get_by_role("button", name=re.compile("Open the view")).click()
    page.wait_for_url(re.compile("scenario="))
    expect(page.locator('[data-testid="stMetricValue"]').first).to_have_text(moved[0])
    settled(page)
    assert figures(page) == moved
