"""Risks and opportunities: what is out of the plan, with its probability, and the forms to keep it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.filters import market_options
from pages.frame.page import Page, chart, may_record, ranked_table
from pages.frame.perform import form_over, submit
from sop_engine.charts import product_risks as charts
from sop_engine.charts.numbers import month
from sop_engine.finance_review.register import REGISTER, register
from sop_engine.inputs.calendar import Calendar
from sop_engine.records.risks import (
    IN_PLAN,
    KINDS,
    add_risk,
    close_risk,
    put_in_plan,
    revise_probability,
    risk_items,
    take_out_of_plan,
    withdraw_risk,
)


def show(page: Page) -> None:
    """The one list of what is out of the plan, its figure, and what became of the rest."""
    plan, items = page.plan, risk_items(session.warehouse())
    rows = register(plan.inputs, plan.scenario, plan.portfolio, plan.demand, plan.finance, items)
    currency = plan.inputs.money.base_currency
    if rows.empty:
        st.info("Nothing is written down and no launch is left out of the plan. Write down what may come.")
    else:
        listed(page, rows, items, currency)
    if may_record(plan.inputs.cycle):
        form_over("Write down a risk or opportunity", "risk_add", lambda: add_form(page))
    settled(page, items)


def listed(page: Page, rows: pd.DataFrame, items: pd.DataFrame, currency: str) -> None:
    """The figure and the list; a row of the register opens what can be done with it."""
    chart(
        charts.risk_figure(rows, currency, page.style),
        "product_risks",
        alt="Probability and effect of what is out of the plan",
        frame=lambda: charts.risk_table(rows),
    )
    st.caption(
        f"{currency}; effects inside the plan's months if it happens, expected = probability x margin. A "
        "launch left out counts its first year, net of what it would take from others. None of it is in any "
        "figure of the plan; a sample is in no sum either. Click one of the register to change it."
    )
    row = ranked_table(charts.risk_table(rows), "product_risk_table", select=True, ids=["title"])
    if row is not None and rows["source"][row] == REGISTER and may_record(page.plan.inputs.cycle):
        item = items[items["item_id"] == rows["item_id"][row]].iloc[0]
        steps(item)


def settled(page: Page, items: pd.DataFrame) -> None:
    """What is in the plan by now, or closed; an item in the plan can be taken out again."""
    table = charts.closed_table(items)
    if table.empty:
        return
    st.markdown("**In the plan, or closed**")
    row = ranked_table(table, "product_risks_closed", select=True, ids=["title"])
    if row is not None and may_record(page.plan.inputs.cycle):
        item = items[items["status"] != "open"].iloc[row]
        if item["status"] == IN_PLAN:
            steps(item)


def steps(item: pd.Series) -> None:
    """A form for each step that an item may take from where it stands."""
    item_id, title = str(item["item_id"]), str(item["title"])
    warehouse = session.warehouse()
    inside = item["status"] == IN_PLAN
    with st.container(horizontal=True, gap="small"):
        if inside:
            back = partial(take_out_of_plan, warehouse, item_id)
            form_over(
                "Take out of the plan", f"out_{item_id}", lambda: _reason(item_id, "Take out", back), title
            )
        else:
            form_over("Weigh anew", f"weigh_{item_id}", lambda: _weigh(item), title)
            put = partial(put_in_plan, warehouse, item_id)
            form_over("Put in the plan", f"in_{item_id}", lambda: _reason(item_id, "Put in", put), title)
        form_over("Close", f"close_{item_id}", lambda: _close(item), title)
        gone = partial(withdraw_risk, warehouse, item_id)
        form_over("Withdraw", f"gone_{item_id}", lambda: _reason(item_id, "Withdraw", gone), title)


def add_form(page: Page) -> None:
    """What may come: how likely, how large, when, and who watches it. Sizes are written without a sign."""
    inputs = page.plan.inputs
    labels = inputs.calendar.plan_labels[: inputs.calendar.horizon]
    families = sorted({*inputs.products.family, *inputs.products.category})
    with st.form("risk_add_form", border=False):
        kind = st.segmented_control("Kind", list(KINDS), default=KINDS[0], required=True, key="risk_kind")
        title = st.text_input("What may happen", key="risk_title")
        left, right = st.columns(2)
        cause = left.text_input("Why it may", key="risk_cause")
        response = right.text_input("What is done about it", key="risk_response")
        pct = st.slider("Probability, %", 0, 100, 30, 5, key="risk_pct")
        sizes = dict(zip(("units", "revenue", "gross_margin"), st.columns(3), strict=True))
        amounts = {
            name: column.number_input(
                _size_words(name, inputs.money.base_currency), 0.0, value=None, key=f"risk_{name}"
            )
            for name, column in sizes.items()
        }
        first, last = st.select_slider(
            "Months of its effect", labels, (labels[0], labels[-1]), format_func=month, key="risk_months"
        )
        left, middle, right = st.columns(3)
        family = left.selectbox(
            "Family", ["", *families], format_func=lambda name: name or "All", key="risk_family"
        )
        market = middle.selectbox(
            "Market", ["", *market_options(inputs)], format_func=lambda name: name or "All", key="risk_market"
        )
        owner = right.text_input("Owner", key="risk_owner")
        sign = -1 if kind == "risk" else 1
        written = partial(
            add_risk,
            session.warehouse(),
            cycle=inputs.cycle,
            kind=kind,
            title=title,
            cause=cause,
            response=response,
            probability_pct=pct,
            **{name: None if size is None else sign * size for name, size in amounts.items()},
            from_period=bucket_day(inputs.calendar, first),
            to_period=bucket_day(inputs.calendar, last),
            family=family,
            market=market,
            owner=owner,
        )
        submit("Write it down", "risk_add", "It stands in the list", written, primary=True)


def bucket_day(calendar: Calendar, label: str) -> object:
    """First day of a bucket."""
    return calendar.starts[calendar.labels.index(label)].item()


def _weigh(item: pd.Series) -> None:
    with st.form("risk_weigh", border=False):
        pct = st.slider("Probability, %", 0, 100, int(item["probability_pct"]), 5)
        reason = st.text_input("Why")
        weighed = partial(revise_probability, session.warehouse(), item["item_id"], float(pct), reason=reason)
        submit("Weigh anew", "risk_weigh", f"{item['item_id']} is weighed anew", weighed)


def _close(item: pd.Series) -> None:
    with st.form("risk_close", border=False):
        came = st.segmented_control(
            "What came of it", ["happened", "did not happen"], default="happened", required=True
        )
        amount = st.number_input("Revenue effect as it turned out, with its sign", value=None)
        reason = st.text_input("What happened")
        happened = came == "happened"
        closed = partial(
            close_risk, session.warehouse(), item["item_id"], happened=happened, amount=amount, reason=reason
        )
        submit("Close", "risk_close", f"{item['item_id']} is closed", closed)


def _reason(item_id: str, label: str, step: partial) -> None:
    with st.form("risk_step", border=False):
        reason = st.text_input("Why")
        submit(label, "risk_step", f"{label}: {item_id}", partial(step, reason=reason))


def _size_words(name: str, currency: str) -> str:
    return "Units" if name == "units" else f"{name.replace('_', ' ').capitalize()}, {currency}"
