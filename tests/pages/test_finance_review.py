"""The finance review draws its questions, follows its levers and filters, and says what it lacks."""

from pathlib import Path

import pytest

from tests.pages.small import on_tab, opened, small_file, texts, titles

TABS = {
    "Gross margin": "of gross margin",
    "Bridge": "Gross margin is",
    "Supply choices": "beyond standard cost",
    "Inventory and cash": "Inventory goes from",
    "Channels": "Margin at standard cost",
}


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("finance_review", demo_file, monkeypatch)
    assert not app.exception
    assert "Fiscal year 2014 lands at" in titles(app)
    assert "Reseller" in texts(app) and "who is served follows the stated policy" in texts(app)


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("finance_review", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_says_its_message(tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", tab)
    assert not app.exception
    assert TABS[tab] in titles(app)


def test_the_statement_ends_in_operating_profit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(
        opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Income statement"
    )
    table = next(frame.value for frame in app.dataframe if "operating profit" in frame.value.index)
    assert list(table.index)[-1] == "operating profit" and list(table.columns)[0] == "Total"
    assert table.loc["fixed: Rent", "Total"] == pytest.approx(-500 * 12)


def test_a_cost_lever_changes_margin_and_offers_the_baseline_as_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    before = {metric.label: metric.value for metric in app.metric}
    next(slider for slider in app.slider if "Unit cost" in slider.label).set_value(10).run()
    app = on_tab(app, "finance_tabs", "Bridge")
    after = {metric.label: metric.value for metric in app.metric}
    assert after["Gross margin"] != before["Gross margin"] and after["Fill rate"] == before["Fill rate"]
    start = next(box for box in app.selectbox if box.key == "bridge_start")
    assert start.options[0] == "This cycle's baseline"
    assert "cost -" in titles(app)
