"""The light before the executive meeting: every criterion in words, and each check of the proof behind it."""

from __future__ import annotations

import streamlit as st

from pages.frame import session
from pages.frame.decisions import standing_decisions, that_wait
from pages.frame.options import states_of
from pages.frame.page import Page
from pages.frame.progress import reviews
from pages.frame.proofs import proof_of, show_checks
from pages.frame.strip import escaped
from pages.pre.gaps import gaps_that_matter, owned_gaps
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.pre_sop.criteria import Criterion
from sop_engine.pre_sop.go_light import CONSISTENCY, Standing, go_light, goes
from sop_engine.pre_sop.issues import CURRENT, LEAST_OPTIONS, MOST_OPTIONS

TABS_KEY = "pre_sop_tabs"


def show(page: Page) -> None:
    """Go or no-go, large; the criteria, those that are missed first; the checks."""
    checks = proof_of(page)
    criteria = light_of(page)
    _light(criteria)
    for at, criterion in enumerate(sorted(criteria, key=lambda criterion: criterion.met)):
        _line(criterion, at)
    with st.expander(f"The {len(checks)} checks of the proof", icon=":material/fact_check:"):
        show_checks(checks, "consistency")
    st.page_link(
        "pages/proof.py", label="Proof, with every row behind a check", icon=":material/arrow_forward:"
    )


def light_of(page: Page) -> tuple[Criterion, ...]:
    """The criteria of the light before the executive meeting."""
    return go_light(proof_of(page), standing_of(page))


def standing_of(page: Page) -> Standing:
    """What of the month stands against sending the plan on, beside the proof."""
    states = reviews(page.plan.inputs)
    gates = [state for state in states if state.gate and state.stage not in ("pre_sop", "executive")]
    unsigned = [f"{state.name}: {state.stale or 'not signed'}" for state in gates if not state.holds]
    bare, old = _issues(page)
    return Standing(
        unsigned=tuple(unsigned) if states else ("the cycle is not open",),
        gaps=gaps_that_matter(page),
        owned=tuple(owned_gaps(page)),
        bare=bare,
        old=old,
    )


def _issues(page: Page) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Issues that wait and lack something, and options that do not stand on today's data."""
    rows = standing_decisions(page.plan.inputs.cycle)
    rows = rows[that_wait(rows) & ~rows["sample"]]
    options = session.recorded("decision_option")
    bare, old = [], []
    for row in rows.itertuples():
        mine = options[options["decision_id"] == row.decision_id]
        more = int((mine["title"] != DO_NOTHING).sum())
        lacks = [
            "no owner" if not row.owner else "",
            "no deadline" if row.decide_by != row.decide_by else "",
            "" if LEAST_OPTIONS <= more <= MOST_OPTIONS else f"{more} options",
        ]
        if any(lacks):
            bare.append(f"{row.decision_id}: {', '.join(filter(None, lacks))}")
        states = states_of(mine, page.plan.inputs.version)
        old += [
            f"{row.decision_id} {letter}: {state}"
            for letter, state in zip(mine["option"], states, strict=True)
            if state != CURRENT
        ]
    return tuple(bare), tuple(old)


def _light(criteria: tuple[Criterion, ...]) -> None:
    """The light, readable from the back of the room."""
    missing = sum(not criterion.met for criterion in criteria)
    with st.container(border=True, gap=None, key="go_light"):
        if goes(criteria):
            st.title(":green[:material/check_circle: Go]", anchor=False)
            st.markdown("The plans tie, the reviews hold, every gap that matters has an owner.")
        else:
            st.title(":red[:material/block: No-go]", anchor=False)
            st.markdown(f"Criteria not met: {missing} of {len(criteria)}. Each line says what is missing.")


def _line(criterion: Criterion, at: int) -> None:
    """One criterion with what was found, and the way to where it is settled."""
    mark = ":green[:material/check_circle:]" if criterion.met else ":red[:material/cancel:]"
    text = f"{mark} **{escaped(criterion.statement)}**: {escaped(criterion.found)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(text, width="stretch")
        if not criterion.met and criterion.section != CONSISTENCY:
            st.button(
                f"To {criterion.section.lower()}",
                key=f"settle_{at}",
                on_click=st.session_state.__setitem__,
                args=(TABS_KEY, criterion.section),
                width="content",
            )
