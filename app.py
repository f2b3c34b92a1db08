"""The app: page configuration, boot, and the reviews in the order of the process. Start it with: streamlit
run app.py
"""

from __future__ import annotations

import os

import streamlit as st

from pages.frame import cached, session
from pages.frame.navigation import navigate
from pages.frame.tab_name import keep_name
from sop_engine.errors import SopError
from sop_engine.sample import FOLDER, load_sample

CSS = """<style>
.stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; }
[data-testid="stMetricLabel"] p, [data-testid="stCaptionContainer"] p { font-size: 0.8125rem; }
.st-key-tab_name { display: none; }
[data-testid="stLayoutWrapper"]:has(> .st-key-loading) { position: absolute; top: 0; width: 100%; }
.st-key-capture_open { position: fixed; top: 0.6rem; right: 4rem; width: auto; z-index: 999991; }
.st-key-title_line h3 { padding: 0 0 1rem; }
[data-testid="stMetricValue"] { line-height: 1.3; }
[data-testid="stMetricValue"], [data-testid="stMetricDelta"] { font-variant-numeric: tabular-nums; }
/* on a small screen the tabs stay in sight: levers scroll, gaps close up, the message waits in a section */
@media (max-height: 800px) {
  [data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.5rem; }
  [class*="st-key-main_"] { gap: 0.25rem; }
  [class*="st-key-says_"] { display: none; }
  [class*="st-key-side_"] { max-height: 22rem; overflow: hidden auto; }
}
</style>"""


@st.cache_resource(show_spinner=False)
def boot(path: str) -> None:
    """Opens the warehouse and, where it is empty, loads the sample company."""
    if session.is_empty() and os.environ.get("SOP_DEMO") != "0" and FOLDER.is_dir():
        load_sample(session.warehouse(), who="app", at=session.now())
    cached.spare_the_collector()


def main() -> None:
    """One run of the app for one session."""
    # an emoji, because a material icon of the page would be fetched from the network
    st.set_page_config(
        page_title="S&OP Live", page_icon="📈", layout="wide", initial_sidebar_state="collapsed"
    )
    st.html(CSS)
    page = navigate()
    keep_name()
    try:
        with st.spinner("Opening the warehouse; the first start loads the sample company"):
            boot(session.warehouse_path())
        page.run()
    except SopError as fault:
        st.error(str(fault))


if __name__ == "__main__":  # the processes that fit forecasts import this file too
    main()
