"""Segments of the portfolio: counts and money against a loop over products."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_engine.product_review.segments import segment_table, segments
from tests.plans import small_inputs

INPUTS = small_inputs()


def test_every_product_that_sold_stands_in_one_segment() -> None:
    found = segments(INPUTS)
    table = segment_table(INPUTS).set_index("segment")
    assert found.tolist() == ["AX", "AX", ""]
    assert table["products"].sum() == 2 and table.loc["AX", "products"] == 2
    assert table["share_pct"].sum() == pytest.approx(100)
    assert table.loc["AX", "revenue"] == pytest.approx(12 * (120 + 60) * 10)


def test_stock_is_valued_product_by_product() -> None:
    network, cost = INPUTS.network, INPUTS.money.unit_cost[:, 0]
    expected = sum(network.on_hand[p].sum() * cost[p] for p in (0, 1))  # the frame is not sold
    assert segment_table(INPUTS)["stock_value"].sum() == pytest.approx(expected)
    only_b = segment_table(INPUTS, products=np.array([False, True, False]))
    assert only_b["products"].sum() == 1 and only_b["stock_value"].sum() == pytest.approx(
        network.on_hand[1].sum() * cost[1]
    )


def test_stock_without_a_cost_is_named() -> None:
    money = replace(INPUTS.money, unit_cost=np.full_like(INPUTS.money.unit_cost, np.nan))
    table = segment_table(replace(INPUTS, money=money))
    assert table["stock_value"].sum() == 0
    assert table["uncosted"].sum() == (INPUTS.network.on_hand[:2].sum(axis=1) > 0).sum()


def test_other_thresholds_give_other_segments() -> None:
    assert segments(INPUTS, {"abc_a_pct": 60.0}).tolist() == ["AX", "BX", ""]
    assert segments(INPUTS, {"xyz_x_limit": 0.0, "xyz_y_limit": 0.0}).tolist() == ["AZ", "AZ", ""]
