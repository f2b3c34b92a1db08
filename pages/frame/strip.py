"""The impact strip: the same seven figures on every page, of the whole company, against a stated baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from sop_engine.charts.numbers import UNKNOWN, change_pct, full, month, percent, points, short, signed
from sop_engine.charts.view import View
from sop_engine.executive_sop.scorecard import Delta, Scorecard, Verdict, budget_of, compare, scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.plan import Plan

WINDOWS = {
    Window.FISCAL_YEAR: "Fiscal year",
    Window.NEXT_3: "Next 3",
    Window.NEXT_12: "Next 12",
    Window.ALL: "All",
}
BASELINE_WORDS, APPROVED_WORDS, BUDGET_WORDS = "this cycle's baseline", "last approved plan", "budget"
_COLORS = {Verdict.GOOD: "green", Verdict.BAD: "red", Verdict.NEUTRAL: "gray", Verdict.NOTHING: "off"}


def window_control() -> Window:
    """The period the strip speaks of, kept across pages."""
    return st.segmented_control(
        "Period of the figures",
        list(WINDOWS),
        default=Window.FISCAL_YEAR,
        format_func=WINDOWS.__getitem__,
        required=True,
        key="strip_window",
        persist_state="session",
        label_visibility="collapsed",
    )


def baseline_control(approved: bool, budget: bool) -> str:
    """What the deltas are measured against, kept across pages."""
    options = [BASELINE_WORDS, *([APPROVED_WORDS] if approved else []), *([BUDGET_WORDS] if budget else [])]
    if st.session_state.get("strip_baseline") not in (None, *options):
        st.session_state.strip_baseline = BASELINE_WORDS
    return st.selectbox(
        "Compared with",
        options,
        format_func=lambda words: f"vs {words}",
        key="strip_baseline",
        persist_state="session",
        label_visibility="collapsed",
        width=220,
    )


def strip(plan: Plan, baseline: Plan | None, window: Window, view: View | None = None) -> Scorecard:
    """Draws the strip and returns the whole company's scorecard; a filter adds a second line.

    baseline: the plan that deltas are against, None for the budget.
    """
    card = scorecard(plan, window)
    against = budget_of(card) if baseline is None else scorecard(baseline, window)
    filtered = _filtered(plan, baseline, window, view)
    with st.container(key="strip", gap=None):
        columns = st.columns(7, gap="small")
        for column, delta, note in zip(columns, compare(card, against), _notes(card), strict=True):
            with column:
                _metric(delta, note)
        if filtered:
            _second_line(view.words, filtered)
    return card


def period_words(card: Scorecard) -> str:
    """The strip's period as a sentence, months written out: "Fiscal year 2014: 0 actual, 12 to go (Jan 14 to Dec 14)"."""
    words = " ".join(_word(word) for word in card.period.split(" "))
    return words[:1].upper() + words[1:]


def _word(word: str) -> str:
    bare = word.strip("(),")
    return word.replace(bare, month(bare)) if bare else word


def _metric(delta: Delta, note: str) -> None:
    st.metric(
        delta.figure.label,
        value_words(delta.value, delta.figure.unit),
        delta=delta_words(delta),
        delta_color=_COLORS[delta.verdict],
        delta_arrow="off" if delta.verdict is Verdict.NOTHING else "auto",
        help=_help(delta),
    )
    st.caption(note)


def value_words(value: float, unit: str) -> str:
    """A figure in three significant digits or percent."""
    return percent(value) if unit == "%" else short(value)


def delta_words(delta: Delta) -> str:
    """The move with its sign, and in % of the base for money; "±0" below the tolerance, "-" where a side is not known."""
    if np.isnan(delta.delta):
        return UNKNOWN
    if delta.verdict is Verdict.NOTHING:
        return "±0"
    if delta.figure.unit == "%":
        return points(delta.delta)
    return f"{signed(delta.delta)} ({change_pct(delta.value, delta.base)})"


def _help(delta: Delta) -> str:
    write = percent if delta.figure.unit == "%" else full
    return f"{write(delta.value)} against {write(delta.base)}"


def _notes(card: Scorecard) -> Sequence[str]:
    """What stands below each figure."""
    peak = f"{card.peak_resource}, {month(card.peak_period)}" if card.peak_resource else UNKNOWN
    return (
        f"{full(card.demand_units)} units",
        "on time, by value",
        f"{signed(card.budget_gap)} to budget",
        f"{percent(card.gross_margin_pct)} · {signed(card.margin_budget_gap)} to budget",
        f"{short(card.inventory_days)} days, at the end",
        f"{peak} · {card.overloads} above 100 %" if card.overloads else peak,
        "to go, before fixed cost",
    )


def _filtered(plan: Plan, baseline: Plan | None, window: Window, view: View | None) -> tuple[Delta, ...]:
    if view is None or view.whole:
        return ()
    masks = {"products": view.products, "markets": view.markets}
    card = scorecard(plan, window, **masks)
    return compare(card, budget_of(card) if baseline is None else scorecard(baseline, window, **masks))


def _second_line(words: str, deltas: tuple[Delta, ...]) -> None:
    for position, (column, delta) in enumerate(zip(st.columns(7, gap="small"), deltas, strict=True)):
        moved = "" if delta.verdict is Verdict.NOTHING else f" · {delta_words(replace(delta))}"
        lead = f"**{words}** " if position == 0 else ""
        column.markdown(f"{lead}{value_words(delta.value, delta.figure.unit)}{moved}")
