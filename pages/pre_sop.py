"""Pre-S&OP: the plans brought together, their gaps made issues, and the light before the executive."""

from __future__ import annotations

from pages.frame.page import message, open_page
from pages.frame.record import record
from pages.sections import tabs
from sop_engine.charts import pre_sop as charts
from sop_engine.charts.numbers import months
from sop_engine.pre_sop.gaps import find_gaps


def review() -> None:
    """The questions of the meeting, the message, and the record."""
    page = open_page("Pre-S&OP", "pre_sop")
    tabs(page, "pre_sop", "pre_sop_tabs")
    found = find_gaps(page.plan, page.view.periods)
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in page.view.periods]
    said = filter(None, (charts.count_words(found), charts.gap_words(found, page.plan)))
    message(f"Whole company, {months(labels)}: {'. '.join(said)}.")
    record(page)


review()
