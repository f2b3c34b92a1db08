"""Product review: what the portfolio lives on, what is launched and when, what ends."""

from __future__ import annotations

import streamlit as st

from pages.frame import levers
from pages.frame.page import Page, message, open_page
from pages.frame.record import record
from pages.product import pipeline, portfolio
from pages.product.pipeline import launch_words
from pages.sections import tabs
from sop_engine.charts import product_pipeline
from sop_engine.charts.numbers import month
from sop_engine.product_review.health import portfolio_health
from sop_engine.scenario import LeverKind


def review() -> None:
    """The pipeline against its promises beside its levers; then the portfolio behind."""
    page = open_page("Product review", "product")
    side, main = st.columns([1, 3], gap="medium")
    with main.container(key="main_product"):
        pipeline.timeline(page, product_pipeline.pipeline_table(page.plan))
    with side.container(gap="xsmall", key="side_product"):
        launch_levers(page)
        levers.panel_foot("product")
    with st.container(key="says_product"):
        message(portfolio.portfolio_sentence(page, portfolio_health(page.plan.inputs)))
    tabs(page, "product_review", "product_tabs")
    record(page)


def launch_levers(page: Page) -> None:
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


review()
