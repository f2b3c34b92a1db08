"""The proof page is green on what was loaded, and red with the rows named on what was written around it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.charts.proof import reviews_words
from sop_engine.inputs import read_inputs
from sop_engine.plan import plan
from sop_engine.records import open_cycle, sign_stage
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, selected, small_file, texts, titles
from tests.proof.corrupted import corrupted, unguarded
from tests.tables import AT

NAN = "CAST('nan' AS DOUBLE)"
STATEMENTS = {
    "unknown product": ("INSERT INTO price (product, price) VALUES ('NOPE', 5)", "NOPE"),
    "price is no number": (f"UPDATE price SET price = {NAN} WHERE product = 'B'", "B, 2010-01"),
    "a bill that contains itself": (
        "INSERT INTO bill_of_material (parent, component, quantity_per) VALUES ('F', 'A', 1)",
        "F, A",
    ),
    "a resource nobody knows": (
        "INSERT INTO capacity (resource, available_hours) VALUES ('NOPE', 5)",
        "NOPE",
    ),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_file(tmp_path)


def offenders(app: AppTest) -> list[str]:
    """What the table of rows says, a text for each row."""
    shown = [frame.value for frame in app.dataframe if "why" in frame.value and "key" in frame.value]
    return [" ".join(map(str, row)) for table in shown for row in table.itertuples(index=False)]


def test_what_was_loaded_is_green(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("proof", file, monkeypatch)
    assert not app.exception and not app.error
    assert app.success[0].value.startswith("Proven")
    checks = next(frame.value for frame in app.dataframe if "residual" in frame.value)
    assert set(checks["result"]) == {"✓ holds"} and len(checks) > 30


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_corrupted_load_is_red_and_names_the_rows(
    name: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement, key = STATEMENTS[name]
    corrupted(file, statement).close()
    app = opened("proof", file, monkeypatch)
    assert not app.exception and not app.success
    assert app.error[0].value.startswith("Not proven")
    rows = offenders(app)
    assert any(key in row and "Rules of an upload" in row for row in rows)
    assert any("Tables as loaded" in row and "loaded" in row for row in rows)


def test_an_altered_row_is_named_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = "product = 'A' AND market = 'East' AND period = DATE '2012-03-01'"
    corrupted(file, f"UPDATE sales_history SET revenue = 1003.21 WHERE {cell}").close()
    app = opened("proof", file, monkeypatch)
    assert "Tables as loaded" in app.error[0].value
    rows = [row for row in offenders(app) if "Tables as loaded" in row]
    assert len(rows) == 1 and "A, East, 2012-03" in rows[0] and "revenue 1003.21" in rows[0]


def test_a_judgement_that_was_doubled_is_red_and_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    override = {"cycle": "2014-01", "kind": "pct", "value": 10.0, "reason": "fair", "active": True}
    periods = {"from_period": pd.Timestamp("2014-02-01"), "to_period": pd.Timestamp("2014-03-01")}
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="Ann", why="a promotion", at=AT) as change:
        change.insert("override", {"override_id": "2014-01-O1", **override, **periods, "created_at": AT})
    warehouse.close()
    corrupted(file, "UPDATE override SET value = value * 2").close()
    app = opened("proof", file, monkeypatch)
    assert "Judgement as written" in app.error[0].value
    (row,) = [row for row in offenders(app) if "Judgement as written" in row]
    assert "override 2014-01-O1 value 20 Ann wrote 10 on" in row


def test_a_negative_price_is_red_and_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = [*unguarded(file, "price"), "UPDATE price SET price = -5 WHERE product = 'B'"]
    corrupted(file, *statements).close()
    rows = offenders(opened("proof", file, monkeypatch))
    assert any("B, 2010-01" in row and "-5.0" in row and "is not 0 or more" in row for row in rows)


def test_a_kept_plan_whose_cells_were_changed_is_red_and_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    kept = sign_stage(warehouse, plan(read_inputs(warehouse)), "product", who="Ana", at=AT)
    warehouse.close()
    change = "UPDATE plan_snapshot_cell SET value = value + 1 WHERE measure = 'revenue'"
    corrupted(file, change).close()
    app = opened("proof", file, monkeypatch)
    assert "Plans as kept" in app.error[0].value
    rows = [row for row in offenders(app) if "Plans as kept" in row]
    assert len(rows) == 1 and kept in rows[0] and "kept as" in rows[0]


def test_kept_plans_that_were_left_alone_verify(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    sign_stage(warehouse, plan(read_inputs(warehouse)), "product", who="Ana", at=AT)
    warehouse.close()
    app = opened("proof", file, monkeypatch)
    checks = next(frame.value for frame in app.dataframe if "residual" in frame.value)
    row = checks.set_index("check").loc["Plans as kept"]
    assert row["result"] == "✓ holds" and row["what must hold"].endswith("1 of 1 plans")


def test_the_light_says_how_many_kept_plans_it_has_not_verified(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    sign_stage(warehouse, plan(read_inputs(warehouse)), "product", who="Ana", at=AT)
    warehouse.close()
    monkeypatch.setattr("pages.frame.proofs.VERIFIED_AT_ONCE", 0)
    app = opened("proof", file, monkeypatch)
    assert app.success[0].value.endswith("checks hold; 1 older kept plan not verified.")
    app.button(key="verify_kept").click().run()
    assert app.success[0].value.endswith("checks hold.")


def test_no_worth_is_told_where_nothing_is_priced() -> None:
    row = {"family": "Bikes", "asked for": 5.0, "delivered": 5.0, "lost": 0.0, "waiting at the end": 0.0}
    table = pd.DataFrame([{**row, "revenue": 0.0}])
    assert "worth" not in reviews_words(table, "Bikes", "USD")
    assert "worth 40 USD" in reviews_words(table.assign(revenue=40.0), "Bikes", "USD")


def test_a_check_that_is_clicked_says_what_stands_against_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = selected(opened("proof", file, monkeypatch), "proof_checks", 0)
    assert "no row stands against it" in texts(app)


def test_one_number_is_followed_through_the_reviews(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("proof", file, monkeypatch), "proof_tabs", "One number through the reviews")
    assert not app.exception and "units asked for" in titles(app)
    table = next(frame.value for frame in app.dataframe if "supply residual" in frame.value)
    assert list(table["family"]) == ["All families", "Bikes"]
    assert table["supply residual"].abs().max() < 1e-6


def test_the_way_from_the_tables_is_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("proof", file, monkeypatch), "proof_tabs", "From the tables to the plan")
    table = next(frame.value for frame in app.dataframe if "in the table" in frame.value)
    assert {"History, units", "Free stock", "Open orders"} <= set(table["measure"])


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("proof", empty_file, monkeypatch)
    assert not app.exception and "nothing to plan yet" in texts(app)
