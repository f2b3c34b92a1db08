"""My open things: what waits for one person, or for everybody, by deadline, each with the way to it."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.capture import KINDS
from pages.frame.evidence import STAGE_PAGES, open_section
from pages.frame.notes import from_words, note_steps
from pages.frame.page import Page, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.executive_sop.my_things import Thing, count_words, my_things, of_person

TABLES = ("decision", "task", "note", "assumption")
KIND_WORDS = {**KINDS, "request": "Request", "task": "Task"}


def show(page: Page) -> None:
    """The counts, whose they are, and one list by deadline; a row opens what can be done with it."""
    cycle = page.plan.inputs.cycle
    everything = open_things(cycle)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        person = _whose(everything)
    things = of_person(everything, person)
    with left:
        st.subheader("My open things" if person else "Open things", anchor=False)
        st.markdown(f"**{count_words(things)}**")
    if not things:
        return
    table = thing_table(things, cycle, bool(person))
    chosen = ranked_table(table, "my_things", select=True, ids=["what", "kind"])
    if chosen is not None:
        _steps(page, things[chosen])


def open_things(cycle: str) -> tuple[Thing, ...]:
    """Everything that is open in the cycle, from the records of all cycles up to it."""
    records = {table: session.recorded(table) for table in TABLES}
    stages = session.recorded("stage", cycle)
    return my_things(
        {**records, "request": session.requests()},
        cycle,
        session.recorded("cycle")["cycle"].tolist(),
        session.now().date(),
        dict(zip(stages["stage"], stages["owner"], strict=True)),
    )


def thing_table(things: Collection[Thing], cycle: str, mine: bool) -> pd.DataFrame:
    """deadline, what, kind, review, owner (left out of one person's list), from."""
    table = pd.DataFrame(
        {
            "deadline": [one.standing for one in things],
            "what": [lever_words(one.text) for one in things],
            "kind": [KIND_WORDS[one.kind] for one in things],
            "review": [STAGE_WORDS.get(one.stage, "") for one in things],
            "owner": [one.owner or "nobody" for one in things],
            "from": [from_words(one.cycle, cycle, one.carried, one.sample) for one in things],
        }
    )
    return table.drop(columns="owner") if mine else table


def page_of(thing: Thing) -> tuple[str, str]:
    """The page and section on which a thing is done."""
    if thing.page:
        return thing.page, thing.section
    if thing.table == "decision":
        return ("executive_sop" if thing.stage == "executive" else "pre_sop"), "Decisions"
    return STAGE_PAGES.get(thing.stage, "cycle"), ""


def _whose(things: Collection[Thing]) -> str:
    """Whose things are listed: at first those of this session's name, where it owns any."""
    people = sorted({one.owner for one in things} - {""}, key=str.casefold)
    who = st.session_state.get("who", "")
    known = next((name for name in people if name.casefold() == who.strip().casefold()), "")
    if st.session_state.get("whose") not in ("", None, *people):
        st.session_state.whose = known
    return st.selectbox(
        "Whose",
        ["", *people],
        index=people.index(known) + 1 if known else 0,
        format_func=lambda name: name or "Everybody's",
        key="whose",
        persist_state="session",
        label_visibility="collapsed",
    )


def _steps(page: Page, thing: Thing) -> None:
    """A note can be closed here; everything else is done on its own page."""
    if thing.table == "note":
        rows = session.recorded("note")
        note_steps(rows[rows["note_id"] == thing.key].iloc[0], page.plan)
    else:
        st.markdown(escaped(lever_words(thing.text)))
    there, section = page_of(thing)
    place = section or STAGE_WORDS.get(thing.stage) or "its page"
    open_section(f"Go to {place}", f"go_{thing.key}", there, section)
