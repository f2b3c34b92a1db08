"""How much production a plan moves from another one, and what staying near the published plan costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import full, month, months, percent, short
from sop_engine.charts.panels import room_for_labels
from sop_engine.charts.style import FigureDict, Style
from sop_engine.inputs import Inputs
from sop_engine.inputs.network import MAKE, SUBCONTRACT
from sop_engine.plan import Plan
from sop_engine.policies import StabilityCost
from sop_engine.supply_review.stability import anchored_cells

BARS = 12
TRACE = 1e-6  # units below which nothing moves


def anchor_words(inputs: Inputs) -> str:
    """Which published plan production stays near and how long, or why near none."""
    anchor, settings = inputs.anchor, inputs.settings
    if anchor is None:
        return "None: no earlier cycle has published a plan, so production is planned afresh"
    published = f"{anchor.name}, published in the {month(anchor.cycle)} cycle"
    for name in ("stability_weight_pct", "anchor_periods"):
        if not settings[name]:
            return f"None: {published}, is there, but setting {name} is 0"
    cells = anchored_cells(inputs)
    if not cells.any():
        return f"None: {published}, used no way of making anything that is loaded today"
    return f"{published}: production stays near it in {span(inputs, 0, _end(cells))}"


def made_cells(inputs: Inputs) -> np.ndarray:
    """(edges, periods) bool: production that starts in a reported period."""
    made = np.isin(inputs.network.edges.mode, (MAKE, SUBCONTRACT))
    return made[:, None] & (np.arange(inputs.calendar.periods) < inputs.calendar.horizon)


def moved_table(plan: Plan, before: np.ndarray, cells: np.ndarray) -> pd.DataFrame:
    """family, before, now, moved (sum |now - before|, units) and moved % of before; what moves most first.

    before: (edges, periods) good units started; cells: (edges, periods) bool, those that are compared.
    Families that neither made nor make anything there are left out; % is NaN where nothing was made before.
    """
    now, family = plan.supply.flow, plan.inputs.products.family[plan.inputs.network.edges.product]
    parts = {"before": before, "now": now, "moved": np.abs(now - before)}
    sums = {name: np.where(cells, units, 0.0).sum(axis=1) for name, units in parts.items()}
    table = pd.DataFrame({"family": family, **sums}).groupby("family", as_index=False).sum()
    table = table[(table["before"] + table["now"]) > TRACE]
    table["moved %"] = 100 * table["moved"] / table["before"].where(table["before"] > TRACE)
    return table.sort_values(["moved", "family"], ascending=[False, True], ignore_index=True)


def moved_pct(table: pd.DataFrame) -> float:
    """How much of what was made before moves, all families of `moved_table` together; NaN of nothing."""
    whole = table["before"].sum()
    return float(100 * table["moved"].sum() / whole) if whole > TRACE else np.nan


def moved_sentence(plan: Plan, table: pd.DataFrame, before: str, cells: np.ndarray) -> str:
    """How much the plan moves from another one, and which family the most. before: name of that plan."""
    if not table["moved"].sum() > TRACE:
        return f"Production is that of {before}"
    first = table.iloc[0]
    return (
        f"The plan moves {percent(moved_pct(table))} of the production of {before}, "
        f"{full(table['moved'].sum())} units in {span(plan.inputs, 0, _end(cells))}, "
        f"the most of {first['family']} ({full(first['moved'])})"
    )


def moved_bars(table: pd.DataFrame, style: Style, title: str, before: str) -> FigureDict:
    """Share of each family's production that moves, the families that move the most units first."""
    shown = table[(table["moved"] > TRACE) & table["moved %"].notna()].head(BARS)
    names, shares = shown["family"].tolist(), shown["moved %"].tolist()
    bar = {
        "type": "bar",
        "orientation": "h",
        "y": names,
        "x": look.values(shares, 1),
        "marker": {"color": style.scenario},
        "text": [f"{percent(pct)}, {short(units)} units" for pct, units in zip(shares, shown["moved"])],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": shown[["before", "now", "moved"]].round().to_numpy().tolist(),
        "hovertemplate": "%{y}: %{x:.1f} %<br>before %{customdata[0]:,.0f}, now %{customdata[1]:,.0f}, "
        "moved %{customdata[2]:,.0f} units<extra></extra>",
    }
    return {
        "data": [bar],
        "layout": look.layout(
            style,
            title,
            f"units moved, % of the family's units in {before}; most units first, whole company",
            height=100 + 34 * max(len(names), 2),
            hovermode="closest",
            xaxis={"range": room_for_labels(shares, 0.35), "ticksuffix": " %", "showgrid": True},
            yaxis={"type": "category", "categoryorder": "array", "categoryarray": names[::-1]},
        ),
    }


def cost_sentence(plan: Plan, cost: StabilityCost) -> str:
    """What staying near the anchor costs in money, and how much of its production it spares."""
    currency = plan.inputs.money.base_currency
    verb = "costs" if cost.profit > 0 else "gains"
    size = f"{verb} {short(abs(cost.profit))} {currency} of operating profit"
    if abs(cost.profit) < 0.5:
        size = "costs no operating profit"
    reported = span(plan.inputs, 0, plan.inputs.calendar.horizon)
    return (
        f"Staying near {cost.name} {size} in {reported}: {percent(100 * cost.moved)} of its production "
        f"moves, {percent(100 * cost.moved_free)} would without the anchor."
    )


def span(inputs: Inputs, first: int, end: int) -> str:
    """The months of plan indices first..end-1, "" where there is none."""
    labels = inputs.calendar.plan_labels[first:end]
    return months(labels) if labels else ""


def _end(cells: np.ndarray) -> int:
    """The first period after the last one that a mask of (edges, periods) holds."""
    return int(cells.any(axis=0).nonzero()[0].max(initial=-1)) + 1
