"""Data: what is loaded and how fresh, what the reviews can compute with it, loading, and the audit trail."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.files.loading import loading, planner_tables
from pages.frame import session
from pages.frame.navigation import require_app
from pages.frame.page import csv_text, download, open_page, ranked_table
from pages.frame.perform import perform
from sop_engine.charts.numbers import day, full
from sop_engine.errors import DataError, SopError
from sop_engine.warehouse import dictionary, load
from sop_engine.warehouse.readiness import readiness

SHOWN_ROWS = 1000
_REACH = {"sales_history": "period", "inventory_on_hand": "as_of", "fx_rate": "period", "budget": "period"}
_UPLOADS = """
SELECT strftime("at", '%Y-%m-%d %H:%M') AS "at", who, file, "table", rows, mode,
       left(data_version, 6) AS version
FROM upload ORDER BY upload_id DESC
"""
_LAST_LOAD = """
SELECT "table", max_by("at", upload_id) AS "at", max_by(who, upload_id) AS who,
       max_by(file, upload_id) AS file
FROM upload GROUP BY "table"
"""


def data() -> None:
    """The strip where there is a plan, then one tab for each question."""
    require_app()
    _opening()
    tabs = st.tabs(
        ["Load", "What is loaded", "Readiness", "Dictionary", "Settings", "History"],
        on_change="rerun",
        key="data_tabs",
    )
    bodies = (loading, loaded, ready, meanings, settings, history)
    for tab, body in zip(tabs, bodies, strict=True):
        if tab.open:
            with tab:
                body()


def _opening() -> None:
    """The page must open where nothing can be planned: here is where it is mended."""
    if session.is_empty():
        st.markdown("### Data")
        st.info(
            "Nothing is loaded yet. Load at least sales_history: product, market, period, units. "
            "One file per table."
        )
        return
    try:
        open_page("Data", filters=False)
    except SopError as fault:
        st.markdown("### Data")
        st.error(f"The data that is loaded cannot be planned: {fault}")


def loaded() -> None:
    """Every table with its rows, its last load and how far it reaches; a row opens its content."""
    table = loaded_table()
    st.caption("Click a row to see its content. Reaches to: the last period or date in the table.")
    row = ranked_table(table, "loaded_tables", select=True)
    if row is not None and table["rows"][row]:
        name = table["table"][row]
        content = session.warehouse().read(f'SELECT * FROM "{name}" ORDER BY ALL')
        st.markdown(f"**{name}**: {full(len(content))} rows, the first {min(SHOWN_ROWS, len(content))} shown")
        st.dataframe(content.head(SHOWN_ROWS), hide_index=True, key="table_content")
        download(content, f"{name}.csv")


def loaded_table() -> pd.DataFrame:
    """table, rows, reaches to, loaded, by, file, meaning; tables with rows first."""
    warehouse = session.warehouse()
    rows = warehouse.rows()
    last = warehouse.read(_LAST_LOAD).set_index("table")
    table = pd.DataFrame(
        {
            "table": list(rows),
            "rows": list(rows.values()),
            "reaches to": [_reaches_to(name) if rows[name] else "" for name in rows],
            "loaded": [_at(last, name) for name in rows],
            "by": [last["who"].get(name, "") for name in rows],
            "file": [last["file"].get(name, "") for name in rows],
            "meaning": [warehouse.catalogue[name].meaning for name in rows],
        }
    )
    return table.sort_values("rows", key=lambda count: count == 0, kind="stable", ignore_index=True)


def _reaches_to(table: str) -> str:
    if table not in _REACH:
        return ""
    last = session.warehouse().read(f'SELECT max("{_REACH[table]}") AS last FROM "{table}"')["last"][0]
    return "" if pd.isna(last) else day(last.date())


def _at(last: pd.DataFrame, table: str) -> str:
    return f"{last['at'][table]:%Y-%m-%d %H:%M}" if table in last.index else ""


def ready() -> None:
    """What each review can compute, and which table would let it compute the rest."""
    abilities = readiness(session.warehouse().rows())
    able = sum(ability.ready for ability in abilities)
    st.markdown(
        f"**{able} of {len(abilities)} things that the reviews compute can be computed with what is loaded.**"
    )
    rows = [
        (
            ability.review,
            ability.what,
            "✓ yes" if ability.ready else "✗ no",
            ", ".join(ability.missing),
            ", ".join(ability.needs),
        )
        for ability in abilities
    ]
    ranked_table(
        pd.DataFrame(rows, columns=["review", "computes", "ready", "missing tables", "rests on"]), "readiness"
    )


def meanings() -> None:
    """The data dictionary, all of it or one table."""
    table = dictionary(session.warehouse().catalogue)
    names = ["", *planner_tables()]
    chosen = st.selectbox(
        "Table", names, format_func=lambda name: name or "All tables", key="dictionary_table"
    )
    shown = table[table["table"] == chosen] if chosen else table
    st.dataframe(shown, hide_index=True, key="dictionary_frame", height=560)
    download(table, "data_dictionary.csv")


def settings() -> None:
    """The settings of the company, edited in place; and a copy of everything."""
    left, right = st.columns([2, 1], gap="large")
    with left:
        _edit_settings()
    with right:
        _backup()


def _edit_settings() -> None:
    rows = session.warehouse().read("SELECT name, value FROM setting ORDER BY name")
    with st.form("settings", border=False):
        edited = st.data_editor(
            rows,
            num_rows="add",
            hide_index=True,
            key="settings_editor",
            column_config={"name": "Name", "value": "Value"},
        )
        who = session.name_input("settings")
        why = st.text_input("Why", key="settings_why")
        if st.form_submit_button("Save settings"):
            perform("Settings saved", lambda: _save_settings(rows, edited, who, why))


def _save_settings(rows: pd.DataFrame, edited: pd.DataFrame, who: str, why: str) -> None:
    """Loads the lines that changed, by the checks of a file. Raises DataError for a fault, or if none did."""
    before = dict(zip(rows["name"], rows["value"], strict=True))
    changed = edited[
        [before.get(name) != value for name, value in zip(edited["name"], edited["value"], strict=True)]
    ]
    if changed.empty:
        raise DataError("No setting was changed. Change a value, then save.")
    content = changed.to_csv(index=False).encode()
    load(
        session.warehouse(),
        [("setting.csv", content)],
        session.signed(who),
        session.now(),
        "upsert",
        why or "settings changed",
    )


def _backup() -> None:
    st.markdown("**Backup**")
    st.caption(
        "A consistent copy of the whole warehouse: data, plans and records. "
        "Put it back with: python -m sop_engine restore"
    )
    name = f"sop-{session.now():%Y%m%d-%H%M}.duckdb"
    st.download_button(
        "Download a backup", data=_backup_bytes, file_name=name, key="backup", on_click="ignore"
    )


def _backup_bytes() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return session.warehouse().backup(Path(folder) / "backup.duckdb").read_bytes()


def history() -> None:
    """Who loaded what, and every change of every table."""
    warehouse = session.warehouse()
    st.markdown("**Uploads**")
    uploads = warehouse.read(_UPLOADS)
    ranked_table(uploads, "uploads") if len(uploads) else st.caption("Nothing was loaded yet.")
    st.markdown("**Audit log**")
    tables = warehouse.read('SELECT DISTINCT "table" FROM audit_log ORDER BY 1')["table"]
    chosen = st.selectbox(
        "Table", ["", *tables], format_func=lambda name: name or "All tables", key="audit_table"
    )
    audit = warehouse.read(
        'SELECT date_trunc(\'second\', "at") AS "at", who, "table", action, key, before, after, why '
        "FROM audit_log WHERE ? IN ('', \"table\") ORDER BY audit_id DESC",
        [chosen],
    )
    st.caption(f"{full(len(audit))} changes, the last {min(SHOWN_ROWS, len(audit))} shown, newest first")
    st.dataframe(audit.head(SHOWN_ROWS), hide_index=True, key="audit_frame")
    st.download_button(
        "Download the audit log",
        data=lambda: csv_text(audit),
        file_name="audit_log.csv",
        mime="text/csv",
        on_click="ignore",
    )


data()
