"""A bridge drawn: from one level to another in steps of price, volume, mix, cost, exchange and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from re import sub
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import short, signed
from sop_engine.charts.panels import mark
from sop_engine.charts.style import FigureDict, Style, bars, difference_color, html, label, layout, values
from sop_engine.finance_review.baselines import UNMOVED_LABEL
from sop_engine.finance_review.bridge import BARS, TOGETHER, Bridge

TICK, _LINES, MANY = 11, 3, 10
_CYCLE = r"^\d{4}-\d{2}-(?=\S)"  # of a request's id
_ROUNDING = 0.5  # half a unit of money, which is what a bar is drawn to


def bridge_table(bridge: Bridge) -> pd.DataFrame:
    """step, amount: the start, every bar, the end; start + bars = end."""
    bars = [(bridge.name(bar), amount) for bar, amount in bridge.total.items()]
    steps = [(bridge.start_label, bridge.start), *bars, (bridge.end_label, bridge.end)]
    return pd.DataFrame(steps, columns=["step", "amount"])


def bridge_words(bridge: Bridge, measure: str, currency: str) -> str:
    """The change and its two largest causes: "Gross margin of the plan is 0.9 M below AOP: volume -0.5 M".
    A request is named even where two others are larger."""
    change = bridge.end - bridge.start
    if np.isnan(change):
        return f"{measure.capitalize()} is not known on both sides, so nothing bridges them"
    largest = _named(bridge)
    subject = f"{measure.capitalize()} of {_inside(bridge.end_label)}"
    causes = ", ".join(f"{name} {signed(amount)}" for name, amount in largest)
    if not causes:
        return f"{subject} is the same as in {_inside(bridge.start_label)}"
    side = "above" if change >= 0 else "below"
    return f"{subject} is {short(abs(change))} {currency} {side} {_inside(bridge.start_label)}: {causes}"


def _named(bridge: Bridge) -> list[tuple[str, float]]:
    """The two largest bars, and of the requests the largest if it is not one of them, by its id."""
    ranked = sorted(_moves(bridge).items(), key=lambda bar: -abs(bar[1]))
    asked = [bar for bar in ranked if bar[0] in bridge.bars and bar[0] not in (*BARS, TOGETHER)]
    told = [*ranked[:2], *(bar for bar in asked[:1] if bar not in ranked[:2])]
    first = next((bar for bar in told if bar in asked), None)
    return [
        (
            f"{'request ' * (bar == first)}{sub(_CYCLE, '', bar[0]).split()[0]}" if bar in asked else bar[0],
            bar[1],
        )
        for bar in told
    ]


def within_words(bridge: Bridge) -> str:
    """What cannot be told apart where a side states families; "" where each states products."""
    if not bridge.by_family:
        return ""
    return (
        "One side states families, not products: a dearer or cheaper mix of products within a family cannot "
        "be told from its price and cost and stands in those two bars; mix is between families, and no "
        "product of a family that it states counts as new."
    )


def _inside(label: str) -> str:
    """A baseline's name inside a sentence: the article and a small letter for those that are words."""
    if label == UNMOVED_LABEL:
        return "the plan with no lever moved"
    if " " not in label:
        return label
    return f"{'' if label.startswith('This ') else 'the '}{label[0].lower()}{label[1:]}"


def bridge_figure(
    bridge: Bridge, measure: str, currency: str, scope: str, style: Style, title: str = ""
) -> FigureDict:
    """From one level to another; the ends are levels, not bars, so that the scale may follow the steps.

    title: the change in words if blank
    """
    steps = _moves(bridge)
    names = [bridge.start_label, *steps, bridge.end_label]
    levels = list(accumulate(steps.values(), initial=bridge.start))
    ends = [(0, bridge.start, style.budget), (len(names) - 1, bridge.end, style.plan)]
    scale = "green up is better, red down is worse; the scale does not begin at zero"
    return {
        "data": [_places(names, [*levels, bridge.end]), _steps(steps, levels, style)],
        "layout": layout(
            style,
            title or bridge_words(bridge, measure, currency),
            "; ".join(part for part in (f"{measure.capitalize()}, {currency}", scope, scale) if part),
            height=350,
            hovermode="closest",
            shapes=[
                *(_level(at, at + 1, level, style.muted, 1) for at, level in enumerate(levels)),
                *(_level(at - 0.35, at + 0.35, amount, color, 6) for at, amount, color in ends),
            ],
            annotations=[_end_label(at, amount, color) for at, amount, color in ends],
            xaxis={
                "type": "category",
                "categoryorder": "array",
                "categoryarray": names,
                "tickmode": "array",
                "tickvals": names,
                "ticktext": [_tick(name, TICK - 2 * (len(names) > MANY)) for name in names],
                "tickangle": 0,
            },
            yaxis={"range": _reach([*levels, bridge.end])},
        ),
    }


def bridge_drill(bridge: Bridge, labels: np.ndarray, axis: int, name: str) -> pd.DataFrame:
    """A total and one row per label: `name`, change, the bars that say anything, both ends; money.

    labels: of the products (axis 0) or markets (axis 1)
    """
    table = bridge.by(labels, axis)
    said = [bar for bar in bridge.bars if (table[bar].abs() > _ROUNDING).any()]
    ends = {"start": bridge.start_label, "end": bridge.end_label}
    drill = table.assign(change=table["end"] - table["start"])[["change", *said, "start", "end"]]
    names = {bar: bridge.name(bar) for bar in said}
    return drill.rename(columns={**ends, **names}).rename_axis(name).reset_index()


def _moves(bridge: Bridge) -> dict[str, float]:
    """The bars that are more than rounding."""
    moves = bridge.total.items()
    return {bridge.name(bar): amount for bar, amount in moves if abs(amount) > _ROUNDING}


def _tick(name: str, width: int) -> str:
    """A name in lines of about so many letters, three at most, a request without its cycle; the table has it
    whole."""
    lines = wrap(sub(_CYCLE, "", name), width, break_long_words=False)
    kept = lines if len(lines) <= _LINES else [*lines[: _LINES - 1], f"{lines[_LINES - 1]}…"]
    return "<br>".join(html(line) for line in kept)


def _steps(steps: Mapping[str, float], levels: Sequence[float], style: Style) -> dict[str, Any]:
    """Floating bars, each from the level before it to the level after it."""
    amounts = np.array(list(steps.values()))
    colors = [difference_color(amount, 1, style) for amount in amounts]
    return {
        **bars("Step", list(steps), amounts, colors, width=0.55),
        "base": values(levels[:-1]),
        "text": [f"{mark(amount)} {signed(amount)}" for amount in amounts],
        "textposition": "outside",
        "cliponaxis": False,
        "constraintext": "none",
        "textfont": {"size": 12},
        "hovertemplate": "%{text}<extra>%{x}</extra>",
    }


def _places(names: Sequence[str], levels: Sequence[float]) -> dict[str, Any]:
    """Invisible points that hold every category of the axis, so that the ends keep their places."""
    trace = {"type": "scatter", "mode": "markers", "opacity": 0, "hoverinfo": "skip"}
    return {**trace, "x": list(names), "y": values(levels)}


def _level(left: float, right: float, amount: float, color: str, width: int) -> dict[str, Any]:
    line = {"color": color, "width": width}
    return {"type": "line", "x0": left, "x1": right, "y0": amount, "y1": amount, "line": line}


def _end_label(at: int, amount: float, color: str) -> dict[str, Any]:
    return label(short(amount), at, amount, color, xanchor="center", yanchor="bottom", xshift=0, yshift=4)


def _reach(levels: Sequence[float]) -> list[float]:
    """The range of the scale: all levels with room for labels."""
    low, high = min(levels), max(levels)
    room = 0.18 * (high - low) or 0.1 * abs(high) or 1.0
    return [low - room, high + room]
