"""The outline of a page: title line, impact strip, filter bar, message; charts with their table behind."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.assumptions import broken_mark
from pages.frame.capture import capture
from pages.frame.filters import filter_bar
from pages.frame.navigation import require_app
from pages.frame.presenter import PRESENTED, is_presenting, meeting_bar
from pages.frame.progress import reviews
from pages.frame.scenario_menu import lever_words, scenario_menu
from pages.frame.strip import (
    APPROVED,
    BUDGET,
    START,
    baseline_control,
    escaped,
    second_line,
    strip,
    window_control,
)
from sop_engine.charts.cycle import STATUS_WORDS
from sop_engine.charts.cycle import stage_status as look_of
from sop_engine.charts.enlarged import enlarged
from sop_engine.charts.numbers import UNKNOWN, month
from sop_engine.charts.style import DARK, LIGHT, FigureDict, Style
from sop_engine.charts.view import View, whole_company
from sop_engine.executive_sop.scorecard import Scorecard, budget_of
from sop_engine.executive_sop.window import Window
from sop_engine.inputs import Inputs
from sop_engine.plan import Plan
from sop_engine.records import snapshot_scorecard
from sop_engine.scenario import Lever

CHART_CONFIG = {"displayModeBar": False}
TABLE_DIGITS = 2
_DIGIT, _PADDING = 8, 16  # pixels of a digit and around a cell, of the browser's table
SENDING_SECONDS = 0.01
ASKED = "asked-of-this-review"  # where a review lists what is asked of it


@dataclass(frozen=True, eq=False)
class Page:
    """What an opened page works with.

    plan: of the working scenario; baseline: with no lever moved; card: the company's scorecard
    view: the filter; style: of the theme in use
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
    require_app()
    meeting_bar(title)
    if session.is_empty():
        _empty(title)
    with st.container(key="loading"):  # takes no room of the page, so that nothing moves when it is done
        gone = session.drop_misfits()
        session.mirror_address()
        baseline, plan = session.plans()
    _say_dropped(gone)
    approved = session.published_last()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="title_line"):
        _title(title, stage, baseline)
        scenario_menu()
        window = window_control()
        start = session.plan_at_start()
        against = baseline_control(
            start is not baseline, approved is not None, baseline.finance.budget is not None
        )
        capture(title, stage, plan.inputs)
    held = start if against == START else baseline
    card = session.card_of(plan, window)
    strip(card, _against(against, card, held, window, approved))
    _send_what_is_drawn()
    place = st.container()
    view = filter_bar(plan.inputs) if filters else whole_company(plan)
    if not view.whole:
        masks = view.products, view.markets
        part = session.card_of(plan, window, *masks)
        with place:
            second_line(view.words, part, _against(against, part, held, window, None, *masks))
    return Page(stage, plan, baseline, card, view, style())


def _send_what_is_drawn() -> None:
    """Gives the thread that sends its turn, so that the strip is on its way before the charts are made."""
    time.sleep(SENDING_SECONDS)


def _against(
    words: str,
    card: Scorecard,
    baseline: Plan,
    window: Window,
    approved: pd.Series | None,
    *masks: np.ndarray,
) -> Scorecard:
    """What `card` is held against; a kept plan knows the company only, so a part is held against itself."""
    if words == BUDGET:
        return budget_of(card)
    if words == APPROVED and approved is None:
        return card
    if words == APPROVED:
        return snapshot_scorecard(session.warehouse(), str(approved["snapshot_id"]), window)
    return session.card_of(baseline, window, *masks)


def may_record(cycle: str) -> bool:
    """Whether the cycle is open; says what to do where it is not."""
    rows = session.recorded("cycle", cycle)
    if not rows.empty and rows["status"].iloc[0] == "open":
        return True
    st.caption(
        f"The cycle {month(cycle)} is closed: nothing can be recorded in it."
        if len(rows)
        else f"Open the cycle {month(cycle)} on the Cycle page to record anything here."
    )
    return False


def stage_status(stage: str, cycle: str) -> str:
    """Where a review stands in its cycle, "" where the cycle was never opened."""
    rows = session.recorded("stage", cycle)
    found = rows.loc[rows["stage"] == stage, "status"]
    return "" if found.empty else str(found.iloc[0]).replace("_", " ")


def style() -> Style:
    """The notation in the colours of the theme in use."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def message(*sentences: str) -> None:
    """What the page says this month."""
    st.markdown("**" + escaped(" ".join(sentences)) + "**")


def chart(figure: FigureDict, key: str, alt: str, frame: Callable[[], pd.DataFrame]) -> None:
    """A figure and, behind it, its table with a download; the table is made when it is opened."""
    st.plotly_chart(presented(figure), theme=None, key=key, config=CHART_CONFIG, alt=alt)
    table_behind(key, frame)


def presented(figure: FigureDict) -> FigureDict:
    """The figure as this session shows it: in large type where it shows its pages to a room."""
    return enlarged(figure, PRESENTED) if is_presenting() else figure


def table_behind(key: str, frame: Callable[[], pd.DataFrame]) -> None:
    """The numbers of a chart: made only when somebody opens them."""
    behind = st.expander("Table", on_change="rerun", key=f"{key}_table")
    if behind.open:
        with behind:
            table = frame().round(TABLE_DIGITS)
            st.dataframe(table, hide_index=True, key=f"{key}_frame", placeholder="")
            download(table, f"{key}.csv")


def ranked_table(table: pd.DataFrame, key: str, select: bool = False, ids: Sequence[str] = ()) -> int | None:
    """A table in its given order, numbers in full; with `select` it returns the position of the row that is
    clicked.

    ids: columns that name a row; a selection is dropped when other rows come to stand in the table
    """
    alt = key.replace("_", " ")
    if ids:
        rows = table[list(ids)].astype(str).to_csv(index=False)
        key = f"{key}_{hashlib.md5(rows.encode(), usedforsecurity=False).hexdigest()[:8]}"
    table = table.round(
        {
            name: 1 if _is_share(name) else 0
            for name in table.columns[[kind.kind == "f" for kind in table.dtypes]]
        }
    )
    config = {name: _column(name, table[name]) for name in table.columns}
    shown = {"hide_index": True, "column_config": config, "key": key, "alt": alt}
    shown["placeholder"] = UNKNOWN
    if not select:
        st.dataframe(table, **shown)
        return None
    chosen = st.dataframe(table, on_select="rerun", selection_mode="single-row", **shown)
    rows = chosen.selection.rows
    return int(rows[0]) if rows and rows[0] < len(table) else None


def _column(name: str, values: pd.Series) -> st.column_config.Column:
    label = name[:1].upper() + name[1:]
    if pd.api.types.is_datetime64_any_dtype(values):
        return st.column_config.DateColumn(label, format="D MMM YYYY")
    if not pd.api.types.is_numeric_dtype(values):
        return st.column_config.TextColumn(label)
    form = "%.1f" if _is_share(name) else "localized"
    return st.column_config.NumberColumn(label, format=form, width=room_for_outlier(label, values))


def room_for_outlier(label: str, values: pd.Series) -> int | None:
    """Pixels for a column in which a few numbers are far longer than the others and than its name, None for
    any other: the browser's table leaves cells of twice the average width out when it sizes a column."""
    widths = [_PADDING + _DIGIT * len(f"{value:,.0f}") for value in values.fillna(0)]
    widest = max(widths, default=0)
    clipped = widest >= 2 * (sum(widths) / max(len(widths), 1)) and widest > _PADDING + _DIGIT * len(label)
    return widest if clipped else None


def _is_share(name: str) -> bool:
    return name.endswith(("%", "pct"))


def download(table: pd.DataFrame, name: str) -> None:
    """A CSV of the table, in full digits; a cell that a spreadsheet would run as a formula is quoted."""
    st.download_button(
        "Download CSV",
        data=lambda: csv_text(table),
        file_name=name,
        mime="text/csv",
        key=f"download_{name}",
        on_click="ignore",
    )


def csv_text(table: pd.DataFrame) -> str:
    """The table as CSV; text that begins like a formula gets a leading apostrophe.

    >>> csv_text(pd.DataFrame({"name": ["=1+1", "plain"]})).splitlines()
    ['name', "'=1+1", 'plain']
    """
    safe = table.copy()
    for column in safe.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in safe.dtypes]]:
        safe[column] = [
            f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
            for cell in safe[column]
        ]
    return safe.to_csv(index=False)


def _say_dropped(gone: Sequence[Lever]) -> None:
    if gone:
        words = "; ".join(lever_words(lever.in_words()) for lever in gone)
        st.warning(escaped(f"Left out, because today's data does not hold what it names: {words}."))


def _title(title: str, stage: str, baseline: Plan) -> None:
    inputs = baseline.inputs
    history = inputs.calendar.history_labels
    status = _standing(stage, inputs)
    words = [f"{month(inputs.cycle)} cycle", inputs.company]
    words += [f"actuals to {month(label)}" for label in history[-1:]] + [status] * bool(status)
    with st.container(width="content", gap=None):
        with st.container(horizontal=True, gap="small"):
            st.subheader(title, anchor=False, width="content")
            broken_mark(baseline)
            _waiting_badge(stage)
        st.caption(escaped(" · ".join(words)), width="content")


def _waiting_badge(stage: str) -> None:
    """How many requests wait for an answer in this review; it leads to them."""
    rows = session.requests()
    count = int(((rows["to_stage"] == stage) & (rows["status"] == "open")).sum()) if stage else 0
    if count:
        words = "1 request waits" if count == 1 else f"{count} requests wait"
        badge = f":orange-badge[:material/mark_email_unread: {words} here]"
        st.markdown(f"[{badge}](#{ASKED})", width="content", help="For an answer of this review.")


def _standing(stage: str, inputs: Inputs) -> str:
    """As `stage_status`; of a signature that no longer holds that it is stale."""
    status = stage_status(stage, inputs.cycle)
    if status != "signed":
        return status
    return STATUS_WORDS[look_of(next(state for state in reviews(inputs) if state.stage == stage))]


def _empty(title: str) -> None:
    st.markdown(f"### {title}")
    st.info(
        "There is nothing to plan yet. Load at least a sales history: product, market, period and units. "
        "Prices add the money, routings and capacities the load, bills and sourcing the supply plan."
    )
    st.page_link("pages/data.py", label="Load data", icon=":material/upload_file:")
    st.stop()
