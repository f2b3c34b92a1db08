"""The agenda of the executive meeting as drawn: what is unresolved, by money at stake and days left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import UNKNOWN, day, short
from sop_engine.charts.style import FigureDict, Style, html, layout
from sop_engine.executive_sop.unresolved import ASSUMPTION, DECISION, REQUEST, SIGNATURE, Matter

SHOWN = 12  # names beside their marks
LONGEST = 44


def matter_table(matters: Sequence[Matter], currency: str) -> pd.DataFrame:
    """what, title, money at stake, deadline, days left, owner, standing, reason; in the order given."""
    rows = [
        (
            matter.kind,
            matter.title,
            matter.value,
            "" if matter.deadline is None else day(matter.deadline),
            days_words(matter),
            matter.owner or "nobody",
            matter.standing,
            matter.reason,
        )
        for matter in matters
    ]
    money = f"at stake, {currency}".rstrip(", ")
    return pd.DataFrame(
        rows, columns=["what", "title", money, "deadline", "days left", "owner", "standing", "reason"]
    )


def days_words(matter: Matter) -> str:
    """Days until its deadline.

    >>> from dataclasses import replace
    >>> one = Matter("Request", "R1", "", "", 0.0, "", None, -3, "", "")
    >>> days_words(one), days_words(replace(one, days=0)), days_words(replace(one, days=None))
    ('3 overdue', 'today', '-')
    """
    if matter.days is None:
        return UNKNOWN
    if matter.days < 0:
        return f"{-matter.days} overdue"
    return str(matter.days) if matter.days else "today"


def agenda_words(matters: Sequence[Matter], currency: str) -> str:
    """How many things of each kind are unresolved, how many are late, and what is at stake; what is made up
    to show the feature is counted apart.
    """
    kinds = (DECISION, REQUEST, ASSUMPTION, SIGNATURE)
    real = [matter for matter in matters if not matter.sample]
    counts = {kind: sum(matter.kind == kind for matter in real) for kind in kinds}
    parts = [f"{count} {kind.lower()}{'' if count == 1 else 's'}" for kind, count in counts.items() if count]
    late = sum(matter.is_overdue for matter in real)
    overdue = f", {late} overdue" if late else ""
    stake = [matter.value for matter in real if matter.kind == DECISION and np.isfinite(matter.value)]
    money = f"; {short(sum(stake))} {currency} hangs on the decisions".replace("  ", " ") if stake else ""
    listed = f": {', '.join(parts)}" if parts else ""
    made_up = f"; {len(matters) - len(real)} more of the sample" if len(real) < len(matters) else ""
    return f"{len(real)} left unresolved{listed}{overdue}{money}{made_up}"


def matter_map(matters: Sequence[Matter], currency: str, style: Style) -> FigureDict:
    """Value against days left: what is large and late stands at the upper left. Without money or deadline a
    matter is in the table only."""
    kinds = {DECISION: style.plan, REQUEST: style.categorical[2], ASSUMPTION: style.bad}
    placed = [matter for matter in matters if matter.days is not None and np.isfinite(matter.value)]
    named = sorted(placed, key=lambda matter: -matter.value)[:SHOWN]
    reach = _reach(placed)
    traces = [
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": kind,
            "x": [matter.days for matter in placed if matter.kind == kind],
            "y": [matter.value for matter in placed if matter.kind == kind],
            "text": [_name(matter) if matter in named else "" for matter in placed if matter.kind == kind],
            "textposition": [_side(matter, reach) for matter in placed if matter.kind == kind],
            "textfont": {"size": 12},
            "cliponaxis": False,
            "marker": {"size": 14, "color": color},
            "hovertemplate": f"%{{text}}: %{{y:,.0f}} {currency}, %{{x}} days<extra>{kind}</extra>",
        }
        for kind, color in kinds.items()
        if any(matter.kind == kind for matter in placed)
    ]
    return {
        "data": traces,
        "layout": layout(
            style,
            agenda_words(matters, currency),
            f"Money at stake, {currency}, by days left; left of the rule the deadline has passed",
            height=300,
            hovermode="closest",
            showlegend=len(traces) > 1,
            legend={"orientation": "h", "y": -0.2},
            xaxis={"title": {"text": "days left"}, "range": reach, "showgrid": False},
            yaxis={"rangemode": "tozero", "tickformat": "~s"},
            shapes=[
                {
                    "type": "line",
                    "x0": 0,
                    "x1": 0,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": style.bad, "width": 1.5, "dash": "dash"},
                }
            ],
        ),
    }


def escalation_table(matters: Sequence[Matter], currency: str) -> pd.DataFrame:
    """what, from, why, money at stake, deadline, days left, owner of decisions that were handed on; in the
    order given."""
    rows = [
        (
            f"{matter.title}{' (sample)' if matter.sample else ''}",
            matter.origin,
            matter.reason,
            matter.value,
            "" if matter.deadline is None else day(matter.deadline),
            days_words(matter),
            matter.owner or "nobody",
        )
        for matter in matters
    ]
    money = f"at stake, {currency}".rstrip(", ")
    return pd.DataFrame(rows, columns=["what", "from", "why", money, "deadline", "days left", "owner"])


def _name(matter: Matter) -> str:
    cut = matter.title if len(matter.title) <= LONGEST else f"{matter.title[: LONGEST - 1]}…"
    return html(f"  {cut}{' (sample)' if matter.sample else ''}  ")


def _side(matter: Matter, reach: Sequence[float]) -> str:
    """Where the name has room: right of a mark in the left half, else left of it."""
    return "middle right" if (matter.days or 0) < sum(reach) / 2 else "middle left"


def _reach(placed: Sequence[Matter]) -> list[float]:
    """The scale of days, with room for the names to the right."""
    days = [matter.days or 0 for matter in placed] or [0]
    low, high = min(0, *days), max(0, *days)
    span = max(high - low, 5)
    return [low - 0.06 * span, high + 0.6 * span]
