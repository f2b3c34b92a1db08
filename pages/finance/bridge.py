"""The bridge from any baseline to any other, of gross margin or revenue, and who makes each bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance import apart
from pages.finance.words import found_baselines
from pages.frame.page import Page, chart, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import finance_bridge
from sop_engine.charts.numbers import months
from sop_engine.errors import SopError
from sop_engine.finance_review.baselines import BUDGET, ESTIMATE, Baseline
from sop_engine.finance_review.bridge import Bridge, Weight, margin_bridge, revenue_bridge

BRIDGES = {"Gross margin": margin_bridge, "Revenue": revenue_bridge}
WEIGHTS: tuple[Weight, ...] = ("value", "units")
CUTS = {"Family": 0, "Category": 0, "Market": 1, "Region": 1, "Channel": 1, "Currency": 1}


def show(page: Page) -> None:
    """Two baselines, the bars between them, and the same bars by group."""
    found = found_baselines(page)
    start, end, measure, weigh = _chosen(found)
    periods = shared_periods(page, start, end)
    if start is end or not periods.size:
        st.info(
            "Choose two different baselines."
            if start is end
            else f"{start.label} and {end.label} share none of these months. Choose other months in the "
            "filter bar, or another baseline."
        )
        return
    ends = start.position(periods), end.position(periods)
    products, markets = page.view.products, page.view.markets
    silent = [one.label for one in ends if np.isnan(one.revenue[np.ix_(products, markets)]).all()]
    if silent:
        st.info(
            f"{' and '.join(silent)}: nothing is known of revenue in these months, so nothing bridges them."
        )
        return
    rows = apart.accepted_now(page, start, end)
    try:
        steps = (
            apart.bridged(page, rows, BRIDGES[measure], ends, end.kind, periods, weigh)
            if len(rows)
            else BRIDGES[measure](*ends, weigh)
        )
    except SopError as fault:
        st.caption(escaped(f"The accepted requests are not named apart: {fault}"))
        rows, steps = rows[:0], BRIDGES[measure](*ends, weigh)
    steps = steps.of(products, markets)
    _drawn(page, steps, measure.lower(), periods, rows)
    _drill(page, steps)
    st.caption(escaped(f"{start.label} is valued at {start.basis}; {end.label} at {end.basis}."))


def _chosen(found: dict[str, Baseline]) -> tuple[Baseline, Baseline, str, Weight]:
    """The controls: from, to, of what, and how volume is weighed."""
    labels = list(found)
    budget = next((label for label in labels if found[label].kind == BUDGET), labels[-1])
    estimate = next(label for label in labels if found[label].kind == ESTIMATE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        start = _pick("From", labels, budget, "bridge_start", width=200)
        end = _pick("To", labels, estimate, "bridge_end", width=200)
        measure = _switch("Of", list(BRIDGES), "bridge_measure")
        weigh = _pick("Volume by", list(WEIGHTS), WEIGHTS[0], "bridge_weight", width=170)
    return found[start], found[end], measure, weigh


def _pick(label: str, options: Sequence[str], start: str, key: str, width: int) -> str:
    """A select box that says its label in the choice itself: "From AOP"."""
    return st.selectbox(
        label,
        options,
        index=options.index(start),
        format_func=lambda option: f"{label} {option}",
        key=key,
        label_visibility="collapsed",
        width=width,
    )


def _switch(label: str, options: list[str], key: str) -> str:
    return st.segmented_control(
        label, options, default=options[0], required=True, key=key, label_visibility="collapsed"
    )


def shared_periods(page: Page, start: Baseline, end: Baseline) -> np.ndarray:
    """The months of the filter of which both say something; where it is the running fiscal year, its
    elapsed months too."""
    calendar, shown = page.plan.inputs.calendar, page.view.periods
    years = calendar.fiscal_years
    running = np.flatnonzero(years[calendar.now : calendar.now + calendar.horizon] == years[calendar.now])
    elapsed = np.flatnonzero(years[: calendar.now] == years[calendar.now]) - calendar.now
    wanted = np.concatenate([elapsed, shown]) if np.array_equal(shown, running) else shown
    return np.intersect1d(np.intersect1d(wanted, start.periods), end.periods)


def _drawn(page: Page, steps: Bridge, measure: str, periods: np.ndarray, rows: pd.DataFrame) -> None:
    """The bridge, and what its bars hold that their names alone don't say."""
    calendar, currency = page.plan.inputs.calendar, page.plan.inputs.money.base_currency
    span = months([calendar.labels[calendar.now + period] for period in periods])
    scope = f"{page.view.words or 'whole company'}, {span}"
    figure = finance_bridge.bridge_figure(steps, measure, currency, scope, page.style)
    words = finance_bridge.bridge_words(steps, measure, currency)
    chart(figure, "finance_bridge", words, lambda: finance_bridge.bridge_table(steps))
    held = apart.apart_words(rows) if len(rows) else ""
    notes = (held, finance_bridge.within_words(steps))
    if any(notes):
        st.caption(escaped(" ".join(filter(None, notes))))


def _drill(page: Page, steps: Bridge) -> None:
    """The bars by a group of the reader's choice; they sum to the total."""
    cut = _switch("By", list(CUTS), "bridge_cut").lower()
    axis = CUTS[cut.capitalize()]
    labelled, mask = (
        (page.plan.inputs.products, page.view.products)
        if axis == 0
        else (page.plan.inputs.markets, page.view.markets)
    )
    labels = np.array(labelled.labels) if cut == "market" else getattr(labelled, cut)
    table = finance_bridge.bridge_drill(steps, labels[mask], axis, cut)
    whole = {name: table[name].round() + 0.0 for name in table.columns.drop(cut)}  # no minus before a zero
    ranked_table(table.assign(**whole), f"finance_bridge_{cut}")
