"""What is out of the plan: the list of risks and opportunities, and how likely and how large each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sop_engine.assumptions.assumption import MEASURES
from sop_engine.assumptions.triggers import Watched
from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, months, percent, short, signed
from sop_engine.charts.style import FigureDict, Style
from sop_engine.finance_review.register import REGISTER, totals
from sop_engine.inputs.calendar import Calendar
from sop_engine.risk.concentration import RESOURCE, SUPPLIER, Concentration

SIGNS = {"risk": "▼ risk", "opportunity": "▲ opportunity"}


def risk_table(rows: pd.DataFrame, triggers: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The register as people read it; what is made up says "sample". triggers: {item_id: in words}"""
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
            "trigger": rows["item_id"].map(triggers or {}).fillna(""),
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


def trigger_words(watched: Watched, base_currency: str) -> str:
    """Where a trigger stands: "▲ fired: exchange rate of EUR 0.93 in Dec 13, below 0.95"."""
    about = watched.measured
    scope = about.currency or about.market or about.product or about.family
    name = MEASURES[about.measure].words + (f" of {scope}" if scope else "")
    limit = f"{watched.side} {_amount(watched.limit)} {about.unit(base_currency)}"
    if watched.why:
        return f"not watched, {name} {limit}: {watched.why}"
    now = f"{name} {_amount(watched.value)} in {month(watched.period)}"
    return f"▲ fired: {now}, {limit}" if watched.fired else f"not fired: {now}; fires {limit}"


def fired_words(watched: Sequence[Watched], titles: Mapping[str, str]) -> str:
    """Which risks and opportunities the data says are coming; "" where none is."""
    names = [titles[one.item_id] for one in watched if one.fired]
    return f"{'A trigger' if len(names) == 1 else 'Triggers'} fired: {'; '.join(names)}." if names else ""


def by_period(rows: pd.DataFrame, calendar: Calendar, measure: str = "gross_margin") -> pd.DataFrame:
    """period, risk, opportunity: expected effects (probability x effect) of what counts, each spread evenly
    over its periods inside the plan's horizon."""
    labels = list(calendar.plan_labels[: calendar.horizon])
    table = pd.DataFrame(0.0, index=labels, columns=["risk", "opportunity"])
    for row in rows[rows["counts"].astype(bool) & rows[measure].notna()].itertuples():
        own = [label for label in labels if row.from_period <= label <= row.to_period]
        table.loc[own, row.kind] += getattr(row, f"expected_{measure}") / max(len(own), 1)
    return table.rename_axis("period").reset_index()


def concentration_table(found: Sequence[Concentration]) -> pd.DataFrame:
    """What the plan leans on alone, the largest share first."""
    rows = [
        (one.kind, one.name, one.items, one.units, one.revenue, one.margin, one.share_pct) for one in found
    ]
    names = ["leans on", "name", "products", "units", "revenue", "margin", "share %"]
    return pd.DataFrame(rows, columns=names)


def concentration_words(found: Sequence[Concentration]) -> str:
    """The largest customer, single source and resource without an alternate, with their shares."""
    said = []
    for words, kinds in (
        ("{name} buys {share} of it", {"market"}),
        ("{share} needs an item that only {name} delivers", {SUPPLIER}),
        ("{share} passes {name}, which has no alternate", {RESOURCE}),
    ):
        first = next((one for one in found if one.kind in kinds), None)
        if first:
            said.append(words.format(name=first.name, share=percent(first.share_pct)))
    return f"Of what the plan sells, {'; '.join(said)}." if said else ""


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


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}"
