"""The pipeline as each cycle kept it, written when the product review is signed, in the same transaction; and
the decision to go on with a launch, hold it or kill it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from sop_engine.finance_review.launch_value import first_year, own_value
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.lifecycle import Launch
from sop_engine.plan import Plan
from sop_engine.records.decisions import Option, raise_decision
from sop_engine.records.scenarios import save_scenario
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change


def keep_pipeline(change: Change, plan: Plan) -> None:
    """Keep the pipeline of a signed plan inside its transaction; signed again, the new view takes the place
    of the one before in the same cycle, which the audit log keeps.
    """
    cycle = {"cycle": plan.inputs.cycle}
    if not change.read("SELECT 1 FROM pipeline_history WHERE cycle = ? LIMIT 1", [plan.inputs.cycle]).empty:
        change.delete("pipeline_history", cycle)
    rows = pipeline_rows(plan)
    if len(rows):
        change.insert("pipeline_history", rows.assign(kept_at=change.at, kept_by=change.who))


def keep_sample_pipeline(warehouse: Warehouse, rows: pd.DataFrame, *, who: str, at: datetime) -> None:
    """Write views of past cycles that are made up to show the feature: they count in no figure.

    rows: cycle, project, product, gate, launch_period, baseline_launch_period, in_plan, probability_pct
    """
    with warehouse.transaction(who=who, why="sample of past pipelines", at=at) as change:
        change.insert("pipeline_history", rows.assign(kept_at=at, kept_by=who, sample=True))


def kept_pipelines(warehouse: Warehouse) -> pd.DataFrame:
    """The pipeline as all cycles kept it, columns as in schema_finance.sql."""
    return warehouse.read("SELECT * FROM pipeline_history ORDER BY cycle, project")


def pipeline_rows(plan: Plan) -> pd.DataFrame:
    """The pipeline of a plan, one row per project still to be launched, in the columns of pipeline_history.

    units, revenue, gross_margin: of the project's own units in its first year inside the plan.
    """
    rows = [_row(plan, launch) for launch in (*plan.portfolio.launches, *plan.portfolio.out)]
    columns = ["cycle", "project", "product", "gate", "gate_date", "launch_period", "baseline_launch_period"]
    columns += ["in_plan", "probability_pct", "units", "revenue", "gross_margin", "sample"]
    dates = {name: "datetime64[s]" for name in ("gate_date", "launch_period", "baseline_launch_period")}
    return pd.DataFrame(rows, columns=columns).astype(dates)


def launch_day(calendar: Calendar, period: int) -> date:
    """First day of a plan index's bucket; the day after the last bucket for what comes after the plan."""
    bucket = calendar.now + period
    if bucket >= len(calendar.starts):
        return (calendar.ends[-1] + np.timedelta64(1, "D")).item()
    return calendar.starts[max(bucket, 0)].item()


def raise_launch_decision(
    warehouse: Warehouse,
    inputs: Inputs,
    launch: Launch,
    options: Sequence[tuple[str, Scenario]],
    *,
    who: str,
    at: datetime,
    recommendation: str = "",
    owner: str = "",
    decide_by: date | None = None,
    value_at_stake: float | None = None,
) -> str:
    """Put a launch to the meeting; each option (title, scenario) points to a scenario stored in the cycle of
    `inputs`, one that is stored already is taken as it is. Returns the decision's id.

    recommendation: the letter of an option, or blank; value_at_stake: base currency
    """
    stored = [
        Option(title, _stored(warehouse, inputs, replace(scenario, name=title), who, at))
        for title, scenario in options
    ]
    return raise_decision(
        warehouse,
        cycle=inputs.cycle,
        question=f"Do we launch {launch.project}?",
        options=stored,
        who=who,
        at=at,
        recommendation=recommendation,
        owner=owner,
        decide_by=decide_by,
        reason=f"Launch of {launch.project}, gate {launch.gate or 'not stated'}",
        value_at_stake=value_at_stake,
    )


def _stored(warehouse: Warehouse, inputs: Inputs, scenario: Scenario, who: str, at: datetime) -> str:
    """Id of this scenario in the cycle: the one stored with its levers under its name, else stored now."""
    found = warehouse.read(
        "SELECT scenario_id, levers FROM scenario WHERE cycle = ? AND name = ?", [inputs.cycle, scenario.name]
    )
    if len(found) and Scenario.from_json(found["levers"][0]) == scenario:
        return str(found["scenario_id"][0])
    key = {"cycle": inputs.cycle, "data_version": inputs.version, "who": who, "at": at}
    return save_scenario(warehouse, scenario, **key)


def _row(plan: Plan, launch: Launch) -> dict[str, object]:
    inputs = plan.inputs
    value = own_value(inputs, plan.finance, launch, first_year(inputs, launch))
    return {
        "cycle": inputs.cycle,
        "project": launch.project,
        "product": inputs.products.labels[launch.product],
        "gate": launch.gate,
        "gate_date": launch.gate_date,
        "launch_period": launch_day(inputs.calendar, launch.launch),
        "baseline_launch_period": launch_day(inputs.calendar, launch.baseline_launch),
        "in_plan": launch.in_plan,
        "probability_pct": 100 * launch.probability,
        "units": value.units,
        "revenue": value.revenue,
        "gross_margin": value.gross_margin,
        "sample": False,
    }
