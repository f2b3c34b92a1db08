"""Strategic targets of the scorecard, marked as samples: the source holds none."""

from __future__ import annotations

import pandas as pd

SET_BY = "Sample target"
# measure: value of the fiscal years 2014, 2015 and 2016; dollars, % or days
TARGETS = {
    "revenue": (70_000_000, 76_000_000, 82_000_000),
    "gross_margin_pct": (19.0, 20.5, 22.0),
    "fill_rate_pct": (97.0, 98.0, 98.5),
    "inventory_days": (75, 68, 60),
}
FIRST_YEAR = 2014


def target() -> pd.DataFrame:
    """The target table: one line per measure and fiscal year."""
    rows = [
        (measure, f"{FIRST_YEAR + year}-01", value, SET_BY, "yes")
        for measure, values in TARGETS.items()
        for year, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["measure", "from_period", "value", "set_by", "sample"])
