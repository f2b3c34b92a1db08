"""Several panels in one figure, one above another or in a grid, and the mark of a difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sop_engine.charts.style import Style, html, values
from sop_engine.plan import Plan


def stacked(
    style: Style, titles: Sequence[str], weights: Sequence[float], gap: float = 0.1
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Axes of panels that share the x axis "x", top panel first ("y", "y2", ...), and their titles.

    weights: relative heights; gap: share of the figure's height above each panel, where its title stands
    """
    free = 1 - gap * len(titles)
    axes: dict[str, Any] = {"xaxis": {"anchor": axis("y", len(titles))}}
    labels, top = [], 1.0
    for row, (title, weight) in enumerate(zip(titles, weights, strict=True), start=1):
        upper = top - gap
        lower = max(upper - free * weight / sum(weights), 0.0)
        axes[f"yaxis{_number(row)}"] = {"domain": [lower, upper], "nticks": 4, "rangemode": "tozero"}
        labels.append(panel_title(title, 0, upper, style))
        top = lower
    return axes, labels


def grid(
    count: int, columns: int, gap_x: float = 0.04, gap_y: float = 0.16, below: float = 0.02
) -> list[dict[str, list[float]]]:
    """Domains {"x": [left, right], "y": [bottom, top]} of cells, row by row; gap_y, below: room for
    a title and for the axis, as shares of a cell's height."""
    rows = -(-count // columns)
    width, height = (1 - gap_x * (columns - 1)) / columns, 1 / rows
    cells = []
    for at in range(count):
        row, column = divmod(at, columns)
        left, top = column * (width + gap_x), 1 - row * height
        cells.append(
            {
                "x": [left, min(left + width, 1.0)],
                "y": [max(top - height, 0.0) + below * height, top - gap_y * height],
            }
        )
    return cells


def panel_title(text: str, x: float, y: float, style: Style) -> dict[str, Any]:
    """The title of a panel, above its upper left corner."""
    place = {
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "yshift": 2,
    }
    return {"text": html(text), "x": x, "y": y, "font": {"size": 13, "color": style.muted}, **place}


def axis(letter: str, number: int) -> str:
    """The plotly name of an axis as a trace states it: "y", "y2", ..."""
    return f"{letter}{_number(number)}"


def _number(position: int) -> str:
    return "" if position == 1 else str(position)


def dashes(name: str, x: Sequence[str], y: Sequence[float], color: str) -> dict[str, Any]:
    """A level per month, as a dash."""
    marker = {"symbol": "line-ew", "size": 16, "line": {"color": color, "width": 3}}
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": list(x),
        "y": values(y),
        "marker": marker,
    }
    return {**trace, "hovertemplate": f"%{{y:,.0f}}<extra>{html(name)}</extra>"}


def own_color(plan: Plan, style: Style) -> str:
    """The colour of a plan's own numbers: accent 1 for the baseline, accent 2 for a working scenario."""
    return style.plan if plan.scenario.is_baseline else style.scenario


def room_for_labels(amounts: Sequence[float], room: float = 0.35) -> list[float]:
    """The range of a scale of bars from zero whose labels stand outside their ends.

    room: beyond the longest bar of a side that has bars, as a share of the whole reach

    >>> room_for_labels([-50.0, 50.0], 0.25)
    [-75.0, 75.0]
    """
    low, high = min(0.0, *amounts, 0.0), max(0.0, *amounts, 0.0)
    reach = (high - low) or 1.0
    return [low - room * reach * (low < 0), high + room * reach * (high > 0 or low == 0)]


def mark(difference: float) -> str:
    """Up or down, so that colour never says it alone.

    >>> mark(2.0), mark(-1.0), mark(0.0)
    ('▲', '▼', '')
    """
    return "▲" if difference > 0 else "▼" if difference < 0 else ""
