"""Charts of the supply review: supply against demand and stock, and what is short."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts import style as look
from sop_engine.charts.numbers import month, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.view import View
from sop_engine.demand_review.explosion import dependent_demand
from sop_engine.inputs.network import TRANSFER
from sop_engine.money import value
from sop_engine.plan import Plan
from sop_engine.pre_sop.gaps import shortage_values
from sop_engine.supply_review.shortage import Shortage

NOT_PLANNED = (
    "No site or source is loaded: supply is not planned and all demand counts as delivered. Load site, "
    "sourcing and service_lane."
)


def planned(plan: Plan) -> bool:
    """Whether anything is said of supply: a source, a lane to a market, or a reason for a shortage."""
    network = plan.inputs.network
    return bool(len(network.edges.labels) or (network.lane_site >= 0).any() or plan.supply.shortages)


def triple_series(plan: Plan, view: View) -> pd.DataFrame:
    """Per period of the view, products sold of its filter over all markets: supply, demand, delivered,
    stock, target stock.

    supply = what comes in less what own bills and transfers take = change of stock + what is shipped to
    customers. Where nothing of the filter is sold, bills are the customers: demand is what they need, gross
    of stock, delivered what they take.
    In units, or at standard cost where the view is in money, so that stock and flow are one measure.
    """
    supply, sold = plan.supply, view.products & plan.inputs.products.sellable
    customers = plan.demand.unconstrained.sum(axis=1)
    parts = {
        "supply": (supply.arrivals - supply.used).sum(axis=1),
        "demand": customers,
        "delivered": supply.delivered.sum(axis=1),
        "stock": supply.stock.sum(axis=1),
        "target stock": supply.target.sum(axis=1),
    }
    if not sold.any():
        taken = taken_by_bills(plan)
        parts |= {
            "supply": parts["supply"] + taken,
            "demand": dependent_demand(plan.inputs, customers),
            "delivered": taken,
        }
    measured = {
        name: value(cells, plan.finance.unit_cost) if view.money else cells for name, cells in parts.items()
    }
    labels = [plan.inputs.calendar.plan_labels[t] for t in view.periods]
    products = sold if sold.any() else view.products
    columns = {name: cells[products][:, view.periods].sum(axis=0) for name, cells in measured.items()}
    return pd.DataFrame({"period": labels, **columns})


def taken_by_bills(plan: Plan) -> np.ndarray:
    """(products, periods) units that own bills take: all use but what starts on a transfer between sites."""
    edges, sites = plan.inputs.network.edges, plan.inputs.network.sites
    moved = (edges.mode == TRANSFER) & (sites.kind[edges.source] != "supplier")
    taken = plan.supply.used.sum(axis=1)
    np.subtract.at(taken, edges.product[moved], plan.supply.flow[moved])
    return taken


def supply_triple(plan: Plan, view: View, style: Style, most: np.ndarray | None = None) -> FigureDict:
    """Supply bars against the demand line above, stock in its band below; one time axis.

    most: (periods of the view,) stock that the policy allows in the view's measure, None where it says
    nothing; where it is far above the stock the band leaves the chart, with its size at its end
    """
    rows = triple_series(plan, view)
    days = look.plan_days(plan.inputs.calendar, view.periods)
    flows, stocks = rows[["supply", "demand", "delivered"]], rows[["stock", "target stock"]]
    tops = [1.08 * max(float(part.to_numpy().max()), 1.0) for part in (flows, stocks)]
    tops[1] *= 1.2 if most is not None else 1.0
    shapes, zone_labels = look.zones(plan.inputs.calendar, style)
    sold = (view.products & plan.inputs.products.sellable).any()
    bars_say = "supply less own use" if sold else "supply; demand and deliveries of bills"
    layout = look.layout(
        style,
        _triple_title(rows, view),
        f"{f'{plan.inputs.money.base_currency} at standard cost'.strip() if view.money else 'units'}, "
        f"{'products sold' if sold else 'components'}"
        f"{f' of {view.words}' if not view.whole else ''}, all markets; grey bars: {bars_say}"
        f"{'; shaded: from target to most stock' if most is not None else ''}",
        460,
        xaxis=look.months_axis(style, plan.inputs.calendar, days) | {"anchor": "y2"},
        yaxis={
            "domain": [0.42, 1],
            "range": [min(0.0, float(rows["supply"].min())), tops[0]],
            "tickformat": "~s",
        },
        yaxis2={"domain": [0, 0.34], "range": [0, tops[1]], "tickformat": "~s"},
        shapes=shapes,
        annotations=[
            *zone_labels,
            *_ends(
                rows,
                {"Demand": ("demand", style.plan), "Delivered": ("delivered", style.actual)},
                days[-1],
                tops[0],
                "y",
            ),
            *_ends(
                rows,
                {"Stock": ("stock", style.plan), "Target": ("target stock", style.muted)},
                days[-1],
                tops[1],
                "y2",
            ),
            *_most_label(most, days[-1], tops[1], style),
        ],
        margin={"r": 110},
    )
    return {"data": _triple_traces(rows, days, style, most), "layout": layout}


def _triple_traces(
    rows: pd.DataFrame, days: list[str], style: Style, most: np.ndarray | None
) -> list[FigureDict]:
    below, target = {"xaxis": "x", "yaxis": "y2"}, rows["target stock"].to_numpy()
    band = (
        []
        if most is None
        else [
            look.line(
                "Most stock", days, most, style.muted, width=1, fill="tonexty", fillcolor=style.band, **below
            )
        ]
    )
    filling = {} if band else {"fill": "tozeroy", "fillcolor": style.band}
    return [
        look.bars("Supply", days, rows["supply"].to_numpy(), style.prior),
        look.line("Demand", days, rows["demand"].to_numpy(), style.plan),
        look.line("Delivered", days, rows["delivered"].to_numpy(), style.actual, dash="dash"),
        look.line("Target stock", days, target, style.muted, dash="dot", **below),
        *band,
        look.line("Stock", days, rows["stock"].to_numpy(), style.plan, **filling, **below),
    ]


def _most_label(most: np.ndarray | None, x: str, top: float, style: Style) -> list[FigureDict]:
    if most is None:
        return []
    words = f"Most {short(float(most[-1]))}"
    return [look.label(words, x, min(float(most[-1]), 0.94 * top), style.muted, yref="y2")]


def _triple_title(rows: pd.DataFrame, view: View) -> str:
    missing = float((rows["demand"] - rows["delivered"]).sum())
    over = float(rows["stock"].iloc[-1] - rows["target stock"].iloc[-1])
    unit = " at cost" if view.money else " units"
    first = (
        f"Demand of {short(missing)}{unit} is not delivered" if missing > 0.5 else "All demand is delivered"
    )
    return f"{first}; stock ends {short(abs(over))} {'above' if over >= 0 else 'below'} its target"


def _ends(
    rows: pd.DataFrame, names: dict[str, tuple[str, str]], x: str, top: float, axis: str
) -> list[dict[str, object]]:
    ends = [(name, float(rows[column].iloc[-1]), color) for name, (column, color) in names.items()]
    return [{**one, "yref": axis} for one in look.end_labels(ends, x, top, 0.08 if axis == "y" else 0.14)]


def shortage_table(plan: Plan, view: View) -> pd.DataFrame:
    """What is late or lost of the view's products and months, dearest first: money at the net price of the
    markets that lack it, and why.
    """
    inputs = plan.inputs
    shown = set(view.periods.tolist())
    rows = [
        _shortage_row(plan, one, money)
        for one, money in zip(plan.supply.shortages, shortage_values(plan), strict=True)
        if view.products[one.product] and one.period in shown
    ]
    names = ["money", "units", "product", "family", "due", "what", "reason", "why"]
    table = pd.DataFrame(rows, columns=names)
    unit = inputs.money.base_currency or "money"
    return table.sort_values(
        ["money", "units", "product"], ascending=[False, False, True], ignore_index=True
    ).rename(columns={"money": unit})


def shortage_sentence(plan: Plan, view: View) -> str:
    """What the shortages of the view are worth and their dearest cause."""
    if not planned(plan):
        return NOT_PLANNED
    table = shortage_table(plan, view)
    if table.empty:
        return "Nothing is late or lost."
    known = not table.iloc[:, 0].isna().all()
    column, unit = (table.columns[0],) * 2 if known else ("units", "units")
    causes = table.groupby("reason")[column].sum().sort_values(ascending=False)
    return (
        f"{short(float(table[column].sum()))} {unit} of demand is late or lost in {len(table)} cases; "
        f"{short(float(causes.iloc[0]))} for {causes.index[0]}."
    )


def _shortage_row(plan: Plan, shortage: Shortage, money: float) -> tuple[object, ...]:
    products = plan.inputs.products
    named = [axis for axis in (plan.inputs.network.resources, products) if shortage.cause in axis.positions]
    cause = str(named[0].name[named[0].positions[shortage.cause]]) if named else shortage.cause
    return (
        money,
        shortage.units,
        str(products.name[shortage.product]),
        str(products.family[shortage.product]),
        month(plan.inputs.calendar.plan_labels[shortage.period]),
        shortage.kind,
        f"{shortage.reason} of {cause}" if cause else shortage.reason,
        shortage.sentence,
    )
