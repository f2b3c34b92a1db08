"""Who looks at what: the open warehouse, the inputs of its data, solved plans, and this session's working
scenario.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import cached
from sop_engine.errors import RecordError, ScenarioError
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.executive_sop.window import Window
from sop_engine.inputs import Inputs, settled
from sop_engine.plan import Plan
from sop_engine.records import save_scenario
from sop_engine.refresh import refresh
from sop_engine.requests import Standing
from sop_engine.scenario import BASELINE, Lever, Scenario, misfits
from sop_engine.warehouse import Warehouse

ADDRESS = "scenario"


def warehouse_path() -> str:
    """The file the app works on: SOP_WAREHOUSE, or data/sop.duckdb."""
    return os.environ.get("SOP_WAREHOUSE", "data/sop.duckdb")


def warehouse() -> Warehouse:
    """The one open warehouse of this process."""
    return cached.opened(warehouse_path())


def is_empty() -> bool:
    """Whether there is nothing to plan: no sales history."""
    return not data_key()


def data_key() -> str:
    """Changes exactly when the inputs do: planner data, accepted corrections of the history, overrides,
    locks and levers of accepted requests. "" where there is nothing to plan.
    """
    return "/".join(filter(None, _held(pinned())[0] if pinned() else _today()))


def inputs() -> Inputs:
    """The inputs this session is pinned to, or those of today's data; fits the statistical baseline first,
    with progress, where it is stale. Raises RecordError where the pinned inputs are no longer at hand.
    """
    return _held(pinned())[1] if pinned() else _inputs_of(*_today())


def pinned() -> str:
    """Version of the inputs that this session holds on to, "" where it follows the data."""
    return st.session_state.get("pinned", "")


def pin(version: str = "") -> str:
    """Holds this session to inputs of a version that the app still has in memory, or to today's, so that no
    load moves what it shows; returns their version. Raises RecordError where they are no longer at hand.
    """
    unpin()
    today = _today()
    data = _inputs_of(*today)
    if version in ("", data.version):
        _held(data.version, today, data)
    else:
        _held(version)
    st.session_state.pinned = version or data.version
    return st.session_state.pinned


def unpin() -> None:
    """This session follows the data again."""
    st.session_state.pop("pinned", None)


def is_behind() -> bool:
    """Whether the data moved on from what this session is pinned to."""
    return bool(pinned()) and _held(pinned())[0] != _today()


def plan_for(scenario: Scenario) -> Plan:
    """The solved plan of a scenario on today's data; kept for all sessions. Raises SopError."""
    return cached.plan_of(inputs(), scenario)


def plans() -> tuple[Plan, Plan]:
    """The plan with no lever moved and that of the working scenario, both on the same data."""
    data = inputs()
    return cached.plan_of(data, BASELINE), cached.plan_of(data, working())


def plan_at_start() -> Plan:
    """The plan before what was judged in this cycle, no lever moved; the baseline where nothing was."""
    data = inputs()
    before = settled(data)
    same = (before.demand.overrides, before.adopted) == (data.demand.overrides, data.adopted)
    return cached.plan_of(data if same else before, BASELINE)


def card_of(
    plan: Plan, window: Window, products: np.ndarray | None = None, markets: np.ndarray | None = None
) -> Scorecard:
    """The scorecard of a plan, of the whole company or of masks; kept for all sessions."""
    masks = tuple(None if mask is None else mask.tobytes() for mask in (products, markets))
    return cached.card_of(
        plan.inputs.version + plan.inputs.cycle,
        plan.scenario.to_json(),
        str(window),
        masks,
        plan,
        products,
        markets,
    )


def working() -> Scenario:
    """This session's scenario: taken from the address when the session starts, the baseline otherwise."""
    if "working" not in st.session_state:
        st.session_state.past = []
        st.session_state.working = _from_address()
    return st.session_state.working


def work_on(scenario: Scenario) -> None:
    """Makes this the working scenario; `undo` gives the one before back."""
    if scenario != working() or scenario.name != working().name:
        st.session_state.past = [*st.session_state.past[-49:], working()]
        st.session_state.working = scenario


def move(lever: Lever) -> None:
    """Moves one lever of the working scenario; what is moved is no longer the stored scenario, so it loses
    its name.
    """
    work_on(replace(working().with_lever(lever), name=""))


def remove(lever: Lever) -> None:
    work_on(replace(working().without(lever), name=""))


def undo() -> None:
    if st.session_state.get("past"):
        st.session_state.working = st.session_state.past.pop()


def can_undo() -> bool:
    return bool(st.session_state.get("past"))


def drop_misfits() -> tuple[Lever, ...]:
    """Takes the levers that name what today's data does not hold out of the working scenario; returns
    them.
    """
    gone = misfits(working(), inputs())
    if gone:
        kept = tuple(lever for lever in working().levers if lever not in gone)
        st.session_state.working = Scenario(kept)
    return gone


def mirror_address() -> None:
    """Writes the working scenario into the address, so that the link reproduces it."""
    text = None if working().is_baseline else working().to_json()
    if text is None:
        st.query_params.pop(ADDRESS, None)
    elif st.query_params.get(ADDRESS) != text:
        st.query_params[ADDRESS] = text


def save(name: str, who: str) -> None:
    """Stores the working scenario under a name and goes on working on it. Raises RecordError."""
    data, named = inputs(), replace(working(), name=name.strip())
    save_scenario(warehouse(), named, cycle=data.cycle, data_version=data.version, who=signed(who), at=now())
    st.session_state.working = named


def recorded(table: str, cycle: str = "") -> pd.DataFrame:
    """Rows of a process table, of one cycle or of all; read once for each commit, so not to be changed."""
    return cached.recorded(warehouse_path(), warehouse().revision, table, cycle)


def moved() -> pd.DataFrame:
    """What moved the inputs, in order: at, who, what, judged."""
    return cached.moved(warehouse_path(), warehouse().revision)


def requests() -> pd.DataFrame:
    """Requests up to this cycle in the order they were made, with `included`: whether the plan holds them."""
    return cached.requests(warehouse_path(), warehouse().revision, inputs().version, inputs())


def came_of(request: pd.Series) -> Standing:
    """What an accepted request that the plan holds achieved: solved again without it, kept for all sessions.
    Raises SopError.
    """
    asked = (request["request_id"], str(request["answered_at"]))
    return cached.came_of(inputs().version, asked, inputs(), request)


def stored_scenarios() -> pd.DataFrame:
    """Scenarios of this cycle in the order they were saved, columns as in schema.sql."""
    return recorded("scenario", inputs().cycle)


def published_last() -> pd.Series | None:
    """The plan version published last, None where there is none."""
    return cached.published_last(warehouse_path(), warehouse().revision)


def name_input(place: str) -> str:
    """Asks, in a form, for the name under which this session records; given once, it stands in every form."""
    key = f"who_{place}"
    if not st.session_state.get(key):
        st.session_state[key] = st.session_state.get("who", "")
    name = st.text_input("Your name", key=key, width=260).strip()
    if name:
        st.session_state.who = name
    return name


def signed(name: str) -> str:
    """The name, if there is one. Raises RecordError where nobody is named."""
    if not name:
        raise RecordError("Nobody is named. Write your name, so that the record says who did it.")
    return name


def now() -> datetime:
    """The clock, read here and handed to the engine; to the microsecond, so that records keep their order."""
    return datetime.now()


def _from_address() -> Scenario:
    try:
        return Scenario.from_json(st.query_params.get(ADDRESS) or BASELINE.to_json())
    except ScenarioError as fault:
        st.error(f"The address holds no scenario, so this is the baseline. {fault}")
        return BASELINE


def _today() -> tuple[str, str]:
    return cached.state(warehouse_path(), warehouse().revision)


def _held(
    version: str, key: tuple[str, str] | None = None, data: Inputs | None = None
) -> tuple[tuple[str, str], Inputs]:
    return cached.hold(warehouse_path(), version, key, data)


def _inputs_of(loaded: str, judged: str) -> Inputs:
    fitted = cached.fitted(warehouse_path())
    if loaded not in fitted:
        _fit()
        fitted.add(loaded)
    return cached.inputs_of(warehouse_path(), loaded, judged)


def _fit() -> None:
    place = st.empty()

    def show(done: int, total: int) -> None:
        place.progress(
            min(1.0, done / max(total, 1)), f"Fitting the statistical baseline: {done} of {total} series"
        )

    refresh(warehouse(), progress=show, who="app", at=now())
    place.empty()
