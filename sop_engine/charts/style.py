"""The notation of every chart: what an actual, a plan, a forecast, a budget and a difference look like.

Figures are plain dicts: they cost a hundredth of a plotly object and render the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sop_engine.inputs.calendar import Calendar

FigureDict = dict[str, Any]
FONT = "Inter, sans-serif"


@dataclass(frozen=True)
class Style:
    """Colours of one theme; `heat` runs from empty to overloaded, `categorical` are ten that colour-blind
    eyes tell apart.
    """

    text: str
    muted: str
    grid: str
    background: str
    actual: str
    plan: str
    scenario: str
    budget: str
    prior: str
    good: str
    bad: str
    band: str
    frozen: str
    slushy: str
    heat: tuple[str, ...]
    categorical: tuple[str, ...]


LIGHT = Style(
    text="#16202c",
    muted="#55606e",
    grid="#e4e8ee",
    background="#ffffff",
    actual="#2b3541",
    plan="#1f5fa8",
    scenario="#c45a00",
    budget="#16202c",
    prior="#a7b0bb",
    good="#1a7f37",
    bad="#b42318",
    band="rgba(31,95,168,0.16)",
    frozen="rgba(85,96,110,0.16)",
    slushy="rgba(85,96,110,0.07)",
    heat=("#f3f5f8", "#cfe0f2", "#8fb8e0", "#f6b26b", "#b42318"),
    categorical=(
        "#1f5fa8",
        "#c45a00",
        "#1ba299",
        "#5d0f1b",
        "#1d6bfb",
        "#63a067",
        "#471a4a",
        "#249cc4",
        "#8f1604",
        "#1b0d95",
    ),
)
DARK = Style(
    text="#e8edf3",
    muted="#a9b4c0",
    grid="#2a333e",
    background="#11151b",
    actual="#d6dde5",
    plan="#6cb0f5",
    scenario="#ff9f45",
    budget="#e8edf3",
    prior="#6b7683",
    good="#3fb950",
    bad="#ff7b72",
    band="rgba(108,176,245,0.20)",
    frozen="rgba(169,180,192,0.20)",
    slushy="rgba(169,180,192,0.09)",
    heat=("#1c232c", "#1f3a56", "#2f659b", "#b86e1d", "#e5534b"),
    categorical=(
        "#6cb0f5",
        "#ff9f45",
        "#35705a",
        "#8cf5c9",
        "#4759e9",
        "#995103",
        "#695e91",
        "#82f0ff",
        "#b69d6a",
        "#02b1aa",
    ),
)


def layout(style: Style, title: str, subtitle: str, height: int = 400, **more: Any) -> dict[str, Any]:
    """The frame of a figure: the title says the message, the subtitle measure, unit and scope."""
    axis = {
        "gridcolor": style.grid,
        "linecolor": style.grid,
        "zerolinecolor": style.muted,
        "zerolinewidth": 1,
        "automargin": True,
        "fixedrange": True,
        "title": {"font": {"size": 13, "color": style.muted}},
    }
    base: dict[str, Any] = {
        "font": {"family": FONT, "size": 14, "color": style.text},
        "title": {
            "text": f"<b>{html(title)}</b><br>"
            f"<span style='font-size:13px;color:{style.muted}'>{html(subtitle)}</span>",
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14, "l": 4},
            "font": {"size": 16, "color": style.text},
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 72, "b": 8},
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": style.background, "font": {"family": FONT, "color": style.text}},
        "xaxis": {**axis, "showgrid": False},
        "yaxis": axis,
        "bargap": 0.25,
        "uirevision": "keep",
    }
    for key, given in more.items():
        start = base.get(key, axis if key.startswith(("xaxis", "yaxis")) else {})
        base[key] = _merged(start, given) if isinstance(given, dict) else given
    return base


def _merged(start: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """`start` overlaid by `given`, inside nested parts as well."""
    return {
        **start,
        **{
            key: _merged(start.get(key) or {}, part) if isinstance(part, dict) else part
            for key, part in given.items()
        },
    }


def html(text: str) -> str:
    """Text for a plotly title or label, where < would start a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def days(calendar: Calendar, first: int, last: int) -> list[str]:
    """First days of the buckets first..last-1 as short date strings, counted from the first past bucket."""
    return [str(day) for day in calendar.starts[first:last]]


def plan_days(calendar: Calendar, periods: np.ndarray) -> list[str]:
    """First days of plan buckets."""
    return [str(day) for day in calendar.starts[calendar.now + periods]]


def months_axis(style: Style, calendar: Calendar, shown: Sequence[str]) -> dict[str, Any]:
    """A time axis of buckets whose first days are `shown`, labelled every month, third or sixth one, half a
    bucket to spare.
    """
    step = 1 if len(shown) <= 14 else 3 if len(shown) <= 40 else 6
    half = np.median(np.diff(calendar.starts)).astype(int) // 2 + 1
    edges = [str(np.datetime64(shown[0]) - half), str(np.datetime64(shown[-1]) + half)]
    return {
        "type": "date",
        "dtick": f"M{step}",
        "tickformat": "%b %y",
        "showgrid": False,
        "linecolor": style.muted,
        "range": edges,
    }


def values(numbers: Sequence[float] | np.ndarray, digits: int = 0) -> list[float | None]:
    """Rounded for the wire; NaN becomes a gap."""
    return [None if np.isnan(number) else round(float(number), digits) for number in numbers]


def line(name: str, x: Sequence[str], y: np.ndarray, color: str, **more: Any) -> dict[str, Any]:
    """A line with its numbers on hover."""
    look = {"color": color, "width": more.pop("width", 2.5), "dash": more.pop("dash", "solid")}
    trace = {"type": "scatter", "mode": "lines", "name": name, "x": list(x), "y": values(y), "line": look}
    return {**trace, "hovertemplate": f"%{{y:,.0f}}<extra>{html(name)}</extra>", **more}


def bars(
    name: str, x: Sequence[str], y: np.ndarray, color: str | Sequence[str], **more: Any
) -> dict[str, Any]:
    """Solid bars with their numbers on hover."""
    trace = {"type": "bar", "name": name, "x": list(x), "y": values(y), "marker": {"color": color}}
    return {**trace, "hovertemplate": f"%{{y:,.0f}}<extra>{html(name)}</extra>", **more}


def outline(name: str, x: Sequence[str], y: np.ndarray, style: Style, **more: Any) -> dict[str, Any]:
    """Budget: bars without a filling."""
    return bars(
        name,
        x,
        y,
        "rgba(0,0,0,0)",
        **{"marker": {"color": "rgba(0,0,0,0)", "line": {"color": style.budget, "width": 1.2}}, **more},
    )


def band(
    name: str, x: Sequence[str], low: np.ndarray, high: np.ndarray, style: Style
) -> list[dict[str, Any]]:
    """The range of a forecast, shaded."""
    edge = {"width": 0}
    return [
        line(f"{name}, low", x, low, style.plan) | {"line": edge},
        line(f"{name}, high", x, high, style.plan)
        | {"line": edge, "fill": "tonexty", "fillcolor": style.band},
    ]


def label(text: str, x: object, y: float, color: str, **more: Any) -> dict[str, Any]:
    """A direct label beside what it names, instead of a legend."""
    place = {"xanchor": "left", "yanchor": "middle", "showarrow": False, "xshift": 6}
    return {"text": html(text), "x": x, "y": y, "font": {"color": color, "size": 13}, **place, **more}


def zones(
    calendar: Calendar, style: Style, now_rule: bool = True
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shapes and labels of the frozen and slushy buckets and a rule at "now"."""
    starts, now = calendar.starts, calendar.now
    half = (starts[now + 1] - starts[now]) // 2
    edges = [now, now + calendar.frozen, now + calendar.frozen + calendar.slushy]
    at = [str(starts[min(edge, len(starts) - 1)] - half) for edge in edges]
    shapes = [
        _vertical(at[i], at[i + 1], {"fillcolor": color, "line": {"width": 0}, "layer": "below"})
        for i, color in enumerate((style.frozen, style.slushy))
        if at[i] != at[i + 1]
    ]
    names = " | ".join(
        name for name, length in (("frozen", calendar.frozen), ("slushy", calendar.slushy)) if length
    )
    small = {"color": style.muted, "size": 11}
    labels = (
        [label(names, at[0], 1, style.muted, yref="paper", yanchor="bottom", xshift=0, font=small)]
        if names
        else []
    )
    if now_rule:
        shapes.append(_vertical(at[0], at[0], {"line": {"color": style.muted, "width": 1, "dash": "dot"}}))
    return shapes, labels


def difference_color(value: float, good: int, style: Style) -> str:
    """Green, red or, where neither direction is good or nothing moved, grey."""
    return style.muted if not good or not value else style.good if value * good > 0 else style.bad


def _vertical(left: str, right: str, look: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "rect" if left != right else "line",
        "x0": left,
        "x1": right,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        **look,
    }


def end_labels(
    ends: Sequence[tuple[str, float, str]], x: str, top: float, gap: float = 0.065
) -> list[dict[str, Any]]:
    """Direct labels at the end of lines, moved apart where they would cover each other.

    ends: (name, y, colour); top: of the axis, which starts at 0; gap: least distance as a share of it.
    """
    known = sorted((end for end in ends if not np.isnan(end[1])), key=lambda end: end[1])
    labels, floor = [], -np.inf
    for name, y, color in known:
        floor = max(y, floor + gap * top)
        labels.append(label(name, x, min(floor, top * 1.02), color))
    return labels
