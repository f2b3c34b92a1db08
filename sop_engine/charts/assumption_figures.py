"""Figures of the assumptions: actual against the expected band, of all at once and of one over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import MEASURES
from sop_engine.assumptions.checked import BROKEN, HOLDS, Checked
from sop_engine.charts import style as look
from sop_engine.charts.assumptions import amount, broken_words, light, scope_words
from sop_engine.charts.style import FigureDict, Style
from sop_engine.inputs.calendar import Calendar
from sop_engine.plan import Plan

LABEL = 46  # characters of an assumption beside its row
MARGIN = 1.25  # of the widest average, either side of expected
AROUND = 6  # buckets shown before its span


def register_figure(checked: Sequence[Checked], calendar: Calendar, style: Style) -> FigureDict:
    """A row for each that is measured: its band, the months so far, their average, what the plan says."""
    rows = [found for found in checked if found.span]
    limit = _limit(rows)
    labels = [_row_label(found) for found in rows]
    band = {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "base": [-found.assumption.tolerance_pct for found in rows],
        "x": [2 * found.assumption.tolerance_pct for found in rows],
        "marker": {"color": style.band, "line": {"width": 0}},
        "width": 0.6,
        "hoverinfo": "skip",
    }
    dots = [
        (label, off)
        for label, found in zip(labels, rows, strict=True)
        for off in _months_off(found, calendar)
    ]
    single = _marks(dots, style.actual, limit, symbol="circle", size=7, opacity=0.45)
    plans = [
        (label, found.assumption.difference_pct(found.planned))
        for label, found in zip(labels, rows, strict=True)
    ]
    coming = _marks(plans, style.plan, limit, symbol="diamond-open", size=13, line={"width": 2.5})
    actuals = [
        (label, found.assumption.difference_pct(found.actual))
        for label, found in zip(labels, rows, strict=True)
    ]
    average = _marks(actuals, [_color(found, style) for found in rows], limit, symbol="circle", size=14)
    layout = look.layout(
        style,
        figure_title(checked),
        "difference from what was expected, %; shaded: tolerance; small: a month, large: all months so far, "
        "diamond: the plan's months to come",
        96 + 38 * len(rows),
        hovermode="closest",
        barmode="overlay",
        margin={"r": 176},
        xaxis={
            "range": [-limit * 1.04, limit * 1.04],
            "ticksuffix": " %",
            "zeroline": True,
            "showgrid": True,
        },
        yaxis={"autorange": "reversed", "showgrid": False, "tickfont": {"size": 13}},
        annotations=[_light_label(found, label, style) for found, label in zip(rows, labels, strict=True)],
    )
    return {"data": [band, single, coming, average], "layout": layout}


def figure_title(checked: Sequence[Checked]) -> str:
    """What the figure says: how many broke, or that none did."""
    if words := broken_words(checked):
        return words
    held = sum(found.status == HOLDS for found in checked)
    return f"{held} hold{'s' * (held == 1)}, none is broken" if held else "No actual has come yet"


def off_table(checked: Sequence[Checked], calendar: Calendar) -> pd.DataFrame:
    """assumption, month, expected, value, off %, what (actual or plan): the figure's numbers by month."""
    rows = [
        (
            one.assumption_id,
            calendar.labels[at],
            one.expected,
            found.values[at],
            one.difference_pct(found.values[at]),
            "actual" if at < calendar.now else "plan",
        )
        for found in checked
        for one in (found.assumption,)
        for at in found.span
    ]
    return pd.DataFrame(rows, columns=["assumption", "month", "expected", "value", "off %", "what"])


def course_figure(found: Checked, plan: Plan, style: Style) -> FigureDict:
    """One assumption over time: actual, plan, and the band in which it holds."""
    one, calendar = found.assumption, plan.inputs.calendar
    first = max(min(found.span[0], calendar.now) - AROUND, 0)
    last = max(found.span[-1], calendar.now)
    shown, now = np.arange(first, last + 1), calendar.now
    x = look.days(calendar, first, last + 1)
    inside = np.isin(shown, found.span)
    edge = one.expected * one.tolerance_pct / 100
    low, high = (np.where(inside, one.expected + side, np.nan) for side in (-edge, edge))
    past, coming = (np.where(mask, found.values[shown], np.nan) for mask in (shown < now, shown >= now))
    dots = {"mode": "lines+markers", "marker": {"size": 8}}
    traces = [
        *(
            _exact(trace, y)
            for trace, y in zip(look.band("Holds", x, low, high, style), (low, high), strict=True)
        ),
        _exact(
            look.line("Expected", x, low, style.plan, dash="dot", width=1.5),
            np.where(inside, one.expected, np.nan),
        ),
        _exact(look.line("Actual", x, past, style.actual, **dots), past),
        _exact(look.line("Plan", x, coming, style.plan, **dots), coming),
    ]
    shapes, zone_labels = look.zones(calendar, style)
    top = np.nanmax([high[inside].max(), *found.values[shown]])
    bottom = np.nanmin([low[inside].min(), *found.values[shown]])
    room = 0.15 * (top - bottom or top)
    layout = look.layout(
        style,
        f"{light(found)}: {MEASURES[one.measure].words} of {scope_words(one)}",
        f"{one.unit(plan.inputs.money.base_currency)}; dark: actual, blue: plan, shaded: expected "
        f"{amount(one, one.expected)} ±{one.tolerance_pct:g} %; the axis does not begin at 0",
        340,
        xaxis=look.months_axis(style, calendar, x),
        yaxis={"range": [max(bottom - room, 0), top + room], "tickformat": ",.6~g"},
        shapes=shapes,
        annotations=zone_labels,
    )
    return {"data": traces, "layout": layout}


def _months_off(found: Checked, calendar: Calendar) -> list[float]:
    """The difference of each past month of its span, in %."""
    one = found.assumption
    return [one.difference_pct(found.values[at]) for at in found.span if at < calendar.now]


def _limit(rows: Sequence[Checked]) -> float:
    """Half the width of the axis, %: all averages and bands, some months may lie beyond."""
    ends = [
        abs(found.assumption.difference_pct(value))
        for found in rows
        for value in (found.actual, found.planned)
    ]
    bands = [1.6 * found.assumption.tolerance_pct for found in rows]
    return float(np.nanmax([1.0, *bands, *(MARGIN * end for end in ends)]))


def _marks(
    points: Sequence[tuple[str, float]], color: str | Sequence[str], limit: float, **marker: object
) -> dict[str, object]:
    """Marks of (row, %); one that lies beyond the axis stands at its end, with its number on hover."""
    known = [at for at, (_, off) in enumerate(points) if np.isfinite(off)]
    colors = color if isinstance(color, str) else [color[at] for at in known]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [round(float(np.clip(points[at][1], -limit, limit)), 2) for at in known],
        "y": [points[at][0] for at in known],
        "customdata": [round(points[at][1], 1) for at in known],
        "marker": {"color": colors, **marker},
        "hovertemplate": "%{customdata:+.1f} %<extra></extra>",
    }


def _row_label(found: Checked) -> str:
    one = found.assumption
    text = one.text if len(one.text) <= LABEL else f"{one.text[: LABEL - 1].rstrip()}…"
    return look.html(f"{text}  {one.assumption_id}")


def _light_label(found: Checked, row: str, style: Style) -> dict[str, object]:
    off = found.assumption.difference_pct(found.actual)
    words = light(found) + ("" if np.isnan(off) else f" {off:+.1f} %")
    return look.label(words, 1, row, _color(found, style), xref="paper")


def _color(found: Checked, style: Style) -> str:
    return {BROKEN: style.bad, HOLDS: style.good}.get(found.status, style.muted)


def _exact(trace: dict[str, object], y: np.ndarray) -> dict[str, object]:
    """A line with the digits of prices and rates."""
    return trace | {"y": look.values(y, 4), "hovertemplate": f"%{{y:,.6~g}}<extra>{trace['name']}</extra>"}
