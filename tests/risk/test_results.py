"""What the draws came to is kept, found again, and known by its question."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from sop_engine.records.risk_results import read_results, result_id, save_results
from sop_engine.scenario import BASELINE, Lever, Scenario
from sop_engine.warehouse import open_warehouse
from tests.risk.test_outcome import outcomes
from tests.tables import AT

MORE = Scenario((Lever("demand", 5),), "More")


def test_results_are_kept_and_the_last_of_each_option_is_read() -> None:
    warehouse = open_warehouse(":memory:")
    drawn = replace(outcomes(np.arange(22.0).reshape(2, 11), budget=4.0), options=(BASELINE, MORE))
    ids = save_results(warehouse, drawn, who="Ana", at=AT)
    save_results(warehouse, drawn, who="Ana", at=AT)
    later = replace(
        drawn, seed=2, options=(BASELINE,), values={k: v[:1] + 1 for k, v in drawn.values.items()}
    )
    later = replace(later, gaps={k: v[:1] + 1 for k, v in drawn.gaps.items()})
    (newer,) = save_results(warehouse, later, who="Ben", at=AT + timedelta(hours=1))
    rows = read_results(warehouse, "2014-01")
    margin = rows[rows["measure"] == "gross_margin"].reset_index(drop=True)
    assert list(margin["name"]) == ["", "More"] and list(margin["result_id"]) == [newer, ids[1]]
    assert margin["p50"].tolist() == pytest.approx([6.0, 16.0]) and margin["reach_pct"][1] == 100.0
    assert margin["budget"].tolist() == [4.0, 4.0]
    assert rows.loc[rows["measure"] == "fill_rate_pct", "reach_pct"].isna().all()
    assert len(rows) == 10 and read_results(warehouse, "2013-12").empty


def test_the_id_is_of_the_question() -> None:
    one = result_id("v", "d", MORE.to_json(), 1, 300)
    assert one == result_id("v", "d", MORE.to_json(), 1, 300)
    others = [("w", "d", 1, 300), ("v", "e", 1, 300), ("v", "d", 2, 300), ("v", "d", 1, 301)]
    assert one not in {result_id(v, d, MORE.to_json(), seed, draws) for v, d, seed, draws in others}
