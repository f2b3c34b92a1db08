"""What would help, solved again and valued: remedies of a root cause, the worth of relieving what binds, and
what an hour of a bottleneck earns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.scenario_menu import lever_words
from pages.frame.solved import counted, when_asked
from sop_engine.charts import supply_remedies as charts
from sop_engine.charts.numbers import months
from sop_engine.remedies.causes import RootCause, root_causes
from sop_engine.remedies.constraints import HOURS, Constraint, binding, relieve
from sop_engine.remedies.remedy import Remedy, ideas, ranked, tried

MOST = 5  # binding constraints that are solved again


def show(page: Page) -> None:
    """Remedies of one root cause; then what relief of each binding constraint is worth."""
    periods = np.arange(page.plan.inputs.calendar.horizon)
    span = months([page.plan.inputs.calendar.plan_labels[period] for period in periods])
    causes = root_causes(page.plan, periods)
    if causes:
        _remedies(page, causes, periods, span)
    else:
        st.caption("Nothing is late or lost in the plan, so nothing needs a remedy.")
    st.divider()
    _constraints(page, periods, span)


def _remedies(page: Page, causes: Sequence[RootCause], periods: np.ndarray, span: str) -> None:
    by_key = {f"{cause.reason} {cause.label}": cause for cause in causes}
    chosen = st.selectbox(
        "Root cause",
        list(by_key),
        format_func=lambda key: lever_words(by_key[key].sentence),
        key="remedy_cause",
    )
    cause = by_key[chosen]
    todo = ideas(page.plan, cause)
    levers = sum(idea.lever is not None for idea in todo)
    solving = (tried(page.plan, cause, idea, session.plan_for, periods) for idea in todo)
    found = when_asked(
        (page.plan.scenario.to_json(), "remedies", *cause.key),
        f"Solve {levers} remedies" if levers != 1 else "Solve one remedy",
        "solve_remedies",
        partial(counted, solving, len(todo)),
    )
    if found is None:
        return
    remedies = ranked(found)
    message(charts.remedy_sentence(page.plan, cause, remedies))
    moving = [one for one in remedies if not one.reason]
    if moving:
        _moving(page, moving, span)
    st.caption("These do nothing here:")
    ranked_table(_in_months(charts.idle_table(remedies)), "supply_idle_remedies")


def _moving(page: Page, remedies: Sequence[Remedy], span: str) -> None:
    """What moves something, as bars and table; one that is clicked can be taken."""
    _bars(page, remedies)
    st.caption(
        "Each remedy is the plan solved again with its lever, against the working plan, "
        f"{span}, whole company; those that remove some of this shortage and serve nobody less come first. "
        "Net gain = change of operating profit = margin + what it saves (+) or costs (-) in overtime, other "
        "sources, freight, capacity moves, spends and carrying. Shortage = units of the products of this "
        "cause that are late or lost. Click one to take it."
    )
    table = _in_months(charts.remedy_table(page.plan, remedies))
    row = ranked_table(table, "supply_remedies", select=True)
    if row is not None:
        lever = remedies[row].idea.lever
        st.button(
            "Put it into the working scenario",
            key="take_remedy",
            type="primary",
            on_click=session.move,
            args=(lever,),
            help=lever_words(lever.in_words()),
        )


def _in_months(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose words name buckets as people say them."""
    return table.assign(**{name: table[name].map(lever_words) for name in ("lever", "note") if name in table})


def _bars(page: Page, remedies: Sequence[Remedy]) -> None:
    title = "Net gain of each remedy: margin and what it saves or costs"
    chart(
        charts.remedy_bars(page.plan, remedies, page.style, title),
        "remedy_bars",
        alt=title,
        frame=lambda: charts.remedy_table(page.plan, remedies),
    )


def _constraints(page: Page, periods: np.ndarray, span: str) -> None:
    """What binds, by rank, and what one more of it is worth."""
    bound = binding(page.plan)
    if not bound:
        st.caption("Nothing binds in the plan: no hour, limit or lead time is in the way.")
        return
    top = bound[:MOST]
    solving = (relieve(page.plan, one, session.plan_for, periods) for one in top)
    found = when_asked(
        (page.plan.scenario.to_json(), "relief"),
        f"Solve what relief of the {len(top)} heaviest constraints is worth",
        "solve_relief",
        partial(counted, solving, len(top)),
    )
    if found is not None:
        message(charts.relief_sentence(page.plan, found))
        st.caption(
            f"{len(top)} of {len(bound)} constraints that bind, ranked by what 1 % more is worth to the "
            "model; that only ranks. Money is the plan solved again with 1, 5, 10 and 20 % more (5 to 30 "
            "days less of a lead time); changes at the step that gains most, "
            f"{span}, whole company."
        )
        ranked_table(charts.relief_table(page.plan, found), "supply_relief")
    _hour_margins(page, bound, periods)


def _hour_margins(page: Page, bound: Sequence[Constraint], periods: np.ndarray) -> None:
    """Margin per bottleneck hour of each family, for a resource that is full."""
    resources = page.plan.inputs.network.resources
    full = [one.label for one in bound if one.kind == HOURS]
    if not full:
        st.caption("No resource is full, so no hour has to be earned.")
        return
    names = dict(zip(resources.labels, map(str, resources.name), strict=True))
    label = st.selectbox("Bottleneck", full, format_func=names.__getitem__, key="remedy_bottleneck")
    row = resources.positions[label]
    chart(
        charts.hour_margin_bars(page.plan, row, periods, page.style),
        "hour_margins",
        alt=f"Margin per hour of {names[label]} by family",
        frame=lambda: charts.hour_margins(page.plan, row, periods),
    )
