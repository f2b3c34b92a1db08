"""Suppliers and bought components held against their limits, in the way of rough-cut capacity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_engine.charts.heat import Cells, heat_map
from sop_engine.charts.numbers import full, short
from sop_engine.charts.style import FigureDict, Style
from sop_engine.charts.supply_capacity import percent_of
from sop_engine.charts.supply_load import BANDS
from sop_engine.charts.view import View
from sop_engine.demand_review.explosion import dependent_demand, own_lead_days
from sop_engine.inputs.network import BUY, MAKE, SUBCONTRACT
from sop_engine.money import value
from sop_engine.plan import Plan
from sop_engine.supply_review.inventory import coverage
from sop_engine.supply_review.load import Pegging, need_against_limits

ROWS = 12  # suppliers in the heat map


def supplier_cells(plan: Plan, view: View, pegging: Pegging) -> pd.DataFrame:
    """Long: supplier, item, period, need %, plan %, need, plan and limit of what has one, by arrival.

    Suppliers' shared resources come as an item of their own, in the unit of the resource.
    """
    edges, sites = plan.inputs.network.edges, plan.inputs.network.sites
    products, resources = plan.inputs.products, plan.inputs.network.resources
    bought = np.isin(edges.mode, (BUY, SUBCONTRACT))
    limited = np.flatnonzero(bought & np.isfinite(edges.limit).any(axis=1))
    need, received = need_against_limits(plan.inputs, pegging), plan.supply.received
    shared = np.flatnonzero(sites.kind[resources.site] == "supplier")
    supply = plan.supply
    parts = [
        (sites.name[edges.source[e]], products.labels[edges.product[e]], need[e], received[e], edges.limit[e])
        for e in limited
    ] + [
        (sites.name[resources.site[r]], resources.name[r], supply.required[r], supply.load[r], available)
        for r in shared
        if not np.isnan(available := supply.available[r]).all()
    ]
    labels = [plan.inputs.calendar.plan_labels[t] for t in view.periods]
    frames = [
        pd.DataFrame(
            {
                "supplier": str(supplier),
                "item": str(item),
                "period": labels,
                "need %": percent_of(needed, limit)[view.periods],
                "plan %": percent_of(taken, limit)[view.periods],
                "need": needed[view.periods],
                "plan": taken[view.periods],
                "limit": limit[view.periods],
            }
        )
        for supplier, item, needed, taken, limit in parts
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def supplier_figure(plan: Plan, view: View, style: Style, table: pd.DataFrame, title: str) -> FigureDict:
    """The fullest suppliers by month: the larger of what is needed and what is planned, of their limit."""
    fullest = table.assign(load=table[["need %", "plan %"]].max(axis=1))
    grid = fullest.pivot(index=["supplier", "item"], columns="period", values="load")
    highest = grid.max(axis=1).sort_values(ascending=False, kind="stable")
    worst = highest[highest > 0].index[:ROWS]
    grid = grid.loc[worst]
    hover = np.stack(
        [
            table.pivot(index=["supplier", "item"], columns="period", values=name).loc[worst].to_numpy()
            for name in ("need %", "plan %", "limit")
        ],
        axis=2,
    )
    names = [supplier if supplier in item else f"{item}, {supplier}" for supplier, item in worst]
    cells = Cells(
        names,
        grid.to_numpy(),
        [["" if np.isnan(cell) else f"{cell:.0f}" for cell in row] for row in grid.to_numpy()],
        hover,
        "needed %{customdata[0]:.1f} % of the limit<br>planned %{customdata[1]:.1f} %<br>"
        "limit %{customdata[2]:,.0f}",
    )
    words = (
        "% of the supplier's limit, the larger of need and plan, whole company; "
        "colour changes at 70, 85, 95 and 100 %"
    )
    return heat_map(
        cells, plan.inputs.calendar, view.periods, style, title, words, BANDS, style.heat, row_height=30
    )


def component_table(
    plan: Plan, view: View, pegging: Pegging, received: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What is bought for bills of material: what binds first, then most money; units over the view's months.

    need: of the unconstrained plan by arrival; limit: NaN where a source has none; covers days: how long
    stock and open receipts last; months bound: where one more unit of a limit, or of a supplier's shared
    resource, would be worth something; single source: "single now" where receipts name other sources too
    received: product, source of past receipts
    """
    inputs, network = plan.inputs, plan.inputs.network
    edges, products, length = network.edges, inputs.products, float(np.mean(inputs.calendar.plan_days))
    bought = np.isin(edges.mode, (BUY, SUBCONTRACT))
    needed = _of_products(plan, need_against_limits(inputs, pegging), bought)
    limit = _of_products(plan, edges.limit, bought)
    dependent = dependent_demand(inputs, plan.demand.unconstrained.sum(axis=1))
    on_hand, receipts = network.on_hand.sum(axis=1), network.receipts.sum(axis=(1, 2))
    vendors = _vendors(plan, bought)
    others = _others_before(plan, bought, received)
    table = pd.DataFrame(
        {
            "item": products.labels,
            "name": products.name,
            "months bound": _binding(plan)[:, view.periods].sum(axis=1),
            "need": needed[:, view.periods].sum(axis=1),
            "limit": limit[:, view.periods].sum(axis=1),
            "of limit %": percent_of(needed, limit)[:, view.periods].max(axis=1),
            "cost of need": value(needed, plan.finance.unit_cost)[:, view.periods].sum(axis=1),
            "on hand": on_hand,
            "open receipts": receipts,
            "covers days": length * _lasts(on_hand + receipts, dependent, inputs.calendar.season),
            "vendors": vendors,
            "single source": np.where(vendors != 1, "", np.where(others > 0, "single now", "single")),
            "other sources before": others,
            "lead days": own_lead_days(inputs),
        }
    )
    made = np.isin(np.arange(len(products)), edges.product[edges.mode == MAKE])
    keys = ["months bound", "cost of need", "item"]
    return table[(vendors > 0) & dependent.any(axis=1) & ~made].sort_values(
        keys, ascending=[False, False, True], ignore_index=True
    )


def _of_products(plan: Plan, units: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """(products, periods) sums of (edges, periods) units over some edges."""
    whole = np.zeros((len(plan.inputs.products), units.shape[1]))
    np.add.at(whole, plan.inputs.network.edges.product[edges], units[edges])
    return whole


def _vendors(plan: Plan, bought: np.ndarray) -> np.ndarray:
    """(products,) different sources that each product is bought from."""
    edges = plan.inputs.network.edges
    pairs = np.unique(np.stack([edges.product[bought], edges.source[bought]]), axis=1)
    return np.bincount(pairs[0], minlength=len(plan.inputs.products))


def _others_before(plan: Plan, bought: np.ndarray, received: pd.DataFrame | None) -> np.ndarray:
    """(products,) sources that past receipts of a product name, by label or name, and sourcing does not."""
    inputs, others = plan.inputs, np.zeros(len(plan.inputs.products), dtype=int)
    edges, sites = inputs.network.edges, inputs.network.sites
    now = {
        (product, str(word))
        for product, source in zip(edges.product[bought], edges.source[bought], strict=True)
        for word in (sites.labels[source], sites.name[source])
    }
    pairs = [] if received is None else received[["product", "source"]].drop_duplicates().values.tolist()
    for label, source in pairs:
        product = inputs.products.positions.get(label)
        if product is not None and source and (product, source) not in now:
            others[product] += 1
    return others


def component_words(table: pd.DataFrame, currency: str) -> str:
    """How many components rest on one vendor, what binds, and the dearest."""
    single = table[table["single source"] == "single"]
    binding = table[table["months bound"] > 0]
    dearest = table.sort_values("cost of need", ascending=False, kind="stable").iloc[0]
    first = f"{len(single)} of {len(table)} bought components come from one vendor only"
    if before := int((table["single source"] == "single now").sum()):
        first += f", {full(before)} more from one now, though receipts name others"
    if len(binding):
        names = ", ".join(binding["name"].head(2))
        second = f"{names} {'binds' if len(binding) == 1 else 'bind'} the plan"
        second += f", and {full(len(binding) - 2)} more" if len(binding) > 2 else ""
    else:
        second = "none of them binds the plan"
    cost = f"{short(float(dearest['cost of need']))} {currency}".strip()
    return f"{first}; {second}. The most money goes into {dearest['name']}: {cost}."


def _binding(plan: Plan) -> np.ndarray:
    """(products, periods) bool: a limit of a source, or an hour of a supplier's resource, holds the plan
    back.
    """
    network, supply = plan.inputs.network, plan.supply
    edges, binds = network.edges, np.zeros((len(plan.inputs.products), plan.inputs.calendar.periods), bool)
    held = supply.limit_value > 1e-6
    shared = network.sites.kind[network.resources.site] == "supplier"
    rows = shared[edges.hours_resource]
    np.logical_or.at(held, edges.hours_edge[rows], supply.hour_value[edges.hours_resource[rows]] > 1e-6)
    np.logical_or.at(binds, edges.product, held)
    return binds


def _lasts(units: np.ndarray, demand: np.ndarray, season: int) -> np.ndarray:
    """(products,) periods of demand, from the first one on, that the units last for."""
    stock = np.repeat(units[:, None], demand.shape[1] + 1, axis=1)
    return coverage(stock, np.concatenate([demand[:, :1], demand], axis=1), season)[:, 0]
