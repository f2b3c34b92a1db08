"""Where the six reviews of the cycle stand on today's data, for the pages that show it."""

from __future__ import annotations

import streamlit as st

from pages.frame import session
from sop_engine.charts.cycle import STATUS_WORDS, stage_status
from sop_engine.executive_sop.progress import StageState, stage_states
from sop_engine.inputs import Inputs

LOOK = {
    "signed": ("green", ":material/check_circle:"),
    "in_progress": ("blue", ":material/pending:"),
    "open": ("gray", ":material/radio_button_unchecked:"),
    "stale": ("red", ":material/error:"),
}


def reviews(inputs: Inputs) -> tuple[StageState, ...]:
    """The six reviews in order; empty while the cycle is not open."""
    stages = session.recorded("stage", inputs.cycle)
    if stages.empty:
        return ()
    kept = session.recorded("plan_snapshot", inputs.cycle)[["snapshot_id", "levers"]]
    signatures = session.recorded("sign_off", inputs.cycle).merge(kept, on="snapshot_id", how="left")
    finance = str(session.recorded("cycle", inputs.cycle)["finance"].iloc[0])
    today = session.now().date()
    return stage_states(stages, signatures, inputs.version, today, finance, session.moved())


def status_badge(state: StageState) -> None:
    """The status as a word with a mark; colour never says it alone."""
    color, icon = LOOK[stage_status(state)]
    st.badge(STATUS_WORDS[stage_status(state)], color=color, icon=icon)


def stamp_words(state: StageState) -> str:
    """Who signed when, on which data and consensus, and why it no longer holds; or what it waits for."""
    if state.signed_at is None:
        return f"waits for {state.waits_for[0]}" if state.waits_for else "can be signed"
    words = f"{state.signed_by}, {state.signed_at:%d %b %y %H:%M}, data {state.version[:6]}"
    words += f", on {state.rests_on}" if state.rests_on else ""
    return f"{words}; {state.stale}" if state.stale else words
