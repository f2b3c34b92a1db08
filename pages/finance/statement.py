"""The income statement, and what each channel leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance.words import scope_words, span_words
from pages.frame.page import Page, chart, table_behind
from sop_engine.charts import finance_review
from sop_engine.charts.numbers import month
from sop_engine.finance_review.statement import SUBTOTALS, Statement, income_statement

CUTS = {
    "total": "Months",
    "family": "Families",
    "category": "Categories",
    "channel": "Channels",
    "region": "Regions",
}


def show(page: Page) -> None:
    """The income statement to operating profit, in columns of the reader's choice."""
    cut = st.segmented_control(
        "Columns",
        list(CUTS),
        default="total",
        required=True,
        format_func=CUTS.__getitem__,
        key="statement_cut",
        label_visibility="collapsed",
    )
    lines = income_statement(page.plan.inputs, page.plan.finance, cut)
    table = statement_table(lines, page.view.periods).round() + 0.0  # no minus before a zero
    st.caption(
        f"{lines.currency}, {span_words(page)}, whole company. Costs are negative. What is bought for all is "
        "shared by the standard cost of what is delivered."
    )
    bold = [("font-weight: bold" if name in SUBTOTALS else "") for name in table.index]
    styled = table.style.format("{:,.0f}").apply(lambda column: bold)
    st.dataframe(
        styled, key="statement_frame", height=min(640, 38 * (len(table) + 1)), alt="Income statement"
    )
    table_behind("income_statement", lines.frame)


def statement_table(lines: Statement, periods: np.ndarray) -> pd.DataFrame:
    """Lines down; the total, then months (cut "total") or groups by revenue; base currency."""
    values = lines.values[:, :, periods]
    if lines.cut == "total":
        columns = {month(lines.periods[period]): values[:, 0, at] for at, period in enumerate(periods)}
    else:
        totals = values.sum(axis=2)
        order = np.argsort(-totals[lines.lines.index("revenue")], kind="stable")
        columns = {lines.groups[at]: totals[:, at] for at in order}
    return pd.DataFrame(
        {"Total": values.sum(axis=(1, 2)), **columns}, index=pd.Index(lines.lines, name=lines.currency)
    )


def show_channels(page: Page) -> None:
    """What each channel leaves at standard cost."""
    table = finance_review.channel_table(page.plan, page.view)
    figure = finance_review.channels(
        table, page.plan.inputs.money.base_currency, scope_words(page), page.style
    )
    chart(figure, "finance_channels", "Revenue and margin by channel", lambda: table)
