"""The pipeline: launches against their promises, by gate."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.page import Page, chart, ranked_table
from sop_engine.charts import product_pipeline
from sop_engine.charts.numbers import month, short


def show(page: Page) -> None:
    """Launches of the pipeline, the dearest first."""
    projects = product_pipeline.pipeline_table(page.plan)
    st.caption(
        f"{page.plan.inputs.money.base_currency}; revenue and margin of the first year inside the plan, "
        "before what a launch takes from others."
    )
    ranked_table(projects.drop(columns="currency"), "product_launches")


def timeline(page: Page, projects: pd.DataFrame) -> None:
    """The timeline of launches, or what to load to see one."""
    if projects.empty:
        st.info("No project is in the pipeline. Load pipeline.csv to plan launches.")
        return
    headline = pipeline_sentence(projects)
    chart(
        product_pipeline.pipeline_timeline(page.plan, page.baseline, page.style, headline),
        "product_pipeline",
        alt=f"Launch dates against those first promised. {headline}",
        frame=lambda: projects,
    )


def pipeline_sentence(projects: pd.DataFrame) -> str:
    """How many launches are in the plan, how many are late, and what is at stake."""
    within = projects[projects["in plan"] == "in"]
    late = within[within["slip"] > 0]
    worth = short(float(within["revenue"].sum()))
    first = f"{len(within)} of {len(projects)} launches are in the plan, worth {worth} in their first year"
    if late.empty:
        return f"{first}; none is late"
    return f"{first}; {len(late)} {'is' if len(late) == 1 else 'are'} late"


def launch_words(page: Page, period: int) -> str:
    labels = page.plan.inputs.calendar.plan_labels
    return month(labels[period]) if period < len(labels) else f"after {month(labels[-1])}"
