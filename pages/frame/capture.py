"""Capture: one key on any page writes down an action, decision, assumption, parked point, request or note,
with the view it was made on."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame import session
from pages.frame.evidence import view_now, view_words
from pages.frame.perform import form_over, submit
from pages.frame.strip import escaped
from sop_engine.charts.numbers import month
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.evidence import Evidence
from sop_engine.inputs import Inputs
from sop_engine.records import Option, add_note, raise_decision

KEY = "Alt+N"  # a plain letter would begin an edit in a table and open the form as well
# The form opens with the cursor in its first field, so that the words follow the key at once.
# The dialog takes the focus for itself while it opens, at a time of its own.
CURSOR = """<script>
for (const wait of [50, 200, 500, 1000]) setTimeout(() => {
  if (!document.activeElement.closest("[role=dialog] form, [role=dialog] [data-testid=stForm]"))
    document.querySelector(".st-key-capture_text input")?.focus();
}, wait);
</script>"""
DECISION = "decision"
OWNED = ("note", "decision")
KINDS = {
    "action": "Action",
    DECISION: "Decision",
    "assumption": "Assumption",
    "parking": "Parked point",
    "request": "Request",
    "note": "Note",
}


def capture(title: str, stage: str, inputs: Inputs) -> None:
    """The button of the title line, and its key. title, stage: of the page, "" for a page of no review."""
    form_over(
        "Capture",
        "capture",
        lambda: capture_form(title, stage, inputs),
        title="Write it down",
        icon=":material/edit_note:",
        shortcut=KEY,
    )


def capture_form(title: str, stage: str, inputs: Inputs) -> None:
    """What it says, what it is, who answers for it and until when; the view goes with it."""
    cycles = session.recorded("cycle", inputs.cycle)
    if cycles.empty or cycles["status"].iloc[0] != "open":
        st.info(f"The cycle {month(inputs.cycle)} is not open, so nothing can be written down in it.")
        st.page_link("pages/cycle.py", label="Open it on the Cycle page")
        return
    view = view_now(title, stage, inputs.version)
    with st.form("capture_form", border=False):
        text = st.text_input("What it says", key="capture_text")
        kind = st.segmented_control(
            "Kind",
            list(KINDS),
            default="action",
            required=True,
            format_func=KINDS.__getitem__,
            key="capture_kind",
        )
        left, right = st.columns(2)
        owner = owner_input(left, inputs.cycle, "capture_owner")
        due = right.date_input("Due", value=None, key="capture_due")
        st.caption(escaped(f"Kept with it: {view_words(view)}"))
        kept = partial(keep, kind, text, cycle=inputs.cycle, stage=stage, owner=owner, due=due, view=view)
        submit("Write it down", "capture", f"{KINDS[kind]} written down", kept, primary=True)
    st.html(CURSOR, unsafe_allow_javascript=True)


def keep(
    kind: str,
    text: str,
    *,
    cycle: str,
    stage: str,
    owner: str,
    due: date | None,
    view: Evidence,
    **by: object,
) -> None:
    """Records what was captured, in the meeting that this session holds. by: who and at

    Raises RecordError.
    """
    common = {
        "cycle": cycle,
        "stage": stage,
        "owner": owner,
        "meeting_id": st.session_state.get("meeting", ""),
        "evidence": view.to_json(),
        **by,
    }
    if kind == DECISION:
        options = [Option(DO_NOTHING)]
        raise_decision(session.warehouse(), question=text, options=options, decide_by=due, **common)
    else:
        add_note(session.warehouse(), kind=kind, text=text, due=due, **common)


def owner_input(place: DeltaGenerator, cycle: str, key: str, now: str = "") -> str:
    """Asks who answers for it: somebody who is known, or any other name."""
    people = sorted({*known_people(cycle), st.session_state.get("who", ""), now} - {""}, key=str.casefold)
    chosen = place.selectbox(
        "Owner",
        people,
        index=people.index(now) if now else None,
        accept_new_options=True,
        placeholder="A name",
        key=key,
    )
    return (chosen or "").strip()


def known_people(cycle: str) -> set[str]:
    """Who owns a review of the cycle, or owned a decision or a note of any, but for those made up."""
    notes, decisions = (rows[~rows["sample"].astype(bool)] for rows in map(session.recorded, OWNED))
    return {*session.recorded("stage", cycle)["owner"], *notes["owner"], *decisions["owner"]}
