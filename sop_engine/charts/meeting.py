"""What meetings spend their time on, in the notation of every chart."""

from __future__ import annotations

import pandas as pd

from sop_engine.charts.numbers import month, percent
from sop_engine.charts.style import FigureDict, Style, html, layout

GOOD_SHARE_PCT = 75.0  # what most effective executive meetings say they reach


def time_words(figures: pd.DataFrame) -> str:
    """The last meeting's share of time on decisions and how it kept its time, as a sentence.

    figures: as executive_sop.meeting_time.process_figures gives them, one row or more
    """
    last = figures.iloc[-1]
    over = last["over"]
    kept = f"{over:.0f} minutes over" if over >= 0.5 else "within its time"
    return f"{last['title']} spent {percent(last['decisions_pct'])} of its time on decisions, {kept}"


def decision_time(figures: pd.DataFrame, style: Style, title: str) -> FigureDict:
    """A bar per meeting: its share of time on decisions, beside the share that effective meetings reach."""
    names = [f"{html(row.title)}<br>{month(row.cycle)}" for row in figures.itertuples()]
    places = list(range(len(names)))
    bar = {
        "type": "bar",
        "x": places,
        "y": [round(value, 1) for value in figures["decisions_pct"].fillna(0.0)],
        "marker": {"color": style.actual},
        "text": [percent(value) for value in figures["decisions_pct"]],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{text}<extra></extra>",
        "width": 0.5,
    }
    rule = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": GOOD_SHARE_PCT,
        "y1": GOOD_SHARE_PCT,
        "line": {"color": style.budget, "width": 1.2, "dash": "dot"},
    }
    label = {
        "text": f"effective meetings: above {GOOD_SHARE_PCT:.0f} %",
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "y": GOOD_SHARE_PCT,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 13, "color": style.muted},
    }
    frame = layout(
        style,
        title,
        "Share of a meeting's time on items to decide on, %",
        height=300,
        xaxis={
            "tickmode": "array",
            "tickvals": places,
            "ticktext": names,
            "range": [-0.7, max(len(places) - 0.3, 3.7)],
        },
        yaxis={"range": [0, 100], "ticksuffix": " %"},
        hovermode="closest",
    )
    return {"data": [bar], "layout": {**frame, "shapes": [rule], "annotations": [label]}}
