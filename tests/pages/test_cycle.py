"""The cycle page opens the month, shows who is next, what waits, and what the numbers rest on."""

from datetime import date
from pathlib import Path

import pytest

from pages.frame.navigation import PAGES
from sop_engine.records import add_note, of_cycle, open_cycle
from sop_engine.warehouse import open_warehouse
from tests.pages.small import opened, small_file, texts, titles
from tests.tables import AT


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("cycle", demo_file, monkeypatch)
    assert not app.exception
    assert "actuals to Dec 13" in texts(app)
    assert any("assumptions in the data" in expander.label for expander in app.expander)


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("cycle", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


def test_opening_the_cycle_gives_every_review_a_due_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    app = opened("cycle", file, monkeypatch)
    next(button for button in app.button if button.label == "Open the Jan 14 cycle").click().run()
    stages = of_cycle(open_warehouse(file), "stage", "2014-01")
    assert len(stages) == 6 and stages["due"].notna().all() and stages["due"].is_monotonic_increasing
    assert "0 of 6 reviews are signed; Product review is next" in texts(app)
    assert "Product review is due" in titles(app)


def test_an_action_waits_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    note = {"kind": "action", "text": "Call the vendor", "owner": "Bo", "due": date(2014, 1, 9)}
    add_note(warehouse, cycle="2014-01", stage="supply", who="test", at=AT, **note)
    app = opened("cycle", file, monkeypatch)
    table = next(frame.value for frame in app.dataframe if "days left" in frame.value)
    assert table.iloc[0]["action"] == "Call the vendor" and table.iloc[0]["days left"] < 0


def test_every_review_links_to_a_page_that_is_there() -> None:
    from sop_engine.executive_sop.decisions import STAGES

    linked = {
        "product_review",
        "demand_review",
        "supply_review",
        "finance_review",
        "pre_sop",
        "executive_sop",
    }
    assert linked <= {name for name, _ in PAGES} and len(STAGES) == len(linked)
