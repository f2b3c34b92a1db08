"""Cash, choices, goal seek and ladder of the finance review, as a person would use them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT


def with_records(file: Path) -> Path:
    """The small company with a risk, an opportunity, one of each made up, and a line that nobody owns."""
    warehouse = open_warehouse(file)
    item = {
        "cycle": "2014-01",
        "from_period": pd.Timestamp("2014-02-01"),
        "to_period": pd.Timestamp("2014-03-01"),
        "status": "open",
        "created_at": AT,
    }
    with warehouse.transaction(who="test", why="risks", at=AT) as change:
        for at, (kind, title, chance, money, sample) in enumerate(
            (
                ("risk", "Frames late", 50.0, -400.0, False),
                ("opportunity", "New shop", 25.0, 800.0, False),
                ("risk", "Pretended strike", 90.0, -9000.0, True),
            )
        ):
            change.insert(
                "risk_opportunity",
                item
                | {
                    "item_id": str(at),
                    "kind": kind,
                    "title": title,
                    "probability_pct": chance,
                    "revenue": money,
                    "gross_margin": money / 2,
                    "sample": sample,
                },
            )
        change.insert(
            "request",
            item
            | {
                "request_id": "Q1",
                "from_stage": "finance",
                "to_stage": "",
                "title": "Stretch of the board",
                "reason": "gap",
                "measure": "revenue",
                "amount": 600.0,
                "created_by": "Ana",
            },
        )
    warehouse.close()
    return file


def test_cash_states_days_and_free_cash_with_their_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Cash")
    assert not app.exception and not app.error
    assert "Money is tied up" in titles(app) and "Free cash is" in titles(app)
    table = next(frame.value for frame in app.dataframe if "what it is" in frame.value).set_index("figure")
    assert table.loc["DPO", "what it is"] == "days, average payables / COGS of the same months x days"
    assert table.loc["Inventory", "what it is"] == "USD, at the end"
    assert set(table["change"]) <= {"±0", "-"}


def test_choices_compare_with_the_baseline_and_show_absorption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    app.query_params["scenario"] = Scenario((Lever("freight", 50),)).to_json()
    app.session_state.working = Scenario((Lever("freight", 50),))
    app = on_tab(app, "finance_tabs", "Choices")
    assert not app.exception and not app.error
    assert "Production absorbs" in titles(app) and "Against the baseline it delivers as many units" in texts(
        app
    )
    table = next(frame.value for frame in app.dataframe if "change, USD" in frame.value).set_index("choice")
    assert table.loc["freight", "change, USD"] > 0 and table.loc["freight", "USD per extra unit"] == "-"


def test_a_goal_is_sought_when_asked_and_a_way_goes_into_the_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("finance_review", small_file(tmp_path), monkeypatch), "finance_tabs", "Goal seek")
    assert not app.exception and not app.error
    app.selectbox(key="goal_measure").set_value("gross margin").run()
    app.selectbox(key="goal_source").set_value("Own target").run()
    assert "the target is met" in texts(app)
    aim = next(box for box in app.number_input if box.label == "Target, USD")
    wanted = round(aim.value * 1.08)
    app = aim.set_value(wanted).run()
    app = app.button(key="goal_find").click().run()
    assert not app.exception and not app.error
    table = next(frame.value for frame in app.dataframe if "figure" in frame.value).set_index("figure")
    price = next(name for name in table.columns if name.startswith("Price"))
    assert table.loc["Target", price] == "reached"
    assert float(table.loc["Gross margin gets to, USD", price].replace(",", "")) >= wanted * (1 - 1e-4)
    app = app.button(key="take_goal_price").click().run()
    taken = Scenario.from_json(app.query_params["scenario"]).levers
    assert [lever.kind for lever in taken] == [LeverKind.PRICE]
    assert "the target is met" in texts(app) and not app.exception


def test_the_ladder_counts_what_is_real_and_names_what_nobody_owns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = with_records(small_file(tmp_path))
    app = on_tab(opened("finance_review", file, monkeypatch), "finance_tabs", "Risks and opportunities")
    assert not app.exception and not app.error
    tables = [frame.value for frame in app.dataframe if "probability %" in frame.value]
    assert tables[0]["what"].tolist() == ["Frames late", "New shop"]  # -200 and +200 expected
    assert tables[0]["expected, USD"].tolist() == [-200.0, 200.0]
    assert tables[1]["what"].tolist() == ["Pretended strike"]
    assert "counted in nothing" in texts(app) and "2 independent items out of the plan" in texts(app)
    assert "Stretch of the board +600 USD" in texts(app) and "in no volume" in texts(app)
    assert "Top-side, no owner" in titles(app)
    assert "not stated for every month to go" in texts(app)  # the small budget speaks of January only


@pytest.mark.parametrize("tab", ["Goal seek", "Risks and opportunities", "Cash", "Choices", "Statement"])
def test_what_counts_the_whole_company_says_so_under_a_filter(
    tab: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("finance_review", small_file(tmp_path), monkeypatch)
    app = on_tab(app, "finance_tabs", tab)
    assert "does not follow the filter" not in texts(app)
    app = app.selectbox(key="filter_market").set_value("West").run()
    assert not app.exception and "does not follow the filter (West)" in texts(app)


def test_what_changes_nothing_in_the_months_of_the_ladder_is_named_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = with_records(small_file(tmp_path))
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="no effect", at=AT) as change:
        change.insert(
            "risk_opportunity",
            {
                "item_id": "9",
                "cycle": "2014-01",
                "kind": "opportunity",
                "title": "A fair without sales",
                "from_period": pd.Timestamp("2014-02-01"),
                "to_period": pd.Timestamp("2014-03-01"),
                "probability_pct": 50.0,
                "revenue": 0.0,
                "sample": False,
                "status": "open",
                "created_at": AT,
            },
        )
    warehouse.close()
    app = on_tab(opened("finance_review", file, monkeypatch), "finance_tabs", "Risks and opportunities")
    assert "2 independent items" in texts(app)
    assert "Without effect in these months\\: A fair without sales." in texts(app)
