"""The app: page configuration, boot, and the reviews in the order of the process. Start it with: streamlit run app.py"""

from __future__ import annotations

import gc
import os

import streamlit as st

from pages.frame import session
from sop_engine.commands import DEMO
from sop_engine.errors import SopError
from sop_engine.warehouse import load

PAGES = (
    ("pages/cycle.py", "Cycle"),
    ("pages/product_review.py", "Product"),
    ("pages/demand_review.py", "Demand"),
    ("pages/supply_review.py", "Supply"),
    ("pages/finance_review.py", "Finance"),
    ("pages/pre_sop.py", "Pre-S&OP"),
    ("pages/executive_sop.py", "Executive"),
    ("pages/data.py", "Data"),
)
CSS = """<style>
[data-testid="stMetricDelta"] { font-variant-numeric: tabular-nums; }
[data-testid="stMetricValue"] { line-height: 1.25; }
</style>"""


@st.cache_resource(show_spinner=False)
def boot(path: str) -> None:
    """Opens the warehouse and, where it is empty, loads the sample company; then takes the imports out of the collector's way.

    The collector runs after every rerun and would otherwise walk every imported library before the last message is sent.
    """
    if session.is_empty() and os.environ.get("SOP_DEMO") != "0" and DEMO.is_dir():
        files = [(file.name, file.read_bytes()) for file in sorted(DEMO.glob("*.csv"))]
        load(session.warehouse(), files, who="app", at=session.now())
    gc.collect()
    gc.freeze()


def main() -> None:
    """One run of the app for one session."""
    # an emoji, because a material icon of the page would be fetched from the network
    st.set_page_config(page_title="S&OP Live", page_icon="📈", layout="wide", initial_sidebar_state="collapsed")
    st.html(CSS)
    page = st.navigation(
        [st.Page(file, title=title, default=position == 0) for position, (file, title) in enumerate(PAGES)], position="top"
    )
    try:
        with st.spinner("Opening the warehouse; the first start loads the sample company"):
            boot(session.warehouse_path())
        page.run()
    except SopError as fault:
        st.error(str(fault))


main()
