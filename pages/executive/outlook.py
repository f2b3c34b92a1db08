"""The whole business in one figure, and the scorecard: trend, target, budget, status, and four periods."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.executive.past import replays_at_hand
from pages.frame import session
from pages.frame.assumptions import past_supply
from pages.frame.page import Page, chart, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import WINDOWS, escaped
from sop_engine.charts import executive_scorecard as panel
from sop_engine.charts import executive_sop as charts
from sop_engine.charts.executive_sentences import facts_of, month_sentences
from sop_engine.charts.executive_sop import months_named
from sop_engine.charts.numbers import percent, short
from sop_engine.executive_sop.decisions import is_waiting
from sop_engine.executive_sop.scorecard import compare, scorecard
from sop_engine.executive_sop.targets import RULE, Target, fiscal_year, read_targets
from sop_engine.executive_sop.trend import ScoreRow, score_rows, year_value
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan

YEAR = Window.FISCAL_YEAR


def show(page: Page) -> None:
    """From demand to stock in one figure, and the month in plain sentences."""
    periods = page.view.periods
    figure = charts.outlook(page.plan, page.baseline, periods, page.style)
    table = charts.outlook_table(page.plan, periods)
    chart(figure, "executive_outlook", charts.outlook_words(table), lambda: table)
    _in_short(page)


def _in_short(page: Page) -> None:
    """Where the year lands, what changed since the cycle began, what is full, short and to be decided."""
    waiting = session.recorded("decision")
    waiting = waiting[waiting["status"].map(is_waiting).astype(bool) & ~waiting["sample"].astype(bool)]
    overdue = int((waiting["decide_by"] < pd.Timestamp(session.now().date())).sum())
    facts = facts_of(
        session.plan_at_start(), page.plan, st.session_state.get("strip_window", YEAR), "the cycle's start"
    )
    with st.container(border=True):
        st.markdown("**The month in short**")
        words = month_sentences(facts, len(waiting), overdue)
        st.markdown("\n".join(f"- {escaped(lever_words(one))}" for one in words))


def scores(page: Page) -> None:
    """The figures of the fiscal year with trend, target, budget and status; then the seven figures over four
    periods, against the baseline."""
    inputs = page.plan.inputs
    targets = read_targets(session.warehouse().read)
    rows = score_rows(page.plan, targets, past_supply(inputs), replays_at_hand())
    currency, period = inputs.money.base_currency, months_named(session.card_of(page.plan, YEAR).period)
    figure = panel.scorecard_panel(rows, period, currency, page.style)
    chart(figure, "scorecard_panel", panel.score_words(rows, period), lambda: panel.scorecard_table(rows))
    st.caption(RULE)
    _strategy(page, rows, targets)
    st.markdown("**Over four periods**")
    table = score_table(page.plan, page.baseline)
    moved = "against this cycle's baseline" if page.plan is not page.baseline else "this is the baseline"
    st.caption(f"{page.card.currency}; {moved}; a fall or rise is marked, and said to be better or worse.")
    st.dataframe(table, hide_index=True, key="scorecard", height="content", alt="Scorecard over four periods")


def _strategy(page: Page, rows: Sequence[ScoreRow], targets: Sequence[Target]) -> None:
    """The targets of this fiscal year and those after it, beside the plan as far as it reaches."""
    calendar = page.plan.inputs.calendar
    held = [(fiscal_year(target.since, calendar), target) for target in targets]
    ahead = [(year, target) for year, target in held if year >= calendar.fiscal_years[calendar.now]]
    st.markdown("**Strategic targets**")
    if not ahead:
        st.caption(
            "No strategic target is set for this fiscal year or a later one. Load target.csv to set them."
        )
        return
    planned = {(one.measure, year): year_value(page.plan, one.measure, year) for year, one in ahead}
    ranked_table(panel.target_table(rows, ahead, planned), "strategic_targets")


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
