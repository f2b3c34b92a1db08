"""What is written down of segments, and what it does to the stock policy of the plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sop_engine.errors import RecordError
from sop_engine.inputs import Inputs, read_inputs
from sop_engine.inputs.segments import product_classes
from sop_engine.inputs.stock_policy import read_policy
from sop_engine.inputs.tables import Tables
from sop_engine.plan import plan
from sop_engine.records.segments import (
    SegmentPolicy,
    set_segment_policies,
    stored_policies,
)
from sop_engine.records.settings import set_settings
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded, small_tables
from tests.warehouse.files import faults
from tests.warehouse.files import loaded as load_files

WHO = {"reason": "agreed", "who": "Ana", "at": AT}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    tables = small_tables()
    sales = tables["sales_history"]
    uneven = sales["period"].rank(method="dense") % 3  # without an error there is no safety stock
    tables["sales_history"] = sales.assign(units=sales["units"] * (0.9 + 0.1 * uneven))
    opened = loaded(tables)
    refresh(opened, who="test", at=AT)
    yield opened
    opened.close()


def level(inputs: Inputs, product: str, site: str) -> float:
    at = inputs.products.positions[product], inputs.network.sites.positions[site]
    return float(inputs.network.service_level[at])


def segment(inputs: Inputs, product: str) -> str:
    demand, season = inputs.demand, inputs.calendar.season
    classes = product_classes(demand.history, demand.revenue_history, season, inputs.settings)
    return str(classes.segment[inputs.products.positions[product]])


def test_a_policy_moves_the_plan_of_products_that_no_line_names(warehouse: Warehouse) -> None:
    before = read_inputs(warehouse)
    assert segment(before, "A") == "AX" and segment(before, "B") == "AX" and segment(before, "F") == ""
    set_segment_policies(warehouse, (SegmentPolicy("AX", 99.0, "keep in stock"),), **WHO)
    after = read_inputs(warehouse)
    assert after.version != before.version
    assert level(before, "A", "Depot") == 0.95 and level(after, "A", "Depot") == 0.99
    assert level(after, "B", "Depot") == 0.90, "a line that names the product wins"
    assert level(after, "F", "Depot") == 0.95, "what never sold is in no segment"
    assert np.isnan(level(after, "A", "Plant")), "no line wants stock there"
    a, depot = after.products.positions["A"], after.network.sites.positions["Depot"]
    assert plan(after).supply.target[a, depot, 3] > plan(before).supply.target[a, depot, 3]


def test_without_any_line_a_segment_is_kept_where_markets_are_served(warehouse: Warehouse) -> None:
    with warehouse.transaction(who="test", why="none", at=AT) as change:
        change.delete("inventory_policy", {"product": "", "site": "Depot"})
    set_segment_policies(warehouse, (SegmentPolicy("AX", 97.0),), **WHO)
    inputs = read_inputs(warehouse)
    assert level(inputs, "A", "Depot") == 0.97 and np.isnan(level(inputs, "A", "Plant"))
    assert level(inputs, "B", "Depot") == 0.90 and np.isnan(level(inputs, "F", "Plant"))


def test_a_policy_without_a_level_and_an_empty_table_change_no_array(warehouse: Warehouse) -> None:
    before = read_inputs(warehouse)
    set_segment_policies(warehouse, (SegmentPolicy("AX", treatment="make to order"),), **WHO)
    worded = read_inputs(warehouse)
    set_segment_policies(warehouse, (SegmentPolicy("AX"),), **WHO)
    assert stored_policies(warehouse) == {}
    for inputs in (worded, read_inputs(warehouse)):
        same = np.array_equal(inputs.network.service_level, before.network.service_level, equal_nan=True)
        assert same


def test_the_policy_before_it_is_saved_is_the_one_after(warehouse: Warehouse) -> None:
    inputs = read_inputs(warehouse)
    network, axes = inputs.network, (inputs.calendar, inputs.products)
    tried = np.where(np.isin(inputs.products.labels, ["A", "B"]), 0.8, np.nan)
    policy = read_policy(Tables(warehouse.read), *axes, network.sites, network.lane_site, tried)
    set_segment_policies(warehouse, (SegmentPolicy("AX", 80.0),), **WHO)
    saved = read_inputs(warehouse).network
    for name, cells in policy.items():
        assert np.array_equal(cells, getattr(saved, name), equal_nan=True)


def test_what_is_written_is_audited_line_by_line_and_only_where_it_changes(warehouse: Warehouse) -> None:
    kept, moved = SegmentPolicy("AX", 98.0), SegmentPolicy("CZ", 85.0)
    set_segment_policies(warehouse, (kept, moved), **WHO)
    set_segment_policies(warehouse, (kept, SegmentPolicy("CZ", 80.0)), **WHO)
    log = warehouse.read("""SELECT * FROM audit_log WHERE "table" = 'segment_policy' ORDER BY audit_id""")
    assert len(log) == 3 and "85.0" in log["before"].iloc[-1] and "80.0" in log["after"].iloc[-1]
    with pytest.raises(RecordError, match="Nothing changes"):
        set_segment_policies(warehouse, (kept,), **WHO)


@pytest.mark.parametrize(
    ("policy", "said"),
    [(SegmentPolicy("AW", 90.0), "is no segment"), (SegmentPolicy("AX", 101.0), "0 to 100")],
)
def test_what_is_no_policy_is_refused(warehouse: Warehouse, policy: SegmentPolicy, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        set_segment_policies(warehouse, (policy,), **WHO)
    assert stored_policies(warehouse) == {}


def test_thresholds_move_the_classes_and_the_data_version(warehouse: Warehouse) -> None:
    before = read_inputs(warehouse)
    set_settings(warehouse, {"abc_a_pct": 60.0, "abc_b_pct": 95.0}, **WHO)
    refresh(warehouse, who="test", at=AT)
    after = read_inputs(warehouse)
    assert after.version != before.version and after.settings["abc_a_pct"] == 60
    assert segment(before, "B") == "AX" and segment(after, "B") == "BX"  # A brings 67 % before it
    rows = warehouse.read("SELECT name FROM setting WHERE name LIKE 'abc%'")
    assert rows["name"].tolist() == ["abc_a_pct"], "what does not change is not written"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"abc_a_pct": 96.0}, "would lie above"),
        ({"xyz_y_limit": 0.4}, "would lie above"),
        ({"abc_a_pct": -1.0}, "out of bounds"),
        ({"complexity_cost": float("inf")}, "out of bounds"),
        ({"frozen": 2.0}, "is no setting"),
        ({"frozen_periods": 2.5}, "out of bounds"),
        ({"abc_a_pct": 80.0}, "Nothing changes"),
    ],
)
def test_thresholds_that_cannot_be_are_refused(
    warehouse: Warehouse, values: dict[str, float], said: str
) -> None:
    with pytest.raises(RecordError, match=said):
        set_settings(warehouse, values, **WHO)
    assert warehouse.read("SELECT * FROM setting WHERE name LIKE '%a_pct'").empty


def test_a_file_of_policies_is_loaded_and_its_faults_are_named(warehouse: Warehouse) -> None:
    good = "segment,service_level_pct,treatment\nAX,98,keep in stock\nCZ,,make to order\n"
    load_files(warehouse, segment_policy=good)
    assert stored_policies(warehouse)["AX"] == SegmentPolicy("AX", 98.0, "keep in stock")
    assert level(read_inputs(warehouse), "A", "Depot") == 0.98
    bad = faults(warehouse, segment_policy="segment,service_level_pct\nAQ,98\nAX,120\n")
    assert {issue.column for issue in bad} == {"segment", "service_level_pct"}
