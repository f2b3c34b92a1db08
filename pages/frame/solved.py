"""What pages work out once and keep until the data changes: what is solved when somebody asks for it, the
hours that resources demonstrated; and what was solved, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import numpy as np
import streamlit as st

from pages.frame import session
from sop_engine.charts.numbers import signed
from sop_engine.inputs import Inputs
from sop_engine.inputs.demonstrated import read_demonstrated
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan
from sop_engine.remedies.change import change_between

Found = TypeVar("Found")
Told = Callable[[float, str], object]  # share of the work that is done, and words


def when_asked(
    question: Hashable, label: str, key: str, work: Callable[[Told], list[Found]], kind: str = "secondary"
) -> list[Found] | None:
    """The answer to a question on today's data: kept, or worked out with progress when the button is clicked;
    None before that. It waits to be asked, so that a slider is not held up by what nobody looks at.

    question: all that the answer depends on beside the data; label, key, kind: of the button
    work: is given what shows progress; returns figures only, no plans
    """
    kept = _kept(session.warehouse_path(), session.data_key())
    place = st.empty()
    if question not in kept and place.button(label, key=key, type=kind):
        place.progress(0.0, "Solving")
        kept[question] = work(place.progress)
        place.empty()
    return kept.get(question)


def counted(found: Iterable[Found], count: int, told: Told) -> list[Found]:
    """All that is found, telling after each how many of `count` are done."""
    done: list[Found] = []
    for one in found:
        done.append(one)
        told(len(done) / count, f"Solving: {len(done)} of {count}")
    return done


def solved_words(before: Plan, after: Plan) -> str:
    """What a solved plan has more than another, over the whole plan; money only where it is known."""
    inputs = after.inputs
    change = change_between(before, after, np.arange(inputs.calendar.horizon))
    parts = [f"{signed(change.units)} units on time"]
    money = {"revenue": change.revenue, "operating profit": change.gain, "cash": change.cash}
    known = {name: amount for name, amount in money.items() if not np.isnan(amount)}
    if known:
        parts += [f"{name} {signed(amount)}" for name, amount in known.items()]
        parts[-1] += f" {inputs.money.base_currency}".rstrip()
    return f"Over the whole plan: {', '.join(parts)}."


def demonstrated(inputs: Inputs) -> np.ndarray:
    """(resources, periods) demonstrated hours, NaN where none are loaded."""
    return _demonstrated(session.data_key(), inputs)


@st.cache_resource(show_spinner=False, max_entries=2)
def _kept(path: str, data_key: str) -> dict[Hashable, list]:
    return {}


@st.cache_resource(show_spinner=False, max_entries=2)
def _demonstrated(key: str, _inputs: Inputs) -> np.ndarray:
    tables = Tables(session.warehouse().read)
    return read_demonstrated(tables, _inputs.calendar, _inputs.network.resources)
