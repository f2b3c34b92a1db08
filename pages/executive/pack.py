"""The pack: what it says this month, made on demand, as three files to take away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page
from pages.frame.proofs import proof_of
from pages.frame.strip import escaped
from sop_engine.errors import SopError
from sop_engine.exports.pack import build_pack, gather
from sop_engine.exports.pack_content import Pack
from sop_engine.exports.pack_files import MIME, STEPS, pack_files
from sop_engine.exports.pack_material import Material
from sop_engine.plan import Plan
from sop_engine.pre_sop.consistency import Check

MADE = "pack_made"
LABELS = {
    ".pptx": "Pre-read, PowerPoint",
    ".html": "Pre-read, offline page",
    ".xlsx": "Scenario workbook, Excel",
}


def show(page: Page) -> None:
    """The slides there are this month, the button that makes the files, and their downloads."""
    try:
        pack = _content(*_key(page), page.baseline, proof_of(replace(page, plan=page.baseline)))
    except SopError as fault:
        st.error(str(fault))
        return
    st.caption(
        f"{len(pack.slides)} slides of the plan with no lever moved, with the scenarios that are stored on "
        "this data; the offline page holds the same, with every row; the workbook has the plan by month. "
        "What has nothing to say this month is left out."
    )
    if st.button("Make the pack", type="primary", icon=":material/slideshow:", key="make_pack"):
        _make(page)
    _downloads(page)
    table = slide_table(pack)
    words = ["message", "what it shows"]
    shown = table.assign(**table[words].map(escaped)).rename(columns=str.capitalize)
    st.table(shown, hide_index=True, alt="Slides of the pack")


def slide_table(pack: Pack) -> pd.DataFrame:
    """One row per slide: its number, message, and what its numbers are."""
    rows = [(number, slide.title, slide.subtitle) for number, slide in enumerate(pack.slides, start=1)]
    return pd.DataFrame(rows, columns=["slide", "message", "what it shows"])


def _make(page: Page) -> None:
    """Makes the three files with progress and keeps them in this session; says why where they cannot be."""
    place = st.empty()

    def told(done: int, total: int) -> None:
        place.progress(done / total, STEPS[min(done, total - 1)])

    told(0, len(STEPS))
    try:
        material = _gathered(page.baseline, proof_of(replace(page, plan=page.baseline)))
        st.session_state[MADE] = _key(page), material.at, pack_files(material, told)
    except SopError as fault:
        st.error(str(fault))
    place.empty()


def _downloads(page: Page) -> None:
    """The files as they were made last, and whether anything changed since."""
    if MADE not in st.session_state:
        return
    key, at, files = st.session_state[MADE]
    if key != _key(page):
        st.warning("Data or records changed since the pack was made. Make it again before it is sent.")
    st.caption(f"Made at {at:%H:%M} on data {key[2][:6]}.")
    _buttons(files)


def _buttons(files: Mapping[str, bytes]) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, content in files.items():
            kind = PurePath(name).suffix
            st.download_button(
                f"{LABELS[kind]} ({len(content) / 1e6:.1f} MB)",
                data=content,
                file_name=name,
                mime=MIME[kind],
                key=f"pack{kind}",
                on_click="ignore",
                icon=":material/download:",
            )


def _key(page: Page) -> tuple[str, int, str]:
    """Changes when anything that the pack says may have changed."""
    inputs = page.baseline.inputs
    return session.warehouse_path(), session.warehouse().revision, inputs.version + inputs.cycle


def _gathered(plan: Plan, checks: tuple[Check, ...]) -> Material:
    return gather(session.warehouse(), plan, session.plan_for, session.now(), checks)


@st.cache_resource(show_spinner="Reading what the pack will say", max_entries=2)
def _content(path: str, revision: int, version: str, _plan: Plan, _checks: tuple[Check, ...]) -> Pack:
    return build_pack(_gathered(_plan, _checks))
