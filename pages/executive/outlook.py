"""The whole business in one figure, and the seven figures over four periods."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.page import Page, chart
from pages.frame.strip import WINDOWS
from sop_engine.charts import executive_sop as charts
from sop_engine.charts.numbers import percent, short
from sop_engine.executive_sop.scorecard import compare, scorecard
from sop_engine.plan import Plan


def show(page: Page) -> None:
    """From demand to stock, in one figure."""
    periods = page.view.periods
    figure = charts.outlook(page.plan, page.baseline, periods, page.style)
    table = charts.outlook_table(page.plan, periods)
    chart(figure, "executive_outlook", charts.outlook_words(table), lambda: table)


def scores(page: Page) -> None:
    """The seven figures over four periods, against the baseline, and how they lie to the budget."""
    table = score_table(page.plan, page.baseline)
    moved = "against this cycle's baseline" if page.plan is not page.baseline else "this is the baseline"
    st.caption(f"{page.card.currency}; {moved}; a fall or rise is marked, and said to be better or worse.")
    st.dataframe(table, hide_index=True, key="scorecard", height="content", alt="Scorecard over four periods")


def score_table(plan: Plan, baseline: Plan) -> pd.DataFrame:
    """One row per figure, one column per window, in words with mark and change."""
    columns: dict[str, list[str]] = {}
    for window, name in WINDOWS.items():
        card = scorecard(plan, window)
        cells = [
            charts.cell_words(delta, in_pct=False) for delta in compare(card, scorecard(baseline, window))
        ]
        extra = [
            short(card.budget_gap),
            percent(card.gross_margin_pct),
            short(card.margin_budget_gap),
            str(card.overloads),
        ]
        columns[name] = [*cells, *extra]
    labels = [delta.figure.label for delta in compare(card, card)]
    more = [
        "Revenue less budget",
        "Gross margin, % of revenue",
        "Gross margin less budget",
        "Resource-months above 100 %",
    ]
    return pd.DataFrame({"Figure": [*labels, *more], **columns})
