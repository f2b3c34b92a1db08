"""Pre-S&OP: one family followed through all plans, the gaps between them, and the proof that they tie."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import levers, session
from pages.frame.decisions import decisions_on_the_table
from pages.frame.page import Page, chart, message, open_page, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.progress import reviews, stamp_words, status_badge
from pages.frame.record import record
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import pre_sop as charts
from sop_engine.charts.numbers import month, months
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.pre_sop.connectivity import connectivity
from sop_engine.pre_sop.consistency import Check, consistency_checks
from sop_engine.pre_sop.gaps import Gap, find_gaps
from sop_engine.records import Option, raise_decision

TABS = ("Connectivity", "Gaps", "Families", "Consistency", "Decisions")
SHOWN_GAPS = 200
DECIDE_WITHIN_DAYS = 7


def review() -> None:
    """The message, the questions of the meeting beside the stamps of the reviews, and the record."""
    page = open_page("Pre-S&OP", "pre_sop")
    gaps = find_gaps(page.plan, page.view.periods)
    side, main = st.columns([1, 3], gap="medium")
    with side:
        family = st.selectbox(
            "Family to follow", family_options(page), key="connected_family", persist_state="session"
        )
    with main:
        tabs = st.tabs(TABS, on_change="rerun", key="pre_sop_tabs")
        bodies = (
            partial(connected, family=family),
            partial(ranked_gaps, gaps=gaps),
            families,
            consistency,
            decisions_on_the_table,
        )
        for tab, body in zip(tabs, bodies, strict=True):
            if tab.open:
                with tab:
                    body(page)
    with side:
        stamps(page)
        levers.panel_foot("pre_sop")
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in page.view.periods]
    found = f"{charts.count_words(gaps)}. {charts.gap_words(gaps, page.plan.inputs.money.base_currency)}."
    message(f"Whole company, {months(labels)}: {found}")
    record(page)


def stamps(page: Page) -> None:
    """Each review with its signature and whether it still holds."""
    states = reviews(page.plan.inputs)
    st.markdown(f"**What was signed** · data now {page.plan.inputs.version[:6]}")
    if not states:
        st.caption("The cycle is not open, so nothing is signed.")
    for state in states:
        with st.container(gap=None):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(state.name, width="content")
                status_badge(state)
            st.caption(escaped(stamp_words(state)))


def connected(page: Page, family: str) -> None:
    """Product, demand, supply, inventory and money of one family on the same months."""
    periods = page.view.periods
    table, base = (connectivity(plan, family, periods) for plan in (page.plan, page.baseline))
    figure = charts.connected(table, base, family, page.plan, periods, page.style)
    words = charts.connected_words(table, family, page.plan.inputs.money.base_currency)
    chart(figure, "pre_sop_connected", words, lambda: connected_table(table))


def family_options(page: Page) -> list[str]:
    """Families of the filter that are sold, the largest revenue first."""
    pockets = charts.pocket_table(page.plan, page.view.products, page.view.markets, page.view.periods)
    return list(dict.fromkeys(pockets["family"])) or sorted(set(page.plan.inputs.products.family))


def connected_table(table: pd.DataFrame) -> pd.DataFrame:
    """One row per plan and measure, one column per month."""
    wide = table.pivot_table(index=["plan", "measure", "unit"], columns="period", values="value", sort=False)
    return wide.rename(columns=month).reset_index()


def ranked_gaps(page: Page, gaps: tuple[Gap, ...]) -> None:
    """The gaps in money, ranked; a row opens the form that makes it a decision."""
    currency = page.plan.inputs.money.base_currency
    if not gaps:
        st.info(charts.gap_words(gaps, currency))
        return
    figure = charts.gap_bars(gaps, currency, page.style)
    if figure["data"]:
        chart(figure, "pre_sop_gaps", charts.gap_words(gaps, currency), lambda: charts.gap_table(gaps))
    st.caption(
        f"Whole company, largest money first; the first {min(SHOWN_GAPS, len(gaps))} of {len(gaps)}. "
        "Click a row to raise it."
    )
    owners = gap_owners(page)
    rows = [
        (
            str(gap.kind),
            gap.scope,
            month(gap.period) if gap.period else "all",
            gap.money,
            gap.units,
            owners.get(gap_name(gap), "no owner"),
            lever_words(gap.sentence),
        )
        for gap in gaps[:SHOWN_GAPS]
    ]
    columns = [
        "gap",
        "scope",
        "month",
        f"money, {currency}".rstrip(", "),
        "units",
        "decision and owner",
        "in words",
    ]
    row = ranked_table(pd.DataFrame(rows, columns=columns), "pre_sop_gap_table", select=True)
    if row is not None:
        gap = gaps[row]
        form_over(f"Raise as a decision: {gap_name(gap)}", "raise_gap", lambda: raise_form(page, gap))


def gap_name(gap: Gap) -> str:
    """How a decision names the gap that it is about."""
    return f"{gap.kind}, {gap.scope}" + (f", {gap.period}" if gap.period else "")


def gap_owners(page: Page) -> dict[str, str]:
    """{name of a gap: its decision and owner}."""
    rows = session.recorded("decision", page.plan.inputs.cycle)
    return {
        row.reason: f"{row.decision_id}, {row.owner or 'nobody'}, {row.status}" for row in rows.itertuples()
    }


def raise_form(page: Page, gap: Gap) -> None:
    """A gap as a question, with doing nothing and stored scenarios as its options."""
    stored = session.stored_scenarios()
    names = dict(zip(stored["scenario_id"], stored["name"], strict=True))
    with st.form("raise_gap", border=False):
        question = st.text_input("Question", value=f"How do we close it? {lever_words(gap.sentence)}")
        chosen = st.multiselect(
            f"Options beside '{DO_NOTHING}': stored scenarios",
            list(names),
            format_func=names.__getitem__,
            max_selections=3,
        )
        left, right = st.columns(2)
        week = session.now().date() + timedelta(days=DECIDE_WITHIN_DAYS)
        raised = partial(
            raise_decision,
            session.warehouse(),
            cycle=page.plan.inputs.cycle,
            question=question,
            options=[Option(DO_NOTHING), *(Option(names[chosen_id], chosen_id) for chosen_id in chosen)],
            owner=left.text_input("Owner"),
            decide_by=right.date_input("Decide by", value=week),
            reason=gap_name(gap),
        )
        submit("Raise it", "raise_gap", "The decision is raised", raised, primary=True)
    if not names:
        st.caption(
            "No scenario is stored yet: move levers on any page and save them, and they become options."
        )


def families(page: Page) -> None:
    """A small panel for every family."""
    view = page.view
    table = charts.pocket_table(page.plan, view.products, view.markets, view.periods)
    figure = charts.pockets(table, page.plan, view.periods, view.words, page.style)
    chart(figure, "pre_sop_pockets", "Demand, what is served on time and stock of each family", lambda: table)


def consistency(page: Page) -> None:
    """Every check with its residual, and whether the plan may go to the executive meeting."""
    checks = consistency_checks(page.plan)
    states = reviews(page.plan.inputs)
    unowned = owners_missing(page)
    reasons = no_go(
        checks, [state.name for state in states[:4] if not state.holds] if states else ["the cycle"], unowned
    )
    if reasons:
        st.error("No-go: " + escaped("; ".join(reasons)) + ".", icon=":material/block:")
    else:
        st.success(
            "Go: the plans tie, the reviews are signed and every decision has an owner.",
            icon=":material/check_circle:",
        )
    rows = [
        (
            "✓ holds" if check.passed else "✗ fails",
            check.name,
            check.statement,
            check.residual,
            check.tolerance,
            check.unit,
            check.where,
        )
        for check in checks
    ]
    table = pd.DataFrame(
        rows, columns=["result", "check", "what must hold", "residual", "allowed", "unit", "worst where"]
    )
    exact = {name: st.column_config.NumberColumn(format="%.2e") for name in ("residual", "allowed")}
    st.dataframe(
        table,
        hide_index=True,
        key="consistency",
        height="content",
        column_config=exact,
        alt="Consistency checks with residuals",
    )


def owners_missing(page: Page) -> int:
    """Decisions that wait without an owner."""
    rows = session.recorded("decision", page.plan.inputs.cycle)
    return int(((rows["owner"] == "") & rows["status"].isin(["open", "deferred", "escalated"])).sum())


def no_go(checks: tuple[Check, ...], unsigned: list[str], unowned: int) -> list[str]:
    """What stands against sending this plan to the executive meeting."""
    failed = [check.name for check in checks if not check.passed]
    return [
        *([f"checks that fail: {', '.join(failed)}"] if failed else []),
        *([f"not signed, or stale: {', '.join(unsigned)}"] if unsigned else []),
        *([f"{unowned} decisions have no owner"] if unowned else []),
    ]


review()
