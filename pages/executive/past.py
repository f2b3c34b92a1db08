"""The baselines of earlier cycles, which say how far forecasts are off."""

from __future__ import annotations

import streamlit as st

from pages.frame import session
from sop_engine.replays import Replays, read_replays

_STORED = "SELECT string_agg(DISTINCT history_version, ',' ORDER BY history_version) AS versions FROM replay"


def replays_at_hand() -> Replays | None:
    """The replayed baselines of today's history, None where nobody had them replayed yet (the scoreboard of
    the demand review does)."""
    stored = str(session.warehouse().read(_STORED)["versions"][0])
    return _replays(session.warehouse_path(), session.data_key(), stored)


@st.cache_resource(show_spinner=False, max_entries=2)
def _replays(path: str, key: str, stored: str) -> Replays | None:
    found = read_replays(session.warehouse())
    return found if found.units.any() else None
