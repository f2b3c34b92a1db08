"""What the numbers rest on: how fresh the data is, what each review can compute, what the source lacked."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts.numbers import day, full, month
from sop_engine.warehouse.readiness import readiness


def show(page: Page) -> None:
    """How fresh the data is and what each review can compute with it."""
    inputs, warehouse = page.plan.inputs, session.warehouse()
    last = warehouse.read('SELECT max("at") AS "at", max_by(who, "at") AS who FROM upload').iloc[0]
    rows = warehouse.rows()
    loaded = "" if pd.isna(last["at"]) else f", loaded {day(last['at'].date())} by {last['who']}"
    st.markdown(
        escaped(
            f"{inputs.company}: actuals to {month(inputs.calendar.history_labels[-1])}, "
            f"{full(sum(rows.values()))} rows in "
            f"{sum(count > 0 for count in rows.values())} tables{loaded}; data version {inputs.version[:6]}."
        )
    )
    ranked_table(ready_table(rows), "cycle_readiness")
    st.page_link("pages/data.py", label="Load data, templates, dictionary", icon=":material/database:")
    _source_assumptions()


def ready_table(rows: dict[str, int]) -> pd.DataFrame:
    """review, can compute ("3 of 3"), missing tables."""
    by_review = defaultdict(list)
    for ability in readiness(rows):
        by_review[ability.review].append(ability)
    return pd.DataFrame(
        [
            (
                review,
                f"{sum(ability.ready for ability in abilities)} of {len(abilities)}",
                ", ".join(dict.fromkeys(table for ability in abilities for table in ability.missing))
                or "nothing",
            )
            for review, abilities in by_review.items()
        ],
        columns=["review", "can compute", "missing tables"],
    )


def _source_assumptions() -> None:
    """What was assumed because the source of the data lacks it, so that nobody takes it for a fact."""
    rows = session.warehouse().read(
        'SELECT number, "table", "column", assumption, why FROM data_assumption ORDER BY number'
    )
    if rows.empty:
        return
    with st.expander(
        f"{len(rows)} assumptions in the data that is loaded", icon=":material/info:", key="data_assumptions"
    ):
        st.dataframe(
            rows, hide_index=True, key="assumption_frame", alt="Assumptions in the data", row_height=48
        )
