"""A small panel for every family: demand, what is served on time, stock."""

from __future__ import annotations

from pages.frame.page import Page, chart
from sop_engine.charts import pre_sop as charts


def show(page: Page) -> None:
    """The families of the filter side by side."""
    view = page.view
    table = charts.pocket_table(page.plan, view.products, view.markets, view.periods)
    figure = charts.pockets(table, page.plan, view.periods, view.words, page.style)
    chart(figure, "pre_sop_pockets", "Demand, what is served on time and stock of each family", lambda: table)
