"""The month as its facilitator runs it: January 2014 from the opened cycle to the go light before the
executive meeting, and from there to the minutes, in one session that never leaves the app.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from sop_engine.exports.minutes import Minutes, markdown
from sop_engine.records import of_cycle
from sop_engine.records.meetings import meeting_of, read_meetings
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.browser.conftest import serving, settled
from tests.browser.test_live import opened

pytestmark = pytest.mark.browser

FACILITATOR, CYCLE = "Faye", "2014-01"
OPTIONS = 3  # price, volume, and both together
WAIVER = "The walk looks at the month, not at each task"
REVIEWS = ("product", "demand", "supply", "finance")
GAPS = ("plan vs budget, Road Bikes", "plan vs budget, Road Frames")
ESCALATED, DECIDED_BELOW, CARRIED = "2014-01-D1", "2014-01-D2", "2013-12-D1"
CHECKS_HOLD = "The plans tie, the reviews hold, every gap that matters has an owner"
ACTIONS = {
    "Show last year's promises beside what came": "Meeting",
    "Ask welding for a second shift": "Supply review",
    "Tell the shops about the new price": "Meeting",
}
AGENDA = [
    "Prior decisions, and what is left open",
    "Scorecard",
    "Demand and supply by exception",
    "Financial reconciliation and gap",
    "How do we close the gap of Road Bikes, plan vs budget?",
    "Take a second supplier for comfort saddles?",
    "Risks and opportunities",
    "Summary of decisions",
]


def test_from_the_opened_cycle_to_the_go_light_and_the_minutes(page: Page, demo_copy: Path) -> None:
    with serving(demo_copy) as address:
        opened(page, address)
        expect(page.get_by_text("0 of 6 reviews are signed")).to_be_visible()
        to_light(page)
        expect(page.locator(".st-key-go_light")).to_contain_text("No-go")
        raise_issues(page)
        for review in REVIEWS:
            sign(page, review.capitalize(), f"{review.capitalize()} review")
        settle_issues(page)
        to_light(page)
        expect(page.locator(".st-key-go_light")).to_contain_text(CHECKS_HOLD)
        sign(page, "Pre-S&OP", "Pre-S&OP")
        call_the_executive_meeting(page)
        hold_the_meeting(page)
        expect_minutes(page.locator(".st-key-room_minutes"))
        to_light(page)
        expect(page.locator(".st-key-go_light")).to_contain_text(CHECKS_HOLD)
        go(page, "Cycle", "Cycle")
        expect(page.get_by_text("5 of 6 reviews are signed")).to_be_visible()
    assert_records(demo_copy)


def go(page: Page, link: str, title: str) -> None:
    """To a page by the navigation, as it stands once the app is idle."""
    page.get_by_role("link", name=link, exact=True).first.click()
    expect(page.locator(".st-key-title_line h3")).to_have_text(title)
    settled(page)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")
    settled(page)


def form(page: Page, key: str) -> Locator:
    """The form over the page that the button of this key opens."""
    page.locator(f'[class*="st-key-{key}_open"] button').click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    settled(page)
    return dialog


def sent(page: Page, dialog: Locator, label: str, said: str) -> None:
    """Sends a form under the facilitator's name and waits until the app has recorded it and said so."""
    dialog.get_by_label("Your name").fill(FACILITATOR)
    dialog.get_by_role("button", name=label, exact=True).click()
    expect(page.get_by_text(said).first).to_be_visible()
    expect(dialog).to_have_count(0)
    settled(page)


def to_light(page: Page) -> None:
    go(page, "Pre-S&OP", "Pre-S&OP")
    tab(page, "Consistency")


def raise_issues(page: Page) -> None:
    """The gap without an owner stands first in the table, so each is raised from the first row."""
    tab(page, "Gaps")
    for gap in GAPS:
        grid = page.locator("[class*=st-key-pre_sop_gap_table]").first
        grid.scroll_into_view_if_needed()
        box = grid.locator("canvas").first.bounding_box()
        page.mouse.click(box["x"] + 17, box["y"] + 52)
        dialog = form(page, "raise_gap")
        expect(dialog).to_contain_text(f"Raise an issue: {gap}")
        dialog.get_by_role("button", name="Propose options").click()
        expect(dialog.get_by_label("Option", exact=True)).to_have_count(OPTIONS, timeout=60_000)
        settled(page)
        owner = dialog.get_by_role("combobox", name="Owner")
        owner.click()
        owner.fill("Gina")
        page.get_by_role("option", name=re.compile("Gina")).first.click()
        expect(owner).to_have_value("Gina")
        settled(page)
        sent(page, dialog, "Raise it", "The issue is raised")


def sign(page: Page, link: str, title: str) -> None:
    """Signs a review whose tasks are open still, with the reason that the app asks for."""
    go(page, link, title)
    key = {"Pre-S&OP": "pre_sop"}.get(link, link.lower())
    dialog = form(page, f"{key}_sign")
    expect(dialog).to_contain_text("Its tasks are done or dropped")
    dialog.get_by_label("Why it is signed despite that").fill(WAIVER)
    sent(page, dialog, "Sign", f"{title} is signed")


def settle_issues(page: Page) -> None:
    """One issue is decided at this level, the other goes up with a reason."""
    go(page, "Pre-S&OP", "Pre-S&OP")
    tab(page, "Issues")
    page.get_by_text("How do we close the gap of Road Frames").first.click()
    decide(page, DECIDED_BELOW, "B", "It closes the gap within the budget of marketing")
    page.get_by_text("How do we close the gap of Road Bikes").first.click()
    dialog = form(page, f"Escalate_{ESCALATED}")
    dialog.get_by_label("Why it cannot be decided here").fill("It moves the price of the largest family")
    sent(page, dialog, "Escalate", "Escalated to Executive S&OP")
    expect(page.get_by_text(re.compile("1 decided.*1 escalated")).first).to_be_visible()


def decide(page: Page, decision_id: str, letter: str, reason: str) -> None:
    dialog = form(page, f"Decide_{decision_id}")
    dialog.get_by_test_id("stRadio").get_by_text(re.compile(f"^{letter}: ")).click()
    dialog.get_by_label("Why this option").fill(reason)
    sent(page, dialog, "Decide", "Decided: ")


def call_the_executive_meeting(page: Page) -> None:
    """The next meeting is the executive's; the light stands above its agenda."""
    go(page, "Meeting", "Meeting")
    dialog = form(page, "room_call")
    expect(dialog.get_by_role("combobox", name="Meeting")).to_have_value("Executive S&OP")
    sent(page, dialog, "Call it", "The meeting is called")
    expect(page.get_by_text(f"Go: {CHECKS_HOLD[0].lower()}{CHECKS_HOLD[1:]}")).to_be_visible()
    page.get_by_role("button", name="Start the meeting").click()


def hold_the_meeting(page: Page) -> None:
    """Eight items by the key of the next one; three actions and two decisions on the way."""
    says, seen_on = list(ACTIONS), {5: ESCALATED, 6: CARRIED}
    for at, item in enumerate(AGENDA, start=1):
        expect(page.locator(".st-key-room_title h1")).to_have_text(item)
        expect(page.locator(".st-key-room_title")).to_contain_text(f"{at} of {len(AGENDA)}")
        settled(page)
        if at in (1, 7):
            capture(page, says[0 if at == 1 else 2])
        if at == 3:
            go(page, "Supply", "Supply review")
            capture(page, says[1])
        if at in seen_on:
            decide(page, seen_on[at], "B", "The room agrees")
        if at < len(AGENDA):
            page.keyboard.press("Shift+ArrowRight")
    dialog = form(page, "meeting_end")
    sent(page, dialog, "End and write the minutes", "The minutes are written")
    expect(page.locator(".st-key-room_minutes")).to_be_visible()


def capture(page: Page, words: str) -> None:
    """An action by the keyboard alone; who writes it down is known by now."""
    page.keyboard.press("Alt+n")
    field = page.get_by_label("What it says")
    expect(field).to_be_focused()
    page.keyboard.type(words)
    field.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Action written down").first).to_be_visible()
    settled(page)


def expect_minutes(minutes: Locator) -> None:
    """Everything that the meeting was about stands in its minutes: items, actions, decisions, who led."""
    for item in (*AGENDA, *ACTIONS):
        expect(minutes).to_contain_text(item)
    expect(minutes.get_by_text(re.compile("^decided: B: "))).to_have_count(2 * 2)  # a decision and its item
    expect(minutes).not_to_contain_text("not reached")
    expect(minutes).to_contain_text(f"led by {FACILITATOR}")


def assert_records(file: Path) -> None:
    """What the screen said is in the warehouse once the app has gone."""
    warehouse = open_warehouse(file)
    assert_issues(warehouse)
    signed = of_cycle(warehouse, "sign_off", CYCLE)
    assert list(signed["stage"]) == [*REVIEWS, "pre_sop"]
    assert signed["note"].str.contains(WAIVER).all() and set(signed["signed_by"]) == {FACILITATOR}
    notes = of_cycle(warehouse, "note", CYCLE)
    assert list(notes["text"]) == list(ACTIONS) and set(notes["kind"]) == {"action"}
    held = meeting_of(read_meetings(warehouse), notes["meeting_id"].iloc[0])
    assert (held.row["stage"], held.row["status"]) == ("executive", "ended")
    assert list(held.agenda["title"]) == AGENDA and (held.agenda["seconds"] > 0).all()
    lines = markdown(Minutes.from_json(held.row["minutes"])).splitlines()
    for text, seen_on in ACTIONS.items():
        assert any(text in line and seen_on in line for line in lines)
    warehouse.close()


def assert_issues(warehouse: Warehouse) -> None:
    issues = of_cycle(warehouse, "decision", CYCLE).set_index("decision_id")
    assert list(issues["gap"]) == list(GAPS) and set(issues["status"]) == {"decided"}
    assert list(issues["escalated_to"]) == ["executive", ""]
    assert set(issues["chosen_option"]) == {"B"} and set(issues["owner"]) == {"Gina"}
    options = of_cycle(warehouse, "decision_option", CYCLE)
    for _, mine in options.groupby("decision_id"):
        assert mine["title"].iloc[0] == "Do nothing" and len(mine) == 1 + OPTIONS
        assert mine["scenario_id"].iloc[1:].all() and mine["figures"].all()
