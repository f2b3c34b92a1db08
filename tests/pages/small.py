"""Pages of the small company or of any warehouse file, run through app.py as a person would open them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.tables import AT, small_tables

APP = str(Path(__file__).parents[2] / "app.py")
SECONDS = 300


def small_file(folder: Path) -> Path:
    """A warehouse file that holds the small company with its baseline fitted."""
    file = folder / "small.duckdb"
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="set up", at=AT) as change:
        for name, rows in small_tables().items():
            change.replace(
                name, rows.assign(period=pd.to_datetime(rows["period"])) if "period" in rows else rows
            )
    refresh(warehouse, who="test", at=AT)
    warehouse.close()
    return file


def unopened(file: Path) -> Path:
    """The warehouse file as before its January cycle was opened."""
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="no cycle", at=AT) as change:
        for table in ("stage", "cycle"):
            change.delete(table, {"cycle": "2014-01"})
    warehouse.close()
    return file


def opened(page: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page on this warehouse file, run once."""
    monkeypatch.setenv("SOP_WAREHOUSE", str(file))
    monkeypatch.setenv("SOP_DEMO", "0")
    app = AppTest.from_file(APP, default_timeout=SECONDS)
    app.session_state.who = "Ana"
    return app.run().switch_page(f"pages/{page}.py").run()


def of_label(elements: Sequence[Any], start: str) -> Any:
    """The first element whose label begins so."""
    return next(element for element in elements if element.label.startswith(start))


def on_tab(app: AppTest, key: str, tab: str) -> AppTest:
    """The page with a tab opened."""
    app.session_state[key] = tab
    return app.run()


def selected(app: AppTest, key: str, row: int) -> AppTest:
    """The page with a row of a table clicked. key: of the table, without what tells its rows."""
    keys = [frame.proto.id.rpartition("-")[2] for frame in app.dataframe]
    found = next(name for name in keys if name == key or name.rpartition("_")[0] == key)
    app.session_state[found] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return app.run()


def texts(app: AppTest) -> str:
    """Everything that the page says in words."""
    kinds = (app.markdown, app.caption, app.info, app.success, app.warning, app.error, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def titles(app: AppTest) -> str:
    """The specifications of all charts, in which their titles stand."""
    return "\n".join(chart.proto.spec for chart in app.get("plotly_chart"))
