"""The pipeline: launches against their promises, by gate and from cycle to cycle; the decision on each."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, may_record, message, ranked_table
from pages.frame.perform import form_over, submit
from sop_engine.charts import product_gates, product_pipeline
from sop_engine.charts.numbers import month, percent, short, signed
from sop_engine.executive_sop.decisions import value_at_stake
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.inputs.lifecycle import Launch
from sop_engine.product_review.pipeline import Choice, choices, gate_funnel
from sop_engine.records.pipeline import kept_pipelines, raise_launch_decision
from sop_engine.scenario import LEVERS, LeverKind

DECIDE_WITHIN_DAYS = 14
EMPTY = "No project is in the pipeline. Load pipeline.csv to plan launches: project, product, launch month."


def show(page: Page) -> None:
    """The scorecard, the funnel beside the slips, and the launches, each of which can be put to decision."""
    projects = product_pipeline.pipeline_table(page.plan)
    if projects.empty and not page.plan.portfolio.launched:
        st.info(EMPTY)
        return
    message(product_gates.scorecard_words(page.plan))
    if projects.empty:
        st.caption("Every project of the pipeline is launched; load pipeline.csv with the next ones.")
        return
    currency = page.plan.inputs.money.base_currency
    left, right = st.columns([2, 3], gap="medium")
    with left:
        funnel = gate_funnel(projects)
        chart(
            product_gates.funnel_figure(funnel, currency, page.style),
            "product_funnel",
            alt="Projects by gate with their revenue and expected margin",
            frame=lambda: funnel,
        )
    with right:
        kept = kept_pipelines(session.warehouse())
        chart(
            product_gates.slip_figure(page.plan, kept, page.style),
            "product_slips",
            alt="Launch months as each cycle saw them",
            frame=lambda: product_gates.slip_table(page.plan, kept),
        )
    slips(page, kept)
    launches(page, projects)


def slips(page: Page, kept: pd.DataFrame) -> None:
    """What slipped, and what one more period of slip costs."""
    st.caption(
        "Slip and moved: periods, against the first promise and since the last cycle that kept it. At risk: "
        "units and margin that the plan's months lose by one more period of slip, before what a launch takes "
        f"from others; {page.plan.inputs.money.base_currency}."
    )
    ranked_table(product_gates.slip_table(page.plan, kept), "product_slip_table")


def launches(page: Page, projects: pd.DataFrame) -> None:
    """Launches of the pipeline, the dearest first; a row opens go, hold or kill."""
    st.caption(
        f"{page.plan.inputs.money.base_currency}; revenue and margin of the first year inside the plan, "
        "before what a launch takes from others. Click a project to put go, hold or kill to the meeting."
    )
    row = ranked_table(projects.drop(columns="currency"), "product_launches", select=True, ids=["project"])
    if row is None or not may_record(page.plan.inputs.cycle):
        return
    project = str(projects["project"][row])
    launch = next(one for one in page.plan.inputs.demand.launches if one.project == project)
    if launch.launch < page.plan.inputs.calendar.frozen:
        st.caption(f"{project} is launched inside the frozen zone: nothing is left to decide.")
        return
    form_over(
        f"Go, hold or kill {project}",
        f"launch_{project}",
        lambda: decision_form(page, launch),
        title=f"Go, hold or kill {project}",
    )


def decision_form(page: Page, launch: Launch) -> None:
    """The three options, each planned and valued, as a decision of the cycle."""
    spec = LEVERS[LeverKind.LAUNCH_SLIP]
    hold = st.slider("Hold for how many periods", 1, int(spec.high), 2, key=f"hold_{launch.project}")
    options = choices(launch, hold)
    cards = [session.card_of(session.plan_for(option.scenario), Window.ALL) for option in options]
    ranked_table(option_table(options, cards), "launch_options")
    stake = value_at_stake([card.gross_margin for card in cards])
    st.caption(
        f"Whole plan, each option solved: {short(stake)} {cards[0].currency} of gross margin at stake, best "
        f"against worst. {capex_words(launch, cards[0].currency)}"
    )
    letters = dict(zip("ABC", map(answer, options), strict=True))
    with st.form(f"launch_form_{launch.project}", border=False):
        recommended = st.segmented_control("Recommended", list(letters), format_func=letters.__getitem__)
        left, right = st.columns(2)
        raised = partial(
            raise_launch_decision,
            session.warehouse(),
            page.plan.inputs,
            launch,
            [(option.title, option.scenario) for option in options],
            recommendation=recommended or "",
            owner=left.text_input("Owner", value=launch.owner),
            decide_by=right.date_input(
                "Decide by", value=session.now().date() + timedelta(days=DECIDE_WITHIN_DAYS)
            ),
            value_at_stake=stake,
        )
        submit("Raise it", f"launch_{launch.project}", "The decision is raised", raised, primary=True)


def capex_words(launch: Launch, currency: str) -> str:
    """What the launch takes beside the margin at stake."""
    if np.isnan(launch.capex):
        return "Capex is not in it, and not known."
    return f"Capex is not in it: {short(launch.capex)} {currency}."


def answer(option: Choice) -> str:
    """Go, hold or kill."""
    return option.title.partition(":")[0]


def option_table(options: tuple[Choice, ...], cards: list[Scorecard]) -> pd.DataFrame:
    """What each option does to the company's figures, against the first."""
    go = cards[0]
    return pd.DataFrame(
        {
            "option": [answer(option) for option in options],
            "revenue": [f"{short(card.revenue)} ({signed(card.revenue - go.revenue)})" for card in cards],
            "gross margin": [
                f"{short(card.gross_margin)} ({signed(card.gross_margin - go.gross_margin)})"
                for card in cards
            ],
            "fill rate": [percent(card.fill_rate_pct) for card in cards],
            "worst load": [percent(card.required_load_peak_pct) for card in cards],
            "cash effect": [
                f"{short(card.cash_effect)} ({signed(card.cash_effect - go.cash_effect)})" for card in cards
            ],
        }
    )


def timeline(page: Page, projects: pd.DataFrame) -> None:
    """The timeline of launches, or what to load to see one."""
    if projects.empty:
        st.info(EMPTY)
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
