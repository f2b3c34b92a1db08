"""What a review decided and asked: its requests, decisions, actions and assumptions, beside its signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from pages.frame import session
from pages.frame.asking import ask_another
from pages.frame.assumptions import assumptions_of_review
from pages.frame.capture import capture_form
from pages.frame.decisions import decision_table, standing_decisions
from pages.frame.evidence import view_now
from pages.frame.notes import note_steps, note_table
from pages.frame.page import Page, ranked_table, stage_status
from pages.frame.perform import form_over, submit
from pages.frame.progress import reviews
from pages.frame.requests import request_lists
from pages.frame.signature import sign_again_form, sign_form, signed_consensus, signed_ground
from sop_engine.charts.numbers import month
from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.my_things import standing
from sop_engine.executive_sop.progress import rests_on_consensus
from sop_engine.records import Option, raise_decision
from sop_engine.records.notes import OPEN


def record(page: Page, more: Callable[[], None] | None = None) -> None:
    """The last part of a review: what stands, and forms to add to it.

    more: draws a button of the page's own beside the others.
    """
    cycle = page.plan.inputs.cycle
    st.subheader("Decided and asked here", anchor=False)
    status = stage_status(page.stage, cycle)
    if not status:
        st.caption(f"The cycle {month(cycle)} is not open yet: nothing can be recorded.")
        st.page_link(
            "pages/cycle.py", label=f"Open the {month(cycle)} cycle", icon=":material/arrow_forward:"
        )
        return
    with st.container(horizontal=True, gap="small"):
        form_over("Raise a decision", f"{page.stage}_decision", lambda: _decision_form(page))
        ask_another(page)
        form_over(
            "Write down an action or assumption",
            f"{page.stage}_note",
            lambda: capture_form(STAGE_WORDS[page.stage], page.stage, page.plan.inputs),
        )
        if more:
            more()
        _sign_button(page, status)
    if page.stage == "demand":
        signed_consensus(page)
    elif rests_on_consensus(page.stage):
        signed_ground(page)
    assumptions_of_review(page.stage, page.plan)
    request_lists(page)
    _decisions(cycle)
    _notes(page, cycle)


def _sign_button(page: Page, status: str) -> None:
    """Signs, shows the signature that holds, or signs again where it no longer does; the reviews that rest
    on a consensus, and the consensus itself, offer that beside the reason why.
    """
    stale = next(state.stale for state in reviews(page.plan.inputs) if state.stage == page.stage)
    if stale:
        if page.stage == "product":
            form_over("Sign again", "product_again", lambda: sign_again_form(page))
        return
    label = "Signed" if status == "signed" else "Sign this review"
    form_over(label, f"{page.stage}_sign", lambda: sign_form(page, status))


def _decision_form(page: Page) -> None:
    stored = session.stored_scenarios()
    names = {"": "no scenario", **dict(zip(stored["scenario_id"], stored["name"], strict=True))}
    with st.form(f"{page.stage}_decision_form", border=False):
        question = st.text_input("Question", placeholder="What is to be decided?")
        options = [_option(letter, names, page.stage) for letter in "ABC"]
        recommendation = st.segmented_control("Recommended", ["A", "B", "C"], key=f"{page.stage}_recommended")
        left, right = st.columns(2)
        owner = left.text_input("Owner")
        decide_by = right.date_input("Decide by", value=None)
        submit(
            "Raise it",
            f"{page.stage}_decision",
            "The decision is raised",
            lambda **by: raise_decision(
                session.warehouse(),
                cycle=page.plan.inputs.cycle,
                question=question,
                **_named(options, recommendation or "", names),
                owner=owner,
                decide_by=decide_by,
                reason=f"{STAGE_WORDS[page.stage]}: {page.plan.scenario.in_words()}",
                stage=page.stage,
                meeting_id=st.session_state.get("meeting", ""),
                evidence=view_now(STAGE_WORDS[page.stage], page.stage, page.plan.inputs.version).to_json(),
                **by,
            ),
        )


def _option(letter: str, names: dict[str, str], stage: str) -> Option:
    title, scenario = st.columns([3, 2])
    text = title.text_input(f"Option {letter}", key=f"{stage}_option_{letter}")
    chosen = scenario.selectbox(
        "Scenario", list(names), format_func=names.__getitem__, key=f"{stage}_scenario_{letter}"
    )
    return Option(text, chosen)


def _named(
    options: Sequence[Option], recommendation: str, names: dict[str, str]
) -> dict[str, list[Option] | str]:
    """The options that were filled in, one without a title under its scenario's name, and the letter of the
    recommended one among them.
    """
    filled = {
        letter: option if option.title.strip() else replace(option, title=names[option.scenario_id])
        for letter, option in zip("ABC", options, strict=True)
        if option.title.strip() or option.scenario_id
    }
    if recommendation and recommendation not in filled:
        raise RecordError(f"Option {recommendation} is recommended but blank. Say what it is.")
    letters = dict(zip(filled, "ABC", strict=False))
    return {"options": list(filled.values()), "recommendation": letters.get(recommendation, "")}


def _decisions(cycle: str) -> None:
    """Decisions of the cycle, and those of earlier ones that still wait, the nearest deadline first."""
    rows = standing_decisions(cycle)
    if rows.empty:
        st.caption("No decision is raised in this cycle.")
        return
    ranked_table(decision_table(rows, session.now().date()), "record_decisions")


def _notes(page: Page, cycle: str) -> None:
    """Notes of this review that stand in the cycle, open and new ones first; a row opens what can be done."""
    rows = standing(session.recorded("note"), cycle)
    mine = rows[rows["stage"] == page.stage].iloc[::-1]
    mine = mine.sort_values("status", key=lambda status: status != OPEN, kind="stable")
    if mine.empty:
        return
    table = note_table(mine, cycle, session.now().date())
    chosen = ranked_table(table, "record_notes", select=True, ids=["text", "owner"])
    if chosen is not None:
        note_steps(mine.iloc[chosen], page.plan)
