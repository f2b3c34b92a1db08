"""Risks and opportunities: what is out of the plan, with its probability, and the forms to keep it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.assumptions import past_supply
from pages.frame.filters import market_options
from pages.frame.page import Page, chart, may_record, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.assumptions.assumption import MEASURES
from sop_engine.assumptions.triggers import SIDES, watch
from sop_engine.charts import product_risks as charts
from sop_engine.charts.numbers import month
from sop_engine.finance_review.register import REGISTER, register
from sop_engine.inputs.calendar import Calendar
from sop_engine.records.risks import (
    IN_PLAN,
    KINDS,
    Trigger,
    add_risk,
    close_risk,
    put_in_plan,
    revise_probability,
    risk_items,
    set_trigger,
    take_out_of_plan,
    withdraw_risk,
)
from sop_engine.risk.concentration import concentrations


def show(page: Page) -> None:
    """The one list of what is out of the plan, its figure, and what became of the rest."""
    plan, items = page.plan, risk_items(session.warehouse())
    rows = register(plan.inputs, plan.scenario, plan.portfolio, plan.demand, plan.finance, items)
    currency = plan.inputs.money.base_currency
    watched = watch(plan, items, past_supply(plan.inputs))
    if fired := charts.fired_words(watched, items.set_index("item_id")["title"]):
        st.warning(escaped(fired))
    if rows.empty:
        st.info("Nothing is written down and no launch is left out of the plan. Write down what may come.")
    else:
        listed(page, rows, items, {one.item_id: charts.trigger_words(one, currency) for one in watched})
    if may_record(plan.inputs.cycle):
        form_over("Write down a risk or opportunity", "risk_add", lambda: add_form(page))
    settled(page, items)
    leaning(page)


def leaning(page: Page) -> None:
    """What the plan leans on alone: a market, a supplier, a resource."""
    found = concentrations(page.plan, page.view.periods)
    st.markdown("**Concentration**")
    st.markdown(escaped(charts.concentration_words(found)))
    st.caption(
        "What the deliveries of the filter's months need: all that is made with an item of a single source, "
        "or passes a resource without an alternate, at any level of the bill; margin is revenue less "
        "standard cost. Parts overlap, so shares do not add up."
    )
    ranked_table(charts.concentration_table(found), "product_concentration")


def listed(page: Page, rows: pd.DataFrame, items: pd.DataFrame, triggers: dict[str, str]) -> None:
    """The figure and the list; a row of the register opens what can be done with it."""
    currency = page.plan.inputs.money.base_currency
    chart(
        charts.risk_figure(rows, currency, page.style),
        "product_risks",
        alt="Probability and effect of what is out of the plan",
        frame=lambda: charts.by_period(rows, page.plan.inputs.calendar),
    )
    st.caption(
        f"{currency}; effects inside the plan's months if it happens, expected = probability x margin. A "
        "launch left out counts its first year, net of what it would take from others. None of it is in any "
        "figure of the plan; a sample is in no sum either. A trigger is watched in the last full month. "
        "Click one of the register to change it; by month they stand in the chart's table."
    )
    row = ranked_table(charts.risk_table(rows, triggers), "product_risk_table", select=True, ids=["title"])
    if row is not None and rows["source"][row] == REGISTER and may_record(page.plan.inputs.cycle):
        item = items[items["item_id"] == rows["item_id"][row]].iloc[0]
        steps(page, item)


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
            steps(page, item)


def steps(page: Page, item: pd.Series) -> None:
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
            form_over("Set a trigger", f"trigger_{item_id}", lambda: _trigger(page, item), title)
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
        stands = not page.plan.scenario.is_baseline and st.checkbox(
            "The working scenario stands for it where risks are drawn",
            key="risk_levers",
            help=lever_words(page.plan.scenario.in_words()),
        )
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
            scenario=page.plan.scenario if stands else None,
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


def _trigger(page: Page, item: pd.Series) -> None:
    """What tells that it comes: a measure of the item's scope, and the value beyond which it fires."""
    inputs = page.plan.inputs
    currencies = sorted(set(inputs.markets.currency) - {inputs.money.base_currency})
    names = [name for name in MEASURES if name != "exchange_rate" or currencies]
    measure = st.selectbox("Measure", names, format_func=lambda name: MEASURES[name].words)
    own = st.selectbox("Currency", currencies) if measure == "exchange_rate" else ""
    unit = MEASURES[measure].unit.format(base=inputs.money.base_currency, own=own)
    with st.form("risk_trigger", border=False):
        side = st.segmented_control("It fires", list(SIDES), default=SIDES[1], required=True)
        value = st.number_input(f"This value, {unit}", value=0.0, format="%.4f")
        reason = st.text_input("Why")
        submit(
            "Watch it",
            "risk_trigger",
            f"{item['item_id']} is watched",
            lambda **by: set_trigger(
                session.warehouse(),
                item["item_id"],
                Trigger(measure, side, value, own),
                reason=reason,
                **by,
            ),
        )


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
