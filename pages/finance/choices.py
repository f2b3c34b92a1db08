"""What serving this demand costs beyond standard cost, what each scenario pays for delivering more, and what
production volume absorbs."""

from __future__ import annotations

import streamlit as st

from pages.finance.words import not_filtered, span_words
from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.solved import demonstrated
from sop_engine.charts import finance_absorption, finance_choices, finance_review
from sop_engine.finance_review.absorption import REGULAR, absorption
from sop_engine.scenario import Scenario, misfits


def show(page: Page) -> None:
    """Costs by month, against the baseline and by stored scenario; then absorption."""
    not_filtered(page, "the cost of supply choices")
    costs(page)
    scenarios(page)
    st.divider()
    absorbed(page)


def costs(page: Page) -> None:
    """What each supply choice costs, by month and against the baseline."""
    periods = page.view.periods
    table, base = (finance_review.choice_table(plan, periods) for plan in (page.plan, page.baseline))
    if table.empty and base.empty:
        st.info("No supply choice costs anything in these months, as far as its rates are loaded.")
        return
    figure = finance_review.choice_costs(table, base, page.plan, periods, page.style)
    chart(figure, "finance_choices", "Cost of the supply choices by month", lambda: table)
    if page.plan is not page.baseline:
        message(finance_choices.against_words(page.plan, page.baseline, periods))
    st.caption(
        f"Whole company, {span_words(page)}. Overtime, subcontract and alternative sources count by what "
        "they cost above the regular hour or the first source; per extra unit: of all units delivered beyond "
        "the baseline, '-' where no more is delivered."
    )
    ranked_table(
        finance_choices.against_baseline(page.plan, page.baseline, periods), "choice_change", ids=("choice",)
    )


def scenarios(page: Page) -> None:
    """The stored scenarios of the cycle beside each other, solved when asked for."""
    stored = session.stored_scenarios()
    if stored.empty:
        return
    if not st.toggle(f"Show the stored scenarios ({len(stored)})", key="choices_stored"):
        return
    found = [Scenario.from_json(text) for text in stored["levers"]]
    fitting = [scenario for scenario in found if not misfits(scenario, page.plan.inputs)]
    st.caption(
        f"Change against the baseline, {span_words(page)}."
        + (f" {len(found) - len(fitting)} no longer fit the data." if len(fitting) < len(found) else "")
    )
    plans = [session.plan_for(scenario) for scenario in fitting]
    names = [scenario.name for scenario in fitting]
    table = finance_choices.by_scenario(names, plans, page.baseline, page.view.periods)
    ranked_table(table, "choice_scenarios", ids=("scenario",))


def absorbed(page: Page) -> None:
    """The absorption variance by month, by resource and by family."""
    proven = demonstrated(page.plan.inputs)
    now, before = (absorption(plan.inputs, plan.supply, proven) for plan in (page.plan, page.baseline))
    periods = page.view.periods
    left_out = f" No rate is stated, so left out: {', '.join(now.without_rate)}." if now.without_rate else ""
    if not now.resources.size:
        st.caption(f"Absorption needs resource.cost_per_hour of an own resource.{left_out}")
        return
    figure = finance_absorption.absorption_figure(page.plan, now, before, periods, page.style)
    table = finance_absorption.absorption_table(page.plan, now, periods)
    chart(figure, "finance_absorption", "Absorption variance by month", lambda: table)
    regular = sum(basis == REGULAR for basis in now.basis)
    st.caption(
        f"{span_words(page)}; beside the statement, not in it. Planned: load of the plan. Standard: "
        "demonstrated hours, or regular hours of the master data where none are on file "
        f"({regular} of {len(now.basis)} resources). Below 0 is under-absorbed.{left_out} Families: of what "
        "is made, the variance shared by planned hours."
    )
    by_resource, by_family = st.columns([3, 2], gap="medium")
    with by_resource:
        ranked_table(table, "absorption_resources", ids=("resource",))
    with by_family:
        ranked_table(
            finance_absorption.family_table(page.plan, now, periods), "absorption_families", ids=("family",)
        )
