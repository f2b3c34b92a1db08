from __future__ import annotations

import numpy as np

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.refresh import refresh
from tests.tables import AT, frame, loaded, small_tables


def read(*lanes: tuple) -> Inputs:
    warehouse = loaded(
        small_tables() | {"service_lane": frame("site market unit_cost transit_days priority", *lanes)}
    )
    refresh(warehouse, who="test", at=AT)
    inputs = read_inputs(warehouse)
    warehouse.close()
    return inputs


def test_lanes_are_ranked_by_priority_then_cost() -> None:
    """East: the plant by priority, then the vendor, cheaper than the depot; West has one lane."""
    network = read(
        ("Depot", "East", 5, 2, 2),
        ("Depot", "West", 2, 4, np.nan),
        ("Plant", "East", 9, 1, np.nan),
        ("Vendor", "East", np.nan, np.nan, 3),
    ).network
    lanes = network.other_lanes
    assert [network.sites.labels[site] for site in network.lane_site] == ["Plant", "Depot"]
    assert network.lane_cost.tolist() == [9, 2] and network.lane_days.tolist() == [1, 4]
    assert [network.sites.labels[site] for site in lanes.site] == ["Depot", "Vendor"]
    assert lanes.market.tolist() == [0, 0] and lanes.rank.tolist() == [1, 2]
    assert lanes.cost.tolist() == [5, 0] and lanes.days.tolist() == [2, 0]
    assert not lanes.cost.flags.writeable


def test_a_market_of_one_lane_has_no_other_and_of_none_has_no_first() -> None:
    network = read(("Depot", "East", 1, 2, 1)).network
    assert network.lane_site.tolist() == [network.sites.positions["Depot"], -1]
    assert len(network.other_lanes) == 0 and network.other_lanes.market.dtype == int
