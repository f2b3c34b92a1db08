"""Reviews of exceptions: who put what aside, and that it can be taken up again once."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from sop_engine import records
from sop_engine.errors import ConflictError, RecordError
from sop_engine.warehouse import Warehouse, open_warehouse

CYCLE = "2014-01"
ANNA = {"who": "Anna", "at": datetime(2014, 1, 20, 9, 30)}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    records.open_cycle(opened, CYCLE, **ANNA)
    yield opened
    opened.close()


def cleared(warehouse: Warehouse, **changes: object) -> str:
    row = {"cycle": CYCLE, "kind": "budget", "family": "Bikes", "pct": 12.5, "note": " Known since May "}
    return records.clear_exception(warehouse, **{**row, **changes}, **ANNA)


def test_an_exception_is_put_aside_with_its_value_and_taken_up_again_once(warehouse: Warehouse) -> None:
    review_id = cleared(warehouse)
    row = records.of_cycle(warehouse, "exception_review", CYCLE).iloc[0]
    assert (row["review_id"], row["value"], row["note"]) == (review_id, 12.5, "Known since May")
    assert (row["created_by"], row["created_at"], bool(row["active"])) == ("Anna", ANNA["at"], True)
    records.reopen_exception(warehouse, review_id, **ANNA, reason="It moved")
    assert not records.of_cycle(warehouse, "exception_review", CYCLE)["active"].any()
    with pytest.raises(ConflictError):
        records.reopen_exception(warehouse, review_id, **ANNA, reason="Twice")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "weather"}, "no rule for exceptions"),
        ({"note": " "}, "What was found is blank"),
        ({"cycle": "2019-01"}, "never opened"),
    ],
)
def test_a_review_without_rule_note_or_open_cycle_is_refused(
    warehouse: Warehouse, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(RecordError, match=message):
        cleared(warehouse, **changes)
    assert records.of_cycle(warehouse, "exception_review").empty
