"""The proof of what is on the screen, kept until the data or the scenario changes, and its table."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.frame import session
from pages.frame.page import Page
from sop_engine.charts import proof as charts
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import Check
from sop_engine.proof.checks import data_checks, hash_now, kept_check, no_plan, plan_checks

VERIFIED_AT_ONCE = 3  # kept plans; each takes half a second on a company of 400 products
_CELLS = """SELECT snapshot_id, count(*) || '-' || bit_xor(hash(c)) AS cells
FROM plan_snapshot_cell c GROUP BY snapshot_id"""


def proof_of(page: Page) -> tuple[Check, ...]:
    """Every check of the data, of the working plan and of the plans kept."""
    scenario = page.plan.scenario.to_json()
    return (*data_proof(), *_of_plan(_key(), scenario, page.plan, page.baseline), kept_proof())


def data_proof() -> tuple[Check, ...]:
    """The checks of the stored tables."""
    return _of_data(session.warehouse_path(), session.warehouse().revision)


def broken_proof() -> tuple[Check, ...]:
    """The checks of data that cannot be planned, with why; () where it can be planned.

    Data that breaks a rule may break anything behind it, so whatever that raises is its consequence.
    """
    data = data_proof()
    try:
        session.plans()
    except Exception as fault:
        if all(check.passed for check in data):
            raise
        return (*data, no_plan(fault), kept_proof())
    return ()


def kept_proof(every: bool = False) -> Check:
    """Plans that were kept still have their hash: the newest, those that were looked at before, or all."""
    known, kept = _looked_at(session.warehouse_path()), session.recorded("plan_snapshot")
    unknown = [key for key in _kept_keys() if key not in known]
    for key in unknown if every else unknown[:VERIFIED_AT_ONCE]:
        known[key] = hash_now(session.warehouse(), key[0])
    return kept_check(kept, {key[0]: known[key] for key in _kept_keys() if key in known})


def left_to_verify() -> int:
    """How many kept plans nobody has looked at since the program started."""
    known = _looked_at(session.warehouse_path())
    return sum(key not in known for key in _kept_keys())


def _kept_keys() -> list[tuple[str, str]]:
    """(snapshot, fingerprint of its cells) of the plans kept, the newest first."""
    cells = _cells_of(session.warehouse_path(), session.warehouse().revision)
    return [
        (snapshot, cells.get(snapshot, ""))
        for snapshot in session.recorded("plan_snapshot")["snapshot_id"][::-1]
    ]


def show_checks(checks: Sequence[Check], key: str, select: bool = False) -> Check | None:
    """The checks, those that fail first, residuals in full; with `select` the one that is clicked."""
    exact = {name: st.column_config.NumberColumn(format="%.3g") for name in ("residual", "allowed")}
    more = {"on_select": "rerun", "selection_mode": "single-row"} if select else {}
    chosen = st.dataframe(
        charts.check_table(checks),
        hide_index=True,
        key=key,
        height="content",
        column_config=exact,
        alt="Checks with what must hold, residual and tolerance",
        **more,
    )
    rows = chosen.selection.rows if select else ()
    return charts.failed_first(checks)[rows[0]] if rows and rows[0] < len(checks) else None


def _key() -> str:
    return f"{session.warehouse_path()} {session.data_key()}"


@st.cache_resource(show_spinner="Holding the tables against their rules", max_entries=2)
def _of_data(path: str, revision: int) -> tuple[Check, ...]:
    return data_checks(session.warehouse())


@st.cache_resource(show_spinner="Proving the plan", max_entries=8)
def _of_plan(key: str, scenario: str, _plan: Plan, _unmoved: Plan) -> tuple[Check, ...]:
    return plan_checks(_plan, _unmoved, session.warehouse())


@st.cache_resource(show_spinner=False, max_entries=2)
def _looked_at(path: str) -> dict[tuple[str, str], str]:
    """{(snapshot, its cells): hash}: a kept plan is hashed once, and again where its cells change."""
    return {}


@st.cache_resource(show_spinner=False, max_entries=2)
def _cells_of(path: str, revision: int) -> dict[str, str]:
    rows = session.warehouse().read(_CELLS)
    return dict(zip(rows["snapshot_id"], rows["cells"], strict=True))
