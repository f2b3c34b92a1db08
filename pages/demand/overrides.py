"""Overrides of the demand: made with a reason, listed, withdrawn."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, ranked_table
from pages.frame.perform import form_over, perform
from pages.frame.strip import escaped
from sop_engine.charts.numbers import month
from sop_engine.records import add_override, drop_override, of_cycle

KINDS = {"pct": "by %", "add": "by units", "units": "to units"}


def show(page: Page) -> None:
    """The overrides that count in the consensus, newest first, each of which can be withdrawn."""
    rows = of_cycle(session.warehouse(), "override")
    rows = rows[rows["active"].astype(bool)].sort_values("created_at", ascending=False, kind="stable")
    if rows.empty:
        st.caption("No override is in the consensus. Make one below, under what is decided here.")
        return
    st.caption("Click a row to withdraw it.")
    row = ranked_table(override_table(rows), "demand_overrides", select=True)
    if row is not None:
        chosen = str(rows["override_id"].iloc[row])
        form_over(f"Withdraw {chosen}", f"withdraw_{chosen}", lambda: withdraw_form(chosen))


def override_table(rows: pd.DataFrame) -> pd.DataFrame:
    """scope, months, change, reason, owner, made of rows of the table override."""
    return pd.DataFrame(
        [
            (
                ", ".join(filter(None, [row.product or row.family or "All products", row.market])),
                span_words(row.from_period, row.to_period),
                change_words(row.kind, row.value),
                row.reason,
                row.owner,
                f"{row.created_by}, {row.created_at:%d %b %y %H:%M}",
            )
            for row in rows.itertuples()
        ],
        columns=["scope", "months", "change", "reason", "owner", "made"],
    )


def span_words(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """The months from the first to the last day that an override names."""
    ends = [month(f"{day:%Y-%m}") for day in (first, last)]
    return " to ".join(dict.fromkeys(ends))


def change_words(kind: str, value: float) -> str:
    """What an override does: "+25 %", "-100 units", "to 100 units"."""
    return {"pct": f"{value:+g} %", "add": f"{value:+,g} units", "units": f"to {value:,g} units"}[kind]


def withdraw_form(override_id: str) -> None:
    """The reason why an override no longer counts; it stays on record."""
    st.markdown(escaped(f"{override_id} no longer counts in the consensus; it stays on record."))
    with st.form("withdraw_form", border=False):
        reason = st.text_input("Why it is withdrawn")
        who = session.name_input("withdraw")
        if st.form_submit_button("Withdraw"):
            perform(
                f"{override_id} is withdrawn",
                lambda: drop_override(
                    session.warehouse(), override_id, who=session.signed(who), at=session.now(), reason=reason
                ),
            )


def override_form(page: Page) -> None:
    """A dated judgement on the demand of a family in a market, with its reason."""
    inputs = page.plan.inputs
    calendar = inputs.calendar
    labels = calendar.plan_labels[calendar.frozen : calendar.horizon]
    with st.form("override_form", border=False):
        family = st.selectbox(
            "Family", sorted(set(inputs.products.family[inputs.products.sellable])), key="override_family"
        )
        everywhere = ["", *inputs.markets.labels]
        market = st.selectbox(
            "Market", everywhere, format_func=lambda label: label or "All markets", key="override_market"
        )
        first, last = st.select_slider(
            "Months", labels, value=(labels[0], labels[min(2, len(labels) - 1)]), format_func=month
        )
        kind = st.segmented_control(
            "Change", list(KINDS), default="pct", required=True, format_func=KINDS.__getitem__
        )
        value = st.number_input("By or to how much", value=0.0, step=1.0)
        reason = st.text_input("Reason")
        who = session.name_input("override")
        days = (calendar.starts[calendar.labels.index(label)].item() for label in (first, last))
        if st.form_submit_button("Override"):
            perform(
                "The override is in the consensus",
                lambda: add_override(
                    session.warehouse(),
                    cycle=inputs.cycle,
                    family=family,
                    market=market,
                    kind=kind,
                    value=value,
                    reason=reason,
                    who=session.signed(who),
                    at=session.now(),
                    **dict(zip(("from_period", "to_period"), days, strict=True)),
                ),
            )
