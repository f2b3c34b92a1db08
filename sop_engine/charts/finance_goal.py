"""What a goal seek found: the ways side by side, and the plans that each of them solved on the way."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sop_engine.charts.numbers import full, percent, points, short
from sop_engine.charts.panels import axis, grid, panel_title
from sop_engine.charts.style import FigureDict, Style, layout, values
from sop_engine.goal_seek import Measure, Way
from sop_engine.scenario import LEVERS, LeverKind

ON_STEP, TOLD = 1e-6, 1e-4  # of a step; of the target, what is worth saying
NAMES = {LeverKind.PRICE: "Price", LeverKind.DEMAND: "Volume"}


def way_name(way: Way) -> str:
    """Price, volume or capacity: what the lever is a way of."""
    return NAMES.get(way.lever.kind, "Capacity")


def amount_words(measure: Measure, amount: float, currency: str) -> str:
    """An amount of a measure with its unit."""
    return percent(amount) if measure is Measure.FILL_RATE else f"{short(amount)} {currency}".rstrip()


def lever_value(way: Way) -> str:
    """The lever's value with its unit."""
    return LEVERS[way.lever.kind].amount(way.lever.value)


def way_table(ways: Sequence[Way], currency: str) -> pd.DataFrame:
    """figure, and one column per way: what it reaches and what it costs or gives, as written; changes are
    against the working plan over the goal's months, of inventory at their end."""
    measure = ways[0].goal.measure
    columns = {f"{way_name(way)}: {lever_value(way)}": _column(way) for way in ways}
    changes = ("revenue", "gross margin", "operating profit", "cash effect", "inventory at the end")
    unit = "%" if measure is Measure.FILL_RATE else currency
    figures = ["Target", f"{str(measure).capitalize()} gets to, {unit}"]
    figures += [f"Change of {name}, {currency}" for name in changes]
    return pd.DataFrame({"figure": [*figures, "Change of fill rate"], **columns})


def _column(way: Way) -> list[str]:
    change, measure = way.change, way.goal.measure
    moneys = (change.revenue, change.gross_margin, change.gain, change.cash, way.stock)
    got = percent(way.value) if measure is Measure.FILL_RATE else full(way.value)
    reached = "reached" if way.reached else "not within its bounds"
    return [reached, got, *(_signed_full(amount) for amount in moneys), points(change.fill_rate)]


def _signed_full(amount: float) -> str:
    return f"+{full(amount)}" if amount >= 0.5 else full(amount) if not abs(amount) < 0.5 else "±0"


def rounded_words(way: Way, currency: str) -> str:
    """That a way stands on a step of its lever and so brings more than the target; "" where it does not."""
    spec, measure = LEVERS[way.lever.kind], way.goal.measure
    more = way.value - way.goal.target
    on_step = abs(way.lever.value / spec.step - round(way.lever.value / spec.step)) < ON_STEP
    if not way.reached or not on_step or more <= TOLD * abs(way.goal.target):
        return ""
    return (
        f"{way_name(way)}: {lever_value(way)} is the smallest step of {spec.step:g} {spec.unit} that reaches "
        f"the target; it brings {amount_words(measure, more, currency)} more than asked."
    )


def path_table(ways: Sequence[Way]) -> pd.DataFrame:
    """way, solve, lever value, measure: every plan solved, in order."""
    rows = [
        (way_name(way), at, value, got) for way in ways for at, (value, got) in enumerate(way.path, start=1)
    ]
    return pd.DataFrame(rows, columns=["way", "plan", "lever value", "measure"])


def goal_words(ways: Sequence[Way], currency: str) -> str:
    """Which ways close the gap, by what, and how far the others get."""
    goal, start = ways[0].goal, ways[0].start
    target = amount_words(goal.measure, goal.target, currency)
    if start >= goal.target:
        return f"The plan is there already: {goal.measure} {amount_words(goal.measure, start, currency)}"
    closing = [f"{_words(way)}" for way in ways if way.reached]
    short_of = [way for way in ways if not way.reached]
    parts = [
        f"{' or '.join(closing)} {'brings' if len(closing) == 1 else 'bring'} {goal.measure} to {target}"
    ]
    parts = parts if closing else [f"No single lever brings {goal.measure} to {target}"]
    parts += [
        f"{way_name(way).lower()} gets to {amount_words(goal.measure, way.value, currency)}"
        for way in short_of
    ]
    words = "; ".join(parts)
    return words[:1].upper() + words[1:]


def goal_figure(ways: Sequence[Way], currency: str, scope: str, style: Style) -> FigureDict:
    """One panel per way: the measure over the lever's value, every plan solved a point, the target a rule."""
    goal, cells = ways[0].goal, grid(len(ways), len(ways), gap_x=0.07, gap_y=0.12, below=0.1)
    traces, axes, titles, shapes = [], {}, [], []
    for at, (way, cell) in enumerate(zip(ways, cells, strict=True), start=1):
        x, y, number = axis("x", at), axis("y", at), "" if at == 1 else str(at)
        spec = LEVERS[way.lever.kind]
        axes[f"xaxis{number}"] = {
            "domain": cell["x"],
            "anchor": y,
            "title": {"text": f"{spec.label}, {spec.unit}"},
        }
        axes[f"yaxis{number}"] = {"domain": cell["y"], "anchor": x, "nticks": 5}
        titles.append(panel_title(f"{way_name(way)}: {lever_value(way)}", cell["x"][0], cell["y"][1], style))
        traces += _points(way, x, y, style)
        line = {"color": style.budget, "width": 1.2, "dash": "dash"}
        shapes.append(
            {"type": "line", "xref": f"{x} domain", "x0": 0, "x1": 1, "yref": y, "y0": goal.target}
            | {"y1": goal.target, "line": line}
        )
    unit = "%" if goal.measure is Measure.FILL_RATE else currency
    return {
        "data": traces,
        "layout": layout(
            style,
            goal_words(ways, currency),
            f"{str(goal.measure).capitalize()}, {unit}; {scope}; points: solved plans; dashed: the target",
            height=360,
            hovermode="closest",
            annotations=titles,
            shapes=shapes,
            **axes,
        ),
    }


def _points(way: Way, x: str, y: str, style: Style) -> list[dict[str, object]]:
    """The plans solved, in order of the lever, and the one that was found."""
    ordered = sorted(way.path)
    color = style.good if way.reached else style.bad
    place = {"type": "scatter", "xaxis": x, "yaxis": y}
    solved = {
        "mode": "lines+markers",
        "name": "solved",
        "x": [value for value, _ in ordered],
        "y": values([got for _, got in ordered], 2),
        "line": {"color": style.plan, "width": 1.5},
        "marker": {"size": 7},
        "hovertemplate": "%{x:.4g}: %{y:,.0f}<extra></extra>",
    }
    mark = {"symbol": "diamond", "size": 13, "color": color}
    end = {
        "mode": "markers",
        "name": "found",
        "x": [way.lever.value],
        "y": values([way.value], 2),
        "marker": mark,
        "hovertemplate": f"{lever_value(way)}: {full(way.value)}<extra>found</extra>",
    }
    return [place | solved, place | end]


def _words(way: Way) -> str:
    target = f" of {way.lever.target}" if way.lever.target else ""
    return f"{LEVERS[way.lever.kind].label.lower()}{target} {lever_value(way)}"
