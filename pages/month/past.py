"""The cycles before this one: what each signed, published, decided and left open."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import ranked_table
from sop_engine.charts.cycle import past_table

TABLES = ("stage", "plan_snapshot", "plan_version", "decision", "note", "assumption")


def show(cycle: str) -> None:
    """One row per earlier cycle, the last one first."""
    cycles = session.recorded("cycle")
    earlier = cycles[cycles["cycle"] < cycle]
    if earlier.empty:
        st.caption("This is the first cycle.")
        return
    records: dict[str, pd.DataFrame] = {table: session.recorded(table) for table in TABLES}
    ranked_table(past_table(earlier, records), "past_cycles_table")
    if earlier["sample"].any():
        st.caption(
            "Sample: a cycle of the sample company's past. Its baseline is replayed from the data as it "
            "stood then, and nobody signed it; its decisions, assumptions and actions are made up and count "
            "in no figure."
        )
