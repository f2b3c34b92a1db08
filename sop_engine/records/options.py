"""The options of a decision: lettered, with a title each, and the scenario that values them stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from string import ascii_uppercase

import pandas as pd

from sop_engine.errors import RecordError
from sop_engine.records.rules import require_text
from sop_engine.records.scenarios import save_scenario
from sop_engine.scenario import Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.change import Change


@dataclass(frozen=True)
class Option:
    """One way to decide; scenario_id values it, "" where none does.

    scenario: to be stored with the decision, where it is not stored yet
    assumptions: what it takes for granted, a line each
    data_version, figures: of the plan it was solved on last, and its scorecard as JSON
    """

    title: str
    scenario_id: str = ""
    note: str = ""
    assumptions: str = ""
    data_version: str = ""
    figures: str = ""
    scenario: Scenario | None = None


def lettered(change: Change, options: Sequence[Option], recommendation: str) -> pd.DataFrame:
    """The options as rows A, B, ...; refused where one has no title or a scenario that is not stored."""
    letters = list(ascii_uppercase[: len(options)])
    if not options:
        raise RecordError("A decision needs at least one option. Say what could be done.")
    if recommendation and recommendation not in letters:
        raise RecordError(
            f"The recommendation '{recommendation}' is no option. Options are {', '.join(letters)}."
        )
    for option in options:
        require_valid(change, option)
    rows = pd.DataFrame([asdict(option) for option in options]).drop(columns="scenario")
    return rows.assign(option=letters)


def require_valid(change: Change, option: Option) -> None:
    """Raises RecordError when an option has no title or its scenario is not stored."""
    require_text("An option's title", option.title)
    stored = change.read("SELECT 1 FROM scenario WHERE scenario_id = ?", [option.scenario_id])
    if option.scenario_id and stored.empty:
        raise RecordError(
            f"Scenario {option.scenario_id} of option '{option.title}' is not stored. Save it first."
        )


def stored(warehouse: Warehouse, option: Option, cycle: str, who: str, at: datetime) -> Option:
    """The option with its scenario stored: one of the cycle with the same levers is taken as it is."""
    if option.scenario is None:
        return option
    rows = warehouse.read("SELECT scenario_id, name, levers FROM scenario WHERE cycle = ?", [cycle])
    for row in rows.itertuples():
        if Scenario.from_json(row.levers) == option.scenario:
            return replace(option, scenario_id=row.scenario_id, scenario=None)
    title = require_text("An option's title", option.title)
    name = _free_name(title, set(rows["name"]))
    scenario_id = save_scenario(
        warehouse,
        replace(option.scenario, name=name),
        cycle=cycle,
        data_version=option.data_version,
        who=who,
        at=at,
        note=option.note,
    )
    return replace(option, scenario_id=scenario_id, scenario=None)


def _free_name(name: str, taken: set[str]) -> str:
    """The name, numbered where it is taken.

    >>> _free_name("Overtime", {"Overtime", "Overtime 2"})
    'Overtime 3'
    """
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
