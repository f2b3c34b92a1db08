"""Proof: one set of numbers from the planner's tables to the statement, each statement with its residual."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.navigation import require_app
from pages.frame.page import Page, chart, download, open_page
from pages.frame.proofs import broken_proof, kept_proof, left_to_verify, proof_of, show_checks
from pages.frame.strip import escaped
from sop_engine.charts import proof as charts
from sop_engine.charts.numbers import UNKNOWN
from sop_engine.pre_sop.consistency import Check
from sop_engine.proof.arrivals import arrival_table, arrivals
from sop_engine.proof.volumes import RESIDUALS, through_the_reviews

TABS = ("Checks", "One number through the reviews", "From the tables to the plan")
SHOWN_ROWS = 500


def proof() -> None:
    """The light, then every check with its residual; of data that cannot be planned, what is against it."""
    require_app()
    broken = () if session.is_empty() else broken_proof()
    if broken:
        st.subheader("Proof", anchor=False)
        light(broken)
        listed(broken)
        return
    page = open_page("Proof", filters=False)
    checks = proof_of(page)
    light(checks)
    bodies = (partial(listed, checks), partial(reviews, page), partial(tables, page))
    for tab, body in zip(st.tabs(TABS, on_change="rerun", key="proof_tabs"), bodies, strict=True):
        if tab.open:
            with tab:
                body()


def light(checks: Sequence[Check]) -> None:
    """Word, sign and colour."""
    words = escaped(charts.light_words(checks, left_to_verify()))
    if all(check.passed for check in checks):
        st.success(words, icon=":material/check_circle:")
    else:
        st.error(words, icon=":material/block:")


def listed(checks: Sequence[Check]) -> None:
    """The checks; the rows that stand against the one that is clicked, or against all that fail."""
    failed = [check for check in checks if not check.passed]
    place = st.container()
    st.caption(
        "Residual: by how much the statement does not hold, at its worst cell, in the unit beside it; above "
        "what is allowed, the rounding of the amounts compared, the check fails. Click a check for its rows."
    )
    chosen = show_checks(checks, "proof_checks", select=True)
    download(charts.check_table(checks), "proof.csv")
    verify_more()
    if chosen is not None:
        with place:
            offending([chosen])
    elif failed:
        with place:
            offending(failed)


def offending(checks: Sequence[Check]) -> None:
    """The rows that stand against these checks."""
    names = ", ".join(check.name for check in checks)
    rows = charts.row_table(checks)
    if rows.empty:
        st.caption(escaped(f"{names}: no row stands against it."))
        return
    shown = min(SHOWN_ROWS, len(rows))
    st.markdown(f"**{escaped(names)}**: {len(rows)} rows stand against it, {shown} shown")
    st.dataframe(
        rows.head(SHOWN_ROWS), hide_index=True, key="proof_rows", alt="Rows that stand against a check"
    )
    download(rows, "proof_rows.csv")


def verify_more() -> None:
    """Kept plans that were not hashed yet, on demand: each takes half a second."""
    left = left_to_verify()
    if left and st.button(f"Verify {left} older plans that were kept", key="verify_kept"):
        with st.spinner("Hashing the plans that were kept"):
            kept_proof(every=True)
        st.rerun()


def reviews(page: Page) -> None:
    """One family's number through product, demand, supply and finance; the table of all families."""
    table = through_the_reviews(page.plan)
    families = [table["family"].iloc[-1], *table["family"].iloc[:-1]]
    family = st.selectbox("Family to follow", families, key="proof_family", width=360)
    currency = page.plan.inputs.money.base_currency
    words = charts.reviews_words(table, family, currency)
    chart(
        charts.reviews_figure(table, family, currency, page.style),
        "proof_reviews",
        words,
        frame=lambda: table,
    )
    unit = f"units; at price and revenue in {currency}" if currency else "units"
    st.caption(
        f"{unit[:1].upper()}{unit[1:]}; all planned periods, also those beyond the reported ones. Each "
        "review ends in a residual: demand = asked for - its steps; supply = asked for - on time - late - "
        "lost - waiting; units = delivered by supply - valued by finance; money = units at price - revenue."
    )
    plain = {name: st.column_config.NumberColumn(format="localized") for name in table.columns[1:]}
    exact = {name: st.column_config.NumberColumn(format="%.2g") for name in RESIDUALS}
    shown = table.set_index("family").loc[families].reset_index()
    shown = shown.round({name: 0 for name in plain if name not in RESIDUALS})
    st.dataframe(
        shown, hide_index=True, key="proof_families", column_config=plain | exact, placeholder=UNKNOWN
    )
    download(table, "one_number.csv")


def tables(page: Page) -> None:
    """What each table says, what stays outside the plan by its date, what arrives."""
    table = _arrivals(f"{session.warehouse_path()} {session.data_key()}", page)
    st.caption(
        "In the table - outside the plan = in the plan. Outside the plan by its date, not lost: it is in the "
        "table for a later cycle or of an earlier one. Prices and costs: what is in force, summed over "
        "products, markets and periods."
    )
    plain = {
        name: st.column_config.NumberColumn(format="localized") for name in ("in the table", "in the plan")
    }
    plain["outside the plan"] = st.column_config.NumberColumn(format="localized")
    exact = {"residual": st.column_config.NumberColumn(format="%.3g")}
    st.dataframe(
        table.round({name: 2 for name in plain}),
        hide_index=True,
        key="proof_arrivals",
        height="content",
        column_config=plain | exact,
        alt="From the tables to the plan",
    )
    download(table, "tables_to_plan.csv")


@st.cache_resource(show_spinner=False, max_entries=2)
def _arrivals(key: str, _page: Page) -> pd.DataFrame:
    return arrival_table(arrivals(_page.plan.inputs, session.warehouse()))


proof()
