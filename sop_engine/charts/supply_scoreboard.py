"""What the scoreboard of supply draws: each KPI with its definition, and its trend by month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, months, percent, points
from sop_engine.charts.style import FigureDict, Style
from sop_engine.inputs.calendar import Calendar
from sop_engine.supply_review.performance import KPIS, Kpi, pooled

CHANGE = "change, points of %"
YEAR = 12  # buckets of the longer look back


def kpi_table(scores: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """KPI, last %, its period, 12 periods %, change on the bucket before, level, definition; those that
    have a figure.
    """
    rows = []
    for kpi, mine in _known(scores):
        last = int(mine["bucket"].max())
        now, before = (100 * _value(mine[mine["bucket"] == bucket]) for bucket in (last, last - 1))
        year = 100 * _value(mine[mine["bucket"] > last - YEAR])
        rows.append(
            (kpi.name, now, month(calendar.labels[last]), year, now - before, kpi.level, kpi.definition)
        )
    columns = ["KPI", "last month %", "month", "12 months %", CHANGE, "level", "definition"]
    return pd.DataFrame(rows, columns=columns)


def sentence(scores: pd.DataFrame, calendar: Calendar) -> str:
    """What the scoreboard says: the leading KPI of each table that is loaded, worst first."""
    table = kpi_table(scores, calendar)
    leading = {kpi.table: kpi.name for kpi in reversed(KPIS) if kpi.name in set(table["KPI"])}
    rows = table[table["KPI"].isin(leading.values())].sort_values("last month %", kind="stable")
    parts = [
        f"{name.lower()} {percent(value)} in {when}{_moved(change)}"
        for name, value, when, change in zip(
            *(rows[column] for column in ("KPI", "last month %", "month", CHANGE)), strict=True
        )
    ]
    words = "; ".join(parts)
    return f"{words[:1].upper()}{words[1:]}."


def trend_table(scores: pd.DataFrame, table: str, calendar: Calendar) -> pd.DataFrame:
    """month and one column of % per KPI of a history table, by bucket."""
    columns = {
        kpi.name: 100 * mine.set_index("bucket")["part"] / mine.set_index("bucket")["whole"]
        for kpi, mine in _known(scores)
        if kpi.table == table
    }
    frame = pd.DataFrame(columns).sort_index()
    frame.insert(0, "month", [calendar.labels[bucket] for bucket in frame.index])
    return frame.reset_index(drop=True)


def trend(table: pd.DataFrame, style: Style, title: str, subtitle: str) -> FigureDict:
    """The KPIs of a history table by month, named at the end of their lines. table: of `trend_table`"""
    names, colors = list(table.columns[1:]), (style.actual, style.plan, style.scenario)
    shown = [month(label) for label in table["month"]]
    traces = [
        look.line(name, shown, table[name].to_numpy(), color)
        | {
            "y": look.values(table[name].to_numpy(), 1),
            "mode": "lines+markers",
            "hovertemplate": f"%{{y:.1f}} %<extra>{look.html(name)}</extra>",
        }
        for name, color in zip(names, colors, strict=False)
    ]
    top = 1.1 * max(100.0, float(np.nanmax(table[names].to_numpy(dtype=float), initial=0.0)))
    ends = [
        (name, float(table[name].dropna().iloc[-1]), color)
        for name, color in zip(names, colors, strict=False)
    ]
    layout = look.layout(
        style,
        title,
        subtitle,
        320,
        xaxis={"type": "category", "nticks": 8, "tickangle": 0},
        yaxis={"range": [0, top], "ticksuffix": " %"},
        annotations=look.end_labels(ends, shown[-1], top),
        margin={"r": 170},
    )
    return {"data": traces, "layout": layout}


def trend_words(table: pd.DataFrame) -> str:
    """How the leading KPI of a trend ended. table: of `trend_table`"""
    name = table.columns[1]
    known = table.dropna(subset=[name])
    last, first = known.iloc[-1], known.iloc[0]
    ended = f"{name} ended at {percent(last[name])}"
    if len(known) == 1:
        return ended
    span = months([first["month"], last["month"]])
    return f"{ended}, {points(last[name] - first[name])} over {span}"


def missing_words(missing: Sequence[str], columns: dict[str, str]) -> list[str]:
    """What each table that is not loaded would give, and what to load."""
    return [
        f"{table} is not loaded. Load {table}.csv ({columns[table]}) for "
        f"{', '.join(kpi.name.lower() for kpi in KPIS if kpi.table == table)}."
        for table in missing
    ]


def blank_words(scores: pd.DataFrame, missing: Sequence[str]) -> list[str]:
    """KPIs whose table is loaded but gives no figure, with the columns that are blank."""
    known = {kpi.name for kpi, _ in _known(scores)}
    return [
        f"{kpi.name} has no figure: no line of {kpi.table} has {kpi.needs}."
        for kpi in KPIS
        if kpi.table not in missing and kpi.name not in known
    ]


def _known(scores: pd.DataFrame) -> list[tuple[Kpi, pd.DataFrame]]:
    """The KPIs that have a figure, each with its scores that can be divided."""
    whole = scores[scores["whole"] > 0]
    return [(kpi, mine) for kpi in KPIS if len(mine := whole[whole["kpi"] == kpi.name])]


def _value(scores: pd.DataFrame) -> float:
    return float(pooled(scores).iloc[0]) if len(scores) else np.nan


def _moved(change: float) -> str:
    return "" if np.isnan(change) else f" ({points(change)} on the month before)"
