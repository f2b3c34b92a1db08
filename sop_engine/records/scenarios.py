"""Stored scenarios: named sets of levers, as the address carries them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sop_engine.errors import RecordError
from sop_engine.records.rules import require_open, require_text
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse


def save_scenario(
    warehouse: Warehouse,
    scenario: Scenario,
    *,
    cycle: str,
    data_version: str,
    who: str,
    at: datetime,
    note: str = "",
) -> str:
    """Store a scenario under its name; returns its id.

    Raises RecordError when it has no name or the cycle has that name.
    """
    name = require_text("The scenario's name", scenario.name)
    with warehouse.transaction(who=who, why=f"save scenario {name}", at=at) as change:
        require_open(change, cycle)
        if not change.read("SELECT 1 FROM scenario WHERE cycle = ? AND name = ?", [cycle, name]).empty:
            raise RecordError(f"Cycle {cycle} has a scenario '{name}' already. Choose another name.")
        levers = scenario.to_json()
        scenario_id = hashlib.sha256("|".join((cycle, name, levers, at.isoformat())).encode()).hexdigest()[:8]
        row = {
            "scenario_id": scenario_id,
            "name": name,
            "cycle": cycle,
            "author": who,
            "created_at": at,
            "data_version": data_version,
            "levers": levers,
            "note": note,
        }
        change.insert("scenario", row)
    return scenario_id


def delete_scenario(warehouse: Warehouse, scenario_id: str, *, who: str, at: datetime, why: str = "") -> None:
    """Remove a scenario. Raises RecordError when a decision, a signature or a published plan refers to it."""
    with warehouse.transaction(who=who, why=why or f"delete scenario {scenario_id}", at=at) as change:
        for table in ("decision_option", "sign_off", "plan_version"):
            if not change.read(f"SELECT 1 FROM {table} WHERE scenario_id = ?", [scenario_id]).empty:
                raise RecordError(f"Scenario {scenario_id} is part of a {table.replace('_', ' ')} and stays.")
        change.delete("scenario", {"scenario_id": scenario_id})
