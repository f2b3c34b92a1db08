"""What comes, what goes, what is promoted: launches, successions, events, and what prices do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame.page import Page, chart, message, ranked_table
from sop_engine.charts import demand_lifecycle as charts
from sop_engine.charts.numbers import full, months, short, signed


def show(page: Page) -> None:
    """Launches in the plan, projects out of it, successions, events and elasticities of the filter."""
    launches = charts.launch_table(page.plan, page.view)
    out = charts.out_of_plan(page.plan, page.view)
    message(summary(page, launches, out))
    if not launches.empty:
        in_plan(page, launches)
    if not out.empty:
        st.markdown("##### Out of the plan")
        st.caption(
            "What each project would bring on its own over these months, net of what it would take. None of "
            "it is in any number of the plan. Expected: times its probability. "
            f"Money{_in_currency(page)}, margin over standard cost."
        )
        ranked_table(out, "launches_out")
    successions(page)
    events(page)
    elasticities(page)


def summary(page: Page, launches: pd.DataFrame, out: pd.DataFrame) -> str:
    """What launches bring to the plan and what is left out of it."""
    if launches.empty and out.empty:
        loaded = "" if page.plan.inputs.demand.launches else " Load pipeline.csv with the projects that come."
        return f"No launch touches this filter.{loaded}"
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in page.view.periods]
    summed = launches[["units", "takes units", "net revenue"]].astype(float).sum(min_count=len(launches))
    units, takes, money = (float(value) for value in summed)
    many = len(launches) != 1
    worth = f", {signed(money)} {_currency(page)} of revenue net" if np.isfinite(money) else ""
    words = (
        f"{months(labels)}: {len(launches)} launch{'es' * many} in the plan sell{'s' * (not many)} "
        f"{full(units)} units and take{'s' * (not many)} {full(takes)} from other products{worth}."
    )
    if out.empty:
        return f"{words} No project is out of the plan."
    sums = out[["net revenue", "expected revenue"]].sum(min_count=1)
    if sums.isna().any():
        return f"{words} {len(out)} {'is' if len(out) == 1 else 'are'} out of the plan."
    return (
        f"{words} {len(out)} out of the plan would bring {signed(sums['net revenue'])}, "
        f"{signed(sums['expected revenue'])} by their probability."
    )


def in_plan(page: Page, launches: pd.DataFrame) -> None:
    """The ramps beside what the launches take from whom."""
    top = launches.iloc[0]
    net = float(top["net revenue"])
    worth = f"{signed(net)} {_currency(page)} net" if np.isfinite(net) else f"{full(top['units'])} units"
    title = f"{top['project']} brings the most: {worth}"
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chart(
            charts.ramp_figure(page.plan, page.view, page.style, title),
            "launch_ramps",
            alt=f"Units of the launches by month. {title}",
            frame=lambda: charts.ramp_frame(page.plan, page.view),
        )
    with right:
        st.caption(f"What launches take from products in the market, units and money{_in_currency(page)}.")
        ranked_table(charts.victim_table(page.plan, page.view), "launch_victims")
    st.caption(f"Launches in the plan; money{_in_currency(page)}, net of what they take from others.")
    ranked_table(launches, "launches_in")


def successions(page: Page) -> None:
    """Products that end and who takes their demand over."""
    st.markdown("##### Successions")
    table = charts.succession_table(page.plan, page.view)
    if table.empty:
        st.caption("No product of this filter ends in these months.")
        return
    moved, ends = float(table["units moved"].sum()), float(table["units that end"].sum())
    st.caption(
        f"{full(ends)} units of the statistical baseline end; successors take {full(moved)} of them over."
    )
    ranked_table(table, "successions")


def events(page: Page) -> None:
    """Promotions and other dated events with what they change and cost."""
    st.markdown("##### Events and promotions")
    table = charts.event_table(page.plan, page.view)
    if table.empty:
        st.caption("No event touches this filter. Load event.csv to plan promotions and price moves.")
        return
    net, cost = float(table["net effect"].sum(min_count=1)), float(table["cost"].sum())
    brings = f"{signed(net)} {_currency(page)}" if np.isfinite(net) else "no known margin"
    st.caption(
        f"Events bring {brings} after {short(cost)} of cost: margin over standard "
        "cost less cost, on units before overrides and levers. Without a stated lift the units follow the "
        "price by the family's elasticity. Rejected and cancelled events do not count."
    )
    ranked_table(table, "events")


def elasticities(page: Page) -> None:
    """The estimates with their errors, and what a higher price would do."""
    st.markdown("##### Prices and units")
    table = charts.elasticity_table(page.plan, page.view)
    if table.empty:
        st.caption("No elasticity has been estimated for this filter.")
        return
    if not np.isfinite([known.elasticity for known in page.plan.inputs.demand.family_elasticities]).any():
        st.caption(
            "No elasticity is known: prices of the past have not moved enough to tell one, so units stay "
            "when a price moves. Load price.csv with dated prices."
        )
        return
    own = int((table["source"] == charts.SOURCES["own"]).sum())
    title = f"{own} of {len(table)} families have prices that tell their own elasticity"
    left, right = st.columns([2, 3], gap="medium")
    with left:
        chart(
            charts.elasticity_figure(page.plan, page.view, page.style, title),
            "elasticities",
            alt=f"Price elasticities with their 95 % range. {title}",
            frame=lambda: table,
        )
    with right:
        st.caption(
            f"What a price {charts.RISE} % higher would do over these months by the estimate alone, units "
            f"and money{_in_currency(page)}."
        )
        ranked_table(table, "elasticity_table")


def _currency(page: Page) -> str:
    return page.plan.inputs.money.base_currency or "money"


def _in_currency(page: Page) -> str:
    """In what money is stated, "" where no currency is named."""
    currency = page.plan.inputs.money.base_currency
    return f" in {currency}" if currency else ""
