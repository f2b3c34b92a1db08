"""An assumption as somebody wrote it: what is taken for granted, and what it can be measured by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

ROUNDING = 1e-9  # %, so that an actual on the edge of its band is inside it


@dataclass(frozen=True)
class Measure:
    """What an assumption can be measured by.

    unit: "{base}" and "{own}" stand for the base currency and the assumption's; formula: of a value
    stages: the reviews whose plan leans on it, in the order of the process
    """

    words: str
    unit: str
    formula: str
    stages: tuple[str, ...]


MEASURES = {
    "demand_units": Measure(
        "demand",
        "units a month",
        "units of its months added up / months; the plan's is the unconstrained demand",
        ("demand", "supply", "finance"),
    ),
    "revenue": Measure(
        "revenue",
        "{base} a month",
        "revenue of its months added up / months; the plan's is that of what supply delivers",
        ("demand", "finance"),
    ),
    "average_price": Measure(
        "average price",
        "{base} a unit",
        "revenue / units of what was sold in its months, where both are known",
        ("product", "demand", "finance"),
    ),
    "exchange_rate": Measure(
        "exchange rate", "{base} for one {own}", "rates of its months added up / months", ("finance",)
    ),
    "unit_cost": Measure(
        "unit cost",
        "{base} a unit",
        "standard cost weighed by the units sold in its months; where none of it is sold, the plain average",
        ("supply", "finance"),
    ),
    "on_time_pct": Measure(
        "delivered on time",
        "% of the units",
        "100 x units that left by their promised date / units ordered",
        ("supply", "finance"),
    ),
}


@dataclass(frozen=True)
class Assumption:
    """What somebody took for granted. measure: of MEASURES, "" in words only; first, last: days in the first
    and last period it speaks of; expected: in the measure's unit; tolerance_pct: % of it; rests_on: ids of
    the overrides, requests and decisions that lean on it
    """

    assumption_id: str
    cycle: str
    text: str
    measure: str = ""
    product: str = ""
    family: str = ""
    market: str = ""
    currency: str = ""
    first: date | None = None
    last: date | None = None
    expected: float = np.nan
    tolerance_pct: float = np.nan
    owner: str = ""
    rests_on: tuple[str, ...] = ()
    sample: bool = False

    @property
    def stages(self) -> tuple[str, ...]:
        """The reviews it concerns; none where nothing measures it."""
        return MEASURES[self.measure].stages if self.measure else ()

    def difference_pct(self, value: float) -> float:
        """By how much a value differs from the expected one: 100 x (value - expected) / expected, in %."""
        return 100 * (value - self.expected) / self.expected

    def breaks(self, value: float) -> bool:
        """Whether a value lies outside expected ± tolerance; a value that is not known breaks nothing."""
        return abs(self.difference_pct(value)) > self.tolerance_pct + ROUNDING

    def unit(self, base_currency: str) -> str:
        """What its numbers count: "units a month", "USD for one EUR"."""
        return MEASURES[self.measure].unit.format(base=base_currency, own=self.currency)


def assumptions_of(rows: pd.DataFrame, cycle: str) -> tuple[Assumption, ...]:
    """The rows of the table assumption that stand in a cycle: made up to it and not retired."""
    standing = (rows["status"] == "open") & (rows["cycle"] <= cycle)
    return tuple(_assumption(row) for row in rows[standing].itertuples())


def _assumption(row: NamedTuple) -> Assumption:
    return Assumption(
        assumption_id=row.assumption_id,
        cycle=row.cycle,
        text=row.text,
        measure=row.measure,
        product=row.product,
        family=row.family,
        market=row.market,
        currency=row.currency,
        first=None if pd.isna(row.from_period) else row.from_period.date(),
        last=None if pd.isna(row.to_period) else row.to_period.date(),
        expected=float(row.expected),
        tolerance_pct=float(row.tolerance_pct),
        owner=row.owner,
        rests_on=tuple(filter(None, row.rests_on_it.split(","))),
        sample=bool(row.sample),
    )
