"""Assumptions as people read them: the light of each, actual against the expected band, what leans on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.assumptions import (
    BROKEN,
    HOLDS,
    MEASURES,
    NOT_LOADED,
    WAITING,
    WORDS_ONLY,
    Assumption,
    Checked,
)
from sop_engine.charts import style as look
from sop_engine.charts.numbers import UNKNOWN, change_pct, month, months, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.inputs.calendar import Calendar
from sop_engine.plan import Plan

SIGNS = {BROKEN: "✗", NOT_LOADED: "?", HOLDS: "✓", WAITING: "…", WORDS_ONLY: "–"}
TALLY = (
    (BROKEN, "broken", "broken"),
    (HOLDS, "holds", "hold"),
    (WAITING, "waits for actuals", "wait for actuals"),
    (WORDS_ONLY, "in words only", "in words only"),
    (NOT_LOADED, "of what is not in the data", "of what is not in the data"),
)
NAMED = 3  # families of a sentence
LABEL = 46  # characters of an assumption beside its row
MARGIN = 1.25  # of the widest average, either side of expected
AROUND = 6  # buckets shown before its span


def light(found: Checked) -> str:
    """Sign and word; "✗ broken"."""
    return f"{SIGNS[found.status]} {found.status}"


def count_words(checked: Sequence[Checked]) -> str:
    """How many are broken, "" where none is: "1 assumption broken". Those of the sample count only where no
    other is broken, and are named so: "1 assumption broken (sample)".
    """
    broken = [found.assumption.sample for found in checked if found.status == BROKEN]
    count = broken.count(False) or len(broken)
    words = f"{count} assumption{'' if count == 1 else 's'} broken{' (sample)' * all(broken)}"
    return words if broken else ""


def tally_words(checked: Sequence[Checked]) -> str:
    """How many stand where, and of how many the plan says otherwise.

    "5 assumptions: 1 broken, 2 hold, 1 waits for actuals, 1 in words only."
    """
    total = len(checked)
    counts = ", ".join(
        f"{count} {one if count == 1 else more}"
        for status, one, more in TALLY
        if (count := _count(checked, status))
    )
    departs = sum(found.departs for found in checked)
    more = f" The plan itself says otherwise of {departs}." if departs else ""
    return f"{total} assumption{'' if total == 1 else 's'}: {counts}.{more}"


def amount(assumption: Assumption, value: float) -> str:
    """A value in its measure's digits: whole units and money, prices and rates to the cent or finer."""
    if np.isnan(value):
        return UNKNOWN
    if assumption.measure in ("demand_units", "revenue"):
        return f"{value:,.0f}"
    if assumption.measure == "on_time_pct":
        return f"{value:.1f}"
    return f"{value:,.4f}" if assumption.measure == "exchange_rate" or value < 1 else f"{value:,.2f}"


def scope_words(assumption: Assumption) -> str:
    """What it speaks of, without its months."""
    named = [assumption.product or assumption.family, assumption.market, assumption.currency]
    return ", ".join(filter(None, named)) or "whole company"


def span_words(found: Checked, calendar: Calendar) -> str:
    """The months it speaks of, as far as data and plan reach."""
    return months([calendar.labels[at] for at in found.span]) if found.span else UNKNOWN


def broken_sentence(found: Checked, plan: Plan) -> str:
    """What came against what was expected, and the families and money that lean on it."""
    return f"{actual_sentence(found, plan)} {leaning_sentence(found, plan)}"


def actual_sentence(found: Checked, plan: Plan) -> str:
    """What came against what was expected; why nothing did where it waits for actuals."""
    if np.isnan(found.actual):
        return found.why
    one, calendar = found.assumption, plan.inputs.calendar
    currency = plan.inputs.money.base_currency
    past = [at for at in found.span if at < calendar.now]
    came = (
        f"{MEASURES[one.measure].words} of {scope_words(one)} was {amount(one, found.actual)} "
        f"{one.unit(currency)} in {months([calendar.labels[at] for at in past])}, "
        f"{change_pct(found.actual, one.expected)} against {amount(one, one.expected)} expected "
        f"(±{one.tolerance_pct:g} %)."
    )
    return f"{came[0].upper()}{came[1:]}"


def leaning_sentence(found: Checked, plan: Plan) -> str:
    """The families and the money of the plan that lean on it."""
    if not found.leaning:
        return "Nothing that the plan delivers leans on it."
    currency = plan.inputs.money.base_currency
    names = [family.family for family in found.leaning]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    money = f"{short(found.revenue)} {currency} of revenue and {short(found.gross_margin)} of gross margin"
    when = months([plan.inputs.calendar.plan_labels[at] for at in found.ahead])
    return f"On it lean {', '.join(names[:NAMED])}{more}: {money}, {when}."


def departure_words(found: Checked, plan: Plan) -> str:
    """What the plan says of the months to come, "" where it says nothing."""
    if np.isnan(found.planned):
        return ""
    one = found.assumption
    verb = "The plan says otherwise" if found.departs else "The plan agrees"
    return (
        f"{verb}: {amount(one, found.planned)} {one.unit(plan.inputs.money.base_currency)}, "
        f"{change_pct(found.planned, one.expected)}."
    )


def register_table(checked: Sequence[Checked], plan: Plan) -> pd.DataFrame:
    """A row for each, in the given order; actual and plan are averages of the months of its span."""
    calendar, currency = plan.inputs.calendar, plan.inputs.money.base_currency
    return pd.DataFrame(
        [
            (
                one.assumption_id,
                light(found),
                one.text + " (sample)" * one.sample,
                amount(one, one.expected),
                f"{one.tolerance_pct:g}" if one.measure else UNKNOWN,
                amount(one, found.actual),
                one.difference_pct(found.actual),
                amount(one, found.planned),
                one.difference_pct(found.planned),
                f"{MEASURES[one.measure].words}, {one.unit(currency)}" if one.measure else "",
                scope_words(one) if one.measure else "",
                span_words(found, calendar),
                one.owner,
                age_words(one, calendar),
            )
            for found in checked
            for one in (found.assumption,)
        ],
        columns=[
            "assumption",
            "stands",
            "text",
            "expected",
            "± %",
            "actual",
            "actual off %",
            "plan",
            "plan off %",
            "measure",
            "of",
            "months",
            "owner",
            "made in",
        ],
    )


def age_words(one: Assumption, calendar: Calendar) -> str:
    """The cycle it was made in and how many cycles ago that is."""
    known = one.cycle in calendar.labels
    age = calendar.now - calendar.labels.index(one.cycle) if known else 0
    return month(one.cycle) + (f", {age} cycle{'' if age == 1 else 's'} ago" if age > 0 else "")


def leaning_table(found: Checked) -> pd.DataFrame:
    """family, units, revenue, gross margin of the plan's months that lean on it."""
    return pd.DataFrame(found.leaning, columns=["family", "units", "revenue", "gross margin"])


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
    words = count_words(checked)
    if words:
        return words
    held = _count(checked, HOLDS)
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


def _count(checked: Sequence[Checked], status: str) -> int:
    return sum(found.status == status for found in checked)


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
