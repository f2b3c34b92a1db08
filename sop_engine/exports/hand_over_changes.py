"""What is new, gone, more or less in a published plan since the publication before: by product, site and
period, largest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import full, month, signed

KEYS = ["subject", "product", "from", "site", "period"]
LEAST = 0.005  # units: a smaller difference is rounding
NEW, GONE, MORE, LESS, NEW_PERIOD = "new", "gone", "more", "less", "new period"
# the columns of each file that stand for from, site, period and units
_READS = {
    "consensus": ("", "ship_from", "period", "demand_units"),
    "production": ("", "site", "period", "start_units"),
    "purchases": ("supplier", "site", "order_period", "order_units"),
    "transfers": ("from_site", "to_site", "ship_period", "transfer_units"),
    "stock_targets": ("", "site", "period", "target_units"),
}
_NOUNS = {
    "consensus": "Demand of",
    "production": "Production of",
    "purchases": "Purchase of",
    "transfers": "Transfer of",
    "stock_targets": "Stock target of",
}


@dataclass(frozen=True, eq=False)
class Changes:
    """since: name of the publication before, "" for the first; passed: periods of it that this plan no longer
    holds.

    frame: KEYS, change, before, now, change_units, change_value (NaN where no cost is known) and sentence,
    largest first
    """

    since: str
    frame: pd.DataFrame
    passed: int

    @property
    def words(self) -> str:
        """How many changes there are since what."""
        count = f"{len(self.frame):,} lines"
        if not self.since:
            return f"No earlier publication holds these figures, so every line is new: {count}."
        dropped = f" {self.passed} of its periods have passed and are left out." if self.passed else ""
        return f"{count} changed since '{self.since}'.{dropped}"


def changes_since(
    now: Mapping[str, pd.DataFrame],
    last: Mapping[str, pd.DataFrame] | None,
    cost: pd.Series,
    currency: str,
    since: str,
) -> Changes:
    """Every line of the tables that differs by more than LEAST units: before + change_units = now.

    last: None for the first publication; cost: standard cost by (product, period), base currency
    Periods before the first of this plan are left out.
    """
    today = _lines(now)
    before = _lines(last) if last else today.iloc[:0]
    first = today["period"].min()
    passed = before.loc[before["period"] < first, "period"].nunique()
    reach = before.groupby("subject")["period"].max()
    both = today.merge(before[before["period"] >= first], on=KEYS, how="outer", suffixes=("", "_before"))
    both = both.fillna({"units": 0.0, "units_before": 0.0})
    both = both.rename(columns={"units": "now", "units_before": "before"})
    both["change_units"] = both["now"] - both["before"]
    both = both[both["change_units"].abs() > LEAST].reset_index(drop=True)
    both["change"] = _kinds(both, reach)
    index = pd.MultiIndex.from_frame(both[["product", "period"]])
    both["change_value"] = both["change_units"] * cost.reindex(index).to_numpy(dtype=float)
    size = pd.DataFrame({"value": both["change_value"].abs(), "units": both["change_units"].abs()})
    order = size.sort_values(["value", "units"], ascending=False, na_position="last", kind="stable").index
    ranked = both.loc[order].reset_index(drop=True)
    sentences = [_sentence(row, currency) for row in ranked.rename(columns={"from": "origin"}).itertuples()]
    return Changes(since, ranked.assign(sentence=sentences), int(passed))


def _lines(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """KEYS and units of all tables in one."""
    parts = []
    for subject, (source, site, period, units) in _READS.items():
        table = tables[subject]
        parts.append(
            pd.DataFrame(
                {
                    "subject": subject,
                    "product": table["product"],
                    "from": table[source] if source else "",
                    "site": table[site],
                    "period": table[period].astype("datetime64[ns]"),
                    "units": table[units].astype(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).groupby(KEYS, sort=True)["units"].sum().reset_index()


def _kinds(rows: pd.DataFrame, reach: pd.Series) -> np.ndarray:
    """What became of each line. reach: last period of the publication before, by subject"""
    beyond = rows["period"] > rows["subject"].map(reach).astype("datetime64[ns]")
    return np.select(
        [beyond, rows["before"] <= LEAST, rows["now"] <= LEAST, rows["change_units"] > 0],
        [NEW_PERIOD, NEW, GONE, MORE],
        LESS,
    )


def _sentence(row: object, currency: str) -> str:
    """A line in words: "Purchase of FR-1 from Vendor for Plant, Jan 14: 120 to 150 units, +30, +9 k USD"."""
    place = f" for {row.site}" if row.origin else f" at {row.site}" if row.site else ""
    origin = f" from {row.origin}" if row.origin else ""
    when = month(f"{row.period:%Y-%m}") if row.period.day == 1 else f"{row.period:%d %b %y}"
    value = "" if np.isnan(row.change_value) else f", {signed(row.change_value)} {currency}".rstrip()
    units = {
        NEW: f"new, {full(row.now)} units",
        NEW_PERIOD: f"{full(row.now)} units, in a period that the plan before did not reach",
        GONE: f"gone, it was {full(row.before)} units",
    }.get(row.change, f"{full(row.before)} to {full(row.now)} units, {signed(row.change_units)}")
    return f"{_NOUNS[row.subject]} {row.product}{origin}{place}, {when}: {units}{value}."
