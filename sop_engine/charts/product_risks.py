"""What is out of the plan: the list of risks and opportunities, and how likely and how large each is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, months, short, signed
from sop_engine.charts.style import FigureDict, Style
from sop_engine.finance_review.register import REGISTER, totals

SIGNS = {"risk": "▼ risk", "opportunity": "▲ opportunity"}


def risk_table(rows: pd.DataFrame) -> pd.DataFrame:
    """The register as people read it; what is made up says "sample"."""
    span = [
        months([row.from_period, row.to_period]) if row.from_period else "after the plan"
        for row in rows.itertuples()
    ]
    sources = np.where(rows["source"] == REGISTER, "register", "launch left out")
    return pd.DataFrame(
        {
            "title": rows["title"] + np.where(rows["sample"].astype(bool), " (sample)", ""),
            "kind": rows["kind"].map(SIGNS),
            "source": sources,
            "probability %": 100 * rows["probability"].astype(float),
            "units": rows["units"].astype(float),
            "revenue": rows["revenue"].astype(float),
            "gross margin": rows["gross_margin"].astype(float),
            "expected margin": rows["expected_gross_margin"].astype(float),
            "when": span,
            "owner": rows["owner"],
            "status": rows["status"],
        }
    )


def risk_figure(rows: pd.DataFrame, currency: str, style: Style) -> FigureDict:
    """Probability against gross margin if it happens; a hollow mark is made up and counts nowhere."""
    known = rows[rows["gross_margin"].notna()]
    traces = [
        _marks(known[(known["kind"] == kind) & (known["sample"] == sample)], kind, color, sample)
        for kind, color in (("risk", style.bad), ("opportunity", style.good))
        for sample in (False, True)
    ]
    labels = [
        look.label(
            row.title,
            100 * row.probability,
            row.gross_margin,
            style.text,
            xanchor="center",
            yshift=16,
            xshift=0,
        )
        for row in known.head(10).itertuples()
    ]
    values = known["gross_margin"].to_numpy(dtype=float)
    high, low = max(values.max(initial=0.0), 0.0), min(values.min(initial=0.0), 0.0)
    room = 0.2 * (high - low or 1.0)
    left = len(rows) - len(known)
    layout = look.layout(
        style,
        risk_title(rows, currency),
        f"probability, % and {currency} gross margin if it happens; hollow: sample, in no sum"
        + (f"; {left} without a known margin left out" if left else ""),
        380,
        xaxis={
            "range": [-4, 104],
            "ticksuffix": " %",
            "zeroline": False,
            "showgrid": True,
            "title": {"text": "probability"},
        },
        yaxis={"range": [low - room, high + room], "zeroline": True, "tickformat": "~s"},
        annotations=labels,
        hovermode="closest",
    )
    return {"data": traces, "layout": layout}


def risk_title(rows: pd.DataFrame, currency: str) -> str:
    """Expected effect of all that counts, risks and opportunities apart."""
    sums = totals(rows)
    risk, chance = (float(sums[kind]["expected_gross_margin"]) for kind in ("risk", "opportunity"))
    if not risk and not chance:
        return "Nothing that counts is out of the plan"
    sides = ((chance, "opportunities"), (risk, "risks"))
    parts = [f"{signed(value)} {currency} of {name}" for value, name in sides if value]
    net = f", net {signed(chance + risk)}" if len(parts) > 1 else ""
    return f"Out of the plan: {' and '.join(parts)}{net}, expected gross margin"


def closed_table(items: pd.DataFrame) -> pd.DataFrame:
    """Items that are no longer out of the plan: in it, happened or not, withdrawn."""
    closed = items[items["status"] != "open"]
    return pd.DataFrame(
        {
            "title": closed["title"] + np.where(closed["sample"].astype(bool), " (sample)", ""),
            "kind": closed["kind"].map(SIGNS),
            "stands": closed["status"].str.replace("_", " "),
            "probability %": closed["probability_pct"],
            "revenue as weighed": closed["revenue"],
            "revenue as it came": closed["closed_amount"],
            "raised in": closed["cycle"].map(month),
            "owner": closed["owner"],
        }
    )


def _marks(rows: pd.DataFrame, kind: str, color: str, sample: bool) -> dict[str, object]:
    symbol = ("triangle-down" if kind == "risk" else "triangle-up") + ("-open" if sample else "")
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{kind}{', sample' * sample}",
        "x": look.values(100 * rows["probability"].to_numpy(dtype=float), 1),
        "y": look.values(rows["gross_margin"].to_numpy(dtype=float)),
        "marker": {"symbol": symbol, "size": 15, "color": color, "line": {"width": 2, "color": color}},
        "hovertext": [
            f"{look.html(row.title)}: {short(row.gross_margin)}, expected {short(row.expected_gross_margin)}"
            for row in rows.itertuples()
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
