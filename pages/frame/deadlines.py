"""Deadlines of options, solved once for each data version and kept for all sessions: on the executive page,
where a decision is taken, and where an issue is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.cached import model_of
from sop_engine.deadlines.clock import CycleClock, cycle_clock
from sop_engine.deadlines.moment import SHARE, earliest, needs_solving, refusal
from sop_engine.deadlines.waiting import Deadline, find_deadlines
from sop_engine.errors import RecordError
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.inputs import Inputs
from sop_engine.records import read_scenario
from sop_engine.scenario import BASELINE, Scenario, misfits

Told = Callable[[float, str], object]


def clock(inputs: Inputs) -> CycleClock:
    """The day that the cycle stands at."""
    rows = session.recorded("cycle", inputs.cycle)
    started = None
    if not rows.empty:
        day = rows["started_on"].iloc[0]
        started = (rows["opened_at"].iloc[0] if pd.isna(day) else day).date()
    return cycle_clock(inputs.calendar, started, session.now().date())


def known_deadline(scenario: Scenario) -> Deadline | None:
    """The deadline of a scenario on today's data, where it was solved already."""
    return _kept(session.warehouse_path(), session.data_key()).get(_question(scenario))


def deadlines_of(scenarios: Sequence[Scenario]) -> list[Deadline]:
    """The deadlines of scenarios that fit today's data, in their order; solved with progress where they are
    not known. Raises SopError."""
    kept = _kept(session.warehouse_path(), session.data_key())
    open_ = {_question(one): one for one in scenarios if _question(one) not in kept}
    if open_:
        place = st.empty()
        kept.update(zip(open_, _solved(list(open_.values()), place.progress), strict=True))
        place.empty()
    return [kept[_question(one)] for one in scenarios]


def proposed_decide_by(scenarios: Sequence[Scenario]) -> date | None:
    """By when an issue with these options is best decided, a day of today's calendar: the earliest of their
    last responsible moments; None where none has one. Raises SopError."""
    inputs = session.inputs()
    moved = [one for one in scenarios if not one.is_baseline]
    first = earliest(deadlines_of(moved), inputs.calendar)
    return None if first is None else clock(inputs).real(first)


def scenario_of_option(option: tuple) -> Scenario | None:
    """The scenario that values an option; None where none does or it no longer fits today's data. option: a
    row of decision_option"""
    if option.title == DO_NOTHING:
        return BASELINE
    if not option.scenario_id:
        return None
    scenario = read_scenario(session.warehouse(), option.scenario_id)
    return None if misfits(scenario, session.inputs()) else scenario


def refusals(options: pd.DataFrame) -> dict[str, str]:
    """{letter: why it can no longer be chosen} of rows of decision_option that are past their last
    responsible moment. What is needed for that is solved; in the cycle's own month nothing is. An option that
    no scenario values has no computed deadline and is never refused. Raises SopError.
    """
    inputs = session.inputs()
    day = clock(inputs).day
    found = {option.option: scenario_of_option(option) for option in options.itertuples()}
    moved = {letter: one for letter, one in found.items() if one is not None and not one.is_baseline}
    solved = deadlines_of(list(moved.values())) if needs_solving(inputs, day) else [None] * len(moved)
    told = {
        letter: refusal(scenario, inputs, day, deadline)
        for (letter, scenario), deadline in zip(moved.items(), solved, strict=True)
    }
    return {letter: reason for letter, reason in told.items() if reason}


def require_choosable(options: pd.DataFrame, chosen: str | None) -> None:
    """Raises RecordError with the reason where an option is past its last responsible moment, or none is
    chosen."""
    if chosen is None:
        raise RecordError(
            "No option is chosen. Choose one that can still act; where there is none, add one or withdraw."
        )
    reason = refusals(options).get(chosen)
    if reason:
        raise RecordError(f"Option {chosen} can no longer be chosen. {reason} Choose another one.")


def _question(scenario: Scenario) -> str:
    return replace(scenario, name="").to_json()


def _solved(scenarios: Sequence[Scenario], told: Told) -> tuple[Deadline, ...]:
    inputs = session.inputs()
    return find_deadlines(
        session.plan_for(BASELINE),
        [session.plan_for(one) for one in scenarios],
        model_of(inputs).apart(),  # so that no slider of another session waits for them
        {str(window): span_of(inputs.calendar, window).planned for window in Window},
        share=inputs.settings[SHARE] / 100,
        told=told,
    )


@st.cache_resource(show_spinner=False, max_entries=2)
def _kept(path: str, data_key: str) -> dict[str, Deadline]:
    return {}
