"""The scoreboard: replays on opening, lag and level, the worst groups, records, samples and the hit rate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, selected, small_file, texts, titles
from tests.tables import AT


@pytest.fixture
def told_file(tmp_path: Path) -> Path:
    """The small company, with what sales and a made up marketing said, and two overrides of past cycles."""
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="set up", at=AT) as change:
        change.insert("forecast_snapshot", snapshots())
        for number, (who, value) in enumerate((("Ana", 10.0), ("Ben", -10.0))):
            change.insert("override", override(f"O{number}", who, value))
        history = change.read("SELECT * FROM sales_history")
        late = (history["period"] >= "2013-06-01") & (history["product"] == "A")
        change.replace(
            "sales_history", history.assign(units=history["units"].mask(late, history["units"] * 1.3))
        )
    warehouse.close()
    return file


def snapshots() -> pd.DataFrame:
    rows = [
        (made, stream, "A", market, made + pd.DateOffset(months=1), units, sample)
        for made in pd.date_range("2013-01-01", "2013-10-01", freq="MS")
        for stream, units, sample in (("sales", 120.0, False), ("marketing", 400.0, True))
        for market in ("East", "West")
    ]
    return pd.DataFrame(rows, columns="made_in stream product market period units sample".split())


def override(override_id: str, who: str, value: float) -> dict[str, object]:
    return {
        "override_id": override_id,
        "cycle": "2013-06",
        "product": "A",
        "from_period": pd.Timestamp("2013-07-01"),
        "to_period": pd.Timestamp("2013-08-01"),
        "kind": "pct",
        "value": value,
        "reason": "campaign",
        "created_at": AT,
        "created_by": who,
        "active": True,
        "stage": "demand" if value > 0 else "supply",
    }


def table(app: AppTest, column: str) -> pd.DataFrame:
    return next(frame.value for frame in app.dataframe if column in frame.value)


def test_the_scoreboard_replays_scores_and_keeps_samples_apart(
    told_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("demand_review", told_file, monkeypatch), "demand_tabs", "Scoreboard")
    assert not app.exception and not app.error
    said = texts(app)
    assert "The statistical forecast missed Feb 13 to Dec 13 by" in said
    assert "lag 2, family level, by value, whole company" in said
    assert "no past record yet: Consensus" in titles(app) and "no past record" in titles(app)
    assert "Consensus\\: no past record" in said or "Consensus: no past record" in said
    assert table(app, "tracking signal")["family"].tolist() == ["Bikes"]
    sources = [frame.value for frame in app.dataframe if "source" in frame.value]
    assert sources[0]["source"].tolist() == ["Seasonal naive", "Statistical", "Sales"]
    assert sources[1]["source"].tolist() == ["Marketing (sample)"]
    hits = {name: table(app, name).set_index(name) for name in ("stage", "made by")}
    assert hits["stage"]["hit rate %"].to_dict() == {"demand": 100.0, "supply": 0.0}
    assert hits["made by"].index.tolist() == ["Ana"], "a person sees only their own rate"


def test_lag_level_unit_cut_and_row_change_what_is_shown(
    told_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = on_tab(opened("demand_review", told_file, monkeypatch), "demand_tabs", "Scoreboard")
    app.selectbox(key="scoreboard_lag").set_value(1).run()
    app.button_group(key="scoreboard_level").set_value("total").run()
    app.button_group(key="filter_measure").set_value("Units").run()
    assert "lag 1, total level, by units, whole company" in texts(app)
    app.button_group(key="scoreboard_cut").set_value("Market").run()
    assert sorted(table(app, "market")["market"]) == ["East", "West"]
    selected(app, "scoreboard_Market", 0)
    assert not app.exception and "units, East; rows" in titles(app)


def test_a_forecast_that_never_missed_has_no_worst_family(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small company sells the same every month."""
    app = opened("demand_review", small_file(tmp_path), monkeypatch)
    app = on_tab(app, "demand_tabs", "Scoreboard")
    assert not app.exception and "by 0.0 % (WAPE)" in texts(app)


def test_where_nothing_was_sold_only_the_sentence_stands(
    told_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = open_warehouse(told_file)
    with warehouse.transaction(who="test", why="a market without sales", at=AT) as change:
        change.insert("market", {"market": "North"})
    warehouse.close()
    app = on_tab(opened("demand_review", told_file, monkeypatch), "demand_tabs", "Scoreboard")
    app.selectbox(key="filter_market").select("North").run()
    assert not app.exception and "Nothing was sold in this filter" in texts(app)
    assert "WAPE" not in titles(app)
    for tab in ("Exceptions", "History", "Streams", "Overrides", "Launches and events", "Order book"):
        assert not on_tab(app, "demand_tabs", tab).exception, tab
    for tab in ("Dependent demand", "Why this number"):
        assert not on_tab(app, "demand_tabs", tab).exception, tab
