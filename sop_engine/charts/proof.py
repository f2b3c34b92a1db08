"""What the proof shows: its light in words, its checks and their rows, and one number through the reviews."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import short, signed
from sop_engine.charts.style import FigureDict, Style
from sop_engine.pre_sop.consistency import Check, Row

HOLDS, FAILS = "✓ holds", "✗ fails"
_NAMED = 3
_STEPS = {
    "Baseline": ("statistical baseline", "level"),
    "Lifecycles,<br>launches": ("lifecycles and launches", "step"),
    "Judgement,<br>levers": ("judgement and levers", "step"),
    "Open<br>orders": ("orders", "step"),
    "Asked for": ("asked for", "level"),
    "Lost": ("lost", "taken"),
    "Waiting<br>at the end": ("waiting at the end", "taken"),
    "Delivered": ("delivered", "level"),
}


def light_words(checks: Sequence[Check], unverified: int = 0) -> str:
    """The light in words: "Proven: all 48 checks hold", or how many fail and which.

    unverified: kept plans that were not looked at, which a proven light owns up to
    """
    failed = [check.name for check in checks if not check.passed]
    if not failed:
        left = f"; {unverified} older kept plan{'s' * (unverified > 1)} not verified" if unverified else ""
        return f"Proven: all {len(checks)} checks hold{left}."
    names = ", ".join(failed[:_NAMED]) + (f" and {len(failed) - _NAMED} more" * (len(failed) > _NAMED))
    return f"Not proven: {len(failed)} of {len(checks)} checks fail: {names}."


def check_table(checks: Sequence[Check]) -> pd.DataFrame:
    """result, part, check, what must hold, residual, allowed, unit, where; those that fail first."""
    ordered = failed_first(checks)
    rows = [
        (
            HOLDS if check.passed else FAILS,
            check.part,
            check.name,
            check.statement,
            check.residual,
            check.tolerance,
            check.unit,
            check.where,
        )
        for check in ordered
    ]
    columns = ["result", "part", "check", "what must hold", "residual", "allowed", "unit", "where"]
    return pd.DataFrame(rows, columns=columns)


def failed_first(checks: Sequence[Check]) -> list[Check]:
    """The checks that fail, then those that hold, each in their order."""
    return sorted(checks, key=lambda check: check.passed)


def row_table(checks: Sequence[Check]) -> pd.DataFrame:
    """check, table, key, column, value, why of every row that stands against these checks."""
    rows = [(check.name, *row) for check in checks for row in check.rows]
    return pd.DataFrame(rows, columns=["check", *Row._fields])


def reviews_words(table: pd.DataFrame, family: str, currency: str) -> str:
    """What becomes of a family's number on its way. table: of `through_the_reviews`"""
    row = _of(table, family)
    missing = row["lost"] + row["waiting at the end"]
    money = f", worth {short(row['revenue'])} {currency}".rstrip() if row["revenue"] > 0 else ""
    return (
        f"{family}: {short(row['asked for'])} units asked for, {short(row['delivered'])} delivered and "
        f"valued{money}; {f'{short(missing)} lost or still waiting' if missing > 0.5 else 'none is lost'}"
    )


def reviews_figure(table: pd.DataFrame, family: str, currency: str, style: Style) -> FigureDict:
    """A family's units from the baseline through product, demand and supply to what finance values."""
    row = _of(table, family)
    names, kinds = list(_STEPS), [kind for _, kind in _STEPS.values()]
    amounts = [float(row[column]) * (-1 if kind == "taken" else 1) for column, kind in _STEPS.values()]
    moves = [0.0 if kind == "level" else amount for amount, kind in zip(amounts, kinds, strict=True)]
    after = list(accumulate(moves, initial=amounts[0]))[1:]
    levels = [at for at, kind in enumerate(kinds) if kind == "level"]
    steps = [at for at, kind in enumerate(kinds) if kind != "level"]
    low, high = min([*after, *(amounts[at] for at in levels)]), max(after)
    room = 0.25 * (high - low) or 0.1 * abs(high) or 1.0
    colors = [style.muted if kinds[at] == "step" else style.bad for at in steps]
    ends = [(at, amounts[at], style.plan if at else style.muted) for at in levels]
    return {
        "data": [
            {"type": "scatter", "mode": "markers", "opacity": 0, "hoverinfo": "skip", "x": names, "y": after},
            {
                **look.bars(
                    "Step", [names[at] for at in steps], np.array([moves[at] for at in steps]), colors
                ),
                "base": [after[at] - moves[at] for at in steps],
                "width": 0.55,
                "text": [signed(moves[at]) for at in steps],
                "textposition": "outside",
                "cliponaxis": False,
            },
        ],
        "layout": look.layout(
            style,
            reviews_words(table, family, currency),
            "units, all markets, all planned periods; the scale does not begin at zero; red is not delivered",
            330,
            hovermode="closest",
            shapes=[_level(at, amount, color) for at, amount, color in ends],
            annotations=[_end(at, amount, color) for at, amount, color in ends],
            xaxis={"type": "category", "categoryorder": "array", "categoryarray": names},
            yaxis={"range": [low - room, high + room], "tickformat": "~s"},
        ),
    }


def _of(table: pd.DataFrame, family: str) -> pd.Series:
    return table.set_index("family").loc[family]


def _level(at: int, amount: float, color: str) -> FigureDict:
    line = {"color": color, "width": 6}
    return {"type": "line", "x0": at - 0.35, "x1": at + 0.35, "y0": amount, "y1": amount, "line": line}


def _end(at: int, amount: float, color: str) -> FigureDict:
    return look.label(
        short(amount), at, amount, color, xanchor="center", yanchor="bottom", xshift=0, yshift=4
    )
