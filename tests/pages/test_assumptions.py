"""Assumptions as people meet them: written from the filter, held against an upload, corrected and retired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.records import add_note, add_override, of_cycle, open_cycle
from sop_engine.records.assumptions import add_assumption
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import of_label, on_tab, opened, selected, small_file
from tests.pages.small import texts as escaped_texts
from tests.tables import AT, small_tables

ANN = {"who": "Ann", "at": AT}
KEEPS = {
    "cycle": "2014-01",
    "text": "Shops keep buying A",
    "measure": "demand_units",
    "product": "A",
    "market": "East",
    "from_period": date(2013, 11, 1),
    "to_period": date(2014, 2, 1),
    "expected": 100.0,
    "tolerance_pct": 10.0,
    **ANN,
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """The small company with its January cycle open."""
    warehouse = open_warehouse(small_file(tmp_path))
    open_cycle(warehouse, "2014-01", **ANN)
    yield warehouse
    warehouse.close()


def on(page: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = opened(page, Path(warehouse.path), monkeypatch)
    assert not app.exception
    return app


def register(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The Cycle page on its assumptions."""
    return on_tab(on("cycle", warehouse, monkeypatch), "cycle_tabs", "Assumptions")


def kept(warehouse: Warehouse) -> pd.DataFrame:
    return of_cycle(warehouse, "assumption")


def texts(app: AppTest) -> str:
    return escaped_texts(app).replace("\\", "")


def upload(app: AppTest, december: float) -> AppTest:
    """Loads the sales history again, as a planner would, with another December of A in East."""
    rows = small_tables()["sales_history"]
    at = (rows["product"] == "A") & (rows["market"] == "East") & (rows["period"] == "2013-12-01")
    rows.loc[at, "units"] = december
    app.switch_page("pages/data.py").run()
    file = ("sales_history.csv", rows.to_csv(index=False).encode(), "text/csv")
    app.file_uploader[0].upload(*file).run()
    of_label(app.button, "Load 1 file").click().run()
    assert not app.exception
    return app


def test_an_upload_turns_it_red_on_every_page_and_names_families_and_money(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_assumption(warehouse, **KEEPS)
    app = register(warehouse, monkeypatch)
    assert "1 assumption: 1 holds" in texts(app) and "broken" not in texts(app)
    said = texts(upload(app, december=40.0).switch_page("pages/cycle.py").run())
    assert ":red-badge[:material/error: 1 assumption broken]" in said
    assert "was 70 units a month in Nov 13 to Dec 13, -30.0 % against 100 expected (±10 %)" in said
    assert "On it lean Bikes: " in said and "USD of revenue" in said
    demand = app.switch_page("pages/demand_review.py").run()
    assert "Shops keep buying A" in texts(demand) and "-30.0 %" in texts(demand)
    product = app.switch_page("pages/product_review.py").run()
    assert "1 assumption broken" in texts(product) and "-30.0 %" not in texts(product)
    assert "assumption broken" not in texts(upload(app, december=100.0).switch_page("pages/cycle.py").run())


def test_one_is_written_from_the_filter_with_the_plans_value(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on("demand_review", warehouse, monkeypatch)
    of_label(app.selectbox, "Market").set_value("East").run()
    of_label(app.button, "Write an assumption").click().run()
    of_label(app.text_area, "What is taken for granted").set_value("East keeps on").run()
    of_label(app.selectbox, "Measured by").set_value("demand_units").run()
    assert not app.exception
    expected = of_label(app.number_input, "Expected").value
    assert expected == 167.0  # 150 of A ordered for January, then 100, and 50 of B: 500 / 3
    assert "The plan agrees" in texts(app)
    of_label(app.button, "Write it down").click().run()
    row = kept(warehouse).iloc[0]
    assert (row["text"], row["market"], row["expected"], row["owner"]) == (
        "East keeps on",
        "East",
        expected,
        "Ana",
    )
    assert [row[name].date() for name in ("from_period", "to_period")] == [date(2014, 1, 1), date(2014, 3, 1)]
    assert "1 assumption: 1 waits for actuals" in texts(app)


def test_words_alone_are_enough(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    app = register(warehouse, monkeypatch)
    of_label(app.button, "Write an assumption").click().run()
    of_label(app.button, "Write it down").click().run()
    assert any("blank" in error.value for error in app.error)
    of_label(app.text_area, "What is taken for granted").set_value("No strike").run()
    of_label(app.button, "Write it down").click().run()
    assert kept(warehouse)[["text", "measure"]].to_numpy().tolist() == [["No strike", ""]]
    assert "1 in words only" in texts(app)


def test_the_note_of_an_override_becomes_one_that_it_rests_on(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = {"from_period": date(2014, 2, 1), "to_period": date(2014, 4, 1)}
    override = add_override(
        warehouse,
        read_inputs(warehouse),
        kind="pct",
        value=10.0,
        reason="Price change",
        family="Bikes",
        market="West",
        owner="Dora",
        note="The West pays more",
        **span,
        **ANN,
    )
    app = on_tab(on("demand_review", warehouse, monkeypatch), "demand_tabs", "Overrides")
    app = selected(app, "demand_overrides", 0)
    of_label(app.button, f"Make the note of {override}").click().run()
    of_label(app.button, "Write it down").click().run()
    assert not app.exception and not app.error
    row = kept(warehouse).iloc[0]
    assert (row["text"], row["measure"], row["rests_on_it"]) == (
        "The West pays more",
        "demand_units",
        override,
    )
    assert (row["family"], row["market"], row["owner"]) == ("Bikes", "West", "Dora")
    assert row["expected"] == pytest.approx(33.0, abs=1.0)  # 20 of A and 10 of B a month, and 10 % more
    assert row["from_period"].date() == span["from_period"]


def test_a_captured_assumption_is_measured_and_its_note_is_done(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_note(warehouse, cycle="2014-01", stage="demand", kind="assumption", text="The euro stays", **ANN)
    app = register(warehouse, monkeypatch)
    of_label(app.button, "Make it an assumption").click().run()
    of_label(app.selectbox, "Measured by").set_value("exchange_rate").run()
    assert of_label(app.number_input, "Expected, USD for one EUR").value == pytest.approx(1.3)
    of_label(app.button, "Write it down").click().run()
    row = kept(warehouse).iloc[0]
    assert (row["text"], row["currency"], row["expected"]) == ("The euro stays", "EUR", 1.3)
    assert of_cycle(warehouse, "note")["status"].tolist() == ["done"]


def test_a_row_opens_what_leans_on_it_and_its_steps(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_assumption(warehouse, **KEEPS)
    app = selected(register(warehouse, monkeypatch), "assumptions", 0)
    assert not app.exception
    assert "What leans on it" in texts(app) and "Finance review: " in texts(app)
    leaning = next(frame.value for frame in app.dataframe if "gross margin" in frame.value)
    assert leaning["family"].tolist() == ["Bikes"]
    of_label(app.button, "Correct it").click().run()
    of_label(app.number_input, "It may differ by").set_value(20.0)
    of_label(app.text_input, "Why").set_value("a rough month")
    [button for button in app.button if button.label == "Correct it"][-1].click().run()
    assert not app.error and kept(warehouse)["tolerance_pct"].tolist() == [20.0]
    of_label(app.button, "Retire it").click().run()
    of_label(app.text_input, "Why").set_value("settled")
    [button for button in app.button if button.label == "Retire it"][-1].click().run()
    assert kept(warehouse)["status"].tolist() == ["retired"]
    assert "1 retired" in [expander.label for expander in app.expander]
