"""What ends, when, and what is left of it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.page import Page, ranked_table
from pages.product.pipeline import launch_words


def show(page: Page) -> None:
    """What ends, when, and what takes its place."""
    inputs = page.plan.inputs
    if not inputs.demand.phase_outs:
        st.caption("No phase-out is planned.")
        return
    names = inputs.products.name
    rows = [
        (
            names[one.product],
            launch_words(page, one.end),
            names[one.successor] if one.successor >= 0 else "-",
            100 * one.transfer,
        )
        for one in inputs.demand.phase_outs
    ]
    ranked_table(
        pd.DataFrame(rows, columns=["product", "not sold from", "successor", "demand that moves %"]),
        "product_phase_outs",
    )
