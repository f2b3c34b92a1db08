"""Charts of the portfolio: what it lives on, where it grows, and at which stage of life it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.inputs import Inputs


def pareto(health: pd.DataFrame, style: Style, currency: str) -> FigureDict:
    """Revenue by product, dearest first, and its running share below; the tail past 95 % is light."""
    colors = {"A": style.plan, "B": style.actual, "C": style.prior}
    x = list(range(1, len(health) + 1))
    hover = [
        f"{look.html(str(name))}: {short(revenue)}"
        for name, revenue in zip(health["name"], health["revenue"], strict=True)
    ]
    top = {
        **look.bars(
            "Revenue",
            x,
            health["revenue"].to_numpy(),
            [colors.get(one, style.prior) for one in health["abc"]],
        ),
        "hovertext": hover,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    share = look.line(
        "Running share", x, health["cumulative_pct"].to_numpy(), style.text, xaxis="x", yaxis="y2"
    )
    tail = int((health["abc"] == "C").sum())
    head = int((health["abc"] == "A").sum())
    title = f"{head} of {len(health)} products bring 80 % of revenue; the last {tail} bring 5 %"
    layout = look.layout(
        style,
        title,
        f"{currency}, last 12 months by product; A accent, B dark, C (tail) light; below: running share, %",
        430,
        bargap=0.1,
        xaxis={"title": {"text": "rank by revenue"}, "anchor": "y2"},
        yaxis={"domain": [0.4, 1], "tickformat": "~s"},
        yaxis2={"domain": [0, 0.32], "range": [0, 102], "ticksuffix": " %"},
        hovermode="closest",
    )
    return {"data": [top, share], "layout": layout}


def family_health(health: pd.DataFrame) -> pd.DataFrame:
    """Revenue, prior revenue, margin, growth % and margin % by family, dearest first."""
    table = health.groupby(["family", "category"], as_index=False)[
        ["revenue", "prior_revenue", "margin"]
    ].sum()
    table["growth_pct"] = 100 * (
        table["revenue"] / table["prior_revenue"].where(table["prior_revenue"] > 0) - 1
    )
    table["margin_pct"] = 100 * table["margin"] / table["revenue"].where(table["revenue"] > 0)
    return table.sort_values(["revenue", "family"], ascending=[False, True], ignore_index=True)


def growth_and_margin(health: pd.DataFrame, style: Style, currency: str) -> FigureDict:
    """Families by growth and margin, sized by revenue; families without a year before are left out and
    counted.
    """
    table = family_health(health)
    shown = table[table["growth_pct"].notna() & table["margin_pct"].notna() & (table["revenue"] > 0)]
    categories = sorted(set(table["category"]))
    traces = [
        _bubbles(
            shown[shown["category"] == name], name, style.categorical[i % 10], float(shown["revenue"].max())
        )
        for i, name in enumerate(categories)
    ]
    named = shown.head(8)
    labels = [
        look.label(
            row.family,
            row.growth_pct,
            row.margin_pct,
            style.text,
            xanchor="center",
            xshift=0,
            yshift=16 + 26 * (row.revenue / shown["revenue"].max()) ** 0.5,
        )
        for row in named.itertuples()
    ]
    left = len(table) - len(shown)
    losing = shown.loc[shown["margin_pct"] < 0, "family"].tolist()
    title = (
        f"{', '.join(losing[:3])} {'lose' if len(losing) > 1 else 'loses'} money"
        if losing
        else "Every family earns a margin"
    )
    subtitle = f"growth and margin of the last 12 months, size is {currency} revenue" + (
        f"; {left} families without a year before are left out" if left else ""
    )
    layout = look.layout(
        style,
        title,
        subtitle,
        430,
        xaxis={"title": {"text": "growth on the year before, %"}, "showgrid": True, "zeroline": True},
        yaxis={"title": {"text": "margin, % of revenue"}, "zeroline": True},
        annotations=labels,
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "y": 1.08, "x": 1, "xanchor": "right"},
    )
    return {"data": traces, "layout": layout}


def lifecycle_counts(inputs: Inputs, view: View) -> pd.DataFrame:
    """Products sold of the view by category (rows) and lifecycle stage (columns)."""
    shown = view.products & inputs.products.sellable
    stage = np.where(inputs.products.stage == "", "not stated", inputs.products.stage)[shown]
    return pd.crosstab(inputs.products.category[shown], stage).rename_axis(index="category", columns=None)


def lifecycle_bars(inputs: Inputs, view: View, style: Style) -> FigureDict:
    """How many products stand in each stage, by category."""
    counts = lifecycle_counts(inputs, view)
    traces = [
        {
            "type": "bar",
            "name": category,
            "x": list(counts.columns),
            "y": counts.loc[category].tolist(),
            "marker": {"color": style.categorical[i % 10]},
            "hovertemplate": f"%{{y}} %{{x}}<extra>{look.html(str(category))}</extra>",
        }
        for i, category in enumerate(counts.index)
    ]
    total = int(counts.to_numpy().sum())
    layout = look.layout(
        style,
        f"{total} products are sold",
        "products by lifecycle stage and category",
        380,
        barmode="stack",
        showlegend=True,
        legend={"orientation": "h", "y": 1.08, "x": 1, "xanchor": "right"},
        hovermode="closest",
    )
    return {"data": traces, "layout": layout}


def _bubbles(rows: pd.DataFrame, name: str, color: str, largest: float) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": look.values(rows["growth_pct"].to_numpy(), 1),
        "y": look.values(rows["margin_pct"].to_numpy(), 1),
        "marker": {
            "size": (8 + 52 * (rows["revenue"] / largest) ** 0.5).round(1).tolist(),
            "color": color,
            "opacity": 0.75,
        },
        "hovertext": [
            f"{look.html(family)}: {short(revenue)}"
            for family, revenue in zip(rows["family"], rows["revenue"], strict=True)
        ],
        "hovertemplate": "%{hovertext}<br>growth %{x:.1f} %, margin %{y:.1f} %<extra></extra>",
    }
