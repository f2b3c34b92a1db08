"""Until when each option can be decided, what each month of waiting costs, and what binds."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.deadlines import clock, deadlines_of, scenario_of_option
from pages.frame.decisions import standing_decisions, that_wait
from pages.frame.options import offered_scenarios
from pages.frame.page import Page, chart, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_deadlines as charts
from sop_engine.charts.executive_deadline_words import (
    Candidate,
    binding_words,
    clock_words,
    delay_words,
    gain_by_waiting_words,
    headline,
    ordered,
)
from sop_engine.deadlines.clock import CycleClock
from sop_engine.deadlines.moment import SHARE, refusal
from sop_engine.errors import SopError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.scenario import Lever, Scenario

NO_SCENARIO = "no computed deadline: no scenario values it"
NO_OPTION = "No option yet"
SENTENCES = 4


def show(page: Page) -> None:
    """The calendar of deadlines, its table and its sentences; solved with progress when it is opened."""
    inputs = page.plan.inputs
    now = clock(inputs)
    try:
        candidates = _candidates(page, now)
    except SopError as fault:
        st.error(str(fault))
        return
    if not candidates:
        st.info("No decision waits and no scenario is stored. Raise an issue with options, or move levers.")
        return
    meetings = _meetings(inputs.cycle, now)
    window = st.session_state.get("strip_window", Window.FISCAL_YEAR)
    span = span_of(inputs.calendar, window).words.partition(":")[0]
    if any(one.deadline is not None and one.deadline.measure for one in candidates):
        figure = charts.timeline(candidates, meetings, inputs, now, page.style)
        words = headline(candidates, inputs, now)
        chart(figure, "deadlines", words, lambda: charts.delay_frame(candidates, inputs, window, span))
    else:
        st.markdown(f"**{escaped(headline(candidates, inputs, now))}.**")
    st.caption(escaped(clock_words(now, inputs.cycle)))
    _sentences(page, candidates, now, window, span)
    ranked_table(_in_words(charts.deadline_table(candidates, inputs, now, window)), "deadline_table")
    st.caption(
        "An option that is decided a month later starts from what the plan without it has started by then; "
        "its levers act from that cycle's frozen zone and their own lead times on. Each row is solved so, "
        f"month by month. The next month of delay is counted in {span}. At its last responsible moment "
        f"an option still has {page.plan.inputs.settings[SHARE]:g} % of its effect (setting {SHARE}). "
        "Gross margin is before what capacity moves and promotions cost: an option's cash effect has them."
    )


def _sentences(page: Page, candidates: list[Candidate], now: CycleClock, window: str, span: str) -> None:
    """What waiting loses, of the options with the nearest deadlines. span: the window in words"""
    inputs = page.plan.inputs
    known = [one for one in ordered(candidates, inputs) if one.deadline is not None]
    said = [f"{delay_words(one, inputs, now, window, span)} {_binds(one, page)}" for one in known[:SENTENCES]]
    st.markdown("\n".join(f"- {escaped(lever_words(one))}" for one in said))
    gains = {gain_by_waiting_words(one.deadline) for one in known} - {""}
    for words in gains:
        st.caption(escaped(words))


def _binds(one: Candidate, page: Page) -> str:
    """What has to be decided by then, as a sentence; "" where nothing was lost as far as was solved."""
    if one.deadline.binding is None:
        return ""
    return f"What binds: {binding_words(one.deadline, page.plan.inputs)}."


def _candidates(page: Page, now: CycleClock) -> list[Candidate]:
    """The options of every decision that waits, then scenarios that are no option yet."""
    inputs = page.plan.inputs
    rows = standing_decisions(inputs.cycle)
    rows = rows[that_wait(rows)]
    every = session.recorded("decision_option")
    found = [
        (row, option, scenario_of_option(option))
        for row in rows.itertuples()
        for option in every[every["decision_id"] == row.decision_id].itertuples()
    ]
    found = [(row, option, one) for row, option, one in found if one is None or not one.is_baseline]
    loose = _loose(page, {one.levers for _, _, one in found if one is not None})
    solved = _by_scenario([*(one for _, _, one in found if one is not None), *loose.values()])
    options = [
        Candidate(
            row.decision_id,
            lever_words(row.question),
            option.option,
            lever_words(option.title),
            solved.get(one),
            NO_SCENARIO if one is None else "",
            _by(row.decide_by, now),
            "" if one is None else refusal(one, inputs, now.day, solved[one]),
            bool(row.sample),
        )
        for row, option, one in found
    ]
    return options + [
        Candidate("", NO_OPTION, "", name, solved[one], "", None, refusal(one, inputs, now.day, solved[one]))
        for name, one in loose.items()
    ]


def _loose(page: Page, taken: set[tuple[Lever, ...]]) -> dict[str, Scenario]:
    """{name: scenario} of those that are no option; two of the same levers stand once, as stored."""
    named = {one.levers: (name, one) for name, (_, one) in offered_scenarios(page).items()}
    return {name: one for levers, (name, one) in named.items() if levers and levers not in taken}


def _by_scenario(scenarios: list[Scenario]) -> dict[Scenario, object]:
    once = list(dict.fromkeys(scenarios))
    return dict(zip(once, deadlines_of(once), strict=True))


def _by(value: pd.Timestamp, now: CycleClock) -> date | None:
    """A decide-by date in the cycle's calendar."""
    return None if pd.isna(value) else now.of(value.date())


def _meetings(cycle: str, now: CycleClock) -> list[tuple[str, date]]:
    """The reviews of the cycle that have a date, in the cycle's calendar; the executive one and Pre-S&OP."""
    rows = session.recorded("stage", cycle).dropna(subset=["due"])
    last = rows[rows["stage"].isin(["pre_sop", "executive"])].sort_values("due")
    return [(STAGE_WORDS[row.stage], now.of(row.due.date())) for row in last.itertuples()]


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{"what binds": table["what binds"].map(lever_words)})
