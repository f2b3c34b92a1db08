"""Why a number of the consensus is what it is."""

from __future__ import annotations

from pages.frame.page import Page, chart
from sop_engine.charts import demand_review as charts


def show(page: Page) -> None:
    """The bridge from the statistical baseline to the consensus of the filter."""
    chart(
        charts.build_up_bridge(page.plan, page.view, page.style),
        "demand_bridge",
        alt="Bridge from the statistical baseline to the consensus",
        frame=lambda: charts.build_up(page.plan, page.view),
    )
