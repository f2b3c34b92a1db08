"""Packs of the small company, whose names try to be formulas, and of a company that knows its sales only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pandas as pd

from sop_engine.exports.pack import gather
from sop_engine.exports.pack_material import Material
from sop_engine.inputs import Inputs, read_inputs
from sop_engine.plan import plan
from sop_engine.records import Option, add_note, of_cycle, open_cycle, raise_decision, save_scenario
from sop_engine.records.risks import add_risk
from sop_engine.refresh import refresh
from sop_engine.scenario import BASELINE, Lever, LeverKind, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model
from sop_engine.warehouse import Warehouse, load, open_warehouse
from tests.tables import AT, frame, loaded, small_tables

HOSTILE = ("=1+1", "+Raise", "-Ask", "@Rival", '=HYPERLINK("http://x.y")', "http://x.y")
MONTHS = [f"2014-{month:02d}-01" for month in range(1, 13)]


@cache
def small_material() -> Material:
    """The small company with a budget, two scenarios, a decision, a risk, an action and results of draws."""
    tables = small_tables()
    tables["product"] = frame(
        "product name family category sellable",
        ("A", HOSTILE[0], HOSTILE[4], "Cycles", True),
        ("B", "Cap", "@Caps", "Clothes", True),
        ("F", "Frame", "Frames", "Parts", False),
    )
    tables["budget"] = frame(
        "version family market period units revenue gross_margin",
        *(("AOP", HOSTILE[4], "", month, 130, 1500, 500) for month in MONTHS),
        *(("AOP", "@Caps", "", month, 60, 1300, 450) for month in MONTHS),
    )
    warehouse = loaded(tables)
    refresh(warehouse, who="test", at=AT)
    inputs, model = _compiled(warehouse)
    _record(warehouse, inputs)
    return gather(warehouse, plan(inputs, BASELINE, model), lambda one: plan(inputs, one, model), AT)


@cache
def sales_material() -> Material:
    """A company of which nothing but the sales history is known."""
    history = small_tables()["sales_history"][["product", "market", "period", "units"]]
    warehouse = open_warehouse(":memory:")
    upload = [("sales_history.csv", history.to_csv(index=False).encode())]
    load(warehouse, upload, who="test", at=AT, mode="replace")
    refresh(warehouse, who="test", at=AT)
    inputs, model = _compiled(warehouse)
    return gather(warehouse, plan(inputs, BASELINE, model), lambda one: plan(inputs, one, model), AT)


def _compiled(warehouse: Warehouse) -> tuple[Inputs, SupplyModel]:
    inputs = read_inputs(warehouse)
    return inputs, compile_model(inputs)


def _record(warehouse: Warehouse, inputs: Inputs) -> None:
    cycle, version = inputs.cycle, inputs.version
    if of_cycle(warehouse, "cycle", cycle).empty:
        open_cycle(warehouse, cycle, who="test", at=AT)
    more = Scenario((Lever(LeverKind.DEMAND, 10.0),), HOSTILE[0])
    dearer = Scenario((Lever(LeverKind.PRICE, 3.0),), HOSTILE[5])
    ids = [
        save_scenario(warehouse, one, cycle=cycle, data_version=version, who="test", at=AT)
        for one in (more, dearer)
    ]
    raise_decision(
        warehouse,
        cycle=cycle,
        question=HOSTILE[4],
        options=[Option("Do nothing"), Option(HOSTILE[1], ids[0])],
        who="test",
        at=AT,
        decide_by=date(2014, 1, 20),
    )
    add_risk(
        warehouse,
        cycle=cycle,
        kind="risk",
        title=HOSTILE[3],
        probability_pct=40,
        from_period=date(2014, 2, 1),
        to_period=date(2014, 9, 1),
        gross_margin=-500.0,
        who="test",
        at=AT,
    )
    add_note(
        warehouse,
        cycle=cycle,
        stage="executive",
        kind="action",
        text=HOSTILE[2],
        owner="Bo",
        who="test",
        at=AT,
    )
    with warehouse.transaction(who="test", why="draws", at=AT) as change:
        change.insert(
            "risk_result", pd.DataFrame([_drawn(cycle, version, more), _drawn(cycle, version, BASELINE)])
        )


def _drawn(cycle: str, version: str, scenario: Scenario) -> dict[str, object]:
    return {
        "result_id": f"R{len(scenario.levers)}",
        "cycle": cycle,
        "data_version": version,
        "levers": replace(scenario, name="").to_json(),
        "seed": 1,
        "draws": 300,
        "measure": "gross_margin",
        "p10": 900.0,
        "p50": 1000.0,
        "p90": 1200.0,
        "budget": 950.0,
        "reach_pct": 70.0,
        "created_at": AT,
        "created_by": "test",
    }
