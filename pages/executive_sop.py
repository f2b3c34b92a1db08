"""Executive S&OP: scorecard, what-if across the business, scenarios side by side, decisions, publication."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import levers, session
from pages.frame.decisions import decisions_on_the_table
from pages.frame.page import Page, chart, message, open_page, ranked_table
from pages.frame.perform import perform
from pages.frame.progress import reviews
from pages.frame.record import record
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import WINDOWS, escaped
from sop_engine.charts import executive_sop as charts
from sop_engine.charts.numbers import month, months, percent, short
from sop_engine.errors import ScenarioError
from sop_engine.executive_sop.comparison import Comparison, compare_scenarios
from sop_engine.executive_sop.scorecard import compare, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import consistency_checks
from sop_engine.records import close_cycle, publish_plan, read_scenario
from sop_engine.scenario import LeverKind

TABS = ("Outlook", "Scorecard", "Scenarios", "Decisions", "Publish")
WORKING = "working"
MOST = 4


def review() -> None:
    """The message, the whole business beside its levers, and the record."""
    page = open_page("Executive S&OP", "executive", filters=False)
    side, main = st.columns([1, 3], gap="medium")
    with main:
        tabs = st.tabs(TABS, on_change="rerun", key="executive_tabs")
        bodies = (outlook, scores, scenarios, decisions_on_the_table, publication)
        for tab, body in zip(tabs, bodies, strict=True):
            if tab.open:
                with tab:
                    body(page)
    with side:
        lever_panel(page)
    message(overload_words(page.plan, page.view.periods))
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
    levers.slider(LeverKind.DEMAND, everything, inputs, note=f"1 % is {short(demand / 100)}")
    levers.slider(LeverKind.PRICE, everything, inputs, note="units follow the families' elasticities")
    levers.slider(LeverKind.CAPACITY, everything, inputs, note="of all work centres; no cost of its own")
    levers.slider(LeverKind.SUPPLIER_LEAD_TIME, everything, inputs, note="of all suppliers")
    levers.slider(LeverKind.UNIT_COST, everything, inputs, note=f"1 % is {short(cost / 100)}")
    if set(inputs.markets.currency) - {inputs.money.base_currency}:
        levers.slider(LeverKind.EXCHANGE_RATE, everything, inputs, note="of all foreign currencies")
    if inputs.demand.launches:
        levers.slider(LeverKind.LAUNCH_SLIP, everything, inputs, note="of every launch that can still move")
    levers.panel_foot("executive")


def outlook(page: Page) -> None:
    """From demand to stock, in one figure."""
    periods = page.view.periods
    figure = charts.outlook(page.plan, page.baseline, periods, page.style)
    table = charts.outlook_table(page.plan, periods)
    chart(figure, "executive_outlook", charts.outlook_words(table), lambda: table)


def scores(page: Page) -> None:
    """The seven figures over four periods, against the baseline, and how they lie to the budget."""
    table = score_table(page.plan, page.baseline)
    moved = "against this cycle's baseline" if page.plan is not page.baseline else "this is the baseline"
    st.caption(f"{page.card.currency}; {moved}; a fall or rise is marked, and said to be better or worse.")
    st.dataframe(table, hide_index=True, key="scorecard", height="content", alt="Scorecard over four periods")


def score_table(plan: Plan, baseline: Plan) -> pd.DataFrame:
    """One row per figure, one column per window, in words with mark and change."""
    columns: dict[str, list[str]] = {}
    for window, name in WINDOWS.items():
        card = scorecard(plan, window)
        cells = [
            charts.cell_words(delta, in_pct=False) for delta in compare(card, scorecard(baseline, window))
        ]
        extra = [
            short(card.budget_gap),
            percent(card.gross_margin_pct),
            short(card.margin_budget_gap),
            str(card.overloads),
        ]
        columns[name] = [*cells, *extra]
    labels = [delta.figure.label for delta in compare(card, card)]
    more = [
        "Revenue less budget",
        "Gross margin, % of revenue",
        "Gross margin less budget",
        "Resource-months above 100 %",
    ]
    return pd.DataFrame({"Figure": [*labels, *more], **columns})


def scenarios(page: Page) -> None:
    """Up to four scenarios side by side with do-nothing; only what differs."""
    stored = session.stored_scenarios()
    of_today = stored["data_version"] == page.plan.inputs.version
    names = {
        row.scenario_id: row.name if fits else f"{row.name} (older data)"
        for row, fits in zip(stored[["scenario_id", "name"]].itertuples(index=False), of_today, strict=True)
    }
    fresh = list(stored.loc[of_today, "scenario_id"])
    if not session.working().is_baseline and session.working().name not in set(stored["name"]):
        names[WORKING] = "The working scenario"
        fresh.append(WORKING)
    if not names:
        st.info(
            "No scenario is stored in this cycle. Move levers on any page, then name and save them in the "
            "scenario menu above."
        )
        return
    chosen = st.multiselect(
        f"Scenarios, one to {MOST}",
        list(names),
        default=fresh[-2:],
        format_func=names.__getitem__,
        max_selections=MOST,
        key="compared",
    )
    old = [names[key] for key in chosen if key != WORKING and is_old(stored, key, page.plan)]
    if old:
        st.error(
            f"Refused: {escaped(', '.join(old))} was saved on other data. Load it, save it again on today's "
            "data, then compare."
        )
    elif chosen:
        side_by_side(page, [scenario_plan(key, names[key]) for key in chosen])


def is_old(stored: pd.DataFrame, scenario_id: str, plan: Plan) -> bool:
    """Whether a scenario was saved on other data than the plan's."""
    return stored.set_index("scenario_id").loc[scenario_id, "data_version"] != plan.inputs.version


def scenario_plan(key: str, name: str) -> Plan:
    """The solved plan of a stored scenario or of the working one, under the name it is shown by."""
    scenario = session.working() if key == WORKING else read_scenario(session.warehouse(), key)
    return replace(session.plan_for(scenario), scenario=replace(scenario, name=name))


def side_by_side(page: Page, plans: list[Plan]) -> None:
    """The figures that differ, as a chart and as a table, and the levers behind them."""
    window = st.session_state.get("strip_window", Window.FISCAL_YEAR)
    try:
        comparison = compare_scenarios(page.baseline, plans, window)
    except ScenarioError as fault:
        st.error(str(fault))
        return
    st.dataframe(
        charts.comparison_table(comparison),
        hide_index=True,
        key="comparison",
        height="content",
        alt="Scenarios side by side",
    )
    st.caption(escaped(unchanged_words(comparison)))
    figure = charts.effects(comparison, page.style)
    chart(figure, "executive_effects", charts.effects_words(comparison), comparison.frame)
    words = pd.DataFrame(
        {"scenario": comparison.names, "what it changes": [lever_words(text) for text in comparison.levers]}
    )
    ranked_table(words, "compared_levers")


def unchanged_words(comparison: Comparison) -> str:
    """The figures in which no scenario differs."""
    return (
        f"The same in all: {', '.join(comparison.unchanged)}."
        if comparison.unchanged
        else "Every figure differs."
    )


def publication(page: Page) -> None:
    """Whether the plan can become the official one, the form that publishes it, and what was published."""
    cycle, states = page.plan.inputs.cycle, reviews(page.plan.inputs)
    against = [
        *[f"{check.name} fails" for check in consistency_checks(page.plan) if not check.passed],
        *(
            [f"{state.name}: {state.stale or 'not signed'}" for state in states if not state.holds]
            if states
            else ["the cycle is not open"]
        ),
    ]
    if against:
        st.warning("Before publishing: " + escaped("; ".join(against)) + ".")
    else:
        st.success(
            "All six reviews are signed on today's data and every check holds: the plan can be published."
        )
    left, right = st.columns(2, gap="large")
    with left:
        publish_form(cycle, page.plan.inputs.version)
    with right:
        close_form(cycle)
    published(page)


def publish_form(cycle: str, version: str) -> None:
    """Makes the plan that the executive review signed last the official one. version: of the data now."""
    with st.form("publish", border=False):
        st.markdown("**Publish the plan that this review signed last**")
        name = st.text_input("Name", value=f"Plan {month(cycle)}")
        note = st.text_input("Remark", key="publish_note")
        despite = st.text_input(
            "Reason to publish although a review is not signed, or rests on older data", key="publish_despite"
        )
        who = session.name_input("publish")
        if st.form_submit_button("Approve and publish", type="primary"):
            perform(
                "The plan is published",
                lambda: publish_plan(
                    session.warehouse(),
                    cycle,
                    who=session.signed(who),
                    at=session.now(),
                    name=name,
                    note=note,
                    despite=despite,
                    version=version,
                ),
            )


def close_form(cycle: str) -> None:
    """Ends the month: what it recorded stays as it is."""
    with st.form("close", border=False):
        st.markdown("**Close the cycle for ever, once its plan is published**")
        who = session.name_input("close")
        if st.form_submit_button("Close the cycle"):
            perform(
                f"The {month(cycle)} cycle is closed",
                lambda: close_cycle(session.warehouse(), cycle, who=session.signed(who), at=session.now()),
            )


def published(page: Page) -> None:
    """Official plans of all cycles, newest first."""
    versions = session.recorded("plan_version")
    if versions.empty:
        st.caption("No plan was published yet.")
        return
    shown = versions[["version_id", "cycle", "name", "status", "approved_by", "approved_at", "note"]].iloc[
        ::-1
    ]
    ranked_table(shown.rename(columns=lambda name: name.replace("_", " ")), "plan_versions")


review()
