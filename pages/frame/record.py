"""What a review decided and asked: its decisions, actions and assumptions, beside its signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, ranked_table, stage_status
from pages.frame.perform import form_over, submit
from pages.frame.signature import sign_form, signed_consensus, signed_ground
from sop_engine.charts.numbers import month
from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import STAGE_WORDS, deadline_words
from sop_engine.executive_sop.progress import rests_on_consensus
from sop_engine.records import (
    Option,
    add_note,
    open_cycle,
    raise_decision,
)

NOTES = {"action": "Action", "assumption": "Assumption", "request": "Request", "note": "Note"}


def record(page: Page, more: Callable[[], None] | None = None) -> None:
    """The last part of a review: what stands, and forms to add to it.

    more: draws a button of the page's own beside the others.
    """
    cycle = page.plan.inputs.cycle
    st.subheader("Decided and asked here", anchor=False)
    status = stage_status(page.stage, cycle)
    if not status:
        _open_cycle(cycle)
        return
    with st.container(horizontal=True, gap="small"):
        form_over("Raise a decision", f"{page.stage}_decision", lambda: _decision_form(page))
        form_over("Write down an action or assumption", f"{page.stage}_note", lambda: _note_form(page))
        if more:
            more()
        form_over(
            "Signed" if status == "signed" else "Sign this review",
            f"{page.stage}_sign",
            lambda: sign_form(page, status),
        )
    if page.stage == "demand":
        signed_consensus(page)
    elif rests_on_consensus(page.stage):
        signed_ground(page)
    _decisions(cycle)
    _notes(cycle, page.stage)


def _open_cycle(cycle: str) -> None:
    st.caption(f"The cycle {month(cycle)} is not open yet: nothing can be recorded.")
    with st.form("open_cycle", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        submit(
            f"Open the {month(cycle)} cycle",
            "open_cycle",
            f"The {month(cycle)} cycle is open",
            partial(open_cycle, session.warehouse(), cycle),
        )


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


def _note_form(page: Page) -> None:
    with st.form(f"{page.stage}_note_form", border=False):
        kind = st.segmented_control(
            "Kind", list(NOTES), default="action", required=True, format_func=NOTES.__getitem__
        )
        text = st.text_area("What it says")
        left, right = st.columns(2)
        written = partial(
            add_note,
            session.warehouse(),
            cycle=page.plan.inputs.cycle,
            stage=page.stage,
            kind=kind,
            text=text,
            owner=left.text_input("Owner"),
            due=right.date_input("Due", value=None),
        )
        submit("Write it down", f"{page.stage}_note", "Written down", written)


def _decisions(cycle: str) -> None:
    """Decisions of the cycle with their deadline."""
    rows = session.recorded("decision", cycle)
    if rows.empty:
        st.caption("No decision is raised in this cycle.")
        return
    today = session.now().date()
    table = pd.DataFrame(
        {
            "decision": rows["decision_id"],
            "question": rows["question"],
            "recommended": rows["recommendation"],
            "owner": rows["owner"],
            "standing": [
                deadline_words(status, _date(decide_by), today)
                for status, decide_by in zip(rows["status"], rows["decide_by"], strict=True)
            ],
        }
    )
    ranked_table(table, "record_decisions")


def _notes(cycle: str, stage: str) -> None:
    rows = session.recorded("note", cycle)
    mine = rows[rows["stage"] == stage]
    if not mine.empty:
        ranked_table(mine[["kind", "text", "owner", "due", "status"]], "record_notes")


def _date(value: pd.Timestamp) -> date | None:
    return None if pd.isna(value) else value.date()
