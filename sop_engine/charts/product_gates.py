"""The pipeline by gate, its launch dates as each cycle saw them, and its scorecard in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.heat import fitting, steps
from sop_engine.charts.numbers import month, percent, short
from sop_engine.charts.product_pipeline import launch_month
from sop_engine.charts.style import FigureDict, Style
from sop_engine.finance_review.launch_value import slip_cost
from sop_engine.plan import Plan
from sop_engine.product_review.pipeline import Scorecard, moved_since, npi_scorecard, slip_cells
from sop_engine.records.pipeline import pipeline_rows

HEIGHT = 360
LATE = (-60.0, 0.5, 1.5, 2.5, 60.0)  # edges of the colours of a slip: on time, 1, 2, more periods late


def funnel_figure(funnel: pd.DataFrame, currency: str, style: Style) -> FigureDict:
    """How many projects stand at each gate beside what they would bring in their first year."""
    gates = funnel["gate"].tolist()
    count = {
        **_bar("Projects", funnel["projects"], gates, style.prior),
        "text": [
            f"{row.projects}, {row.inside} in"
            for row in funnel.rename(columns={"in the plan": "inside"}).itertuples()
        ],
        "hovertemplate": "%{y}: %{x} projects<extra></extra>",
    }
    money = [
        {**_bar("Revenue", funnel["revenue"], gates, style.prior), "xaxis": "x2", "yaxis": "y2"},
        {
            **_bar("Expected margin", funnel["expected margin"], gates, style.plan),
            "xaxis": "x2",
            "yaxis": "y2",
        },
    ]
    for trace, column in zip(money, ("revenue", "expected margin"), strict=True):
        trace["text"] = [short(float(value)) for value in funnel[column]]
        trace["hovertemplate"] = f"%{{y}}: %{{x:,.0f}} {currency}<extra>{trace['name']}</extra>"
    value = float(funnel["expected margin"].sum(min_count=1))
    title = f"The pipeline is worth {short(value)} of margin by its probabilities"
    subtitle = f"projects by gate; {currency} of the first year: grey revenue, blue expected margin"
    category = {"type": "category", "autorange": "reversed", "showgrid": False}
    layout = look.layout(
        style,
        title,
        subtitle,
        HEIGHT,
        xaxis={"domain": [0, 0.3], "visible": False, "range": [0, 1.5 * max(funnel["projects"].max(), 1)]},
        xaxis2={
            "domain": [0.36, 1],
            "visible": False,
            "range": _room(funnel[["revenue", "expected margin"]]),
        },
        yaxis=category,
        yaxis2={**category, "anchor": "x2", "showticklabels": False},
        hovermode="closest",
    )
    return {"data": [count, *money], "layout": layout}


def slip_table(plan: Plan, kept: pd.DataFrame) -> pd.DataFrame:
    """One row per project, the largest slip first: the launch first promised, as each cycle saw it, moved
    since the last cycle, late in all, and what one more period of slip costs inside the plan.

    Cycles that are made up to show the feature say so and count in no figure.
    """
    cells = slip_cells(kept, pipeline_rows(plan), plan.inputs.calendar)
    moved, last = moved_since(cells), cells["cycle"].max()
    rows = []
    for launch in (*plan.portfolio.launches, *plan.portfolio.out):
        own = cells[cells["project"] == launch.project]
        cost = slip_cost(plan.inputs, plan.finance, launch)
        row = {"project": launch.project, "promised": launch_month(plan.inputs, launch.baseline_launch)}
        row |= {cycle_words(one): launch_month(plan.inputs, one.launch) for one in own.itertuples()}
        row |= {
            "moved": float(moved[launch.project]),
            "slip": float(own.loc[own["cycle"] == last, "slip"].iloc[0]),
            "units at risk": cost.units if launch.in_plan else np.nan,
            "margin at risk": cost.gross_margin if launch.in_plan else np.nan,
        }
        rows.append(row)
    cycles = [cycle_words(one) for one in cells.drop_duplicates("cycle").itertuples()]
    columns = ["project", "promised", *cycles, "moved", "slip", "units at risk", "margin at risk"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["slip", "project"], ascending=[False, True], ignore_index=True)


def cycle_words(row: object) -> str:
    """A cycle as a column: "Nov 13", "Nov 13, sample" where it is made up."""
    return month(row.cycle) + (", sample" if row.sample else "")


def slip_figure(plan: Plan, kept: pd.DataFrame, style: Style) -> FigureDict:
    """Project x cycle: the launch month as seen then, coloured by how late it is."""
    cells = slip_cells(kept, pipeline_rows(plan), plan.inputs.calendar)
    cells = cells.assign(column=[cycle_words(one) for one in cells.itertuples()])
    columns = list(dict.fromkeys(cells["column"]))
    last = cells[cells["cycle"] == cells["cycle"].max()].sort_values(["slip", "project"])
    projects = last["project"].tolist()
    slip = cells.pivot(index="project", columns="column", values="slip").reindex(projects)[columns]
    launch = cells.pivot(index="project", columns="column", values="launch").reindex(projects)[columns]
    text = [
        ["" if np.isnan(at) else _seen(plan, int(at), int(late)) for at, late in zip(row, by, strict=True)]
        for row, by in zip(launch.to_numpy(float), slip.to_numpy(float), strict=True)
    ]
    trace = {
        "type": "heatmap",
        "x": columns,
        "y": [fitting(name) for name in projects],
        "z": [look.values(row) for row in slip.to_numpy(dtype=float)],
        "zmin": LATE[0],
        "zmax": LATE[-1],
        "colorscale": steps(LATE, (style.heat[0], style.heat[1], style.heat[3], style.heat[4])),
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 13},
        "hovertemplate": "%{y}, seen in %{x}: %{text}<extra></extra>",
    }
    layout = look.layout(
        style,
        slip_title(cells),
        "launch month as each cycle saw it, and periods later than first promised; sample: made up",
        max(HEIGHT, 130 + 38 * len(projects)),
        xaxis={"type": "category", "side": "top", "showgrid": False},
        yaxis={"type": "category", "showgrid": False, "dtick": 1},
        hovermode="closest",
        margin={"t": 96},
    )
    return {"data": [trace], "layout": layout}


def slip_title(cells: pd.DataFrame) -> str:
    """How many launches are late today, and how many moved since the last cycle that really kept them."""
    now = cells[cells["cycle"] == cells["cycle"].max()]
    late, moved = int((now["slip"] > 0).sum()), moved_since(cells)
    first = f"{late} of {len(now)} launches {'are' if late != 1 else 'is'} later than first promised"
    if moved.isna().all():
        return f"{first}; no earlier cycle kept its pipeline yet"
    return f"{first}; {int((moved > 0).sum())} slipped since the last cycle"


def scorecard_words(plan: Plan) -> str:
    """The scorecard of launches as sentences."""
    card = npi_scorecard(plan.inputs, plan.portfolio)
    return " ".join((_on_time_words(card), _attainment_words(card)))


def _on_time_words(card: Scorecard) -> str:
    past = (
        f"On time so far: {card.on_time} of {card.due} launches that were due, {percent(card.on_time_pct)}."
        if card.due
        else "No launch of the pipeline was due before this plan."
    )
    if not card.due_ahead:
        return past
    return (
        f"{past} Planned on time: {card.on_time_ahead} of {card.due_ahead} launches of the plan, "
        f"{percent(card.on_time_ahead_pct)}."
    )


def _attainment_words(card: Scorecard) -> str:
    if not card.promised:
        return "First-year attainment: no launch with a business case is a year old."
    return (
        f"First-year attainment: {percent(card.attainment_pct)}, {short(card.sold)} of "
        f"{short(card.promised)} units promised."
    )


def _seen(plan: Plan, launch: int, slip: int) -> str:
    return launch_month(plan.inputs, launch) + (f" ({slip:+d})" if slip else "")


def _bar(name: str, values: pd.Series, gates: list[str], color: str) -> dict[str, object]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": look.values(values.to_numpy(dtype=float)),
        "y": gates,
        "marker": {"color": color},
        "textposition": "outside",
        "cliponaxis": False,
    }


def _room(money: pd.DataFrame) -> list[float]:
    """A range with room for the labels beyond the longest bars."""
    high, low = (
        float(np.nanmax([*money.to_numpy().ravel(), 0.0])),
        float(np.nanmin([*money.to_numpy().ravel(), 0.0])),
    )
    return [1.2 * low, 1.2 * high or 1.0]
