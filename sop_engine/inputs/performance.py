"""What supply did in the past, by bucket of the calendar: production, deliveries, receipts, stock.

Read only when somebody looks at the scoreboard; no plan rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.tables import Tables

HISTORIES = {
    "production_history": "product, site, period, units, planned_units",
    "delivery_history": "order, product, market, ship_date, promised_date, ordered_units, shipped_units",
    "receipt_history": "reference, product, site, received_date, promised_date, ordered_units, "
    "received_units, rejected_units",
    "inventory_history": "product, site, period, units",
}  # each with the columns that its figures need


@dataclass(frozen=True, eq=False)
class PastSupply:
    """One frame a history table, its own columns and `bucket`, the calendar index that a line counts in.

    Complete past buckets only. A production or stock line counts in its period; a delivery in the bucket of
    its promised date, the requested one where none was promised, and a receipt in that of its promised date;
    both in the bucket of the shipment or receipt where no date is known. `due` is that date, NaT if unknown.
    """

    production: pd.DataFrame
    deliveries: pd.DataFrame
    receipts: pd.DataFrame
    inventory: pd.DataFrame

    def missing(self) -> tuple[str, ...]:
        """Tables of which no line is known."""
        frames = (self.production, self.deliveries, self.receipts, self.inventory)
        return tuple(name for name, frame in zip(HISTORIES, frames, strict=True) if frame.empty)


def read_performance(tables: Tables, calendar: Calendar) -> PastSupply:
    """The past of supply as far as tables are loaded; the frame of a missing one is empty."""
    deliveries, receipts = tables["delivery_history"], tables["receipt_history"]
    deliveries = deliveries.assign(due=deliveries["promised_date"].fillna(deliveries["requested_date"]))
    receipts = receipts.assign(due=receipts["promised_date"])
    production, inventory = tables["production_history"], tables["inventory_history"]
    return PastSupply(
        production=_in_buckets(production, production["period"], calendar),
        deliveries=_in_buckets(deliveries, deliveries["due"].fillna(deliveries["ship_date"]), calendar),
        receipts=_in_buckets(receipts, receipts["due"].fillna(receipts["received_date"]), calendar),
        inventory=_in_buckets(inventory, inventory["period"], calendar),
    )


def _in_buckets(rows: pd.DataFrame, days: pd.Series, calendar: Calendar) -> pd.DataFrame:
    bucket = calendar.locate(days.to_numpy(dtype="datetime64[D]"))
    past = (bucket >= 0) & (bucket < calendar.now)
    return rows.assign(bucket=np.asarray(bucket, dtype=int))[past].reset_index(drop=True)
