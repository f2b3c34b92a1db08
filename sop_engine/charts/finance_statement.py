"""The income statement as a table: lines down for few columns, groups down where there are many."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import month
from sop_engine.finance_review.statement import Statement

TOTAL = "Total"


def months_table(lines: Statement, periods: np.ndarray) -> pd.DataFrame:
    """Lines down; the total, then the months of the company; base currency, costs negative."""
    values = lines.values.sum(axis=1)[:, periods]
    columns = {month(lines.periods[period]): values[:, at] for at, period in enumerate(periods)}
    return pd.DataFrame(
        {TOTAL: values.sum(axis=1), **columns}, index=pd.Index(lines.lines, name=lines.currency)
    )


def groups_table(lines: Statement, periods: np.ndarray) -> pd.DataFrame:
    """The total, then the groups of the cut by revenue, down; lines across, and the margin in % of revenue.

    Groups without any money in these periods are left out.
    """
    sums = lines.values[:, :, periods].sum(axis=2)
    table = pd.DataFrame(sums.T, index=lines.groups, columns=lines.lines)
    table = table[(table != 0).any(axis=1)].sort_values("revenue", ascending=False, kind="stable")
    table = pd.concat([pd.DataFrame([sums.sum(axis=1)], index=[TOTAL], columns=lines.lines), table])
    share = 100 * table["gross margin"] / table["revenue"].where(table["revenue"] != 0)
    table.insert(table.columns.get_loc("gross margin") + 1, "GM %", share)
    return table.rename_axis(lines.cut)


def ties_words(lines: Statement, whole: Statement, periods: np.ndarray) -> str:
    """How far the groups of a cut are from the company, in its worst line: "families add up: largest
    difference 0.00 USD (revenue)"."""
    residual = np.abs(lines.values.sum(axis=1) - whole.values[:, 0])[:, periods].sum(axis=1)
    worst = int(np.argmax(np.nan_to_num(residual)))
    return (
        f"{len(lines.groups)} groups add up to the company: largest difference of a line "
        f"{residual[worst]:,.2f} {lines.currency} ({lines.lines[worst]})"
    )
