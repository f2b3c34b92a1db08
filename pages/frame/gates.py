"""The gates of the reviews on today's data: what the criteria are found out from, and how they are shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from pages.demand.exceptions import last_cycle, stored_replays
from pages.frame import session
from pages.frame.evidence import open_section
from pages.frame.page import Page
from pages.frame.progress import reviews
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from pages.pre.consistency import light_of
from sop_engine.charts.demand_exceptions import exception_table
from sop_engine.charts.numbers import month
from sop_engine.charts.view import whole_company
from sop_engine.demand_review.exceptions import OPEN
from sop_engine.executive_sop.gates import Facts, to_sign
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import consistency_checks
from sop_engine.pre_sop.criteria import Criterion


def gate_facts(page: Page) -> Facts:
    """What the gates of the plan's cycle are found out from; made-up records of the sample stay out."""
    inputs, decisions = page.plan.inputs, session.recorded("decision")
    real = (decisions["cycle"] <= inputs.cycle) & ~decisions["sample"].astype(bool)
    scenario = page.plan.scenario.to_json()
    data = f"{session.warehouse_path()} {inputs.version} {inputs.cycle}"
    return Facts(
        states=reviews(inputs),
        tasks=session.recorded("task", inputs.cycle),
        decisions=decisions[real],
        requests=session.requests(),
        actuals=_last_sold(inputs),
        needed=month(inputs.calendar.history_labels[-1]),
        exceptions=_unreviewed(data, session.warehouse().revision, scenario, page),
        failed=_failed(data, scenario, page.plan),
        light=lambda: light_of(replace(page, view=whole_company(page.plan))),
    )


def unmet_to_sign(page: Page) -> tuple[Criterion, ...]:
    """What does not hold of what the page's review must hold to be signed."""
    return tuple(one for one in to_sign(page.stage, gate_facts(page)) if not one.met)


def show_criteria(criteria: tuple[Criterion, ...], key: str, links: bool = True) -> None:
    """Each criterion with a sign, what was found, and the way to where it is settled."""
    for at, one in enumerate(criteria):
        sign = ":green[:material/check_circle:]" if one.met else ":red[:material/cancel:]"
        words = f"{sign} {one.statement}: {escaped(lever_words(one.found))}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(words, width="stretch")
            if links and not one.met and one.page not in ("", "cycle"):
                open_section("Go there", f"{key}_{at}", one.page, one.section)


def _last_sold(inputs: Inputs) -> str:
    """The last period before the cycle in which anything was sold, as people read it; "" for none."""
    sold = np.flatnonzero((np.nan_to_num(inputs.demand.history) != 0).any(axis=(0, 1)))
    return month(inputs.calendar.history_labels[sold[-1]]) if len(sold) else ""


@st.cache_resource(show_spinner=False, max_entries=8)
def _unreviewed(data: str, revision: int, scenario: str, _page: Page) -> tuple[str, ...]:
    """Families with an exception of the whole company that nobody reviewed, the largest money first."""
    plan, replays = _page.plan, stored_replays()
    reviewed = session.recorded("exception_review", plan.inputs.cycle)
    reviewed = reviewed[reviewed["active"].astype(bool)]
    table = exception_table(plan, whole_company(plan), last_cycle(_page, replays), replays, reviewed)
    return tuple(pd.unique(table.loc[table["status"] == OPEN, "family"]))


@st.cache_resource(show_spinner=False, max_entries=8)
def _failed(data: str, scenario: str, _plan: Plan) -> dict[str, tuple[str, ...]]:
    """{part of the proof: names of its checks that fail}, of every part."""
    names: dict[str, list[str]] = defaultdict(list)
    for check in consistency_checks(_plan):
        names[check.part] += [] if check.passed else [check.name]
    return {part: tuple(failed) for part, failed in names.items()}
