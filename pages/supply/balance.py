"""Supply, demand and stock in one picture."""

from __future__ import annotations

from pages.frame.page import Page, chart
from sop_engine.charts import supply_review as charts


def show(page: Page) -> None:
    """Supply started, demand and deliveries by month, and stock against its target."""
    chart(
        charts.supply_triple(page.plan, page.view, page.style),
        "supply_triple",
        alt="Supply started, demand and deliveries by month; stock against its target below",
        frame=lambda: charts.triple_series(page.plan, page.view),
    )
