"""The scoreboard of supply shows what the loaded histories give and names those that are missing."""

from pathlib import Path

import pytest

from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT, frame


def test_it_scores_what_is_loaded_and_says_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    rows = [("A", "Plant", month, 80, 100) for month in ("2013-11-01", "2013-12-01")]
    with warehouse.transaction(who="test", why="past", at=AT) as change:
        change.replace("production_history", frame("product site period units planned_units", *rows))
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Scoreboard")
    assert not app.exception
    said = texts(app)
    assert "Plan attainment 80.0 % in Dec 13" in said
    assert "receipt_history is not loaded. Load receipt_history.csv" in said.replace("\\", "")
    table = next(frame.value for frame in app.dataframe if "definition" in frame.value)
    assert table["KPI"].tolist() == ["Plan attainment", "Mix attainment", "Schedule adherence"]
    assert "Plan attainment ended at 80.0 %" in titles(app)
