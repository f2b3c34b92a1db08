"""Heat maps of rows by period whose colours jump at stated edges, with the frozen and slushy zone above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month
from sop_engine.charts.style import FigureDict, Style
from sop_engine.inputs.calendar import Calendar

ROW, HEAD = 36, 122  # pixels of a row, and of what stands above and below the rows
LETTERS = 28


@dataclass(frozen=True, eq=False)
class Cells:
    """What a heat map shows. rows: names; values: (rows, periods), NaN = blank; text: the same, as strings
    hover: (rows, periods, parts) numbers; hover_words: how they read, in plotly's notation
    """

    rows: Sequence[str]
    values: np.ndarray
    text: Sequence[Sequence[str]]
    hover: np.ndarray
    hover_words: str


def heat_map(
    cells: Cells,
    calendar: Calendar,
    periods: np.ndarray,
    style: Style,
    title: str,
    subtitle: str,
    edges: Sequence[float],
    colors: Sequence[str],
    row_height: int = ROW,
) -> FigureDict:
    """Cells coloured by the band they are in: colours[i] from edges[i] up to edges[i + 1]."""
    names = unlike([fitting(name) for name in cells.rows])
    trace = {
        "type": "heatmap",
        "x": [month(calendar.plan_labels[t]) for t in periods],
        "y": names,
        "z": [look.values(row, 1) for row in cells.values],
        "zmin": edges[0],
        "zmax": edges[-1],
        "colorscale": steps(edges, colors),
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [list(row) for row in cells.text],
        "texttemplate": "%{text}",
        "textfont": {"size": 13},
        "customdata": np.where(np.isfinite(cells.hover), cells.hover, 0.0).round(1).tolist(),
        "hovertemplate": f"%{{y}}, %{{x}}<br>{cells.hover_words}<extra></extra>",
    }
    shapes, labels = zones_above(calendar, periods, style)
    layout = look.layout(
        style,
        title,
        subtitle,
        HEAD + max(3, len(names)) * row_height,
        yaxis={"autorange": "reversed", "showgrid": False, "title": None, "type": "category", "dtick": 1},
        xaxis={"type": "category", "side": "bottom", "tickangle": 0, "nticks": 12, "showgrid": False},
        hovermode="closest",
        shapes=shapes,
        annotations=labels,
        margin={"t": 88},
    )
    return {"data": [trace], "layout": layout}


def zones_above(
    calendar: Calendar, periods: np.ndarray, style: Style
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bars above the columns of the frozen and slushy periods, with their names."""
    ends = np.cumsum([calendar.frozen, calendar.slushy])
    shapes, names = [], []
    for name, first, last, color in (
        ("frozen", 0, ends[0], style.muted),
        ("slushy", ends[0], ends[1], style.prior),
    ):
        inside = np.flatnonzero((periods >= first) & (periods < last))
        if inside.size:
            names.append(name)
            place = {"xref": "x", "x0": float(inside[0]) - 0.47, "x1": float(inside[-1]) + 0.47}
            bar = {"yref": "paper", "ysizemode": "pixel", "yanchor": 1.0, "y0": 2, "y1": 6}
            shapes.append({"type": "rect", "fillcolor": color, "line": {"width": 0}, **place, **bar})
    small = {"color": style.muted, "size": 11}
    above = {"yref": "paper", "yanchor": "bottom", "xshift": 0, "yshift": 5, "font": small}
    words = [look.label(" | ".join(names), -0.5, 1, style.muted, **above)] if names else []
    return shapes, words


def steps(edges: Sequence[float], colors: Sequence[str]) -> list[list[object]]:
    """A colour scale that jumps at the edges instead of blending."""
    span = edges[-1] - edges[0]
    share = [(edge - edges[0]) / span for edge in edges]
    return [[edge, color] for i, color in enumerate(colors) for edge in (share[i], share[i + 1])]


def fitting(name: str, letters: int = LETTERS) -> str:
    """A name that leaves room for the months beside it."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def unlike(names: Sequence[str]) -> list[str]:
    """Names of which no two are equal: a category axis would draw equal ones over each other.

    >>> unlike(["Bolt", "Nut", "Bolt"])
    ['Bolt', 'Nut', 'Bolt (2)']
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
