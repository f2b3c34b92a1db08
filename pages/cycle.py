"""Cycle: where the month stands, what waits for whom, and what the numbers rest on."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.decisions import decision_table, that_wait
from pages.frame.page import Page, chart, message, open_page, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.progress import reviews, stamp_words, status_badge
from pages.frame.strip import escaped
from sop_engine.charts import cycle as charts
from sop_engine.charts.numbers import day, full, month
from sop_engine.executive_sop.decisions import STAGE_WORDS, STAGES, days_left
from sop_engine.executive_sop.progress import StageState
from sop_engine.records import (
    default_due_dates,
    open_cycle,
    reopen_stage,
    set_note_status,
    start_stage,
)
from sop_engine.warehouse.readiness import readiness

PAGES = {
    "product": "product_review",
    "demand": "demand_review",
    "supply": "supply_review",
    "finance": "finance_review",
    "pre_sop": "pre_sop",
    "executive": "executive_sop",
}
NEWCOMER = (
    "Each month six reviews turn actuals into one plan that everybody works to: product, demand, supply, "
    "finance, pre-S&OP, executive. Move a lever on any page and the seven figures above follow at once, from "
    "demand to money; nothing is recorded until somebody saves, decides or signs. A review is done when it "
    "is signed, and when the data or an earlier review changes later, its signature turns stale."
)


def month_at_a_glance() -> None:
    """Where the month stands, the six reviews, what waits, and what the numbers rest on."""
    page = open_page("Cycle", filters=False)
    states = reviews(page.plan.inputs)
    st.markdown(NEWCOMER)
    if states:
        message(charts.where_words(states) + ".")
        stage_cards(states)
        clock_words(page, states)
        deadlines(page, states)
    else:
        opening(page.plan.inputs.cycle)
    left, right = st.columns(2, gap="large")
    with left:
        waiting(page)
    with right:
        basis(page)
    assumptions()


def stage_cards(states: tuple[StageState, ...]) -> None:
    """One card per review: link, status, owner, due date, signature or what it waits for."""
    for column, state in zip(st.columns(len(states), gap="small"), states, strict=True):
        with column.container(border=True, height="stretch", gap="small"):
            st.page_link(f"pages/{PAGES[state.stage]}.py", label=f"**{state.name}**")
            status_badge(state)
            st.caption(escaped(f"{state.owner or 'No owner'} · {due_words(state)}"))
            st.caption(escaped(stamp_words(state)))
            _step(state)


def due_words(state: StageState) -> str:
    """The due date and the days to it."""
    if state.due is None:
        return "no due date"
    if state.status == "signed":
        return f"due {day(state.due)}"
    left = state.days_left
    return f"due {day(state.due)}, " + (f"{left} days left" if left >= 0 else f"{-left} days overdue")


def clock_words(page: Page, states: tuple[StageState, ...]) -> None:
    """Says what the due dates count from where they lie in another year than the cycle."""
    calendar = page.plan.inputs.calendar
    year = calendar.starts[calendar.now].item().year
    if any(state.due and state.due.year != year for state in states):
        st.caption("Deadlines run from the day the cycle was opened.")


def _step(state: StageState) -> None:
    """Start an open review, or take up a signed one again."""
    if state.status == "in_progress":
        return
    label, body = ("Start", _start_form) if state.status == "open" else ("Reopen", _reopen_form)
    form_over(label, f"{label}_{state.stage}", lambda: body(state), title=f"{label}: {state.name}")


def _start_form(state: StageState) -> None:
    with st.form(f"start_{state.stage}", border=False):
        started = partial(start_stage, session.warehouse(), session.inputs().cycle, state.stage)
        submit("Start", f"start_{state.stage}", f"{state.name} is in progress", started)


def _reopen_form(state: StageState) -> None:
    with st.form(f"reopen_{state.stage}", border=False):
        reason = st.text_input("Why it is taken up again")
        reopened = partial(
            reopen_stage, session.warehouse(), session.inputs().cycle, state.stage, reason=reason
        )
        submit("Reopen", f"reopen_{state.stage}", f"{state.name} is open again", reopened)


def deadlines(page: Page, states: tuple[StageState, ...]) -> None:
    """The month as a line of reviews and decisions."""
    rows = session.recorded("decision", page.plan.inputs.cycle)
    rows = rows[that_wait(rows) & rows["decide_by"].notna()]
    due = [(row.question, row.decide_by.date()) for row in rows.itertuples()]
    if not any(state.due for state in states):
        return
    figure = charts.timeline(states, due, session.now().date(), page.style)
    chart(figure, "cycle_timeline", charts.due_words(states, due), lambda: charts.timeline_table(states, due))


def opening(cycle: str) -> None:
    """Opens the cycle with its owners and due dates."""
    st.info(
        f"The {month(cycle)} cycle is not open yet: everything can be looked at and tried, nothing recorded."
    )
    plan = pd.DataFrame(
        {
            "stage": [STAGE_WORDS[stage] for stage in STAGES],
            "owner": "",
            "due": list(default_due_dates(session.now().date()).values()),
        }
    )
    with st.expander(
        f"Open the {month(cycle)} cycle: owners and due dates", expanded=True, key="open_the_cycle"
    ):
        with st.form("open_cycle_form", border=False, width=560):
            edited = st.data_editor(plan, hide_index=True, disabled=["stage"], key="open_cycle_editor")
            submit(
                f"Open the {month(cycle)} cycle",
                "cycle_open",
                f"The {month(cycle)} cycle is open",
                lambda **by: _open(cycle, edited, **by),
                primary=True,
            )


def _open(cycle: str, plan: pd.DataFrame, **by: object) -> None:
    """Opens the cycle with the owners and due dates of the table; by: who and at."""
    owners = dict(zip(STAGES, plan["owner"].fillna(""), strict=True))
    due = {stage: _day(value) for stage, value in zip(STAGES, plan["due"], strict=True) if not pd.isna(value)}
    open_cycle(session.warehouse(), cycle, owners=owners, due=due, **by)


def waiting(page: Page) -> None:
    """Decisions to take with the days left, and actions that are open; of one person or of all."""
    st.subheader("What waits", anchor=False)
    cycle, today = page.plan.inputs.cycle, session.now().date()
    decisions = session.recorded("decision", cycle)
    decisions = decisions[that_wait(decisions)]
    notes = session.recorded("note", cycle)
    actions = notes[(notes["kind"].isin(["action", "request"])) & (notes["status"] == "open")]
    people = sorted({*decisions["owner"], *actions["owner"]} - {""})
    if people:
        person = st.selectbox(
            "Whose", ["", *people], format_func=lambda name: name or "Everybody's", key="whose"
        )
        decisions, actions = (
            rows[rows["owner"] == person] if person else rows for rows in (decisions, actions)
        )
    if decisions.empty and actions.empty:
        st.caption("No decision and no action waits.")
    if not decisions.empty:
        st.markdown("**Decisions to take**")
        ranked_table(decision_table(decisions, today), "waiting_decisions")
    if not actions.empty:
        _actions(actions, today)


def _actions(actions: pd.DataFrame, today: date) -> None:
    """Open actions with the days left; one that is done is ticked off."""
    st.markdown("**Actions**")
    due = [None if pd.isna(value) else value.date() for value in actions["due"]]
    table = pd.DataFrame(
        {
            "action": actions["text"].to_numpy(),
            "owner": actions["owner"].to_numpy(),
            "review": [STAGE_WORDS.get(stage, stage) for stage in actions["stage"]],
            "days left": pd.array([days_left(by, today) for by in due], dtype="Int64"),
        }
    )
    row = ranked_table(table, "waiting_actions", select=True)
    if row is not None:
        note = actions.iloc[row]
        with st.form("action_done", border=False):
            done = partial(set_note_status, session.warehouse(), note["note_id"], "done", seen="open")
            submit(f"Done: {note['text']}", "action_done", "Ticked off", done)


def basis(page: Page) -> None:
    """How fresh the data is and what each review can compute with it."""
    st.subheader("What the numbers rest on", anchor=False)
    inputs, warehouse = page.plan.inputs, session.warehouse()
    last = warehouse.read('SELECT max("at") AS "at", max_by(who, "at") AS who FROM upload').iloc[0]
    rows = warehouse.rows()
    loaded = "" if pd.isna(last["at"]) else f", loaded {day(last['at'].date())} by {last['who']}"
    st.markdown(
        escaped(
            f"{inputs.company}: actuals to {month(inputs.calendar.history_labels[-1])}, "
            f"{full(sum(rows.values()))} rows in "
            f"{sum(count > 0 for count in rows.values())} tables{loaded}; data version {inputs.version[:6]}."
        )
    )
    ranked_table(ready_table(rows), "cycle_readiness")
    st.page_link("pages/data.py", label="Load data, templates, dictionary", icon=":material/database:")


def ready_table(rows: dict[str, int]) -> pd.DataFrame:
    """review, can compute ("3 of 3"), missing tables."""
    by_review = defaultdict(list)
    for ability in readiness(rows):
        by_review[ability.review].append(ability)
    return pd.DataFrame(
        [
            (
                review,
                f"{sum(ability.ready for ability in abilities)} of {len(abilities)}",
                ", ".join(dict.fromkeys(table for ability in abilities for table in ability.missing))
                or "nothing",
            )
            for review, abilities in by_review.items()
        ],
        columns=["review", "can compute", "missing tables"],
    )


def assumptions() -> None:
    """What was assumed because the source of the data lacks it, so that nobody takes it for a fact."""
    rows = session.warehouse().read(
        'SELECT number, "table", "column", assumption, why FROM data_assumption ORDER BY number'
    )
    if rows.empty:
        return
    with st.expander(
        f"{len(rows)} assumptions in the data that is loaded", icon=":material/info:", key="assumptions"
    ):
        st.dataframe(
            rows, hide_index=True, key="assumption_frame", alt="Assumptions in the data", row_height=48
        )


def _day(value: object) -> date:
    return pd.Timestamp(value).date()


month_at_a_glance()
