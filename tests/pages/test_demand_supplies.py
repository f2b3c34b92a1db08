"""Sections of the demand review on launches and events, the order book and dependent demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.pages.conftest import OpenApp
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT, frame


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The table on the page that has this column."""
    return next(shown.value for shown in app.dataframe if column in shown.value)


def test_the_sections_open_on_the_sample_company(open_app: OpenApp, demo_file: Path) -> None:
    app = on_tab(open_app(demo_file, "demand_review"), "demand_tabs", "Launches and events")
    assert not app.exception and "1 out of the plan would bring" in texts(app)
    assert list(table(app, "expected revenue")["probability %"]) == [40]
    assert (table(app, "± standard error")["observations"] > 0).any()
    on_tab(app, "demand_tabs", "Order book")
    assert not app.exception and "8 of 23 working days" in texts(app) and "Orders consume" in titles(app)
    on_tab(app, "demand_tabs", "Dependent demand")
    items = table(app, "past due")
    assert not app.exception and len(items) > 50
    both = items[items["independent"] > 0]["item"].iloc[-1]
    app.selectbox(key="dependent_item").select(both).run()
    assert not app.exception and f"{both}: " in titles(app)
    assert table(app, "caused by")["of it %"].sum() == pytest.approx(100, abs=2)


def test_events_fence_and_shipments_of_a_small_company(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="events and shipments", at=AT) as change:
        change.insert(
            "event",
            frame(
                "event product from_period to_period lift_pct price_change_pct cost status owner",
                ("Fair", "A", "2014-02-01", "2014-03-01", 20, -5, 300, "agreed", "Ann"),
                ("Sale", "B", "2014-03-01", "2014-03-01", np.nan, -10, 0, "cancelled", "Bob"),
            ),
        )
        change.insert(
            "delivery_history",
            frame(
                "order product market ship_date shipped_units",
                ("7", "A", "East", "2014-01-07", 30),
                ("8", "A", "East", "2013-12-30", 99),
            ),
        )
        change.insert("setting", frame("name value", ("demand_fence_periods", "1")))
    refresh(warehouse, who="test", at=AT)
    warehouse.close()
    app = on_tab(opened("demand_review", file, monkeypatch), "demand_tabs", "Launches and events")
    assert not app.exception
    events = table(app, "net effect").set_index("event")
    assert events.loc["Fair", "units"] == pytest.approx(2 * 0.2 * 120, rel=0.02)
    assert np.isnan(events.loc["Sale", "net effect"]) and "not in the plan" in events.loc["Sale", "status"]
    on_tab(app, "demand_tabs", "Order book")
    assert not app.exception and "shipments up to 7 Jan 14" in texts(app)
    assert "inside the demand fence, demand is open orders only" in texts(app)
