"""What a review decided and asked, at its foot."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_engine.records import Option, open_cycle, raise_decision
from sop_engine.warehouse import open_warehouse
from tests.pages.small import opened, small_file, texts
from tests.tables import AT


def test_a_cycle_is_opened_on_the_cycle_page_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    assert not app.exception and "The cycle Jan 14 is not open yet" in texts(app)
    links = [(link.proto.page, link.proto.label) for link in app.get("page_link")]
    assert ("cycle", "Open the Jan 14 cycle") in links
    assert not [button.label for button in app.button if button.label.startswith("Open the")]


def test_decisions_that_wait_from_before_stand_beside_those_of_the_cycle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    for cycle in ("2013-12", "2014-01", "2014-02"):
        open_cycle(warehouse, cycle, who="test", at=AT)
        options = [Option("Yes"), Option("No")]
        raise_decision(warehouse, cycle=cycle, question=f"Of {cycle}?", options=options, who="Ana", at=AT)
    app = opened("finance_review", file, monkeypatch)
    table = next(frame.value for frame in app.dataframe if "decision" in frame.value)
    assert set(table["question"]) == {"Of Dec 13?", "Of Jan 14?"}
