"""Scenarios side by side, each solved on the same data; one of them can be made a candidate."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.executive.candidates import (
    NOTHING,
    WORKING,
    assumptions_of,
    candidate_form,
    is_old,
    scenario_plan,
)
from pages.frame import session
from pages.frame.page import Page, chart, may_record, ranked_table
from pages.frame.perform import form_over
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_sop as charts
from sop_engine.charts.executive_sentences import fact_table, facts_of, option_sentences
from sop_engine.charts.numbers import UNKNOWN
from sop_engine.errors import ScenarioError
from sop_engine.executive_sop.comparison import MOST, Comparison, compare_scenarios
from sop_engine.executive_sop.scorecard import Delta, Verdict
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan

_COLORS = {Verdict.GOOD: "green", Verdict.BAD: "red", Verdict.NEUTRAL: "gray"}


def show(page: Page) -> None:
    """Up to five scenarios side by side with do-nothing; only what differs."""
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
        f"Scenarios beside do-nothing, one to {MOST}",
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
        side_by_side(page, {key: names[key] for key in chosen})


def side_by_side(page: Page, chosen: dict[str, str]) -> None:
    """The figures that differ, as a chart and as a table, and the levers and assumptions behind them.

    chosen: {scenario id: name}
    """
    window = st.session_state.get("strip_window", Window.FISCAL_YEAR)
    plans = [scenario_plan(key, name) for key, name in chosen.items()]
    said = [assumptions_of(key) for key in chosen]
    try:
        comparison = compare_scenarios(page.baseline, plans, window, said)
    except ScenarioError as fault:
        st.error(str(fault))
        return
    figure = charts.effects(comparison, page.style)
    chart(figure, "executive_effects", charts.effects_words(comparison), comparison.frame)
    for plan in plans:
        with st.expander(
            f"{plan.scenario.name} in plain sentences",
            on_change="rerun",
            key=f"plain_{plan.scenario.to_json()}",
        ) as place:
            if place.open:
                _plainly(page, plan, window)
    if comparison.rows:
        st.table(_cells(comparison), hide_index=True, alt="Scenarios side by side")
    st.caption(escaped(unchanged_words(comparison)))
    if may_record(page.plan.inputs.cycle):
        stored = [key for key in chosen if key not in (WORKING, NOTHING)]
        first = stored[0] if len(stored) == 1 else NOTHING
        form_over("Make one a candidate", "promote", lambda: candidate_form(page.plan, first))
    words = pd.DataFrame(
        {
            "scenario": comparison.names,
            "what it changes": [lever_words(text) for text in comparison.levers],
            "what it takes for granted": [text or UNKNOWN for text in comparison.assumptions],
        }
    )
    ranked_table(words, "compared_levers")


def _plainly(page: Page, plan: Plan, window: Window) -> None:
    """What a scenario does against doing nothing, each number with its place in the table behind."""
    facts = facts_of(page.baseline, plan, window)
    st.markdown("\n".join(f"- {escaped(lever_words(words))}" for words in option_sentences(facts)))
    ranked_table(fact_table(facts), f"facts_{plan.scenario.to_json()}")


def unchanged_words(comparison: Comparison) -> str:
    """The figures in which no scenario differs, and what the figures are of."""
    same = (
        f"The same in all: {', '.join(comparison.unchanged)}."
        if comparison.unchanged
        else "Every figure differs."
    )
    money = f"Money in {comparison.currency}; " if comparison.currency else ""
    return f"{money}{charts.months_named(comparison.period)}; change against do-nothing. {same}"


def _cells(comparison: Comparison) -> pd.DataFrame:
    """The figures that differ, as Markdown: the value and, in its colour, the change."""
    rows = [[escaped(row[0].figure.label), *map(_cell, row)] for row in comparison.rows]
    return pd.DataFrame(rows, columns=["Figure", *map(escaped, comparison.names)])


def _cell(delta: Delta) -> str:
    value, _, change = charts.cell_words(delta, in_pct=False).partition("  ")
    if not change:
        return f"**{escaped(value)}**"
    return f"**{escaped(value)}** :{_COLORS[delta.verdict]}[{escaped(change)}]"
