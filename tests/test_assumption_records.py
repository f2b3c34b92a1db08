"""Assumptions as records: what is refused, what stays on file, and who changed it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from sop_engine.assumptions.assumption import assumptions_of
from sop_engine.errors import ConflictError, RecordError
from sop_engine.records import Option, close_cycle, of_cycle, open_cycle, raise_decision
from sop_engine.records.assumptions import (
    add_assumption,
    leaning_records,
    retire_assumption,
    revise_assumption,
)
from sop_engine.warehouse import Warehouse
from tests.tables import AT, loaded, small_tables

BY = {"who": "Ann", "at": AT}
MEASURED = {
    "measure": "demand_units",
    "family": "Bikes",
    "from_period": date(2014, 1, 1),
    "to_period": date(2014, 3, 1),
    "expected": 180.0,
    "tolerance_pct": 5.0,
}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    found = loaded(small_tables())
    open_cycle(found, "2014-01", **BY)
    yield found
    found.close()


def add(warehouse: Warehouse, **said: object) -> str:
    return add_assumption(warehouse, **{"cycle": "2014-01", "text": "Shops keep buying", **BY, **said})


def kept(warehouse: Warehouse) -> dict[str, object]:
    return of_cycle(warehouse, "assumption").iloc[-1].to_dict()


def test_it_is_numbered_kept_in_words_and_audited(warehouse: Warehouse) -> None:
    assert (add(warehouse), add(warehouse, **MEASURED, sample=True)) == ("2014-01-A1", "2014-01-A2")
    words, measured = assumptions_of(of_cycle(warehouse, "assumption"), "2014-01")
    assert (words.measure, words.stages, words.owner, words.sample) == ("", (), "Ann", False)
    assert (measured.family, measured.expected, measured.last) == ("Bikes", 180.0, date(2014, 3, 1))
    assert measured.sample and measured.stages == ("demand", "supply", "finance")
    log = warehouse.read("SELECT who, why FROM audit_log WHERE \"table\" = 'assumption'")
    assert log.to_numpy().tolist() == [["Ann", "Shops keep buying"]] * 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"text": " "}, "blank"),
        ({"cycle": "2014-02"}, "never opened"),
        ({"measure": "weather"}, "no measure"),
        ({"family": "Bikes"}, "Words only"),
        ({**MEASURED, "expected": None}, "expected is blank"),
        ({**MEASURED, "expected": 0.0}, "above 0"),
        ({**MEASURED, "expected": float("nan")}, "above 0"),
        ({**MEASURED, "tolerance_pct": -1.0}, "tolerance"),
        ({**MEASURED, "to_period": date(2013, 1, 1)}, "before it begins"),
        ({**MEASURED, "product": "A"}, "Name one"),
        ({**MEASURED, "family": "Trikes"}, "no family"),
        ({**MEASURED, "market": "Moon"}, "no market"),
        ({**MEASURED, "currency": "EUR"}, "belongs to an exchange rate"),
        ({**MEASURED, "measure": "exchange_rate"}, "belongs to an exchange rate"),
        ({**MEASURED, "measure": "exchange_rate", "currency": "CHF"}, "no currency"),
        ({**MEASURED, "rests_on": ["2014-01-O9"]}, "no override, request or decision"),
    ],
)
def test_what_makes_no_sense_is_refused(warehouse: Warehouse, said: dict[str, object], words: str) -> None:
    with pytest.raises(RecordError, match=words):
        add(warehouse, **said)
    assert of_cycle(warehouse, "assumption").empty


def test_records_that_lean_on_it_are_named(warehouse: Warehouse) -> None:
    decision = raise_decision(
        warehouse,
        cycle="2014-01",
        question="Which line?",
        options=[Option("A", ""), Option("B", "")],
        recommendation="A",
        owner="Ann",
        decide_by=None,
        reason="r",
        **BY,
    )
    offered = leaning_records(warehouse, "2014-01")
    assert offered[["kind", "id", "words"]].to_numpy().tolist() == [["decision", decision, "Which line?"]]
    add(warehouse, **MEASURED, rests_on=[decision])
    (found,) = assumptions_of(of_cycle(warehouse, "assumption"), "2014-01")
    assert found.rests_on == (decision,)


def test_a_correction_is_audited_and_what_it_measures_stays(warehouse: Warehouse) -> None:
    assumption = add(warehouse, **MEASURED)
    seen = {"expected": 180.0, "owner": "Ann"}
    revise_assumption(
        warehouse, assumption, {"expected": 170.0, "owner": "Ann"}, seen=seen, reason="fewer shops", **BY
    )
    assert kept(warehouse)["expected"] == 170.0
    with pytest.raises(ConflictError, match="expected is now '170.0'"):
        revise_assumption(warehouse, assumption, {"expected": 160.0}, seen=seen, reason="x", **BY)
    for changes, words in (
        ({"measure": "revenue"}, "Retire it and write another"),
        ({"expected": -1.0}, "above 0"),
        ({"text": ""}, "blank"),
        ({}, "Nothing is changed"),
    ):
        seen = {"measure": "demand_units", "expected": 170.0, "text": "Shops keep buying"}
        with pytest.raises(RecordError, match=words):
            revise_assumption(warehouse, assumption, changes, seen=seen, reason="x", **BY)
    why = warehouse.read("SELECT why FROM audit_log WHERE \"table\" = 'assumption' ORDER BY audit_id")["why"]
    assert why.tolist() == ["Shops keep buying", "fewer shops"]


def test_what_is_retired_stays_on_record_and_is_watched_no_more(warehouse: Warehouse) -> None:
    assumption = add(warehouse, **MEASURED)
    with pytest.raises(RecordError, match="reason is blank"):
        retire_assumption(warehouse, assumption, reason=" ", **BY)
    retire_assumption(warehouse, assumption, reason="the fair is over", **BY)
    assert kept(warehouse)["status"] == "retired"
    assert assumptions_of(of_cycle(warehouse, "assumption"), "2014-01") == ()
    with pytest.raises(ConflictError, match="retired by now"):
        retire_assumption(warehouse, assumption, reason="again", **BY)
    with pytest.raises(RecordError, match="no assumption"):
        retire_assumption(warehouse, "2014-01-A9", reason="x", **BY)


def test_an_open_one_stands_in_every_later_cycle(warehouse: Warehouse) -> None:
    assumption = add(warehouse, **MEASURED)
    close_cycle(warehouse, "2014-01", unpublished="nothing changed", **BY)
    open_cycle(warehouse, "2014-02", **BY)
    rows = of_cycle(warehouse, "assumption")
    assert assumptions_of(rows, "2013-12") == ()
    assert [one.assumption_id for one in assumptions_of(rows, "2014-02")] == [assumption]
    retire_assumption(warehouse, assumption, reason="settled", **BY)
    assert kept(warehouse)["cycle"] == "2014-01"
