"""Lever widgets, made from the specification of each lever: a scope, then sliders that act on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from pages.frame import session
from pages.frame.filters import market_options
from pages.frame.scenario_menu import chips, undo_and_reset
from sop_engine.charts.numbers import month
from sop_engine.inputs import Inputs
from sop_engine.scenario import LEVERS, Lever, LeverKind

_LEAD_SETTING = {
    LeverKind.EXTRA_SHIFT: "extra_shift_lead_periods",
    LeverKind.SATURDAYS: "saturday_lead_periods",
}


@dataclass(frozen=True)
class Scope:
    """What a lever acts on; "" is everything, or as early and as long as it can."""

    target: str = ""
    market: str = ""
    first: str = ""
    last: str = ""

    def lever(self, kind: LeverKind, value: float, spend: float = 0.0) -> Lever:
        return Lever(kind, value, self.target, self.market, self.first, self.last, spend)


def panel_foot(key: str) -> None:
    """Below the levers of a page: those that are active, on whatever page, with undo and reset."""
    undo_and_reset(key)
    chips(f"{key}_chips")


def target(
    name: str, options: Sequence[str], everything: str | None, names: dict[str, str] | None = None
) -> str:
    """Chooses what to move; `everything` names the choice of all, None where one must be chosen."""
    choices = list(options) if everything is None else ["", *options]
    words = names or {}
    return st.selectbox(
        name,
        choices,
        format_func=lambda label: words.get(label, label) or everything,
        key=f"lever_target_{name}",
        persist_state="session",
        label_visibility="collapsed",
    )


def market(inputs: Inputs) -> str:
    """Chooses a region, channel or market."""
    return st.selectbox(
        "Market",
        ["", *market_options(inputs)],
        format_func=lambda label: label or "All markets",
        key="lever_market",
        persist_state="session",
        label_visibility="collapsed",
    )


def months(inputs: Inputs, key: str) -> tuple[str, str]:
    """Chooses the first and last month in which a lever acts; ("", "") is from the first that is not frozen
    to the end.
    """
    calendar = inputs.calendar
    labels = calendar.plan_labels[calendar.frozen : calendar.horizon]
    if len(labels) < 2:
        return "", ""
    first, last = st.select_slider(
        "Months in which it acts",
        labels,
        value=(labels[0], labels[-1]),
        format_func=month,
        key=f"lever_months_{key}",
        persist_state="session",
    )
    return "" if first == labels[0] else first, "" if last == labels[-1] else last


def slider(
    kind: LeverKind, scope: Scope, inputs: Inputs, baseline: float | None = None, note: str = ""
) -> float:
    """The slider of one lever on a scope; moving it changes the working scenario. Returns its value.

    baseline: the value that changes nothing, where the master data says it; note: what it costs or rests on.
    """
    spec = LEVERS[kind]
    neutral = spec.neutral if baseline is None else baseline
    key, value = _bind(kind, scope, neutral)
    whole = float(spec.step).is_integer() and float(spec.low).is_integer() and float(spec.high).is_integer()
    number = int if whole and value == int(value) else float
    st.session_state[key] = number(value)
    st.slider(
        f"{spec.label}: {spec.amount(value)}",
        number(spec.low),
        number(spec.high),
        step=number(spec.step),
        format="%+g" if spec.neutral == 0 and spec.low < 0 else "%g",
        key=key,
        on_change=_moved,
        args=(key, kind, scope, neutral),
        help=_words(f"Baseline {spec.amount(neutral)}", note),
    )
    st.caption(
        _words(f"baseline {spec.amount(neutral)}, acts from {month(earliest(kind, scope, inputs))}", note)
    )
    return value


def switch(kind: LeverKind, scope: Scope, inputs: Inputs, baseline: bool, note: str = "") -> bool:
    """The same for a lever that is on or off."""
    spec = LEVERS[kind]
    key, value = _bind(kind, scope, float(baseline))
    st.session_state[key] = bool(value)
    st.toggle(spec.label, key=key, on_change=_moved, args=(key, kind, scope, float(baseline)))
    state = "in" if baseline else "out"
    base = f"baseline {state}, " if kind is LeverKind.LAUNCH_IN else ""
    st.caption(_words(f"{base}acts from {month(earliest(kind, scope, inputs))}", note))
    return bool(value)


def spend(kind: LeverKind, scope: Scope, currency: str) -> None:
    """One-off money that buys what the lever does; only where the lever is moved."""
    lever = _active(kind, scope)
    if lever is None:
        return
    key = f"{_key(kind, scope)}_spend"
    st.session_state[key] = lever.spend
    st.number_input(
        f"Spend that buys it, {currency}".rstrip(", "),
        min_value=0.0,
        step=10_000.0,
        format="%.0f",
        key=key,
        on_change=_spent,
        args=(key, lever),
    )


def earliest(kind: LeverKind, scope: Scope, inputs: Inputs) -> str:
    """Label of the first plan bucket in which the lever can act."""
    calendar = inputs.calendar
    lead = int(inputs.settings[_LEAD_SETTING[kind]]) if kind in _LEAD_SETTING else 0
    first = max(calendar.plan_index(scope.first, 0), calendar.frozen, lead)
    return calendar.plan_labels[min(first, calendar.periods - 1)]


def _bind(kind: LeverKind, scope: Scope, neutral: float) -> tuple[str, float]:
    lever = _active(kind, scope)
    return _key(kind, scope), neutral if lever is None else lever.value


def _active(kind: LeverKind, scope: Scope) -> Lever | None:
    wanted = (kind, scope.target, scope.market, scope.first, scope.last)
    return next((lever for lever in session.working().levers if lever.scope == wanted), None)


def _key(kind: LeverKind, scope: Scope) -> str:
    return f"lever_{kind}_{scope.target}_{scope.market}_{scope.first}_{scope.last}"


def _moved(key: str, kind: LeverKind, scope: Scope, neutral: float) -> None:
    value = float(st.session_state[key])
    lever = _active(kind, scope)
    if value == neutral and lever is not None:
        session.remove(lever)
    elif value != neutral:
        session.move(scope.lever(kind, value, lever.spend if lever else 0.0))


def _spent(key: str, lever: Lever) -> None:
    session.move(replace(lever, spend=float(st.session_state[key])))


def _words(lead: str, note: str) -> str:
    return f"{lead}; {note}" if note else lead
