"""The scoreboard of supply: plan attainment, deliveries, suppliers and stock against what was said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.strip import escaped
from sop_engine.charts import supply_scoreboard as charts
from sop_engine.inputs import Inputs
from sop_engine.inputs.performance import HISTORIES, PastSupply, read_performance
from sop_engine.inputs.tables import Tables
from sop_engine.supply_review.performance import by_supplier, receipt_lines, scores

WORST = 10


def show(page: Page) -> None:
    """Sentence, every KPI with its definition, its trend by month, the suppliers; and what is not loaded."""
    whole = _past(session.warehouse_path(), session.data_key(), page.plan.inputs)
    past, calendar = _of_view(whole, page), page.plan.inputs.calendar
    found = scores(past, _targets(page))
    if len(found):
        message(charts.sentence(found, calendar))
        st.caption(
            f"In %, by month, {page.view.words or 'whole company'}; complete months of the past only. "
            "12 months: parts and wholes are added up before they are divided."
        )
        ranked_table(charts.kpi_table(found, calendar), "supply_kpis")
        _trends(page, found)
        _suppliers(past)
    _gaps(whole, past, found)


@st.cache_resource(show_spinner="Reading the past of supply", max_entries=2)
def _past(path: str, key: str, _inputs: Inputs) -> PastSupply:
    return read_performance(Tables(session.warehouse().read), _inputs.calendar)


def _of_view(past: PastSupply, page: Page) -> PastSupply:
    """The lines of the filter: its products, and deliveries to its markets."""
    inputs, view = page.plan.inputs, page.view
    if view.whole:
        return past
    products = np.array(inputs.products.labels, dtype=object)[view.products]
    markets = np.array(inputs.markets.labels, dtype=object)[view.markets]
    frames = {
        name: frame[frame["product"].isin(products)]
        for name, frame in vars(past).items()
        if name != "deliveries"
    }
    ours = past.deliveries["product"].isin(products) & past.deliveries["market"].isin(markets)
    return replace(past, **frames, deliveries=past.deliveries[ours])


def _targets(page: Page) -> pd.DataFrame:
    """product, site, units, unit_cost of the target stock at the end of the first planned month."""
    inputs, supply = page.baseline.inputs, page.baseline.supply
    product, site = supply.places.product, supply.places.site
    return pd.DataFrame(
        {
            "product": np.array(inputs.products.labels, dtype=object)[product],
            "site": np.array(inputs.network.sites.labels, dtype=object)[site],
            "units": supply.node_target[:, 0],
            "unit_cost": page.baseline.finance.unit_cost[product, 0],
        }
    )


def _trends(page: Page, found: pd.DataFrame) -> None:
    """One chart a history table, two in a row; the last of an odd number takes the whole row."""
    loaded = [
        (name, table)
        for name in HISTORIES
        if len(table := charts.trend_table(found, name, page.plan.inputs.calendar))
    ]
    for first in range(0, len(loaded), 2):
        pair = loaded[first : first + 2]
        for column, (name, table) in zip(st.columns(len(pair), gap="medium"), pair, strict=True):
            title = charts.trend_words(table)
            figure = charts.trend(table, page.style, title, f"% by month, from {name}; definitions above")
            with column:
                chart(figure, f"scoreboard_{name}", alt=title, frame=lambda table=table: table)


def _suppliers(past: PastSupply) -> None:
    if past.receipts.empty:
        return
    table = by_supplier(receipt_lines(past.receipts))
    st.caption(
        f"Suppliers with the most lines late or not whole first, {min(WORST, len(table))} of {len(table)}; "
        "all months that are loaded, purchase order lines, rejected in % of units received."
    )
    ranked_table(table.head(WORST), "supply_suppliers")


def _gaps(whole: PastSupply, past: PastSupply, found: pd.DataFrame) -> None:
    """Which tables are not loaded, lack a column that a figure needs, or have no line of the filter."""
    missing, empty = whole.missing(), past.missing()
    for words in (*charts.missing_words(missing, HISTORIES), *charts.blank_words(found, empty)):
        st.caption(escaped(words))
    filtered = [name for name in empty if name not in missing]
    if filtered:
        st.caption(escaped(f"Nothing of this filter is in {', '.join(filtered)}."))
