"""In a meeting: Escape leaves a text field so that the step keys work, the bar follows the theme, a reload
forgets neither the item nor the name, and nothing is withdrawn by accident."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serving, settled
from tests.browser.test_live import opened
from tests.browser.test_month import form, sent

pytestmark = pytest.mark.browser
BAR = """() => getComputedStyle(
    document.querySelector('[data-testid="stLayoutWrapper"]:has(> .st-key-meeting_bar)')).backgroundColor"""
TOP = "() => document.querySelector('[data-testid=stMain]').scrollTop"


def test_the_keys_the_theme_the_reload_and_what_is_out_of_reach(page: Page, demo_copy: Path) -> None:
    with serving(demo_copy) as address:
        opened(page, f"{address}/meeting")
        dialog = form(page, "room_call")
        dialog.get_by_role("combobox", name="Meeting").click()
        page.get_by_role("option", name="Executive S&OP").click()
        sent(page, dialog, "Call it", "The meeting is called")
        page.get_by_role("button", name="Start the meeting").click()
        item = page.locator(".st-key-room_title")
        expect(item).to_contain_text("1 of ")
        settled(page)
        assert page.evaluate(TOP) == 0
        page.get_by_label("Notes on this item").fill("Two are late")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Escape")
        settled(page)
        expect(item).to_contain_text("1 of ")
        for at in range(2, 6):
            page.keyboard.press("Shift+ArrowRight")
            expect(item).to_contain_text(f"{at} of ")
            settled(page)
        steps = page.locator(".st-key-room_decision")
        expect(steps.get_by_role("button", name="Decide", exact=True)).to_be_in_viewport()
        expect(steps.get_by_role("button", name="Withdraw", exact=True)).to_be_hidden()
        light = page.evaluate(BAR)
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"({BAR})() !== '{light}'")
        page.reload()
        expect(item).to_contain_text("5 of ")
        settled(page)
        expect(form(page, "meeting_end").get_by_label("Your name")).to_have_value("Faye")
