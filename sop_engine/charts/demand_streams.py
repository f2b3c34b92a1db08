"""Charts of the streams: who expects what, month by month, and where they are furthest apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, months, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.judgement import stream_views
from sop_engine.plan import Plan

STATISTICAL, LAST, BUDGET, PRIOR, CONSENSUS = (
    "statistical with launches",
    "last cycle",
    "budget",
    "prior year",
    "consensus",
)
SAMPLE = " (sample)"
BASELINE = "statistical baseline with launches"  # in sentences
GAP = f"vs {STATISTICAL} %"


@dataclass(frozen=True, eq=False)
class Stream:
    """One view of the demand; arrays are (products, markets, periods), NaN where it says nothing.

    author: who says so; uploaded: by somebody, sample: to show the feature only
    expects: whether it is a real view of the future, held against the others
    """

    name: str
    units: np.ndarray
    money: np.ndarray
    author: str = ""
    uploaded: bool = False
    sample: bool = False
    expects: bool = True


def streams_shown(plan: Plan, last: np.ndarray | None) -> tuple[Stream, ...]:
    """The statistical baseline with phase-outs and launches, what was uploaded, the last cycle, the budget,
    the year before and the consensus.

    last: (products, markets, periods) units of the last cycle's consensus, None where none was kept
    """
    inputs, price = plan.inputs, np.nan_to_num(plan.finance.price)
    base = plan.demand.before("Streams")
    shown = [Stream(STATISTICAL, base, base * price)]
    for view in stream_views(base, inputs):
        name, money = view.stream + SAMPLE * view.sample, view.units * price
        shown.append(Stream(name, view.units, money, view.author, True, view.sample, not view.sample))
    if last is not None:
        shown.append(Stream(LAST, last, last * price))
    budget = plan.finance.budget
    if budget is not None:
        shown.append(Stream(BUDGET, budget.units, budget.revenue))
    money = inputs.money
    known = money.prior_units.any(axis=(0, 1))
    prior = [np.where(known, past, np.nan) for past in (money.prior_units, money.prior_revenue)]
    shown.append(Stream(PRIOR, *prior, expects=False))
    demand = plan.demand.unconstrained
    return (*shown, Stream(CONSENSUS, demand, demand * price, expects=False))


def by_month(shown: Sequence[Stream], view: View) -> dict[str, np.ndarray]:
    """{stream: (periods of the view,)} in the view's unit, NaN in periods in which it says nothing at all.
    Where an uploaded stream says nothing of a cell, the statistical baseline stands in for it.
    """
    base = view.cut(_valued(shown[0], view))
    result = {}
    for stream in shown:
        cells = view.cut(_valued(stream, view))
        filled = np.where(np.isnan(cells) & stream.uploaded, base, np.nan_to_num(cells))
        silent = np.isnan(cells).all(axis=(0, 1))
        result[stream.name] = np.where(silent, np.nan, filled.sum(axis=(0, 1)))
    return result


def month_table(shown: Sequence[Stream], plan: Plan, view: View) -> pd.DataFrame:
    """One row per stream: stream, by, total and GAP, both over the months in which it says
    something, and a column for each month.
    """
    values = by_month(shown, view)
    labels = [month(plan.inputs.calendar.plan_labels[period]) for period in view.periods]
    table = pd.DataFrame(np.array(list(values.values())), columns=labels)
    same = [np.where(np.isnan(said), np.nan, values[STATISTICAL]) for said in values.values()]
    total, against = (np.nansum(list(part), axis=1) for part in (values.values(), same))
    gap = np.divide(100 * (total - against), against, out=np.full(len(total), np.nan), where=against > 0)
    spoken = ~np.isnan(list(values.values())).all(axis=1)
    lead = {
        "stream": list(values),
        "by": [stream.author for stream in shown],
        "total": total,
        GAP: gap,
    }
    return pd.concat([pd.DataFrame(lead), table], axis=1)[spoken].reset_index(drop=True)


def ranges(shown: Sequence[Stream], plan: Plan, view: View) -> pd.DataFrame:
    """One row per family of the view, the largest disagreement in money first: family, lowest and highest
    with what they expect, range in units and in money.

    Views of the future only, no samples; over the view's months, with the statistical baseline where one says
    nothing.
    """
    products, currency = plan.inputs.products, plan.inputs.money.base_currency or "money"
    held = [stream for stream in shown if stream.expects]
    units, money = (
        {
            stream.name: view.by_product(
                np.where(np.isnan(getattr(stream, unit)), getattr(shown[0], unit), getattr(stream, unit))
            )
            for stream in held
        }
        for unit in ("units", "money")
    )
    rows = []
    for family in sorted(set(products.family[view.products & products.sellable])):
        inside = products.family == family
        one, other = (
            {name: part[inside].sum() for name, part in side.items()}
            for side in ((money, units) if view.money else (units, money))
        )
        low, high = min(one, key=one.get), max(one, key=one.get)
        apart = [max(side.values()) - min(side.values()) for side in (one, other)]
        in_units, in_money = apart[::-1] if view.money else apart
        in_money = in_money if np.isfinite(plan.finance.price[inside]).any() else np.nan
        rows.append((family, low, one[low], high, one[high], in_units, in_money))
    spans = ["range, units", f"range, {currency}"]
    table = pd.DataFrame(rows, columns=["family", "lowest", "low", "highest", "high", *spans])
    table = table[table[spans].max(axis=1) > 0.5]
    return table.sort_values([*spans[::-1], "family"], ascending=[False, False, True], ignore_index=True)


def stream_words(shown: Sequence[Stream], table: pd.DataFrame, plan: Plan, view: View) -> str:
    """What the section says this month; table: of `ranges`."""
    real, samples = (
        [stream.name for stream in shown if stream.uploaded and stream.sample == sample]
        for sample in (False, True)
    )
    lead = f"Beside the {BASELINE}: {listed(real)}" if real else "No real stream is uploaded"
    counts = "counts" if len(samples) == 1 else "count"
    lead += f"; {listed(samples)} {counts} in no figure" if samples else ""
    if table.empty:
        return f"{lead}; nobody expects anything else."
    top, labels = table.iloc[0], plan.inputs.calendar.plan_labels
    span = months([labels[period] for period in view.periods])
    column = table.columns[-1 if view.money else -2]
    return (
        f"{lead}. {top['family']} is where views are furthest apart: {short(top[column])} {view.unit(plan)} "
        f"between {top['lowest']} and {top['highest']}, {span}."
    )


def headline(shown: Sequence[Stream], table: pd.DataFrame) -> str:
    """What real streams expect against the statistical baseline, else what the consensus does; table: of
    `month_table`."""
    gaps = table.set_index("stream")[GAP].dropna()
    real = [stream.name for stream in shown if stream.uploaded and not stream.sample and stream.name in gaps]
    said = [f"{name} {gaps[name]:+.1f} %" for name in real or [CONSENSUS] if name in gaps]
    if not said:
        return f"The {BASELINE} is nothing here, so nothing is held against it"
    return f"Against the {BASELINE}: {listed(said)}"


def stream_lines(
    shown: Sequence[Stream], plan: Plan, view: View, style: Style, title: str, height: int = 380
) -> FigureDict:
    """All streams by month: the consensus and the statistical baseline in the colour of plans, what was
    uploaded in one colour each, samples dotted, the last cycle and the year before grey, the budget outlined.
    """
    values = by_month(shown, view)
    days = look.plan_days(plan.inputs.calendar, view.periods)
    looks = _looks(shown, style)
    traces = [look.outline(BUDGET.capitalize(), days, values[BUDGET], style)] if BUDGET in values else []
    traces += [look.line(name, days, values[name], **marks) for name, marks in looks.items()]
    top = 1.08 * max(float(np.nanmax(said)) for said in values.values() if not np.isnan(said).all())
    shapes, zone_labels = look.zones(plan.inputs.calendar, style)
    measure = f"{view.unit(plan)} a month{' at net price' if view.money else ''}"
    subtitle = f"{measure}, {view.words or 'whole company'}"
    subtitle += "; outlined bars budget" if BUDGET in values else ""
    return {
        "data": traces,
        "layout": look.layout(
            style,
            title,
            subtitle,
            height,
            xaxis=look.months_axis(style, plan.inputs.calendar, days),
            yaxis={"range": [0, max(top, 1.0)], "tickformat": "~s"},
            shapes=shapes,
            annotations=[*zone_labels, *_end_labels(values, days, looks, max(top, 1.0))],
            margin={"r": 140},
        ),
    }


def _looks(shown: Sequence[Stream], style: Style) -> dict[str, dict[str, object]]:
    """{stream: colour, dash and width of its line}; the budget has bars."""
    fixed = {
        STATISTICAL: {"color": style.plan, "dash": "dash", "width": 2},
        LAST: {"color": style.prior, "width": 2.5},
        PRIOR: {"color": style.prior, "dash": "dot", "width": 2},
        CONSENSUS: {"color": style.plan, "width": 3},
    }
    colors = iter(style.categorical[1:] * len(shown))  # the first is the colour of plans
    looks = {}
    for stream in shown:
        if stream.name != BUDGET:
            own = fixed.get(stream.name) or {"color": next(colors), "width": 2.5}
            looks[stream.name] = own | ({"dash": "dot"} if stream.sample else {})
    return looks


def _end_labels(
    values: dict[str, np.ndarray],
    days: Sequence[str],
    looks: dict[str, dict[str, object]],
    top: float,
) -> list[dict[str, object]]:
    """Labels where each line ends; one inside the chart stands off the lines that run on."""
    last = {
        name: int(np.flatnonzero(~np.isnan(values[name]))[-1])
        for name in looks
        if not np.isnan(values[name]).all()
    }
    labels = []
    for end in sorted(set(last.values())):
        ends = [
            (name, float(values[name][end]), str(looks[name]["color"])) for name in last if last[name] == end
        ]
        for label in look.end_labels(ends, days[end], top):
            above = label["y"] >= values[CONSENSUS][end]
            aside = {"yanchor": "bottom" if above else "top", "yshift": 6 if above else -6}
            labels.append(label if end == len(days) - 1 else label | aside)
    return labels


def _valued(stream: Stream, view: View) -> np.ndarray:
    return stream.money if view.money else stream.units


def listed(names: Sequence[str]) -> str:
    """The names as people say them: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
