"""The loop between reviews as people click it: a gap is seen, asked for, answered, and what came is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.inputs import read_inputs
from sop_engine.plan import plan
from sop_engine.records import of_cycle, open_cycle
from sop_engine.records.answers import answer_request
from sop_engine.records.requests import raise_request, requests_until
from sop_engine.refresh import refresh
from sop_engine.scenario import Lever, Scenario
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.small import on_tab, opened, selected, small_file
from tests.pages.small import texts as escaped_texts
from tests.tables import AT, frame

ANN = {"who": "Ann", "at": AT}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """The small company, below its budget of February to June, with its January cycle open."""
    warehouse = open_warehouse(small_file(tmp_path))
    lines = [("AOP", "Bikes", "", f"2014-{month:02d}-01", 250, 4500, 1700) for month in range(2, 7)]
    with warehouse.transaction(**ANN, why="a budget") as change:
        change.replace("budget", frame("version family market period units revenue gross_margin", *lines))
    open_cycle(warehouse, "2014-01", owners={"demand": "Dora", "supply": "Sam"}, **ANN)
    yield warehouse
    warehouse.close()


def on(page: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    app = opened(page, Path(warehouse.path), monkeypatch)
    assert not app.exception
    return app


def button(app: AppTest, label: str) -> object:
    return next(one for one in app.button if one.label.startswith(label))


def texts(app: AppTest) -> str:
    return escaped_texts(app).replace("\\", "")


def field(app: AppTest, kind: str, label: str) -> object:
    return next(one for one in getattr(app, kind) if one.label.startswith(label))


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value)


def requests(warehouse: Warehouse) -> pd.DataFrame:
    return requests_until(warehouse.read, "2014-01")


def ask(warehouse: Warehouse, **words: object) -> str:
    what = {
        "from_stage": "finance",
        "to_stage": "supply",
        "title": "More bicycles",
        "reason": "Below budget",
        "measure": "units",
        "amount": 100.0,
        "family": "Bikes",
        "from_period": date(2014, 2, 1),
        "to_period": date(2014, 6, 1),
        **ANN,
    }
    return raise_request(warehouse, read_inputs(warehouse), **{**what, **words})


def test_the_loop_as_a_controller_tries_it(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan(read_inputs(warehouse))
    app = on("finance_review", warehouse, monkeypatch)
    gap = table_with(app, "gap, USD")["gap, USD"][0]
    assert gap < 0
    button(app, "Ask another review").click().run()
    app.selectbox(key="ask_finance_gap").select("Bikes").run()
    amount = field(app, "number_input", "More (+) or less (-)")
    assert amount.value == round(-gap) and "Bikes" in field(app, "text_input", "Reason").value
    amount.set_value(6000.0)
    app.button(key="ask_finance_Bikes_save").click().run()
    assert not app.error and not app.exception
    made = requests(warehouse).iloc[0]
    assert (made["to_stage"], made["owner"], made["amount"], made["family"]) == (
        "demand",
        "Dora",
        6000,
        "Bikes",
    )
    asked_by = table_with(app, "asked of")
    assert asked_by["asked of"][0] == "Demand review" and "open" in asked_by["standing"][0]
    assert "due in 7 days" in asked_by["standing"][0]

    app = on("demand_review", warehouse, monkeypatch)
    assert "Asked of this review" in texts(app)
    selected(app, "requests_of", 0)
    button(app, "Answer 2014-01-R1").click().run()
    said = texts(app)
    assert "changes by exactly +6,000 USD of revenue" in said and "not recorded yet" in said
    assert "Over the whole plan: " in said and "1 request waits here" in said
    assert of_cycle(warehouse, "override").empty
    app.text_input(key="request_reason").input("Agreed with the field")
    app.button(key="request_answer_save").click().run()
    assert not app.error and not app.exception
    made = requests(warehouse).iloc[0]
    assert (
        made["status"] == "accepted"
        and made["override_id"] == of_cycle(warehouse, "override")["override_id"][0]
    )
    after = plan(read_inputs(warehouse))
    moved = np.nansum(after.finance.demand_value - before.finance.demand_value)
    assert moved == pytest.approx(6000, rel=1e-9)

    app = on("finance_review", warehouse, monkeypatch)
    row = table_with(app, "achieved").iloc[0]
    served = np.nansum((after.finance.revenue - before.finance.revenue)[:2, :, 1:6])
    assert row["accepted"] == 6000 and row["achieved"] == pytest.approx(served, abs=1) and served < 6000
    selected(app, "requests_by", 0)
    assert "not served here" in texts(app) and "override 2014-01-O1" in texts(app)
    button(app, "Withdraw: 2014-01-R1").click().run()
    field(app, "text_input", "Why").input("Too late")
    next(one for one in app.button if one.label == "Withdraw").click().run()
    assert not app.error and requests(warehouse)["status"][0] == "withdrawn"
    assert not of_cycle(warehouse, "override")["active"].any()


def test_supply_answers_by_its_levers_and_the_strip_says_so(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(warehouse)
    app = on("supply_review", warehouse, monkeypatch)
    selected(app, "requests_of", 0)
    button(app, "Answer 2014-01-R1").click().run()
    assert "no lever of this review is moved" in texts(app)
    app = opened("supply_review", Path(warehouse.path), monkeypatch)
    lever = Lever("capacity", 20, "Assembly")
    app.session_state.working = Scenario((lever,))
    app.session_state.past = []
    app.run()
    selected(app, "requests_of", 0)
    button(app, "Answer 2014-01-R1").click().run()
    assert "Part of every plan from now on" in texts(app)
    app.text_input(key="request_reason").input("A line is rented")
    app.button(key="request_answer_save").click().run()
    assert not app.error and not app.exception
    assert "accepted: Capacity of Assembly +20 % (R1)" in texts(app)
    assert app.session_state.working.is_baseline
    assert Scenario.from_json(requests(warehouse)["levers"][0]).levers == (lever,)


def test_a_rejected_request_and_one_accepted_in_words_have_no_effect(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status in ("accepted", "rejected"):
        name = ask(warehouse)
        answer_request(warehouse, read_inputs(warehouse), name, status=status, answer="So be it", **ANN)
    app = on("supply_review", warehouse, monkeypatch)
    table = table_with(app, "achieved")
    assert table["achieved"].isna().all() and list(table["accepted"]) == [100, 0]
    selected(app, "requests_of", 0)
    assert "no effect on the plan yet" in texts(app) and "So be it" in texts(app)


def test_a_top_side_line_is_labelled_and_given_to_a_review(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(warehouse, to_stage="")
    app = on("finance_review", warehouse, monkeypatch)
    assert "Top-side, nobody owns it, in no volume" in texts(app)
    selected(app, "requests_top_side", 0)
    button(app, "Give 2014-01-R1 to a review").click().run()
    button(app, "Give it").click().run()
    assert not app.error and not app.exception
    assert requests(warehouse)["to_stage"][0] == "demand" and requests(warehouse)["owner"][0] == "Dora"


def test_the_cycle_page_lists_what_waits_for_an_answer_and_places_finance(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(warehouse, due=date(2014, 1, 8))
    app = on("cycle", warehouse, monkeypatch)
    table = table_with(app, "deadline")
    asked = table[table["kind"] == "Request"].iloc[0]
    assert asked["owner"] == "Sam" and "days overdue" in asked["deadline"]
    app = on_tab(app, "cycle_tabs", "Deadlines")
    assert "Both: it asks all month" in texts(app)
    app.button(key="place_finance_open").click().run()
    field(app, "radio", "Finance").set_value("continuous")
    field(app, "text_input", "Why").input("Always on")
    next(one for one in app.button if one.label == "Change" and "open" not in one.key).click().run()
    assert not app.error and not app.exception
    assert of_cycle(warehouse, "cycle")["finance"][0] == "continuous"
    assert "Continuous: it asks all month" in texts(app)


def test_an_answer_given_meanwhile_is_said(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    name = ask(warehouse)
    app = on("supply_review", warehouse, monkeypatch)
    selected(app, "requests_of", 0)
    button(app, f"Answer {name}").click().run()
    late = {"who": "Ben", "at": AT + timedelta(hours=1)}
    answer_request(warehouse, read_inputs(warehouse), name, status="rejected", answer="No", **late)
    app.text_input(key="request_reason").input("Yes")
    app.button(key="request_answer_save").click().run()
    assert requests(warehouse)["answer"][0] == "No" and requests(warehouse)["status"][0] == "rejected"


def test_the_strip_shows_what_was_answered_at_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(warehouse, to_stage="demand", measure="revenue", amount=600.0)
    app = on("demand_review", warehouse, monkeypatch)
    assert app.metric[0].delta == "±0" and "1 request waits here" in texts(app)
    assert "(#asked-of-this-review)" in texts(app)
    selected(app, "requests_of", 0)
    button(app, "Answer 2014-01-R1").click().run()
    app.text_input(key="request_reason").input("Agreed")
    app.button(key="request_answer_save").click().run()
    assert not app.error and not app.exception
    assert app.metric[0].delta.startswith("+600") and "waits here" not in texts(app)


def test_without_prices_nothing_speaks_of_a_currency(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse.transaction(**ANN, why="nothing is priced") as change:
        for table in ("price", "unit_cost", "budget", "fx_rate", "fixed_cost"):
            change.replace(table, pd.DataFrame(columns=list(warehouse.catalogue[table].column)))
        change.delete("setting", {"name": "base_currency"})
        history = change.read("SELECT * FROM sales_history").assign(revenue=np.nan)
        change.replace("sales_history", history)
    refresh(warehouse, **ANN)
    ask(warehouse, to_stage="demand", amount=60.0)
    app = on("demand_review", warehouse, monkeypatch)
    selected(app, "requests_of", 0)
    button(app, "Answer 2014-01-R1").click().run()
    assert not app.exception
    said = next(one.value for one in app.info if "An override of" in one.value).replace("\\", "")
    assert "+60 units" in said and "nan" not in said and "USD" not in said and "revenue" not in said
    assert "operating profit" not in said and said.rstrip().endswith("units on time.")
