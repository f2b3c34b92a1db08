"""The data page names every fault at once, loads all or nothing, and shows what is loaded and changed."""

from pathlib import Path

import pytest

from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts

TABS = ["Load", "What is loaded", "Readiness", "Dictionary", "Settings", "History"]
FAULTY = b"product,market,period,price\nA,,2014-03,ten\nNOBODY,,2014-03,12\nA,,2014-13,11\n"
GOOD = b"account,period,amount\nRent,2014-01,900\n"


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("data", demo_file, monkeypatch), "data_tabs", "What is loaded")
    assert not app.exception
    table = app.dataframe[0].value.set_index("table")
    assert (
        table.loc["sales_history", "rows"] > 10_000 and table.loc["sales_history", "reaches to"] == "1 Dec 13"
    )


def test_an_empty_warehouse_can_be_loaded_here(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("data", empty_file, monkeypatch)
    assert not app.exception
    assert "Nothing is loaded yet" in texts(app) and app.file_uploader


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_opens_on_an_empty_warehouse(
    tab: str, empty_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("data", empty_file, monkeypatch), "data_tabs", tab)
    assert not app.exception


def test_all_faults_are_named_at_once_and_nothing_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    app = opened("data", file, monkeypatch)
    app.file_uploader[0].upload("price.csv", FAULTY, "text/csv").run()
    faults = app.table[0].value
    assert list(faults["Line"]) == ["2", "3", "4"] and list(faults["Column"]) == [
        "price",
        "product",
        "period",
    ]
    assert "3 faults" in app.error[0].value
    assert not any(button.label.startswith("Load 1 file") for button in app.button)
    assert len(open_warehouse(file).read("SELECT * FROM price")) == 3


def test_a_good_file_is_loaded_and_audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    app = opened("data", file, monkeypatch)
    app.file_uploader[0].upload("fixed_cost.csv", GOOD, "text/csv").run()
    next(button for button in app.button if button.label == "Load 1 file, 1 rows").click().run()
    assert "Loaded 1 rows into 1 table" in app.success[0].value
    warehouse = open_warehouse(file)
    assert warehouse.read("SELECT amount FROM fixed_cost")["amount"][0] == 900
    assert warehouse.read("SELECT who FROM upload ORDER BY upload_id DESC")["who"][0] == "Ana"
    app = on_tab(app, "data_tabs", "History")
    assert app.dataframe[0].value["file"][0] == "fixed_cost.csv"


def test_a_setting_is_saved_by_the_rules_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    app = on_tab(opened("data", file, monkeypatch), "data_tabs", "Settings")
    app.session_state.settings_editor = {
        "edited_rows": {1: {"value": "Renamed"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    next(button for button in app.button if button.label == "Save settings").click().run()
    stored = open_warehouse(file).read("SELECT value FROM setting WHERE name = 'company_name'")
    assert stored["value"][0] == "Renamed"
