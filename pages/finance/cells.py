"""Every cell of the plan in money, with the price, cost and rate used and the lines they come from."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.frame.page import Page, download
from pages.frame.strip import escaped
from sop_engine.charts import finance_cells
from sop_engine.charts.numbers import month
from sop_engine.finance_review.cells import money_cells
from sop_engine.finance_review.statement import income_statement


def show(page: Page) -> None:
    """The cells of a product, market and month of the reader's choice, inside the filter bar."""
    inputs, finance = page.plan.inputs, page.plan.finance
    products, markets, periods = _chosen(page)
    cells = money_cells(inputs, finance, products, markets, periods)
    if cells.empty:
        st.info("Nothing is delivered in these cells. Choose another product, market or month.")
        return
    words = finance_cells.cells_words(cells, inputs.money.base_currency)
    valued = cells[["price", "unit_cost"]].notna().any(axis=None)
    if valued and products.all() and markets.all():
        off = finance_cells.against_statement(cells, income_statement(inputs, finance), periods)
        words += f"; off the income statement by {off:,.2f}"
    held = "Levers of the working scenario are in the prices, costs and rates."
    without = "No price and no cost is loaded: load price and unit_cost to value them."
    st.caption(escaped(f"{words}. {held if valued else without}"))
    shown = finance_cells.largest_cells(cells)
    st.dataframe(
        shown,
        hide_index=True,
        column_config={name: _column(name) for name in shown},
        key="finance_cells",
        height=430,
        alt="Cells of the plan in money",
        placeholder="-",
    )
    download(cells, "plan_cells.csv")


def _chosen(page: Page) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(products,) bool, (markets,) bool and plan periods that are picked within the filter bar."""
    inputs, view = page.plan.inputs, page.view
    sold = view.products & inputs.products.sellable
    with st.container(horizontal=True, gap="small"):
        family = _pick("Family", sorted(set(inputs.products.family[sold])), "All families")
        of_family = sold & inputs.products.group(family)
        labels = [label for label, here in zip(inputs.products.labels, of_family, strict=True) if here]
        product = _pick("Product", labels, "All products")
        places = [label for label, here in zip(inputs.markets.labels, view.markets, strict=True) if here]
        market = _pick("Market", places, "All markets")
        shown = [inputs.calendar.plan_labels[period] for period in view.periods]
        period = _pick("Month", shown, "All months", names=True)
    products = view.products & inputs.products.group(product or family)
    markets = view.markets & inputs.markets.group(market)
    return products, markets, view.periods[[not period or label == period for label in shown]]


def _pick(name: str, options: list[str], everything: str, names: bool = False) -> str:
    """A select box of these labels, "" for all of them; a choice that is no longer offered is dropped."""
    key = f"cells_{name.lower()}"
    if st.session_state.get(key, "") not in ("", *options):
        st.session_state[key] = ""
    return st.selectbox(
        name,
        ["", *options],
        format_func=lambda label: (month(label) if names else label) or everything,
        key=key,
        label_visibility="collapsed",
        width=200,
    )


def _column(name: str) -> st.column_config.Column:
    label = name.replace("_", " ").capitalize()
    if name in finance_cells.RATES:
        return st.column_config.NumberColumn(label, format="%.4f")
    if name in ("units", *finance_cells.MONEY):
        return st.column_config.NumberColumn(label, format="localized")
    return st.column_config.TextColumn(label)
