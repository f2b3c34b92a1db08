"""Charts of the scoreboard: accuracy by lag, what each touch added, families by error and bias, how the
forecasts of a month moved from cycle to cycle, and which families are out of control.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import UNKNOWN, percent, points, short
from sop_engine.charts.panels import mark, room_for_labels
from sop_engine.charts.style import FigureDict, Style
from sop_engine.demand_review.accuracy import ALARM, CONSENSUS, NAIVE, STATISTICAL

NAMED = 8  # families that are named in a cloud of them
SIGNALS = 12  # families whose tracking signal is drawn
DIVERGING = 20.0  # % of change at which the heat is full


def lag_curve(table: pd.DataFrame, lag: int, style: Style, title: str, subtitle: str) -> FigureDict:
    """WAPE of each source by lag; the chosen lag has a rule.

    table: lag, periods and one column of WAPE % per source
    """
    sources = [name for name in table.columns[2:] if table[name].notna().any()]
    lags = table["lag"].tolist()
    traces = [
        look.line(name, lags, table[name].to_numpy(), color, dash=dash)
        | {
            "y": look.values(table[name].to_numpy(), 1),
            "mode": "lines+markers",
            "hovertemplate": f"%{{y:.1f}} %<extra>{look.html(name)}</extra>",
        }
        for name, (color, dash) in zip(sources, _looks(sources, style), strict=True)
    ]
    top = 1.1 * float(np.nanmax(table[sources].to_numpy(dtype=float), initial=1.0))
    ends = [
        (name, float(table[name].dropna().iloc[-1]), color)
        for name, (color, _) in zip(sources, _looks(sources, style), strict=True)
    ]
    rule = {"type": "line", "x0": lag, "x1": lag, "y0": 0, "y1": 1, "yref": "paper"}
    layout = look.layout(
        style,
        title,
        subtitle,
        360,
        xaxis={"dtick": 1, "range": [0.7, max(lags) + 0.3], "title": {"text": "lag, periods ahead"}},
        yaxis={"range": [0, top], "ticksuffix": " %"},
        shapes=[{**rule, "line": {"color": style.muted, "width": 1, "dash": "dot"}}],
        annotations=look.end_labels(ends, max(lags), top),
        margin={"r": 130},
    )
    return {"data": traces, "layout": layout}


def stairstep(table: pd.DataFrame, style: Style, title: str, subtitle: str) -> FigureDict:
    """WAPE of each stage and the points it took off the stage before, or that it has no record.

    table: stage, WAPE %, FVA (points, positive is better)
    """
    words = [
        f"{percent(error)}<br>{_step_words(gain)}" if np.isfinite(error) else "no past record"
        for error, gain in zip(table["WAPE %"], table["FVA"], strict=True)
    ]
    colors = [
        style.prior if np.isnan(gain) or not gain else style.good if gain > 0 else style.bad
        for gain in table["FVA"]
    ]
    heights = table["WAPE %"].fillna(0.0)
    trace = look.bars("WAPE", table["stage"].tolist(), heights.to_numpy(), colors) | {
        "y": look.values(heights.to_numpy(), 1),
        "text": words,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{y:.1f} %<extra></extra>",
    }
    top = 1.3 * max(float(heights.max()), 1.0)
    yaxis = {"range": [0, top], "ticksuffix": " %"}
    layout = look.layout(style, title, subtitle, 360, yaxis=yaxis, hovermode="closest")
    return {"data": [trace], "layout": layout}


def quadrant(groups: pd.DataFrame, style: Style, title: str, subtitle: str) -> FigureDict:
    """Families by bias and WAPE, sized by what they sold; the largest absolute errors are named."""
    shown = groups[groups["WAPE %"].notna()]
    size = 8 + 44 * (shown["actual"] / max(float(shown["actual"].max()), 1.0)) ** 0.5
    alarm = shown["tracking signal"].abs() > ALARM
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": look.values(shown["bias %"].to_numpy(), 1),
        "y": look.values(shown["WAPE %"].to_numpy(), 1),
        "marker": {
            "size": size.round(1).tolist(),
            "color": [style.bad if out else style.plan for out in alarm],
            "symbol": ["diamond" if out else "circle" for out in alarm],
            "opacity": 0.7,
        },
        "hovertext": [
            f"{look.html(row['group'])}: {short(row['actual'])} sold, "
            f"tracking signal {row['tracking signal']:+.1f}"
            for row in shown.to_dict("records")
        ],
        "hovertemplate": "%{hovertext}<br>bias %{x:+.1f} %, WAPE %{y:.1f} %<extra></extra>",
    }
    labels = [
        look.label(
            row["group"], row["bias %"], row["WAPE %"], style.text, xanchor="center", xshift=0, yshift=up
        )
        for row, up in zip(shown.head(NAMED).to_dict("records"), (size / 2 + 9) * _turns(len(shown)))
    ]
    rule = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper"}
    layout = look.layout(
        style,
        title,
        subtitle,
        400,
        xaxis={"ticksuffix": " %", "showgrid": True, "title": {"text": "bias: under- | over-forecast"}},
        yaxis={"ticksuffix": " %", "rangemode": "tozero", "title": {"text": "WAPE"}},
        shapes=[{**rule, "line": {"color": style.muted, "width": 1}}],
        annotations=labels,
        hovermode="closest",
    )
    return {"data": [trace], "layout": layout}


def tracking(groups: pd.DataFrame, style: Style, title: str, subtitle: str) -> FigureDict:
    """Tracking signal by family, furthest out on top; an alarm is marked by its sign and by colour."""
    shown = groups[groups["tracking signal"].notna()]
    order = shown["tracking signal"].abs().sort_values(ascending=False, kind="stable").index[:SIGNALS]
    shown = shown.loc[order[::-1]]
    signal = shown["tracking signal"].to_numpy()
    out = np.abs(signal) > ALARM
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": look.values(signal, 2),
        "y": shown["group"].tolist(),
        "marker": {"color": [style.bad if alarm else style.prior for alarm in out]},
        "text": [
            f"{value:+.1f}{f' {mark(value)} alarm' if alarm else ''}"
            for value, alarm in zip(signal, out, strict=True)
        ],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:+.1f}<extra></extra>",
    }
    limits = [
        {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"}
        | {"line": {"color": style.bad, "width": 1, "dash": "dash"}}
        for x in (-ALARM, ALARM)
    ]
    low, high = room_for_labels([*signal, -ALARM, ALARM], 0.45)
    layout = look.layout(
        style,
        title,
        subtitle,
        max(260, 110 + 26 * len(shown)),
        xaxis={"range": [low, high], "showgrid": True},
        yaxis={"type": "category", "showgrid": False},
        shapes=limits,
        hovermode="closest",
    )
    return {"data": [trace], "layout": layout}


def worst_table(table: pd.DataFrame, cut: str) -> pd.DataFrame:
    """The rows of a table of groups as people read them: the tracking signal with its alarm."""
    signal = [
        f"{value:+.1f}{f' {mark(value)} alarm' if abs(value) > ALARM else ''}"
        for value in table["tracking signal"]
    ]
    worded = table.assign(**{"tracking signal": signal}).rename(columns={"group": cut})
    if "MASE" in worded:
        worded["MASE"] = [UNKNOWN if np.isnan(value) else f"{value:.2f}" for value in table["MASE"]]
    return worded


def waterfall_table(
    cycles: Sequence[str], periods: Sequence[str], table: np.ndarray, came: np.ndarray
) -> pd.DataFrame:
    """made in and one column per period; the last row is what came."""
    rows = pd.DataFrame(np.vstack([table, came]), columns=list(periods))
    rows.insert(0, "made in", [*cycles, "Actual"])
    return rows


def waterfall(frame: pd.DataFrame, style: Style, title: str, subtitle: str) -> FigureDict:
    """Rows are cycles, columns periods, the last row what came; heat is the change from the cycle before, in
    %, and of what came from the last forecast of it.

    frame: made in, then one column per period; NaN where nothing was said
    """
    values = frame.drop(columns="made in").to_numpy(dtype=float)
    change = changes(values)
    hover = np.where(np.isnan(change), "first forecast", _signed_percents(change))
    trace = {
        "type": "heatmap",
        "x": frame.columns[1:].tolist(),
        "y": frame["made in"].tolist(),
        "z": [look.values(row, 1) for row in np.where(np.isnan(values), np.nan, np.nan_to_num(change))],
        "text": [["" if np.isnan(value) else short(value) for value in row] for row in values],
        "texttemplate": "%{text}",
        "textfont": {"size": 11},
        "customdata": hover.tolist(),
        "zmin": -DIVERGING,
        "zmax": DIVERGING,
        "colorscale": [[0, style.categorical[1]], [0.5, style.heat[0]], [1, style.categorical[0]]],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{x} as seen in %{y}: %{text}<br>%{customdata}<extra></extra>",
    }
    layout = look.layout(
        style,
        title,
        subtitle,
        150 + 27 * len(frame),
        xaxis={"side": "top", "type": "category", "tickangle": 0, "tickfont": {"size": 11}},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
        margin={"t": 96},
        hovermode="closest",
    )
    return {"data": [trace], "layout": layout}


def lag_words(table: pd.DataFrame) -> str:
    """The message of the lag curve."""
    known = table.dropna(subset=[STATISTICAL])
    if known.empty:
        return "No lag can be scored in this filter"
    near, far = known.iloc[0], known.iloc[-1]
    return (
        f"Error is {percent(near[STATISTICAL])} at lag {near['lag']:.0f}, "
        f"{percent(far[STATISTICAL])} at lag {far['lag']:.0f}"
    )


def step_words(steps: pd.DataFrame) -> str:
    """The message of the stairstep."""
    silent = steps.loc[steps["WAPE %"].isna(), "stage"].tolist()
    gains = steps.dropna(subset=["FVA"])
    if gains.empty:
        return "No stage can be held against another in this filter"
    best = gains.loc[gains["FVA"].idxmax()]
    verb, side = ("takes", "off") if best["FVA"] >= 0 else ("adds", "to")
    words = f"{best['stage']} {verb} {points(abs(best['FVA'])).lstrip('+')} {side} the error"
    return words + (f"; no past record yet: {', '.join(silent)}" if silent else "")


def worst_words(table: pd.DataFrame, unit: str) -> tuple[str, str]:
    """The messages of the quadrant and of the tracking signals."""
    top = table.iloc[0]
    if not top["absolute error"]:
        return "Nothing was missed", f"No tracking signal is beyond {ALARM:.0f}"
    share = 100 * top["absolute error"] / table["absolute error"].sum()
    worst = f"{top['group']} makes {percent(share)} of the error, {short(top['absolute error'])} {unit}"
    out = table[table["tracking signal"].abs() > ALARM]
    if out.empty:
        return worst, f"No tracking signal is beyond {ALARM:.0f}"
    return worst, f"{len(out)} of {len(table)} are out of control: {', '.join(out['group'].head(3))}"


def story_words(source: str, frame: pd.DataFrame) -> str:
    """The message of a waterfall: where the last month that came went from its first to its last forecast."""
    values = frame.drop(columns="made in")
    came = values.iloc[-1].dropna()
    if came.empty:
        return f"{source}: no month of these forecasts has come yet"
    said = values[came.index[-1]].iloc[:-1].dropna()
    first, last, actual = short(said.iloc[0]), short(said.iloc[-1]), short(came.iloc[-1])
    return f"{source}: {came.index[-1]} was first seen as {first}, last as {last}, and came as {actual}"


def changes(values: np.ndarray) -> np.ndarray:
    """(rows, periods) % against the last row above that said something of the period; NaN where none did."""
    result = np.full(values.shape, np.nan)
    before = np.full(values.shape[1], np.nan)
    for row, said in enumerate(values):
        np.divide(100 * (said - before), before, out=result[row], where=before > 0)
        before = np.where(np.isnan(said), before, said)
    return result


def _signed_percents(change: np.ndarray) -> np.ndarray:
    return np.array([[f"{value:+.1f} % on the one before" for value in row] for row in change], dtype=object)


def _turns(count: int) -> np.ndarray:
    """1, -1, 1, ...: labels above and below in turn, so that neighbours keep apart."""
    return np.where(np.arange(count) % 2, -1, 1)


def _step_words(gain: float) -> str:
    """What a stage did to the error of the one before; the sign is in the word."""
    if np.isnan(gain):
        return "start"
    return f"{mark(-gain)} {points(abs(gain)).lstrip('+')} {'better' if gain >= 0 else 'worse'}"


def _looks(sources: Sequence[str], style: Style) -> list[tuple[str, str]]:
    """Colour and dash of each source; streams take the categorical colours."""
    fixed = {
        NAIVE: (style.prior, "dot"),
        STATISTICAL: (style.plan, "dash"),
        CONSENSUS: (style.plan, "solid"),
    }
    return [
        fixed.get(name, (style.categorical[(i + 1) % len(style.categorical)], "solid"))
        for i, name in enumerate(sources)
    ]
