"""The income statement, and what each channel leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.finance.words import not_filtered, scope_words, span_words, unknown
from pages.frame.page import Page, chart, table_behind
from pages.frame.strip import escaped
from sop_engine.charts import finance_review, finance_statement
from sop_engine.finance_review.statement import SUBTOTALS, income_statement

CUTS = {
    "total": "Months",
    "family": "Family",
    "category": "Category",
    "product": "Product",
    "market": "Market",
    "region": "Region",
    "channel": "Channel",
    "currency": "Currency",
}


def show(page: Page) -> None:
    """The income statement to operating profit, by month or by a group of the reader's choice."""
    cut = st.segmented_control(
        "Columns",
        list(CUTS),
        default="total",
        required=True,
        format_func=CUTS.__getitem__,
        key="statement_cut",
        label_visibility="collapsed",
    )
    not_filtered(page, "the income statement")
    inputs, finance, periods = page.plan.inputs, page.plan.finance, page.view.periods
    lines = income_statement(inputs, finance, cut)
    if np.isnan(lines.line("revenue")).all() and np.isnan(lines.line("standard cost")).all():
        unknown("revenue and cost", "load price and unit_cost for an income statement.")
        return
    st.caption(
        f"{', '.join(filter(None, (lines.currency, span_words(page))))}, whole company. Costs are negative. "
        "What is bought for all is shared by the standard cost of what is delivered."
    )
    if cut == "total":
        _table(finance_statement.months_table(lines, periods), bold_rows=True)
    else:
        _table(finance_statement.groups_table(lines, periods), bold_rows=False)
        whole = income_statement(inputs, finance)
        st.caption(escaped(f"The {finance_statement.ties_words(lines, whole, periods)}."))
    table_behind("income_statement", lines.frame)


def _table(table: pd.DataFrame, bold_rows: bool) -> None:
    """Money in full without decimals, subtotals in bold."""
    table = table.round(1) + 0.0  # no minus before a zero
    bold = "font-weight: bold"
    shown = table.style.format("{:,.0f}", na_rep="-").format(
        "{:,.1f}", subset=[name for name in table.columns if name.endswith("%")], na_rep="-"
    )
    if bold_rows:
        shown = shown.apply(lambda column: [bold if line in SUBTOTALS else "" for line in table.index])
    else:
        shown = shown.apply(
            lambda row: [bold if row.name == finance_statement.TOTAL else ""] * len(row), axis=1
        )
    st.dataframe(
        shown,
        key="statement_frame",
        height=min(800, 36 * (len(table) + 1)),
        column_config={"_index": st.column_config.Column(width=190)},
        alt="Income statement",
    )


def show_channels(page: Page) -> None:
    """What each channel leaves at standard cost."""
    table = finance_review.channel_table(page.plan, page.view)
    if table["revenue"].isna().all():
        unknown("revenue and margin", "load price and unit_cost to see what each channel leaves.")
        return
    figure = finance_review.channels(
        table, page.plan.inputs.money.base_currency, scope_words(page), page.style
    )
    chart(figure, "finance_channels", "Revenue and margin by channel", lambda: table)
