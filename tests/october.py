"""The small company with a fiscal year from October: in January three of its months have passed, and costs
and rates changed in them."""

from __future__ import annotations

from functools import cache

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.refresh import refresh
from tests.tables import AT, frame, loaded, small_tables

YEAR = [f"2013-{month}-01" for month in (10, 11, 12)] + [f"2014-{month:02d}-01" for month in range(1, 10)]


@cache
def october_inputs() -> Inputs:
    """A cost 4 in October and November and 6 since; B 11 in December and 12 since, before that nobody says;
    EUR stood at 1.2 in October and November, at 1.3 since. Bikes have a budget of 1,500 a month all year,
    Caps of 1,300 in its first six months."""
    tables = small_tables()
    tables["setting"] = frame(
        "name value", ("base_currency", "USD"), ("horizon_periods", "12"), ("fiscal_year_start", "10")
    )
    tables["product"] = frame(
        "product family category sellable",
        ("A", "Bikes", "Cycles", True),
        ("B", "Caps", "Clothes", True),
        ("F", "Frames", "Parts", False),
    )
    tables["unit_cost"] = frame(
        "product period unit_cost",
        ("A", "2013-10-01", 4),
        ("A", "2013-12-01", 6),
        ("B", "2013-12-01", 11),
        ("B", "2014-01-01", 12),
        ("F", "2010-01-01", 2),
    )
    tables["fx_rate"] = frame(
        "currency period rate type",
        ("EUR", "2013-10-01", 1.2, "actual"),
        ("EUR", "2013-12-01", 1.3, "actual"),
    )
    tables["budget"] = frame(
        "version family market period units revenue gross_margin",
        *(("AOP", "Bikes", "", month, 130, 1500, 500) for month in YEAR),
        *(("AOP", "Caps", "", month, 60, 1300, 450) for month in YEAR[:6]),
    )
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    inputs = read_inputs(warehouse)
    warehouse.close()
    return inputs
