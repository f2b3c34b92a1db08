"""The meetings of a series side by side: what each earns, its gap to budget, where its issues stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import percent, short, signed
from sop_engine.charts.panels import room_for_labels
from sop_engine.charts.style import FigureDict, Style, difference_color, html, layout
from sop_engine.executive_sop.decisions import Status, is_waiting, went_up
from sop_engine.executive_sop.scorecard import Scorecard

_FIGURES = ("revenue", "gross_margin", "budget_gap", "fill_rate_pct")


def series_table(
    labels: Sequence[str], cards: Sequence[Scorecard], issues: Sequence[pd.DataFrame], held: Sequence[str]
) -> pd.DataFrame:
    """meeting, revenue, gross_margin, budget_gap (base currency), fill_rate_pct, open, resolved, escalated
    (issues), held, currency; the company last. issues: rows of the table decision of each."""
    figures = {name: [getattr(card, name) for card in cards] for name in _FIGURES}
    counts = pd.DataFrame([_counts(rows) for rows in issues])
    currency = [card.currency for card in cards]
    return pd.DataFrame({"meeting": labels, **figures}).join(counts).assign(held=held, currency=currency)


def written(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it is read."""
    currency = table["currency"].iloc[0]
    of = f", {currency}" if currency else ""
    return pd.DataFrame(
        {
            "meeting": table["meeting"],
            f"revenue{of}": [short(value) for value in table["revenue"]],
            f"gross margin{of}": [short(value) for value in table["gross_margin"]],
            f"gap to budget{of}": [signed(value) for value in table["budget_gap"]],
            "fill rate": [percent(value) for value in table["fill_rate_pct"]],
            "issues open": table["open"],
            "resolved": table["resolved"],
            "escalated": table["escalated"],
            "closed by": table["held"],
        }
    )


def series_words(table: pd.DataFrame, series: str) -> str:
    """Which meeting is furthest below its budget, or that none says."""
    parts, currency = table.iloc[:-1], table["currency"].iloc[0]
    known = parts.dropna(subset=["budget_gap"])
    if known.empty:
        return f"Pre-S&OP by {series}: no budget is loaded for any of them"
    worst = known.loc[known["budget_gap"].idxmin()]
    if worst["budget_gap"] >= 0:
        return f"Pre-S&OP by {series}: none is below its budget"
    return (
        f"{worst['meeting']} is furthest below its budget: {signed(worst['budget_gap'])} {currency}".rstrip()
    )


def series_bars(table: pd.DataFrame, series: str, style: Style) -> FigureDict:
    """Revenue less budget of each meeting, the furthest below first."""
    parts = table.iloc[:-1].assign(gap=lambda rows: rows["budget_gap"].fillna(0.0))
    parts = parts.sort_values("gap", ascending=False)
    gaps = parts["gap"].to_numpy()
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": [html(label) for label in parts["meeting"]],
                "x": gaps.tolist(),
                "marker": {"color": [difference_color(gap, 1, style) for gap in gaps]},
                "text": [signed(gap) for gap in parts["budget_gap"]],
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": "%{y}: %{x:,.0f}<extra>revenue less budget</extra>",
            }
        ],
        "layout": layout(
            style,
            series_words(table, series),
            f"Revenue less budget by {series}, {table['currency'].iloc[0]}".rstrip(", "),
            height=120 + 34 * max(len(parts), 2),
            hovermode="closest",
            xaxis={
                "zeroline": True,
                "showgrid": True,
                "range": room_for_labels(np.append(gaps, 0.0).tolist(), 0.2),
            },
            yaxis={"type": "category", "showgrid": False, "ticklabelstandoff": 8},
        ),
    }


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    """Issues that wait at this level, those decided, and those handed to the executive."""
    waits = rows["status"].map(is_waiting).astype(bool)
    up = went_up(rows)
    return {
        "open": int((waits & ~up).sum()),
        "resolved": int((rows["status"] == Status.DECIDED).sum()),
        "escalated": int((waits & up).sum()),
    }
