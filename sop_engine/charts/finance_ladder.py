"""The ladder of risks and opportunities drawn: from the budget to the range in which the year may end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import month, short, signed
from sop_engine.charts.panels import mark
from sop_engine.charts.style import FigureDict, Style, difference_color, label, layout, values
from sop_engine.finance_review.ladder import Ladder

WIDE, NARROW = 0.5, 0.28


def ladder_words(found: Ladder, currency: str, budget_name: str) -> str:
    """What is expected, in which range, and the gap that is left."""
    if np.isnan(found.estimate):
        return f"The {_name(found)} of the plan is not known, so there is no ladder"
    words = f"{_name(found).capitalize()} is expected at {short(found.expected)} {currency}"
    if found.low == found.high:
        words += ", nothing out of the plan moves it"
    else:
        words += f", {short(found.low)} to {short(found.high)} with all risks or all opportunities"
    if np.isnan(found.gap_to_budget):
        return words
    gap = found.gap_to_budget
    side = "a gap of" if gap < 0 else "above it by"
    return f"{words}; to {budget_name}: {side} {short(abs(gap))}"


def ladder_table(found: Ladder, budget_name: str, target_name: str) -> pd.DataFrame:
    """step, amount, what it is; base currency, NaN = not stated."""
    rows = [
        (budget_name, found.budget, "what the year is held against"),
        ("Estimate less budget", found.estimate - found.budget, "in the latest estimate already"),
        ("Latest estimate", found.estimate, "actuals and the working plan"),
        ("Opportunities, expected", found.opportunities, f"all of them: {short(found.all_opportunities)}"),
        ("Risks, expected", found.risks, f"all of them: {short(found.all_risks)}"),
        ("Expected", found.expected, "estimate + probability x effect"),
        ("P10", found.p10, "10 % of all outcomes end below or at this; items independent"),
        ("P90", found.p90, "90 % of all outcomes end below or at this"),
        ("Low", found.low, "all risks happen, no opportunity does"),
        ("High", found.high, "all opportunities happen, no risk does"),
        ("Gap to budget", found.gap_to_budget, "expected less budget"),
        (target_name, found.target, "strategic target"),
        ("Gap to target", found.gap_to_target, "expected less target"),
        ("Top-side lines", found.top_side, "nobody owns them: in no sum above, and in no volume"),
    ]
    return pd.DataFrame(rows, columns=["step", "amount", "what it is"])


def item_table(rows: pd.DataFrame, measure: str, currency: str) -> pd.DataFrame:
    """Rows of the register in the words of the page, largest expected effect first; rows are given in it."""
    size = rows[f"expected_{measure}"].astype(float).abs()
    ordered = rows.assign(size=size).sort_values("size", ascending=False, kind="stable")
    return pd.DataFrame(
        {
            "what": ordered["title"].to_numpy(),
            "kind": ordered["kind"].to_numpy(),
            "probability %": 100 * ordered["probability"].to_numpy(dtype=float),
            f"if it happens, {currency}": ordered[measure].to_numpy(dtype=float),
            f"expected, {currency}": ordered[f"expected_{measure}"].to_numpy(dtype=float),
            "from": [month(text) for text in ordered["from_period"]],
            "to": [month(text) for text in ordered["to_period"]],
            "owner": ordered["owner"].to_numpy(),
        }
    )


def ladder_figure(
    found: Ladder, currency: str, budget_name: str, target_name: str, scope: str, style: Style
) -> FigureDict:
    """Levels as rules, steps as floating bars, the range as a bar in a bar; top-side lines stand apart."""
    moves = _moves(found)
    names = [*([budget_name] if _known(found.budget) else []), *moves]
    names += ["Range", *([" ", "Top-side, no owner"] if found.top_side else [])]
    known = [found.low, found.high, found.estimate, found.expected, found.budget, found.target]
    known += [found.expected + found.top_side]
    known = [amount for amount in known if _known(amount)] or [0.0]
    low, high = min(known), max(known)
    room = 0.14 * (high - low) or 0.05 * abs(high) or 1.0
    return {
        "data": [_places(names, high), *_bars(found, moves, names, style)],
        "layout": layout(
            style,
            ladder_words(found, currency, budget_name),
            f"{_name(found).capitalize()}, {currency}; {scope}; the scale does not begin at zero",
            height=430,
            hovermode="closest",
            barmode="overlay",
            shapes=_levels(found, names, target_name, style),
            annotations=_labels(found, names, budget_name, target_name, style),
            xaxis={
                "type": "category",
                "categoryorder": "array",
                "categoryarray": names,
                "tickvals": list(range(len(names))),
                "ticktext": [name.replace(" ", "<br>", 1) for name in names],
                "tickangle": 0,
            },
            yaxis={"range": [low - room, high + room]},
        ),
    }


def _moves(found: Ladder) -> dict[str, tuple[float, float]]:
    """{column: (level before, level after)} of the steps and levels, left to right."""
    up = found.estimate + found.opportunities
    moves = {"Estimate less budget": (found.budget, found.estimate)} if _known(found.budget) else {}
    return {
        **moves,
        "Latest estimate": (found.estimate, found.estimate),
        "Opportunities": (found.estimate, up),
        "Risks": (up, found.expected),
        "Expected": (found.expected, found.expected),
    }


def _bars(
    found: Ladder, moves: dict[str, tuple[float, float]], names: list[str], style: Style
) -> list[dict[str, Any]]:
    steps = {name: ends for name, ends in moves.items() if ends[0] != ends[1]}
    drawn = [
        _floating(name, start, end, difference_color(end - start, 1, style), f"{mark(end - start)} ", WIDE)
        for name, (start, end) in steps.items()
    ]
    drawn.append(_range_bar("Range", found.low, found.high, style.band, WIDE, "low to high"))
    drawn.append(_range_bar("Range", found.p10, found.p90, style.plan, NARROW, "P10 to P90"))
    if found.top_side:
        look = {"color": "rgba(0,0,0,0)", "line": {"color": style.muted, "width": 1.5}}
        top = _floating(names[-1], found.expected, found.expected + found.top_side, style.muted, "", WIDE)
        drawn.append({**top, "marker": look})
    return drawn


def _floating(name: str, start: float, end: float, color: str, lead: str, width: float) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": [name],
        "y": values([end - start]),
        "base": values([start]),
        "width": width,
        "marker": {"color": color},
        "text": [f"{lead}{signed(end - start)}"],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{text}<extra>%{x}</extra>",
    }


def _range_bar(name: str, low: float, high: float, color: str, width: float, words: str) -> dict[str, Any]:
    hover = f"{short(low)} to {short(high)}<extra>{words}</extra>"
    bar = {"type": "bar", "x": [name], "y": values([high - low]), "base": values([low]), "width": width}
    return {**bar, "marker": {"color": color}, "hovertemplate": hover}


def _places(names: list[str], height: float) -> dict[str, Any]:
    """Invisible points that hold every category of the axis in its place."""
    trace = {"type": "scatter", "mode": "markers", "opacity": 0, "hoverinfo": "skip"}
    return {**trace, "x": names, "y": values([height] * len(names))}


def _levels(found: Ladder, names: list[str], target_name: str, style: Style) -> list[dict[str, Any]]:
    """Rules of budget, estimate and expected at their column, and of the target across."""
    marks = {"Latest estimate": (found.estimate, style.plan), "Expected": (found.expected, style.plan)}
    if _known(found.budget):
        marks[names[0]] = (found.budget, style.budget)
    rules = [
        _rule(names.index(name) - 0.35, names.index(name) + 0.35, amount, color, 6, "solid")
        for name, (amount, color) in marks.items()
    ]
    if _known(found.budget):
        rules.append(_rule(-0.5, len(names) - 0.5, found.budget, style.budget, 1, "dot"))
    if _known(found.target):
        rules.append(_rule(-0.5, len(names) - 0.5, found.target, style.good, 1.5, "dash"))
    return rules


def _rule(left: float, right: float, amount: float, color: str, width: float, dash: str) -> dict[str, Any]:
    line = {"color": color, "width": width, "dash": dash}
    return {"type": "line", "x0": left, "x1": right, "y0": amount, "y1": amount, "line": line}


def _labels(
    found: Ladder, names: list[str], budget_name: str, target_name: str, style: Style
) -> list[dict[str, Any]]:
    above = {"xanchor": "center", "yanchor": "bottom", "xshift": 0, "yshift": 5}
    beside = {"xanchor": "left", "yanchor": "middle", "xshift": 0}
    at = names.index("Range")
    marks = {"Latest estimate": found.estimate, "Expected": found.expected}
    if _known(found.budget):
        marks[budget_name] = found.budget
    texts = [label(short(y), names.index(x), y, style.text, **above) for x, y in marks.items()]
    ends = {"low": found.low, "P10": found.p10, "P90": found.p90, "high": found.high}
    if found.low == found.high:
        ends = {}
    apart = 0.12 * (found.high - found.low)
    kept = {
        name: y
        for name, y in ends.items()
        if name in ("low", "high") or found.low + apart < y < found.high - apart
    }
    texts += [label(f"{name} {short(y)}", at + 0.27, y, style.muted, **beside) for name, y in kept.items()]
    if _known(found.target):
        words = f"{target_name} {short(found.target)}"
        texts.append(label(words, -0.45, found.target, style.good, **{**beside, "yanchor": "bottom"}))
    return texts


def _name(found: Ladder) -> str:
    return found.measure.replace("_", " ")


def _known(amount: float) -> bool:
    return not np.isnan(amount)
