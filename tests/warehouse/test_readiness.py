"""What a review can compute follows from the tables that hold rows."""

from sop_engine.warehouse import open_warehouse
from sop_engine.warehouse.readiness import readiness


def test_history_alone_gives_a_portfolio_and_a_baseline() -> None:
    able = {ability.what for ability in readiness({"sales_history": 10}) if ability.ready}
    assert able == {"portfolio and its health", "statistical baseline"}


def test_what_is_missing_is_named() -> None:
    load = next(a for a in readiness({"resource": 3}) if a.what == "load of the resources")
    assert load.missing == ("routing",) and not load.ready


def test_every_need_is_a_planner_table() -> None:
    planner = {
        name for name, table in open_warehouse(":memory:").catalogue.items() if table.group == "planner"
    }
    assert {table for ability in readiness({}) for table in ability.needs} <= planner
