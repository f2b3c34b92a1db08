"""The working scenario at hand on every page: what is moved, undo, reset, save, load."""

from __future__ import annotations

import re

import streamlit as st

from pages.frame import session
from pages.frame.perform import perform
from pages.frame.strip import escaped
from sop_engine.charts.numbers import month
from sop_engine.records import read_scenario
from sop_engine.scenario import BASELINE


def lever_words(text: str) -> str:
    """A lever or scenario in words, with months as people say them.

    >>> lever_words("Demand of Road Bikes +10 %, 2014-01 to 2014-03")
    'Demand of Road Bikes +10 %, Jan 14 to Mar 14'
    """
    return re.sub(r"\b\d{4}-\d{2}(-\d{2})?\b", lambda found: month(found.group()), text)


def scenario_menu() -> None:
    """The button that names the working scenario and opens what can be done with it."""
    with st.popover(
        _name(), key="scenario_menu", icon=":material/tune:", width="content", on_change="rerun"
    ) as menu:
        if menu.open:
            chips("menu_chips")
            undo_and_reset("menu")
            _save()
            _load()


def _save() -> None:
    """Stores the working scenario under a name."""
    if session.working().is_baseline:
        return
    with st.form("scenario_save", border=False):
        name = st.text_input("Name", value=session.working().name, placeholder="What would you call it?")
        who = session.name_input("scenario")
        if st.form_submit_button("Save scenario"):
            perform(f"Saved as {name}", lambda: session.save(name, who))


def _load() -> None:
    """Takes up a stored scenario of this cycle."""
    stored = session.stored_scenarios()
    if stored.empty:
        return
    names = dict(zip(stored["scenario_id"], stored["name"], strict=True))
    st.selectbox(
        "Load a scenario",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=f"{len(names)} stored in this cycle",
        key="scenario_load",
        on_change=_load_chosen,
    )


def _load_chosen() -> None:
    if st.session_state.scenario_load:
        session.work_on(read_scenario(session.warehouse(), st.session_state.scenario_load))
        st.session_state.scenario_load = None


def chips(key: str) -> None:
    """The active levers, each of which can be switched off."""
    levers = session.working().levers
    if not levers:
        st.caption("No lever is moved: this is the baseline.")
        return
    with st.container(gap="xxsmall", key=key):
        for lever in levers:
            st.button(
                escaped(lever_words(lever.in_words())),
                key=f"{key}_{lever.scope}",
                icon=":material/close:",
                icon_position="right",
                help="Switch this lever off",
                on_click=session.remove,
                args=(lever,),
                width="stretch",
                wrap=True,
            )


def undo_and_reset(key: str) -> None:
    """Back to the scenario before, or to the baseline."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo",
            key=f"{key}_undo",
            icon=":material/undo:",
            on_click=session.undo,
            disabled=not session.can_undo(),
        )
        st.button(
            "Reset",
            key=f"{key}_reset",
            icon=":material/restart_alt:",
            on_click=session.work_on,
            args=(BASELINE,),
            disabled=session.working().is_baseline,
        )


def _name() -> str:
    scenario = session.working()
    if scenario.is_baseline:
        return "Baseline"
    count = len(scenario.levers)
    return scenario.name or f"What-if, not saved: {count} lever{'s' if count > 1 else ''}"
