"""The finance review draws its questions, follows its levers and filters, and says what it lacks."""

import re
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.records import open_cycle, sign_stage
from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.plans import made_up_plan
from tests.tables import AT

TABS = {
    "Landing": "lands at",
    "Baselines": "latest estimate of revenue is",
    "Bridge": "Gross margin of the latest estimate is",
    "Choices": "beyond standard cost",
    "Cash": "Inventory",
    "Channels": "Margin at standard cost",
}


def test_it_opens_with_the_sample_company(demo_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("finance_review", demo_file, monkeypatch)
    assert not app.exception
    assert "Fiscal year 2014 lands at" in titles(app)
    assert "Reseller" in texts(app) and "who is served follows the stated policy" in texts(app)
    app = on_tab(app, "finance_tabs", "Baselines")
    assert not app.exception
    shown = next(frame.value for frame in app.dataframe if "baseline" in frame.value.columns)
    assert list(shown["baseline"])[:2] == ["AOP", "target"] and "Prior year" in set(shown["baseline"])
    assert "Stated assumption" in texts(app) and "Budget rates of AUD, CAD, EUR, GBP" in texts(app)


def test_it_opens_on_an_empty_warehouse(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("finance_review", empty_file, monkeypatch)
    assert not app.exception
    assert "nothing to plan yet" in texts(app)


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_says_its_message(tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", tab)
    assert not app.exception
    assert TABS[tab] in titles(app)


def test_the_message_says_the_gap_to_budget_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    found = re.search(
        r"fiscal year 2014 lands at ([\d,]+) USD of revenue, ([\d,]+) \(([\d.]+) %\) (above|below) AOP",
        texts(app),
    )
    landing, gap = (int(found[at].replace(",", "")) for at in (1, 2))
    assert (landing - gap if found[4] == "above" else landing + gap) == pytest.approx(2400, abs=1)


def test_the_landing_switches_between_revenue_and_margin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    assert "USD of revenue" in titles(app)
    app.session_state["landing_measure"] = "gross margin"
    assert "USD of gross margin" in titles(app.run())


def test_the_statement_ends_in_operating_profit_in_every_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Statement")
    table = next(frame.value for frame in app.dataframe if "operating profit" in frame.value.index)
    assert list(table.index)[-1] == "operating profit" and list(table.columns)[0] == "Total"
    assert table.loc["fixed: Rent", "Total"] == pytest.approx(-500 * 12)
    app.session_state["statement_cut"] = "currency"
    app.run()
    cut = next(frame.value for frame in app.dataframe if "operating profit" in frame.value.columns)
    assert set(cut.index) == {"Total", "EUR", "USD"}
    assert cut.at["Total", "operating profit"] == pytest.approx(table.at["operating profit", "Total"], abs=1)
    assert "2 groups add up to the company" in texts(app)


def test_cells_are_picked_and_name_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Cells")
    assert not app.exception and "off the income statement by 0.00" in texts(app)
    next(box for box in app.selectbox if box.key == "cells_market").set_value("West")
    next(box for box in app.selectbox if box.key == "cells_month").set_value("2014-03").run()
    table = next(frame.value for frame in app.dataframe if "price line" in frame.value.columns)
    assert set(table["market"]) == {"West"} and set(table["period"]) == {"2014-03"}
    assert set(table["price line"]) == {"from 2014-02", "from 2010-01"}


def test_what_a_baseline_was_built_from_stands_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Baselines")
    assert "Built from" in texts(app) and "No upload of budget is on record" in texts(app)
    assert "No last estimate" in texts(app) and "Statistical baseline fitted for cycle 2014-01" in texts(app)


def test_a_cost_lever_changes_margin_and_is_a_cost_bar_from_the_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    before = {metric.label: metric.value for metric in app.metric}
    next(slider for slider in app.slider if "Unit cost" in slider.label).set_value(10).run()
    app = on_tab(app, "finance_tabs", "Bridge")
    after = {metric.label: metric.value for metric in app.metric}
    assert after["Gross margin"] != before["Gross margin"] and after["Fill rate"] == before["Fill rate"]
    app = _bridged(app, "Now, no lever moved", "Gross margin")
    assert "cost -" in titles(app)
    app = _bridged(app, "Now, no lever moved", "Revenue")
    assert "Revenue of the latest estimate is the same as in the plan with no lever moved" in titles(app)


def test_the_plan_signed_a_cycle_ago_is_the_last_estimate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """January's finance review is signed and its sales come in: in February its plan is a baseline, and the
    fiscal year has a month of actuals."""
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="Cleo", at=AT)
    sign_stage(warehouse, made_up_plan(read_inputs(warehouse)), "finance", who="Cleo", at=AT)
    cells = [(p, m, AT.replace(day=1), 10.0, 100.0) for p in "AB" for m in ("East", "West")]
    sales = pd.DataFrame(cells, columns=["product", "market", "period", "units", "revenue"])
    with warehouse.transaction(who="Ana", why="January sales", at=AT) as change:
        change.upsert("sales_history", sales)
    refresh(warehouse, who="test", at=AT)
    warehouse.close()
    app = on_tab(opened("finance_review", file, monkeypatch), "finance_tabs", "Baselines")
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "baseline" in frame.value.columns)
    assert "Last estimate: Finance review of 2014-01" in set(table["baseline"])
    assert "1 actual, 11 to go" in titles(app)
    assert "Finance review of 2014-01 of cycle 2014-01, signed by Cleo" in texts(app)
    app = on_tab(app, "finance_tabs", "Bridge")
    app = _bridged(app, "Last estimate: Finance review of 2014-01", "Gross margin")
    assert not app.exception and "the last estimate" in titles(app)


def _bridged(app: AppTest, start: str, measure: str) -> AppTest:
    next(box for box in app.selectbox if box.key == "bridge_start").set_value(start)
    app.session_state["bridge_measure"] = measure
    return app.run()


def test_a_bridge_to_what_the_budget_does_not_speak_of_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small budget speaks of the East only."""
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Bridge")
    assert "nothing bridges them" not in texts(app)
    app = app.selectbox(key="filter_market").set_value("West").run()
    assert "AOP: nothing is known of revenue in these months, so nothing bridges them." in texts(app)
