"""Words of the finance review's scope."""

from __future__ import annotations

from pages.frame.page import Page
from sop_engine.charts.numbers import months


def scope_words(page: Page) -> str:
    """What the filter leaves, as the beginning of a sentence."""
    words = page.view.words or "whole company"
    return words[:1].upper() + words[1:]


def span_words(page: Page) -> str:
    """The months of the filter."""
    labels = page.plan.inputs.calendar.plan_labels
    return months([labels[period] for period in page.view.periods])
