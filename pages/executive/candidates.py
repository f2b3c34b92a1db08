"""Which plans are compared and made candidates: do-nothing and stored scenarios, solved on today's data."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.perform import submit
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.plan import Plan
from sop_engine.records import propose_plan, read_scenario
from sop_engine.scenario import BASELINE

WORKING, NOTHING = "working", ""


def is_old(stored: pd.DataFrame, scenario_id: str, plan: Plan) -> bool:
    """Whether a scenario was saved on other data than the plan's."""
    return stored.set_index("scenario_id").loc[scenario_id, "data_version"] != plan.inputs.version


def scenario_plan(key: str, name: str) -> Plan:
    """The solved plan of a stored scenario, the working one or do-nothing, under the name it is shown by."""
    if key == NOTHING:
        scenario = BASELINE
    else:
        scenario = session.working() if key == WORKING else read_scenario(session.warehouse(), key)
    return replace(session.plan_for(scenario), scenario=replace(scenario, name=name))


def assumptions_of(key: str) -> str:
    """What a scenario takes for granted: as its decision option says, else its own note; one line."""
    options = session.recorded("decision_option")
    said = options.loc[(options["scenario_id"] == key) & (options["assumptions"] != ""), "assumptions"]
    notes = session.stored_scenarios().set_index("scenario_id")["note"]
    text = str(said.iloc[-1]) if key and len(said) else str(notes.get(key, ""))
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())


def candidate_form(plan: Plan, first: str = NOTHING) -> None:
    """Makes a plan on today's data a candidate. first: scenario that stands chosen"""
    stored = session.stored_scenarios()
    fresh = stored[stored["data_version"] == plan.inputs.version]
    names = {NOTHING: DO_NOTHING, **dict(zip(fresh["scenario_id"], fresh["name"], strict=True))}
    chosen = st.selectbox(
        "Plan",
        list(names),
        index=list(names).index(first) if first in names else 0,
        format_func=names.__getitem__,
        key="candidate_plan",
        help="Do-nothing, or a scenario saved on today's data",
    )
    scenario = BASELINE if chosen == NOTHING else read_scenario(session.warehouse(), chosen)
    st.caption(escaped(f"Solved and kept as it stands: {lever_words(scenario.in_words())}."))
    with st.form("candidate_form", border=False):
        name = st.text_input("Name", value=names[chosen])
        note = st.text_input("Remark", key="candidate_note")
        proposed = partial(_propose, chosen, names[chosen], name=name, note=note)
        submit("Make it a candidate", "candidate", f"{name} is a candidate", proposed, primary=True)


def _propose(key: str, shown: str, **by: object) -> None:
    propose_plan(session.warehouse(), scenario_plan(key, shown), scenario_id=key, **by)
