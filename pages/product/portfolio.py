"""Health of the products in the market."""

from __future__ import annotations

import pandas as pd

from pages.frame.page import Page, chart
from sop_engine.charts import product_review
from sop_engine.charts.numbers import percent
from sop_engine.product_review.health import portfolio_health, vitality_pct


def show(page: Page) -> None:
    """What the portfolio lives on, where it grows, and at which stage of life it is."""
    currency = page.plan.inputs.money.base_currency
    health = portfolio_health(page.plan.inputs)
    shown = health[health["product"].isin(_labels(page))]
    chart(
        product_review.pareto(shown, page.style, currency),
        "product_pareto",
        alt="Revenue by product with its running share",
        frame=lambda: shown,
    )
    chart(
        product_review.growth_and_margin(shown, page.style, currency),
        "product_growth",
        alt="Families by growth and margin",
        frame=lambda: product_review.family_health(shown),
    )
    chart(
        product_review.lifecycle_bars(page.plan.inputs, page.view, page.style),
        "product_lifecycle",
        alt="Products by lifecycle stage",
        frame=lambda: product_review.lifecycle_counts(page.plan.inputs, page.view).reset_index(),
    )


def portfolio_sentence(page: Page, health: pd.DataFrame) -> str:
    """What the portfolio lives on."""
    tail = health[health["abc"] == "C"]
    new = vitality_pct(page.plan.inputs, health)
    return (
        f"{int((health['abc'] == 'A').sum())} of {len(health)} products bring 80 % of last year's revenue; "
        f"{len(tail)} bring the last {percent(float(tail['share_pct'].sum()))}. "
        f"New products bring {percent(new)}."
    )


def _labels(page: Page) -> set[str]:
    return {
        label
        for label, shown in zip(page.plan.inputs.products.labels, page.view.products, strict=True)
        if shown
    }
