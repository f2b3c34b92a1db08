"""A company that has loaded its sales in units and nothing else: what is not known is not said to be none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pages.frame.page import room_for_outlier
from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from sop_engine.warehouse.upload import load
from tests.pages.small import on_tab, opened, texts
from tests.tables import AT, small_tables


@pytest.fixture(scope="module")
def units_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("units") / "units.duckdb"
    warehouse = open_warehouse(file)
    sales = small_tables()["sales_history"].drop(columns="revenue").to_csv(index=False).encode()
    load(warehouse, [("sales_history.csv", sales)], who="Ana", at=AT)
    refresh(warehouse, who="Ana", at=AT)
    warehouse.close()
    return file


def test_plans_that_are_not_loaded_do_not_meet(units_only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("pre_sop", units_only, monkeypatch), "pre_sop_tabs", "Gaps")
    said = texts(app)
    assert not app.exception and "The plans meet" not in said
    assert "Cannot be compared: demand and supply (load sourcing, routing or inventory" in said.replace(
        "\\", ""
    )
    assert "plan and budget (load budget and price); load and capacity (load routing and capacity)" in said
    app = on_tab(app, "pre_sop_tabs", "Connectivity")
    assert not app.exception and "no stock is loaded" in texts(app)
    assert "units in stock at the end" not in texts(app)


def test_a_slider_without_money_says_which_file_is_missing(
    units_only: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("executive_sop", units_only, monkeypatch)
    said = texts(app)
    assert not app.exception and "1 % is -" not in said
    assert "no price is loaded" in said and "no unit cost is loaded" in said


def test_only_a_column_of_few_long_numbers_is_given_room() -> None:
    few = pd.Series([26420.0, *[0.0] * 30, 26420.0])
    assert room_for_outlier("New", few) >= 8 * len("26,420")
    assert room_for_outlier("New products and markets", few) is None
    assert room_for_outlier("Volume", pd.Series([804773.0, 436794.0, 5440.0])) is None
    assert room_for_outlier("New", pd.Series([], dtype=float)) is None
