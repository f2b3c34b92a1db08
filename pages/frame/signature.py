"""How a review is signed: the form that every review has, and the consensus of the demand review as a named
version that the later reviews rest on."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.gates import show_criteria, unmet_to_sign
from pages.frame.page import Page
from pages.frame.perform import form_over, submit
from pages.frame.progress import reviews
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts.numbers import day
from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.gates import unmet
from sop_engine.executive_sop.progress import StageState, rests_on_consensus
from sop_engine.inputs import Inputs
from sop_engine.records import consensus_changes, consensus_versions, next_name, sign_stage
from sop_engine.scenario import Scenario


def sign_form(page: Page, status: str) -> None:
    """Says what is kept and asks for a name; of a review that is signed, whose signature stands."""
    if status == "signed":
        st.markdown(escaped(_signature_words(page)))
        return
    _what_is_kept(page)
    with st.form(f"{page.stage}_sign_form", border=False):
        fields = _version_fields(page.plan.inputs.cycle) if page.stage == "demand" else {}
        fields |= _gate_fields(page)
        note = st.text_input("Remark")
        signed = partial(sign_stage, session.warehouse(), page.plan, page.stage, note=note, **fields)
        submit("Sign", f"{page.stage}_sign", f"{STAGE_WORDS[page.stage]} is signed", signed)


def sign_again_form(page: Page) -> None:
    """A signature that no longer holds is taken up, with a reason, and given anew in one go."""
    _what_is_kept(page)
    with st.form(f"{page.stage}_again_form", border=False):
        again = st.text_input("Why it is signed again")
        fields = _version_fields(page.plan.inputs.cycle) if page.stage == "demand" else {}
        fields |= _gate_fields(page)
        signed = partial(_signed_again, page, again, fields)
        submit("Sign again", f"{page.stage}_again", f"{STAGE_WORDS[page.stage]} is signed again", signed)


def _signed_again(page: Page, again: str, fields: dict[str, object], **by: object) -> None:
    if not again.strip():
        raise RecordError("The reason to sign again is blank. Write it in a few words.")
    sign_stage(session.warehouse(), page.plan, page.stage, again=again, **fields, **by)


def _gate_fields(page: Page) -> dict[str, object]:
    """The exit criteria that do not hold, and why it is signed despite them; {} where all hold."""
    against = unmet_to_sign(page)
    if not against:
        return {}
    st.markdown("**Not everything is done**")
    show_criteria(against, f"{page.stage}_unmet", links=False)
    return {"unmet": unmet(against), "waiver": st.text_input("Why it is signed despite that")}


def _what_is_kept(page: Page) -> None:
    """The plan that a signature keeps, what it changes and rests on, and the reviews that should come
    first.
    """
    st.markdown(escaped(f"This keeps the plan as it stands, for ever: {_held_words(page)}."))
    if page.stage == "demand":
        _lines(_changes(page))
    if rests_on_consensus(page.stage):
        _lines(_ground_words(page.plan.inputs))
    if before := _state(page.plan.inputs, page.stage).waits_for:
        st.warning(escaped(f"Not signed, or stale: {', '.join(before)}. It comes before this review."))


def _held_words(page: Page) -> str:
    """The levers of the plan, and what was judged and accepted in this cycle: "No lever moved; 2 overrides
    and 1 request of this cycle are in it". The override that carries out a request counts as the request."""
    inputs, rows = page.plan.inputs, session.requests()
    accepted = rows[rows["included"] & (rows["answered_cycle"] == inputs.cycle) & ~rows["sample"]]
    carriers = set(accepted["override_id"])
    own = [o for o in inputs.demand.overrides if o.cycle == inputs.cycle and o.override_id not in carriers]
    counts = {"override": len(own), "request": len(accepted)}
    parts = [f"{count} {name}{'s' * (count > 1)}" for name, count in counts.items() if count]
    verb = "is" if sum(counts.values()) == 1 else "are"
    held = f"; {' and '.join(parts)} of this cycle {verb} in it" if parts else ""
    levers = page.plan.scenario
    return ("No lever moved" if levers.is_baseline else lever_words(levers.in_words())) + held


def signed_consensus(page: Page) -> None:
    """The version of the cycle that was signed last: who, when, on what it rests, what it changed, and
    whether it still is what this page shows.
    """
    versions = consensus_versions(session.warehouse().read, page.plan.inputs.cycle)
    if versions.empty:
        return
    last = versions.iloc[0]
    stages = session.recorded("stage", page.plan.inputs.cycle).set_index("stage")
    owner = stages["owner"]["demand"] or last["signed_by"]
    signed = f"{last['signed_by']} on {day(last['signed_at'].date())} at {last['signed_at']:%H:%M}"
    st.markdown(f"**{escaped(last['name'])}**, owner {escaped(owner)}, signed by {escaped(signed)}")
    stale = _moved_since(page, last)
    if stale:
        st.warning(escaped(f"Stale: {stale}."), icon=":material/history:")
        _offer_again(page)
    if last["assumptions"]:
        rests = [f"- {escaped(line)}" for line in last["assumptions"].splitlines()]
        st.markdown("\n".join(["It rests on:", *rests]))
    _lines(last["changes"])


def signed_ground(page: Page) -> None:
    """The consensus that the standing signature of a review rests on, and why it no longer holds."""
    state = _state(page.plan.inputs, page.stage)
    if state.status != "signed":
        return
    rests = f", on {state.rests_on}" if state.rests_on else ", before any consensus was signed"
    st.markdown(escaped(f"Signed by {state.signed_by}, {state.signed_at:%d %b %Y %H:%M}{rests}."))
    if state.stale:
        owner = state.owner or state.signed_by
        st.warning(
            escaped(f"Stale: {state.stale}. It counts again when {owner} signs it again."),
            icon=":material/history:",
        )
        _offer_again(page)


def _offer_again(page: Page) -> None:
    """Signing again, where a signature stands; one that was reopened is signed as any other."""
    if _state(page.plan.inputs, page.stage).status == "signed":
        form_over("Sign again", f"{page.stage}_again", lambda: sign_again_form(page))


def _state(inputs: Inputs, stage: str) -> StageState:
    return next(state for state in reviews(inputs) if state.stage == stage)


def _ground_words(inputs: Inputs) -> str:
    """The consensus that signing now names."""
    demand = _state(inputs, "demand")
    if demand.status != "signed":
        return "It rests on no consensus: the demand review is not signed."
    versions = consensus_versions(session.warehouse().read, inputs.cycle)
    stale = f" That is stale: {demand.stale}." if demand.stale else ""
    return f"It rests on {versions['name'].iloc[0]}, signed by {demand.signed_by}.{stale}"


def _version_fields(cycle: str) -> dict[str, str]:
    """Name and assumptions of the version; the open assumptions of the review stand in it already."""
    name = st.text_input("Name of this consensus", value=next_name(session.warehouse().read, cycle))
    notes = session.recorded("note", cycle)
    mine = notes[(notes["stage"] == "demand") & (notes["kind"] == "assumption") & (notes["status"] == "open")]
    assumptions = st.text_area("It rests on, one assumption a line", value="\n".join(mine["text"]))
    return {"name": name, "assumptions": assumptions}


def _changes(page: Page) -> str:
    """What signing now changes on the version before."""
    changes = consensus_changes(session.warehouse().read, page.plan)
    return changes.words() if changes else "It is the first consensus that is signed: nothing to compare."


def _moved_since(page: Page, version: pd.Series) -> str:
    """Why what was signed is no longer what the page shows, "" where it is."""
    state = _state(page.plan.inputs, "demand")
    if state.status != "signed":
        return "the review was reopened"
    kept = session.recorded("plan_snapshot", page.plan.inputs.cycle).set_index("snapshot_id")
    levers = Scenario.from_json(kept["levers"][version["snapshot_id"]])
    other = "" if levers == page.plan.scenario else f"it was signed with: {lever_words(levers.in_words())}"
    return "; ".join(filter(None, [state.stale, other]))


def _signature_words(page: Page) -> str:
    rows = session.recorded("sign_off", page.plan.inputs.cycle)
    last = rows[rows["stage"] == page.stage].iloc[-1]
    kept = f"{last['name']}, {last['snapshot_id']}" if last["name"] else last["snapshot_id"]
    return f"Signed by {last['signed_by']} at {last['signed_at']:%d %b %Y %H:%M}: {kept}."


def _lines(text: str) -> None:
    """Each line of a text as its own."""
    for line in text.splitlines():
        st.caption(escaped(line))
