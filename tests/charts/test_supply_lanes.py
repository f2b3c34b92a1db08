"""What lanes beside the first serve, in a table and a sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.charts import supply_lanes as charts
from sop_engine.charts.view import whole_company
from sop_engine.plan import Plan, plan
from sop_engine.scenario import Lever, Scenario
from tests.supply_review.test_lanes import DEPOT_SERVES_EAST, each_month, stocked


def served(*levers: Lever, **changes: object) -> Plan:
    """Of 50 in each of six months the store lacks 20 in the first and 10 in the third."""
    stock = {"Store": 30.0, "Depot": 15.0, "Far": 100.0}
    inputs = stocked(stock, {"Store": each_month(0, 50, 40, 50)}, **changes)
    return plan(inputs, Scenario(levers))


LANES = (DEPOT_SERVES_EAST, {"market": "East", "site": "Far", "cost": 0.5, "rank": 2})


def test_each_lane_has_its_units_share_and_freight() -> None:
    made = served(other_lanes=LANES)
    table = charts.lanes_table(made, whole_company(made))
    assert table[["market", "first lane", "served by"]].to_numpy().tolist() == [
        ["East", "Store", "Depot"],
        ["East", "Store", "Far"],
    ]
    assert table["units"].tolist() == pytest.approx([15.0, 15.0])
    assert table["of the market's deliveries, %"].tolist() == pytest.approx([5.0, 5.0])
    assert table.iloc[:, -1].tolist() == pytest.approx([15 * 2.0, 15 * -0.5])
    assert charts.sentence(table) == (
        "Depot serves 15 units of East in place of Store; all lanes beside the first 30."
    )


def test_the_view_and_the_freight_lever_count() -> None:
    made = served(Lever("freight", 100), other_lanes=LANES)
    view = whole_company(made)
    table = charts.lanes_table(made, replace(view, periods=view.periods[1:]))
    assert table["units"].sum() == pytest.approx(10.0)
    assert table.iloc[:, -1].sum() == pytest.approx(2 * -0.5 * 10)
    nowhere = replace(view, markets=np.zeros_like(view.markets))
    assert charts.lanes_table(made, nowhere).empty


def test_where_no_other_lane_serves_there_is_no_line() -> None:
    made = served(other_lanes=())
    assert charts.lanes_table(made, whole_company(made)).empty
