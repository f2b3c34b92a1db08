"""Money tied up, and money coming in."""

from __future__ import annotations

from pages.frame.page import Page, chart
from sop_engine.charts import finance_review


def show(page: Page) -> None:
    """Money tied up in stock, and money coming in."""
    figure = finance_review.stock_cash(page.plan, page.baseline, page.view.periods, page.style)
    frame = lambda: finance_review.stock_cash_table(page.plan, page.view.periods)  # noqa: E731
    chart(figure, "finance_cash", "Inventory value and cash effect by month", frame)
