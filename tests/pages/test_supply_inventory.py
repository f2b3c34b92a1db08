"""Sections of the supply review on capacity, inventory, and supply against demand and stock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.warehouse import open_warehouse
from tests.pages.conftest import OpenApp
from tests.pages.small import on_tab, opened, small_file, texts, titles
from tests.tables import AT, frame


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The table on the page that has this column."""
    return next(shown.value for shown in app.dataframe if column in shown.value)


def test_the_sections_open_on_the_sample_company(open_app: OpenApp, demo_file: Path) -> None:
    app = on_tab(open_app(demo_file, "supply_review"), "supply_tabs", "Capacity")
    assert not app.exception and "Frame Welding is the tightest" in texts(app)
    assert "Demonstrated hours are not loaded" in texts(app)
    assert "take" in titles(app) and "hours asked of Frame Welding" in titles(app)
    assert "frozen | slushy" in titles(app)
    resources = table(app, "highest load %")
    assert resources["highest load %"].is_monotonic_decreasing
    app.selectbox(key="capacity_family").select("Road Bikes").run()
    items = table(app, "made there")
    assert not app.exception and items["of family's hours %"].sum() == pytest.approx(100, abs=2)
    components = table(app, "single source")
    assert components.iloc[0]["months bound"] > 0 and "come from one vendor only" in texts(app)
    on_tab(app, "supply_tabs", "Inventory")
    assert not app.exception and "times a year" in texts(app) and "excess or obsolete" in titles(app)
    families = table(app, "below target")
    assert families["at stake"].is_monotonic_decreasing and families["obsolete"].sum() > 0
    assert "per cycle, no fill rate" in texts(app) and "family-months are in their band" in titles(app)
    on_tab(app, "supply_tabs", "Supply, demand and stock")
    assert not app.exception and "Stock and supply together" in texts(app)
    assert "Most stock" in titles(app) and "demand, added up" in titles(app)


def test_a_cell_of_the_load_opens_its_families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("supply_review", small_file(tmp_path), monkeypatch)
    key = next(chart.proto.id for chart in app.get("plotly_chart") if "supply_load" in chart.proto.id)
    chosen = {"points": [], "point_indices": [1], "box": [], "lasso": []}
    app.session_state[key[key.index("supply_load") :]] = {"selection": chosen}
    app.run()
    assert not app.exception and "Assembly in Feb 14" in texts(app)
    cell = table(app, "share of the need %")
    assert cell["share of the need %"].sum() == pytest.approx(100, abs=0.2)


def test_a_filter_and_units_reach_every_section(open_app: OpenApp, demo_file: Path) -> None:
    app = open_app(demo_file, "supply_review")
    next(box for box in app.selectbox if box.label == "Family").select("Gloves")
    app.run()
    for tab in ("Capacity", "Inventory", "Supply, demand and stock"):
        on_tab(app, "supply_tabs", tab)
        assert not app.exception
    assert "products sold of Gloves" in titles(app)
    on_tab(app, "supply_tabs", "Inventory")
    assert table(app, "below target")["family"].tolist() == ["Gloves"]


def test_demonstrated_hours_of_the_past_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="hours earned", at=AT) as change:
        change.insert(
            "capacity",
            frame("resource period demonstrated_hours", ("Assembly", "2013-12-01", 132.0)),
        )
    warehouse.close()
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Capacity")
    assert not app.exception and "Against what was really earned, Assembly needs" in texts(app)
    assert '"name":"Demonstrated"' in titles(app)
    assert not np.isnan(table(app, "highest of demonstrated %")["demonstrated hours"]).any()


def test_a_history_alone_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = small_file(tmp_path)
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="only history", at=AT) as change:
        for name in ("resource", "capacity", "routing", "sourcing", "bill_of_material", "unit_cost"):
            change.replace(name, frame("nothing").drop(columns="nothing"))
        change.replace("inventory_policy", frame("nothing").drop(columns="nothing"))
    warehouse.close()
    app = on_tab(opened("supply_review", file, monkeypatch), "supply_tabs", "Capacity")
    assert not app.exception and "load resource and routing" in texts(app)
    assert "No limit of a supplier is loaded" in texts(app)
    on_tab(app, "supply_tabs", "Inventory")
    assert not app.exception and "load unit_cost.csv" in texts(app)
    on_tab(app, "supply_tabs", "Supply, demand and stock")
    assert not app.exception
