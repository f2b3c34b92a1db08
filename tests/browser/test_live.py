"""What only a browser can show: a slider moves strip and chart, a link reproduces the scenario, an upload
reaches the screen.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import settled

pytestmark = pytest.mark.browser

FAULTY = """product,market,period,units
BK-R93R-62,Northwest Internet,2013-12,ten
NO-SUCH,Northwest Internet,2013-12,5
BK-R93R-62,Northwest Internet,2013-99,5
"""


def figures(page: Page) -> list[str]:
    """The seven figures of the impact strip as shown."""
    return page.locator('[data-testid="stMetricValue"]').all_inner_texts()


def lever(page: Page, label: str):
    """The handle of the lever whose label begins so."""
    return (
        page.locator('[data-testid="stSlider"]')
        .filter(has_text=re.compile(f"^{label}: "))
        .locator("input[type=range]")
        .first
    )


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator('[data-testid="stMetricValue"]').nth(6)).to_be_visible(timeout=120_000)
    settled(page)
    return page


def move(page: Page, label: str, steps: int) -> None:
    handle = lever(page, label)
    for _ in range(steps):
        before = figures(page)
        handle.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "before => [...document.querySelectorAll('[data-testid=stMetricValue]')]"
            ".map(e => e.innerText).join() !== before",
            arg=",".join(before),
        )
        settled(page)


def test_a_slider_moves_the_strip_and_the_chart(page: Page, server: str) -> None:
    opened(page, f"{server}/demand_review")
    before, title = figures(page), page.locator(".js-plotly-plot .gtitle").first.text_content()
    move(page, "Demand", 2)
    after = figures(page)
    assert after[0] != before[0] and after[2] != before[2], "demand and revenue move together"
    expect(page.locator(".js-plotly-plot .gtitle").first).not_to_have_text(title)
    expect(page.locator('[data-testid="stMetricDelta"]').first).to_contain_text("+")


def test_a_link_reproduces_the_scenario_in_another_session(
    chromium: Browser, page: Page, server: str
) -> None:
    opened(page, f"{server}/demand_review")
    baseline = figures(page)
    move(page, "Demand", 1)
    page.wait_for_url(re.compile("scenario="))
    other = chromium.new_context(viewport={"width": 1280, "height": 720})
    try:
        followed = opened(other.new_page(), page.url)
        assert figures(followed) == figures(page) != baseline
        followed.get_by_role("link", name="Supply").first.click()
        expect(followed).to_have_url(re.compile("supply_review.*scenario="))
        settled(followed)
        assert figures(followed) == figures(page), "the scenario is kept across pages"
    finally:
        other.close()


def choose_file(page: Page, server: str, name: str, content: str) -> None:
    opened(page, f"{server}/data")
    page.locator('[data-testid="stFileUploader"] input[type=file]').set_input_files(
        files=[{"name": name, "mimeType": "text/csv", "buffer": content.encode()}]
    )


def test_a_file_with_three_faults_is_refused_with_all_three(page: Page, server: str) -> None:
    choose_file(page, server, "sales_history.csv", FAULTY)
    expect(page.get_by_text("Nothing is loaded: 3 faults to mend")).to_be_visible()
    grid = page.locator('[data-testid="stTable"] table').first
    for cell in ("ten", "NO-SUCH", "2013-99"):
        expect(grid).to_contain_text(cell)


def test_a_good_file_reaches_the_numbers_on_screen(page: Page, server: str) -> None:
    choose_file(page, server, "price.csv", doubled_prices())
    before = figures(page)
    page.get_by_label("Your name").fill("Planner")
    page.get_by_role("button", name=re.compile("^Load 1 file")).click()
    expect(page.get_by_text(re.compile("Loaded .* rows into 1 table"))).to_be_visible(timeout=120_000)
    settled(page)
    after = figures(page)
    assert money(after[2]) == pytest.approx(2 * money(before[2]), rel=0.02), "prices doubled, so did revenue"


def doubled_prices() -> str:
    """The sample company's prices, times two."""
    prices = pd.read_csv(Path(__file__).parents[2] / "data/adventure_works/price.csv")
    return prices.assign(price=2 * prices["price"]).to_csv(index=False)


def money(text: str) -> float:
    """A figure like "67.8 M" as a number."""
    number, _, unit = text.replace(",", "").partition(" ")
    return float(number) * {"": 1, "k": 1e3, "M": 1e6, "bn": 1e9}[unit.strip()]
