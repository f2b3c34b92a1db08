"""What the draws of each option came to, kept so that the next visit, decisions and the pack show it."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pandas as pd

from sop_engine.risk.outcome import Outcomes
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse

STORED = ("measure", "p10", "p50", "p90", "budget", "reach_pct")


def result_id(version: str, drivers: str, levers: str, seed: int, draws: int) -> str:
    """The id of what these draws come to: the same question has the same one, and the same answer."""
    words = "|".join((version, drivers, Scenario.from_json(levers).to_json(), str(seed), str(draws)))
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def save_results(warehouse: Warehouse, outcomes: Outcomes, *, who: str, at: datetime) -> tuple[str, ...]:
    """Keep the quantiles of every option in one transaction; returns their ids, in the options' order."""
    summary, ids = outcomes.summary(), []
    with warehouse.transaction(who=who or "app", why="draws kept", at=at) as change:
        for option, rows in summary.groupby("option", sort=True):
            levers = outcomes.options[option].to_json()
            ids.append(result_id(outcomes.version, outcomes.drivers, levers, outcomes.seed, outcomes.draws))
            known = {
                "result_id": ids[-1],
                "cycle": outcomes.cycle,
                "data_version": outcomes.version,
                "levers": levers,
                "seed": outcomes.seed,
                "draws": outcomes.draws,
                "created_at": at,
                "created_by": who,
            }
            change.upsert("risk_result", rows[list(STORED)].assign(**known))
    return tuple(ids)


def read_results(warehouse: Warehouse, cycle: str) -> pd.DataFrame:
    """The last result of every option of a cycle, one row per measure, do-nothing first, then as drawn;
    columns of risk_result and `name`, the option's ("" is do-nothing).
    """
    rows = warehouse.read("SELECT * FROM risk_result WHERE cycle = ? ORDER BY created_at, result_id", [cycle])
    scenarios = {levers: Scenario.from_json(levers) for levers in rows["levers"].unique()}
    rows = rows.assign(
        name=[scenarios[levers].name for levers in rows["levers"]],
        asked=[scenarios[levers].levers for levers in rows["levers"]],
    )
    last = rows.drop_duplicates(["asked", "measure"], keep="last")
    first = [not asked for asked in last["asked"]]
    ordered = last.assign(first=first).sort_values(
        ["first", "created_at"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return ordered.drop(columns=["asked", "first"])
