"""The cells of the plan in money: what is shown of them, and that they add up to the statement."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import full
from sop_engine.finance_review.statement import Statement

SHOWN = 500
MONEY = ("revenue", "standard_cost", "margin")
RATES = ("local_price", "rate", "price", "unit_cost")


def largest_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of the largest revenue, of the most units where none is known, at most SHOWN, as they are
    read: money without decimals, prices and rates with four, columns of which nothing is known left out, and
    each line used in one column, "Realised 2013 H2, from 2013-07".
    """
    largest = cells.sort_values(["revenue", "units"], ascending=False, kind="stable").head(SHOWN)
    digits = {"units": 1, **dict.fromkeys(MONEY, 0), **dict.fromkeys(RATES, 4)}
    lines = {f"{what} line": _line_words(largest, what) for what in ("price", "cost", "rate")}
    parts = [column for column in largest if column.endswith(("_from", "_version"))]
    shown = largest.drop(columns=parts).round(digits).assign(**lines)
    return shown.drop(columns=[name for name in (*MONEY, *RATES) if shown[name].isna().all()])


def _line_words(cells: pd.DataFrame, what: str) -> pd.Series:
    """The version and since when it holds, or what there is of the two."""
    begins, version = cells[f"{what}_from"].astype(str), cells[f"{what}_version"].astype(str)
    dated = begins.str[:1].str.isdigit()
    words = begins.where(~dated, "from " + begins)
    return words.where(version == "", version + ", " + words)


def cells_words(cells: pd.DataFrame, currency: str) -> str:
    """What the cells are together: "1,204 cells: 310 units, revenue 1,234, standard cost ..."."""
    sums = cells[["units", *MONEY]].sum(min_count=1)
    names = ("revenue", "standard cost", "margin before supply choices")
    known = [
        f"{name} {full(sums[key])}" for name, key in zip(names, MONEY, strict=True) if not np.isnan(sums[key])
    ]
    money = f": {', '.join(known)} {currency}".rstrip() if known else ""
    largest = "largest revenue" if sums["revenue"] > 0 else "most units"
    shown = f", the {SHOWN} of {largest} are shown" if len(cells) > SHOWN else ""
    return f"{len(cells):,} cells deliver {full(sums['units'])} units{money}{shown}"


def against_statement(cells: pd.DataFrame, statement: Statement, periods: np.ndarray) -> float:
    """Revenue and standard cost of the cells less those of the company's statement, the larger difference."""
    sums = cells["revenue"].sum(), -cells["standard_cost"].sum()
    lines = (statement.line(name)[0, periods].sum() for name in ("revenue", "standard cost"))
    return float(max(abs(ours - theirs) for ours, theirs in zip(sums, lines, strict=True)))
