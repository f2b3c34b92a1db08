"""The scoreboard: how far the forecasts of the last cycles were off, who improved them, which families are
worst, and how the story of a month moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from sop_engine.charts import demand_scoreboard as charts
from sop_engine.charts.numbers import month, months, percent, points
from sop_engine.charts.view import View
from sop_engine.demand_review.accuracy import (
    ALARM,
    CONSENSUS,
    NAIVE,
    STATISTICAL,
    Pairs,
    Past,
    bias,
    by_group,
    by_lag,
    by_market,
    contributors,
    levels,
    of_cells,
    pairs,
    stairstep,
    wape,
    waterfall,
    with_class,
)
from sop_engine.demand_review.hit_rate import hit_rates, judged_overrides
from sop_engine.demand_review.lead_time import cumulative_lag
from sop_engine.inputs import Inputs
from sop_engine.past_forecasts import read_past
from sop_engine.replays import LAGS, past_cycles, replay

WORST = 10
CUTS = ("Family", "Category", "Market")


@dataclass(frozen=True, eq=False)
class Board:
    """What the section shows: the track record, and its pairs at the chosen lag and level."""

    page: Page
    past: Past
    lag: int
    level: str
    items: np.ndarray
    found: Pairs

    @property
    def basis(self) -> str:
        """Lag, level and unit, as every figure must state them."""
        unit = "value" if self.page.view.money else "units"
        return f"lag {self.lag}, {self.level} level, by {unit}, {self.page.view.words or 'whole company'}"


def show(page: Page) -> None:
    """Sentence, choice of lag and level, accuracy by lag and touch, the worst groups, the waterfall, who was
    right.
    """
    inputs = page.plan.inputs
    if not len(past_cycles(inputs.calendar)):
        st.caption("The history is too short to replay an earlier cycle, so nothing can be scored yet.")
        return
    first_line = st.container()
    board = _board(page, _past_of(inputs))
    with first_line:
        message(sentence(board))
    if np.isnan(_error(board)):  # there is nothing to draw
        return
    _curves(board)
    _worst(board)
    _right(board)


def sentence(board: Board) -> str:
    """What the scoreboard says this month."""
    error = _error(board)
    if np.isnan(error):
        return f"Nothing was sold in this filter in the months that can be scored at {board.basis}."
    actual, forecasts = board.found.at(board.items)
    lean = 100 * bias(forecasts[STATISTICAL], actual)
    gained = 100 * wape(forecasts[NAIVE], actual) - error
    against = (
        f", {points(abs(gained)).lstrip('+')} {'better' if gained >= 0 else 'worse'} than seasonal naive"
        if np.isfinite(gained)
        else ""
    )
    side = "none" if abs(lean) < 0.05 else f"{lean:+.1f} %, {'over' if lean > 0 else 'under'}-forecast"
    labels = [board.page.plan.inputs.calendar.labels[bucket] for bucket in board.found.buckets]
    return (
        f"The statistical forecast missed {months(labels)} by {percent(error)} (WAPE){against}; "
        f"bias {side}. Read at {board.basis}."
    )


def _error(board: Board) -> float:
    """WAPE of the statistical forecast in %, NaN where nothing was sold."""
    actual, forecasts = board.found.at(board.items)
    return 100 * wape(forecasts[STATISTICAL], actual)


def _past_of(inputs: Inputs) -> Past:
    """The track record; replays the earlier cycles first, with progress, where their history changed."""
    key = session.data_key()
    done = _replayed(session.warehouse_path())
    if key not in done:
        replay_cycles(inputs)
        done.add(key)
    return _past(session.warehouse_path(), key, session.warehouse().revision, inputs)


def replay_cycles(inputs: Inputs) -> None:
    """Replays the earlier cycles, with progress, where their history changed."""
    place = st.empty()

    def move(cycle: int, of: int) -> None:
        place.progress(cycle / of, f"Replaying cycle {min(cycle + 1, of)} of {of}")

    move(0, len(past_cycles(inputs.calendar)))
    replay(session.warehouse(), progress=move, who="app", at=session.now())
    place.empty()


@st.cache_resource(show_spinner=False, max_entries=4)
def _replayed(path: str) -> set[str]:
    return set()


@st.cache_resource(show_spinner="Reading the past forecasts", max_entries=2)
def _past(path: str, key: str, revision: int, _inputs: Inputs) -> Past:
    return read_past(session.warehouse(), _inputs)


def _board(page: Page, past: Past) -> Board:
    inputs, view = page.plan.inputs, page.view
    lead = cumulative_lag(inputs, view.products)
    first = dict.fromkeys((min(lead, LAGS), 1))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        lag = st.selectbox(
            "Lag, periods ahead",
            [*first, *(lag for lag in range(1, LAGS + 1) if lag not in first)],
            format_func=lambda lag: _lag_words(lag, lead),
            key="scoreboard_lag",
            width=260,
        )
        level = st.segmented_control(
            "Errors are taken at the level of",
            list(levels(inputs.products)),
            default="family",
            required=True,
            format_func=str.capitalize,
            key="scoreboard_level",
        )
        st.caption(
            "Error = forecast - actual, positive: over-forecast. WAPE = sum of absolute errors / actual, "
            "items never netted before. Value: units x average net price. Lag 1: the first month of a plan. "
            "Seasonal naive: a year before, or the last month known where there is no year."
        )
    found = pairs(past, lag, view.products, view.markets, view.money)
    return Board(page, past, lag, level, levels(inputs.products)[level], found)


def _lag_words(lag: int, lead: int) -> str:
    if lag == min(lead, LAGS):
        return f"{lag}, the cumulative lead time" + (f" of {lead}, cut" if lead > LAGS else "")
    return f"{lag}, the next month" if lag == 1 else str(lag)


def _curves(board: Board) -> None:
    """Accuracy by lag beside what each touch added."""
    page, view = board.page, board.page.view
    left, right = st.columns(2, gap="medium")
    table = by_lag(board.past, board.items, view.products, view.markets, view.money)
    with left:
        title = charts.lag_words(table)
        scope = board.basis.partition(", ")[2]
        subtitle = f"WAPE, {scope}; {table['periods'].max()} months at lag 1, one less each lag"
        chart(
            charts.lag_curve(table, board.lag, page.style, title, subtitle),
            "scoreboard_lags",
            alt=title,
            frame=lambda: table,
        )
    steps = stairstep(board.found, board.items)
    with right:
        title = charts.step_words(steps)
        chart(
            charts.stairstep(steps, page.style, title, f"WAPE, {board.basis}; the same cells in every stage"),
            "scoreboard_steps",
            alt=title,
            frame=lambda: steps,
        )


def _worst(board: Board) -> None:
    """The groups with the largest absolute error; a row opens its waterfall."""
    page = board.page
    cut = st.segmented_control("By", CUTS, default=CUTS[0], required=True, key="scoreboard_cut")
    table = _cut(board, cut)
    if table.empty:
        st.caption("Nothing was sold or forecast in this filter.")
        return
    st.caption(
        f"Largest absolute error first, in {page.view.unit(page.plan)}; statistical forecast, {board.basis}. "
        "Tracking signal: running sum of errors / mean absolute error of the group's sum, alarm beyond "
        f"{ALARM:.0f}. No MAPE or MASE of intermittent series. Click a row to see its forecasts move."
    )
    worst = charts.worst_table(table.head(WORST), cut.lower())
    row = ranked_table(worst, f"scoreboard_{cut}", select=True, ids=[cut.lower()])
    _stories(board, cut, "" if row is None else str(table["group"][row]))
    left, right = st.columns(2, gap="medium")
    title, alarms = charts.worst_words(table, page.view.unit(page.plan))
    with left:
        figure = charts.quadrant(
            table, page.style, title, f"size: what was sold, diamond: tracking signal out; {board.basis}"
        )
        chart(figure, "scoreboard_quadrant", alt=title, frame=lambda: table)
    with right:
        signals = f"tracking signal, alarm beyond ±{ALARM:.0f}; {board.basis}"
        figure = charts.tracking(table, page.style, alarms, signals)
        chart(figure, "scoreboard_signals", alt=alarms, frame=lambda: table)


def _cut(board: Board, cut: str) -> pd.DataFrame:
    """WAPE, bias, tracking signal of each family, category or market."""
    products, view = board.page.plan.inputs.products, board.page.view
    if cut == "Market":
        markets = board.page.plan.inputs.markets
        found = {
            label: pairs(board.past, board.lag, view.products, np.arange(len(markets)) == i, view.money)
            for i, label in enumerate(markets.labels)
            if view.markets[i]
        }
        return by_market(found, STATISTICAL, board.items)
    groups = (products.family if cut == "Family" else products.category).astype(str)
    table = by_group(board.found.forecasts[STATISTICAL], board.found.actual, board.items, groups)
    return with_class(table, board.found, STATISTICAL, groups)


def _stories(board: Board, cut: str, group: str) -> None:
    """The waterfall of snapshots, of the filter or of the open row: statistical, then the consensus."""
    past, inputs = board.past, board.page.plan.inputs
    view = _narrowed(board, cut, group)
    masks = view.products, view.markets, past.weight(view.money)
    sold = past.actual[:, view.markets].sum(axis=1) * np.nan_to_num(masks[2])[:, None]
    current = of_cells(inputs.demand.baseline.units[None]).total(*masks)[:, :LAGS]
    for source in (STATISTICAL, CONSENSUS):
        forecast, made = past.sources[source].total(*masks), past.made
        if source == STATISTICAL:
            room = ((0, 0), (0, LAGS - current.shape[1]))
            forecast = np.vstack([forecast, np.pad(current, room, constant_values=np.nan)])
            made = np.append(made, inputs.calendar.now)
        if np.isnan(forecast).all():
            st.caption(f"{source}: no past record of it is kept yet, so its snapshots cannot be shown.")
        else:
            fall = waterfall(forecast, made, sold[view.products].sum(axis=0))
            _story(board.page, view, source, fall, made)


def _story(
    page: Page, view: View, source: str, fall: tuple[np.ndarray, np.ndarray, np.ndarray], made: np.ndarray
) -> None:
    labels = page.plan.inputs.calendar.labels
    buckets, table, came = fall
    frame = charts.waterfall_table(
        [month(labels[i]) for i in made], [month(labels[i]) for i in buckets], table, came
    )
    title = charts.story_words(source, frame)
    value = "value at average net price" if view.money else "units"
    subtitle = (
        f"{value}, {view.words or 'whole company'}; rows: cycle made in; colour: change from the cycle "
        "before, blue up, orange down; last row: what came"
    )
    chart(
        charts.waterfall(frame, page.style, title, subtitle),
        f"scoreboard_waterfall_{source.lower()}",
        alt=title,
        frame=lambda: frame,
    )


def _narrowed(board: Board, cut: str, group: str) -> View:
    """The view of a group of the table; without one the view as it is."""
    view, inputs = board.page.view, board.page.plan.inputs
    if not group:
        return view
    if cut == "Market":
        mask = np.array(inputs.markets.labels) == group
        return View(view.products, mask, view.periods, view.money, group)
    column = inputs.products.family if cut == "Family" else inputs.products.category
    return view.narrowed(column == group, group)


def _right(board: Board) -> None:
    """Whose touch helped: the bias of each source and the hit rate of overrides."""
    st.subheader("Who was right", anchor=False)
    st.caption(f"Every source on all it said, {board.basis}. Over-forecast: share of months above what came.")
    ranked_table(contributors(board.found, board.items), "scoreboard_sources")
    _samples(board)
    rows = session.recorded("override")
    judged = judged_overrides(board.past, board.page.plan.inputs, rows[rows["active"].astype(bool)])
    if judged.empty:
        st.caption("Overrides: none of a past cycle has an actual yet, so there is no hit rate.")
        return
    mine = judged[judged["made by"] == st.session_state.get("who", "")]
    st.caption(
        "Overrides that lowered the absolute error in units, by product and month, against the replayed "
        "baseline with the overrides made before; a person sees only their own rate."
    )
    for column, key in zip(st.columns(3 if len(mine) else 2), ("stage", "family", "made by"), strict=False):
        with column:
            ranked_table(hit_rates(mine if key == "made by" else judged, key), f"scoreboard_hits_{key}")


def _samples(board: Board) -> None:
    """What was made up to show the feature, apart from every real figure."""
    view = board.page.view
    if board.past.samples:
        found = pairs(board.past, board.lag, view.products, view.markets, view.money, samples=True)
        st.caption("Sample: made up to show the feature; in no figure above.")
        table = contributors(found, board.items)
        ranked_table(table.assign(source=table["source"] + " (sample)"), "scoreboard_samples")
