"""The outline of a page: title line, impact strip, filter bar and message; charts with the table behind them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.filters import filter_bar
from pages.frame.scenario_menu import scenario_menu
from pages.frame.strip import BASELINE_WORDS, BUDGET_WORDS, baseline_control, period_words, strip, window_control
from sop_engine.charts.numbers import month
from sop_engine.charts.style import DARK, LIGHT, FigureDict, Style
from sop_engine.charts.view import View, whole_company
from sop_engine.executive_sop.scorecard import Scorecard
from sop_engine.plan import Plan

CHART_CONFIG = {"displayModeBar": False}


@dataclass(frozen=True, eq=False)
class Page:
    """What an opened page works with: the plan of the working scenario and the one that deltas are measured against.

    baseline: the plan with no lever moved; card: the company's scorecard; view: the filter; style: of the theme in use
    """

    stage: str
    plan: Plan
    baseline: Plan
    card: Scorecard
    view: View
    style: Style


def open_page(title: str, stage: str = "", filters: bool = True) -> Page:
    """Draws title line, strip and filter bar; on an empty warehouse it says what to load and ends the page.

    stage: the review the page belongs to ("product", "demand", ...), "" for none.
    """
    if session.is_empty():
        _empty(title)
    session.mirror_address()
    baseline = session.baseline_plan()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="title_line"):
        _title(title, stage, baseline)
        scenario_menu()
        window = window_control()
        against = baseline_control(approved=False, budget=baseline.finance.budget is not None)
    plan = session.current_plan()
    base = {BASELINE_WORDS: baseline, BUDGET_WORDS: None}[against]
    place = st.container()
    view = filter_bar(plan.inputs) if filters else whole_company(plan)
    with place:
        card = strip(plan, base, window, view)
    return Page(stage, plan, baseline, card, view, style())


def style() -> Style:
    """The notation in the colours of the theme in use."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def message(*sentences: str) -> None:
    """What the page says this month."""
    st.markdown("**" + plain(" ".join(sentences)) + "**")


def plain(text: str) -> str:
    """Text that holds names from planner data, so that none of it is read as Markdown."""
    return re.sub(r"([\\`*_\[\]<>$~#|:])", r"\\\1", text)


def chart(figure: FigureDict, key: str, alt: str, frame: Callable[[], pd.DataFrame]) -> None:
    """A figure and, behind it, its table with a download; the table is made when it is opened."""
    st.plotly_chart(figure, theme=None, key=key, config=CHART_CONFIG, alt=alt)
    table_behind(key, frame)


def table_behind(key: str, frame: Callable[[], pd.DataFrame]) -> None:
    """The numbers of a chart: made only when somebody opens them."""
    behind = st.expander("Table", on_change="rerun", key=f"{key}_table")
    if behind.open:
        with behind:
            table = frame()
            st.dataframe(table, hide_index=True, key=f"{key}_frame")
            download(table, f"{key}.csv")


def ranked_table(table: pd.DataFrame, key: str, select: bool = False) -> int | None:
    """A table in its given order, numbers in full; with `select` it returns the position of the row that is clicked."""
    config = {name: _column(name, table[name]) for name in table.columns}
    shown = {"hide_index": True, "column_config": config, "key": key, "alt": key.replace("_", " ")}
    if not select:
        st.dataframe(table, **shown)
        return None
    chosen = st.dataframe(table, on_select="rerun", selection_mode="single-row", **shown)
    rows = chosen.selection.rows
    return int(rows[0]) if rows and rows[0] < len(table) else None


def _column(name: str, values: pd.Series) -> st.column_config.Column:
    label = name[:1].upper() + name[1:]
    if not pd.api.types.is_numeric_dtype(values):
        return st.column_config.TextColumn(label)
    return st.column_config.NumberColumn(label, format="%.1f" if name.endswith(("%", "pct")) else "localized", step=None)


def download(table: pd.DataFrame, name: str) -> None:
    """A CSV of the table, in full digits; a cell that a spreadsheet would run as a formula is quoted."""
    st.download_button(
        "Download CSV", data=lambda: csv_text(table), file_name=name, mime="text/csv", key=f"download_{name}", on_click="ignore"
    )


def csv_text(table: pd.DataFrame) -> str:
    """The table as CSV; text that begins like a formula gets a leading apostrophe.

    >>> csv_text(pd.DataFrame({"name": ["=1+1", "plain"]})).splitlines()
    ['name', "'=1+1", 'plain']
    """
    safe = table.copy()
    for column in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[column] = [f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell for cell in safe[column]]
    return safe.to_csv(index=False)


def _title(title: str, stage: str, baseline: Plan) -> None:
    inputs = baseline.inputs
    history = inputs.calendar.history_labels
    st.markdown(f"### {title}", width="content")
    st.caption(
        plain(f"{month(inputs.cycle)} cycle · {inputs.company} · actuals to {month(history[-1]) if history else 'none'}"),
        width="content",
    )


def _empty(title: str) -> None:
    st.markdown(f"### {title}")
    st.info(
        "There is nothing to plan yet. Load at least a sales history: product, market, period and units. "
        "Prices add the money, routings and capacities the load, bills of material and sourcing the supply plan."
    )
    st.page_link("pages/data.py", label="Load data", icon=":material/upload_file:")
    st.stop()
