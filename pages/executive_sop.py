"""Executive S&OP: agenda, scorecard, what-if across the business, scenarios, decisions, publication."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.frame import levers
from pages.frame.page import Page, message, open_page
from pages.frame.record import record
from pages.sections import tabs
from sop_engine.charts import executive_sop as charts
from sop_engine.charts.numbers import months, short
from sop_engine.plan import Plan
from sop_engine.scenario import LeverKind


def review() -> None:
    """The message, the whole business beside its levers, and the record."""
    page = open_page("Executive S&OP", "executive", filters=False)
    message(overload_words(page.plan, page.view.periods))
    side, main = st.columns([1, 3], gap="medium")
    with main:
        tabs(page, "executive_sop", "executive_tabs")
    with side:
        lever_panel(page)
    record(page)


def overload_words(plan: Plan, periods: np.ndarray) -> str:
    """In how many months some work centre needs more hours than it has, and how much demand is lost."""
    table = charts.outlook_table(plan, periods)
    above = table[table["worst_load_pct"] > 100]
    lost = plan.finance.lost_revenue[:, :, periods].sum()
    if np.isnan(lost):
        loss = f"{short(plan.supply.lost[:, :, periods].sum())} units of demand are lost"
    else:
        loss = f"{short(lost)} {plan.inputs.money.base_currency} of demand is lost"
    loss += f", {months(list(table['period']))}."
    if table["worst_load_pct"].isna().all():
        return f"No load is known, because no hours are loaded; {loss}"
    if above.empty:
        return f"No work centre needs more than its hours; {loss}"
    centres = ", ".join(above["worst_resource"].value_counts().index[:3])
    return (
        f"In {len(above)} of {len(table)} months a work centre needs more hours than it has, "
        f"mostly {centres}; {loss}"
    )


def lever_panel(page: Page) -> None:
    """One lever of each kind on the whole business."""
    inputs, everything = page.plan.inputs, levers.Scope()
    demand = page.baseline.finance.demand_value[:, :, page.view.periods].sum()
    cost = page.baseline.finance.standard_cost[:, :, page.view.periods].sum()
    levers.slider(LeverKind.DEMAND, everything, inputs, note=percent_words(demand, "price"))
    levers.slider(LeverKind.PRICE, everything, inputs, note="units follow the families' elasticities")
    levers.slider(LeverKind.CAPACITY, everything, inputs, note="of all work centres; no cost of its own")
    levers.slider(LeverKind.SUPPLIER_LEAD_TIME, everything, inputs, note="of all suppliers")
    levers.slider(LeverKind.UNIT_COST, everything, inputs, note=percent_words(cost, "unit cost"))
    if set(inputs.markets.currency) - {inputs.money.base_currency}:
        levers.slider(LeverKind.EXCHANGE_RATE, everything, inputs, note="of all foreign currencies")
    if inputs.demand.launches:
        levers.slider(LeverKind.LAUNCH_SLIP, everything, inputs, note="of every launch that can still move")
    levers.panel_foot("executive")


def percent_words(money: float, source: str) -> str:
    """What a step of a slider is worth; which file is missing where that is not known."""
    return f"no {source} is loaded" if np.isnan(money) else f"1 % is {short(money / 100)}"


review()
