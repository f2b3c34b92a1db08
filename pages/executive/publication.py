"""The plan approved and published, and the cycle closed."""

from __future__ import annotations

import streamlit as st

from pages.frame import session
from pages.frame.page import Page, ranked_table
from pages.frame.perform import perform
from pages.frame.progress import reviews
from pages.frame.strip import escaped
from sop_engine.charts.numbers import month
from sop_engine.pre_sop.consistency import consistency_checks
from sop_engine.records import close_cycle, publish_plan


def show(page: Page) -> None:
    """Whether the plan can become the official one, the form that publishes it, and what was published."""
    cycle, states = page.plan.inputs.cycle, reviews(page.plan.inputs)
    against = [
        *[f"{check.name} fails" for check in consistency_checks(page.plan) if not check.passed],
        *(
            [f"{state.name}: {state.stale or 'not signed'}" for state in states if not state.holds]
            if states
            else ["the cycle is not open"]
        ),
    ]
    if against:
        st.warning("Before publishing: " + escaped("; ".join(against)) + ".")
    else:
        st.success(
            "All six reviews are signed on today's data and every check holds: the plan can be published."
        )
    left, right = st.columns(2, gap="large")
    with left:
        publish_form(cycle, page.plan.inputs.version)
    with right:
        close_form(cycle)
    published(page)


def publish_form(cycle: str, version: str) -> None:
    """Makes the plan that the executive review signed last the official one. version: of the data now."""
    with st.form("publish", border=False):
        st.markdown("**Publish the plan that this review signed last**")
        name = st.text_input("Name", value=f"Plan {month(cycle)}")
        note = st.text_input("Remark", key="publish_note")
        despite = st.text_input(
            "Reason to publish although a review is not signed, or rests on older data", key="publish_despite"
        )
        who = session.name_input("publish")
        if st.form_submit_button("Approve and publish", type="primary"):
            perform(
                "The plan is published",
                lambda: publish_plan(
                    session.warehouse(),
                    cycle,
                    who=session.signed(who),
                    at=session.now(),
                    name=name,
                    note=note,
                    despite=despite,
                    version=version,
                ),
            )


def close_form(cycle: str) -> None:
    """Ends the month: what it recorded stays as it is."""
    with st.form("close", border=False):
        st.markdown("**Close the cycle for ever, once its plan is published**")
        who = session.name_input("close")
        if st.form_submit_button("Close the cycle"):
            perform(
                f"The {month(cycle)} cycle is closed",
                lambda: close_cycle(session.warehouse(), cycle, who=session.signed(who), at=session.now()),
            )


def published(page: Page) -> None:
    """Official plans of all cycles, newest first."""
    versions = session.recorded("plan_version")
    if versions.empty:
        st.caption("No plan was published yet.")
        return
    shown = versions[["version_id", "cycle", "name", "status", "approved_by", "approved_at", "note"]].iloc[
        ::-1
    ]
    ranked_table(shown.rename(columns=lambda name: name.replace("_", " ")), "plan_versions")
