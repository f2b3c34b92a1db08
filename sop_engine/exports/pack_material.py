"""What a pack is made from: one solved plan, scenarios beside it, the record, and the time it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pandas as pd

from sop_engine.charts.numbers import months
from sop_engine.charts.view import View, whole_company
from sop_engine.executive_sop.scorecard import Scorecard, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.inputs.performance import PastSupply, read_performance
from sop_engine.inputs.reader import history_version
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import Check
from sop_engine.records import of_cycle
from sop_engine.replays import Replays, read_replays
from sop_engine.warehouse import Warehouse


@dataclass(frozen=True, eq=False)
class Material:
    """plan: with no lever moved; scenarios: solved on the same inputs, under their names; notes: of each
    checks: of the proof; at: when the pack is made
    """

    warehouse: Warehouse
    plan: Plan
    scenarios: tuple[Plan, ...]
    notes: tuple[str, ...]
    checks: tuple[Check, ...]
    at: datetime

    @cached_property
    def view(self) -> View:
        """The whole company over all reported periods."""
        return whole_company(self.plan)

    @cached_property
    def card(self) -> Scorecard:
        """Of the fiscal year."""
        return scorecard(self.plan, Window.FISCAL_YEAR)

    @property
    def cycle(self) -> str:
        return self.plan.inputs.cycle

    @property
    def currency(self) -> str:
        return self.plan.inputs.money.base_currency

    @cached_property
    def span(self) -> str:
        """The reported months in words."""
        return months(list(self.plan.inputs.calendar.plan_labels[: self.plan.inputs.calendar.horizon]))

    @cached_property
    def loaded(self) -> datetime | None:
        """When a planner's table was loaded last, None where that is not on record."""
        rows = self.warehouse.read(
            'SELECT max("at") AS "at" FROM audit_log WHERE "table" IN (SELECT "table" FROM data_version)'
        )
        return None if pd.isna(rows["at"][0]) else rows["at"][0].to_pydatetime()

    @cached_property
    def past_supply(self) -> PastSupply:
        """What supply did before the plan."""
        return read_performance(Tables(self.warehouse.read), self.plan.inputs.calendar)

    @cached_property
    def replays(self) -> Replays | None:
        """The replayed cycles of the loaded history, None where they are not replayed yet."""
        version = history_version(self.warehouse)
        rows = self.warehouse.read("SELECT count(*) AS rows FROM replay WHERE history_version = ?", [version])
        return read_replays(self.warehouse) if rows["rows"][0] else None

    def recorded(self, table: str, cycle: str = "") -> pd.DataFrame:
        """Rows of a process table, of one cycle or of all."""
        return of_cycle(self.warehouse, table, cycle)

    def in_currency(self, words: str) -> str:
        """Words and the currency, where one is known."""
        return f"{words}, {self.currency}".rstrip(", ")
