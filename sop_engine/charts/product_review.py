"""Charts of the portfolio: what it lives on, where it grows, how new it is, what a product brings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import percent, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.inputs import Inputs
from sop_engine.product_review.health import sold_in_year

MOST_BARS = 400  # beyond that a bar stands for several neighbours in rank
MOST_FAMILIES = 14
MOST_NAMED = 8  # families that have their name at their bubble
LABEL_SIZE = (0.25, 0.07)  # of the drawn width and height that a name takes
LEGEND = {"orientation": "h", "y": 1.08, "x": 1, "xanchor": "right"}


def health_table(health: pd.DataFrame, channels: list[str]) -> pd.DataFrame:
    """`portfolio_health` as planners read it; of channels the margin in money and in % of their revenue."""
    named = "product" in health
    words = {
        "rank": "rank",
        "product": "product",
        "name": "name" if named else "family",
        "family": "family",
        "stage": "stage",
        "abc": "ABC",
        "xyz": "XYZ",
        "revenue": "revenue",
        "share_pct": "share %",
        "cumulative_pct": "cumulative %",
        "growth_pct": "growth %",
        "units": "units",
        "margin": "margin",
        "margin_pct": "margin %",
    } | {f"{channel} margin_pct": f"{channel} margin %" for channel in channels}
    words |= {f"{channel} margin": f"{channel} margin" for channel in channels}
    kept = list(words) if named else [name for name in words if name not in ("product", "family")]
    table = health[kept].rename(columns=words)
    return table if named else table.assign(products=health["sellers"].to_numpy())


def pareto(health: pd.DataFrame, style: Style, currency: str, settings: Mapping[str, float]) -> FigureDict:
    """Revenue by rank and its running share below; shaded is the tail, what comes after abc_b_pct."""
    noun = "products" if "product" in health else "families"
    colors = {"A": style.plan, "B": style.actual, "C": style.prior}
    each = max(1, -(-len(health) // MOST_BARS))
    rows = health.groupby(np.arange(len(health)) // each).agg(
        rank=("rank", "median"),
        revenue=("revenue", "mean"),
        cumulative=("cumulative_pct", "last"),
        abc=("abc", "first"),
        name=("name", "first"),
    )
    hover = [f"{look.html(str(n))}: {short(r)}" for n, r in zip(rows["name"], rows["revenue"], strict=True)]
    x = rows["rank"].tolist()
    top = look.bars(
        "Revenue", x, rows["revenue"].to_numpy(), [colors.get(c, style.prior) for c in rows["abc"]]
    )
    top |= {"hovertext": hover, "hovertemplate": "%{hovertext}<extra></extra>"}
    if each > 1:
        top["width"] = each
    share = look.line("Running share", x, np.zeros(0), style.text, xaxis="x", yaxis="y2")
    share |= {
        "y": look.values(rows["cumulative"].to_numpy(), 1),
        "hovertemplate": "%{y:.1f} %<extra></extra>",
    }
    first, tail_pct = tail_of(health, settings["abc_b_pct"])
    head = int(((health["cumulative_pct"] - health["share_pct"]).round(9) < settings["abc_a_pct"]).sum())
    title = (
        f"{head} of {len(health)} {noun} bring {settings['abc_a_pct']:g} % of revenue; the last "
        f"{len(health) - first} bring {percent(tail_pct)}"
        if health["revenue"].sum() > 0
        else "Revenue is not known: the history holds units only"
    )
    shapes, labels = _tail(first, len(health), style)
    subtitle = f"{currency}, last 12 months; class A accent, B dark, C light; below: running share, %"
    layout = look.layout(
        style,
        title,
        subtitle + (f"; a bar is the mean of {each} {noun}" if each > 1 else ""),
        430,
        bargap=0.1,
        xaxis={"title": {"text": "rank by revenue"}, "anchor": "y2", "range": [0.5, len(health) + 0.5]},
        yaxis={"domain": [0.4, 1], "tickformat": "~s"},
        yaxis2={"domain": [0, 0.32], "range": [0, 102], "ticksuffix": " %"},
        hovermode="closest",
        shapes=shapes,
        annotations=labels,
    )
    return {"data": [top, share], "layout": layout}


def asleep_words(health: pd.DataFrame) -> str:
    """The end of a sentence on what sold in the year: how many rows of `portfolio_health` sold only in the
    year before; "" where there are none.
    """
    asleep = len(health) - len(sold_in_year(health))
    return f"; {asleep} more sold only in the 12 months before" if asleep else ""


def tail_of(health: pd.DataFrame, above_pct: float) -> tuple[int, float]:
    """How many stand before the tail, and the tail's share of revenue in %; NaN without revenue.

    health: dearest revenue first; the tail begins where those before bring above_pct
    """
    before = (health["cumulative_pct"] - health["share_pct"]).round(9)
    tail = before >= above_pct
    share = float(health.loc[tail, "share_pct"].sum()) if before.notna().any() else float("nan")
    return int((~tail).sum()), share


def growth_and_margin(families: pd.DataFrame, style: Style, currency: str) -> FigureDict:
    """Families by growth and margin, sized by revenue; those without a year before, or without a cost, are
    left out and counted.

    families: `portfolio_health` by family
    """
    known = families["growth_pct"].notna() & families["margin_pct"].notna() & (families["revenue"] > 0)
    shown = families[known]
    largest = float(shown["revenue"].max()) if len(shown) else 1.0
    categories = sorted(set(families["category"]))
    traces = [
        _bubbles(shown[shown["category"] == name], name, style.categorical[i % 10], largest)
        for i, name in enumerate(categories)
    ]
    labels = [
        look.label(
            row.name_,
            row.growth_pct,
            row.margin_pct,
            style.text,
            xanchor="center",
            xshift=0,
            yshift=16 + 26 * (row.revenue / largest) ** 0.5,
        )
        for row in _named_apart(shown).rename(columns={"name": "name_"}).itertuples()
    ]
    left = len(families) - len(shown)
    subtitle = f"margin at today's cost; size is {currency} revenue"
    subtitle += f"; {left} without a year before or a cost are left out" if left else ""
    layout = look.layout(
        style,
        _growth_title(shown),
        subtitle,
        430,
        xaxis={"title": {"text": "growth on the year before, %"}, "showgrid": True, "zeroline": True},
        yaxis={"title": {"text": "margin, % of revenue"}, "zeroline": True},
        annotations=labels,
        hovermode="closest",
        showlegend=len(categories) > 1,
        legend=LEGEND,
    )
    return {"data": traces, "layout": layout}


def vintage_bars(vintages: pd.DataFrame, style: Style, currency: str) -> FigureDict:
    """Revenue of the last 12 months and of the year before by the year in which products first sold."""
    x = vintages["vintage"].tolist()
    youngest = vintages.iloc[-1] if len(vintages) else None
    title = (
        f"Products first sold in {youngest['vintage']} bring {percent(youngest['share_pct'])} of revenue"
        if youngest is not None
        else "Nothing was sold in the last two years"
    )
    traces = [
        look.bars("year before", x, vintages["prior_revenue"].to_numpy(), style.prior),
        look.bars("last 12 months", x, vintages["revenue"].to_numpy(), style.actual)
        | {
            "text": [f"{row.products} products" for row in vintages.itertuples()],
            "textposition": "outside",
            "cliponaxis": False,
        },
    ]
    layout = look.layout(
        style,
        title,
        f"{currency} revenue by calendar year of the first sale",
        400,
        barmode="group",
        xaxis={"type": "category"},
        yaxis={"tickformat": "~s"},
        showlegend=True,
        legend=LEGEND,
        hovermode="x unified",
    )
    return {"data": traces, "layout": layout}


def productivity_bars(
    by_family: pd.DataFrame, whole: pd.DataFrame, style: Style, currency: str
) -> FigureDict:
    """Revenue of an active product by family, dearest first, against the year before.

    by_family, whole: of `productivity`
    """
    shown = by_family.sort_values("revenue", ascending=False).head(MOST_FAMILIES)
    x = shown["family"].tolist()
    traces = [
        look.bars("year before", x, shown["prior_revenue_per_product"].to_numpy(), style.prior),
        look.bars("last 12 months", x, shown["revenue_per_product"].to_numpy(), style.actual),
    ]
    rest = len(by_family) - len(shown)
    layout = look.layout(
        style,
        productivity_words(whole),
        f"{currency} revenue a year per product that sold, by family"
        + (f"; the {rest} smallest are left out" if rest else ""),
        400,
        barmode="group",
        xaxis={"type": "category", "tickangle": -30 if len(x) > 6 else 0},
        yaxis={"tickformat": "~s"},
        showlegend=True,
        legend=LEGEND,
    )
    return {"data": traces, "layout": layout}


def productivity_words(whole: pd.DataFrame) -> str:
    """What an active product brings and brought, in one sentence."""
    if whole.empty or not whole["products"].iloc[0]:
        return "No product sold in the last 12 months"
    row = whole.iloc[0]
    before = (
        f"; {row.prior_products:g} brought {short(row.prior_revenue_per_product)} the year before"
        if row.prior_products
        else ""
    )
    return f"{row.products:g} active products bring {short(row.revenue_per_product)} each{before}"


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
        400,
        barmode="stack",
        showlegend=True,
        legend=LEGEND,
        hovermode="closest",
    )
    return {"data": traces, "layout": layout}


def _tail(first: int, count: int, style: Style) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The shaded band behind the ranks after `first`, and its name."""
    if first >= count:
        return [], []
    band = {
        "type": "rect",
        "x0": first + 0.5,
        "x1": count + 0.5,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "fillcolor": style.slushy,
        "line": {"width": 0},
        "layer": "below",
    }
    place = {"yref": "paper", "yanchor": "top", "xanchor": "right", "xshift": -4}
    return [band], [look.label("tail", count + 0.5, 1, style.muted, **place)]


def _named_apart(shown: pd.DataFrame) -> pd.DataFrame:
    """The first families whose names do not come to lie over one before them."""
    places = shown[["growth_pct", "margin_pct"]].to_numpy(dtype=float)
    least = np.ptp(places, axis=0) * LABEL_SIZE if len(shown) else 0.0
    kept: list[int] = []
    for row in range(min(MOST_NAMED, len(shown))):
        if all((np.abs(places[row] - places[other]) > least).any() for other in kept):
            kept.append(row)
    return shown.iloc[kept]


def _growth_title(shown: pd.DataFrame) -> str:
    if shown.empty:
        return "Growth and margin need two years of revenue and a unit cost"
    losing = shown.loc[shown["margin_pct"] < 0, "name"].tolist()
    if losing:
        return f"{', '.join(losing[:3])} {'lose' if len(losing) > 1 else 'loses'} money"
    shrinking = shown.loc[shown["growth_pct"] < 0, "revenue"].sum() / shown["revenue"].sum()
    return (
        f"Every family earns a margin; {percent(100 * shrinking)} of revenue comes from families that shrink"
    )


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
            f"{look.html(str(family))}: {short(revenue)}"
            for family, revenue in zip(rows["name"], rows["revenue"], strict=True)
        ],
        "hovertemplate": "%{hovertext}<br>growth %{x:.1f} %, margin %{y:.1f} %<extra></extra>",
    }
