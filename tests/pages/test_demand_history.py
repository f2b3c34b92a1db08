"""The history section: a flag is accepted, the baseline is fitted anew, the record can be withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.charts.demand_history import SHAPES, WORDS
from sop_engine.inputs import read_inputs
from sop_engine.records import of_cycle, open_cycle
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.pages.conftest import OpenApp
from tests.pages.small import selected, titles, unopened
from tests.tables import AT


@pytest.fixture
def opened(demo_copy: Path) -> Warehouse:
    """A copy of the sample company with its January cycle open."""
    warehouse = open_warehouse(demo_copy)
    if of_cycle(warehouse, "cycle").empty:
        open_cycle(warehouse, "2014-01", who="test", at=AT)
    return warehouse


def history_of(open_app: OpenApp, file: Path) -> AppTest:
    app = open_app(file, "demand_review")
    app.session_state["demand_tabs"] = "History"
    return app.run()


def flags(app: AppTest) -> list[str]:
    return next(frame.value for frame in app.dataframe if "evidence" in frame.value)["evidence"].tolist()


def submit(app: AppTest, label: str) -> None:
    """Presses the button of the open form, not the one that opened it."""
    [*_, button] = [button for button in app.button if button.label == label]
    button.click().run()


def test_a_flag_is_accepted_and_withdrawn(open_app: OpenApp, opened: Warehouse) -> None:
    app = history_of(open_app, Path(opened.path))
    before, largest = read_inputs(opened), flags(app)[0]
    assert any(largest in text.value for text in app.markdown), "the message names the largest"
    next(b for b in app.button if b.label.startswith("Accept ")).click().run()
    app.text_input(key="who_accept").input("Ann")
    next(t for t in app.text_input if t.label == "Reason").input("One customer bought for two years")
    submit(app, "Accept")
    assert not app.error and not app.exception
    row = of_cycle(opened, "history_correction").iloc[0]
    assert (row["status"], row["created_by"], row["evidence"]) == ("accepted", "Ann", largest)
    assert largest not in flags(app)
    assert app.selectbox(key="history_product").value == row["product"], "it stays on the product"
    assert not refresh(opened, who="test", at=AT), "the page has fitted what changed"
    after = read_inputs(opened)
    assert np.array_equal(after.demand.history, before.demand.history, equal_nan=True)
    assert after.demand.baseline.units.sum() != before.demand.baseline.units.sum()


def test_the_past_of_a_product_shows_its_flag_by_shape_and_word(open_app: OpenApp, demo_file: Path) -> None:
    app = history_of(open_app, demo_file)
    app.session_state["demand_stl"] = True
    app.run()
    assert not app.error and not app.exception
    specs = [json.loads(element.proto.spec) for element in app.get("plotly_chart")]
    past = next(s for s in specs if any(t.get("name") == "Sold" for t in s["data"]))
    table = next(frame.value for frame in app.dataframe if "evidence" in frame.value)
    kind = {word: flag for flag, word in WORDS.items()}[table["kind"].iloc[0]]
    mark = next(t for t in past["data"] if t.get("name") == WORDS[kind])
    assert mark["marker"]["symbol"] == SHAPES[kind] and table["evidence"].iloc[0] in mark["text"]
    assert WORDS[kind] in [note["text"] for note in past["layout"]["annotations"]]
    assert any("held" in caption.value for caption in app.caption)
    assert any("young series borrows the season of its category" in each.value for each in app.caption)


def test_a_row_chooses_the_product_and_the_buttons_name_what_is_drawn(
    open_app: OpenApp, opened: Warehouse
) -> None:
    app = history_of(open_app, Path(opened.path))
    table = next(frame.value for frame in app.dataframe if "evidence" in frame.value)
    other = int(np.flatnonzero(table["product"] != table["product"][0])[0])
    selected(app, "demand_flags", other)
    product, period = table.loc[other, ["product", "period"]]
    assert app.selectbox(key="history_product").value == product
    assert [b for b in app.button if b.label == f"Reject {product}, {period}"]
    app.selectbox(key="history_product").select(table["product"][0]).run()
    accept = next(b.label for b in app.button if b.label.startswith("Accept "))
    assert accept.startswith(f"Accept {table['product'][0]}, ")
    alt = next(spec for spec in titles(app).splitlines() if '"Sold"' in spec)
    assert table["name"][0] in alt


def test_nothing_can_be_judged_before_the_cycle_is_open(open_app: OpenApp, demo_copy: Path) -> None:
    app = history_of(open_app, unopened(demo_copy))
    assert not [b for b in app.button if b.label.startswith(("Accept", "Reject"))]
    assert any("Open the cycle Jan 14" in caption.value for caption in app.caption)
