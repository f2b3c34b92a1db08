"""The segments of the portfolio as a matrix, and what another policy would do to stock targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import change_pct, full, percent, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.demand_review.consensus import DemandPlan
from sop_engine.inputs import Inputs
from sop_engine.inputs.segments import ABC, XYZ
from sop_engine.plan import Plan
from sop_engine.scenario import BASELINE
from sop_engine.supply_review.inventory import node_error_sd
from sop_engine.supply_review.load import asked_of
from sop_engine.supply_review.request import supply_request
from sop_engine.supply_review.structure import Structure

MEASURES = {"products": "products", "revenue": "revenue", "stock_value": "stock value"}


@dataclass(frozen=True)
class PolicyEffect:
    """What another policy does. products: whose service level changes at some site; before, after: standard
    cost of the stock targets, mean of the plan's reported periods; uncosted: products without a cost among
    those, which count 0
    """

    products: int
    before: float
    after: float
    uncosted: int


def matrix(table: pd.DataFrame, measure: str, style: Style, currency: str) -> FigureDict:
    """The nine segments, value down and evenness across; table: of `segment_table`."""
    rows = table.set_index("segment")
    cells = np.array([[float(rows.loc[value + even, measure]) for even in XYZ] for value in ABC])
    money = measure != "products"
    word, total = MEASURES[measure], float(table[measure].sum())
    text = [
        [f"{short(cell) if money else f'{cell:g}'}<br>{_part(cell, total)}" for cell in row] for row in cells
    ]
    trace = {
        "type": "heatmap",
        "x": ["X: even", "Y: varies", "Z: erratic"],
        "y": ["A: most revenue", "B", "C: the tail"],
        "z": [look.values(row, 1) for row in cells],
        "zmin": 0,
        "colorscale": [[0, style.heat[0]], [1, style.heat[2]]],
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "text": text,
        "texttemplate": "%{text}",
        "textfont": {"size": 16, "color": style.text},
        "hovertemplate": "%{y}, %{x}: %{z:,.0f}<extra></extra>",
    }
    steady = float(cells[0, 0])
    unit = f"{currency} " if money else ""
    when = "on hand today at standard cost" if measure == "stock_value" else "last 12 months"
    layout = look.layout(
        style,
        f"{_part(steady, total)} of {word} is in AX: worth most, sold most evenly",
        f"{unit}{word} by segment, {when}; and share of all {short(total)}",
        380,
        yaxis={"autorange": "reversed", "showgrid": False, "type": "category"},
        xaxis={"side": "bottom", "type": "category", "showgrid": False},
        hovermode="closest",
    )
    return {"data": [trace], "layout": layout}


def policy_table(table: pd.DataFrame, levels: dict[str, float], words: dict[str, str]) -> pd.DataFrame:
    """The segments as rows with what their policy says; levels: % per cycle, words: the treatment."""
    named = table["segment"]
    return pd.DataFrame(
        {
            "segment": named.where(named != "-", "no segment"),
            "products": table["products"],
            "revenue": table["revenue"],
            "share %": table["share_pct"],
            "stock value": table["stock_value"],
            "service level %": [levels.get(segment, np.nan) for segment in named],
            "treatment": [words.get(segment, "") for segment in named],
        }
    )


def policy_effect(plan: Plan, changed: Inputs, settled_demand: DemandPlan) -> PolicyEffect:
    """The stock targets of a plan's demand now and with the policy of `changed`, the same inputs otherwise.

    settled_demand: of what was settled before the cycle, by which forecast errors are shared among sites
    """
    now, then = (_targets(plan, inputs, settled_demand) for inputs in (plan.inputs, changed))
    cost = plan.finance.unit_cost[:, : plan.inputs.calendar.horizon]
    levels = plan.inputs.network.service_level, changed.network.service_level
    moved = ((levels[0] != levels[1]) & ~(np.isnan(levels[0]) & np.isnan(levels[1]))).any(axis=1)
    wanted = (now + then).sum(axis=1) > 0
    return PolicyEffect(
        products=int(moved.sum()),
        before=float((now * np.nan_to_num(cost)).sum(axis=0).mean()),
        after=float((then * np.nan_to_num(cost)).sum(axis=0).mean()),
        uncosted=int((wanted & np.isnan(cost).any(axis=1)).sum()),
    )


def effect_words(effect: PolicyEffect, currency: str) -> str:
    """What a policy would do, in one or two sentences."""
    if not effect.products:
        return "No product's service level would change: lines of inventory_policy name them, or none sells."
    left_out = f" {effect.uncosted} products without a unit cost count 0." if effect.uncosted else ""
    return (
        f"{_counted(effect.products)} another service level. Stock targets, mean of the plan's months at "
        f"standard cost: {full(effect.before)} {currency} now, {full(effect.after)} {currency} with it "
        f"({change_pct(effect.after, effect.before)}).{left_out}"
    )


def moved_words(before: np.ndarray, after: np.ndarray) -> str:
    """How many products other thresholds would put into another segment; before, after: (products,)."""
    moved = before != after
    counts = pd.Series(
        [f"{a or '-'} to {b or '-'}" for a, b in zip(before[moved], after[moved], strict=True)]
    )
    if counts.empty:
        return "No product would change segment."
    ways = "; ".join(f"{count} from {way}" for way, count in counts.value_counts().head(5).items())
    return f"{len(counts)} product{'s' * (len(counts) > 1)} would change segment: {ways}."


def segment_words(table: pd.DataFrame, named: int) -> str:
    """What the matrix says; named: how many segments have a service level of their own."""
    rows = table.set_index("segment")
    tail = rows.loc[[f"C{even}" for even in XYZ]]
    stock, money = rows["stock_value"].sum(), rows["revenue"].sum()
    if not money > 0:
        return "Without revenue in the history products have no class: load revenue in sales_history.csv."
    policy = f"{named} of 9 segments have a service level" if named else "No segment has a policy"
    held = percent(100 * tail["stock_value"].sum() / stock) if stock > 0 else "-"
    erratic = int(rows.loc[[f"{value}Z" for value in ABC], "products"].sum())
    tail_pct = percent(float(tail["share_pct"].sum()))
    return (
        f"{int(rows['products'].sum())} products sold in the last 12 months. C products bring {tail_pct} of "
        f"revenue and hold {held} of the value in stock{_asleep(rows, stock)}; {erratic} products sell "
        f"erratically. {policy}."
    )


def _asleep(rows: pd.DataFrame, stock: float) -> str:
    """What lies in stock of products that have no segment, and why they have none."""
    value = rows.loc["-", "stock_value"]
    which = "without a segment" if rows.loc["-", "products"] else "that sold nothing in these months"
    return f", {percent(100 * value / stock)} lie in products {which}" if value > 0 else ""


def _counted(products: int) -> str:
    return "1 product gets" if products == 1 else f"{products} products get"


def _targets(plan: Plan, inputs: Inputs, settled_demand: DemandPlan) -> np.ndarray:
    """(products, reported periods) units of all sites that the policy wants."""
    structure, request = asked_of(inputs, plan.scenario, plan.demand)
    error_sd = _errors_at(inputs, structure, settled_demand)
    target = supply_request(inputs, plan.scenario, plan.demand, structure, error_sd).target
    whole = np.zeros((len(inputs.products), request.demand.shape[1]))
    np.add.at(whole, structure.nodes.product, target)
    return whole[:, : inputs.calendar.horizon]


def _errors_at(inputs: Inputs, structure: Structure, settled_demand: DemandPlan) -> np.ndarray:
    """(nodes,) sd of the forecast error at the places of a structure; 0 where the settled plan has none."""
    before, request = asked_of(inputs, BASELINE, settled_demand)
    error_sd = node_error_sd(inputs, before, request.demand)
    place = before.nodes.at[structure.nodes.product, structure.nodes.site]
    return np.where(place >= 0, error_sd[place], 0.0)


def _part(value: float, total: float) -> str:
    return percent(100 * value / total) if total > 0 else "-"
