"""Supply review: whether the plan can be made, where it is full, what is short and what would help."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import levers
from pages.frame.filters import product_groups
from pages.frame.page import CHART_CONFIG, Page, message, open_page, presented, table_behind
from pages.frame.record import record
from pages.sections import tabs
from pages.supply import capacity
from sop_engine.charts import supply_load
from sop_engine.charts import supply_review as charts
from sop_engine.charts.numbers import short
from sop_engine.inputs.network import BUY, SUBCONTRACT
from sop_engine.money import value
from sop_engine.scenario import LeverKind


def review() -> None:
    """The load of every resource beside the moves that change it; then shortages, and supply against demand
    and stock.
    """
    page = open_page("Supply review", "supply")
    side, main = st.columns([1, 3], gap="medium")
    with main.container(key="main_supply"):
        cell = load_chart(page)
        if cell is not None:
            capacity.one_cell(page, *cell)
        with st.container(key="says_supply"):
            message(charts.shortage_sentence(page.plan, page.view))
    with side.container(gap="xsmall", key="side_supply"):
        lever_panel(page)
    tabs(page, "supply_review", "supply_tabs")
    record(page)


def load_chart(page: Page) -> tuple[int, int] | None:
    """The load of every resource by month; the resource and plan period of the cell that is clicked."""
    headline = supply_load.load_sentence(page.plan, page.view)
    order = supply_load.worst_first(page.plan, page.view)
    if not order:
        st.info(f"{headline}.")
        return None
    periods = page.view.periods
    chosen = st.plotly_chart(
        presented(supply_load.load_heat_map(page.plan, page.view, page.style, headline)),
        theme=None,
        key=f"supply_load_{'_'.join(map(str, order))}_{periods[0]}_{periods[-1]}",
        config=CHART_CONFIG,
        alt=headline,
        on_select="rerun",
        selection_mode="points",
    )
    table_behind("supply_load", lambda: supply_load.load_table(page.plan, page.view))
    points = chosen["selection"]["point_indices"]
    if not points:
        return None
    row, column = divmod(points[0], len(periods))
    return order[row], int(periods[column])


def lever_panel(page: Page) -> None:
    """Capacity moves, suppliers and service, one at a time."""
    capacity, suppliers, service = st.tabs(
        ["Capacity", "Suppliers", "Service"], on_change="rerun", key="supply_levers"
    )
    if capacity.open:
        with capacity.container(gap="xsmall"):
            capacity_levers(page)
    if suppliers.open:
        with suppliers.container(gap="xsmall"):
            supplier_levers(page)
    if service.open:
        with service.container(gap="xsmall"):
            service_lever(page)
    levers.panel_foot("supply")


def capacity_levers(page: Page) -> None:
    """Named moves of one resource; any percentage stands behind "advanced"."""
    inputs = page.plan.inputs
    resources = inputs.network.resources
    order = [resources.labels[r] for r in supply_load.worst_first(page.baseline, page.view)]
    if not order:
        st.caption(f"{supply_load.no_hours_words(page.plan, page.view)}.")
        return
    names = dict(zip(resources.labels, map(str, resources.name), strict=True))
    label = levers.target("Resource", order, None, names)
    scope = levers.Scope(label, "", *levers.months(inputs, "capacity"))
    position = resources.positions[label]
    if not np.isnan(resources.stations[position]):
        levers.switch(LeverKind.EXTRA_SHIFT, scope, inputs, False, move_words(page, position, shift=True))
        levers.switch(LeverKind.SATURDAYS, scope, inputs, False, move_words(page, position, shift=False))
    levers.slider(
        LeverKind.OVERTIME,
        scope,
        inputs,
        100 * float(np.nan_to_num(resources.overtime_limit[position])),
        rate_words(page, position),
    )
    with st.expander("Advanced"):
        levers.slider(LeverKind.LINE_DOWN, scope, inputs)
        levers.slider(LeverKind.CAPACITY, scope, inputs, note="hours without a cost")


def move_words(page: Page, position: int, shift: bool) -> str:
    """What an extra shift or Saturdays add and cost a week, used or not."""
    resources, settings = page.plan.inputs.network.resources, page.plan.inputs.settings
    hours = (
        settings["extra_shift_hours_per_week" if shift else "saturday_hours_per_week"]
        * resources.stations[position]
    )
    rate = (resources.cost_per_hour if shift else resources.overtime_cost_per_hour)[position]
    once = settings["extra_shift_one_off"] if shift else 0.0
    first = f"{short(once)} once and " if once else ""
    weekly = short(float(hours * np.nan_to_num(rate)))
    return f"{short(float(hours))} h a week for {first}{weekly} {page.plan.inputs.money.base_currency} a week"


def rate_words(page: Page, position: int) -> str:
    rate = page.plan.inputs.network.resources.overtime_cost_per_hour[position]
    return (
        "its rate is not known"
        if np.isnan(rate)
        else f"{rate:g} {page.plan.inputs.money.base_currency} an hour"
    )


def supplier_levers(page: Page) -> None:
    """Lead time and limit of one supplier; units a period where it subcontracts."""
    inputs = page.plan.inputs
    edges, sites = inputs.network.edges, inputs.network.sites
    order = suppliers_by_weight(page)
    if not order:
        st.caption("No supplier is loaded: sourcing says who supplies what.")
        return
    names = dict(zip(sites.labels, map(str, sites.name), strict=True))
    label = levers.target("Supplier", order, None, names)
    scope = levers.Scope(label, "", *levers.months(inputs, "supplier"))
    supplies = edges.source == sites.positions[label]
    levers.slider(
        LeverKind.SUPPLIER_LEAD_TIME,
        scope,
        inputs,
        note=f"now {short(float(edges.lead_days[supplies].max()))} days at most",
    )
    levers.slider(LeverKind.SUPPLIER_LIMIT, scope, inputs, note=limit_words(page, supplies))
    outside = supplies & (edges.mode == SUBCONTRACT)
    if outside.any() and not np.isnan(edges.limit[outside]).all():
        now = float(np.nanmax(edges.limit[outside]))
        levers.slider(
            LeverKind.SUBCONTRACT, scope, inputs, now, f"{np.nanmean(edges.unit_cost[outside]):.4g} a unit"
        )


def suppliers_by_weight(page: Page) -> list[str]:
    """Suppliers whose limit binds first, by what one more unit is worth; then by spend."""
    edges, supply = page.plan.inputs.network.edges, page.baseline.supply
    bought = np.isin(edges.mode, (BUY, SUBCONTRACT))
    table = pd.DataFrame(
        {
            "site": edges.source[bought],
            "binding": supply.limit_value[bought].sum(axis=1).round(6),
            "spend": supply.flow[bought].sum(axis=1) * np.nan_to_num(edges.unit_cost[bought]),
        }
    )
    ranked = table.groupby("site").sum().sort_values(["binding", "spend"], ascending=False, kind="stable")
    return [page.plan.inputs.network.sites.labels[site] for site in ranked.index]


def limit_words(page: Page, supplies: np.ndarray) -> str:
    """Whether the supplier's limit is known, and in how many months it binds."""
    limit = page.plan.inputs.network.edges.limit[supplies]
    if np.isnan(limit).all():
        return "no limit by product is known"
    full = page.plan.supply.received[supplies] >= limit - 1e-6
    return f"full in {int((full & (limit > 0)).any(axis=0)[page.view.periods].sum())} months"


def service_lever(page: Page) -> None:
    """The service level that stock is kept for, with what that stock is worth."""
    inputs = page.plan.inputs
    group = levers.target("Service of", product_groups(inputs), "All products")
    level = inputs.network.service_level[inputs.products.group(group)]
    if np.isnan(level).all():
        st.caption("No stock policy is loaded for these products.")
        return
    target = value(page.plan.supply.target.sum(axis=1), page.plan.finance.unit_cost)[
        inputs.products.group(group)
    ]
    worth = float(target[:, page.view.periods].sum(axis=0).mean())
    scope = levers.Scope(group, "", *levers.months(inputs, "service"))
    levers.slider(
        LeverKind.SERVICE_LEVEL,
        scope,
        inputs,
        round(200 * float(np.nanmean(level))) / 2,
        f"target stock {short(worth)} {inputs.money.base_currency} on average",
    )


review()
