"""Demand review: one unconstrained consensus in units and money, what moved it, and the levers that would
move it again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import levers, session
from pages.frame.filters import product_groups
from pages.frame.page import Page, chart, message, open_page, ranked_table
from pages.frame.perform import form_over, perform
from pages.frame.record import record
from pages.frame.strip import escaped
from sop_engine.charts import demand_review as charts
from sop_engine.charts.numbers import change_pct, month, short, signed
from sop_engine.records import add_override, drop_override, of_cycle
from sop_engine.scenario import LeverKind

KINDS = {"pct": "by %", "add": "by units", "units": "to units"}


def review() -> None:
    """Message, the chart the meeting is run on beside its levers, exceptions, and what lies behind."""
    page = open_page("Demand review", "demand")
    changes = charts.family_changes(page.plan, page.baseline, page.view)
    headline, detail = sentences(page, changes)
    side, main = st.columns([1, 3], gap="medium")
    with main:
        chart(
            charts.history_and_consensus(page.plan, page.baseline, page.view, page.style, headline),
            "demand_history",
            alt=f"Demand by month: history, statistical baseline, budget and consensus. {headline}",
            frame=lambda: charts.demand_series(page.plan, page.baseline, page.view).drop(columns="day"),
        )
    with side.container(gap="xsmall"):
        lever_panel(page)
    message(detail)
    tabs(page, changes)
    record(page, more=lambda: form_over("Override the demand", "override", lambda: override_form(page)))


def sentences(page: Page, changes: pd.DataFrame) -> tuple[str, str]:
    """The headline of the chart and the message of the page."""
    unit = page.view.unit(page.plan)
    total = float(changes["consensus"].sum())
    base = total - float(changes["vs statistical"].sum())
    headline = (
        f"Consensus demand is {short(total)} {unit}, {change_pct(total, base)} on the statistical baseline"
    )
    if changes.empty:
        return headline, "No product of this filter is sold in these months."
    top = changes.iloc[0]
    gaps = {
        "the statistical baseline": top["vs statistical"],
        "budget": top["vs budget"],
        "the plan before the what-if": top["what-if"],
    }
    ranked = sorted(
        (gap for gap in gaps.items() if abs(np.nan_to_num(gap[1])) > 0.5), key=lambda gap: -abs(gap[1])
    )
    if not ranked:
        return headline, "No family differs from its statistical baseline or its budget."
    words = ", ".join(f"{signed(gap)} {unit} on {name}" for name, gap in ranked)
    return headline, f"{top['family']} stands out: {words}."


def lever_panel(page: Page) -> None:
    """Demand and price of a product group in a market, over months."""
    inputs = page.plan.inputs
    group = levers.target("Product group", product_groups(inputs), "All products")
    market = levers.market(inputs)
    scope = levers.Scope(group, market, *levers.months(inputs, "demand"))
    levers.slider(LeverKind.DEMAND, scope, inputs)
    levers.slider(LeverKind.PRICE, scope, inputs, note=elasticity_words(page, group))
    levers.spend(LeverKind.DEMAND, scope, inputs.money.base_currency)
    levers.panel_foot("demand")


def elasticity_words(page: Page, group: str) -> str:
    """What a price does to volume, with its error; families of a wider group are weighed by their units."""
    demand = page.plan.inputs.demand
    units = demand.baseline.units.sum(axis=(1, 2)) * page.plan.inputs.products.group(group)
    known = (units > 0) & ~np.isnan(demand.elasticity)
    if not known.any():
        return "elasticity not known: units stay"
    weight = units[known] / units[known].sum()
    value, error = float(weight @ demand.elasticity[known]), float(weight @ demand.elasticity_error[known])
    return f"elasticity {value:.2f} ± {error:.2f}"


def tabs(page: Page, changes: pd.DataFrame) -> None:
    """Exceptions first; the rest is made when its tab is opened."""
    exceptions, built, dependent, judged = st.tabs(
        ["Exceptions", "Build-up", "Dependent demand", "Overrides"], on_change="rerun", key="demand_tabs"
    )
    if exceptions.open:
        with exceptions:
            family_table(page, changes)
    if built.open:
        with built:
            chart(
                charts.build_up_bridge(page.plan, page.view, page.style),
                "demand_bridge",
                alt="Bridge from the statistical baseline to the consensus",
                frame=lambda: charts.build_up(page.plan, page.view),
            )
    if dependent.open:
        with dependent:
            st.caption(
                "Units over the months of the filter. Dependent demand is what bills of material need, "
                "gross of stock."
            )
            ranked_table(charts.dependent_demand(page.plan, page.view), "demand_dependent")
    if judged.open:
        with judged:
            overrides(page)


def family_table(page: Page, changes: pd.DataFrame) -> None:
    """Families by the size of their change; a row opens the family's months."""
    st.caption(f"Families, largest difference first; {page.view.unit(page.plan)}. Click a row to open it.")
    row = ranked_table(changes, "demand_exceptions", select=True)
    if row is not None:
        family = changes["family"][row]
        view = page.view.narrowed(page.plan.inputs.products.family == family, family)
        first, last = (
            month(page.plan.inputs.calendar.plan_labels[period]) for period in view.periods[[0, -1]]
        )
        chart(
            charts.history_and_consensus(
                page.plan, page.baseline, view, page.style, f"{family}, {first} to {last}", 320
            ),
            "demand_family",
            alt=f"Demand of {family} by month",
            frame=lambda: charts.demand_series(page.plan, page.baseline, view).drop(columns="day"),
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


def overrides(page: Page) -> None:
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


review()
