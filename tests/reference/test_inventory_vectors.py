"""Published projections of stock, its coverage in months of the demand that follows, and their status."""

from __future__ import annotations

import numpy as np

from sop_engine.supply_review.inventory import cover_status, coverage, projected_stock

DEMAND = np.array(
    [
        [
            360,
            458,
            300,
            264,
            140,
            233,
            229,
            208,
            260,
            336,
            295,
            226,
            336,
            434,
            276,
            240,
            116,
            209,
            205,
            183,
            235,
            312,
            270,
            201,
        ]
    ],
    dtype=float,
)
STOCK = np.array(
    [
        [
            950,
            492,
            192,
            -72,
            -212,
            2055,
            1826,
            1618,
            1358,
            1022,
            727,
            501,
            165,
            -269,
            -545,
            1215,
            1099,
            890,
            685,
            502,
            267,
            -45,
            -315,
            -516,
        ]
    ],
    dtype=float,
)
COVER = np.array(
    [
        [
            2.7,
            1.7,
            0.7,
            0,
            0,
            7.4,
            6.4,
            5.4,
            4.4,
            3.4,
            2.4,
            1.4,
            0.4,
            0,
            0,
            5.9,
            4.9,
            3.9,
            2.9,
            1.9,
            0.9,
            0,
            0,
            0,
        ]
    ]
)


def test_projected_stock() -> None:
    supply = np.zeros(DEMAND.shape)
    supply[0, 5], supply[0, 15] = 2500, 2000
    np.testing.assert_array_equal(projected_stock(np.array([1310.0]), supply, DEMAND), STOCK)


def test_coverage_counts_the_last_month_in_part() -> None:
    np.testing.assert_allclose(coverage(STOCK, DEMAND), COVER, atol=0.05)


def test_status_between_two_and_four_months() -> None:
    status = cover_status(STOCK, coverage(STOCK, DEMAND), low=2, high=4)[0]
    months = range(24)
    assert [m for m in months if status[m] == "shortage"] == [m for m in months if STOCK[0, m] < 0]
    assert [m for m in months if status[m] == "ok"] == [0, 9, 10, 17, 18]
    assert [m for m in months if status[m] == "overstock"] == [5, 6, 7, 8, 15, 16]
    assert [m for m in months if status[m] == "alert"] == [1, 2, 11, 12, 19, 20]
