"""The section on supply, demand and stock says which lanes served."""

from __future__ import annotations

from pathlib import Path

import pytest

from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts
from tests.tables import AT, frame, small_tables


def test_a_second_lane_is_told_where_it_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    columns = "site market unit_cost transit_days priority"
    lanes = frame(columns, ("Depot", "East", 1, 2, 1), ("Depot", "West", 2, 4, 1), ("Plant", "East", 3, 2, 2))
    stock = frame("product site units", ("A", "Depot", 180), ("B", "Plant", 500), ("F", "Plant", 800))
    sourcing = small_tables()["sourcing"]
    sourcing["lead_time_days"] = sourcing["lead_time_days"].where(sourcing["mode"] != "transfer", 45)
    with warehouse.transaction(who="test", why="a second lane", at=AT) as change:
        change.replace("service_lane", lanes)
        change.replace("sourcing", sourcing)
        change.replace("inventory_on_hand", stock)
    refresh(warehouse, who="test", at=AT)
    warehouse.close()
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Supply, demand and stock")
    assert not app.exception
    assert "Plant serves" in texts(app) and "units of East in place of Depot" in texts(app)
    table = next(shown.value for shown in app.dataframe if "served by" in shown.value)
    assert table["served by"].tolist() == ["Plant"] and table["units"].iloc[0] > 0


def test_a_company_of_single_lanes_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Supply, demand and stock")
    assert not app.exception and "Another lane serves" not in texts(app)
    assert not [shown for shown in app.dataframe if "served by" in shown.value]
