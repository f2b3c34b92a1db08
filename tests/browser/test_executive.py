"""The executive meeting as an executive walks it, alone with the app: what earlier decisions brought, a lever
moved and kept as a scenario, its risk and its deadline, the decision, the published plan and the pack.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from sop_engine.records import of_cycle
from sop_engine.records.risk_results import read_results
from sop_engine.warehouse import open_warehouse
from tests.browser.conftest import serving, settled
from tests.browser.test_live import figures, move, opened
from tests.browser.test_month import CYCLE, decide, form, sent, tab

pytestmark = pytest.mark.browser

SCENARIO, QUESTION = "Dearer by one", "Do we raise all prices by one per cent?"
DECISION = f"{CYCLE}-D1"
REASON = "The market bears it"
WAIVER = "The walk looks at the meeting, not at each review"
DRAWS = 20
HANDED = {"consensus", "production", "purchases", "transfers", "stock_targets", "changes", "columns"}
PACK = {
    "Pre-read, PowerPoint": b"PK",
    "Pre-read, offline page": b"<!doctype html",
    "Scenario workbook": b"PK",
}


def test_from_prior_decisions_to_the_published_plan_and_its_pack(page: Page, demo_copy: Path) -> None:
    with serving(demo_copy) as address:
        opened(page, f"{address}/executive_sop")
        look_back(page)
        keep_a_scenario(page)
        compare(page)
        draw_its_risk(page)
        see_its_deadline(page)
        raise_and_decide(page)
        publish(page)
        expect_hand_over(page)
        make_the_pack(page)
    assert_records(demo_copy)


def title(page: Page, key: str) -> Locator:
    """The message of a chart by its key."""
    return page.locator(f'[class*="st-key-{key}"] .gtitle').first


def choose(page: Page, place: Page | Locator, label: str, option: str, at: int = 0) -> None:
    """Chooses in the list of this label, the at-th of its name."""
    box = place.get_by_role("combobox", name=label).nth(at)
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()
    expect(box).to_have_value(option)
    settled(page)


def look_back(page: Page) -> None:
    """The meeting opens on what earlier decisions were to bring beside what came, then on the scorecard."""
    expect(page.get_by_role("tab").first).to_have_text("Prior decisions")
    expect(title(page, "prior_slope")).to_contain_text(re.compile(r"of the sample: \d+ (hit|miss|cannot)"))
    for side in ("expected", "came"):
        expect(page.locator('[class*="st-key-prior_slope"] .xtick').get_by_text(side)).to_be_visible()
    tab(page, "Scorecard")
    expect(title(page, "scorecard_panel")).to_contain_text("on track")


def keep_a_scenario(page: Page) -> None:
    """A lever of the panel moves the strip; what it makes is kept under a name."""
    before = figures(page)
    move(page, "Price", 2)
    after = figures(page)
    assert after[2] != before[2] and after[3] != before[3], "a price moves revenue and margin"
    page.locator(".st-key-scenario_menu button").first.click()
    saving = page.get_by_test_id("stForm").filter(has_text="Save scenario")
    saving.get_by_label("Name", exact=True).fill(SCENARIO)
    saving.get_by_label("Your name").fill("Eve")
    saving.get_by_role("button", name="Save scenario").click()
    expect(page.get_by_text(f"Saved as {SCENARIO}").first).to_be_visible()
    page.keyboard.press("Escape")
    settled(page)


def compare(page: Page) -> None:
    """The scenario stands beside do-nothing, with what it does in plain sentences."""
    tab(page, "Scenarios")
    expect(page.get_by_test_id("stTable").get_by_role("columnheader", name=SCENARIO)).to_be_visible()
    page.get_by_text(f"{SCENARIO} in plain sentences").click()
    said = page.get_by_role("listitem").filter(has_text="against doing nothing")
    expect(said.first).to_contain_text(re.compile("Gross margin.*USD"))
    expect(title(page, "executive_effects")).to_be_visible()


def draw_its_risk(page: Page) -> None:
    """Few draws, with their progress, then the range of each option."""
    tab(page, "Risk")
    draws = page.get_by_label("Draws", exact=True)
    draws.fill(str(DRAWS))
    draws.press("Enter")
    page.get_by_role("button", name=f"Draw {DRAWS} times").click()
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    ranges = page.locator('[class*="st-key-risk_ranges"]').first
    expect(ranges.locator(".gtitle")).to_contain_text("P10, P50 and P90", timeout=180_000)
    expect(ranges.locator(".ytick").get_by_text(SCENARIO)).to_be_visible()
    settled(page)


def see_its_deadline(page: Page) -> None:
    """The calendar holds the scenario, and says what it brings and what waiting loses of it."""
    tab(page, "Deadlines")
    calendar = page.locator('[class*="st-key-deadlines"]').first
    expect(calendar.locator(".ytick").get_by_text(SCENARIO)).to_be_visible()
    said = page.get_by_role("listitem").filter(has_text=f"'{SCENARIO}' brings")
    expect(said.first).to_contain_text(re.compile("Not deciding it by .* loses .* USD"))


def raise_and_decide(page: Page) -> None:
    """Doing nothing beside the scenario; the choice with its reason."""
    dialog = form(page, "executive_decision")
    dialog.get_by_label("Question").fill(QUESTION)
    dialog.get_by_label("Option A").fill("Do nothing")
    dialog.get_by_label("Option B").fill("Raise them")
    choose(page, dialog, "Scenario", SCENARIO, at=1)
    sent(page, dialog, "Raise it", "The decision is raised")
    tab(page, "Decisions")
    page.get_by_text(QUESTION).first.click()
    expect(title(page, f"options_{DECISION}")).to_be_visible()
    decide(page, DECISION, "B", REASON)
    expect(page.get_by_text("Settled", exact=True)).to_be_visible()


def publish(page: Page) -> None:
    """Candidate, approved, signed with a reason, published with a reason."""
    tab(page, "Publish")
    dialog = form(page, "candidate")
    choose(page, dialog, "Plan", SCENARIO)
    sent(page, dialog, "Make it a candidate", f"{SCENARIO} is a candidate")
    dialog = form(page, "approve")
    dialog.get_by_test_id("stRadio").get_by_text(SCENARIO).click()
    sent(page, dialog, "Approve", "The plan is approved")
    dialog = form(page, "executive_sign")
    dialog.get_by_label("Why it is signed despite that").fill(WAIVER)
    sent(page, dialog, "Sign", "Executive S&OP is signed")
    dialog = form(page, "publish")
    dialog.get_by_label("Reason to publish despite that").fill(WAIVER)
    dialog.get_by_text("Yes, publish this plan for everybody").click()
    sent(page, dialog, "Publish", "The plan is published")


def expect_hand_over(page: Page) -> None:
    """What execution needs can be taken away: a list each, what its columns mean, a manifest."""
    with page.expect_download() as handed:
        page.locator(".st-key-hand_over button").click()
    with zipfile.ZipFile(handed.value.path()) as archive:
        names = {Path(name).name for name in archive.namelist()}
    assert names == {f"{name}.csv" for name in HANDED} | {"manifest.json"}
    expect(title(page, "publication_changes")).to_be_visible()


def make_the_pack(page: Page) -> None:
    tab(page, "Pack")
    page.get_by_role("button", name="Make the pack").click()
    for label, start in PACK.items():
        button = page.get_by_role("button", name=re.compile(f"{label}.* MB"))
        with page.expect_download() as made:
            button.click()
        assert first_bytes(made.value, len(start)).lower() == start.lower(), label


def first_bytes(made: Download, count: int) -> bytes:
    with Path(made.path()).open("rb") as file:
        return file.read(count)


def assert_records(file: Path) -> None:
    """What the screen said is in the warehouse once the app has gone."""
    warehouse = open_warehouse(file)
    decision = of_cycle(warehouse, "decision", CYCLE).set_index("decision_id").loc[DECISION]
    assert (decision["status"], decision["chosen_option"], decision["choice_reason"]) == (
        "decided",
        "B",
        REASON,
    )
    effects = warehouse.read("SELECT * FROM decision_effect WHERE decision_id = ?", [DECISION])
    assert not effects.empty, "what the choice is expected to bring is kept with it"
    version = of_cycle(warehouse, "plan_version", CYCLE).iloc[0]
    assert (version["name"], version["status"]) == (SCENARIO, "published")
    signed = of_cycle(warehouse, "sign_off", CYCLE)
    assert list(signed["stage"]) == ["executive"] and WAIVER in signed["note"].iloc[0]
    drawn = read_results(warehouse, CYCLE)
    assert not drawn.empty and set(drawn["draws"]) == {DRAWS} and (drawn["p10"] <= drawn["p90"]).all()
    warehouse.close()
