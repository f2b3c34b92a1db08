"""What all sessions share, read or solved once and kept under what it depends on: the open warehouse, tables
of a commit, inputs, plans, scorecards.

The compiled supply model is the one mutable thing that sessions share: one per data version, solved behind
its own lock.
"""

from __future__ import annotations

import gc
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from sop_engine.errors import RecordError
from sop_engine.executive_sop.moved import moved_inputs
from sop_engine.executive_sop.scorecard import Scorecard, scorecard
from sop_engine.inputs import Inputs, read_inputs, settled, with_judgement
from sop_engine.inputs.reader import without_request
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan, plan
from sop_engine.records import last_published, of_cycle
from sop_engine.records.requests import included, requests_until
from sop_engine.requests import Standing, asked_cells, standing
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.supply_review.model import SupplyModel, compile_model, judged_since
from sop_engine.warehouse import Warehouse, open_warehouse

PLANS_KEPT = 16  # some 20 MB each on a company of 400 products
_STATE = """
SELECT coalesce((SELECT rows FROM data_version WHERE "table" = 'sales_history'), 0) AS history,
       (SELECT content_hash FROM data_version WHERE "table" = '') AS data,
       (SELECT string_agg(correction_id, ',' ORDER BY correction_id)
        FROM history_correction WHERE active AND status = 'accepted') AS corrections,
       (SELECT string_agg(override_id, ',' ORDER BY override_id) FROM override WHERE active) AS overrides,
       (SELECT string_agg(lock_id, ',' ORDER BY lock_id) FROM demand_lock WHERE active) AS locks,
       (SELECT string_agg(request_id || md5(levers) || answered_at, ',' ORDER BY request_id)
        FROM request WHERE status IN ('accepted', 'part') AND levers <> '') AS requests
"""


@st.cache_resource(show_spinner=False, max_entries=4)
def opened(path: str) -> Warehouse:
    return open_warehouse(path)


@st.cache_resource(show_spinner=False, max_entries=4)
def state(path: str, revision: int) -> tuple[str, str]:
    """What is loaded, "" where there is nothing to plan, and what is judged on it."""
    state = opened(path).read(_STATE).iloc[0].astype(str)
    loaded, judged = state[["history", "data", "corrections"]], state[["overrides", "locks", "requests"]]
    return ("|".join(loaded), "|".join(judged)) if loaded["history"] != "0" else ("", "")


@st.cache_resource(show_spinner=False, max_entries=4)
def hold(
    path: str, version: str, _key: tuple[str, str] | None, _inputs: Inputs | None
) -> tuple[tuple[str, str], Inputs]:
    """What was held under this version in this process; a fault is not kept, so that it can be held later."""
    if _key is None or _inputs is None:
        raise RecordError(
            f"The data of version {version[:6]} is no longer at hand, because the app was started again. "
            "Move on to today's data."
        )
    return _key, _inputs


@st.cache_resource(show_spinner=False, max_entries=64)
def recorded(path: str, revision: int, table: str, cycle: str) -> pd.DataFrame:
    return of_cycle(opened(path), table, cycle)


@st.cache_resource(show_spinner=False, max_entries=4)
def moved(path: str, revision: int) -> pd.DataFrame:
    return moved_inputs(opened(path).read)


@st.cache_resource(show_spinner=False, max_entries=4)
def requests(path: str, revision: int, version: str, _inputs: Inputs) -> pd.DataFrame:
    rows = requests_until(opened(path).read, _inputs.cycle)
    return rows.assign(included=rows["request_id"].isin(included(_inputs, rows)["request_id"]))


@st.cache_resource(show_spinner="Solving the plan without a request", max_entries=64)
def came_of(version: str, asked: tuple[str, str], _inputs: Inputs, _request: pd.Series) -> Standing:
    without = without_request(_inputs, _request["request_id"], _request["override_id"])
    before = settled(_inputs)
    model = judged_since(_compiled(before.version, before.cycle, before), without)
    scope = _request[["product", "family", "market"]]
    span = (_request[name].date() for name in ("from_period", "to_period"))
    return standing(
        plan(without, BASELINE, model),
        plan_of(_inputs, BASELINE),
        asked_cells(_inputs, *scope, *span),
        _request["measure"],
        float(_request["accepted_amount"]),
    )


@st.cache_resource(show_spinner=False, max_entries=4)
def published_last(path: str, revision: int) -> pd.Series | None:
    return last_published(opened(path))


@st.cache_resource(show_spinner=False, max_entries=4)
def fitted(path: str) -> set[str]:
    return set()


@st.cache_resource(show_spinner="Reading the data", max_entries=2)
def _loaded(path: str, key: str) -> Inputs:
    return read_inputs(opened(path))


@st.cache_resource(show_spinner=False, max_entries=4)
def inputs_of(path: str, loaded: str, judged: str) -> Inputs:
    return with_judgement(_loaded(path, loaded), Tables(opened(path).read))


def spare_the_collector() -> None:
    """Takes what lives as long as the data does out of the collector's way.

    Streamlit collects after every rerun, before the last message is sent, and would walk all of it each time.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner="Solving the first plan of this data", max_entries=2)
def _compiled(version: str, cycle: str, _inputs: Inputs) -> SupplyModel:
    model = compile_model(_inputs)
    spare_the_collector()
    return model


@st.cache_resource(show_spinner=False, max_entries=4)
def _model(version: str, cycle: str, _inputs: Inputs) -> SupplyModel:
    before = settled(_inputs)
    return judged_since(_compiled(before.version, cycle, before), _inputs)


def model_of(data: Inputs) -> SupplyModel:
    """The compiled model that every session solves on; who solves for long takes it `apart`."""
    return _model(data.version, data.cycle, data)


def plan_of(data: Inputs, scenario: Scenario) -> Plan:
    """The solved plan of a scenario, whatever its name. Raises SopError."""
    return _plan(data.version, data.cycle, replace(scenario, name="").to_json(), data)


@st.cache_resource(show_spinner=False, max_entries=PLANS_KEPT)
def _plan(version: str, cycle: str, scenario: str, _inputs: Inputs) -> Plan:
    return plan(_inputs, Scenario.from_json(scenario), _model(version, cycle, _inputs))


@st.cache_resource(show_spinner=False, max_entries=4 * PLANS_KEPT)
def card_of(
    version: str,
    scenario: str,
    window: str,
    masks: tuple[bytes | None, ...],
    _plan: Plan,
    _products: np.ndarray | None,
    _markets: np.ndarray | None,
) -> Scorecard:
    return scorecard(_plan, window, _products, _markets)
