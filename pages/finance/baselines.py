"""Everything the plan is held against, side by side, and what each was built from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance.words import estimate_before, found_baselines, unknown
from pages.frame import session
from pages.frame.page import Page, chart, ranked_table
from pages.frame.strip import WINDOWS, escaped
from sop_engine.charts import finance_baselines
from sop_engine.charts.numbers import months
from sop_engine.executive_sop.window import Window
from sop_engine.finance_review.baselines import BUDGET, LAST, PRIOR, START, Baseline
from sop_engine.finance_review.lineage import built_from


def show(page: Page) -> None:
    """Units, revenue, margin and profit of every baseline over a span, and the gap of the estimate to it."""
    window = st.segmented_control(
        "Span",
        list(WINDOWS),
        default=Window.FISCAL_YEAR,
        format_func=WINDOWS.__getitem__,
        required=True,
        key="baseline_span",
        label_visibility="collapsed",
    )
    calendar, currency = page.plan.inputs.calendar, page.plan.inputs.money.base_currency
    periods = finance_baselines.span_periods(calendar, window)
    found = found_baselines(page)
    table = finance_baselines.baselines_table(found.values(), page.view, periods)
    span = span_name(page, window, periods)
    moved = page.plan is not page.baseline
    scope = page.view.words or "whole company"
    if table["revenue"].notna().any():
        figure = finance_baselines.baselines_figure(table, span, scope, currency, moved, page.style)
        chart(figure, "finance_baselines", "Baselines side by side", lambda: table)
    else:
        unknown("revenue", "load price; units are below.")
    if window == Window.FISCAL_YEAR:
        run_rates(found.values(), table, int((periods >= 0).sum()), currency)
    elapsed = int((periods < 0).sum())
    ranked_table(_columns(table, currency, len(periods), elapsed), "finance_baselines_all")
    if elapsed and table["operating_profit"].notna().any():
        st.caption(
            f"Operating profit is of the {len(periods) - elapsed} months to go: freight, carrying and other "
            f"supply choices of the {elapsed} elapsed ones are not on file."
        )
    _absent(found.values())
    st.markdown("**Built from**")
    _built_from(page, found.values())


def span_name(page: Page, window: Window, periods: np.ndarray) -> str:
    """The span as the beginning of a sentence: "Fiscal year 2014 (0 actual, 12 to go)"."""
    calendar = page.plan.inputs.calendar
    labels = [calendar.labels[calendar.now + period] for period in periods]
    if window == Window.FISCAL_YEAR:
        year, elapsed = calendar.fiscal_years[calendar.now], int((periods < 0).sum())
        return f"Fiscal year {year} ({elapsed} actual, {len(periods) - elapsed} to go)"
    return months(labels)


def run_rates(found: Iterable[Baseline], table: pd.DataFrame, to_go: int, currency: str) -> None:
    """What the rest of the year must bring to reach each budget."""
    for baseline in found:
        words = finance_baselines.run_rate_words(table, baseline.label, to_go, currency)
        if baseline.kind == BUDGET and words:
            st.caption(escaped(words))


def _columns(table: pd.DataFrame, currency: str, whole: int, elapsed: int) -> pd.DataFrame:
    """The table as it is read: what no baseline knows is left out; operating profit says it where months of
    the span have passed."""
    table = table.assign(months=[f"{months} of {whole}" for months in table["months"]])
    names = {
        "baseline": "baseline",
        "months": "months",
        "revenue": "revenue",
        "gap": f"revenue gap, {currency}".rstrip(", "),
        "attainment_pct": "attainment %",
        "gross_margin": "gross margin",
        "margin_gap": f"margin gap, {currency}".rstrip(", "),
        "gm_pct": "GM %",
        "operating_profit": f"operating profit{', to go' * bool(elapsed)}",
        "units": "units",
        "needed": "revenue a month to go",
    }
    return table[list(names)].dropna(axis=1, how="all").rename(columns=names)


def _absent(found: Iterable[Baseline]) -> None:
    """Says which of the usual baselines is missing, and why."""
    kinds = {baseline.kind for baseline in found}
    words = {
        BUDGET: "No budget is loaded: load budget.csv with version, family, period, units, revenue and "
        "gross margin.",
        LAST: "No last estimate: no plan was published, and no finance review signed, in an earlier cycle.",
        PRIOR: "No prior year: the history does not reach back so far.",
        START: "This cycle's start is its baseline: nothing was judged in it yet.",
    }
    missing = [sentence for kind, sentence in words.items() if kind not in kinds]
    if missing:
        st.caption(escaped(" ".join(missing)))


def _built_from(page: Page, found: Iterable[Baseline]) -> None:
    """Under each baseline the records that it rests on."""
    columns = st.columns(2, gap="medium")
    last = estimate_before(page.plan.inputs.cycle)
    for at, baseline in enumerate(found):
        facts = built_from(session.warehouse(), page.plan.inputs, baseline, page.plan.scenario, last)
        with columns[at % 2].container(border=True, gap="xxsmall"):
            st.markdown(f"**{escaped(baseline.label)}**")
            st.caption("\n".join(f"- {escaped(fact)}" for fact in facts))
