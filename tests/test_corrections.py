"""Judging flagged periods: what is recorded, what is refused, and what the baseline is fitted on."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from sop_engine.errors import ConflictError, RecordError
from sop_engine.inputs.reader import history_version, read_inputs, read_scene
from sop_engine.records import (
    accept_correction,
    of_cycle,
    open_cycle,
    reject_correction,
    withdraw_correction,
)
from sop_engine.refresh import is_fresh, refresh
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded, small_tables

ANN = {"who": "Ann", "at": AT}
FLAG = {"cycle": "2014-01", "product": "A", "period": date(2013, 3, 1), "kind": "outlier"}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = loaded(small_tables())
    open_cycle(opened, "2014-01", **ANN)
    yield opened
    opened.close()


def test_an_accepted_correction_is_fitted_and_the_history_stays_as_it_was(warehouse: Warehouse) -> None:
    raw = read_scene(warehouse).units
    made = accept_correction(warehouse, **FLAG, units=60, reason="One-off", evidence="2 x", **ANN)
    scene = read_scene(warehouse)
    assert np.array_equal(scene.units, raw, equal_nan=True)
    assert scene.cleaned[0, :, 20] == pytest.approx([50, 10])
    row = of_cycle(warehouse, "history_correction").iloc[0]
    assert (row["correction_id"], row["raw_units"], row["units"], row["status"]) == (
        made,
        120,
        60,
        "accepted",
    )
    assert (row["evidence"], row["reason"], row["created_by"]) == ("2 x", "One-off", "Ann")


def test_only_what_is_accepted_and_stands_makes_the_baseline_stale(warehouse: Warehouse) -> None:
    refresh(warehouse, **ANN)
    first, version = history_version(warehouse), read_inputs(warehouse).version
    reject_correction(warehouse, **FLAG | {"period": date(2013, 4, 1)}, reason="It was real", **ANN)
    assert is_fresh(warehouse)
    made = accept_correction(warehouse, **FLAG, units=60, reason="One-off", **ANN)
    assert not is_fresh(warehouse) and refresh(warehouse, **ANN)
    assert read_inputs(warehouse).version != version
    withdraw_correction(warehouse, made, reason="It was real after all", **ANN)
    assert history_version(warehouse) == first
    refresh(warehouse, **ANN)
    assert read_inputs(warehouse).version == version


def test_a_cell_is_judged_once_until_it_is_withdrawn(warehouse: Warehouse) -> None:
    made = reject_correction(warehouse, **FLAG, reason="It was real", **ANN)
    with pytest.raises(ConflictError, match=f"A in 2013-03-01 was judged already: {made} rejected by Ann"):
        accept_correction(warehouse, **FLAG, units=60, reason="One-off", **ANN)
    with pytest.raises(ConflictError, match="Withdraw that first"):
        accept_correction(warehouse, **FLAG, market="West", units=6, reason="One-off", **ANN)
    withdraw_correction(warehouse, made, reason="Another look", **ANN)
    with pytest.raises(ConflictError, match=f"{made} was withdrawn by Ann meanwhile"):
        withdraw_correction(warehouse, made, reason="Another look", **ANN)
    accept_correction(warehouse, **FLAG, market="West", units=6, reason="One-off", **ANN)
    accept_correction(warehouse, **FLAG, market="East", units=90, reason="One-off", **ANN)
    assert list(read_scene(warehouse).cleaned[0, :, 20]) == [90, 6]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"units": -1.0}, "-1 units cannot have been demanded"),
        ({"units": float("nan")}, "nan units cannot have been demanded"),
        ({"reason": " "}, "The reason is blank"),
        ({"kind": "typo"}, "'typo' is no kind of flag"),
        ({"period": date(2014, 1, 1)}, "does not hold 2014-01-01"),
        ({"period": date(2010, 1, 1)}, "does not hold 2010-01-01"),
        ({"product": "Z"}, "The history of Z does not hold"),
        ({"product": "F"}, "The history of F does not hold"),
        ({"market": "North"}, "The history of A in North does not hold"),
        ({"cycle": "2014-02"}, "Cycle 2014-02 was never opened"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    warehouse: Warehouse, change: dict[str, object], words: str
) -> None:
    with pytest.raises(RecordError, match=words):
        accept_correction(warehouse, **{**FLAG, "units": 60.0, "reason": "One-off", **ANN, **change})
    assert of_cycle(warehouse, "history_correction").empty


def test_a_closed_cycle_is_not_judged_in(warehouse: Warehouse) -> None:
    with warehouse.transaction(who="test", why="close", at=AT) as change:
        change.update("cycle", {"cycle": "2014-01"}, {"status": "closed"})
    with pytest.raises(RecordError, match="2014-01 is closed"):
        reject_correction(warehouse, **FLAG, reason="It was real", **ANN)
