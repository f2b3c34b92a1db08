"""Product review: what the portfolio lives on, what is launched and when, what ends."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import levers
from pages.frame.page import Page, chart, message, open_page, ranked_table
from pages.frame.record import record
from sop_engine.charts import product_review as charts
from sop_engine.charts.numbers import month, percent, short
from sop_engine.product_review.health import portfolio_health, vitality_pct
from sop_engine.scenario import LeverKind


def review() -> None:
    """The pipeline against its promises beside its levers; then the portfolio behind."""
    page = open_page("Product review", "product")
    projects = charts.pipeline_table(page.plan)
    side, main = st.columns([1, 3], gap="medium")
    with main:
        pipeline(page, projects)
    with side.container(gap="xsmall"):
        lever_panel(page)
    health = portfolio_health(page.plan.inputs)
    message(portfolio_sentence(page, health))
    tabs(page, projects, health)
    record(page)


def pipeline(page: Page, projects: pd.DataFrame) -> None:
    """The timeline of launches, or what to load to see one."""
    if projects.empty:
        st.info("No project is in the pipeline. Load pipeline.csv to plan launches.")
        return
    headline = pipeline_sentence(projects)
    chart(
        charts.pipeline_timeline(page.plan, page.baseline, page.style, headline),
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


def portfolio_sentence(page: Page, health: pd.DataFrame) -> str:
    """What the portfolio lives on."""
    tail = health[health["abc"] == "C"]
    new = vitality_pct(page.plan.inputs, health)
    return (
        f"{int((health['abc'] == 'A').sum())} of {len(health)} products bring 80 % of last year's revenue; "
        f"{len(tail)} bring the last {percent(float(tail['share_pct'].sum()))}. "
        f"New products bring {percent(new)}."
    )


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


def launch_words(page: Page, period: int) -> str:
    labels = page.plan.inputs.calendar.plan_labels
    return month(labels[period]) if period < len(labels) else f"after {month(labels[-1])}"


def tabs(page: Page, projects: pd.DataFrame, health: pd.DataFrame) -> None:
    """Launches first; the rest is made when its tab is opened."""
    currency = page.plan.inputs.money.base_currency
    shown = health[health["product"].isin(_labels(page))]
    names = ["Launches", "Portfolio", "Growth and margin", "Lifecycle", "Phase-outs"]
    launches, portfolio, growth, lifecycle, ending = st.tabs(names, on_change="rerun", key="product_tabs")
    if launches.open:
        with launches:
            st.caption(
                f"{currency}; revenue and margin of the first year inside the plan, "
                "before what a launch takes from others."
            )
            ranked_table(projects.drop(columns="currency"), "product_launches")
    if portfolio.open:
        with portfolio:
            chart(
                charts.pareto(shown, page.style, currency),
                "product_pareto",
                alt="Revenue by product with its running share",
                frame=lambda: shown,
            )
    if growth.open:
        with growth:
            figure = charts.growth_and_margin(shown, page.style, currency)
            chart(
                figure,
                "product_growth",
                alt="Families by growth and margin",
                frame=lambda: charts.family_health(shown),
            )
    if lifecycle.open:
        with lifecycle:
            figure = charts.lifecycle_bars(page.plan.inputs, page.view, page.style)
            chart(
                figure,
                "product_lifecycle",
                alt="Products by lifecycle stage",
                frame=lambda: charts.lifecycle_counts(page.plan.inputs, page.view).reset_index(),
            )
    if ending.open:
        with ending:
            phase_outs(page)


def phase_outs(page: Page) -> None:
    """What ends, when, and what takes its place."""
    inputs = page.plan.inputs
    if not inputs.demand.phase_outs:
        st.caption("No phase-out is planned.")
        return
    names = inputs.products.name
    rows = [
        (
            names[one.product],
            launch_words(page, one.end),
            names[one.successor] if one.successor >= 0 else "-",
            100 * one.transfer,
        )
        for one in inputs.demand.phase_outs
    ]
    ranked_table(
        pd.DataFrame(rows, columns=["product", "not sold from", "successor", "demand that moves %"]),
        "product_phase_outs",
    )


def _labels(page: Page) -> set[str]:
    return {
        label
        for label, shown in zip(page.plan.inputs.products.labels, page.view.products, strict=True)
        if shown
    }


review()
