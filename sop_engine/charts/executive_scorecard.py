"""The scorecard as drawn: each figure of the fiscal year with its months, target, budget and status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import UNKNOWN, month, percent, short
from sop_engine.charts.style import FigureDict, Style, html, layout, values
from sop_engine.executive_sop.targets import Target, Track
from sop_engine.executive_sop.trend import ScoreRow

MARKS = {Track.ON: "✓", Track.RISK: "!", Track.OFF: "✕", Track.NONE: ""}
ROW_HEIGHT, ABOVE = 42, 104  # pixels: of a row, and of the title with the column heads
LABEL, VALUE, SPARK, TARGET, BUDGET, STATUS = 0.0, 0.325, (0.35, 0.58), 0.67, 0.765, 0.785  # shares of width


def score_words(rows: Sequence[ScoreRow], period: str) -> str:
    """How many figures are on track, at risk and off, the off ones named: the title of the scorecard."""
    held = [row for row in rows if row.status is not Track.NONE]
    if not held:
        return "No figure has a target or a budget to be held against"
    counts = [
        f"{sum(row.status is each for row in held)} {each}" for each in (Track.ON, Track.RISK, Track.OFF)
    ]
    off = ", ".join(row.label for row in held if row.status is Track.OFF)
    return f"{', '.join(counts)}{f': {off}' if off else ''}; {period}"


def scorecard_panel(rows: Sequence[ScoreRow], period: str, currency: str, style: Style) -> FigureDict:
    """One line per figure: value of the fiscal year, its months (actual dark, plan in colour), target, budget
    and status in words with a mark."""
    count = len(rows)
    traces, axes, labels, shapes = [], {}, _heads(style), []
    for at, row in enumerate(rows):
        upper, lower = 1 - at / count, 1 - (at + 1) / count
        number = "" if at == 0 else str(at + 1)
        traces += _spark(row, number, style)
        axes[f"xaxis{number}"] = {"domain": list(SPARK), "anchor": f"y{number}", "visible": False}
        axes[f"yaxis{number}"] = {
            "domain": [lower + 0.16 / count, upper - 0.16 / count],
            "anchor": f"x{number}",
            "visible": False,
        }
        labels += _cells(row, (upper + lower) / 2, style)
        shapes.append(_rule(lower, style))
    return {
        "data": traces,
        "layout": layout(
            style,
            score_words(rows, period),
            f"Fiscal year; money in {currency}; {_months(rows)}"
            if currency
            else f"Fiscal year; {_months(rows)}",
            height=ABOVE + ROW_HEIGHT * max(count, 1),
            margin={"l": 8, "r": 8, "t": ABOVE - 8, "b": 8},
            hovermode="closest",
            annotations=labels,
            shapes=shapes,
            **axes,
        ),
    }


def scorecard_table(rows: Sequence[ScoreRow]) -> pd.DataFrame:
    """figure, unit, value, target, budget, status, against; then one column per month."""
    head = pd.DataFrame(
        {
            "figure": [row.label for row in rows],
            "unit": [row.unit for row in rows],
            "value": [row.value for row in rows],
            "target": [np.nan if row.target is None else row.target.value for row in rows],
            "budget": [row.budget for row in rows],
            "status": [str(row.status) for row in rows],
            "against": [row.against for row in rows],
        }
    )
    months = pd.DataFrame([dict(zip(row.trend.labels, row.trend.values, strict=True)) for row in rows])
    return pd.concat([head, months], axis=1)


def target_table(
    rows: Sequence[ScoreRow],
    targets: Sequence[tuple[int, Target]],
    planned: dict[tuple[str, int], tuple[float, int, int]],
) -> pd.DataFrame:
    """figure, fiscal year, target, plan, planned months, set by. targets: with the fiscal year each holds in

    planned: {(measure, fiscal year): value, buckets known, buckets of the year}
    """
    known = {row.key: row for row in rows}
    lines = []
    for year, target in targets:
        if target.measure in known:
            row = known[target.measure]
            value, covered, whole = planned[target.measure, year]
            plan = _figure(value, row.unit) if covered >= whole else UNKNOWN
            reach = "the whole year" if covered >= whole else f"{covered} of {whole} months"
            lines.append((row.label, year, _figure(target.value, row.unit), plan, reach, _set_by(target)))
    columns = ["figure", "fiscal year", "target", "plan", "planned", "set by"]
    return pd.DataFrame(lines, columns=columns).astype({"fiscal year": str})


def status_words(row: ScoreRow) -> str:
    """Where a figure stands and to what: "✓ on track (budget)"."""
    if row.status is Track.NONE:
        return str(row.status)
    return f"{MARKS[row.status]} {row.status} ({row.against})"


def _set_by(target: Target) -> str:
    return "sample target" if target.sample else target.set_by


def _figure(value: float, unit: str) -> str:
    if unit == "%":
        return percent(value)
    return UNKNOWN if np.isnan(value) else f"{value:.0f} days" if unit == "days" else short(value)


def _months(rows: Sequence[ScoreRow]) -> str:
    """Which months the small lines show."""
    if not rows:
        return "no figure is known"
    trend = rows[0].trend
    span = f"months {month(trend.labels[0])} to {month(trend.labels[-1])}"
    return f"{span}: actual dark, plan in colour, dotted: what the status is held against"


def _spark(row: ScoreRow, number: str, style: Style) -> list[dict[str, Any]]:
    """The months of one figure: actual, then plan from the last actual on; the reference where it is a level
    of every month."""
    trend, x = row.trend, list(range(len(row.trend.labels)))
    place = {"xaxis": f"x{number}", "yaxis": f"y{number}", "type": "scatter", "mode": "lines"}
    hover = {
        "customdata": [
            f"{month(label)}: {_figure(value, row.unit)}"
            for label, value in zip(trend.labels, trend.values, strict=True)
        ],
        "hovertemplate": f"%{{customdata}}<extra>{html(row.label)}</extra>",
    }
    at = np.arange(len(x))
    actual = np.where(at < trend.now, trend.values, np.nan)
    joint = trend.now - (1 if trend.now and np.isfinite(trend.values[trend.now - 1]) else 0)
    planned = np.where(at >= joint, trend.values, np.nan)
    lines = [
        {**place, **hover, "x": x, "y": values(actual), "line": {"color": style.actual, "width": 2}},
        {**place, **hover, "x": x, "y": values(planned), "line": {"color": style.plan, "width": 2}},
    ]
    if row.unit != "money" and np.isfinite(row.reference):
        level = {"color": style.muted, "width": 1.5, "dash": "dot"}
        ends = {"x": [x[0], x[-1]], "y": [row.reference] * 2, "hoverinfo": "skip"}
        lines.append({**place, **ends, "line": level})
    return lines


def _cells(row: ScoreRow, y: float, style: Style) -> list[dict[str, Any]]:
    color = {Track.ON: style.good, Track.RISK: style.scenario, Track.OFF: style.bad}.get(
        row.status, style.muted
    )
    target = "" if row.target is None else _figure(row.target.value, row.unit)
    budget = "" if np.isnan(row.budget) else _figure(row.budget, row.unit)
    return [
        _text(row.label, LABEL, y, "left", style.text, 14),
        _text(f"<b>{html(_figure(row.value, row.unit))}</b>", VALUE, y, "right", style.text, 17),
        _text(target, TARGET, y, "right", style.text, 13),
        _text(budget, BUDGET, y, "right", style.text, 13),
        _text(html(status_words(row)), STATUS, y, "left", color, 13),
    ]


def _heads(style: Style) -> list[dict[str, Any]]:
    heads = (
        ("this year", VALUE, "right"),
        ("by month", SPARK[0], "left"),
        ("target", TARGET, "right"),
        ("budget", BUDGET, "right"),
        ("status", STATUS, "left"),
    )
    return [{**_text(text, x, 1.0, side, style.muted, 12), "yshift": 10} for text, x, side in heads]


def _text(text: str, x: float, y: float, side: str, color: str, size: int) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "xanchor": side, "yanchor": "middle", "showarrow": False}
    return {"text": text, "x": x, "y": y, "font": {"size": size, "color": color}, **place}


def _rule(y: float, style: Style) -> dict[str, Any]:
    place = {"type": "line", "xref": "paper", "yref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y}
    return {**place, "line": {"color": style.grid, "width": 1}}
