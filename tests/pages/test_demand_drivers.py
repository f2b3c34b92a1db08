"""A product that its price drives says so in its past and in why its number is what it is."""

from pathlib import Path

from sop_engine.refresh import refresh
from sop_engine.warehouse import open_warehouse
from tests.inputs.test_drivers import priced
from tests.pages.conftest import OpenApp
from tests.pages.small import on_tab, texts
from tests.tables import AT


def priced_file(folder: Path) -> Path:
    file = folder / "priced.duckdb"
    source = priced()
    warehouse = open_warehouse(file)
    with warehouse.transaction(who="test", why="set up", at=AT) as change:
        for name in ("setting", "market", "product", "sales_history", "driver"):
            change.replace(name, source.read(f'SELECT * FROM "{name}"'))
    refresh(warehouse, who="test", at=AT)
    warehouse.close()
    return file


def test_the_class_and_its_drivers_are_said(open_app: OpenApp, tmp_path: Path) -> None:
    app = on_tab(open_app(priced_file(tmp_path), "demand_review"), "demand_tabs", "History")
    assert not app.exception
    assert "Class driver-based: what drives it taken out of the history" in texts(app)
    app = on_tab(app, "demand_tabs", "Why this number")
    assert not app.exception
    drives = next(frame.value for frame in app.dataframe if "given for" in frame.value)
    assert drives[["product", "driver"]].to_numpy().tolist() == [["A", "price"]]
    assert drives["units"][0].startswith("-2 % for 1 % more (±") or drives["units"][0].startswith("-1.9 %")
    assert "6 of " in drives["given for"][0] and "then its season or last value" in drives["given for"][0]
    causes = next(frame.value for frame in app.dataframe if "contribution" in frame.value)
    assert "1 driver-based" in causes["why"][0] and "1 regular" in causes["why"][0]
