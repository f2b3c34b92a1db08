"""Health of the products and families in the market."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame.page import Page, chart, ranked_table
from sop_engine.charts import product_review as charts
from sop_engine.charts.numbers import percent, short
from sop_engine.inputs import Inputs
from sop_engine.product_review.health import (
    CUTS,
    FAMILY,
    PRODUCT,
    Vitality,
    portfolio_health,
    productivity,
    revenue_by_vintage,
    sold_in_year,
    vitality,
)

WINDOWS = (12, 24, 36)
CUT_WORDS = {PRODUCT: "Products", FAMILY: "Families"}


def show(page: Page) -> None:
    """What the portfolio lives on, where it grows, how new it is and what a product brings."""
    inputs, view = page.plan.inputs, page.view
    masks = view.products, view.markets
    if np.isnan(inputs.demand.revenue_history).all():
        st.caption("The sales history holds no revenue: load it in sales_history.csv to rank products by it.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        cut = _choice("Cut", CUTS, CUT_WORDS.__getitem__, "product_cut")
        months = _choice("New means first sold in the last", WINDOWS, "{} months".format, "product_window")
    products = portfolio_health(inputs, PRODUCT, *masks)
    families = portfolio_health(inputs, FAMILY, *masks)
    if products.empty:
        st.caption("Nothing of this scope sold in the last two years.")
        return
    if sold_in_year(products).empty:
        st.caption(f"No product of this scope sold in the last 12 months{charts.asleep_words(products)}.")
        return
    health = products if cut == PRODUCT else families
    _figures(inputs, products, vitality(inputs, months, *masks))
    currency = inputs.money.base_currency
    chart(
        charts.pareto(sold_in_year(health), page.style, currency, inputs.settings),
        "product_pareto",
        alt=f"Revenue by {cut} with its running share",
        frame=lambda: sold_in_year(health),
    )
    _table(inputs, health)
    _charts(page, products, families)


def portfolio_sentence(page: Page, health: pd.DataFrame) -> str:
    """What the whole portfolio lives on; health: of all products."""
    settings = page.plan.inputs.settings
    a_pct, b_pct = settings["abc_a_pct"], settings["abc_b_pct"]
    sold = sold_in_year(health)
    counted = f"{len(sold)} products sold in the last 12 months{charts.asleep_words(health)}"
    if not sold["revenue"].sum() > 0:
        return f"{counted}. What they earn is not known."
    first, tail_pct = charts.tail_of(sold, b_pct)
    new = vitality(page.plan.inputs, WINDOWS[0])
    return (
        f"{counted}. {charts.tail_of(sold, a_pct)[0]} of the {len(sold)} bring {a_pct:g} % of their revenue; "
        f"{len(sold) - first} bring the last {percent(tail_pct)}. "
        f"Those new in these months bring {percent(new.new_pct)}."
    )


def _choice(label: str, options: tuple, words: object, key: str) -> object:
    return st.segmented_control(
        label, options, default=options[0], required=True, format_func=words, key=key, persist_state="session"
    )


def _figures(inputs: Inputs, products: pd.DataFrame, new: Vitality) -> None:
    """The figures of the scope, each with its unit and period."""
    currency, whole = inputs.money.base_currency, productivity(products).iloc[0]
    costed = products.loc[products["margin"].notna(), "revenue"].sum()
    margin = 100 * products["margin"].sum() / costed if costed > 0 else float("nan")
    prior = products["prior_revenue"].sum(min_count=1)
    growth = 100 * (products["revenue"].sum(min_count=1) / prior - 1) if prior > 0 else float("nan")
    figures = (
        ("Revenue", short(products["revenue"].sum(min_count=1)), None),
        ("Growth", percent(growth), "Revenue against that of the 12 months before."),
        ("Margin", percent(margin), "Revenue less units at today's standard cost, in % of revenue."),
        (
            f"Vitality, {new.months} months",
            percent(new.new_pct),
            f"Revenue of products first sold in the last {new.months} months that succeed no other, in % of "
            "all; '-' where the history does not reach back that far.",
        ),
        ("Revenue per product", short(whole["revenue_per_product"]), "Of products that sold in the year."),
        ("Margin per product", short(whole["margin_per_product"]), "Of products that sold in the year."),
    )
    st.caption(
        f"Last 12 months, {currency or 'money'}; growth, margin and vitality in %. Successors of products on "
        f"file, which are not counted as new, bring {percent(new.successor_pct)}."
    )
    for column, (label, value, help_) in zip(st.columns(len(figures)), figures, strict=True):
        column.metric(label, value, help=help_)


def _table(inputs: Inputs, health: pd.DataFrame) -> None:
    """The ranked table, and what is missing from it."""
    uncosted = int((health["margin"].isna() & (health["revenue"] != 0)).sum())
    missing = f" {uncosted} of {len(health)} have no unit cost, so no margin." if uncosted else ""
    st.caption(
        f"Last 12 months, {inputs.money.base_currency or 'money'} and units; growth on the 12 months before; "
        "margin is revenue less units at today's standard cost, by channel too; ABC by revenue and XYZ by "
        "how evenly units sell, of the whole company. "
        f"{len(sold_in_year(health))} rows sold in these months{charts.asleep_words(health)}.{missing}"
    )
    ranked_table(charts.health_table(health, sorted(set(inputs.markets.channel))), "product_health")


def _charts(page: Page, products: pd.DataFrame, families: pd.DataFrame) -> None:
    inputs, style, currency = page.plan.inputs, page.style, page.plan.inputs.money.base_currency
    vintages = revenue_by_vintage(inputs, page.view.products, page.view.markets)
    by_family, whole = productivity(products, "family"), productivity(products)
    left, right = st.columns(2)
    with left:
        chart(
            charts.growth_and_margin(families, style, currency),
            "product_growth",
            alt="Families by growth and margin, sized by revenue",
            frame=lambda: families,
        )
        chart(
            charts.productivity_bars(by_family, whole, style, currency),
            "product_productivity",
            alt="Revenue per active product by family, against the year before",
            frame=lambda: by_family,
        )
    with right:
        chart(
            charts.vintage_bars(vintages, style, currency),
            "product_vintage",
            alt="Revenue by the year in which products first sold",
            frame=lambda: vintages,
        )
        chart(
            charts.lifecycle_bars(inputs, page.view, style),
            "product_lifecycle",
            alt="Products by lifecycle stage",
            frame=lambda: charts.lifecycle_counts(inputs, page.view).reset_index(),
        )
