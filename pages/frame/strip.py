"""The impact strip: the same seven figures on every page, of the whole company, against a stated baseline."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.frame import session
from sop_engine.charts.numbers import (
    UNKNOWN,
    change_pct,
    full,
    month,
    percent,
    points,
    short,
    signed,
)
from sop_engine.executive_sop.scorecard import Delta, Scorecard, Verdict, compare
from sop_engine.executive_sop.window import Window
from sop_engine.inputs import Inputs
from sop_engine.plan import adopted_levers

WINDOWS = {
    Window.FISCAL_YEAR: "Fiscal year",
    Window.NEXT_3: "Next 3",
    Window.NEXT_12: "Next 12",
    Window.ALL: "All",
}
START, BASELINE, APPROVED, BUDGET = "before overrides", "baseline", "approved plan", "budget"
_AGAINST = {
    START: "against today's data before this cycle's overrides and accepted requests",
    BASELINE: "against no lever moved",
    APPROVED: "against the plan approved last",
    BUDGET: "against the budget",
}
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


def baseline_control(judged: bool, approved: bool, budget: bool) -> str:
    """What the deltas are measured against, kept across pages: the plan on today's data before this cycle's
    overrides and accepted requests where there are any, the plan with no lever moved, the plan approved last,
    or the budget. Data that was restated stands on both sides of the first two.
    """
    offered = {START: judged, BASELINE: True, APPROVED: approved, BUDGET: budget}
    options = [words for words, there in offered.items() if there]
    if judged and st.session_state.get("strip_judged") is False:  # what was just judged shows at once
        st.session_state.strip_baseline = START
    st.session_state.strip_judged = judged
    if st.session_state.get("strip_baseline") not in (None, *options):
        st.session_state.strip_baseline = options[0]
    return st.selectbox(
        "Compared with",
        options,
        format_func=lambda words: f"vs {words}",
        key="strip_baseline",
        persist_state="session",
        label_visibility="collapsed",
        width=165,
    )


def strip(card: Scorecard, against: Scorecard) -> None:
    """The whole company's seven figures and how far each moved; below them, once, in what and of when."""
    with st.container(key="strip", gap=None):
        for column, delta, note in zip(
            st.columns(7, gap="xsmall"), compare(card, against), _notes(card), strict=True
        ):
            overloaded = delta.figure.key == "required_load_peak_pct" and card.overloads
            with column.container(gap=None):
                _metric(delta, note, f"{card.overloads} > 100 %" if overloaded else "")
        held = _AGAINST.get(st.session_state.get("strip_baseline", ""), "")
        words = [basis_words(card), held, adopted_words(session.inputs())]
        st.caption(escaped(" · ".join(filter(None, words))))


def second_line(words: str, card: Scorecard, against: Scorecard) -> None:
    """The same figures of the filter, named by its words."""
    with st.container(key="strip_filter"):
        for position, (column, delta) in enumerate(
            zip(st.columns(7, gap="xsmall"), compare(card, against), strict=True)
        ):
            moved = delta.verdict is not Verdict.NOTHING
            color = _COLORS[delta.verdict] if moved else ""
            change = f" :{color}[{escaped(delta_words(delta))}]" if moved else ""
            lead = f"{escaped(words)}: " if position == 0 else ""
            column.markdown(f"{lead}**{escaped(value_words(delta.value, delta.figure.unit))}**{change}")


def escaped(text: str) -> str:
    """Text that holds names from planner data, so that none of it is read as Markdown, nor its beginning as a
    bullet or a number of a list.
    """
    plain = re.sub(r"([\\`*_\[\]<>$~#|:])", r"\\\1", text)
    return re.sub(r"^(\s*\d*)([-+.)])(?=\s|$)", r"\1\\\2", plain, flags=re.MULTILINE)


def basis_words(card: Scorecard) -> str:
    """What the figures are in and of when, months written out: "USD · fiscal year 2014: 0 actual, 12 to go
    (Jan 14 to Dec 14)".
    """
    words = " ".join(_word(word) for word in card.period.split(" "))
    return f"{card.currency} · {words}" if card.currency else words


def adopted_words(inputs: Inputs) -> str:
    """The levers that accepted requests put beneath every scenario, each with its request:
    "accepted: Saturdays of Final assembly (R2)".
    """
    levers = [
        f"{' '.join(map(_word, lever.in_words().split(' ')))} ({request.rpartition('-')[2]})"
        for lever, request in adopted_levers(inputs).items()
    ]
    return f"accepted: {'; '.join(levers)}" if levers else ""


def _word(word: str) -> str:
    bare = word.strip("(),")
    return word.replace(bare, month(bare)) if bare else word


def _metric(delta: Delta, note: str, aside: str) -> None:
    st.metric(
        delta.figure.label,
        value_words(delta.value, delta.figure.unit),
        delta=delta_words(delta),
        delta_color=_COLORS[delta.verdict],
        delta_arrow="off" if delta.verdict is Verdict.NOTHING else "auto",
        delta_description=aside or None,
        help=_help(delta),
    )
    st.caption(escaped(note))


def value_words(value: float, unit: str) -> str:
    """A figure in three significant digits or percent."""
    return percent(value) if unit == "%" else short(value)


def delta_words(delta: Delta) -> str:
    """The move with its sign, and in % of the base for money; "±0" below the tolerance, "-" where a side is
    not known.
    """
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
    return (
        f"{full(card.demand_units)} units",
        "on time, by value",
        f"budget {signed(card.budget_gap)}",
        f"{percent(card.gross_margin_pct)}, budget {signed(card.margin_budget_gap)}",
        f"{short(card.inventory_days)} days, at the end",
        f"{card.peak_resource}, {month(card.peak_period)}" if card.peak_resource else UNKNOWN,
        "to go, before fixed cost",
    )
