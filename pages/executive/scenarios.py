"""Scenarios side by side, each solved on the same data."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_sop as charts
from sop_engine.errors import ScenarioError
from sop_engine.executive_sop.comparison import Comparison, compare_scenarios
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan
from sop_engine.records import read_scenario

WORKING = "working"
MOST = 4


def show(page: Page) -> None:
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
