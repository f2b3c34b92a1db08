"""The working scenario at hand on every page: what is moved, undo, reset, save, load."""

from __future__ import annotations

import re

import streamlit as st

from pages.frame import session
from sop_engine.charts.numbers import month
from sop_engine.scenario import BASELINE, Lever


def lever_words(text: str) -> str:
    """A lever or scenario in words, with months as people say them.

    >>> lever_words("Demand of Road Bikes +10 %, 2014-01 to 2014-03")
    'Demand of Road Bikes +10 %, Jan 14 to Mar 14'
    """
    return re.sub(r"\b\d{4}-\d{2}(-\d{2})?\b", lambda found: month(found.group()), text)


def scenario_menu() -> None:
    """The button that names the working scenario and opens what can be done with it."""
    with st.popover(_name(), key="scenario_menu", icon=":material/tune:", width="content"):
        chips("menu_chips")
        undo_and_reset("menu")


def chips(key: str) -> None:
    """The active levers, each of which can be switched off."""
    levers = session.working().levers
    if not levers:
        st.caption("No lever is moved: this is the baseline.")
        return
    words = {lever_words(lever.in_words()): lever for lever in levers}
    st.session_state[key] = list(words)
    st.pills(
        "Active levers: click one to switch it off",
        list(words),
        selection_mode="multi",
        key=key,
        on_change=_switch_off,
        args=(key, words),
    )


def undo_and_reset(key: str) -> None:
    """Back to the scenario before, or to the baseline."""
    with st.container(horizontal=True, gap="small"):
        st.button("Undo", key=f"{key}_undo", icon=":material/undo:", on_click=session.undo, disabled=not session.can_undo())
        st.button(
            "Reset",
            key=f"{key}_reset",
            icon=":material/restart_alt:",
            on_click=session.work_on,
            args=(BASELINE,),
            disabled=session.working().is_baseline,
        )


def _switch_off(key: str, words: dict[str, Lever]) -> None:
    for name in words.keys() - set(st.session_state[key]):
        session.remove(words[name])


def _name() -> str:
    scenario = session.working()
    if scenario.is_baseline:
        return "Baseline"
    count = len(scenario.levers)
    return scenario.name or f"What-if, not saved: {count} lever{'s' if count > 1 else ''}"
