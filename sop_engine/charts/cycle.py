"""What the cycle page draws: the month as a line of reviews and deadlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pandas as pd

from sop_engine.charts.numbers import day, month
from sop_engine.charts.style import FigureDict, Style, layout
from sop_engine.executive_sop.progress import StageState, current

_LOOK = {"signed": "circle", "in_progress": "diamond", "open": "circle-open", "stale": "x"}
STATUS_WORDS = {"signed": "signed", "in_progress": "in progress", "open": "open", "stale": "signed, stale"}


def stage_status(state: StageState) -> str:
    """signed, in_progress, open, or stale where a signature no longer holds."""
    return "stale" if state.stale else state.status


def timeline_table(states: Sequence[StageState], deadlines: Sequence[tuple[str, date]]) -> pd.DataFrame:
    """what, date, status: the reviews that have a due date, then the decisions that wait."""
    rows = [(state.name, state.due, STATUS_WORDS[stage_status(state)]) for state in states if state.due]
    rows += [(question, by, "decision waits") for question, by in deadlines]
    return pd.DataFrame(rows, columns=["what", "date", "status"])


def timeline(
    states: Sequence[StageState], deadlines: Sequence[tuple[str, date]], today: date, style: Style
) -> FigureDict:
    """Reviews by due date on one line, decisions that wait on another, and a rule at today.

    deadlines: (question, decide by)
    """
    dated = [state for state in states if state.due]
    colors = {"signed": style.good, "in_progress": style.plan, "open": style.muted, "stale": style.bad}
    reviews = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [state.due.isoformat() for state in dated],
        "y": ["Reviews"] * len(dated),
        "text": [f"{state.name}<br>{STATUS_WORDS[stage_status(state)]}" for state in dated],
        "textposition": ["top center" if at % 2 == 0 else "bottom center" for at in range(len(dated))],
        "textfont": {"size": 12},
        "marker": {
            "size": 15,
            "symbol": [_LOOK[stage_status(state)] for state in dated],
            "color": [colors[stage_status(state)] for state in dated],
            "line": {"width": 2, "color": [colors[stage_status(state)] for state in dated]},
        },
        "hovertemplate": "%{text}, due %{x|%-d %b %y}<extra></extra>",
    }
    waiting = {
        "type": "scatter",
        "mode": "markers",
        "x": [by.isoformat() for _, by in deadlines],
        "y": ["Decisions"] * len(deadlines),
        "text": [question for question, _ in deadlines],
        "marker": {"size": 13, "symbol": "diamond", "color": style.scenario},
        "hovertemplate": "%{text}, by %{x|%-d %b %y}<extra></extra>",
    }
    moments = [today, *(state.due for state in dated), *(by for _, by in deadlines)]
    now = {
        "type": "line",
        "x0": today.isoformat(),
        "x1": today.isoformat(),
        "y0": 0,
        "y1": 1,
        "yref": "paper",
    }
    return {
        "data": [reviews, waiting],
        "layout": layout(
            style,
            due_words(states, deadlines),
            f"Due dates of the reviews and deadlines of the decisions; dotted: today, {day(today)}",
            height=270,
            hovermode="closest",
            shapes=[{**now, "line": {"color": style.muted, "width": 1.5, "dash": "dot"}}],
            xaxis={
                "type": "date",
                "tickformat": "%-d %b",
                "range": [
                    (min(moments) - timedelta(days=3)).isoformat(),
                    (max(moments) + timedelta(days=3)).isoformat(),
                ],
            },
            yaxis={
                "type": "category",
                "categoryarray": ["Decisions", "Reviews"],
                "range": [-0.6, 1.8],
                "showgrid": True,
            },
        ),
    }


def due_words(states: Sequence[StageState], deadlines: Sequence[tuple[str, date]]) -> str:
    """What is due next: the next review that is not signed, and how many decisions wait."""
    ahead = [state for state in states if state.due and not state.holds]
    review = f"{ahead[0].name} is due {day(ahead[0].due)}" if ahead else "Every review is signed"
    waiting = (
        f"; {len(deadlines)} decision{'' if len(deadlines) == 1 else 's'} with a deadline"
        if deadlines
        else ""
    )
    return review + waiting


def where_words(states: tuple[StageState, ...]) -> str:
    """Where the month stands, in a sentence."""
    signed = sum(state.holds for state in states)
    next_up = current(states)
    if next_up is None:
        return "All six reviews are signed: the plan can be published"
    reason = f"; its signature is stale: {next_up.stale}" if next_up.stale else ""
    owner = f" ({next_up.owner})" if next_up.owner else ""
    return f"{signed} of {len(states)} reviews are signed; {next_up.name}{owner} is next{reason}"


def past_table(cycles: pd.DataFrame, records: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """cycle, status, signed, kept plans, published, decisions, still open: a row per cycle, the last first.

    cycles: rows of the table cycle; records: {table: its rows of all cycles}
    """
    of = {
        name: {cycle: rows[rows["cycle"] == cycle] for cycle in cycles["cycle"]}
        for name, rows in records.items()
    }
    rows = [
        {
            "cycle": month(row.cycle),
            "status": f"{row.status}, sample" if row.sample else row.status,
            "signed": f"{int((of['stage'][row.cycle]['status'] == 'signed').sum())} of "
            f"{len(of['stage'][row.cycle])}",
            "kept plans": len(of["plan_snapshot"][row.cycle]),
            "published": ", ".join(of["plan_version"][row.cycle].query("status == 'published'")["name"])
            or "none",
            "decisions": len(of["decision"][row.cycle]),
            "still open": sum(
                int(of[name][row.cycle]["status"].isin(["open", "deferred", "escalated"]).sum())
                for name in ("decision", "note", "assumption")
            ),
        }
        for row in cycles.iloc[::-1].itertuples()
    ]
    return pd.DataFrame(rows)
