"""Notes: written, closed with what came of it, handed on, and what two writers at once are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from sop_engine.errors import ConflictError, RecordError
from sop_engine.records import of_cycle, open_cycle
from sop_engine.records.notes import add_note, reassign_note, set_note_status
from sop_engine.warehouse import Warehouse, open_warehouse
from tests.tables import AT

ANN = {"who": "Ann", "at": AT}
BEN = {"who": "Ben", "at": AT + timedelta(hours=1)}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    warehouse = open_warehouse(tmp_path / "notes.duckdb")
    open_cycle(warehouse, "2014-01", **ANN)
    yield warehouse
    warehouse.close()


def written(warehouse: Warehouse, **words: object) -> str:
    what = {"cycle": "2014-01", "stage": "supply", "kind": "action", "text": "Ask", "owner": "Sam", **ANN}
    return add_note(warehouse, **{**what, **words})


def row(warehouse: Warehouse) -> pd.Series:
    return of_cycle(warehouse, "note").iloc[0]


def test_a_note_keeps_its_meeting_and_its_view(warehouse: Warehouse) -> None:
    written(warehouse, kind="parking", meeting_id="2014-01-M1", evidence='{"page": "proof"}', text="  Later ")
    note = row(warehouse)
    assert (note["kind"], note["text"], note["status"]) == ("parking", "Later", "open")
    assert (note["meeting_id"], json.loads(note["evidence"])) == ("2014-01-M1", {"page": "proof"})
    assert pd.isna(note["closed_at"]) and note["closed_by"] == ""


def test_closing_says_who_when_and_what_came_and_opening_again_takes_it_back(warehouse: Warehouse) -> None:
    name = written(warehouse)
    set_note_status(warehouse, name, "done", seen="open", reason=" Asked ", **BEN)
    note = row(warehouse)
    assert (note["status"], note["closed_by"], note["reason"]) == ("done", "Ben", "Asked")
    assert note["closed_at"].to_pydatetime() == BEN["at"]
    set_note_status(warehouse, name, "open", seen="done", reason="Ask again", **ANN)
    note = row(warehouse)
    assert note["status"] == "open" and pd.isna(note["closed_at"]) and note["closed_by"] == ""


def test_what_is_dropped_needs_a_reason_and_a_status_must_be_known(warehouse: Warehouse) -> None:
    name = written(warehouse)
    with pytest.raises(RecordError, match="reason to drop it is blank"):
        set_note_status(warehouse, name, "dropped", seen="open", reason=" ", **ANN)
    with pytest.raises(RecordError, match="no status of a note"):
        set_note_status(warehouse, name, "lost", seen="open", **ANN)
    assert row(warehouse)["status"] == "open"


def test_a_note_of_a_closed_cycle_can_still_be_closed_but_none_can_be_added(warehouse: Warehouse) -> None:
    name = written(warehouse)
    with warehouse.transaction(**ANN, why="over") as change:
        change.update("cycle", {"cycle": "2014-01"}, {"status": "closed"})
    with pytest.raises(RecordError, match="is closed"):
        written(warehouse)
    set_note_status(warehouse, name, "done", seen="open", **BEN)
    assert row(warehouse)["status"] == "done"


def test_handing_on_is_safe_against_somebody_else(warehouse: Warehouse) -> None:
    name = written(warehouse, due=date(2014, 1, 20))
    seen = row(warehouse)[["owner", "due"]].to_dict()
    reassign_note(warehouse, name, owner="Dora", due=date(2014, 2, 3), seen=seen, **ANN)
    assert row(warehouse)["owner"] == "Dora" and row(warehouse)["due"] == pd.Timestamp("2014-02-03")
    with pytest.raises(ConflictError, match="changed by somebody else"):
        reassign_note(warehouse, name, owner="Finn", due=None, seen=seen, **BEN)
    assert row(warehouse)["owner"] == "Dora"
    audit = warehouse.read("SELECT why, before FROM audit_log WHERE \"table\" = 'note' AND action = 'update'")
    assert "Dora" in audit["why"][0] and "Sam" in audit["before"][0]


def test_a_deadline_can_be_set_and_taken_away(warehouse: Warehouse) -> None:
    name = written(warehouse)
    reassign_note(warehouse, name, owner="Sam", due=date(2014, 2, 3), seen=row(warehouse), **ANN)
    reassign_note(warehouse, name, owner="Sam", due=None, seen=row(warehouse), **ANN)
    assert pd.isna(row(warehouse)["due"])


def test_a_closed_note_is_not_handed_on(warehouse: Warehouse) -> None:
    name = written(warehouse)
    set_note_status(warehouse, name, "done", seen="open", **ANN)
    with pytest.raises(RecordError, match="is done by Ann"):
        reassign_note(warehouse, name, owner="Dora", due=None, seen=row(warehouse), **BEN)
