"""Published cases as a planner would load them: one CSV per table, a calendar of one bucket a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.inputs import Inputs, read_inputs
from sop_engine.refresh import refresh
from sop_engine.scenario import BASELINE
from sop_engine.supply_review.model import compile_model
from sop_engine.supply_review.supply import SupplyPlan, plan_supply
from sop_engine.warehouse import load, open_warehouse
from tests.builders import demand_of

AT = datetime(2026, 1, 6, 9, 30)
SETTINGS = {"beyond_periods": 0, "frozen_periods": 0, "slushy_periods": 0, "review_days": 1}
Rows = Sequence[Mapping[str, Any]]


def sheets(first: str, days: int, orders: Rows, **tables: Rows) -> list[tuple[str, bytes]]:
    """The planner's files of a plan of so many days. orders: rows of the order book, whose products ask for
    nothing else; a table without rows is left out, so calendar=[] plans in months.
    """
    past = str(np.datetime64(first) - 1)
    starts = [str(day) for day in np.datetime64(past) + np.arange(days + 1)]
    everything = {
        "setting": [{"name": name, "value": value} for name, value in SETTINGS.items()],
        "calendar": [{"period": d, "start_date": d, "end_date": d, "working_days": 1} for d in starts],
        "market": [{"market": "Customer", "unmet": "backlog"}],
        "sales_history": [
            {"product": product, "market": "Customer", "period": past, "units": 0}
            for product in dict.fromkeys(row["product"] for row in orders)
        ],
        "order_book": [{"market": "Customer", **row} for row in orders],
        **tables,
    }
    return [(f"{name}.csv", _csv(rows)) for name, rows in everything.items() if len(rows)]


def read(files: Sequence[tuple[str, bytes]]) -> Inputs:
    """The inputs after these files were loaded. Raises DataError with every fault of every file."""
    warehouse = open_warehouse(":memory:")
    load(warehouse, files, who="planner", at=AT)
    refresh(warehouse, who="planner", at=AT, processes=1)
    inputs = read_inputs(warehouse)
    warehouse.close()
    return inputs


def planned(first: str, days: int, orders: Rows, **tables: Rows) -> pd.DataFrame:
    """What becomes of each order, index its label: on_time, late, short units; last delivery day, "" for
    none; the class of reason.
    """
    inputs = read(sheets(first, days, orders, **tables))
    return by_order(inputs, plan_supply(inputs, BASELINE, demand_of(inputs), compile_model(inputs)))


def by_order(inputs: Inputs, plan: SupplyPlan) -> pd.DataFrame:
    """The fill of the order book by order."""
    days = (*inputs.calendar.plan_labels, "")
    return pd.DataFrame(
        {
            "on_time": plan.fill_on_time.round(6),
            "late": plan.fill_late.round(6),
            "short": plan.fill_short.round(6),
            "last": [days[period] for period in plan.fill_last],
            "reason": plan.fill_reason,
        },
        index=list(inputs.demand.orders.labels),
    )


def _csv(rows: Rows) -> bytes:
    return pd.DataFrame(list(rows)).to_csv(index=False).encode()
