"""The app under AppTest, on a warehouse of the test's own choosing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sop_engine.records import of_cycle, open_cycle
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.tables import AT

ROOT = Path(__file__).parents[2]
OpenApp = Callable[..., AppTest]


@pytest.fixture
def open_app(monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """open_app(file, page, **query) runs the app on a warehouse file and goes to a page."""

    def opened(file: Path, page: str = "cycle", **query: str) -> AppTest:
        monkeypatch.chdir(ROOT)
        monkeypatch.setenv("SOP_WAREHOUSE", str(file))
        monkeypatch.setenv("SOP_DEMO", "0")
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        return app if page == "cycle" else app.switch_page(f"pages/{page}.py").run()

    return opened


@pytest.fixture
def january(demo_copy: Path) -> Warehouse:
    """A copy of the sample company with its January cycle open."""
    warehouse = open_warehouse(demo_copy)
    if of_cycle(warehouse, "cycle").empty:
        open_cycle(warehouse, "2014-01", who="test", at=AT)
    return warehouse
