"""The sample company: Adventure Works Cycles, loaded as a planner would, its January 2014 cycle opened."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pandas as pd

from sop_engine.executive_sop.tasks import canon_tasks
from sop_engine.executive_sop.working_days import WORKING_DAYS, due_dates
from sop_engine.inputs.reader import read_scene
from sop_engine.past_cycles import write_past
from sop_engine.records import open_cycle
from sop_engine.records.pipeline import keep_sample_pipeline
from sop_engine.records.risks import add_risk
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
# what earlier cycles would have seen: {project: launch as planned in Nov 13, in Dec 13}
PAST_LAUNCHES = {
    "Touring-2000 Yellow": ("2014-03", "2014-03"),
    "Women's Shorts XL": ("2014-04", "2014-04"),
    "Hydration Pack 100": ("2014-05", "2014-06"),
    "Road-750 Red": ("2014-05", "2014-07"),
    "Mountain-250": ("2015-01", "2015-01"),
    "Road-350-W Blue": ("2015-01", "2015-02"),
}
PAST_CYCLES = ("2013-11", "2013-12")
RISKS = (
    {
        "kind": "risk",
        "title": "A second touring rival cuts its prices",
        "cause": "Trade press",
        "probability_pct": 35.0,
        "units": -420.0,
        "revenue": -560_000.0,
        "gross_margin": -150_000.0,
        "family": "Touring Bikes",
        "from_period": date(2014, 4, 1),
        "to_period": date(2014, 9, 1),
        "owner": "Touring product manager",
        "response": "Answer with the yellow frame a month earlier",
    },
    {
        "kind": "opportunity",
        "title": "A chain of shops lists helmets and jerseys",
        "cause": "Talks of the reseller channel",
        "probability_pct": 50.0,
        "units": 6_000.0,
        "revenue": 190_000.0,
        "gross_margin": 90_000.0,
        "from_period": date(2014, 5, 1),
        "to_period": date(2014, 12, 1),
        "owner": "Accessories product manager",
        "response": "Offer by March",
    },
)


def load_sample(warehouse: Warehouse, *, who: str, at: datetime) -> LoadResult:
    """Load the sample company's files, write the cycles before and open its own, one owner per review by
    their role, with views of past pipelines and risks that are marked as made up and count in no figure.

    Raises DataError when the files have faults, RecordError when the cycle was opened before.
    """
    files = [(file.name, file.read_bytes()) for file in sorted(FOLDER.glob("*.csv"))]
    result = load(warehouse, files, who=who, at=at)
    calendar = read_scene(warehouse).calendar
    cycle = calendar.labels[calendar.now]
    due = due_dates(at.date())
    write_past(warehouse, OWNERS, open_until=due["pre_sop"])
    tasks = canon_tasks(WORKING_DAYS)
    open_cycle(warehouse, cycle, who=who, at=at, owners=OWNERS, due=due, tasks=tasks)
    keep_sample_pipeline(warehouse, _past_pipelines(warehouse), who=who, at=at)
    for risk in RISKS:
        add_risk(warehouse, cycle=cycle, who=who, at=at, sample=True, **risk)
    return result


def _past_pipelines(warehouse: Warehouse) -> pd.DataFrame:
    """The loaded pipeline as PAST_CYCLES would have seen it, without money: nobody valued it."""
    loaded = warehouse.read("SELECT * FROM pipeline ORDER BY project")
    columns = ["project", "product", "gate", "baseline_launch_period", "in_plan", "probability_pct"]
    views = [
        loaded[columns].assign(
            cycle=cycle, launch_period=[pd.Timestamp(PAST_LAUNCHES[name][at]) for name in loaded["project"]]
        )
        for at, cycle in enumerate(PAST_CYCLES)
    ]
    return pd.concat(views, ignore_index=True)
