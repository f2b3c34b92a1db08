"""Words of the finance review's scope, and the baselines that all its sections hold the plan against."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page
from pages.frame.strip import escaped
from sop_engine.charts.numbers import months
from sop_engine.finance_review.baselines import Baseline, baselines
from sop_engine.finance_review.kept import KeptPlan, kept_plan
from sop_engine.inputs import Inputs
from sop_engine.records.readers import last_estimate, snapshot_cells

KEPT_MEASURES = (
    "on_time_units",
    "late_units",
    "revenue",
    "standard_cost",
    "gross_margin",
    "operating_profit",
    "exchange_rate",
)


def scope_words(page: Page) -> str:
    """What the filter leaves, as the beginning of a sentence."""
    words = page.view.words or "whole company"
    return words[:1].upper() + words[1:]


def span_words(page: Page) -> str:
    """The months of the filter."""
    labels = page.plan.inputs.calendar.plan_labels
    return months([labels[period] for period in page.view.periods])


def not_filtered(page: Page, what: str) -> None:
    """Says that what follows counts the whole company although the filter names less of it."""
    if not page.view.whole:
        st.caption(escaped(f"Whole company: {what} does not follow the filter ({page.view.words})."))


def unknown(what: str, load: str) -> None:
    """In the place of a chart that would be empty: what nobody has stated, and what to load."""
    st.info(f"Nothing is known of {what}: {load}")


def found_baselines(page: Page) -> dict[str, Baseline]:
    """{label: baseline} of the budgets, the working scenario, the cycle and its start, the last estimate and
    the prior year."""
    start = session.plan_at_start()
    return baselines(
        page.plan.inputs,
        page.plan.finance,
        page.baseline.finance,
        _kept(page.plan.inputs),
        None if start is page.baseline else start.finance,
    )


def estimate_before(cycle: str) -> pd.Series | None:
    """The plan agreed before this cycle, None where there is none."""
    return _estimate_before(session.warehouse_path(), session.warehouse().revision, cycle)


def _kept(inputs: Inputs) -> KeptPlan | None:
    row = estimate_before(inputs.cycle)
    if row is None:
        return None
    return _kept_plan(
        session.warehouse_path(), str(row["snapshot_id"]), inputs.version, str(row["name"]), inputs
    )


@st.cache_resource(show_spinner=False, max_entries=4)
def _estimate_before(path: str, revision: int, cycle: str) -> pd.Series | None:
    return last_estimate(session.warehouse(), cycle)


@st.cache_resource(show_spinner=False, max_entries=4)
def _kept_plan(path: str, snapshot_id: str, version: str, name: str, _inputs: Inputs) -> KeptPlan:
    cells = snapshot_cells(session.warehouse(), snapshot_id, KEPT_MEASURES)
    return kept_plan(_inputs, f"Last estimate: {name}", cells)
