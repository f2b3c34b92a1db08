"""What a publication changes, drawn: the largest lines in money, and how many there are of each kind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import full, month, short, signed
from sop_engine.charts.panels import mark, room_for_labels
from sop_engine.charts.style import FigureDict, Style, html, layout

SUBJECTS = {
    "consensus": "Demand",
    "production": "Production",
    "purchases": "Purchases",
    "transfers": "Transfers",
    "stock_targets": "Stock targets",
}
MOST = 10


def by_subject(changes: pd.DataFrame) -> pd.DataFrame:
    """One row per subject: subject, and how many lines are new, gone, more, less and of a new period; its
    change in units and at standard cost (of the products whose cost is known)."""
    kinds = ["new", "gone", "more", "less", "new period"]
    counted = pd.crosstab(changes["subject"], changes["change"]).reindex(columns=kinds, fill_value=0)
    sums = changes.groupby("subject")[["change_units", "change_value"]].sum(min_count=1)
    rows = counted.join(sums).reindex([name for name in SUBJECTS if name in counted.index])
    rows.insert(0, "subject", [SUBJECTS[name] for name in rows.index])
    return rows.rename(
        columns={"change_units": "change, units", "change_value": "change at standard cost"}
    ).reset_index(drop=True)


def changes_table(changes: pd.DataFrame) -> pd.DataFrame:
    """The lines as a table, largest first."""
    told = changes.assign(subject=changes["subject"].map(SUBJECTS))
    names = {"change_units": "change, units", "change_value": "change at standard cost"}
    columns = ["change", "subject", "product", "from", "site", "period", "before", "now", *names, "sentence"]
    return told[columns].rename(columns=names)


def largest_changes(changes: pd.DataFrame, since: str, currency: str, style: Style) -> FigureDict:
    """Bars of the largest lines: at standard cost, or in units where no cost is known."""
    priced = bool(changes["change_value"].notna().any())
    rows = changes.head(MOST)[::-1]
    sizes = (rows["change_value"] if priced else rows["change_units"]).fillna(0.0).to_numpy()
    unit = f"at standard cost, {currency}".rstrip(", ") if priced else "units"
    labels = [_label(row) for row in rows.rename(columns={"from": "origin"}).itertuples()]
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(rows))),
        "x": list(sizes),
        "marker": {"color": np.where(sizes >= 0, style.plan, style.muted).tolist()},
        "text": [f"{mark(size)} {signed(size)}" for size in sizes],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": list(rows["sentence"].map(html)),
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    against = f"'{since}'" if since else "nothing, as no earlier publication holds these figures"
    return {
        "data": [trace],
        "layout": layout(
            style,
            changes_words(changes, currency),
            f"The {len(rows)} largest lines, {unit}; change against {against}",
            height=110 + 30 * max(len(rows), 1),
            hovermode="closest",
            showlegend=False,
            xaxis={"showgrid": True, "zeroline": True, "range": room_for_labels(list(sizes))},
            yaxis={
                "tickvals": list(range(len(rows))),
                "ticktext": [html(text) for text in labels],
                "showgrid": False,
                "zeroline": False,
                "ticklabelstandoff": 8,
            },
        ),
    }


def changes_words(changes: pd.DataFrame, currency: str) -> str:
    """What moves most: "Production changes most: 1.2 M USD moved in 340 lines, of 1,204 in all"; of a first
    publication, what most of it is."""
    if changes.empty:
        return "Nothing changed"
    priced = changes["change_value"].notna().any()
    moved = changes["change_value"] if priced else changes["change_units"]
    sums = moved.abs().groupby(changes["subject"]).sum()
    most = sums.idxmax()
    lines = int((changes["subject"] == most).sum())
    what = currency if priced else "units"
    if (changes["change"] == "new").all():
        amount = f"{short(sums[most])} {what}".rstrip()
        share = f"{full(lines)} of {full(len(changes))} lines"
        return f"Most of it is {SUBJECTS[most].lower()}: {amount} in {share}"
    what = f"{what} moved".strip()
    return (
        (
            f"{SUBJECTS[most]} change most: {short(sums[most])} {what} in {full(lines)} lines, of "
            f"{full(len(changes))} in all"
        )
        .replace("Demand change ", "Demand changes ")
        .replace("Production change ", "Production changes ")
    )


def _label(row: object) -> str:
    when = month(f"{row.period:%Y-%m}") if row.period.day == 1 else f"{row.period:%d %b %y}"
    place = f"{row.origin} to {row.site}" if row.origin else row.site
    return ", ".join(filter(None, [f"{SUBJECTS[row.subject]} {row.product}", place, when]))
