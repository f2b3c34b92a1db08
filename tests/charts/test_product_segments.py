"""The matrix of segments, and what a policy would do to stock targets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sop_engine.charts import product_segments as charts
from sop_engine.charts.style import LIGHT
from sop_engine.inputs import read_inputs, settled
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan, plan
from sop_engine.product_review.segments import segment_table, with_policies
from sop_engine.records.segments import SegmentPolicy, set_segment_policies
from sop_engine.refresh import refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded, small_tables


@pytest.fixture(scope="module")
def company() -> Iterator[tuple[Warehouse, Plan]]:
    tables = small_tables()
    sales = tables["sales_history"]
    uneven = sales["period"].rank(method="dense") % 3  # without an error there is no safety stock
    tables["sales_history"] = sales.assign(units=sales["units"] * (0.9 + 0.1 * uneven))
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    yield warehouse, plan(read_inputs(warehouse))
    warehouse.close()


def stock_value(solved: Plan) -> float:
    """Mean over the reported months of the plan's own targets at standard cost, place by place."""
    horizon, target = solved.inputs.calendar.horizon, solved.supply.target
    cost = np.nan_to_num(solved.finance.unit_cost)
    return (
        sum(
            float(target[p, s, t] * cost[p, t])
            for p in range(target.shape[0])
            for s in range(target.shape[1])
            for t in range(horizon)
        )
        / horizon
    )


def test_what_is_said_before_saving_is_what_the_plan_wants_after(company: tuple[Warehouse, Plan]) -> None:
    warehouse, before = company
    demand = plan(settled(before.inputs)).demand
    tried = with_policies(before.inputs, Tables(warehouse.read), {"AX": 99.5})
    effect = charts.policy_effect(before, tried, demand)
    policy = SegmentPolicy("AX", 99.5)
    set_segment_policies(warehouse, (policy,), reason="agreed", who="Ana", at=AT)
    after = plan(read_inputs(warehouse))
    assert effect.products == 1, "A only: a line names B, and the frame is in no segment"
    assert effect.before == pytest.approx(stock_value(before))
    assert effect.after == pytest.approx(stock_value(after)) and effect.after > effect.before
    assert "1 product gets another service level" in charts.effect_words(effect, "USD")
    same = charts.policy_effect(
        after, with_policies(after.inputs, Tables(warehouse.read), {"AX": 99.5}), demand
    )
    assert same.products == 0 and charts.effect_words(same, "USD").startswith("No product's service level")


def test_the_matrix_shows_every_segment(company: tuple[Warehouse, Plan]) -> None:
    table = segment_table(company[1].inputs)
    for measure in charts.MEASURES:
        (heat,) = charts.matrix(table, measure, LIGHT, "USD")["data"]
        rows = table.set_index("segment")[measure]
        assert heat["z"][0][0] == pytest.approx(rows["AX"]) and heat["z"][2][2] == pytest.approx(rows["CZ"])


def test_the_sentence_says_what_is_not_known(company: tuple[Warehouse, Plan]) -> None:
    table = segment_table(company[1].inputs)
    assert "No segment has a policy" in charts.segment_words(table, 0)
    assert "2 of 9 segments have a service level" in charts.segment_words(table, 2)
    assert "load revenue" in charts.segment_words(table.assign(revenue=0.0), 0)


def test_moves_between_segments_are_counted() -> None:
    before, after = np.array(["AX", "AX", "", "CZ"]), np.array(["BX", "BX", "CZ", "CZ"])
    assert charts.moved_words(before, after) == (
        "3 products would change segment: 2 from AX to BX; 1 from - to CZ."
    )
    assert charts.moved_words(before, before) == "No product would change segment."
