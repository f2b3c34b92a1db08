"""The streams on the page: none, then real and sample ones, then a weight that moves the plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import streamlit as st

from sop_engine.records import open_cycle
from sop_engine.replays import replay
from sop_engine.warehouse import open_warehouse
from tests.pages.small import on_tab, opened, small_file, texts
from tests.tables import AT

PERIODS = pd.date_range("2014-01-01", periods=12, freq="MS")


def test_streams_stand_side_by_side_and_a_weight_moves_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    open_cycle(warehouse, "2014-01", who="test", at=AT)
    app = on_tab(opened("demand_review", file, monkeypatch), "demand_tabs", "Streams")
    assert "No real stream is uploaded" in texts(app) and "Load forecast_stream.csv" in texts(app)
    assert not any(one.key == "weight_open" for one in app.button)
    rows = {
        "stream": ["sales"] * 12 + ["marketing"] * 12,
        "product": ["A"] * 12 + [""] * 12,
        "family": [""] * 12 + ["Bikes"] * 12,
        "period": [*PERIODS, *PERIODS],
        "units": [180.0] * 12 + [9000.0] * 12,
        "author": ["Ann"] * 12 + [""] * 12,
        "sample": [False] * 12 + [True] * 12,
    }
    with warehouse.transaction(who="test", why="streams", at=AT) as change:
        change.insert("forecast_stream", pd.DataFrame(rows))
    st.cache_resource.clear()  # the app reads anew what it did not write itself
    before = app.run().metric[0].value
    table = next(frame.value for frame in app.dataframe if "Jan 14" in frame.value).set_index("stream")
    assert list(table.index)[:3] == ["statistical with launches", "sales", "marketing (sample)"]
    assert table.loc["sales", "by"] == "Ann"
    said = texts(app).replace("\\", "")
    assert "statistical baseline with launches: sales; marketing (sample) counts in no figure" in said
    ranges = next(frame.value for frame in app.dataframe if "highest" in frame.value)
    assert set(ranges["highest"]) == {"sales"}, "a sample is held against nobody"
    app.button(key="weight_open").click().run()
    assert app.selectbox(key="weight_stream").options == ["sales"]
    next(one for one in app.text_input if one.label == "Reason").input("They know")
    next(one for one in app.button if one.label == "Set the weight").click().run()
    assert not app.error and not app.exception
    assert app.metric[0].value != before
    weights = next(frame.value for frame in app.dataframe if "said in" in frame.value)
    assert list(weights.iloc[0][["stream", "weight %", "said in"]]) == [
        "sales",
        50.0,
        "table consensus_weight",
    ]
    warehouse.close()


def test_without_a_signed_consensus_the_last_cycle_is_the_replayed_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    app = on_tab(opened("demand_review", file, monkeypatch), "demand_tabs", "Streams")
    assert "Last cycle is not known, so it is not shown." in texts(app)
    warehouse = open_warehouse(file)
    replay(warehouse, who="test", at=AT)
    warehouse.close()
    st.cache_resource.clear()
    app = on_tab(opened("demand_review", file, monkeypatch), "demand_tabs", "Streams")
    assert "Last cycle is the statistical baseline of Dec 13, replayed." in texts(app)
    months = next(frame.value for frame in app.dataframe if "stream" in frame.value)
    assert "last cycle" in set(months["stream"])
