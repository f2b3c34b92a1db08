"""The sample company: Adventure Works Cycles, loaded as a planner would, its January 2014 cycle opened."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sop_engine.inputs.reader import read_scene
from sop_engine.records import default_due_dates, open_cycle
from sop_engine.warehouse import LoadResult, Warehouse, load

FOLDER = Path(__file__).resolve().parent.parent / "data" / "adventure_works"
OWNERS = {
    "product": "Product manager",
    "demand": "Demand planner",
    "supply": "Supply planner",
    "finance": "Controller",
    "pre_sop": "S&OP coordinator",
    "executive": "General manager",
}


def load_sample(warehouse: Warehouse, *, who: str, at: datetime) -> LoadResult:
    """Load the sample company's files and open its cycle, one owner per review by their role.

    Raises DataError when the files have faults, RecordError when the cycle was opened before.
    """
    files = [(file.name, file.read_bytes()) for file in sorted(FOLDER.glob("*.csv"))]
    result = load(warehouse, files, who=who, at=at)
    calendar = read_scene(warehouse).calendar
    open_cycle(
        warehouse,
        calendar.labels[calendar.now],
        who=who,
        at=at,
        owners=OWNERS,
        due=default_due_dates(at.date()),
    )
    return result
