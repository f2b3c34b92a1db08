"""Product review: what the portfolio lives on, what is launched and when, what ends."""

from __future__ import annotations

import streamlit as st

from pages.frame import levers
from pages.frame.page import Page, message, open_page
from pages.frame.record import record
from pages.product import phase_outs, pipeline, portfolio
from pages.product.pipeline import launch_words
from sop_engine.charts import product_pipeline
from sop_engine.charts.numbers import month
from sop_engine.product_review.health import portfolio_health
from sop_engine.scenario import LeverKind

SECTIONS = {
    "Pipeline": pipeline.show,
    "Portfolio": portfolio.show,
    "Phase-outs": phase_outs.show,
}


def review() -> None:
    """The pipeline against its promises beside its levers; then the portfolio behind."""
    page = open_page("Product review", "product")
    side, main = st.columns([1, 3], gap="medium")
    with main:
        pipeline.timeline(page, product_pipeline.pipeline_table(page.plan))
    with side.container(gap="xsmall"):
        lever_panel(page)
    message(portfolio.portfolio_sentence(page, portfolio_health(page.plan.inputs)))
    for tab, show in zip(
        st.tabs(list(SECTIONS), on_change="rerun", key="product_tabs"), SECTIONS.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(page)
    record(page)


def lever_panel(page: Page) -> None:
    """One project: in the plan or out, and how late."""
    launches = {one.project: one for one in page.plan.inputs.demand.launches}
    if not launches:
        st.caption("No project is in the pipeline.")
        return
    project = levers.target("Project", sorted(launches), None)
    launch, scope, calendar = launches[project], levers.Scope(project), page.plan.inputs.calendar
    if launch.launch < calendar.frozen:
        st.caption(
            f"{month(calendar.plan_labels[max(launch.launch, 0)])} is frozen: this launch no longer moves."
        )
        return
    levers.switch(
        LeverKind.LAUNCH_IN,
        scope,
        page.plan.inputs,
        launch.in_plan,
        f"{100 * launch.probability:.0f} % likely, gate {launch.gate}",
    )
    levers.slider(
        LeverKind.LAUNCH_SLIP,
        scope,
        page.plan.inputs,
        note=f"planned for {launch_words(page, launch.launch)}",
    )
    levers.panel_foot("product")


review()
