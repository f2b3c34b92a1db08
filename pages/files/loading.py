"""Loading planner files: their preview, every fault at once, the button that loads all or none, templates."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import download
from pages.frame.perform import perform
from pages.frame.strip import escaped
from sop_engine.charts.numbers import full
from sop_engine.errors import RowIssue
from sop_engine.exports.templates import zipped_templates
from sop_engine.warehouse import Prepared, Table, load, prepare, template

MAX_MB = 50
PREVIEW_ROWS = 20
MODES = {"replace": "Each file is its whole table", "upsert": "Add lines, overwrite those with the same key"}
TYPES = ["csv", "tsv", "txt", "xlsx", "xlsm"]
SHOWN_FAULTS = 200
_FAULT_COLUMNS = {
    "file": "File",
    "line": "Line",
    "column": "Column",
    "value": "Value",
    "problem": "Problem",
    "fix": "What to do",
    "severity": "Kind",
}


def loading() -> None:
    """Files, their preview, every fault at once, and the button that loads all of them or none."""
    left, right = st.columns([2, 1], gap="large")
    with right:
        _templates()
    with left:
        _last_result()
        files = st.file_uploader(
            "Planner files, one per table, named after it",
            type=TYPES,
            accept_multiple_files=True,
            max_upload_size=MAX_MB,
            key=f"upload_{st.session_state.get('upload_round', 0)}",
            help="CSV, or XLSX with one sheet per table. Months may stand in rows or in columns.",
        )
        mode = st.radio(
            "How to load", list(MODES), format_func=MODES.__getitem__, key="upload_mode", horizontal=True
        )
        if files:
            _preview([(file.name, file.getvalue()) for file in files], mode)


def _preview(uploads: Sequence[tuple[str, bytes]], mode: str) -> None:
    """What would be loaded, and either every fault or the button."""
    prepared = _prepared(uploads, mode)
    if prepared.errors:
        number = len(prepared.errors)
        st.error(
            f"Nothing is loaded: {number} fault{'s' * (number > 1)} to mend. "
            "Mend the files and choose them again."
        )
        fault_table(prepared.issues)
    elif prepared.issues:
        st.warning(f"The files can be loaded; {len(prepared.issues)} warnings to read first.")
        fault_table(prepared.issues)
    for table, frame in prepared.frames.items():
        with st.expander(f"{table}: {full(len(frame))} rows", key=f"preview_{table}"):
            st.dataframe(frame.head(PREVIEW_ROWS), hide_index=True, key=f"preview_frame_{table}")
    if not prepared.errors:
        _load_form(uploads, mode, sum(len(frame) for frame in prepared.frames.values()))


def _load_form(uploads: Sequence[tuple[str, bytes]], mode: str, rows: int) -> None:
    with st.form("load_files", border=False):
        who = session.name_input("load")
        why = st.text_input("Why", placeholder="For example: actuals of December", key="load_why")
        files = f"{len(uploads)} file{'s' * (len(uploads) > 1)}"
        if st.form_submit_button(f"Load {files}, {full(rows)} rows", type="primary"):
            perform(f"Loaded {files}", lambda: _load(uploads, mode, who, why))


def _load(uploads: Sequence[tuple[str, bytes]], mode: str, who: str, why: str) -> None:
    """All files or none; the numbers of every page follow from the new data version."""
    result = load(session.warehouse(), uploads, session.signed(who), session.now(), mode, why)
    st.session_state.last_load = result
    st.session_state.upload_round = st.session_state.get("upload_round", 0) + 1


def _last_result() -> None:
    """What this session loaded last; the baseline was fitted again when the page opened."""
    result = st.session_state.get("last_load")
    if result is not None:
        rows = sum(result.tables.values())
        tables = f"{len(result.tables)} table{'s' * (len(result.tables) > 1)}"
        st.success(f"Loaded {full(rows)} rows into {tables}; data version {result.data_version[:6]}.")
        st.text(str(result))


def _prepared(uploads: Sequence[tuple[str, bytes]], mode: str) -> Prepared:
    """The dry run of these files on today's data, kept while neither changes."""
    digest = hashlib.sha256(session.warehouse().data_version().encode())
    for name, content in uploads:
        digest.update(name.encode() + content)
    key = (digest.hexdigest(), mode)
    if st.session_state.get("prepared_key") != key:
        st.session_state.prepared = prepare(session.warehouse(), uploads, mode)
        st.session_state.prepared_key = key
    return st.session_state.prepared


def fault_table(issues: Sequence[RowIssue]) -> None:
    """Every fault where it stands, with what to do, in full; a fault of a whole file has no line."""
    frame = pd.DataFrame([vars(issue) for issue in issues])[list(_FAULT_COLUMNS)]
    frame["line"] = [str(line) if line else "-" for line in frame["line"]]
    table = frame.rename(columns=_FAULT_COLUMNS)
    st.table(table.head(SHOWN_FAULTS).map(escaped), hide_index=True, alt="Faults of the files and what to do")
    if len(table) > SHOWN_FAULTS:
        st.caption(f"The first {SHOWN_FAULTS} of {full(len(table))}; the file has them all.")
    download(table, "faults.csv")


def _templates() -> None:
    st.markdown("**Templates**")
    st.caption("Header and example rows of every table, made from the data dictionary.")
    catalogue, planner = session.warehouse().catalogue, planner_tables()
    st.download_button(
        "All templates (ZIP)",
        data=lambda: zipped_templates(catalogue),
        file_name="templates.zip",
        mime="application/zip",
        on_click="ignore",
    )
    name = st.selectbox("One table", list(planner), key="template_table")
    st.download_button(
        f"{name}.csv",
        data=template(planner[name]),
        file_name=f"{name}.csv",
        mime="text/csv",
        key="template",
        on_click="ignore",
    )
    st.caption(escaped(planner[name].meaning))


def planner_tables() -> dict[str, Table]:
    return {name: table for name, table in session.warehouse().catalogue.items() if table.group == "planner"}
