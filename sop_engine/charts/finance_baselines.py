"""Baselines side by side: what each says of a span, how the latest estimate stands to it, and the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import change_pct, full, percent, short
from sop_engine.charts.panels import axis, grid, mark, panel_title, room_for_labels
from sop_engine.charts.style import FigureDict, Style, layout, values
from sop_engine.charts.view import View
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.finance_review.baselines import BUDGET, CYCLE, ESTIMATE, START, Baseline, Position
from sop_engine.inputs.calendar import Calendar

_GAPS = {"revenue": "gap", "gross_margin": "margin_gap"}
PANELS = {"revenue": "Revenue", "gross_margin": "Gross margin", "gm_pct": "Gross margin, %"}


def span_periods(calendar: Calendar, window: Window) -> np.ndarray:
    """The plan periods of a window, negative ones for the elapsed buckets of the running fiscal year."""
    span = span_of(calendar, window)
    return np.concatenate([np.flatnonzero(span.past) - calendar.now, span.planned])


def stated_periods(baseline: Baseline, view: View, periods: np.ndarray) -> np.ndarray:
    """Those of the periods in which the baseline says something of the view; a budget may leave out months
    of a family."""
    offered = np.intersect1d(periods, baseline.periods)
    if view.whole or baseline.kind != BUDGET:
        return offered
    cells = np.ix_(view.products, view.markets)
    said = [not np.isnan(baseline.position(np.array([period])).revenue[cells]).all() for period in offered]
    return offered[np.array(said, dtype=bool)]


def baselines_table(found: Iterable[Baseline], view: View, periods: np.ndarray) -> pd.DataFrame:
    """A row per baseline over these periods, of the view's products and markets, money in base currency.

    baseline, kind, months: how many of the periods it states; units, revenue, gross_margin, gm_pct (%),
    operating_profit: of the months to go, known of the whole company only; gap, attainment_pct, margin_gap:
    the latest estimate in the same months less the baseline, and in % of its revenue
    needed: revenue a month to go that reaches the baseline from the actuals to date; NaN = not known
    """
    found = list(found)
    estimate = next(baseline for baseline in found if baseline.kind == ESTIMATE)
    rows = [_row(baseline, estimate, view, periods) for baseline in found]
    return pd.DataFrame(rows)


def gap_sentence(
    estimate: Baseline, budget: Baseline, view: View, periods: np.ndarray, span: str, currency: str
) -> str:
    """The gap to budget in one exact sentence, over the periods of which the budget says something."""
    stated = stated_periods(budget, view, periods)
    if not stated.size:
        return f"{span}: {budget.label} says nothing of it, so there is no gap."
    ours, theirs = (_figures(each.position(stated), view) for each in (estimate, budget))
    if np.isnan(ours["revenue"] - theirs["revenue"]):
        return f"{span}: nothing is known of revenue on both sides, so there is no gap to {budget.label}."
    parts = [_gap_part("revenue", ours["revenue"], theirs["revenue"], currency, budget.label)]
    if np.isfinite(ours["gross_margin"] - theirs["gross_margin"]):
        parts.append(
            _gap_part("gross margin", ours["gross_margin"], theirs["gross_margin"], currency, budget.label)
        )
    left = "" if len(stated) == len(periods) else f" (the {len(stated)} of {len(periods)} months it states)"
    return f"{span} lands at {' and at '.join(parts)}{left}."


def run_rate_words(table: pd.DataFrame, label: str, to_go: int, currency: str) -> str:
    """What a month of the rest must bring to reach a baseline, beside what is planned; "" where it is
    not known."""
    rows = table.set_index("baseline")
    planned = rows.loc[rows["kind"] == ESTIMATE, "needed"].iloc[0]
    needed = rows.at[label, "needed"] if label in rows.index else np.nan
    if np.isnan(needed) or np.isnan(planned):
        return ""
    return (
        f"To reach {label}, each of the {to_go} months to go must bring {full(needed)} {currency} of "
        f"revenue; planned are {full(planned)} ({change_pct(planned, needed)})."
    )


def baselines_figure(
    table: pd.DataFrame, span: str, scope: str, currency: str, moved: bool, style: Style
) -> FigureDict:
    """Revenue, gross margin and its share of every baseline, one below another, each labelled with its
    figure and how the latest estimate stands to it."""
    known = table.iloc[::-1]  # the first baseline on top
    domains = grid(len(PANELS), len(PANELS), gap_x=0.05, gap_y=0.06)
    traces, axes, titles = [], {}, []
    for at, (measure, name) in enumerate(PANELS.items(), start=1):
        amounts = known[measure].to_numpy()
        gaps = (known[_GAPS[measure]] if measure in _GAPS else known[measure] * np.nan).to_numpy()
        domain = domains[at - 1]
        traces.append(_panel(known, amounts, gaps, at, measure, moved, style))
        reach = room_for_labels(np.nan_to_num(amounts), 0.75)
        axes[_key("x", at)] = {
            "domain": domain["x"],
            "range": reach,
            "anchor": axis("y", at),
            "showticklabels": False,
            "showgrid": False,
        }
        axes[_key("y", at)] = {
            "domain": domain["y"],
            "anchor": axis("x", at),
            "type": "category",
            "showticklabels": at == 1,
            "showgrid": False,
        }
        unit = "" if measure == "gm_pct" else f", {currency}"
        titles.append(panel_title(f"{name}{unit}", domain["x"][0], domain["y"][1], style))
    return {
        "data": traces,
        "layout": layout(
            style,
            _title(table),
            f"{span}; {scope}; in brackets the latest estimate less this "
            "baseline, in the months that it states",
            height=110 + 40 * len(table),
            hovermode="closest",
            annotations=titles,
            **axes,
        ),
    }


def _row(baseline: Baseline, estimate: Baseline, view: View, periods: np.ndarray) -> dict[str, object]:
    stated = stated_periods(baseline, view, periods)
    figures = _figures(baseline.position(stated), view)
    if not stated.size:
        figures = dict.fromkeys(figures, np.nan)
    ours = _figures(estimate.position(stated), view)
    gap = ours["revenue"] - figures["revenue"]
    own = baseline.kind == ESTIMATE
    return {
        "baseline": baseline.label,
        "kind": baseline.kind,
        "months": len(stated),
        **figures,
        "gap": np.nan if own else gap,
        "attainment_pct": np.nan
        if own or not figures["revenue"]
        else 100 * ours["revenue"] / figures["revenue"],
        "margin_gap": np.nan if own else ours["gross_margin"] - figures["gross_margin"],
        "needed": _needed(estimate, view, periods, stated, figures["revenue"]),
    }


def _needed(estimate: Baseline, view: View, periods: np.ndarray, stated: np.ndarray, revenue: float) -> float:
    """Revenue a month to go that takes the actuals to date to this revenue; NaN where the baseline does not
    state the whole span, or none of it is to go."""
    elapsed, to_go = periods[periods < 0], (periods >= 0).sum()
    if len(stated) < len(periods) or not to_go:
        return np.nan
    done = _figures(estimate.position(elapsed), view)["revenue"] if elapsed.size else 0.0
    return (revenue - done) / to_go


def _figures(position: Position, view: View) -> dict[str, float]:
    """Units, revenue, gross margin after supply choices, its % of revenue, operating profit of the view."""
    units, revenue, margin = (
        _known_sum(cells[np.ix_(view.products, view.markets)])
        for cells in (position.units, position.revenue, position.gross_margin)
    )
    return {
        "units": units,
        "revenue": revenue,
        "gross_margin": margin,
        "gm_pct": 100 * margin / revenue if revenue else np.nan,
        "operating_profit": position.operating_profit if view.whole else np.nan,
    }


def _known_sum(cells: np.ndarray) -> float:
    return np.nan if np.isnan(cells).all() else float(np.nansum(cells))


def _gap_part(measure: str, value: float, base: float, currency: str, label: str) -> str:
    gap = value - base
    if abs(gap) < 0.5:
        return f"{full(value)} {currency} of {measure}, on {label}"
    side = "above" if gap > 0 else "below"
    share = change_pct(value, base).lstrip("+-")
    return f"{full(value)} {currency} of {measure}, {full(abs(gap))} ({share}) {side} {label}"


def _title(table: pd.DataFrame) -> str:
    own = table[table["kind"] == ESTIMATE].iloc[0]
    held = table[table["kind"].isin((BUDGET,)) & table["gap"].notna()]
    if np.isnan(own["revenue"]):
        return "Nothing is known of revenue, because no price is loaded"
    words = [
        f"{short(abs(row.gap))} {'above' if row.gap > 0 else 'below'} {row.baseline}"
        for row in held.itertuples()
    ]
    landing = f"The latest estimate of revenue is {short(own['revenue'])}"
    return f"{landing}: {', '.join(words)}" if words else landing


def _panel(
    table: pd.DataFrame,
    amounts: np.ndarray,
    gaps: np.ndarray,
    at: int,
    measure: str,
    moved: bool,
    style: Style,
) -> dict[str, Any]:
    write = percent if measure == "gm_pct" else short
    digits = 1 if measure == "gm_pct" else 0
    looks = [_look(kind, moved, style) for kind in table["kind"]]
    return {
        "type": "bar",
        "orientation": "h",
        "name": PANELS[measure],
        "y": list(table["baseline"]),
        "x": values(amounts, digits),
        "xaxis": axis("x", at),
        "yaxis": axis("y", at),
        "width": 0.6,
        "marker": {
            "color": [look["fill"] for look in looks],
            "line": {"color": [look["edge"] for look in looks], "width": 1.2},
        },
        "text": [_text(write(amount), gap) for amount, gap in zip(amounts, gaps, strict=True)],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x:,.1f}<extra>%{y}</extra>",
    }


def _text(amount: str, gap: float) -> str:
    """A figure, and in brackets the gap of the latest estimate to it."""
    return amount if np.isnan(gap) or abs(gap) < 0.5 else f"{amount} ({mark(gap)} {short(abs(gap))})"


def _look(kind: str, moved: bool, style: Style) -> Mapping[str, str]:
    """Budgets are outlined, the plan is coloured, what is behind is grey."""
    if kind == BUDGET:
        return {"fill": "rgba(0,0,0,0)", "edge": style.budget}
    color = style.prior
    if kind in (ESTIMATE, CYCLE, START):
        color = style.scenario if moved and kind == ESTIMATE else style.plan
    return {"fill": color, "edge": color}


def _key(letter: str, at: int) -> str:
    return f"{letter}axis{at if at > 1 else ''}"
