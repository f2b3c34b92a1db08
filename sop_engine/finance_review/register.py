"""The one list of what is out of the plan: risks and opportunities that people wrote down, and launches left
out of it, each with its probability. What is in the plan never stands here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.finance_review.launch_value import first_year, net_effect, value_of
from sop_engine.finance_review.valuation import FinancePlan
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.product_review.portfolio import Portfolio
from sop_engine.scenario import Scenario

EFFECTS = ("units", "revenue", "gross_margin")
EXPECTED = tuple(f"expected_{name}" for name in EFFECTS)
REGISTER, LAUNCH = "register", "launch"
COLUMNS = (
    "source",
    "item_id",
    "title",
    "kind",
    "probability",
    *EFFECTS,
    *EXPECTED,
    "from_period",
    "to_period",
    "owner",
    "status",
    "sample",
    "counts",
)


def register(
    inputs: Inputs,
    scenario: Scenario,
    portfolio: Portfolio,
    demand: DemandPlan,
    finance: FinancePlan,
    items: pd.DataFrame,
    periods: np.ndarray | None = None,
) -> pd.DataFrame:
    """One row per thing out of the plan, the largest expected margin first; columns as COLUMNS.

    items: rows of the table risk_opportunity; only open ones are out of the plan
    periods: plan indices that count, None for all that the plan reports. A launch counts what the consensus
    would gain in its first year inside them, net of what it takes; an item its amount, spread evenly over its
    own periods.
    probability: share of 1; effects: units and base currency if it happens, a risk negative, NaN = not known
    expected = probability x effect; counts: False for what is made up to show the feature
    """
    calendar = inputs.calendar
    shown = np.arange(calendar.horizon) if periods is None else np.asarray(periods, dtype=int)
    rows = [
        *_launches(inputs, scenario, portfolio, demand, finance, shown),
        *(_item(row, calendar, shown) for row in items.itertuples() if row.status == "open"),
    ]
    table = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in EXPECTED])
    for effect, expected in zip(EFFECTS, EXPECTED, strict=True):
        table[expected] = table["probability"].astype(float) * table[effect].astype(float)
    size = table["expected_gross_margin"].abs()
    ordered = table.assign(size=size).sort_values(
        ["size", "title"], ascending=[False, True], ignore_index=True
    )
    return ordered[list(COLUMNS)]


def totals(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """{"risk" and "opportunity": sums of the effects and their expectations} of the rows that count."""
    counted = rows[rows["counts"].astype(bool)]
    return {
        kind: counted.loc[counted["kind"] == kind, [*EFFECTS, *EXPECTED]].astype(float).sum()
        for kind in ("risk", "opportunity")
    }


def _launches(
    inputs: Inputs,
    scenario: Scenario,
    portfolio: Portfolio,
    demand: DemandPlan,
    finance: FinancePlan,
    shown: np.ndarray,
) -> Iterator[dict[str, object]]:
    labels = inputs.calendar.plan_labels
    for launch in portfolio.out:
        year = first_year(inputs, launch)
        effect = net_effect(inputs, scenario, portfolio, demand, launch)
        value = value_of(finance, effect, np.intersect1d(year, shown))
        yield {
            "source": LAUNCH,
            "item_id": launch.project,
            "title": f"Launch of {launch.project}",
            "kind": "opportunity" if not value.gross_margin < 0 else "risk",
            "probability": launch.probability,
            "units": value.units,
            "revenue": value.revenue,
            "gross_margin": value.gross_margin,
            "from_period": labels[year[0]] if year.size else "",
            "to_period": labels[year[-1]] if year.size else "",
            "owner": launch.owner,
            "status": "out of the plan",
            "sample": False,
            "counts": True,
        }


def _item(row: object, calendar: Calendar, shown: np.ndarray) -> dict[str, object]:
    """An item's row; its effects by the share of its periods that are shown."""
    days = [np.datetime64(getattr(row, name), "D") for name in ("from_period", "to_period")]
    first, last = (int(at) for at in calendar.locate(np.array(days)) - calendar.now)
    share = float(np.isin(np.arange(first, last + 1), shown).mean())
    labels = calendar.labels
    return {
        "source": REGISTER,
        "item_id": row.item_id,
        "title": row.title,
        "kind": row.kind,
        "probability": row.probability_pct / 100,
        **{name: share * getattr(row, name) for name in EFFECTS},
        "from_period": labels[np.clip(calendar.now + first, 0, len(labels) - 1)],
        "to_period": labels[np.clip(calendar.now + last, 0, len(labels) - 1)],
        "owner": row.owner,
        "status": row.status,
        "sample": bool(row.sample),
        "counts": not row.sample,
    }
