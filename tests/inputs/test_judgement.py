"""Streams and their weights as they are read, whatever the order and level of the rows."""

import numpy as np
import pandas as pd
import pytest

from sop_engine.inputs.judgement import (
    StreamLine,
    overrides_of,
    read_streams,
    stream_weights,
    weight_lines,
)
from sop_engine.inputs.tables import Tables
from sop_engine.warehouse import Warehouse
from tests.plans import small_inputs
from tests.tables import frame, loaded

INPUTS = small_inputs()
AXES = INPUTS.calendar, INPUTS.products, INPUTS.markets
COLUMNS = "stream product family market period units amount author sample"
ROWS = (
    ("sales", "A", "", "East", "2014-02-01", 120.0, np.nan, "Ann", False),
    ("sales", "A", "", "East", "2014-03-01", np.nan, 900.0, "Ann", False),
    ("sales", "", "Bikes", "Shop", "2014-02-01", 300.0, 5.0, "Ann", None),
    ("sales", "", "Cycles", "", "2013-12-01", 1.0, np.nan, "Ann", False),
    ("finance", "", "", "West", "2014-05-01", np.nan, 7000.0, "", False),
    ("marketing", "B", "", "", "2014-04-01", 80.0, np.nan, "", True),
)


def stored(*rows: tuple) -> Warehouse:
    return loaded({"forecast_stream": frame(COLUMNS, *rows)})


def said(lines: tuple[StreamLine, ...]) -> list[tuple]:
    return [
        (
            line.stream,
            line.products.tolist(),
            line.markets.tolist(),
            {t: float(line.units[t]) for t in np.flatnonzero(~np.isnan(line.units))},
            {t: float(line.amount[t]) for t in np.flatnonzero(~np.isnan(line.amount))},
            line.sample,
        )
        for line in lines
    ]


def test_rows_become_lines_of_their_scope_at_any_level_in_any_order() -> None:
    lines = said(read_streams(Tables(stored(*ROWS).read), *AXES))
    assert lines == [
        ("finance", [True, True, False], [False, True], {}, {4: 7000.0}, False),
        ("marketing", [False, True, False], [True, True], {3: 80.0}, {}, True),
        ("sales", [True, False, False], [True, True], {1: 300.0}, {}, False),
        ("sales", [True, False, False], [True, False], {1: 120.0}, {2: 900.0}, False),
    ]
    assert said(read_streams(Tables(stored(*ROWS[::-1]).read), *AXES)) == lines


def test_weights_come_from_the_setting_until_a_line_of_the_table_says_otherwise() -> None:
    warehouse = loaded(
        {
            "forecast_stream": frame(COLUMNS, ROWS[0], ROWS[4], ROWS[5]),
            "consensus_weight": frame(
                "stream family from_lag to_lag weight_pct",
                ("sales", "Bikes", 1, np.nan, 90),
                ("sales", "", 1, 3, 60),
                ("sales", "", 3, np.nan, 20),
            ),
        }
    )
    lines = weight_lines(Tables(warehouse.read), {"consensus_weight_finance_pct": 25.0})
    weights = stream_weights(lines, INPUTS.products, 5)
    assert weights["sales"].tolist() == [[0.9] * 5, *[[0.6, 0.6, 0.2, 0.2, 0.2]] * 2]
    assert (weights["finance"] == 0.25).all()
    assert set(weights) == {"sales", "finance"}, "a sample has no weight"
    assert list(lines["source"])[0] == "setting consensus_weight_finance_pct"


def test_a_month_that_has_passed_takes_its_part_of_a_total_with_it() -> None:
    row = {
        "override_id": "O1",
        "cycle": "2013-12",
        "product": "A",
        "family": "",
        "market": "",
        "from_period": pd.Timestamp("2013-12-01"),
        "to_period": pd.Timestamp("2014-03-01"),
        "kind": "units",
        "value": 400.0,
        "reason": "",
        "owner": "",
        "note": "",
        "expires": pd.NaT,
        "created_at": pd.Timestamp("2013-12-10"),
        "created_by": "",
        "active": True,
        "stage": "demand",
    }
    (override,) = overrides_of(pd.DataFrame([row]), *AXES)
    assert (override.first, override.last) == (1, 2), "January is frozen"
    assert override.share == pytest.approx(2 / 4)
    assert not overrides_of(pd.DataFrame([row | {"expires": pd.Timestamp("2013-12-31")}]), *AXES)
