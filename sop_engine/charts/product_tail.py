"""The tail of the portfolio: what taking a product out would lose, keep and leave behind."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import UNKNOWN, month, percent, short
from sop_engine.charts.panels import room_for_labels
from sop_engine.charts.style import FigureDict, Style
from sop_engine.plan import Plan
from sop_engine.product_review.health import sold_in_year
from sop_engine.product_review.tail import NO_STOCK, exit_list, in_tail

MOST_BARS = 15


def planned_margin(plan: Plan) -> np.ndarray:
    """(products, periods) unconstrained demand at net price less standard cost, base currency; NaN where
    units have no known price or cost.
    """
    units, finance = plan.demand.unconstrained, plan.finance
    each = finance.price - finance.unit_cost[:, None, :]
    return np.where(units > 0, units * each, 0.0).sum(axis=1)


def tail_table(
    plan: Plan, health: pd.DataFrame, above_pct: float | None, end: int, transfer: float
) -> pd.DataFrame:
    """The rationalisation list: products of the tail that are still sold, weakest margin first.

    health: `portfolio_health` by product; above_pct: the tail begins there, class C without it
    end: plan index from which they are no longer sold; transfer: share of their units that moves
    Money is in base currency: of the last 12 months; of the year after the exit for what it loses and keeps.
    margin_after = margin - complexity cost; effect = kept margin - lost margin + complexity cost, a year
    """
    inputs, active = plan.inputs, plan.portfolio.active
    units = plan.demand.unconstrained.sum(axis=1)
    exits = exit_list(inputs, active, units, planned_margin(plan), plan.demand.dependent, end, transfer)
    complexity = inputs.settings["complexity_cost"]
    sold = np.array(inputs.products.labels, dtype=object)[active[:, end:].any(axis=1)]
    rows = health[in_tail(health, above_pct) & health["product"].isin(sold)].merge(exits, on="product")
    rows = rows.assign(
        segment=rows["abc"] + rows["xyz"].replace(UNKNOWN, ""),
        margin_after=rows["margin"] - complexity,
        effect=rows["kept_margin"] - rows["lost_margin"] + complexity,
        obsolete=rows["left_money"] + rows["parts_left_money"],
    )
    return rows.sort_values(["margin_after", "product"], ignore_index=True)


def shown_table(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """The list as planners read it, run-out in words."""
    return pd.DataFrame(
        {
            "product": table["product"],
            "name": table["name"],
            "family": table["family"],
            "segment": table["segment"],
            "revenue": table["revenue"],
            "margin": table["margin"],
            "margin after complexity": table["margin_after"],
            "margin lost": table["lost_margin"],
            "margin kept": table["kept_margin"],
            "effect a year": table["effect"],
            "takers": table["takers"],
            "stock runs out": [
                run_out_words(at, plan) if plan.inputs.network.states_stock else UNKNOWN
                for at in table["run_out"]
            ],
            "left at exit, units": table["left"],
            "left at exit, money": table["left_money"],
            "parts left, money": table["parts_left_money"],
        }
    )


def is_priced(table: pd.DataFrame) -> bool:
    """Whether any exit loses, keeps or leaves money that is known and not nothing."""
    money = table[["lost_margin", "kept_margin", "obsolete"]].fillna(0.0)
    return bool((money != 0).any(axis=None))


def run_out_words(at: float, plan: Plan) -> str:
    """The month in which planned demand has used up stock and open orders."""
    labels = plan.inputs.calendar.plan_labels
    if np.isnan(at):
        return f"after {month(labels[-1])}"
    return "no stock" if at == NO_STOCK else month(labels[int(at)])


def tail_words(table: pd.DataFrame, health: pd.DataFrame, plan: Plan) -> str:
    """What the tail earns, and what is not known of it."""
    currency, total = plan.inputs.money.base_currency, health["revenue"].sum()
    if table.empty:
        return "No product that is still sold stands in this tail."
    share = f"; they bring {percent(100 * table['revenue'].sum() / total)} of revenue" if total > 0 else ""
    complexity = plan.inputs.settings["complexity_cost"]
    losing = int((table["margin_after"] < 0).sum())
    cost = (
        f"{losing} of them earn{'s' * (losing == 1)} less than the complexity cost of {short(complexity)} "
        f"{currency} a year"
        if complexity
        else "what a product costs by being there is not known (setting complexity_cost)"
    )
    unknown = int(table["margin"].isna().sum())
    missing = f" {unknown} have no unit cost, so no margin." if unknown else ""
    return f"{_still_sold(table, health)}{share}; {cost}. {_left_words(table, plan)}{missing}"


def _left_words(table: pd.DataFrame, plan: Plan) -> str:
    """What the exits leave behind."""
    if not plan.inputs.network.states_stock:
        return "What they would leave is not known: no stock is loaded (inventory_on_hand)."
    worth = f"worth {short(float(table['obsolete'].sum()))} {plan.inputs.money.base_currency}".rstrip()
    worth = worth if table["obsolete"].notna().any() else "of unknown worth"
    return f"Taken out together they would leave stock and parts {worth}."


def _still_sold(table: pd.DataFrame, health: pd.DataFrame) -> str:
    """Which of the portfolio's products the list holds: of those that sold in the year, and of the others."""
    sold, listed = len(sold_in_year(health)), len(sold_in_year(table))
    asleep = len(table) - listed
    more = (
        f", and {asleep} of the {len(health) - sold} that sold only in the 12 months before" if asleep else ""
    )
    return f"{listed} of the {sold} products that sold in the last 12 months stand here{more}"


def exit_bars(table: pd.DataFrame, style: Style, currency: str, transfer: float, end: str) -> FigureDict:
    """Per product the margin its exit loses, what others keep and what stays in stock; largest first."""
    size = table[["lost_margin", "obsolete"]].abs().sum(axis=1).rename("size")
    shown = table.loc[size.sort_values(ascending=False, kind="stable").index].head(MOST_BARS)
    names = shown["product"].tolist()
    parts = (
        ("margin lost", -shown["lost_margin"], style.bad),
        ("left in stock and parts", -shown["obsolete"], style.prior),
        ("margin kept by others", shown["kept_margin"], style.good),
    )
    traces = [
        look.bars(name, values.to_numpy(), np.zeros(0), color)
        | {"x": look.values(values.to_numpy()), "y": names, "orientation": "h"}
        | {"hovertemplate": f"%{{x:,.0f}}<extra>{name}</extra>"}
        for name, values, color in parts
    ]
    low = -(shown["lost_margin"].fillna(0).clip(lower=0) + shown["obsolete"].fillna(0)).max()
    high = shown["kept_margin"].fillna(0).max()
    worth_it = int((table["effect"] > 0).sum())
    layout = look.layout(
        style,
        f"{worth_it} of {len(table)} exits pay before what stays in stock: others keep more than is lost"
        if worth_it
        else "No exit pays by itself: none keeps more margin than it loses",
        f"{currency or 'money'} in the year after an exit in {end}, {100 * transfer:g} % of the volume "
        f"moves; the {len(shown)} largest",
        max(260, 110 + 24 * len(shown)),
        barmode="relative",
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False},
        xaxis={
            "tickformat": "~s",
            "showgrid": True,
            "zeroline": True,
            "range": room_for_labels([low, high], 0.05),
        },
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"},
        hovermode="y unified",
    )
    return {"data": traces, "layout": layout}
