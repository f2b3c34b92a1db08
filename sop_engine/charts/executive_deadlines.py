"""The calendar of deadlines as drawn, and the tables beside and behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sop_engine.charts.executive_deadline_words import Candidate, binding_words, headline, ordered
from sop_engine.charts.numbers import day
from sop_engine.charts.style import FigureDict, Style, html, layout
from sop_engine.deadlines.clock import CycleClock, last_day, periods_past
from sop_engine.deadlines.moment import MEASURE_WORDS, Moment, moment_of
from sop_engine.deadlines.waiting import Deadline
from sop_engine.inputs import Inputs

LONGEST = 38
ROW = 34  # pixels


def deadline_table(
    candidates: Sequence[Candidate], inputs: Inputs, clock: CycleClock, span: str
) -> pd.DataFrame:
    """option, last responsible moment, days left, cost of the next month of delay over a span, what binds,
    full effect until, the same cost over all reported months, question; the nearest moment first. span: its
    key"""
    waited, currency = periods_past(inputs.calendar, clock.day), inputs.money.base_currency
    rows = []
    for one in ordered(candidates, inputs):
        moment = None if one.deadline is None else moment_of(one.deadline, inputs.calendar)
        next_span, next_whole = _next_costs(one.deadline, waited, span)
        has = moment is not None and bool(one.deadline.measure)
        rows.append(
            (
                one.name,
                _day_words(moment.last, moment) if has else "-",
                days_left_words(moment, clock),
                next_span,
                one.refused or one.note or binding_words(one.deadline, inputs),
                _day_words(moment.full, moment) if has else "-",
                next_whole,
                one.question + (" (sample)" if one.sample else ""),
            )
        )
    cost = f"next month of delay costs, margin, {currency}".rstrip(", ")
    return pd.DataFrame(
        rows,
        columns=[
            "option",
            "last responsible moment",
            "days left",
            cost,
            "what binds",
            "full effect until",
            f"the same cost over {inputs.calendar.horizon} months",
            "question",
        ],
    )


def days_left_words(moment: Moment | None, clock: CycleClock) -> str:
    """Days from the cycle's day to the last responsible moment.

    >>> first, last = date(2014, 1, 3), date(2014, 1, 31)
    >>> days_left_words(Moment(last, last, last, last), CycleClock(first, first))
    '28'
    """
    if moment is None or moment.last is None:
        return "-"
    left = (moment.last - clock.day).days
    return str(left) if left >= 0 else f"{-left} too late"


def last_words(deadline: Deadline, inputs: Inputs) -> str:
    """The last responsible moment, "none" where waiting loses nothing."""
    if not deadline.measure:
        return "none"
    moment = moment_of(deadline, inputs.calendar)
    return _day_words(moment.last, moment)


def timeline(
    candidates: Sequence[Candidate],
    meetings: Sequence[tuple[str, date]],
    inputs: Inputs,
    clock: CycleClock,
    style: Style,
) -> FigureDict:
    """A row per option: full effect solid, then fading to the last responsible moment; the day of the cycle,
    its meetings, and by when each decision is wanted.

    meetings: (name, day of the cycle's calendar)
    """
    shown = [one for one in ordered(candidates, inputs) if one.deadline and one.deadline.measure]
    moments = [moment_of(one.deadline, inputs.calendar) for one in shown]
    names = _names(shown)
    ends = [at.last or at.solved for at in moments]
    fulls = [at.full or at.solved for at in moments]
    lefts = [at.left or end for at, end in zip(moments, ends, strict=True)]
    wanted = [(name, one.decide_by) for name, one in zip(names, shown, strict=True) if one.decide_by]
    traces = [
        _bar("Full effect", names, [clock.first] * len(names), fulls, style.plan, 1.0),
        _bar("Fading", names, fulls, ends, style.plan, 0.45),
        _bar("Below the share that must be left", names, ends, lefts, style.muted, 0.25),
        _last(names, moments, ends, shown, style),
        _marks("Decide by", [name for name, _ in wanted], [by for _, by in wanted], "line-ns", style.text),
    ]
    last = max([*lefts, *(by for _, by in meetings), *(by for _, by in wanted), clock.day])
    room = max((last - clock.first).days // 4, 30)  # for the days beside the last marks
    return {
        "data": [trace for trace in traces if trace["y"]],
        "layout": layout(
            style,
            headline(candidates, inputs, clock),
            "Until when each option can be decided; solid: all of its effect, light: at least "
            f"{_share(shown)} of it. Dashed: the cycle's day, {day(clock.day)}",
            height=160 + ROW * max(len(names), 2),
            hovermode="closest",
            barmode="overlay",
            showlegend=True,
            legend={"orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom"},
            margin={"l": 8, "r": 16, "t": 96, "b": 48},
            xaxis={
                "type": "date",
                "tickformat": "%-d %b %y",
                "range": [
                    (clock.first - timedelta(days=6)).isoformat(),
                    (last + timedelta(days=room)).isoformat(),
                ],
                "showgrid": True,
            },
            yaxis={"type": "category", "autorange": "reversed", "showgrid": False},
            shapes=[
                _rule(clock.day, {"color": style.bad, "width": 1.5, "dash": "dash"}),
                *(_rule(by, {"color": style.muted, "width": 1, "dash": "dot"}) for _, by in meetings),
            ],
            annotations=_meeting_labels(meetings, style),
        ),
    }


def delay_frame(candidates: Sequence[Candidate], inputs: Inputs, span: str, words: str) -> pd.DataFrame:
    """Long: option, months of delay, decided by, then gross margin, revenue and units on time against doing
    nothing over the span and over all reported periods."""
    rows = [
        (
            one.name,
            delay.periods,
            str(last_day(inputs.calendar, delay.periods)),
            *(getattr(change, name) for change in (delay.spans[span], delay.whole) for name in MEASURE_WORDS),
        )
        for one in candidates
        if one.deadline is not None
        for delay in one.deadline.delays
    ]
    whole = f"{inputs.calendar.horizon} months"
    measures = [f"{name}, {part}" for part in (words, whole) for name in MEASURE_WORDS.values()]
    return pd.DataFrame(rows, columns=["option", "months of delay", "decided by", *measures])


def _next_costs(deadline: Deadline | None, waited: int, span: str) -> tuple[float, float]:
    if deadline is None or waited + 1 >= len(deadline.delays):
        return np.nan, np.nan
    now, then = deadline.delays[waited : waited + 2]
    return (
        now.spans[span].gross_margin - then.spans[span].gross_margin,
        now.whole.gross_margin - then.whole.gross_margin,
    )


def _day_words(value: date | None, moment: Moment) -> str:
    return f"after {day(moment.solved)}" if value is None else day(value)


def _names(shown: Sequence[Candidate]) -> list[str]:
    """Names of rows, cut to fit, and no two alike."""
    names: list[str] = []
    for one in shown:
        cut = one.name if len(one.name) <= LONGEST else f"{one.name[: LONGEST - 1]}…"
        cut = html(cut + (" (sample)" if one.sample else ""))
        names.append(cut + " " * names.count(cut))
    return names


def _share(shown: Sequence[Candidate]) -> str:
    return f"{100 * shown[0].deadline.share:.0f} %" if shown else "half"


def _bar(
    name: str, rows: list[str], starts: list[date], ends: list[date], color: str, opacity: float
) -> dict[str, object]:
    kept = [at for at in range(len(rows)) if ends[at] > starts[at]]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "showlegend": False,
        "y": [rows[at] for at in kept],
        "base": [starts[at].isoformat() for at in kept],
        "x": [(ends[at] - starts[at]).days * 86_400_000 for at in kept],
        "marker": {"color": color, "opacity": opacity},
        "width": 0.5,
        "customdata": [day(ends[at]) for at in kept],
        "hovertemplate": f"%{{y}}: {name.lower()} until %{{customdata}}<extra></extra>",
    }


def _last(
    names: list[str], moments: list[Moment], ends: list[date], shown: Sequence[Candidate], style: Style
) -> dict[str, object]:
    """The last responsible moments with their days; beyond what was solved an arrow."""
    refused = [bool(one.refused) for one in shown]
    texts = [
        f"  {'too late: ' if late else ''}{day(at.last)}" if at.last else f"  after {day(at.solved)}"
        for at, late in zip(moments, refused, strict=True)
    ]
    symbols = ["diamond" if at.last else "triangle-right" for at in moments]
    colors = [style.bad if late else style.scenario for late in refused]
    marks = _marks("Last responsible moment", names, ends, symbols, colors)
    return {**marks, "mode": "markers+text", "text": texts, "textposition": "middle right"}


def _marks(
    name: str, rows: list[str], days: list[date], symbol: str | list[str], color: str | list[str]
) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [one.isoformat() for one in days],
        "y": rows,
        "marker": {"size": 14, "symbol": symbol, "color": color, "line": {"width": 2, "color": color}},
        "cliponaxis": False,
        "hovertemplate": f"%{{y}}: {name.lower()} %{{x|%-d %b %y}}<extra></extra>",
    }


def _rule(at: date, look: dict[str, object]) -> dict[str, object]:
    place = {"x0": at.isoformat(), "x1": at.isoformat(), "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", **place, "line": look}


def _meeting_labels(meetings: Sequence[tuple[str, date]], style: Style) -> list[dict[str, object]]:
    """The meetings above the plot, in three heights so that neighbours do not cover each other."""
    return [
        {
            "text": html(f"{name}, {day(by)}"),
            "x": by.isoformat(),
            "y": 1,
            "yref": "paper",
            "yanchor": "bottom",
            "xanchor": "left",
            "showarrow": False,
            "yshift": 14 * (at % 2),
            "font": {"size": 11, "color": style.muted},
        }
        for at, (name, by) in enumerate(meetings)
    ]
