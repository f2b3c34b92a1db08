"""What pre-S&OP draws of its issues: the options of one side by side, and how the issues stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import UNKNOWN, percent, points, short, signed
from sop_engine.charts.panels import axis, panel_title, room_for_labels
from sop_engine.charts.style import FigureDict, Style, difference_color, html, layout
from sop_engine.executive_sop.decisions import Status, is_waiting, resolved_below_pct
from sop_engine.executive_sop.scorecard import RELATIVE_TOLERANCE, Scorecard

LONGEST = 34  # letters of an option's title that fit beside a bar


class Kpi(NamedTuple):
    """A figure in which options are compared. good: +1 when more is better, 0 where neither is"""

    key: str
    label: str
    unit: str
    good: int


KPIS = (
    Kpi("revenue", "Revenue", "money", 1),
    Kpi("gross_margin", "Gross margin", "money", 1),
    Kpi("fill_rate_pct", "Fill rate", "%", 1),
    Kpi("inventory_value", "Inventory", "money", 0),
    Kpi("cash_effect", "Cash effect", "money", 1),
)


def option_deltas(cards: Sequence[Scorecard | None], base: Scorecard) -> np.ndarray:
    """(options, KPIS) of each option less doing nothing; 0 below the solver's tolerance, NaN = not known."""
    rows = [[_delta(card, base, kpi) for kpi in KPIS] for card in cards]
    return np.array(rows, dtype=float).reshape(len(cards), len(KPIS))


def option_figures(cards: Sequence[Scorecard | None], base: Scorecard) -> dict[str, list[str]]:
    """Columns of the scenario matrix: each figure with its change against doing nothing, in words."""
    deltas = option_deltas(cards, base)
    return {
        _titled(kpi, base.currency): [
            UNKNOWN if card is None else _cell(getattr(card, kpi.key), delta, kpi.unit)
            for card, delta in zip(cards, deltas[:, at], strict=True)
        ]
        for at, kpi in enumerate(KPIS)
    }


def option_numbers(titles: Sequence[str], cards: Sequence[Scorecard | None]) -> pd.DataFrame:
    """option and KPIS in full digits; NaN where nothing values an option."""
    figures = {
        kpi.key: [np.nan if card is None else getattr(card, kpi.key) for card in cards] for kpi in KPIS
    }
    return pd.DataFrame({"option": list(titles), **figures})


def option_panels(
    titles: Sequence[str], cards: Sequence[Scorecard | None], base: Scorecard, style: Style
) -> FigureDict:
    """A panel for each figure, a bar for each option: its change against doing nothing."""
    deltas, names = option_deltas(cards, base), _names(titles)
    traces, axes, heads = [], {}, []
    for number, kpi in enumerate(KPIS, start=1):
        left = 0.0 + (number - 1) * 0.2
        traces.append(_panel(names, deltas[:, number - 1], kpi, number, style))
        axes |= _panel_axes([left, left + 0.18], deltas[:, number - 1], number)
        heads.append(panel_title(_titled(kpi, base.currency), left, 1.0, style))
    return {
        "data": traces,
        "layout": layout(
            style,
            option_words(titles, cards, base),
            "Change against doing nothing, whole company, each panel on its own scale",
            height=150 + 34 * max(len(titles), 2),
            hovermode="closest",
            annotations=heads,
            **axes,
        ),
    }


def option_words(titles: Sequence[str], cards: Sequence[Scorecard | None], base: Scorecard) -> str:
    """Which option earns most against doing nothing."""
    margin = option_deltas(cards, base)[:, 1]
    if np.isnan(margin).all():
        return "No option is valued by a scenario"
    best = int(np.nanargmax(margin))
    if margin[best] <= 0:
        return "No option earns more gross margin than doing nothing"
    return f"{titles[best]} earns most: gross margin {signed(margin[best])} {base.currency}".rstrip()


def tally_words(rows: pd.DataFrame, oldest: int) -> str:
    """How the issues of a cycle stand, in one sentence. rows: of the table decision; oldest: in cycles, of
    those that wait."""
    if rows.empty:
        return "No issue is raised in this cycle"
    counts = rows["status"].value_counts()
    parts = [f"{counts[status]} {status}" for status in map(str, Status) if status in counts]
    below = resolved_below_pct(rows)
    share = (
        ""
        if np.isnan(below)
        else f"; {percent(below)} of those settled or escalated were resolved below the executive"
    )
    waits = rows["status"].map(is_waiting).any()
    aged = (
        f"; the oldest that waits is {oldest} cycle{'' if oldest == 1 else 's'} old"
        if waits and oldest
        else ""
    )
    return f"{len(rows)} issue{'' if len(rows) == 1 else 's'}: {', '.join(parts)}{share}{aged}"


def _delta(card: Scorecard | None, base: Scorecard, kpi: Kpi) -> float:
    if card is None:
        return np.nan
    value, before = getattr(card, kpi.key), getattr(base, kpi.key)
    least = 0.05 if kpi.unit == "%" else max(1.0, RELATIVE_TOLERANCE * abs(np.nan_to_num(base.revenue)))
    return 0.0 if abs(value - before) < least else value - before


def _cell(value: float, delta: float, unit: str) -> str:
    if unit == "%":
        return percent(value) + (f" ({points(delta)})" if delta else "")
    return short(value) + (f" ({signed(delta)})" if delta else "")


def _titled(kpi: Kpi, currency: str) -> str:
    return kpi.label if kpi.unit == "%" or not currency else f"{kpi.label}, {currency}"


def _names(titles: Sequence[str]) -> list[str]:
    """Titles as they fit beside a bar, each with its letter, so that no two are alike."""
    cut = (title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…" for title in titles)
    return [f"{chr(65 + at)} {title}" for at, title in enumerate(cut)]


def _panel(names: list[str], deltas: np.ndarray, kpi: Kpi, number: int, style: Style) -> dict[str, Any]:
    write = points if kpi.unit == "%" else signed
    return {
        "type": "bar",
        "orientation": "h",
        "name": kpi.label,
        "y": [html(name) for name in names],
        "x": [None if np.isnan(delta) else delta for delta in deltas.tolist()],
        "xaxis": axis("x", number),
        "yaxis": axis("y", number),
        "marker": {"color": [difference_color(np.nan_to_num(delta), kpi.good, style) for delta in deltas]},
        "text": [write(delta) if delta else "0" for delta in deltas],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "hovertemplate": f"%{{y}}: %{{x:,.1f}}<extra>{kpi.label}</extra>",
    }


def _panel_axes(domain: list[float], deltas: np.ndarray, number: int) -> dict[str, Any]:
    suffix = "" if number == 1 else str(number)
    known = deltas[np.isfinite(deltas)].tolist()
    return {
        f"xaxis{suffix}": {
            "domain": domain,
            "anchor": axis("y", number),
            "showticklabels": False,
            "zeroline": True,
            "range": room_for_labels(known, 0.7),
        },
        f"yaxis{suffix}": {
            "anchor": axis("x", number),
            "type": "category",
            "autorange": "reversed",
            "showticklabels": number == 1,
            "showgrid": False,
            "ticklabelstandoff": 8,
        },
    }
