"""Portfolio, segments and tail on the product page: what is shown and changed there, and with little data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sop_engine.records import open_cycle
from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.pages import small
from tests.pages.small import on_tab, opened, selected, small_file, titles
from tests.tables import AT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The small company with A selling unevenly, so that it has a safety stock, and its cycle open."""
    found = small_file(tmp_path)
    warehouse = open_warehouse(found)
    with warehouse.transaction(who="test", why="uneven", at=AT) as change:
        sales = change.read("SELECT * FROM sales_history")
        uneven = sales["period"].rank(method="dense") % 3
        change.replace("sales_history", sales.assign(units=sales["units"] * (0.9 + 0.1 * uneven)))
    refresh(warehouse, who="test", at=AT)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    warehouse.close()
    return found


def on_page(file: Path, monkeypatch: pytest.MonkeyPatch, tab: str) -> AppTest:
    return on_tab(opened("product_review", file, monkeypatch), "product_tabs", tab)


def texts(app: AppTest) -> str:
    """What the page says, without the marks that keep markdown from acting."""
    return small.texts(app).replace("\\", "")


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value)


def metric(app: AppTest, label: str) -> str:
    return next(one.value for one in app.metric if one.label.startswith(label))


def test_the_cut_switches_between_products_and_families(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_page(file, monkeypatch, "Portfolio")
    assert not app.exception and table_with(app, "Shop margin %")["product"].tolist() == ["A", "B"]
    assert metric(app, "Vitality, 12") == "0.0 %" and metric(app, "Revenue per product") == "10.8 k"
    app.session_state.product_cut, app.session_state.product_window = "family", 36
    app.run()
    assert not app.exception and table_with(app, "Shop margin %")["family"].tolist() == ["Bikes"]
    assert metric(app, "Vitality, 36") == "-", "the history is shorter"
    assert "last 12 months" in titles(app)


def test_a_policy_is_weighed_saved_and_planned_with(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_page(file, monkeypatch, "Segments")
    assert not app.exception and "No segment has a policy" in texts(app)
    app.button(key="segment_policy_open").click().run()
    assert "No product's service level would change" in texts(app)
    app.number_input(key="policy_level_AX").set_value(99.5).run()
    said = texts(app)
    assert "1 product gets another service level" in said and "now" in said and "with it" in said
    app.text_input(key="policy_words_AX").input("keep in stock")
    app.text_input(key="segment_policy_reason").input("agreed").run()
    app.button(key="segment_policy_save").click().run()
    assert not app.error and not app.exception
    assert "1 of 9 segments have a service level" in texts(app)
    row = table_with(app, "treatment").set_index("segment").loc["AX"]
    assert row["service level %"] == 99.5 and row["treatment"] == "keep in stock"
    app = selected(app, "segment_rows", 0)
    assert table_with(app, "XYZ")["product"].tolist() == ["A", "B"]


def test_thresholds_are_weighed_and_saved(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_page(file, monkeypatch, "Segments")
    app.button(key="segment_limits_open").click().run()
    app.number_input(key="limit_abc_a_pct").set_value(60.0).run()
    assert "1 product would change segment: 1 from AX to BX" in texts(app)
    app.button(key="segment_limits_save").click().run()
    assert "The reason is blank" in texts(app)
    app.text_input(key="segment_limits_reason").input("tighter").run()
    app.button(key="segment_limits_save").click().run()
    assert not app.error and not app.exception
    assert table_with(app, "treatment").set_index("segment").loc["BX", "products"] == 1


def test_an_exit_is_tried_from_the_list_and_kept_after_all(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_page(file, monkeypatch, "Tail")
    assert not app.exception and "No product that is still sold stands in this tail" in texts(app)
    app.session_state.tail_rule, app.session_state.tail_above = "Share of revenue", 60.0
    app.run()
    assert "not known (setting complexity_cost)" in texts(app)
    assert table_with(app, "margin kept")["product"].tolist() == ["B"]
    before = app.metric[0].value
    app = selected(app, "product_tail_rows", 0)
    app.button(key="tail_try").click().run()
    assert not app.exception and app.metric[0].value != before
    assert "Phase-out of B after 3 periods" in [one.label for one in app.button]
    assert app.button(key="tail_try").label == "Keep B after all"
    app.button(key="tail_try").click().run()
    assert app.metric[0].value == before


def test_what_exits_are_reckoned_with_is_saved(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_page(file, monkeypatch, "Tail")
    app.session_state.tail_rule, app.session_state.tail_above = "Share of revenue", 60.0
    app.run()
    app.button(key="exit_settings_open").click().run()
    app.number_input(key="exit_complexity").set_value(500000.0)
    app.text_input(key="exit_reason").input("counted")
    next(one for one in app.button if one.label == "Save").click().run()
    assert not app.error and "1 of them earns less than the complexity cost of 500 k USD" in texts(app)


@pytest.mark.parametrize("tab", ["Portfolio", "Segments", "Tail"])
def test_units_alone_are_enough_to_open_it(tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One product, no revenue, no price, no cost, no network."""
    file = tmp_path / "bare.duckdb"
    warehouse = open_warehouse(file)
    months = pd.date_range("2012-01-01", "2013-12-01", freq="MS")
    with warehouse.transaction(who="test", why="bare", at=AT) as change:
        change.insert("product", pd.DataFrame({"product": ["Solo"]}))
        change.insert("market", pd.DataFrame({"market": ["East"]}))
        rows = {"product": "Solo", "market": "East", "period": months, "units": 5.0}
        change.insert("sales_history", pd.DataFrame(rows))
    refresh(warehouse, who="test", at=AT)
    warehouse.close()
    st.cache_resource.clear()
    app = on_page(file, monkeypatch, tab)
    assert not app.exception and not app.error
    words = {
        "Portfolio": "holds no revenue",
        "Segments": "load revenue in sales_history.csv",
        "Tail": "No product that is still sold stands in this tail",
    }
    assert words[tab] in texts(app)


@pytest.mark.parametrize(("tab", "what"), [("Segments", "a segment"), ("Tail", "an exit")])
def test_what_is_of_the_product_as_a_whole_says_so_under_a_filter_of_markets(
    tab: str, what: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_page(file, monkeypatch, tab)
    app.session_state.tail_rule, app.session_state.tail_above = "Share of revenue", 50.0
    app.run()
    amounts = [float(frame.value["revenue"].sum()) for frame in app.dataframe if "revenue" in frame.value]
    app = app.selectbox(key="filter_market").set_value("West").run()
    assert f"All markets: {what} does not follow the filter of markets." in texts(app)
    after = [float(frame.value["revenue"].sum()) for frame in app.dataframe if "revenue" in frame.value]
    assert amounts == after != []
